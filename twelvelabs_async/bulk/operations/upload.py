"""Upload: from a source to an asset that is ready."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from contextlib import suppress
from itertools import takewhile
from typing import Any, Final

from attrs import define, frozen

from ..._failures import is_transient
from ..._response_values import require_id, unusable
from ..._threads import run_in_thread
from ...errors import (
    APIError,
    APIResponseError,
    APIStatusError,
    BadRequestError,
    JobFailedError,
    NotFoundError,
    RejectedError,
    TwelveLabsError,
    UploadError,
)
from ...media.types import kind_of
from ...models._columns import Columns, columns_of
from ...models.assets import AssetDetail
from ...models.multipart_upload import UploadProgress
from ...options import RequestOptions
from ...resources._api import AsyncAPI
from ..catalog import SHA256_KEY, UPLOAD_ID_KEY, CatalogAsset
from ..estimates import Demand
from ..exactly_once import Creation, exactly_once, withdraw
from ..journal import JournalEntry, LeaseLostError
from ..outcome import Outcome
from ..shared_list import now
from ..sources import TOKEN_KEY
from ..states import State
from ..task import BulkTask
from .base import Operation

USABLE_SESSIONS: Final = ("active", "completed")
SESSION_STATUSES: Final = (*USABLE_SESSIONS, "failed", "expired")

ASSET_COLUMNS: Final = ("filename", "file_type", "duration", "size", "status", "created_at")

log: Final = logging.getLogger("twelvelabs_async")


@frozen
class UploadOperation(Operation[AssetDetail]):
    """Upload each source and wait until the asset is ready."""

    @property
    def job(self) -> str:
        """Name of the job."""
        return "upload"

    @property
    def demand(self) -> Demand:
        """Needs of the operation for each source."""
        return Demand(category="assets")

    async def check(self, task: BulkTask[AssetDetail]) -> bool:
        """Look the asset up."""
        task.result = await task.context.asset_lookup.retrieve(task.entry)
        return task.result is not None

    @property
    def columns(self) -> Columns:
        """Columns of an asset."""
        return [column for column in columns_of(AssetDetail) if column.name in ASSET_COLUMNS]

    async def run(self, task: BulkTask[AssetDetail]) -> AssetDetail:
        """Return the asset of a source, ready."""
        return await ensure_ready_asset(task)

    async def retrieve_result(
        self, api: AsyncAPI, outcome: Outcome[AssetDetail], request_options: RequestOptions | None
    ) -> AssetDetail:
        """Return the asset."""
        return await api.assets.retrieve(str(outcome.asset_id), request_options=request_options)


async def ensure_ready_asset(task: BulkTask[Any]) -> AssetDetail:
    """Return the asset of a source, ready. Upload the source if it is not an asset yet.

    Raises:
        RejectedError: The file exceeds a documented limit, or is of a kind that the operation does not take.
    """
    entry, context = task.entry, task.context
    if task.source.kind == "asset":
        use_given_asset(task)
    if not entry.state.has_asset:
        async with context.shared_assets.exclusive(task.content) as known:
            if known is not None and entry.state is State.QUEUED:
                entry.asset_token, entry.filename, entry.asset_id = task.token, task.source.filename, known
                await task.move_to(State.UPLOADED)
            async with context.uploads:
                await _ensure_asset(task)
            context.shared_assets.remember(task.content, str(entry.asset_id))
    async with context.processing:
        try:
            asset = await context.api.assets.wait_until_ready(str(entry.asset_id), **context.options.waiting)
        except (NotFoundError, JobFailedError):  # deleted, or never ready: the next attempt uploads the source again
            task.discard_asset()
            raise
    kind = kind_of(asset.file_type) if isinstance(asset.file_type, str) else None
    if kind is not None and (reason := task.demand.refused.get(kind)):
        raise RejectedError(reason)
    task.note_duration(asset)
    return asset if not await _withdraw(task) else await ensure_ready_asset(task)


async def _withdraw(task: BulkTask[Any]) -> bool:
    """Delete the asset of this run if another machine has created one with the same content before it.

    Returns:
        Whether the asset was deleted. All machines agree on which asset is the oldest.
    """
    entry, asset_id = task.entry, str(task.entry.asset_id)
    created_at = task.unchecked_since("asset_id")
    if created_at is None:
        return False
    found = await task.context.assets.find(
        str(entry.asset_token), entry.filename, not_before=created_at, pause=task.context.options.interval
    )
    if not await _has_older(task, found):
        task.context.assets.forget(entry.asset_token, asset_id)
        entry.unchecked = None
        return False
    if not await withdraw(task, ASSET, asset_id):
        return False
    task.discard_asset()
    return True


def use_given_asset(task: BulkTask[Any]) -> None:
    """Record the id of a source that is an asset."""
    task.entry.asset_id = task.source.name
    if task.entry.state is State.QUEUED:
        task.entry.state = State.UPLOADED


async def _ensure_asset(task: BulkTask[Any]) -> None:
    while not task.entry.state.has_asset:
        if task.entry.state is State.UPLOADING:
            await _complete_session(task)
        else:
            await _create_asset(task)


async def _create_asset(task: BulkTask[Any]) -> None:
    entry, source = task.entry, task.source
    if entry.state is State.QUEUED:
        estimate = await task.examine()
        if estimate.violations:
            raise RejectedError(" ".join(estimate.violations))
    if entry.asset_token is None:
        entry.asset_token = task.token if task.may_exist else uuid.uuid4().hex
        entry.filename = source.filename
    await exactly_once(task, ASSET, find_first=task.may_exist)


async def _find(task: BulkTask[Any]) -> str | None:
    """Return the asset of the entry, unless it failed.

    Of an asset whose parts may be missing, the session is noted in the entry. An asset without a recorded session has
    no bytes, and is left to expire.
    """
    entry, catalog = task.entry, task.context.assets
    # A source may have another name on another machine, but the names of its assets begin with the caller's token.
    name = task.source.token or entry.filename
    not_before = now() if entry.state.is_requested else None
    found = await catalog.find(str(entry.asset_token), name, not_before=not_before)
    ours = [asset for asset in found if _is_asset_of(entry, asset)]
    for asset in ours:
        if asset.has_bytes:
            return asset.id
    for asset in ours:
        status = await _session_status(task, asset.upload_id)
        if status in USABLE_SESSIONS:
            entry.upload_id = str(asset.upload_id) if status == "active" else None
            return asset.id
    return None


def _is_asset_of(entry: JournalEntry, asset: CatalogAsset) -> bool:
    """Return whether an asset has the content of an entry."""
    is_unmarked = asset.sha256 is None and asset.filename == entry.filename
    return entry.digest is None or asset.sha256 == entry.digest or is_unmarked


async def _has_older(task: BulkTask[Any], assets: Sequence[CatalogAsset]) -> bool:
    """Return whether an asset that can be used is older than the one of a task. The oldest of *assets* is the first."""
    older = list(takewhile(lambda asset: asset.id != task.entry.asset_id, assets))
    if len(older) == len(assets):  # without the asset of the task in the list, the others may be newer
        return False
    for asset in older:
        if not _is_asset_of(task.entry, asset):
            continue
        if asset.has_bytes or await _session_status(task, asset.upload_id) in USABLE_SESSIONS:
            return True
    return False


async def _session_status(task: BulkTask[Any], upload_id: object) -> str | None:
    """Return the status of an upload session, or ``None`` if it does not exist or is not recorded."""
    if not isinstance(upload_id, str):
        return None
    uploads, options = task.context.api.multipart_upload, task.context.options.request_options
    try:
        status = (await uploads.retrieve(upload_id, request_options=options)).status
    except (NotFoundError, BadRequestError, ValueError):  # the last two: it is no id of a session
        return None
    if status not in SESSION_STATUSES:  # to take it for expired would upload the file again
        raise unusable(f"The upload {upload_id}", "status", status, f"one of {', '.join(SESSION_STATUSES)}")
    return status


async def _complete_session(task: BulkTask[Any]) -> None:
    """Send the missing parts of an upload session. Reset the entry if the session has ended without an asset."""
    entry = task.entry
    status = await _session_status(task, str(entry.upload_id))
    if status not in USABLE_SESSIONS:  # its asset never becomes ready, and costs nothing
        task.discard_asset()
        return
    if status == "active":
        try:
            await _send(task)
        except (UploadError, APIResponseError):
            is_ours = "asset_id" in task.created
            if is_ours or await _session_status(task, entry.upload_id) == "active":
                raise
            return  # the session has expired, or the machine that created it has withdrawn it
    entry.upload_id = None
    await task.move_to(State.UPLOADED)


async def _send(task: BulkTask[Any]) -> str:
    """Upload a source, or the missing parts of its session, and return the asset's id."""
    entry = task.entry
    try:
        asset_id = await _upload(task)
    except (UploadError, APIResponseError):  # another run that has the same session may have completed it
        if entry.upload_id is None or await _session_status(task, entry.upload_id) != "completed":
            raise
        asset_id = str(entry.asset_id)
    if entry.digest is not None and await _has_changed(task):
        await _delete(task, asset_id)  # its metadata names a content that it may not have
        task.discard_asset()
        raise TwelveLabsError(f"{task.source.name} was changed during its upload, so the asset was deleted. Run again.")
    entry.upload_id = None
    return asset_id


