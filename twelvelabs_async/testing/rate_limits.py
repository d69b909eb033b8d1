"""Rate limits by category."""

from __future__ import annotations

import math
from collections.abc import Mapping
from email.utils import formatdate
from typing import get_args

from ..options import RateLimitCategory
from .clock import Clock
from .faults import matches

# Operations that share a counter (docs: Rate limits). The first that matches counts.
_CATEGORIES: tuple[tuple[RateLimitCategory, str, str], ...] = (
    ("indexing", "POST", "/indexes/*/indexed-assets"),
    ("indexing", "POST", "/tasks"),
    ("assets", "POST", "/assets"),
    ("search", "POST", "/search"),
    ("analyze", "POST", "/analyze"),
    ("embed", "POST", "/embed*"),
    ("knowledge", "POST", "/knowledge-stores/*/search"),
    ("other", "*", "*"),
)


def _category(method: str, path: str) -> RateLimitCategory:
    return next(category for category, verb, pattern in _CATEGORIES if matches(verb, pattern, method, path))


class RateLimits:
    """Counters of requests by category, in emulated windows that start with the first request.

    Args:
        limits: Requests and seconds of a window, by category.

    Raises:
        ValueError: A category does not exist.
    """

    def __init__(self, limits: Mapping[RateLimitCategory, tuple[int, float]], clock: Clock) -> None:
        if unknown := limits.keys() - {*get_args(RateLimitCategory)}:
            expected = ", ".join(get_args(RateLimitCategory))
            raise ValueError(f"Unknown rate limit categories: {', '.join(sorted(unknown))}. Expected {expected}.")
        self._limits = limits
        self._clock = clock
        self._windows: dict[RateLimitCategory, tuple[float, int]] = {}

    def count(self, method: str, path: str) -> tuple[bool, dict[str, str]]:
        """Count a request; return whether it is within the limit, and the headers of its response."""
        if not self._limits:
            return True, {}
        category = _category(method, path)
        if category not in self._limits:
            return True, {}
        limit, seconds = self._limits[category]
        end, used = self._windows.get(category, (0.0, 0))
        now = self._clock.now()
        if now >= end:
            end, used = now + seconds, 0
        is_within = used < limit
        used += is_within
        self._windows[category] = (end, used)
        remaining_seconds = self._clock.real_seconds_until(end)
        headers = {
            "x-ratelimit-request-limit": str(limit),
            "x-ratelimit-request-used": str(used),
            "x-ratelimit-request-remaining": str(limit - used),
            "x-ratelimit-request-reset": str(math.ceil(now + remaining_seconds)),
            "Date": formatdate(now, usegmt=True),  # the clock that the reset is read by
        }
        if not is_within:
            headers["Retry-After"] = str(math.ceil(remaining_seconds))
        return is_within, headers
