"""Faults on request: answers that fail, come late or never, and rate limits."""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Mapping
from typing import Any

import attrs

from ._clock import Clock


def _matches(wanted: str, pattern: str, method: str, path: str) -> bool:
    return wanted in ("*", method) and fnmatch.fnmatchcase(path, pattern)


@attrs.define
class Fault:
    """What happens to the next requests that match, as `Emulator.fail`, `drop` and `delay` say.

    Without a `status`, the platform's own answer stands.
    """

    method: str
    path: str
    times: int = 1
    skip: int = 0
    acted: bool = False
    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    drop: bool = False
    late: float = 0.0


class Faults:
    """The faults still to happen."""

    def __init__(self) -> None:
        self._pending: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._pending.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that happens to this request: the oldest one that matches."""
        for fault in self._pending:
            if _matches(fault.method, fault.path, method, path):
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                if not fault.times:
                    self._pending.remove(fault)
                return fault
        return None


# Which endpoints share a counter (docs: Rate limits).
_CATEGORIES = (
    ("index", "POST", "/indexes/*/indexed-assets"),
    ("index", "POST", "/tasks"),
    ("upload", "POST", "/assets"),
    ("search", "POST", "/search"),
    ("analyze", "POST", "/analyze"),
    ("embed", "POST", "/embed*"),
)


class RateLimits:
    """Counts requests of each category in emulated windows, which begin with the first request.

    Clients are told times of their own clock.
    """

    def __init__(self, limits: Mapping[str, tuple[int, float]], clock: Clock) -> None:
        unknown = set(limits) - {category for category, _, _ in _CATEGORIES}
        if unknown:
            raise ValueError(f"unknown rate limit categories: {', '.join(sorted(unknown))}")
        self._limits = limits
        self._clock = clock
        self._windows: dict[str, tuple[float, int]] = {}

    def count(self, method: str, path: str) -> tuple[bool, dict[str, str]]:
        """Whether a request may pass, and the headers its answer has to carry."""
        category = next((name for name, verb, pattern in _CATEGORIES if _matches(verb, pattern, method, path)), "")
        if category not in self._limits:
            return True, {}
        limit, seconds = self._limits[category]
        end, used = self._windows.get(category, (0.0, 0))
        if self._clock.now() >= end:
            end, used = self._clock.now() + seconds, 0
        passes = used < limit
        used += passes
        self._windows[category] = (end, used)
        headers = {
            "x-ratelimit-request-limit": str(limit),
            "x-ratelimit-request-used": str(used),
            "x-ratelimit-request-remaining": str(limit - used),
            "x-ratelimit-request-reset": str(math.ceil(self._clock.told(end))),
        }
        if not passes:
            headers["Retry-After"] = str(math.ceil(self._clock.wait_for(end)))
        return passes, headers
