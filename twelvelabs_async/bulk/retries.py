"""Attempts of one source, after the client's own retries of each request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeVar

import anyio

from .._retry import failure_of, pause_of, replay
from ..errors import UploadError

if TYPE_CHECKING:
    from tenacity import RetryCallState

R = TypeVar("R")

ATTEMPTS: Final = 6


async def run_with_retries(
    attempt: Callable[[], Awaitable[R]], *, may_retry: Callable[[BaseException], bool], interval: float
) -> R:
    """Return the result of *attempt*, and retry it with exponential pauses.

    The first attempt is made without tenacity, because most succeed.

    Args:
        attempt: Function that is called at most `ATTEMPTS` times.
        may_retry: Function that decides about a failure.
        interval: Seconds before the second attempt. They double with each attempt, or are what the response asks for.
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
        sleep=anyio.sleep,
        reraise=True,
    )
    return await policy(replay(first, attempt))


def cause_of(error: BaseException) -> BaseException:
    """Return the failed request that ended an upload in parts, or *error* itself."""
    return (error.original_error or error) if isinstance(error, UploadError) else error
