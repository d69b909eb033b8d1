"""The stages that every asset goes through, and how many go through each at once."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias

import anyio
from anyio.lowlevel import checkpoint
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from attrs import define, field, frozen

from .._retry import MAX_WAIT
from ..errors import QuotaExhaustedError, TooManyRequestsError, UnauthorizedError, UploadError
from ..models.indexed_assets import IndexedAsset
from ..models.multipart_upload import UploadProgress
from ..options import OMIT, RequestOptions
from ._sources import Item

if TYPE_CHECKING:
    from ..client import AsyncTwelveLabs


EventKind: TypeAlias = Literal["queued", "uploading", "uploaded", "indexing", "ready", "failed"]


@define
class Outcome:
    """What became of a source.

    Attributes:
        source: The path, URL or asset id.
        asset_id: The asset, as soon as there is one.
        indexed_asset_id: Its id in the index, as soon as there is one.
        indexed_asset: What the API says of it, once it is ready.
        error: What went wrong.
    """

    source: str
    asset_id: str | None = None
    indexed_asset_id: str | None = None
    indexed_asset: IndexedAsset | None = None
    error: Exception | None = None

    @property
    def status(self) -> Literal["ready", "failed"]:
        """``ready`` or ``failed``."""
        return "failed" if self.error is not None else "ready"


@frozen
class Event:
    """Something that happened to a source.

    Attributes:
        kind: ``queued``, ``uploading`` (again and again as bytes go out), ``uploaded``, ``indexing``, and at last
            ``ready`` or ``failed``.
        source: The path, URL or asset id.
        progress: How far its upload has come, while it is ``uploading``.
        asset_id: The asset, as soon as there is one.
        indexed_asset_id: Its id in the index, as soon as there is one.
        error: What went wrong.
    """

    kind: EventKind
    source: str
    progress: UploadProgress | None = None
    asset_id: str | None = None
    indexed_asset_id: str | None = None
    error: Exception | None = None


OnEvent: TypeAlias = Callable[[Event], object]
Job: TypeAlias = tuple[Item, Outcome]
Stage: TypeAlias = Callable[[Item, Outcome], Awaitable[None]]


@define(eq=False)
class Indexing:
    """A bulk run: its settings, its two stages, and the workers that take every source through them.

    The stages hand jobs on through streams without a buffer, so a stage that is slow slows down the one before it, and
    at last the reading of sources.
    """

    client: AsyncTwelveLabs
    index_id: str
    concurrency: int
    upload_concurrency: int
    on_event: OnEvent | None
    enable_video_stream: bool | None
    timeout: float
    interval: float
    options: RequestOptions | None
    _stopped: Exception | None = field(default=None, init=False)
    _unreadable: Exception | None = field(default=None, init=False)
    _reading: anyio.CancelScope = field(factory=anyio.CancelScope, init=False)
    _working: anyio.CancelScope = field(factory=anyio.CancelScope, init=False)

    async def run(self, items: AsyncGenerator[Item, None], finished: MemoryObjectSendStream[Outcome]) -> None:
        """Take every item through the stages and send its outcome to *finished*, which is closed at the end.

        Raises:
            UnauthorizedError: The API key is unknown.
            QuotaExhaustedError: The account may do no more for now.
            Exception: Whatever reading the sources or the caller's *on_event* raised.
        """
        to_upload, uploads = anyio.create_memory_object_stream[Job](0)
        to_index, indexings = anyio.create_memory_object_stream[Job](0)

        async def read() -> None:
            async with to_upload, aclosing(items):
                while (item := await self._next(items)) is not None:
                    outcome = Outcome(item.source)
                    await self._tell("queued", outcome)
                    await to_upload.send((item, outcome))

        async def upload() -> None:
            async with to_index, anyio.create_task_group() as workers:
                for _ in range(self.upload_concurrency):
                    workers.start_soon(work, self._upload, uploads, to_index)

        async def index() -> None:
            async with anyio.create_task_group() as workers:
                for _ in range(self.concurrency):
                    workers.start_soon(work, self._index, indexings, None)

        async def work(
            stage: Stage, jobs: MemoryObjectReceiveStream[Job], passed: MemoryObjectSendStream[Job] | None
        ) -> None:
            async for item, outcome in jobs:
                await self._attempt(stage, item, outcome)
                if outcome.error is None and passed is not None:
                    await passed.send((item, outcome))
                else:
                    await self._tell(outcome.status, outcome)
                    await finished.send(outcome)

        with self._working:
            async with finished, to_upload, uploads, to_index, indexings, anyio.create_task_group() as group:
                group.start_soon(read)
                group.start_soon(upload)
                group.start_soon(index)
        if error := self._stopped or self._unreadable:
            raise error

    def _stop(self, error: Exception) -> None:
        """Begin with no more items; those that were begun go on to their end."""
        self._stopped = self._stopped or error
        self._reading.cancel()

    async def _next(self, items: AsyncIterator[Item]) -> Item | None:
        """Read an item; ``None`` at the end, or if the run is to stop."""
        item = None
        with anyio.CancelScope() as self._reading:
            try:
                if self._stopped is None:
                    item = await anext(items, None)
            except Exception as error:  # what was read before is still worked off
                self._unreadable = error
        return item

    async def _attempt(self, stage: Stage, item: Item, outcome: Outcome) -> None:
        try:
            await stage(item, outcome)
        except Exception as error:
            outcome.error = error
            cause = error.original_error if isinstance(error, UploadError) else error
            if isinstance(cause, UnauthorizedError):
                self._stop(cause)
            elif isinstance(cause, TooManyRequestsError) and (cause.retry_after or 0.0) > MAX_WAIT:
                self._stop(_exhausted(cause))

    async def _upload(self, item: Item, outcome: Outcome) -> None:
        if error := item.error or self._stopped:
            raise error
        if item.is_asset:
            outcome.asset_id = item.source
            return
        asset = await self.client.assets.upload(
            item.source,
            user_metadata=item.user_metadata or OMIT,
            on_progress=lambda progress: self._tell("uploading", outcome, progress),
            request_options=self.options,
        )
        outcome.asset_id = asset.id
        await self._tell("uploaded", outcome)

    async def _index(self, item: Item, outcome: Outcome) -> None:
        asset_id = str(outcome.asset_id)
        await self.client.assets.wait_until_ready(
            asset_id, timeout=self.timeout, interval=self.interval, request_options=self.options
        )
        indexed_assets = self.client.indexes.indexed_assets
        created = await indexed_assets.create(
            self.index_id,
            asset_id=asset_id,
            enable_video_stream=self.enable_video_stream,
            user_metadata=item.user_metadata or OMIT,
            request_options=self.options,
        )
        outcome.indexed_asset_id = created.id
        await self._tell("indexing", outcome)
        outcome.indexed_asset = await indexed_assets.wait_until_ready(
            self.index_id, created.id, timeout=self.timeout, interval=self.interval, request_options=self.options
        )

    async def _tell(self, kind: EventKind, outcome: Outcome, progress: UploadProgress | None = None) -> None:
        if self.on_event is None:
            return
        event = Event(kind, outcome.source, progress, outcome.asset_id, outcome.indexed_asset_id, outcome.error)
        try:
            result = self.on_event(event)
            if inspect.isawaitable(result):
                await result
        except Exception as error:  # not the source's failure but the caller's: ends the run at once
            self._stop(error)
            self._working.cancel()
            await checkpoint()


def _exhausted(error: TooManyRequestsError) -> QuotaExhaustedError:
    resume_at = datetime.now(UTC) + timedelta(seconds=error.retry_after or 0.0)
    return QuotaExhaustedError(
        f"The account's quota is used up; go on after {resume_at:%Y-%m-%d %H:%M} UTC. {error}", resume_at=resume_at
    )
