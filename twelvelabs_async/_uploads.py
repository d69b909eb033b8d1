"""Uploads in parts: which part holds which bytes, and sending them."""

from __future__ import annotations

import inspect
import random
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

import anyio
from attrs import frozen

from ._failures import deserves_fresh_url
from ._files import Sent, Source
from ._transport import Transport
from .errors import APIConnectionError, APIError, APIStatusError, UploadError
from .models.multipart_upload import CompletedChunk, PresignedUrlChunk, ReportChunkBatchResponse, UploadProgress
from .options import MAX_CHUNKS_PER_CALL

OnProgress: TypeAlias = Callable[[UploadProgress], object]
FetchUrls: TypeAlias = Callable[[int, int], Awaitable[Sequence[PresignedUrlChunk]]]
Report: TypeAlias = Callable[[Sequence[CompletedChunk]], Awaitable[ReportChunkBatchResponse]]


@frozen
class Part:
    """A part of a file; parts count from 1."""

    index: int
    offset: int
    size: int


def plan(total_size: int, chunk_size: int, done: Collection[int] = ()) -> list[Part]:
    """The parts of a file that are still to be sent: all of *chunk_size* bytes but the last."""
    return [
        Part(index, offset, min(chunk_size, total_size - offset))
        for index, offset in enumerate(range(0, total_size, chunk_size), start=1)
        if index not in done
    ]


class Progress:
    """Counts what was sent and tells whoever wants to know; a callback may be a coroutine function."""

    def __init__(
        self,
        on_progress: OnProgress | None,
        total_bytes: int,
        total_chunks: int = 1,
        upload_id: str | None = None,
        asset_id: str | None = None,
    ) -> None:
        self._on_progress = on_progress
        self._total_bytes, self._total_chunks = total_bytes, total_chunks
        self._upload_id, self._asset_id = upload_id, asset_id
        self._bytes = self._chunks = 0

    def restart(self) -> Sent:
        """Begin counting anew, as a request that is sent again does."""
        self._bytes = 0
        return self.add

    async def add(self, size: int, *, chunks: int = 0) -> None:
        """Note that *size* bytes went out, or came back if it is negative, and that *chunks* parts are complete."""
        self._bytes += size
        self._chunks += chunks
        if self._on_progress is None:
            return
        result = self._on_progress(
            UploadProgress(
                self._total_chunks,
                self._chunks,
                100.0 * self._bytes / self._total_bytes,
                "completed" if self._chunks == self._total_chunks else "uploading",
                self._bytes,
                self._total_bytes,
                self._upload_id,
                self._asset_id,
            )
        )
        if inspect.isawaitable(result):
            await result


class _Urls:
    """Presigned URLs, each good for one try; more are fetched when they run out."""

    def __init__(self, given: Iterable[PresignedUrlChunk], fetch: FetchUrls, last: int) -> None:
        self._ready: dict[int, str] = {}
        self._fetch = fetch
        self._last = last
        self._lock = anyio.Lock()
        self._add(given)

    def _add(self, chunks: Iterable[PresignedUrlChunk]) -> None:
        self._ready.update((chunk.chunk_index, chunk.url) for chunk in chunks if chunk.chunk_index and chunk.url)

    async def take(self, index: int) -> str:
        async with self._lock:
            if index not in self._ready:
                # Also those that are ready are renewed: if one URL has expired, so have the others.
                self._add(await self._fetch(index, min(MAX_CHUNKS_PER_CALL, self._last - index + 1)))
            if index not in self._ready:
                raise UploadError(f"The API gave no URL for part {index}.", index)
            return self._ready.pop(index)


async def send_parts(
    transport: Transport,
    source: Source,
    parts: Sequence[Part],
    *,
    given_urls: Iterable[PresignedUrlChunk],
    fetch_urls: FetchUrls,
    report: Report,
    headers: Mapping[str, str],
    progress: Progress,
    concurrency: int,
    batch_size: int,
    max_retries: int,
    retry_delay: float,
) -> ReportChunkBatchResponse:
    """Send *parts*, several at once, and report *batch_size* of them or more together; the answer to the last report.

    Parts are read from the file as they are sent, so memory stays below *concurrency* parts.

    Raises:
        UploadError: A part cannot be sent; the others are stopped.
        APIError: No URLs can be had, or a report is refused.
        OSError: The file cannot be read.
    """
    urls = _Urls(given_urls, fetch_urls, last=max((part.index for part in parts), default=0))
    waiting = iter(parts)
    sent: list[CompletedChunk] = []
    missing = len(parts)
    reporting = anyio.Lock()
    last_report = ReportChunkBatchResponse()
    failures: list[Exception] = []

    async def report_batch() -> None:
        nonlocal last_report, missing
        batch, sent[:MAX_CHUNKS_PER_CALL] = sent[:MAX_CHUNKS_PER_CALL], []
        missing -= len(batch)
        answer = await report(batch)
        if (answer.total_completed or 0) >= (last_report.total_completed or 0):
            last_report = answer

    async def work() -> None:
        try:
            for part in waiting:
                sent.append(await send(part))
                if not reporting.locked():
                    async with reporting:
                        while batch_size <= len(sent) < missing:  # the last report is for a file found unchanged
                            await report_batch()
        except Exception as error:
            failures.append(error)
            group.cancel_scope.cancel()

    async def send(part: Part) -> CompletedChunk:
        for attempt in range(max_retries + 1):
            url = await urls.take(part.index)
            went = 0

            async def count(size: int) -> None:
                nonlocal went
                went += size
                await progress.add(size)

            try:
                answer = await transport.put_part(url, source.payload(part.offset, part.size, count), headers)
            except (APIConnectionError, APIStatusError) as error:
                await progress.add(-went)
                if attempt == max_retries or not deserves_fresh_url(error):
                    raise UploadError(f"Part {part.index} could not be sent: {error}", part.index, error) from None
                await anyio.sleep(random.uniform(0.5, 1.0) * retry_delay * 2**attempt)  # noqa: S311
                continue
            await progress.add(0, chunks=1)
            # docs: Multipart uploads. The proof is the bare tag, also of a weak one.
            proof = answer.get("etag", "").removeprefix("W/").strip('"')
            if not proof:
                raise UploadError(
                    f"The storage gave no ETag for part {part.index}, so it cannot be reported.", part.index
                )
            return CompletedChunk(part.index, part.size, proof)
        raise AssertionError("unreachable")

    async with anyio.create_task_group() as group:
        for _ in range(min(concurrency, len(parts))):
            group.start_soon(work)
    if await source.measure() != source.size:
        raise UploadError(f"{source.name} was changed while it was uploaded.")
    try:
        while sent:  # after a failure too: so much less is to be sent when the upload goes on
            await report_batch()
    except APIError as error:
        failures.append(error)
    if failures:
        raise failures[0]
    return last_report
