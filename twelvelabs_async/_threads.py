"""Daemon threads for calls that block.

Neither the end of the interpreter nor a cancelled task waits for them. They do not depend on the event loop's default
pool, which a program may fill with its own calls, and which refuses calls after the main thread has ended.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import weakref
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, suppress
from contextvars import copy_context
from functools import partial
from queue import SimpleQueue
from typing import Any, Final, Generic, Protocol, TypeVar, TypeVarTuple, cast

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
C = TypeVar("C", bound="Closable")

MAX_THREADS: Final = 32
"""Threads that all clients of a process share."""
CLOSE_SECONDS: Final = 1.0
"""Longest wait until something is closed: a call that a cancelled task has left behind may never end."""


class Closable(Protocol):
    """Something that is opened and closed in a thread."""

    def close(self) -> object:
        """Close it."""


_pools: Final[weakref.WeakSet[ThreadPool]] = weakref.WeakSet()


class ThreadPool:
    """At most *size* daemon threads, each started when all others are busy. A pool of one keeps the order of calls."""

    def __init__(self, size: int, name: str = "twelvelabs_async worker") -> None:
        self._size = size
        self._name = name
        self.forget_threads()
        _pools.add(self)

    def forget_threads(self) -> None:
        """Drop the threads, the lock and the calls in a forked child, which has none of the threads."""
        self._threads = 0
        self._unfinished = 0
        self._lock = threading.Lock()
        self._calls: SimpleQueue[Callable[[], Callable[[], None]] | None] = SimpleQueue()

    def submit(self, function: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """Call *function* in a thread. Cancelling the future drops the result, or a call that waits for a thread."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._calls.put(partial(call_for, future, function, *args))
        with self._lock:
            self._unfinished += 1
            is_busy = self._threads < min(self._unfinished, self._size)
            self._threads += is_busy
        if is_busy:
            self._start_thread()
        return future

    async def run(self, function: Callable[[*Ts], T], *args: *Ts) -> T:
        """Return the result of *function*, called in a thread. A cancelled task does not wait for the thread."""
        return await self.submit(function, *args)

    @asynccontextmanager
    async def open(self, function: Callable[[*Ts], C], *args: *Ts) -> AsyncGenerator[C, None]:
        """Yield what *function* opens in a thread, and close it in one."""
        opening = _Opening(partial(function, *args))
        try:
            opened = await self.run(opening.call)
        except asyncio.CancelledError:
            opening.abandon()
            raise
        try:
            yield opened
        finally:
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self.submit(opened.close)), CLOSE_SECONDS)

    def close(self) -> None:
        """End the threads after the calls that were submitted, without waiting."""
        self._calls.put(None)

    def _start_thread(self) -> None:
        try:
            threading.Thread(target=self._work, name=self._name, daemon=True).start()
        except RuntimeError:  # the process has too many threads, or is about to end
            with self._lock:
                self._threads -= 1
                is_alone = not self._threads
            if is_alone:
                self._make_next_call()

    def _work(self) -> None:
        while self._make_next_call():
            pass
        self.close()  # for the next thread

    def _make_next_call(self) -> bool:
        if (call := self._calls.get()) is None:
            return False
        deliver = call()
        with self._lock:
            self._unfinished -= 1
        deliver()
        return True


class _Opening(Generic[C]):
    """A call that opens something. If the task that wanted it is cancelled, it is closed, even after the loop's end."""

    def __init__(self, function: Callable[[], C]) -> None:
        self._function = function
        self._lock = threading.Lock()
        self._is_wanted = True
        self._opened: C | None = None

    def call(self) -> C:
        """Open it, in a thread."""
        opened = self._function()
        with self._lock:
            self._opened = opened
            is_wanted = self._is_wanted
        if not is_wanted:
            opened.close()
        return opened

    def abandon(self) -> None:
        """Close it, in a thread, as soon as it is open."""
        with self._lock:
            self._is_wanted = False
            opened = self._opened
        if opened is not None:
            submit(opened.close)  # the pool that has opened it may be closed by then


def call_for(
    future: asyncio.Future[T],
    function: Callable[[*Ts], T],
    *args: *Ts,
    failures: type[BaseException] = BaseException,
) -> Callable[[], None]:
    """Call *function*, and return what delivers its result, or one of the *failures*, to the loop of *future*."""
    if future.cancelled():
        return lambda: None
    try:
        return partial(_deliver, future, future.set_result, function(*args))
    except StopIteration as error:  # which no future accepts
        return partial(_deliver, future, future.set_exception, RuntimeError(f"The call raised {error!r}."))
    except failures as error:
        return partial(_deliver, future, future.set_exception, error)


def _deliver(future: asyncio.Future[Any], settle: Callable[[Any], None], result: object) -> None:
    def settle_unless_cancelled() -> None:
        if not future.cancelled():
            settle(result)

    with suppress(RuntimeError):  # the loop is closed
        future.get_loop().call_soon_threadsafe(settle_unless_cancelled)


_pool: Final = ThreadPool(MAX_THREADS)


def _forget_threads() -> None:
    for pool in _pools:
        pool.forget_threads()


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_forget_threads)


def submit(function: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
    """Call *function* in a thread of the shared pool; see `ThreadPool.submit`."""
    return _pool.submit(function, *args)


async def run_in_thread(function: Callable[[*Ts], T], *args: *Ts) -> T:
    """Return the result of *function*, called in a thread of the shared pool; see `ThreadPool.run`."""
    return await _pool.run(function, *args)


def open_in_thread(function: Callable[[*Ts], C], *args: *Ts) -> AbstractAsyncContextManager[C]:
    """Yield what *function* opens in a thread of the shared pool; see `ThreadPool.open`."""
    return _pool.open(function, *args)


async def iterate_in_thread(iterable: Iterable[T]) -> AsyncGenerator[T, None]:
    """Yield the items of a caller's iterable, which may block, from a thread of its own."""
    end: Final = object()
    with closing(ThreadPool(1)) as thread:
        take = partial(copy_context().run, next, await thread.run(iter, iterable), end)
        while (item := await thread.run(take)) is not end:
            yield cast("T", item)
