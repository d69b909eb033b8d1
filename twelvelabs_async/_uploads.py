"""Uploads of files in parts: plan, presigned URLs, sending, reports, progress."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from attrs import define, evolve, field, frozen

from ._callbacks import call_back
from ._failures import deserves_fresh_url
from ._files import FileRange, OnSent, UploadFile
from ._progress_bars import BYTES, Reading, progress_bar, progress_option
from ._response_values import require_id, require_integer, unusable
from ._retry import log_retry
from ._transport import Transport
from ._validators import HEADER_NAME, between, seconds, whole_number
from .errors import APIError, UploadError
from .models.multipart_upload import (
    CompletedChunk,
    PresignedUrlChunk,
    ReportChunkBatchResponse,
    UploadProgress,
    UploadResult,
)
from .options import MAX_CHUNKS_PER_CALL

if TYPE_CHECKING:
    from tenacity import AsyncRetrying

__all__ = ["OnProgress"]

OnProgress: TypeAlias = Callable[[UploadProgress], object]
"""Function or coroutine function that is called when bytes of an upload have been sent."""

UPLOAD_CONCURRENCY: Final = 5
MAX_PARTS: Final = 100_000
"""Parts of an upload, ten times as many as S3 accepts. All of them are planned at once."""
OWN_HEADERS: Final = frozenset({"connection", "content-length", "host", "transfer-encoding"})
"""Headers of a part that follow from the request itself."""


@frozen(kw_only=True)
class UploadOptions:
    """Options of an upload in parts.

    Attributes:
        concurrency: Parts to send at the same time, at least 1. As many parts are in memory at most. Default: 5.
        batch_size: Parts in a report. 1 to 50. Default: 10.
        max_retries: Retries of a part. Default: 3.
        retry_delay: Seconds before the first retry of a part; they double with each retry. Default: 1.
        on_progress: Called when bytes have been sent.
        progress: True to show a bar.
    """

    concurrency: int = whole_number(1, default=UPLOAD_CONCURRENCY)
    batch_size: int = whole_number(1, MAX_CHUNKS_PER_CALL, default=10)
    max_retries: int = whole_number(0, default=3)
    retry_delay: float = field(default=1.0, converter=seconds, validator=between(0))
    on_progress: OnProgress | None = None
    progress: bool = progress_option()


@frozen(kw_only=True)
class UploadSession:
    """An upload session of the API.

    Attributes:
        part_size: Bytes in each part except the last.
        asset_id: The asset; unknown for a resumed session until its last report.
        urls: Presigned URLs that the API has sent already.
        headers: Headers to send with every part.
        completed: Numbers of the parts that have been reported.
        fetch_urls: Requests URLs for a number of parts; takes the number of the first one, and how many.
        report: Reports completed parts.
    """

    upload_id: str
    part_size: int
    asset_id: str | None = None
    urls: Sequence[PresignedUrlChunk] = ()
    headers: Mapping[str, str] = field(factory=dict[str, str])
    completed: frozenset[int] = frozenset()
    fetch_urls: Callable[[int, int], Awaitable[Sequence[PresignedUrlChunk]]]
    report: Callable[[Sequence[CompletedChunk]], Awaitable[ReportChunkBatchResponse]]


@frozen
class Part:
    """A part of a file. Parts are numbered from 1."""

    index: int
    offset: int
    size: int


def part_size(request: object, value: object, total_size: int) -> int:
    """Return the size of the parts of a file in a response.

    Raises:
        APIResponseError: It is not a number, or would make more than 100,000 parts.
    """
    return require_integer(request, "chunk_size", value, max(1, total_size // MAX_PARTS))


def part_headers(request: object, value: object) -> Mapping[str, str]:
    """Return the headers of each part in a response.

    Raises:
        APIResponseError: They are not an object of strings that HTTP can transmit.
    """
    if not isinstance(value, dict | None):
        raise unusable(request, "upload_headers", value, "an object")
    headers = cast("dict[str, object]", value or {})
    for name, text in headers.items():
        if not (HEADER_NAME.fullmatch(name) and isinstance(text, str) and text.isascii() and text.isprintable()):
            raise unusable(request, "upload_headers", name, "printable ASCII headers")  # their values may be secrets
    return {name: str(text) for name, text in headers.items() if name.lower() not in OWN_HEADERS}


def plan_parts(total_size: int, part_size: int) -> list[Part]:
    """Return the parts of a file. All but the last one have *part_size* bytes."""
    return [
        Part(index, offset, min(part_size, total_size - offset))
        for index, offset in enumerate(range(0, total_size, part_size), start=1)
    ]


@define(eq=False)
class Progress:
    """Counts the bytes and parts that were sent, and publishes the counts."""

    _options: UploadOptions
    _file: UploadFile
    _total_parts: int = 1
    _upload_id: str | None = None
    _asset_id: str | None = None
    _bytes: int = field(default=0, init=False)
    _parts: int = field(default=0, init=False)

    def restart(self) -> OnSent:
        """Count from zero for a new attempt; return the function that counts bytes."""
        self._bytes = 0
        return self.add

    async def add(self, size: int, *, parts: int = 0) -> None:
        """Add bytes and completed parts.

        *size* is negative for the bytes of a failed attempt.
        """
        self._bytes += size
        self._parts += parts
        if self._options.on_progress is None:
            return
        progress = UploadProgress(
            self._total_parts,
            self._parts,
            100.0 * self._bytes / self._file.size,
            "completed" if self._parts == self._total_parts else "uploading",
            self._bytes,
            self._file.size,
            self._upload_id,
            self._asset_id,
        )
        await call_back(self._options.on_progress, progress)

    def show(self) -> AbstractAsyncContextManager[None]:
        """Show a bar while the body runs, if the options say so."""
        return progress_bar(self._reading, BYTES) if self._options.progress else nullcontext()

    def _reading(self) -> Reading:
        return Reading(self._file.name, self._bytes, self._file.size)

    @asynccontextmanager
    async def attempt(self) -> AsyncGenerator[OnSent, None]:
        """Yield a function that counts the bytes of an attempt; undo it on failure."""
        sizes: list[int] = []

        async def count(size: int) -> None:
            sizes.append(size)
            await self.add(size)

        try:
            yield count
        except APIError:
            await self.add(-sum(sizes))
            raise


@define(eq=False)
class PartUrls:
    """Presigned URLs, each for one attempt; more are fetched when they run out."""

    _session: UploadSession
    _last_index: int
    _ready: dict[int, PresignedUrlChunk] = field(factory=dict[int, PresignedUrlChunk], init=False)
    _lock: asyncio.Lock = field(factory=asyncio.Lock, init=False)

    def __attrs_post_init__(self) -> None:
        self._add(self._session.urls)

    def _add(self, chunks: Iterable[PresignedUrlChunk]) -> None:
        for chunk in chunks:
            index = cast("object", chunk.chunk_index)
            if isinstance(index, int) and 1 <= index <= self._last_index and isinstance(chunk.url, str):
                self._ready[index] = chunk

    async def take(self, index: int) -> PresignedUrlChunk:
        """Return a URL for a part that was not returned before.

        Raises:
            UploadError: The API has sent no URL for the part.
        """
        async with self._lock:
            if index not in self._ready:
                # URLs that are still there are replaced as well: if one has expired, so have the others.
                count = min(MAX_CHUNKS_PER_CALL, self._last_index - index + 1)
                self._add(await self._session.fetch_urls(index, count))
            if index not in self._ready:
                raise UploadError(f"The API has sent no URL for part {index}.", index)
            return self._ready.pop(index)


@define(eq=False)
class PartReports:
    """Reports of completed parts, sent in batches.

    The last report makes an asset of the file.

    Attributes:
        latest: The response to the last report.
    """

    _session: UploadSession
    _unreported: int
    _batch_size: int
    latest: ReportChunkBatchResponse = field(factory=ReportChunkBatchResponse, init=False)
    _pending: list[CompletedChunk] = field(factory=list[CompletedChunk], init=False)
    _lock: asyncio.Lock = field(factory=asyncio.Lock, init=False)

    async def add(self, chunk: CompletedChunk) -> None:
        """Add a completed part, and report full batches except the last one."""
        self._pending.append(chunk)
        if not self._lock.locked():  # else the task that holds the lock reports this part
            async with self._lock:
                while self._batch_size <= len(self._pending) < self._unreported:
                    await self._report_batch()

    async def flush(self) -> None:
        """Report all parts that have not been reported."""
        while self._pending:
            await self._report_batch()

    async def _report_batch(self) -> None:
        batch, self._pending[:MAX_CHUNKS_PER_CALL] = self._pending[:MAX_CHUNKS_PER_CALL], []
        self._unreported -= len(batch)
        self.latest = await self._session.report(batch)


@define(eq=False)
class PartSender:
    """Sends parts to the storage.

    A part is read while it is sent, and never copied whole.
    """

    _transport: Transport
    _file: UploadFile
    _urls: PartUrls
    _headers: Mapping[str, str]
    _progress: Progress
    _options: UploadOptions

    async def send(self, part: Part) -> CompletedChunk:
        """Send a part; retry with fresh URLs.

        Raises:
            UploadError: All attempts failed, or the storage has sent no ETag.
        """
        body = await self._file.part(part.offset, part.size)
        try:
            headers: Mapping[str, str] = await self._retry_policy(part)(self._send_once, part.index, body)
        except APIError as error:
            raise UploadError(f"Part {part.index} was not sent: {error}", part.index, error) from None
        await self._progress.add(0, parts=1)
        proof = headers.get("etag", "").removeprefix("W/").strip('"')  # docs: Multipart uploads
        if not proof:
            raise UploadError(f"The storage sent no ETag for part {part.index}, which its report requires.", part.index)
        return CompletedChunk(part.index, part.size, proof)

    async def _send_once(self, index: int, body: FileRange) -> Mapping[str, str]:
        chunk = await self._urls.take(index)
        async with self._progress.attempt() as count:
            return await self._transport.send_part(chunk, evolve(body, on_sent=count), self._headers)

    def _retry_policy(self, part: Part) -> AsyncRetrying:
        from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_exponential

        backoff = wait_exponential(multiplier=self._options.retry_delay)
        return AsyncRetrying(
            retry=retry_if_exception(lambda error: isinstance(error, APIError) and deserves_fresh_url(error)),
            stop=stop_after_attempt(self._options.max_retries + 1),
            wait=lambda state: backoff(state) * random.uniform(0.5, 1.0),  # noqa: S311
            before_sleep=log_retry(f"Part {part.index} of {self._file.name}", self._options.max_retries),
            sleep=asyncio.sleep,
            reraise=True,
        )


async def send_file(
    transport: Transport, file: UploadFile, session: UploadSession, options: UploadOptions
) -> UploadResult:
    """Send the parts of an open file that a session lacks, and report them.

    Raises:
        UploadError: A part was not sent. The error has the id to resume with.
        APIResponseError: All parts were sent, but the asset's id is unknown.
    """
    try:
        report = await _send_parts(transport, file, session, options)
    except (UploadError, APIError, OSError) as error:
        raise UploadError(
            f"The upload of {file.name} stopped: {error} Resume it with upload_id={session.upload_id!r}.",
            getattr(error, "chunk_index", None),
            getattr(error, "original_error", None) or error,
            upload_id=session.upload_id,
        ) from error
    request, advice = f"The upload {session.upload_id}", "All parts are uploaded: find the asset with assets.list()."
    asset_id = session.asset_id or require_id(request, "asset_id", report.asset_id, advice=advice)
    return UploadResult(asset_id, report.url or "")


async def _send_parts(
    transport: Transport, file: UploadFile, session: UploadSession, options: UploadOptions
) -> ReportChunkBatchResponse:
    """Send and report the missing parts; return the response to the last report.

    Raises:
        UploadError: A part was not sent, or the file was changed.
        APIError: The API has refused a report.
        OSError: The file cannot be read.
    """
    parts = plan_parts(file.size, session.part_size)
    missing = [part for part in parts if part.index not in session.completed]
    progress = Progress(options, file, len(parts), session.upload_id, session.asset_id)
    await progress.add(file.size - sum(part.size for part in missing), parts=len(parts) - len(missing))
    reports = PartReports(session, len(missing), options.batch_size)
    sender = PartSender(transport, file, PartUrls(session, len(parts)), session.headers, progress, options)
    async with progress.show():
        failure = await _send_concurrently(missing, sender, reports, options.concurrency)
    if await file.has_changed():
        raise UploadError(f"{file.name} was changed while it was uploaded: restore it, or start a new upload.")
    try:
        await reports.flush()  # after a failure as well, so that fewer parts are missing when the upload is resumed
    except APIError as error:
        failure = failure or error
    if failure is not None:
        raise failure
    return reports.latest


async def _send_concurrently(
    parts: Sequence[Part], sender: PartSender, reports: PartReports, concurrency: int
) -> Exception | None:
    """Send and report parts until one of them fails, and return the failure."""
    pending = iter(parts)

    async def work() -> None:
        for part in pending:
            await reports.add(await sender.send(part))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(concurrency, len(parts))):
                group.create_task(work())
    except ExceptionGroup as failures:
        return failures.exceptions[0]
    return None
