"""Which failures are worth another try, and after how long: pure functions and a tenacity policy."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import TYPE_CHECKING, Final, TypeVar

from ._failures import is_transient, may_retry
from .errors import APIError

if TYPE_CHECKING:
    from tenacity import AsyncRetrying, RetryCallState

R = TypeVar("R")

MAX_WAIT: Final = 120.0
"""Seconds; if the API asks for a longer wait, the call fails at once and says for how long."""


def requested_wait(status: int, headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that an answer asks to wait, by ``Retry-After`` or else, with a 429, by the rate limit that is used up.

    Args:
        status: The answer's status.
        headers: The answer's headers, names in lower case.
        now: Seconds since the epoch.
    """
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        if (wait := number(headers.get(name))) is not None:
            return max(wait * unit, 0.0)
    if (date := headers.get("retry-after")) is not None:
        try:
            return max(parsedate_to_datetime(date).timestamp() - now, 0.0)
        except ValueError:
            pass
    if status != 429:
        return None  # answers of every status tell when the window ends, and mean nothing by it
    # docs: Rate limits. Several limits hold at once; the ones used up decide.
    resets = {
        name: reset
        for name, value in headers.items()
        if name.startswith("x-ratelimit-") and name.endswith("-reset") and (reset := number(value)) is not None
    }
    used_up = [reset for name, reset in resets.items() if number(headers.get(f"{name[:-6]}-remaining")) == 0]
    if used_up or resets:
        return max((max(used_up) if used_up else min(resets.values())) - now, 0.0)
    return None


def number(text: str | None) -> float | None:
    """The finite number that a header holds, if it does."""
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None


def backoff(attempt: int, longest: float) -> float:
    """Seconds to wait after try number *attempt* when nobody says how long: exponential, with full jitter."""
    return random.uniform(0.0, min(0.5 * 2**attempt, 8.0, longest))  # noqa: S311  (not for secrets)


def retrying(*, safe: bool, max_retries: int, deadline: float) -> AsyncRetrying:
    """Make the policy for one call.

    Args:
        safe: Whether the request does no harm when it is carried out twice.
        max_retries: How often to send it again at most.
        deadline: When to give up, by `time.monotonic`.
    """
    from tenacity import AsyncRetrying, retry_if_exception

    def longest() -> float:
        return max(0.0, min(MAX_WAIT, deadline - time.monotonic()))

    def wait(state: RetryCallState) -> float:
        asked = _asked(state)
        return backoff(state.attempt_number, longest() / 2) if asked is None else asked  # leaves time for the try

    def stop(state: RetryCallState) -> bool:
        return state.attempt_number > max_retries or (_asked(state) or 0.0) >= longest()

    return AsyncRetrying(
        retry=retry_if_exception(lambda error: may_retry(error, is_idempotent=safe)),
        wait=wait,
        stop=stop,
        sleep=asyncio.sleep,
        reraise=True,
    )


async def go_on(policy: AsyncRetrying, first: Exception, attempt: Callable[[], Awaitable[R]]) -> R:
    """Attempt again as *policy* says, after a first try without it: most need no other, and tenacity takes its time."""
    made = [first]

    async def again() -> R:
        if made:
            raise made.pop()
        return await attempt()

    return await policy(again)


def pause_of(error: BaseException | None) -> float:
    """Return the seconds that a transient *error* asks to pause; 0 if it does not."""
    return (error.retry_after or 0.0) if isinstance(error, APIError) and is_transient(error) else 0.0


def _asked(state: RetryCallState) -> float | None:
    error = state.outcome.exception() if state.outcome else None
    return error.retry_after if isinstance(error, APIError) else None
