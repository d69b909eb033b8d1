"""Rate limits: learned from the headers of responses, and kept before the API has to refuse a request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Final, Self

from attrs import define, field

from ._background import MAX_OVERTAKING, background_work
from ._response_headers import REQUEST_LIMITS, exhausted_pause, header_number, response_time, seconds_until
from ._retry import MAX_PAUSE_SECONDS
from .errors import RequestNotSentTimeoutError
from .options import Limiter, RateLimitCategory

__all__ = ["RateLimit", "RateLimits"]

POLL_SECONDS: Final = 0.05
"""Interval at which the first waiter polls for a free slot: responses may arrive in any event loop."""

_HEADERS: Final = tuple((f"{prefix}remaining", f"{prefix}reset", f"{prefix}limit") for prefix in REQUEST_LIMITS)


@define
class RateLimit:
    """State of one rate limit.

    Attributes:
        limit: Requests per window, if the API states it.
        remaining: Requests left in this window, those in flight subtracted.
        reset: End of the window in seconds since the epoch by the API's clock; ``None`` if unknown.
        window: Length of a window in seconds: the longest time to the end of one that a response has reported.
    """

    limit: float | None = None
    remaining: float | None = None
    reset: float | None = None
    window: float | None = None


@define(eq=False)
class _Category:
    """The requests that count against one limit.

    Attributes:
        name: Name of the category.
        state: State of the limit as of the newest response.
        ends_at: End of the window by the time of the event loop.
        newest: Reset and negative remaining of the newest response: of two responses, the larger pair is newer.
        in_flight: Number of requests without a response.
        overtaken: Number of requests that were sent while background work waited.
        blocked_until: End of a window in which another quantity than requests is used up, such as minutes of video or
            tokens, by the time of the event loop.
    """

    name: RateLimitCategory
    state: RateLimit = field(factory=RateLimit)
    ends_at: float = 0.0
    newest: tuple[float, float] = (0.0, 0.0)
    in_flight: int = 0
    blocked_until: float = 0.0
    overtaken: int = 0
    _locks: dict[bool, tuple[asyncio.AbstractEventLoop, asyncio.Lock]] = field(
        factory=dict[bool, tuple[asyncio.AbstractEventLoop, asyncio.Lock]]
    )

    def pause(self) -> float:
        """Return the seconds until a slot may be free; 0 if one is."""
        if self.blocked_until and (pause := self.blocked_until - asyncio.get_running_loop().time()) > 0:
            return pause
        state = self.state
        if state.remaining is None or state.remaining >= 1:
            return 0.0
        if state.reset is None:
            return POLL_SECONDS if self.in_flight else 0.0
        if (pause := self.ends_at - asyncio.get_running_loop().time()) > 0:
            return pause
        # A new window, taken to be as large as the last one. Late responses about the last one must not change it.
        self.newest = (state.reset, 0.0)
        state.remaining, state.reset = state.limit or 1.0, None
        return 0.0

    def record(self, headers: Mapping[str, str]) -> None:
        """Record the limits that a response reports."""
        if (pause := exhausted_pause(headers)) is not None:
            self.blocked_until = asyncio.get_running_loop().time() + pause
        state = self.state
        for remaining_name, reset_name, limit_name in _HEADERS:
            if (remaining := header_number(headers.get(remaining_name))) is None:
                continue
            seconds, now = seconds_until(headers.get(reset_name), headers), response_time(headers)
            if seconds is None or now is None:
                continue
            reset, state.window = now + seconds, max(state.window or 0.0, seconds)
            limit = header_number(headers.get(limit_name))
            # Responses arrive in any order: of those about one window, the one with less remaining is newer.
            if (reset, -remaining) > self.newest:
                self.newest = (reset, -remaining)
                state.remaining = remaining - self.in_flight  # the API may not have counted them yet
                state.reset, state.limit = reset, limit or state.limit
                self.ends_at = asyncio.get_running_loop().time() + seconds
            elif reset == state.reset and state.remaining is not None:
                state.remaining += 1  # an older response of this window: the newest one has counted its request
            return

    def has_waiters(self, *, is_background: bool) -> bool:
        """Return whether requests wait for a slot."""
        return is_background in self._locks and self._locks[is_background][1].locked()

    def must_yield(self, *, is_background: bool) -> bool:
        """Return whether the other queue, that of background work or the one of other callers, goes first."""
        is_overdue = self.overtaken >= MAX_OVERTAKING and self.has_waiters(is_background=True)
        return not is_overdue and self.has_waiters(is_background=False) if is_background else is_overdue

    def lock(self, *, is_background: bool) -> asyncio.Lock:
        """Return the lock of a queue in the running loop. Its holder waits for a slot, the others queue behind it."""
        loop = asyncio.get_running_loop()
        if is_background not in self._locks or self._locks[is_background][0] is not loop:
            self._locks[is_background] = (loop, asyncio.Lock())
        return self._locks[is_background][1]


class RateLimits(Mapping[str, RateLimit]):
    """The account's rate limits by `RateLimitCategory`, as far as responses have reported them.

    A limit is known from the first response on; requests sent before that are not held back.

    Example:
        >>> client.limits["search"].remaining
        49
    """

    def __init__(self) -> None:
        self._categories: dict[str, _Category] = {}

    def __getitem__(self, category: str) -> RateLimit:
        return self._categories[category].state

    def __iter__(self) -> Iterator[str]:
        return iter(self._categories)

    def __len__(self) -> int:
        return len(self._categories)

    def __repr__(self) -> str:
        return f"RateLimits({dict(self)})"

    def slot(self, category: RateLimitCategory, *, deadline: float, limiter: Limiter | None, request: object) -> Slot:
        """Return a context manager that holds one slot of a limit until the response has arrived.

        Args:
            category: The limit that the request counts against.
            deadline: Time of the event loop until which to wait for a slot.
            limiter: The caller's own rate limiter, awaited in the slot.
            request: The request, for the error.

        Raises:
            RequestNotSentTimeoutError: There was no free slot in time.
        """
        found = self._categories.get(category)
        if found is None:
            found = self._categories[category] = _Category(category)
        return Slot(found, deadline, limiter, request)


@define(eq=False)
class Slot:
    """One request's slot of a rate limit."""

    _category: _Category
    _deadline: float
    _limiter: Limiter | None
    _request: object
    _headers: Mapping[str, str] = field(factory=dict[str, str], init=False)
    _report: Callable[[Mapping[str, str]], object] | None = field(default=None, init=False)

    async def __aenter__(self) -> Self:
        await self.acquire()
        return self

    async def acquire(self) -> None:
        """Wait for the slot."""
        category, is_background = self._category, background_work.get() is not None
        must_queue = category.has_waiters(is_background=is_background) or category.must_yield(
            is_background=is_background
        )
        if (pause := category.pause()) or must_queue:
            # A pause that cannot end in time is not worth waiting for: the API's refusal explains best.
            longest_pause = min(MAX_PAUSE_SECONDS, self._deadline - asyncio.get_running_loop().time())
            if pause <= longest_pause:
                await self._wait_for_slot(longest_pause, is_background=is_background)
        if is_background:
            category.overtaken = 0
        elif category.has_waiters(is_background=True):
            category.overtaken += 1
        if category.state.remaining is not None:
            category.state.remaining -= 1
        category.in_flight += 1
        if self._limiter is not None:
            await self._wait_for_limiter(self._limiter)

    async def _wait_for_slot(self, longest_pause: float, *, is_background: bool) -> None:
        category = self._category
        try:
            async with asyncio.timeout_at(self._deadline), category.lock(is_background=is_background):
                while (  # noqa: ASYNC110  (see POLL_SECONDS)
                    category.must_yield(is_background=is_background) or 0 < category.pause() <= longest_pause
                ):
                    await asyncio.sleep(min(category.pause() or POLL_SECONDS, POLL_SECONDS))
        except TimeoutError:
            raise self._timeout() from None

    async def _wait_for_limiter(self, limiter: Limiter) -> None:
        deadline = asyncio.timeout_at(self._deadline)
        try:
            async with deadline:
                self._report = await limiter(self._category.name)
        except BaseException as error:
            self._category.in_flight -= 1
            if isinstance(error, TimeoutError) and deadline.expired():
                raise self._timeout() from None
            raise

    def _timeout(self) -> RequestNotSentTimeoutError:
        return RequestNotSentTimeoutError(f"{self._request}: the rate limit had no free slot in time.")

    def record(self, headers: Mapping[str, str]) -> None:
        """Record the limits that the response reports."""
        self._headers = headers
        self._category.in_flight -= 1  # the response counts this request
        self._category.record(headers)
        self._category.in_flight += 1

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        """Release the slot. The response has arrived, or none will."""
        self._category.in_flight -= 1
        if self._report is not None:
            self._report(self._headers)
