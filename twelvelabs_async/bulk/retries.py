"""Attempts of one source, after the client's own retries of each request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeVar

import anyio

from .._retry import failure_of, log_retry, pause_of, replay

if TYPE_CHECKING:
    from tenacity import RetryCallState

R = TypeVar("R")

ATTEMPTS: Final = 6


async def run_with_retries(
    attempt: Callable[[], Awaitable[R]], *, may_retry: Callable[[BaseException], bool], interval: float, name: str
) -> R:
    """Return the result of *attempt*, and retry it with exponential pauses.

    The first attempt is made without tenacity, because most succeed.

    Args:
        attempt: Function that is called at most `ATTEMPTS` times.
        may_retry: Function that decides about a failure.
        interval: Seconds before the second attempt. They double with each attempt, or are what the response asks for.
        name: Name of the source, for the log.
    """
    try:
        return await attempt()
    except Exception as error:
        if not may_retry(error):
            raise
        first = error

    from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt

    def wait(state: RetryCallState) -> float:
        return max(pause_of(failure_of(state)), interval * 2.0 ** (state.attempt_number - 1))

    policy = AsyncRetrying(
        retry=retry_if_exception(may_retry),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait,
        before_sleep=log_retry(name, ATTEMPTS - 1),
        sleep=anyio.sleep,
        reraise=True,
    )
    return await policy(replay(first, attempt))
