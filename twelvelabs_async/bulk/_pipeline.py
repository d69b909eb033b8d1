"""The stages that every asset goes through, and how many go through each at once."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from attrs import define, frozen

from .._retry import MAX_WAIT
from ..errors import QuotaExhaustedError, TooManyRequestsError, UnauthorizedError
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


@frozen
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

    async def run(self, items: AsyncIterator[Item], finished: MemoryObjectSendStream[Outcome]) -> None:
        """Take every item through the stages and send its outcome to *finished*, which is closed at the end.

        Raises:
            UnauthorizedError: The API key is unknown.
            QuotaExhaustedError: The account may do no more for now.
        """
        stopped: list[Exception] = []
        to_upload, uploads = anyio.create_memory_object_stream[Job](0)
        to_index, indexings = anyio.create_memory_object_stream[Job](0)

        async def guard(work: Callable[[], Awaitable[None]]) -> None:
            try:
                await work()
            except Exception as error:  # what no outcome can carry stops the run
                stopped.append(error)
                group.cancel_scope.cancel()

        async def read() -> None:
            async with to_upload:
                async for item in items:
                    outcome = Outcome(item.source)
                    await self._tell("queued", outcome)
                    await to_upload.send((item, outcome))

        def worker(
            stage: Stage, jobs: MemoryObjectReceiveStream[Job], passed: MemoryObjectSendStream[Job] | None
        ) -> Callable[[], Awaitable[None]]:
            jobs, passed, done = jobs.clone(), passed.clone() if passed else None, finished.clone()

            async def work() -> None:
                async with AsyncExitStack() as streams:
                    for stream in (jobs, passed, done):
                        if stream is not None:
                            await streams.enter_async_context(stream)
                    async for item, outcome in jobs:
                        await self._attempt(stage, item, outcome)
                        if outcome.error is None and passed is not None:
                            await passed.send((item, outcome))
                        else:
                            await self._tell(outcome.status, outcome)
                            await done.send(outcome)

            return work

        async with finished, uploads, indexings, to_index, anyio.create_task_group() as group:
            group.start_soon(guard, read)
            for _ in range(self.upload_concurrency):
                group.start_soon(guard, worker(self._upload, uploads, to_index))
            for _ in range(self.concurrency):
                group.start_soon(guard, worker(self._index, indexings, None))
            to_index.close()  # the workers have their own ends; the stream ends with the last of them
        if stopped:
            raise stopped[0]

    async def _attempt(self, stage: Stage, item: Item, outcome: Outcome) -> None:
        try:
            await stage(item, outcome)
        except UnauthorizedError:
            raise
        except TooManyRequestsError as error:
            if (error.retry_after or 0.0) > MAX_WAIT:
                resume_at = datetime.now(UTC) + timedelta(seconds=error.retry_after or 0.0)
                raise QuotaExhaustedError(
                    f"The account's quota is used up; go on after {resume_at:%Y-%m-%d %H:%M} UTC. {error}",
                    resume_at=resume_at,
                ) from error
            outcome.error = error
        except Exception as error:
            outcome.error = error

    async def _upload(self, item: Item, outcome: Outcome) -> None:
        if item.error is not None:
            raise item.error
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
        result = self.on_event(
            Event(kind, outcome.source, progress, outcome.asset_id, outcome.indexed_asset_id, outcome.error)
        )
        if inspect.isawaitable(result):
            await result
