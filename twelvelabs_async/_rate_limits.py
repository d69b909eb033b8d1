"""Rate limits, learned from the headers of answers and kept before the API has to refuse."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import define, field

from ._retry import number

__all__ = ["RateLimit", "RateLimits"]

LOOK_AGAIN: Final = 0.05
"""Seconds between looks whether answers have told of more room."""

_PREFIXES: Final = ("x-ratelimit-request-", "x-ratelimit-")


@define
class RateLimit:
    """What is left of a rate limit.

    Attributes:
        limit: Requests in a window, if the API says.
        remaining: Requests left in this window, those under way taken off.
        reset: When the window ends, in seconds since the epoch; ``None`` until an answer tells.
    """

    limit: float | None = None
    remaining: float | None = None
    reset: float | None = None


@define
class _Gate:
    """The requests that count against one limit.

    Attributes:
        known: What answers have told, and what was taken since.
        told: When the window ends that was told of last, and how much was used of it, as a number that grows.
        under_way: How many answers are still to come.
    """

    known: RateLimit = field(factory=RateLimit)
    told: tuple[float, float] = (0.0, 0.0)
    under_way: int = 0
    _line: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None

    def wait(self) -> float:
        """Seconds until there may be room for one more request; 0 if there is."""
        known = self.known
        if known.remaining is None or known.remaining >= 1:
            return 0.0
        if known.reset is None:
            return LOOK_AGAIN if self.under_way else 0.0
        wait = known.reset - time.time()
        if wait > 0:
            return wait
        # A new window: taken to be as large as the last one, until an answer tells more than those about the last one.
        self.told = known.reset, 0.0
        known.remaining, known.reset = known.limit or 1, None
        return 0.0

    def take(self) -> None:
        """Take room for one request."""
        if self.known.remaining is not None:
            self.known.remaining -= 1
        self.under_way += 1

    def leave(self, headers: Mapping[str, Any]) -> None:
        """Note that a request is over, and what its answer says."""
        self.under_way -= 1
        for prefix in _PREFIXES:
            remaining, reset, limit = (number(headers.get(prefix + name)) for name in ("remaining", "reset", "limit"))
            if remaining is None or reset is None:
                continue
            known = self.known
            # Answers may come in another order than they were written: of those about one window, less left is later.
            if (reset, -remaining) > self.told:
                self.told = reset, -remaining
                known.remaining = remaining - self.under_way  # which the answer may not have counted yet
                known.reset, known.limit = reset, limit or known.limit
            elif reset == known.reset and known.remaining is not None:
                known.remaining += 1  # this one was counted
            return

    def line(self) -> asyncio.Lock:
        """Where requests of the running loop wait in order; only the first of them watches the clock."""
        loop = asyncio.get_running_loop()
        if self._line is None or self._line[0] is not loop:
            self._line = loop, asyncio.Lock()
        return self._line[1]


class RateLimits(Mapping[str, RateLimit]):
    """The account's rate limits by category of endpoints, as far as they have been seen.

    The categories share a counter each (docs: Rate limits): ``indexing``, ``assets``, ``search``, ``analyze``,
    ``embed``, ``knowledge``; all else is ``other``. A limit is known from the first answer on; requests sent before
    that are not held back.

    Example:
        >>> client.limits["search"].remaining
        49
    """

    def __init__(self) -> None:
        self._gates: dict[str, _Gate] = {}

    def __getitem__(self, category: str) -> RateLimit:
        return self._gates[category].known

    def __iter__(self) -> Iterator[str]:
        return iter(self._gates)

    def __len__(self) -> int:
        return len(self._gates)

    def __repr__(self) -> str:
        return f"RateLimits({dict(self)})"

    async def enter(self, category: str, timeout: float, patience: float) -> None:
        """Take room for one request, waiting for it in line if need be; `leave` has to follow.

        Args:
            category: The limit the request counts against.
            timeout: Seconds to stand in line at most.
            patience: Seconds worth waiting for a new window. If it takes longer, the request goes out at once: the
                API's refusal says best what is the matter.

        Raises:
            TimeoutError: There was no room in time.
        """
        gate = self._gates.get(category)
        if gate is None:
            gate = self._gates[category] = _Gate()
        line = gate.line()
        wait = gate.wait()
        if (wait or line.locked()) and wait <= patience:
            async with asyncio.timeout(timeout), line:
                while 0 < (wait := gate.wait()) <= patience:  # noqa: ASYNC110  (an answer or the clock)
                    await asyncio.sleep(min(wait, LOOK_AGAIN))
        gate.take()

    def leave(self, category: str, headers: Mapping[str, Any]) -> None:
        """Note that a request is over, and what its answer says of the limit."""
        self._gates[category].leave(headers)
