"""The event loop of a blocking client, in a thread of its own."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import weakref
from collections.abc import AsyncIterable, Callable, Coroutine, Iterator
from contextlib import suppress
from typing import Any, Final, NamedTuple, TypeVar

import anyio
from attrs import define

from .._callbacks import BlockedThread, caller
from .._tracebacks import ShortTraceback

R = TypeVar("R")
T = TypeVar("T")

CLOSE_SECONDS: Final = 10.0
"""Longest wait until the thread ends: a caller's callback may block it for good."""
INTERRUPT_SECONDS: Final = 1.0
"""Longest wait until an interrupted call has ended."""


class LoopThread:
    """A thread whose event loop runs coroutines for threads that block.

    It starts with the first call, and again in a forked child. It ends with `close`, or when the garbage collector
    deletes this object. The end of the loop closes the client's connections.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state = _State()
        _loop_threads.add(self)
        # Not at exit: the thread is a daemon, and the end of the interpreter must not wait for it.
        weakref.finalize(self, self._state.stop).atexit = False

    def run(self, coroutine: Coroutine[Any, Any, R]) -> R:
        """Run *coroutine* in the loop and its callbacks in the calling thread; return its result.

        An interrupt of the calling thread cancels the coroutine, and waits a moment for its end.

        Raises:
            RuntimeError: The client is closed, or this is the thread of the loop.
        """
        # One queue for each call: `concurrent.futures.Future`, which asyncio uses for this, costs 40 % of a small call.
        thread = BlockedThread()
        tasks: list[asyncio.Task[R]] = []

        def start() -> None:  # in the context of the calling thread, which `call_soon_threadsafe` copies
            caller.set(thread)
            tasks.append(asyncio.get_running_loop().create_task(coroutine))
            tasks[0].add_done_callback(lambda _: thread.release())

        try:
            loop = self._submit(start)
        except Exception:
            coroutine.close()
            raise
        if loop is None:
            return anyio.run(_await, coroutine)
        try:
            thread.wait()
        except BaseException:
            ended = threading.Event()

            def cancel() -> None:
                tasks[0].add_done_callback(lambda _: ended.set())
                tasks[0].cancel()

            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(cancel)
                # The program may end now, which stops the loop's thread before it has deleted incomplete files.
                ended.wait(INTERRUPT_SECONDS)
            raise
        try:
            return tasks[0].result()
        except asyncio.CancelledError:
            raise RuntimeError("The client was closed during the call.") from None
        except ShortTraceback as error:
            error.__traceback__ = None  # the frames of the loop say nothing about the caller's program
            raise
        finally:
            tasks.clear()  # else the task and the traceback of its exception keep each other alive

    def iterate(self, source: AsyncIterable[T]) -> Iterator[T]:
        """Yield the items of *source*.

        After an early exit, the event loop closes the iterator of *source*.
        """
        iterator = aiter(source)
        end: Final = object()

        async def step() -> Any:
            caller.set(None)  # a bulk run also continues between the steps, when the caller's thread does not wait
            return await anext(iterator, end)

        while (item := self.run(step())) is not end:
            yield item

    def close(self) -> None:
        """Cancel the calls in flight, close the connections, and end the thread."""
        with self._lock:
            self._state.stop()
        running = self._state.running
        if running is not None and running.thread is not threading.current_thread():
            running.thread.join(CLOSE_SECONDS)

    def forget_thread(self) -> None:
        """Drop the thread and the lock in a forked child.

        Neither the thread nor a thread that holds the lock exists there.
        """
        self._lock = threading.Lock()
        self._state.running = None

    def _submit(self, callback: Callable[[], None]) -> asyncio.AbstractEventLoop | None:
        """Call *callback* in the loop, and return the loop; ``None`` if no thread can be started for it."""
        with self._lock:  # so that a loop that is about to stop receives no more calls
            state = self._state
            if state.is_closed:
                raise RuntimeError("The client is closed. Make a new client.")
            if state.running is None:
                try:
                    state.running = _start_thread()
                except RuntimeError:  # as in functions that `atexit` calls, since Python 3.12
                    return None
            if state.running.thread is threading.current_thread():
                raise RuntimeError(
                    "Coroutine functions and callbacks of bulk runs run in the event loop, which a blocking call would "
                    "stop: use asynchronous code there."
                )
            state.running.loop.call_soon_threadsafe(callback)
            return state.running.loop


async def _await(coroutine: Coroutine[Any, Any, R]) -> R:
    return await coroutine


class _Running(NamedTuple):
    thread: threading.Thread
    loop: asyncio.AbstractEventLoop
    stop: asyncio.Event


@define
class _State:
    """State of a `LoopThread`, which its finalizer uses without keeping it alive."""

    running: _Running | None = None
    is_closed: bool = False

    def stop(self) -> None:
        """Ask the loop to end, without waiting: the garbage collector calls this."""
        if self.running is not None and not self.is_closed:
            with suppress(RuntimeError):  # the loop has ended
                self.running.loop.call_soon_threadsafe(self.running.stop.set)
        self.is_closed = True


def _start_thread() -> _Running:
    started, stop = threading.Event(), asyncio.Event()
    outcome: list[asyncio.AbstractEventLoop | BaseException] = []

    def main() -> None:
        try:
            with asyncio.Runner() as runner:  # its end cancels the calls in flight, and closes the connections
                outcome.append(runner.get_loop())
                started.set()
                while not stop.is_set():
                    # That of a callback ends `Runner.run`. The call whose callback raised it raises it too.
                    with suppress(SystemExit, KeyboardInterrupt):
                        runner.run(stop.wait())
        except BaseException as error:
            outcome.append(error)
            started.set()

    thread = threading.Thread(target=main, name="twelvelabs_async", daemon=True)
    thread.start()
    started.wait()
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return _Running(thread, outcome[0], stop)


_loop_threads: Final[weakref.WeakSet[LoopThread]] = weakref.WeakSet()


def _forget_threads() -> None:
    for loop_thread in _loop_threads:
        loop_thread.forget_thread()


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_forget_threads)
