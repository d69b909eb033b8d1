"""From a source to an asset, once: what an earlier try has left behind is found and gone on with."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import anyio
from attrs import define, field

from .._failures import was_not_processed
from .._request import SLOWEST_UPLOAD_BYTES_PER_SECOND
from ..errors import APIError, JobFailedError, NotFoundError, RejectedError, TwelveLabsError
from ..models.assets import AssetDetail
from ..models.multipart_upload import UploadProgress
from ..options import MAX_PAGE_LIMIT, RequestOptions
from ._engine import Work, places
from ._preflight import inspect
from ._sources import MARK, Item

if TYPE_CHECKING:
    from ..client import AsyncTwelveLabs

F = TypeVar("F")

SETTLE: Final = 5
"""Intervals for which to look for what a request may have created although its answer never came."""
BEGUN_TOGETHER: Final = timedelta(seconds=5)
PARTS_AT_ONCE: Final = 5
SLOWEST_STREAM: Final = 2 * SLOWEST_UPLOAD_BYTES_PER_SECOND
"""Bytes per second that are left to each of the streams that share a bandwidth, lest they run into their deadlines."""


@define(eq=False)
class Throttle:
    """Keeps the bytes that all uploads send in a second below a number."""

    rate: float
    _free_at: float = 0.0

    async def take(self, size: int) -> None:
        """Wait until *size* bytes more are within the rate."""
        now = time.monotonic()
        self._free_at = max(self._free_at, now) + size / self.rate
        await asyncio.sleep(self._free_at - now)


@define(eq=False)
class Uploading:
    """Uploads what is no asset yet.

    Attributes:
        client: What sends.
        concurrency: Most uploads at once.
        max_bytes_per_second: What all of them may send together.
        interval: Seconds between looks for what an earlier try has left behind.
        options: Settings for every request.
        models: The models that the assets are for: a file beyond their limits is not uploaded.
    """

    client: AsyncTwelveLabs
    concurrency: int
    max_bytes_per_second: float | None
    interval: float
    options: RequestOptions | None
    models: Sequence[str] = ()
    _parts: int = field(default=PARTS_AT_ONCE, init=False)
    _throttle: Throttle | None = field(default=None, init=False)
    _places: anyio.Semaphore = field(init=False)

    def __attrs_post_init__(self) -> None:
        if self.max_bytes_per_second is not None:
            streams = int(self.max_bytes_per_second // SLOWEST_STREAM)
            if streams < 1:
                raise ValueError(f"max_bytes_per_second must be at least {SLOWEST_STREAM}")
            self._throttle = Throttle(self.max_bytes_per_second)
            self.concurrency = min(self.concurrency, streams)
            self._parts = min(PARTS_AT_ONCE, streams // max(self.concurrency, 1))
        self._places = places(self.concurrency)

    async def __call__(self, work: Work[Any]) -> str:
        """Return the asset of a source, which still has to become ready.

        Raises:
            RejectedError: Its file is beyond a documented limit.
        """
        item, entry = work.item, work.entry
        if item.kind == "asset":
            entry.asset_id = item.source
            await work.save()
            return item.source
        if entry.state in ("queued", "uploading") or entry.asset_id is None:
            async with self._places:
                entry.asset_id = await self._recalled(work) or await self._send(work)
            entry.state, entry.upload_id = "uploaded", None
            await work.save()
            await work.tell("uploaded")
        return entry.asset_id

    async def _send(self, work: Work[Any]) -> str:
        item, entry = work.item, work.entry
        if entry.token is None:
            if item.kind == "file":
                _, found = await inspect(item.source, self.models)
                if found:
                    raise RejectedError(" ".join(found))
            entry.token, entry.filename = item.token or uuid.uuid4().hex, item.filename
        await work.intend("uploading")
        sent = 0

        async def on_progress(progress: UploadProgress) -> None:
            nonlocal sent
            if progress.upload_id != entry.upload_id:
                entry.upload_id, entry.asset_id = progress.upload_id, progress.asset_id
                await work.save()
            if self._throttle is not None:
                await self._throttle.take(max(0, progress.bytes_sent - sent))
            sent = progress.bytes_sent
            await work.tell("uploading", progress)

        try:
            asset = await self.client.assets.upload(
                item.source,
                filename=entry.filename,
                user_metadata={**(item.user_metadata or {}), MARK: entry.token},
                concurrency=self._parts,
                upload_id=entry.upload_id,
                on_progress=on_progress,
                request_options=self.options,
            )
        except APIError as error:
            if was_not_processed(error):  # nothing was created that would have to be looked for
                entry.token = None
            raise
        if entry.digest is not None:
            with suppress(FileNotFoundError):
                if await asyncio.to_thread(item.stamp) != (entry.size, entry.modified):
                    entry.forget()  # else others with the content it had would take this asset for theirs
                    raise TwelveLabsError(f"{item.source} was changed while it was uploaded; run again.")
        return asset.id

    async def _recalled(self, work: Work[Any]) -> str | None:
        """The asset that an earlier try has brought up; else note the upload that it has begun, to go on with."""
        entry, token = work.entry, work.entry.token or work.item.token
        if token is None:
            return None
        if entry.upload_id is None:
            look = partial(self._asset_with, token, entry.filename or work.item.filename)
            found = await (look() if entry.token is None else look_again(look, self.interval))
            if found is None:
                return None
            if found.method != "multipart" or found.status == "ready":
                return found.id
            entry.asset_id, entry.upload_id = found.id, await self._session_of(found, work.item)
        session = None if entry.upload_id is None else await self._status_of(entry.upload_id)
        if session == "completed":
            return entry.asset_id
        if session != "active":  # its asset never becomes ready, and costs nothing
            entry.forget()
        return None

    async def _asset_with(self, token: str, filename: str) -> AssetDetail | None:
        assets = self.client.assets.list(filename=filename, page_limit=MAX_PAGE_LIMIT, request_options=self.options)
        async for asset in assets:
            if (asset.user_metadata or {}).get(MARK) == token and asset.status != "failed":
                return asset
        return None

    async def _session_of(self, asset: AssetDetail, item: Item) -> str | None:
        """The upload session of an asset, of which neither tells: one of the same size, begun at the same time."""
        size = await asyncio.to_thread(os.path.getsize, item.source)
        sessions = self.client.multipart_upload.list_incomplete_uploads(
            page_limit=MAX_PAGE_LIMIT, request_options=self.options
        )
        found = [
            session.upload_id
            async for session in sessions
            if session.total_size == size
            and session.created_at is not None
            and asset.created_at is not None
            and abs(session.created_at - asset.created_at) < BEGUN_TOGETHER
        ]
        return found[0] if len(found) == 1 else None

    async def _status_of(self, upload_id: str) -> str | None:
        try:
            session = await self.client.multipart_upload.retrieve(upload_id, request_options=self.options)
        except NotFoundError:
            return None
        return session.status


@define(eq=False)
class Ingesting:
    """Uploads, and waits until the platform has taken it in.

    Attributes:
        upload: Brings a source to an asset.
        places: Room for the assets that are being processed at once.
        timeout: Seconds that an asset may take to become ready.
    """

    upload: Uploading
    places: anyio.Semaphore
    timeout: float

    async def begin(self) -> None:
        """Every account can upload."""

    async def __call__(self, work: Work[Any]) -> AssetDetail:
        """Return the asset of a source, ready."""
        asset_id = await self.upload(work)
        upload = self.upload
        async with self.places:
            try:
                return await upload.client.assets.wait_until_ready(
                    asset_id, timeout=self.timeout, interval=upload.interval, request_options=upload.options
                )
            except (NotFoundError, JobFailedError):  # it was deleted, or never becomes ready: the next try begins anew
                work.entry.forget()
                raise


async def look_again(look: Callable[[], Awaitable[F | None]], interval: float) -> F | None:
    """What *look* finds. It looks for a while, because the request that made it may still be on its way."""
    for _ in range(SETTLE):
        if (found := await look()) is not None:
            return found
        await asyncio.sleep(interval)
    return await look()
