"""Upload: from a source to an asset that is ready."""

from __future__ import annotations

import uuid
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final, cast

from attrs import define, frozen

from ..._threads import run_in_thread
from ...errors import JobFailedError, NotFoundError, RejectedError, TwelveLabsError
from ...models.assets import AssetDetail
from ...models.multipart_upload import UploadProgress
from ...options import MAX_PAGE_LIMIT
from ..exactly_once import Creation, exactly_once
from ..preflight import examine_file
from ..sources import TOKEN_KEY
from ..states import State
from ..task import BulkTask
from .base import Operation

CREATED_TOGETHER: Final = timedelta(seconds=5)
"""An asset and its upload session are created within this time."""


@frozen
class UploadOperation(Operation[AssetDetail]):
    """Upload each source and wait until the asset is ready."""

    @property
    def job(self) -> str:
        """Name of the job."""
        return "upload"

    async def run(self, task: BulkTask[AssetDetail]) -> AssetDetail:
        """Return the asset of a source, ready."""
        return await ensure_ready_asset(task)


async def ensure_ready_asset(task: BulkTask[Any]) -> AssetDetail:
    """Return the asset of a source, ready. Upload the source if it is not an asset yet.

    Raises:
        RejectedError: The file exceeds a documented limit.
    """
    entry, context = task.entry, task.context
    if task.source.kind == "asset":
        use_given_asset(task)
    if not entry.state.has_asset:
        async with context.uploads:
            await _ensure_asset(task)
    async with context.processing:
        try:
            return await context.api.assets.wait_until_ready(str(entry.asset_id), **context.options.waiting)
        except (NotFoundError, JobFailedError):  # deleted, or never ready: the next attempt uploads the source again
            task.discard_asset()
            raise


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
    if entry.state is State.QUEUED and source.kind == "file":
        _, _, violations = await run_in_thread(examine_file, source.name, task.context.models)
        if violations:
            raise RejectedError(" ".join(violations))
    if entry.asset_token is None:
        entry.asset_token, entry.filename = source.token or uuid.uuid4().hex, source.filename
    await exactly_once(task, ASSET, find_first=source.token is not None)


async def _find(task: BulkTask[Any]) -> str | None:
    """Return the asset that has the entry's token, unless it failed.

    Of an asset whose parts may be missing, the session is noted in the entry. Without its session, the asset is left to
    expire.
    """
    context, entry = task.context, task.entry
    options = context.options.request_options
    named = context.api.assets.list(filename=entry.filename, page_limit=MAX_PAGE_LIMIT, request_options=options)
    ours = [asset async for asset in named if (asset.user_metadata or {}).get(TOKEN_KEY) == entry.asset_token]
    for asset in ours:
        if asset.status == "ready" or (asset.status != "failed" and asset.method != "multipart"):
            return asset.id
    if entry.state is State.UPLOAD_REQUESTED:  # bytes go only into a session that this job requested
        for asset in ours:
            if asset.status != "failed" and (session := await _find_session(task, asset)) is not None:
                entry.upload_id = session
                return asset.id
    return None


async def _find_session(task: BulkTask[Any], asset: AssetDetail) -> str | None:
    """Return the upload session of an asset.

    The API links neither to the other. The session has the size of the file, and was created together with the asset.
    """
    size = (await run_in_thread(task.source.take_stamp)).size
    sessions = task.context.api.multipart_upload.list_incomplete_uploads(
        page_limit=MAX_PAGE_LIMIT, request_options=task.context.options.request_options
    )
    found = [
        session.upload_id
        async for session in sessions
        if session.total_size == size
        and session.created_at is not None
        and asset.created_at is not None
        and abs(session.created_at - asset.created_at) < CREATED_TOGETHER
    ]
    return found[0] if len(found) == 1 else None


async def _complete_session(task: BulkTask[Any]) -> None:
    """Send the missing parts of an upload session. Reset the entry if the session expired."""
    api, entry = task.context.api, task.entry
    try:
        session = await api.multipart_upload.retrieve(
            str(entry.upload_id), request_options=task.context.options.request_options
        )
        status = session.status
    except NotFoundError:
        status = "expired"
    if status not in ("active", "completed"):  # its asset never becomes ready, and costs nothing
        task.discard_asset()
        return
    if status == "active":
        await _send(task)
    entry.upload_id = None
    await task.move_to(State.UPLOADED)


async def _send(task: BulkTask[Any]) -> str:
    """Upload a source, or the missing parts of its session, and return the asset's id."""
    context, source, entry = task.context, task.source, task.entry
    asset = await context.api.assets.upload(
        source.name,
        filename=entry.filename,
        user_metadata={**(source.user_metadata or {}), TOKEN_KEY: cast("str", entry.asset_token)},
        concurrency=context.options.parts_per_upload,
        multipart_threshold=context.options.multipart_threshold,
        upload_id=entry.upload_id,
        on_progress=_ProgressRecorder(task),
        request_options=context.options.request_options,
    )
    if entry.digest is not None and await _has_changed(task):
        task.discard_asset()  # other sources with the former content must not take over this asset
        raise TwelveLabsError(f"{source.name} was changed during its upload. Run again.")
    entry.upload_id = None
    return asset.id


async def _has_changed(task: BulkTask[Any]) -> bool:
    with suppress(FileNotFoundError):
        return await run_in_thread(task.source.take_stamp) != task.entry.stamp
    return False


@define(eq=False)
class _ProgressRecorder:
    """Callback of an upload: records a new session, limits the bandwidth, and emits events."""

    task: BulkTask[Any]
    _bytes_sent: int = 0

    async def __call__(self, progress: UploadProgress) -> None:
        entry, context = self.task.entry, self.task.context
        if progress.upload_id != entry.upload_id:
            entry.upload_id, entry.asset_id = progress.upload_id, progress.asset_id
            entry.state = State.UPLOADING
            await context.journal.record(entry, is_durable=True)
        await context.throttle.acquire(max(0, progress.bytes_sent - self._bytes_sent))
        self._bytes_sent = progress.bytes_sent
        await self.task.emit("uploading", progress)


ASSET: Final = Creation(noun="asset", column="asset_id", find=_find, create=_send)
