"""Rate limits: learned from the headers of responses, and kept before the API has to refuse a request."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Final, Self

from attrs import define, field

from ._background import MAX_OVERTAKING, background_work
from ._rate_windows import POLL_SECONDS, RateLimit, Window
from ._response_headers import header_number, response_time, seconds_until
from ._retry import MAX_PAUSE_SECONDS
from .errors import RequestNotSentTimeoutError
from .options import Limiter, RateLimitCategory

__all__ = ["RateLimit", "RateLimits"]

HEADER: Final = re.compile(r"x-ratelimit-(?:(.+)-)?remaining", re.IGNORECASE)
"""Header about what is left of a limit. Without a name, or as ``request``, it counts requests."""
REQUEST: Final = "request"


@define(eq=False)
class _Category:
    """The requests that count against one limit.

    Attributes:
        name: Name of the category.
        requests: The window of the number of requests.
        others: The windows of what else is counted, by the name in the headers.
        in_flight: Number of requests without a response.
        overtaken: Number of requests that were sent while background work waited.
        blocked_until: End of the pause that a refusal asks for which names the limits, by the time of the event loop.
    """

    name: RateLimitCategory
    requests: Window = field(factory=Window)
    others: dict[str, Window] = field(factory=dict[str, Window])
    in_flight: int = 0
    blocked_until: float = 0.0
    overtaken: int = 0
    _locks: dict[bool, tuple[asyncio.AbstractEventLoop, asyncio.Lock]] = field(
        factory=dict[bool, tuple[asyncio.AbstractEventLoop, asyncio.Lock]]
    )

    @property
    def windows(self) -> Sequence[Window]:
        """Return the windows: of requests, and of the other quantities that the limit counts."""
        return (self.requests, *self.others.values())

    def pause(self) -> float:
        """Return the seconds until a slot may be free; 0 if one is."""
        now = asyncio.get_running_loop().time()
        pauses = [window.pause(now, in_flight=self.in_flight) for window in self.windows]
        return max(0.0, self.blocked_until - now, *pauses)

    def take(self) -> None:
        """Count a request that is sent."""
        self.in_flight += 1
        for window in self.windows:
            window.take()

    def record(self, headers: Mapping[str, str]) -> None:
        """Record the limits that a response reports."""
        now, sent_at = asyncio.get_running_loop().time(), response_time(headers)
        # docs: Create embeddings. Such a refusal may be due to tokens, which no other response reports.
        if "x-ratelimit-dimensions" in headers and (pause := seconds_until(headers.get("retry-after"), headers)):
            self.blocked_until = now + pause
        if sent_at is None:
            return
        prefixes = {
            match[1] or REQUEST: match[0][: -len("remaining")] for match in map(HEADER.fullmatch, headers) if match
        }
        for name, prefix in prefixes.items():
            remaining = header_number(headers[f"{prefix}remaining"])
            seconds = seconds_until(headers.get(f"{prefix}reset"), headers)
            if remaining is not None and seconds is not None:
                limit = header_number(headers.get(f"{prefix}limit"))
                self._window(name.lower()).record(
                    remaining, seconds, limit, sent_at=sent_at, now=now, in_flight=self.in_flight
                )
        share = self.requests.learn_share()
        for window in self.others.values():
            window.learn_cost(share)

    def _window(self, name: str) -> Window:
        if name == REQUEST:
            return self.requests
        if name not in self.others:
            self.others[name] = window = Window(is_exact=False, cost=0.0)
            self.requests.state.quantities[name] = window.state
        return self.others[name]

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
        return self._categories[category].requests.state

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
        category.take()
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
