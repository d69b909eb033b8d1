"""Rate limits, learned from the headers of answers and kept before the API has to refuse."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import define, field

__all__ = ["RateLimit", "RateLimits"]

_PREFIXES: Final = ("x-ratelimit-request-", "x-ratelimit-")


@define
class RateLimit:
    """What is left of a rate limit.

    Attributes:
        limit: Requests in a window, if the API says.
        remaining: Requests left in this window, those under way taken off.
        reset: When the window ends, in seconds since the epoch.
    """

    limit: float | None = None
    remaining: float | None = None
    reset: float | None = None
    _under_way: int = field(default=0, init=False, repr=False)


class RateLimits(Mapping[str, RateLimit]):
    """The account's rate limits by category of endpoints, as far as they have been seen.

    The categories share a counter each (docs: Rate limits): ``indexing``, ``assets``, ``search``, ``analyze``; all else is
    ``other``.

    Example:
        >>> client.limits["search"].remaining
        49
    """

    def __init__(self) -> None:
        self._limits: dict[str, RateLimit] = {}

    def __getitem__(self, category: str) -> RateLimit:
        return self._limits[category]

    def __iter__(self) -> Iterator[str]:
        return iter(self._limits)

    def __len__(self) -> int:
        return len(self._limits)

    def __repr__(self) -> str:
        return f"RateLimits({self._limits})"

    def enter(self, category: str, patience: float) -> float:
        """Take room for one request, or say in how many seconds there will be some.

        Args:
            category: The limit the request counts against.
            patience: Seconds worth waiting. If there is no room sooner, the request goes out at once: the API's refusal
                says best what is the matter.
        """
        limit = self._limits.get(category)
        if limit is None:
            limit = self._limits[category] = RateLimit()
        if limit.remaining is not None:
            if limit.remaining < 1 and limit.reset is not None:
                wait = limit.reset - time.time()
                if 0 < wait <= patience:
                    return wait
                if wait <= 0:
                    limit.remaining = limit.limit
            if limit.remaining is not None:
                limit.remaining -= 1
        limit._under_way += 1
        return 0.0

    def leave(self, category: str, headers: Mapping[str, Any] | None) -> None:
        """Note that a request is over, and what its answer says of the limit."""
        limit = self._limits[category]
        limit._under_way -= 1
        for prefix in _PREFIXES if headers else ():
            remaining = headers.get(prefix + "remaining")  # type: ignore[union-attr]  # the loop is empty then
            if remaining is not None:
                try:
                    limit.remaining = float(remaining) - limit._under_way
                    limit.reset = float(headers[prefix + "reset"])  # type: ignore[index]
                    limit.limit = float(headers[prefix + "limit"])  # type: ignore[index]
                except (KeyError, ValueError):
                    pass
                return
