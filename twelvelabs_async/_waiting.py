"""Waiting for one job: options, a wait, and polling of jobs without a list."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar, cast

from attrs import define, field, frozen

from ._callbacks import call_back
from ._failures import may_poll_again
from ._jobs import Job, JobKind
from ._progress_bars import COUNTS, TIME, Reading, progress_bar, progress_option
from ._response_values import optional_text
from ._retry import failure_of, pause_of
from ._validators import optional_callable, require_positive, time_limit
from .errors import JobFailedError, WaitTimeoutError
from .models._wire import unstructure

if TYPE_CHECKING:
    from tenacity import RetryCallState

__all__ = ["Callback"]

T = TypeVar("T")
J = TypeVar("J", bound=Job)

Callback: TypeAlias = Callable[[T], object]
"""Function or coroutine function that is called with a job when its status has changed."""

WAIT_TIMEOUT: Final = 3600.0
POLL_INTERVAL: Final = 1.0
LONGEST_POLL_INTERVAL: Final = 30.0


@frozen(kw_only=True)
class WaitOptions:
    """Options of a wait.

    Attributes:
        timeout: Seconds until the wait fails; infinity for no limit. Default: 3600.
        interval: Initial poll interval in seconds. It grows to 5 % of the elapsed time, at most 30 s. Default: 1.
        callback: Called with the job when its status has changed; may be a coroutine function.
        publish_every_poll: True to call *callback* after every poll, whether or not the status has changed.
        progress: True to show the status and the elapsed time.
        raise_failure: False to return a failed job instead of raising `JobFailedError`.

    Raises:
        ValueError: A time is not positive.
        TypeError: A time is not a number, or *callback* is not callable.
    """

    timeout: float = time_limit(WAIT_TIMEOUT)
    interval: float = time_limit(POLL_INTERVAL)
    callback: Callback[Any] | None = field(default=None, validator=optional_callable)
    publish_every_poll: bool = False
    progress: bool = progress_option()
    raise_failure: bool = True

    def pause(self, age: float) -> float:
        """Return the seconds until the next poll of a job whose status has this age."""
        return min(max(self.interval, age / 20), max(self.interval, LONGEST_POLL_INTERVAL))


def official_wait(
    sleep_interval: float, callback: Callback[Any] | None, *, timeout: float = math.inf, raise_failure: bool = False
) -> WaitOptions:
    """Return the options of a wait that the official SDK has: its name of the interval, its callbacks, its result."""
    require_positive("sleep_interval", sleep_interval)
    return WaitOptions(
        timeout=timeout,
        interval=sleep_interval,
        callback=callback,
        publish_every_poll=True,
        raise_failure=raise_failure,
    )


def jittered(seconds: float) -> float:
    """Return *seconds* ± 10 %, so that clients do not poll in step."""
    return seconds * random.uniform(0.9, 1.1)  # noqa: S311


def _now() -> float:
    return asyncio.get_running_loop().time()


@define(eq=False)
class Wait(Generic[J]):
    """One wait for one job.

    Attributes:
        job: Last known state of the job.
        changed_at: Time of the event loop when the status changed; the start of the wait before the first poll.
        deadline: Time of the event loop when the wait fails.
        published: Status that the callback was last called with.
        is_confirmed: True if a poll has ended since then.
        trouble: Failure of the last poll; ``None`` if it succeeded.
        was_sought: True if a list poll has looked for the job.
    """

    kind: JobKind
    job_id: str
    options: WaitOptions
    job: J | None = None
    changed_at: float = field(factory=_now)
    deadline: float = field(init=False)
    published: str | None = None
    is_confirmed: bool = False
    trouble: BaseException | None = None
    was_sought: bool = False
    _failure: Exception | None = None
    _news: asyncio.Future[None] | None = None

    def __attrs_post_init__(self) -> None:
        self.deadline = self.changed_at + self.options.timeout

    @property
    def age(self) -> float:
        """Seconds since the status changed, or since the wait began."""
        return _now() - self.changed_at

    def update(self, job: J) -> None:
        """Record the state of the job.

        This is the one place that decides whether its status has changed.

        Raises:
            APIResponseError: The status is not a string.
        """
        optional_text(f"The {self.kind.noun} {self.job_id}", "status", job.status)
        self.trouble = None
        before, self.job = self.job, job
        if before is None or before.status != job.status:
            self.changed_at = _now()
            self._wake_if_news()

    def confirm(self) -> None:
        """Record that a poll has ended: the state of the job is current, unless the poll failed."""
        if self.job is not None and self.trouble is None:
            self.is_confirmed = True
            self._wake_if_news()

    def fail(self, error: Exception) -> None:
        """End the wait with *error*."""
        self._failure = error
        self._wake_if_news()

    def expire(self) -> None:
        """End the wait with `WaitTimeoutError`."""
        self.fail(self._timeout_error())

    @property
    def _has_news(self) -> bool:
        if self._failure is not None:
            return True
        if self.job is None or not self._is_unpublished:
            return False
        return self.options.callback is not None or self.kind.is_final(self.job.status)

    @property
    def _is_unpublished(self) -> bool:
        if self.options.publish_every_poll:
            return self.is_confirmed
        return self.job is not None and self.job.status != self.published

    def _wake_if_news(self) -> None:
        if self._news is not None and not self._news.done() and self._has_news:
            self._news.set_result(None)

    def show(self) -> AbstractAsyncContextManager[None]:
        """Show the status while the body runs, if the options say so: as a bar if the job counts what is done."""
        form = COUNTS if self.kind.done_counts else TIME
        return progress_bar(self._reading, form) if self.options.progress else nullcontext()

    def _reading(self) -> Reading:
        status = "waiting" if self.job is None else self.job.status
        done, rest = self._sum(self.kind.done_counts), self._sum(self.kind.other_counts)
        return Reading(f"{self.kind.noun} {self.job_id}: {status}", done, done + rest or None)

    def _sum(self, names: Sequence[str]) -> int:
        counts = [getattr(self.job, name, None) for name in names]
        return sum(count for count in counts if type(count) is int)

    async def result(self) -> J:
        """Return the job as soon as an update has a final status.

        Raises:
            JobFailedError: The job failed.
            WaitTimeoutError: The status was not final at the deadline.
            Exception: The error that the wait was ended with.
        """
        while not self.kind.is_final(self.published):
            if not self._has_news:
                self._news = asyncio.get_running_loop().create_future()
                await self._news
            if self._failure is not None:
                raise self._failure
            await self.publish()
        return self.final_job()

    async def publish(self) -> None:
        """Call the callback if the status has changed since the last call, or after every poll."""
        if self.job is None or not self._is_unpublished:
            return
        self.published, self.is_confirmed = self.job.status, False
        if self.options.callback is not None:
            async with self.before_deadline():
                await call_back(self.options.callback, self.job)

    @asynccontextmanager
    async def before_deadline(self) -> AsyncGenerator[None, None]:
        """Cancel the block at the deadline.

        Raises:
            WaitTimeoutError: The block was cancelled.
        """
        timeout = asyncio.timeout_at(self.deadline)
        try:
            async with timeout:
                yield
        except TimeoutError:
            if not timeout.expired():
                raise
            raise self._timeout_error() from None

    def final_job(self) -> J:
        """Return the job, whose status is final.

        Raises:
            JobFailedError: The job failed.
        """
        assert self.job is not None  # noqa: S101  (its status is final)
        if self.job.status not in self.kind.failed or not self.options.raise_failure:
            return self.job
        reason = _failure_reason(self.job)
        raise JobFailedError(
            f"The {self.kind.noun} {self.job_id} failed with status {self.job.status!r}: "
            f"{(reason or 'the API gives no reason').rstrip('.')}.",
            job=self.job,
            reason=reason,
        )

    def _timeout_error(self) -> WaitTimeoutError:
        last = "no poll succeeded" if self.job is None else f"the last status was {self.job.status!r}"
        reason = str(self.trouble).rstrip(".") or type(self.trouble).__name__
        trouble = "" if self.trouble is None else f"; the last poll failed: {reason}"
        return WaitTimeoutError(
            f"The {self.kind.noun} {self.job_id} was not finished after {self.options.timeout:g} s: {last}{trouble}. "
            "It may still finish: wait again.",
            job=self.job,
        )


def _failure_reason(job: Any) -> str | None:
    error = unstructure(getattr(job, "error", None) or job.extra.get("error") or job.extra.get("message"))
    if isinstance(error, dict):
        fields = cast("dict[str, Any]", error)
        error = fields.get("message") or fields
    return str(error) if error else None


async def poll_until_final(
    kind: JobKind,
    job_id: str,
    retrieve: Callable[[], Awaitable[J]],
    options: WaitOptions,
) -> J:
    """Poll one job that no list contains until its status is final.

    Args:
        kind: The kind of the job.
        job_id: The id of the job.
        retrieve: Retrieves the job.
        options: Options of the wait.

    Raises:
        JobFailedError: The job failed.
        WaitTimeoutError: The status was not final at the deadline.
        APIError: A poll failed, and so would the next one.
    """
    from tenacity import AsyncRetrying, retry_if_exception, retry_if_result

    wait: Wait[J] = Wait(kind, job_id, options)

    async def poll() -> J:
        job = await retrieve()
        wait.update(job)
        wait.confirm()
        return job

    async def publish(state: RetryCallState) -> None:  # not in `poll`, because failures of a callback are not retried
        wait.trouble = failure_of(state)
        await wait.publish()

    policy = AsyncRetrying(
        retry=retry_if_result(lambda job: not kind.is_final(job.status))
        | retry_if_exception(lambda error: may_poll_again(error, wait.age)),
        wait=lambda state: max(jittered(options.pause(wait.age)), pause_of(failure_of(state))),
        before_sleep=publish,
        sleep=asyncio.sleep,
        reraise=True,
    )
    async with wait.before_deadline(), wait.show():
        await policy(poll)
        await wait.publish()
    return wait.final_job()