async def _upload(task: BulkTask[Any]) -> str:
    context, source, entry = task.context, task.source, task.entry
    asset = await context.api.assets.upload(
        source.name,
        filename=entry.filename,
        user_metadata=metadata_with_identity(task),
        concurrency=context.options.parts_per_upload,
        multipart_threshold=context.options.multipart_threshold,
        upload_id=entry.upload_id,
        on_progress=_ProgressRecorder(task),
        request_options=context.options.request_options,
    )
    return entry.asset_id or require_id("POST /assets", "_id", asset.id, advice="Run again.")


def metadata_with_identity(task: BulkTask[Any]) -> dict[str, Any]:
    """Return the caller's metadata, and what identifies the content of the source on any machine."""
    identity = {TOKEN_KEY: task.entry.asset_token, SHA256_KEY: task.entry.digest}
    return {**(task.source.user_metadata or {}), **{key: value for key, value in identity.items() if value}}


async def _delete(task: BulkTask[Any], asset_id: str) -> None:
    await task.context.api.assets.delete(asset_id, request_options=task.context.options.request_options)


async def _has_changed(task: BulkTask[Any]) -> bool:
    with suppress(FileNotFoundError):
        return await run_in_thread(task.source.take_stamp) != task.entry.stamp
    return False


@define(eq=False)
class _ProgressRecorder:
    """Callback of an upload: records a new session, limits the bandwidth, and emits events."""

    task: BulkTask[Any]
    _bytes_sent: int = 0
    _has_recorded: bool = False

    async def __call__(self, progress: UploadProgress) -> None:
        context = self.task.context
        if progress.upload_id is not None and not self._has_recorded:
            await self._record_session(progress)
            self._has_recorded = True
        # Noted before the wait, during which other parts report their bytes.
        size, self._bytes_sent = progress.bytes_sent - self._bytes_sent, progress.bytes_sent
        self.task.record_bytes(max(0, size))
        await context.throttle.acquire(max(0, size))
        await self.task.emit("uploading", progress)

    async def _record_session(self, progress: UploadProgress) -> None:
        """Record a session before its first part is sent: in the journal, and in the asset for other machines."""
        task, entry = self.task, self.task.entry
        if progress.upload_id != entry.upload_id:
            entry.upload_id, entry.asset_id = progress.upload_id, progress.asset_id
            entry.state = State.UPLOADING
            task.note_creation("asset_id")
            try:
                await task.context.journal.record(entry, is_durable=True)
            except LeaseLostError:
                with suppress(APIError):  # else it expires
                    await _delete(task, str(entry.asset_id))
                raise
        try:
            await task.context.api.assets.update_user_metadata(
                str(entry.asset_id),
                user_metadata={UPLOAD_ID_KEY: str(entry.upload_id)},
                request_options=task.context.options.request_options,
            )
        except APIStatusError as error:
            if is_transient(error):
                raise
            log.warning("Only this machine can resume the upload of %s: %s", task.source.name, error)


ASSET: Final = Creation(noun="asset", column="asset_id", find=_find, create=_send, delete=_delete)
