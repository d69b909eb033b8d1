"""Attempts at the steps of a run, after the client's own retries of each request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import anyio
from attrs import define, field

from .._failures import cause_of, is_missing, is_transient
from .._reachability import Reachability
from .._retry import failure_of, log_retry, pause_of, replay
from ..errors import APIError, TwelveLabsError
from .fatal import fatal_error
from .outage import OutageMonitor
from .task import BulkTask

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


@define(eq=False)
class Attempts:
    """Attempts at the steps of a run. A failure that concerns all sources stops the run.

    Attributes:
        reachability: Whether the API has responded.
        outages: Outages, which all sources outlast together.
        interval: Seconds before the second attempt.
        stop: Function that stops the run because of an error, and calls `end`.
        started_at: Time of the event loop at which the run has started.
        is_over: Whether no more attempts are made.
        error: The error that ended the run.
    """

    reachability: Reachability
    outages: OutageMonitor
    interval: float
    stop: Callable[[Exception], None]
    started_at: float = field(default=0.0, init=False)
    is_over: bool = field(default=False, init=False)
    error: Exception | None = field(default=None, init=False)

    def end(self, error: Exception | None) -> None:
        """Make no more attempts after the present ones, and keep the first error."""
        self.is_over, self.error = True, self.error or error
        self.outages.give_up()

    async def run(self, task: BulkTask[Any], step: Callable[[], Awaitable[R]]) -> R:
        """Return the result of a step of a source. An outage that interrupts it is no failed attempt."""
        return await run_with_retries(
            partial(self._attempt, step),
            may_retry=partial(self._may_retry, task=task),
            interval=self.interval,
            name=task.source.label,
        )

    async def prepare(self, step: Callable[[], Awaitable[R]], name: str) -> R:
        """Return the result of a step before the first source.

        Args:
            step: The step.
            name: Name of the run, for the log.
        """
        try:
            return await run_with_retries(step, may_retry=self._may_retry, interval=self.interval, name=name)
        except APIError as error:
            raise self.error or error from None

    async def _attempt(self, step: Callable[[], Awaitable[R]]) -> R:
        while True:
            await self.outages.wait()
            try:
                return await step()
            except TwelveLabsError as error:
                cause = cause_of(error)
                self._stop_if_fatal(cause)
                if not await self.outages.outlast(cause):
                    raise

    def _may_retry(self, error: BaseException, task: BulkTask[Any] | None = None) -> bool:
        """Return whether another attempt may succeed. Stop the run if no attempt of any source may."""
        cause = cause_of(error)
        self._stop_if_fatal(cause)
        if self.is_over:
            return False
        # While the outcome of a request is unknown, the next attempt looks it up.
        is_unknown = task is not None and task.entry.state.is_requested and isinstance(cause, APIError)
        # Another machine may have withdrawn an object that this run has found.
        is_withdrawn = task is not None and task.has_found and is_missing(cause)
        return is_unknown or is_withdrawn or is_transient(cause)

    def _stop_if_fatal(self, cause: BaseException) -> None:
        if error := fatal_error(cause, was_reached=self.reachability.responded_at >= self.started_at):
            self.stop(error)
