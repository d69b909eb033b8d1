"""A clock that tests advance, so that neither waits nor backoffs nor timeouts take real time.

Every test runs in a `TurnableLoop`, whose `time()` is the real time plus the seconds by which its `Clock` was advanced.
asyncio, anyio and aiohttp measure by it. A test advances the clock by hand, or sets `Clock.autojump` (the model is
trio's ``autojump_clock``): then the clock jumps to the next timer whenever nothing else can happen.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable
from typing import Any, Final

import aiohttp

IDLE_SECONDS: Final = 0.05
"""Real time without any event before the clock jumps while a thread is at work, which may be blocked."""

Submit = Callable[..., asyncio.Future[Any]]


class Clock:
    """Offset between the time of an event loop and the real time.

    Attributes:
        offset: Seconds that the clock was advanced by.
        autojump: Whether the clock jumps to the next timer when the loop is idle and no request is in flight. Requests
            are counted by `middleware`, which the clients of a test that sets this attribute must use.
        calls_in_threads: Unfinished calls of functions that `count_calls` returned, among them `run_in_executor`.
    """

    def __init__(self) -> None:
        self.offset = 0.0
        self.autojump = False
        self.calls_in_threads = 0
        self._requests_in_flight = 0
        self._stopped_at: float | None = None
        self._followers: list[Callable[[float], None]] = []

    def advance(self, seconds: float) -> None:
        """Move the clock forward. Timers that are due then run in the next iteration of the loop."""
        self.offset += seconds
        for follower in self._followers:
            follower(seconds)

    def stop(self) -> None:
        """Let real time no longer count, so that what happens does not depend on how busy the machine is.

        A test that waits for something else than a request, by `asyncio.sleep`, cannot do this.
        """
        self._stopped_at = time.monotonic()

    def time(self) -> float:
        """Return the time of the event loop."""
        return (time.monotonic() if self._stopped_at is None else self._stopped_at) + self.offset

    def drive(self, follower: Callable[[float], None]) -> None:
        """Call *follower* with the seconds of each advance, for example the `advance` of an emulator."""
        if follower not in self._followers:
            self._followers.append(follower)

    def can_jump(self) -> bool:
        """Return whether the next timer is all that the loop waits for."""
        return self.autojump and not self._requests_in_flight

    def count_calls(self, submit: Submit) -> Submit:
        """Return *submit*, which makes a call in a thread, with its calls counted until their futures are done."""

        def submit_and_count(*args: Any) -> asyncio.Future[Any]:
            future = submit(*args)
            self.calls_in_threads += 1
            future.add_done_callback(self._call_ended)
            return future

        return submit_and_count

    def _call_ended(self, _: object) -> None:
        self.calls_in_threads -= 1

    async def middleware(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Count a request as in flight from before it connects until its response is read or dropped.

        Clients take this method in their ``middlewares``.
        """
        self._requests_in_flight += 1
        try:
            response = await handler(request)
        except BaseException:
            self._request_ended()
            raise
        if response.connection is None:  # the whole response came with its headers
            self._request_ended()
        else:
            response.connection.add_callback(self._request_ended)
        return response

    def _request_ended(self) -> None:
        self._requests_in_flight -= 1


class Stopwatch:
    """Time since it was started, in the event loop of a `Clock`.

    It starts before the first request of what is measured: a pause counts from a response, which came earlier than the
    caller got it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started_at = asyncio.get_running_loop().time()
        self._first_offset = clock.offset

    @property
    def seconds(self) -> float:
        """Time of the event loop, for lower limits."""
        return asyncio.get_running_loop().time() - self._started_at

    @property
    def advanced(self) -> float:
        """Seconds that the clock has advanced, for upper limits: without the real time that a busy machine takes."""
        return self._clock.offset - self._first_offset


class _JumpingSelector(selectors.DefaultSelector):
    """A selector that advances the clock instead of waiting for the next timer, which *timeout* stands for."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        idle = IDLE_SECONDS if self._clock.calls_in_threads else 0.0
        if timeout is None or timeout <= 0 or not self._clock.can_jump():
            return super().select(timeout)
        due_at = self._clock.time() + timeout
        events = super().select(min(idle, timeout))
        if not events:
            self._clock.advance(max(0.0, due_at - self._clock.time()))
        return events


class TurnableLoop(asyncio.SelectorEventLoop):
    """An event loop whose time a test can turn."""

    def __init__(self) -> None:
        self.clock: Final = Clock()
        super().__init__(_JumpingSelector(self.clock))
        self.run_in_executor = self.clock.count_calls(super().run_in_executor)  # type: ignore[method-assign]

    def time(self) -> float:
        return self.clock.time()
