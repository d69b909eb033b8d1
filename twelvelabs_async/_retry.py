"""The retry adapter on tenacity."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeVar

from ._failures import cause_of, is_transient
from .errors import APIError

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")

log: Final = logging.getLogger("twelvelabs_async")

MAX_PAUSE_SECONDS: Final = 120.0
"""If the API asks for a longer pause, the call fails at once, and its error states the pause."""


async def retry_after_failure(
    first: APIError,
    attempt: Callable[[], Awaitable[T]],
    *,
    may_retry: Callable[[BaseException], bool],
    max_retries: int,
    deadline: float,
    name: str,
) -> T:
    """Retry *attempt* after a first attempt, made without tenacity, has failed with *first*.

    tenacity takes as long as the rest of a small request does, and most requests need no retry.

    Args:
        first: Failure of the first attempt.
        attempt: Sends the request once more.
        may_retry: Decides whether a failure is worth another attempt.
        max_retries: Attempts after the first.
        deadline: Time of the event loop after which no attempt starts.
        name: Name of the request, for the log.
    """
    if max_retries <= 0 or not may_retry(first):
        raise first
    from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random_exponential

    loop = asyncio.get_running_loop()
    backoff, enough = wait_random_exponential(multiplier=1, max=8), stop_after_attempt(max_retries + 1)

    def longest_pause() -> float:
        return max(0.0, min(MAX_PAUSE_SECONDS, deadline - loop.time()))

    def pause(state: RetryCallState) -> float:
        # Half of the time is left for the attempt. A tiny requested pause must not replace the backoff.
        return max(pause_of(failure_of(state)), min(backoff(state), longest_pause() / 2))

    def stop(state: RetryCallState) -> bool:
        return enough(state) or pause_of(failure_of(state)) >= longest_pause()

    policy = AsyncRetrying(
        retry=retry_if_exception(may_retry),
        wait=pause,
        stop=stop,
        before_sleep=log_retry(name, max_retries),
        sleep=asyncio.sleep,
        reraise=True,
    )
    return await policy(replay(first, attempt))


def log_retry(name: object, max_retries: int) -> Callable[[RetryCallState], None]:
    """Return a function that logs the next retry with its pause, its reason, and the id of the failed request."""

    def log_next(state: RetryCallState) -> None:
        error = failure_of(state)
        log.info(
            "%s: retry %d of %d in %.1f s after: %s (request id: %s)",
            name,
            state.attempt_number,
            max_retries,
            state.next_action.sleep if state.next_action else 0.0,
            error,
            getattr(error and cause_of(error), "request_id", None),
        )

    return log_next


def replay(first: Exception, attempt: Callable[[], Awaitable[T]]) -> Callable[[], Awaitable[T]]:
    """Return a function that raises *first* when it is called first, and calls *attempt* from then on.

    A tenacity policy that runs it counts an attempt that was made without the policy.
    """
    failures = iter([first])

    async def next_attempt() -> T:
        for failure in failures:
            raise failure
        return await attempt()

    return next_attempt


def failure_of(state: RetryCallState) -> BaseException | None:
    """Return the failure of the last attempt; ``None`` if it succeeded."""
    return state.outcome.exception() if state.outcome else None


def pause_of(error: BaseException | None) -> float:
    """Return the seconds that a transient *error* asks to pause; 0 if it does not."""
    return (error.retry_after or 0.0) if isinstance(error, APIError) and is_transient(error) else 0.0
