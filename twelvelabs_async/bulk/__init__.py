"""Many assets at once: upload, wait, index, wait, several of each at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import anyio

from .._polling import DEFAULT_INTERVAL, DEFAULT_TIMEOUT
from ..options import OMIT, RequestOptions
from ._pipeline import Event, Indexing, OnEvent, Outcome
from ._sources import Sources, read

if TYPE_CHECKING:
    from ..client import AsyncTwelveLabs

__all__ = ["AsyncBulk", "Event", "Outcome"]


class AsyncBulk:
    """Many assets at once."""

    def __init__(self, client: AsyncTwelveLabs) -> None:
        self._client = client

    async def index(
        self,
        index_id: str,
        sources: Sources,
        *,
        concurrency: int = 25,
        upload_concurrency: int = 8,
        on_event: OnEvent | None = None,
        enable_video_stream: bool | None = OMIT,
        timeout: float = DEFAULT_TIMEOUT,
        interval: float = DEFAULT_INTERVAL,
        request_options: RequestOptions | None = None,
    ) -> AsyncGenerator[Outcome, None]:
        """Upload and index any number of files; yields each one's outcome as it finishes.

        Sources are read only as fast as they are worked off, so memory stays flat however many there are. What goes
        wrong with one never stops the others: it is in its outcome. All waits share a poller.

        Args:
            index_id: The index.
            sources: What to index: a path, a folder (searched for media files, folders in it too), a glob pattern, a
                public http(s) URL, the id of an asset, a pair of any of these and your own data about it, or an
                iterable or async iterable of them all. An iterable that takes long to yield should be an async one.
            concurrency: Most assets being indexed at once.
            upload_concurrency: Most assets being uploaded at once.
            on_event: Called with an `Event` whenever something happens; may be a coroutine function. It runs in the
                event loop.
            enable_video_stream: Whether to store the videos for streaming by HLS. Default: no.
            timeout: Seconds that one asset may take to become ready, and again to be indexed. Default: 3600.
            interval: Seconds between looks at the jobs at first. Default: 1.
            request_options: Settings for every request.

        Raises:
            FileNotFoundError: *sources* is a single path and there is nothing.
            APIStatusError: There is no such index.
            UnauthorizedError: The API key is unknown. Whatever was begun has had its outcome before.
            QuotaExhaustedError: The account may do no more for now; it says when it may again. Whatever was begun has
                had its outcome before.

        Example:
            ::

                async for outcome in client.bulk.index(index.id, "videos/", concurrency=50):
                    print(outcome.source, outcome.status, outcome.error or "")
        """
        if concurrency < 1 or upload_concurrency < 1:
            raise ValueError("concurrency and upload_concurrency must be at least 1")
        await self._client.indexes.retrieve(index_id, request_options=request_options)  # before anything is uploaded
        indexing = Indexing(
            self._client,
            index_id,
            concurrency,
            upload_concurrency,
            on_event,
            enable_video_stream,
            timeout,
            interval,
            request_options,
        )
        finished, outcomes = anyio.create_memory_object_stream[Outcome](0)
        # A task of its own, since the scopes in it must not be left from whatever task closes this generator.
        running = asyncio.create_task(indexing.run(read(sources), finished))
        try:
            async for outcome in outcomes:
                yield outcome
            await running
        finally:
            running.cancel()
            with anyio.CancelScope(shield=True):
                await asyncio.gather(running, return_exceptions=True)
            finished.close()  # if it was cancelled before it began
            outcomes.close()
