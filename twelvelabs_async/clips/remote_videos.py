"""Videos at URLs: files of which ranges are read, HLS streams, and files of servers that do not send ranges."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from .._threads import open_in_thread, run_in_thread
from ..media.playlists import SIGNATURE, Resource
from .downloads import Body, Downloads, FreshUrl
from .hls_streams import MAX_PLAYLIST_BYTES, HlsStream
from .remote_files import BLOCK_BYTES, RangeCache, RemoteFile, open_range_cache


class _Folder(tempfile.TemporaryDirectory[str]):
    """A folder for downloads, which is deleted by `close`, or else when the process ends."""

    def __init__(self) -> None:
        super().__init__(prefix="twelvelabs-media-", ignore_cleanup_errors=True)

    def close(self) -> None:
        """Delete the folder with everything in it."""
        self.cleanup()


class RemoteVideo:
    """A video at a URL. What is downloaded stays until `close`.

    Args:
        downloads: Requests for media.
        url: URL of a file, or of the playlist of a stream.
    """

    def __init__(self, downloads: Downloads, url: FreshUrl) -> None:
        self._downloads = downloads
        self._url = url
        self._users = 0
        self._content: HlsStream | RangeCache | Path | None = None
        self._lock = asyncio.Lock()
        self._opened = AsyncExitStack()

    @property
    def is_in_use(self) -> bool:
        """True while a part of it is open."""
        return self._users > 0

    def cancel(self) -> None:
        """Cancel the requests of threads that read."""
        if isinstance(self._content, RangeCache):
            self._content.cancel()

    async def close(self) -> None:
        """Cancel requests, and close files."""
        await self._opened.aclose()

    @asynccontextmanager
    async def open(self, start: float, end: float | None) -> AsyncGenerator[tuple[str | BinaryIO, float]]:
        """Yield a path or a file for one thread, which contains a part of the video, and the time at which it starts.

        Raises:
            APIError: A download failed.
            MediaError: The video is not usable, or ends before *start*.
            OSError: A file cannot be written.
        """
        self._users += 1
        try:
            async with self._lock:
                if self._content is None:
                    self._content = await self._url.use(self._request)
            match self._content:
                case HlsStream() as stream:
                    async with stream.open(start, end) as (path, offset):
                        yield str(path), offset
                case RangeCache() as cache:
                    yield cast("BinaryIO", RemoteFile(cache)), 0.0
                case path:
                    yield str(path), 0.0
        finally:
            self._users -= 1

    async def _request(self, url: Resource) -> HlsStream | RangeCache | Path:
        """Request the first block, which shows what kind of content it is."""
        folder = Path((await self._opened.enter_async_context(open_in_thread(_Folder))).name)
        path = folder / "video"
        start, total, place = await self._downloads.fetch(Resource(url.url, 0, BLOCK_BYTES), partial(_read_start, path))
        if start.startswith(SIGNATURE):
            if total is None:
                start = await run_in_thread(_read, path, MAX_PLAYLIST_BYTES)
            elif total > len(start):
                rest = Resource(url.url, len(start), min(total, MAX_PLAYLIST_BYTES) - len(start))
                start += await self._downloads.read_range(rest, total)
            stream = HlsStream(self._downloads, self._url, folder)
            await stream.load(start, place)
            return stream
        if total is None:
            return path
        return await self._opened.enter_async_context(
            open_range_cache(path, start, total, partial(self._read_range, total))
        )

    async def _read_range(self, total: int, first: int, size: int) -> bytes:
        return await self._url.use(lambda url: self._downloads.read_range(Resource(url.url, first, size), total))


async def _read_start(path: Path, body: Body) -> tuple[bytes, int | None, Resource]:
    """Return the first bytes, the size of the file, and its URL. Save the file if the response is the whole one."""
    if body.total is not None:
        return await body.read(BLOCK_BYTES), body.total, body.url
    await body.save(path)
    return await run_in_thread(_read, path, len(SIGNATURE)), None, body.url


def _read(path: Path, limit: int) -> bytes:
    with path.open("rb") as file:
        return file.read(limit)
