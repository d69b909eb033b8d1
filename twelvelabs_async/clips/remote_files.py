"""Files at URLs, as files for threads: a range is requested when it is read first, and never again."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine
from concurrent.futures import Future
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar, cast

from .._threads import open_in_thread

T = TypeVar("T")

BLOCK_BYTES: Final = 256 * 1024
"""A file is requested in ranges of whole blocks."""
MAX_BLOCKS: Final = 16
"""Blocks of one request, at most, when a file is read from one block to the next."""


class LoopCalls:
    """Calls of coroutine functions in the running event loop, by other threads."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_closed = False

    def call(self, function: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> T:
        """Return the result of a coroutine function. It blocks: call it in another thread.

        Raises:
            concurrent.futures.CancelledError: The calls were cancelled.
        """
        future: Future[T] = Future()
        self._loop.call_soon_threadsafe(self._start, future, partial(function, *args))
        return future.result()

    def cancel(self) -> None:
        """Cancel the calls, and refuse further ones."""
        self._is_closed = True
        for task in self._tasks:
            task.cancel()

    async def close(self) -> None:
        """Cancel the calls, and wait for their ends."""
        self.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, future: Future[T], function: Callable[[], Coroutine[Any, Any, T]]) -> None:
        if self._is_closed:
            future.cancel()
            return
        task = self._loop.create_task(function())
        self._tasks.add(task)
        task.add_done_callback(partial(self._finish, future))

    def _finish(self, future: Future[T], task: asyncio.Task[T]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            future.cancel()
        elif error := task.exception():
            future.set_exception(error)
        else:
            future.set_result(task.result())


class RangeCache:
    """Blocks of a remote file, requested when they are read first. Threads may share it.

    Args:
        store: File on this machine that keeps the blocks.
        size: Size of the remote file in bytes.
        fetch: Returns a range of the remote file, from its first byte and its size.
        cancel: Cancels what `fetch` waits for.
    """

    def __init__(
        self, store: BinaryIO, size: int, fetch: Callable[[int, int], bytes], cancel: Callable[[], None]
    ) -> None:
        self.size: Final = size
        self.cancel: Final = cancel
        self._store = store
        self._fetch = fetch
        self._present = bytearray(-(-size // BLOCK_BYTES))
        self._runs: dict[int, int] = {}  # number of blocks that were requested up to a block
        self._lock = threading.Lock()

    def read(self, first: int, size: int) -> bytes:
        """Return a range of the file.

        Raises:
            APIError: A request failed.
            concurrent.futures.CancelledError: The call that the file is for was cancelled, or has failed.
        """
        with self._lock:
            self._request(first // BLOCK_BYTES, -(-(first + size) // BLOCK_BYTES))
            self._store.seek(first)
            return self._store.read(size)

    def add(self, first: int, content: bytes) -> None:
        """Keep a range that was requested. It begins with a block."""
        self._store.seek(first)
        self._store.write(content)
        for block in range(first // BLOCK_BYTES, -(-(first + len(content)) // BLOCK_BYTES)):
            self._present[block] = True

    def _request(self, first: int, end: int) -> None:
        """Request the blocks that are missing, and more of them the longer a file is read without a jump."""
        while (start := self._present.find(0, first, end)) >= 0:
            count = min(2 * self._runs.pop(start, 0) or 1, MAX_BLOCKS)
            stop = min(max(end, start + count), len(self._present))
            present = self._present.find(1, start, stop)
            stop = stop if present < 0 else present
            first_byte = start * BLOCK_BYTES
            self.add(first_byte, self._fetch(first_byte, min(stop * BLOCK_BYTES, self.size) - first_byte))
            self._runs[stop] = stop - start


class RemoteFile(io.RawIOBase):
    """A file for one thread, whose content is that of a `RangeCache`."""

    def __init__(self, cache: RangeCache) -> None:
        super().__init__()
        self._cache = cache
        self._position = 0

    def readable(self) -> bool:
        """Return ``True``."""
        return True

    def seekable(self) -> bool:
        """Return ``True``."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Set the position, which may be beyond the end, and return it."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._cache.size}[whence]
        self._position = max(base + offset, 0)
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        """Fill *buffer*, except at the end of the file, and return the number of bytes; raise as `RangeCache.read`."""
        size = max(min(len(buffer), self._cache.size - self._position), 0)
        if size:
            buffer[:size] = self._cache.read(self._position, size)
            self._position += size
        return size


@asynccontextmanager
async def open_range_cache(
    path: Path, start: bytes, size: int, fetch: Callable[[int, int], Coroutine[Any, Any, bytes]]
) -> AsyncGenerator[RangeCache, None]:
    """Yield the cache of a remote file.

    Args:
        path: File on this machine that keeps the blocks.
        start: The first bytes, which were requested before: a block, or the whole file.
        size: Size of the remote file in bytes.
        fetch: Returns a range of the remote file, from its first byte and its size. It runs in the event loop.
    """
    calls = LoopCalls()
    async with open_in_thread(path.open, "w+b") as store:
        cache = RangeCache(cast("BinaryIO", store), size, partial(calls.call, fetch), calls.cancel)
        cache.add(0, start)
        try:
            yield cache
        finally:
            await calls.close()
