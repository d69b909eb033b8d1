"""Calls of the functions that a caller passes, while the caller waits for the result."""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Callable
from contextvars import ContextVar
from queue import Empty, SimpleQueue
from typing import Final, TypeVar

from ._threads import call_for

T = TypeVar("T")

WAIT_SECONDS: Final = 0.1 if sys.platform == "win32" else None
"""Longest wait for a callback at once; ``None`` means no limit.

On Windows, Ctrl-C does not interrupt such a wait.
"""


class BlockedThread:
    """A thread that waits for the result of a call, and runs the callbacks of this call."""

    def __init__(self) -> None:
        self._callbacks: SimpleQueue[Callable[[], Callable[[], None]] | None] = SimpleQueue()

    def wait(self) -> None:
        """Make callbacks in this thread until `release`. An interrupt or exit in one of them ends the wait at once."""
        while True:
            try:
                callback = self._callbacks.get(timeout=WAIT_SECONDS)
            except Empty:
                continue
            if callback is None:
                return
            callback()()

    def release(self) -> None:
        """End `wait`."""
        self._callbacks.put(None)

    def submit(self, callback: Callable[[T], object], value: T) -> asyncio.Future[object]:
        """Let the thread call *callback*, and return the future of what it returns."""
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._callbacks.put(lambda: call_for(future, callback, value, failures=Exception))
        return future


caller: Final[ContextVar[BlockedThread | None]] = ContextVar("caller", default=None)
"""The thread that blocks in this call; ``None`` if callbacks run in the event loop."""


async def call_back(callback: Callable[[T], object], value: T) -> None:
    """Call *callback*, in the thread that blocks if there is one, and await here what it returns."""
    thread = caller.get()
    returned = callback(value) if thread is None else await thread.submit(callback, value)
    if inspect.isawaitable(returned):
        await returned
