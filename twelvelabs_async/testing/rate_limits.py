"""Rate limits of requests, and of the media and tokens that they use, by category."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from email.utils import formatdate
from typing import Literal, TypeAlias, get_args

import attrs

from ..options import EMBED_CATEGORIES, RateLimitCategory
from .clock import Clock
from .faults import matches
from .problem import Problem

Quantity: TypeAlias = Literal["request", "duration", "inputtoken", "outputtoken"]
"""Quantity that a limit counts, by its name in the headers: requests, seconds of media, tokens."""
Limits: TypeAlias = Mapping[RateLimitCategory, tuple[float, float] | Mapping[Quantity, Sequence[tuple[float, float]]]]
"""Limits and seconds of their windows: of requests alone, or of several quantities."""

# Operations that share a counter (docs: Rate limits). The first that matches counts.
_CATEGORIES: tuple[tuple[RateLimitCategory, str, str], ...] = (
    ("indexing", "POST", "/indexes/*/indexed-assets"),
    ("indexing", "POST", "/tasks"),
    ("assets", "POST", "/assets"),
    ("search", "POST", "/search"),
    ("analyze", "POST", "/analyze"),
    ("analyze_tasks", "POST", "/analyze/tasks"),
    ("analyze_tasks", "POST", "/analyze/batches"),
    ("embed_video", "POST", "/embed/tasks"),
    ("embed", "POST", "/embed*"),
    ("knowledge", "POST", "/knowledge-stores/*/search"),
    ("responses", "POST", "/responses"),
)


def category_of(method: str, path: str, input_type: str = "") -> RateLimitCategory:
    """Return the category of a request. Embeddings have one for each modality."""
    for category, verb, pattern in _CATEGORIES:
        if matches(verb, pattern, method, path):
            return EMBED_CATEGORIES.get(input_type, category) if category == "embed" else category
    return "other"


class TooManyRequests(Problem):
    """Error response for a request beyond a rate limit.

    Attributes:
        seconds: Seconds until the limits are available again.
    """

    def __init__(self, limits: str, seconds: int) -> None:
        message = f"You have exceeded the rate limit ({limits}). Please try again later after {seconds} seconds."
        super().__init__(429, "too_many_requests", message)
        self.seconds = seconds


@attrs.define
class _Window:
    """Emulated window of one limit, which starts with its first request."""

    quantity: Quantity
    limit: float
    seconds: float
    used: float = 0.0
    ends_at: float = -math.inf

    def begin(self, now: float) -> None:
        """Start a new window if the last one has ended."""
        if now >= self.ends_at:
            self.used, self.ends_at = 0.0, now + self.seconds

    @property
    def remaining(self) -> float:
        """Return what is left. A quantity that is counted late may be used beyond its limit."""
        return max(0.0, self.limit - self.used)


class RateLimits:
    """Counters by category and quantity, in emulated windows that start with the first request.

    Raises:
        ValueError: A category or a quantity does not exist.
    """

    def __init__(self, limits: Limits, clock: Clock) -> None:
        _require_known("categories", [*limits], get_args(RateLimitCategory))
        self._clock = clock
        self._windows: dict[str, list[_Window]] = {}
        for category, given in limits.items():
            quantities: Mapping[Quantity, Sequence[tuple[float, float]]]
            quantities = {"request": [given]} if isinstance(given, tuple) else given
            _require_known("quantities", [*quantities], get_args(Quantity))
            self._windows[category] = [
                _Window(name, limit, seconds) for name, pairs in quantities.items() for limit, seconds in pairs
            ]

    def admit(self, category: str) -> None:
        """Count a request.

        Raises:
            TooManyRequests: A limit of the category is used up.
        """
        windows = self._current(category)
        self._require([window for window in windows if window.remaining <= 0])
        for window in windows:
            window.used += window.quantity == "request"

    def charge(self, category: RateLimitCategory, quantity: Quantity, amount: float, *, is_late: bool = False) -> None:
        """Count what an admitted request uses.

        Args:
            is_late: The request is processed all the same. Tokens are known only when it is (docs: Create embeddings).

        Raises:
            TooManyRequests: It would exceed a limit. Then the request does not count.
        """
        windows = self._current(category)
        exceeded = [window for window in windows if window.quantity == quantity and amount > window.remaining]
        if exceeded and not is_late:
            for window in windows:
                window.used -= window.quantity == "request"
            self._require(exceeded)
        for window in windows:
            window.used += amount if window.quantity == quantity else 0.0

    def headers(self, category: str) -> dict[str, str]:
        """Return the headers of a response: of each quantity, those of the window with the least left."""
        windows, now = self._current(category), self._clock.now()
        if not windows:
            return {}
        headers = {"Date": formatdate(now, usegmt=True)}  # the clock that the resets are read by
        narrowest = {window.quantity: window for window in sorted(windows, key=lambda one: -one.remaining)}
        for name, window in narrowest.items():
            prefix, reset = f"x-ratelimit-{name}", now + self._clock.real_seconds_until(window.ends_at)
            headers |= {
                f"{prefix}-limit": f"{window.limit:g}",
                f"{prefix}-used": f"{window.limit - window.remaining:g}",
                f"{prefix}-remaining": f"{window.remaining:g}",
                f"{prefix}-reset": str(math.ceil(reset)),
            }
        return headers

    def dimensions(self, category: str) -> str:
        """Return the names of the limits that a request is checked against. Their format is a guess."""
        return ", ".join(dict.fromkeys(window.quantity for window in self._windows[category]))

    def _current(self, category: str) -> list[_Window]:
        windows, now = self._windows.get(category, []), self._clock.now()
        for window in windows:
            window.begin(now)
        return windows

    def _require(self, exceeded: Sequence[_Window]) -> None:
        if exceeded:
            seconds = max(self._clock.real_seconds_until(window.ends_at) for window in exceeded)
            raise TooManyRequests(", ".join(_names(exceeded)), math.ceil(seconds))


def _names(windows: Sequence[_Window]) -> Iterator[str]:
    for window in windows:
        yield f"{window.limit:g} of {window.quantity} in {window.seconds:g} s"


def _require_known(what: str, given: Sequence[str], known: Sequence[str]) -> None:
    if unknown := {*given} - {*known}:
        raise ValueError(f"Unknown rate limit {what}: {', '.join(sorted(unknown))}. Expected {', '.join(known)}.")
