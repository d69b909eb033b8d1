"""One limit of a category: what is left in a window, and whether it suffices for one more request."""

from __future__ import annotations

import math
from typing import Final

from attrs import define, field

POLL_SECONDS: Final = 0.05
"""Interval at which the first waiter polls for a free slot: responses may arrive in any event loop."""
RESERVE: Final = 0.03
"""Part of a limit that is left unused where costs, or the requests of other processes, are estimates."""
BEGINNING: Final = 1 / 6
"""Part of a window in which other processes may still count on the previous one: resets are whole seconds."""
MAX_BEGINNING_SECONDS: Final = 10.0
KNOWN_AFTER: Final = 5
"""Responses after which the share of this process and the cost of a request are estimated from the window."""
NOTHING: Final = 1e-9


@define
class RateLimit:
    """State of one rate limit.

    Attributes:
        limit: Requests per window, if the API states it.
        remaining: Requests left in this window, those in flight subtracted.
        reset: End of the window in seconds since the epoch by the API's clock; ``None`` if unknown.
        window: Length of a window in seconds: the longest time to the end of one that a response has reported.
        quantities: Limits of what else the category counts, by the name in the headers, such as ``duration`` of media,
            ``inputtoken`` and ``outputtoken``. Their *remaining* is that of the newest response.
    """

    limit: float | None = None
    remaining: float | None = None
    reset: float | None = None
    window: float | None = None
    quantities: dict[str, RateLimit] = field(factory=dict[str, "RateLimit"])


@define(eq=False)
class Window:
    """The current window of one limit: of requests, or of what they use.

    Attributes:
        state: State of the limit as of the newest response.
        cost: What a request is expected to use. Of requests it is 1, of others the mean of this window or the last one.
        share: Part of the account's requests that this process sends. Others see the same window.
        uncounted: Requests that the newest response may not have counted.
        ends_at: End of the window by the time of the event loop.
        newest: Reset and negative remaining of the newest response: of two responses, the larger pair is newer.
    """

    state: RateLimit = field(factory=RateLimit)
    is_exact: bool = True
    cost: float = 1.0
    share: float = 1.0
    uncounted: int = 0
    ends_at: float = 0.0
    newest: tuple[float, float] = (0.0, 0.0)
    _left: float | None = field(default=None, init=False)
    _first_left: float = field(default=0.0, init=False)
    _responses: int = field(default=0, init=False)

    def pause(self, now: float, *, in_flight: int) -> float:
        """Return the seconds until the window may suffice for one more request; 0 if it does."""
        if self._left is None or self._suffices(self._left, now):
            return 0.0
        if self.state.reset is None:
            return POLL_SECONDS if in_flight else 0.0
        if (pause := self.ends_at - now) > 0:
            # A response may show that others have used less than their share.
            return POLL_SECONDS if self.uncounted and in_flight and self._left - self._reserve() >= self.cost else pause
        # A new window, taken to be as large as the last one. Late responses about the last one must not change it.
        self.newest = (self.state.reset, 0.0)
        self._left, self.state.reset, self.uncounted = self.state.limit or self.cost, None, 0
        self._responses = 0
        self._show()
        return 0.0

    def take(self) -> None:
        """Count a request that is sent."""
        if self._left is not None:
            self.uncounted += 1
            self._show()

    def record(
        self, remaining: float, seconds: float, limit: float | None, *, sent_at: float, now: float, in_flight: int
    ) -> None:
        """Record what a response reports.

        Args:
            remaining: What is left in the window.
            seconds: Time to the end of the window.
            limit: Size of the window, if it is known.
            sent_at: Time of the response, by the API's clock.
            now: Time of the event loop.
            in_flight: Number of requests without a response.
        """
        state, reset = self.state, sent_at + seconds
        state.window = max(state.window or 0.0, seconds)
        # Responses arrive in any order: of those about one window, the one with less remaining is newer.
        if (reset, -remaining) > self.newest:
            if state.reset != reset:
                self._first_left, self._responses = remaining, 0
            else:
                self._responses += 1
            self.newest = (reset, -remaining)
            state.reset, state.limit = reset, limit or state.limit
            self._left, self.ends_at = remaining, now + seconds
            self.uncounted = in_flight  # the API may not have counted them yet
        elif reset == state.reset and self._left is not None:
            self._responses += 1
            self.uncounted -= 1  # an older response of this window: the newest one has counted its request
        self._show()

    def learn_share(self) -> float:
        """Return the share of this process in the requests of the account, of which this is the window."""
        if self._responses >= KNOWN_AFTER and self._used > 0:
            self.share = min(1.0, self._responses / self._used)
        return self.share

    def learn_cost(self, share: float) -> None:
        """Set the cost of a request, given the share of this process in the requests of the account."""
        self.share = share
        if self._responses >= KNOWN_AFTER and self._used > 0:
            self.cost = self._used * share / self._responses

    @property
    def _used(self) -> float:
        """Use of the limit by the account in this window, since the first response to this process."""
        return self._first_left - (self._left or 0.0)

    def _reserve(self) -> float:
        is_certain = self.is_exact and self.share > 1 - RESERVE
        return 0.0 if is_certain or self.state.limit is None else RESERVE * self.state.limit

    def _suffices(self, left: float, now: float) -> bool:
        """Return whether one more request is possible: of what is left, and of the share of this process in it."""
        free = left - self._reserve()
        if self.state.reset is None and not self.uncounted:
            return True  # a whole window, whatever a request costs
        if free < max(self.cost, NOTHING) or (self.uncounted and (self.uncounted + 1) * self.cost > free * self.share):
            return False
        window = self.state.window or 0.0
        is_new = self.state.reset is None or self.ends_at - now > window - min(
            BEGINNING * window, MAX_BEGINNING_SECONDS
        )
        sent, limit = self._responses + self.uncounted, self.state.limit or math.inf
        # At the beginning of a window, the requests of other processes are not counted yet. Each keeps to its share.
        return not is_new or (sent + 1) * self.cost <= (limit - self._reserve()) * self.share

    def _show(self) -> None:
        if self._left is not None:
            self.state.remaining = self._left - self.uncounted if self.is_exact else self._left
