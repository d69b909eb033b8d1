"""Downloads of media: requests to any server without the API key, retried, and followed by one for a fresh URL."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Final, TypeVar, cast

from attrs import define, frozen

from .._failures import may_retry
from .._request import SLOWEST_UPLOAD_BYTES_PER_SECOND, Request
from .._responses import Response, make_error
from .._retry import retry_after_failure
from .._threads import open_in_thread, run_in_thread
from .._transport import Transport
from .._urls import web_url
from ..errors import APIError, APIResponseError, APIStatusError, APITimeoutError, MediaError
from ..media.playlists import Resource
from ..options import MAX_UPLOAD

T = TypeVar("T")

MAX_MEDIA_BYTES: Final = MAX_UPLOAD
"""Largest file that is downloaded: the platform takes none that is larger."""
WRITE_BYTES: Final = 1024 * 1024
"""Bytes that are written to a file at once."""
REFUSED: Final = (401, 403, 410)
"""Statuses of a storage for a presigned URL that has expired."""
_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


@frozen
class Body:
    """The body of a response to a download, which is read once.

    Attributes:
        url: The URL after redirects.
        total: Size of the whole file in bytes, if the body is a range of it.
        pieces: The body as it arrives.
    """

    url: Resource
    total: int | None
    pieces: AsyncGenerator[bytes, None]

    async def read(self, limit: int) -> bytes:
        """Return the whole body.

        Raises:
            APIError: The connection breaks.
            MediaError: The body has more than *limit* bytes.
        """
        content = bytearray()
        async for piece in self.pieces:
            content += piece
            if len(content) > limit:
                raise MediaError(f"{self.url}: the file has more than {limit:,} bytes.")
        return bytes(content)

    async def save(self, path: Path) -> None:
        """Write the whole body to a file, which is replaced.

        Raises:
            APIError: The connection breaks.
            OSError: The file cannot be written.
        """
        async with open_in_thread(path.open, "wb") as file:
            buffer = bytearray()
            async for piece in self.pieces:
                buffer += piece
                if len(buffer) >= WRITE_BYTES:
                    await run_in_thread(file.write, bytes(buffer))
                    buffer.clear()
            await run_in_thread(file.write, bytes(buffer))


@define(eq=False)
class Downloads:
    """Requests for media with the connections of a client. The API key is not sent.

    Attributes:
        transport: The transport of the client.
    """

    transport: Transport

    async def read_range(self, resource: Resource, total: int) -> bytes:
        """Return a range of a file that has *total* bytes.

        Raises:
            APIError: See `errors`.
            MediaError: The file has changed, or the server has stopped to send ranges.
        """

        async def read(body: Body) -> bytes:
            content = await body.read(resource.size or total)
            if body.total != total or len(content) != resource.size:
                raise MediaError(f"{resource}: the file has changed while it was read. Try again.")
            return content

        return await self.fetch(resource, read)

    async def read_whole(self, resource: Resource, limit: int) -> tuple[bytes, Resource]:
        """Return a file of at most *limit* bytes, and its URL after redirects.

        Raises:
            APIError: See `errors`.
            MediaError: The file is larger.
        """

        async def read(body: Body) -> tuple[bytes, Resource]:
            return await body.read(limit), body.url

        return await self.fetch(resource, read)

    async def save(self, resource: Resource, path: Path) -> None:
        """Save a file, or a range of it.

        Raises:
            APIError: See `errors`.
            OSError: The file cannot be written.
        """

        async def save(body: Body) -> None:
            if body.total is None and resource.size is not None:
                raise MediaError(f"{resource}: the server does not send the range of a segment.")
            await body.save(path)

        await self.fetch(resource, save)

    async def fetch(self, resource: Resource, consume: Callable[[Body], Awaitable[T]]) -> T:
        """Request *resource* and return what *consume* makes of the body. Transient failures are retried.

        Raises:
            APIError: See `errors`.
        """
        request = self._request(resource)

        async def attempt() -> T:
            response = await self.transport.send(request)
            stream = cast("AsyncGenerator[bytes, None]", response.stream)  # of a request that is streamed
            async with aclosing(stream), aclosing(self._pieces(request, stream)) as pieces:
                return await consume(Body(Resource(response.url), self._total(resource, response), pieces))

        try:
            return await attempt()
        except APIError as error:
            failure = error
        return await retry_after_failure(
            failure,
            attempt,
            may_retry=partial(may_retry, is_idempotent=True),
            max_retries=self.transport.settings.max_retries,
            deadline=asyncio.get_running_loop().time() + request.timeout,
            name=str(request),
        )

    def _request(self, resource: Resource) -> Request:
        size = MAX_MEDIA_BYTES if resource.size is None else resource.size
        is_range = resource.first > 0 or resource.size is not None
        wanted = {"Range": f"bytes={resource.first}-{'' if resource.last is None else resource.last}"}
        return Request(
            "GET",
            str(resource),
            web_url(resource.url),
            {"Accept-Encoding": "identity", **(wanted if is_range else {})},  # a range of what is stored
            timeout=self.transport.settings.timeout + size / SLOWEST_UPLOAD_BYTES_PER_SECOND,
            is_idempotent=True,
            category=None,
            is_streamed=True,
        )

    def _total(self, resource: Resource, response: Response) -> int | None:
        """Return the size of the file that a response has a range of; ``None`` if it is the whole file."""
        if response.status == 200 and not resource.first:
            return None
        stated = response.headers.get("content-range", "")
        found = _CONTENT_RANGE.fullmatch(stated) if response.status == 206 else None
        if (
            found is None
            or int(found[1]) != resource.first
            or int(found[2]) != min(int(found[3]) - 1, int(found[2]) if resource.last is None else resource.last)
        ):
            reason = f"the status is {response.status} with the range {stated[:60]!r}"
            raise self._error(resource, f"{reason}; expected 206 with the range that was requested.")
        return int(found[3])

    async def _pieces(self, request: Request, stream: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """Yield the body, up to the limit of a file, as long as the server does not stall."""
        received = 0
        while True:
            try:
                async with asyncio.timeout(self.transport.settings.timeout):
                    piece = await anext(stream, b"")
            except TimeoutError as error:
                if isinstance(error, APIError):
                    raise
                reason = "the server has stopped to send; timeout= sets the limit."
                raise make_error(self.transport.key, request, APITimeoutError, reason) from None
            if not piece:
                return
            received += len(piece)
            if received > MAX_MEDIA_BYTES:
                reason = f"the file is larger than {MAX_MEDIA_BYTES >> 30} GiB."
                raise make_error(self.transport.key, request, APIResponseError, reason)
            yield piece

    def _error(self, resource: Resource, reason: str) -> APIResponseError:
        return make_error(self.transport.key, self._request(resource), APIResponseError, reason)


class FreshUrl:
    """The URL of a video, which is renewed when it has expired.

    Args:
        url: The URL, if it is known.
        retrieve: Returns a fresh URL. ``None`` if there is no other.
    """

    def __init__(self, url: str | None, retrieve: Callable[[], Awaitable[str]] | None) -> None:
        self._current = None if url is None else Resource(url)
        self._retrieve = retrieve
        self._lock = asyncio.Lock()

    async def use(self, call: Callable[[Resource], Awaitable[T]]) -> T:
        """Return what *call* makes of the URL, and call it again with a fresh one if the storage refuses the URL."""
        current = self._current or await self._renewed(None)
        try:
            return await call(current)
        except APIStatusError as error:
            if error.status_code not in REFUSED or self._retrieve is None:
                raise
        return await call(await self._renewed(current))

    async def _renewed(self, stale: Resource | None) -> Resource:
        """Return the URL that replaces *stale*, which another task may have asked for."""
        async with self._lock:
            current = self._current
            if current is None or current is stale:
                if self._retrieve is None:
                    raise MediaError("The video has no URL.")
                current = self._current = Resource(await self._retrieve())
            return current
