"""One poller for many waits: it reads a list instead of retrieving every job."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from ._failures import may_poll_again
from ._jobs import JobKind, ListedJob
from ._list_polls import RETRIEVED_SINGLY, ListPoll, Wanted
from ._retry import log, pause_of
from ._waiting import Wait, WaitOptions, jittered
from .errors import APIError, APIResponseError, TooManyRequestsError

if TYPE_CHECKING:
    from tenacity import RetryCallState

J = TypeVar("J", bound=ListedJob)

RETRIEVE_CONCURRENCY: Final = 10


class SharedPoller(Generic[J]):
    """Polls the jobs of all waits on one list, until the last wait ends.

    Args:
        kind: The kind of the jobs.
        retrieve: Retrieves one job.
        list_poll: Reads the list.
    """

    def __init__(self, kind: JobKind, retrieve: Callable[[str], Awaitable[J]], list_poll: ListPoll[J]) -> None:
        self._kind = kind
        self._retrieve = retrieve
        self._list_poll = list_poll
        self._waits: dict[str, tuple[Wait[J], ...]] = {}
        self._task: asyncio.Task[bool] | None = None
        self._next_poll_at = 0.0
        self._paused_until = 0.0
        self._next_poll_is_earlier = asyncio.Event()

    async def wait(self, job_id: str, options: WaitOptions) -> J:
        """Return the job as soon as its status is final.

        Raises:
            JobFailedError: The job failed.
            WaitTimeoutError: The status was not final in time.
            APIError: A poll failed, and so would the next one.
        """
        wait: Wait[J] = Wait(self._kind, job_id, options)
        timer = asyncio.get_running_loop().call_at(wait.deadline, wait.expire)
        self._add(wait)
        try:
            async with wait.show():
                return await wait.result()
        finally:
            timer.cancel()
            await self._discard(wait)

    def _add(self, wait: Wait[J]) -> None:
        self._waits[wait.job_id] = (*self._waits.get(wait.job_id, ()), wait)
        if self._task is None:
            self._task = asyncio.create_task(self._poll_while_waits_remain())
        elif (poll_at := wait.changed_at + wait.options.interval) < self._next_poll_at:
            self._next_poll_at = poll_at
            self._next_poll_is_earlier.set()

    async def _discard(self, wait: Wait[J]) -> None:
        others = tuple(other for other in self._waits[wait.job_id] if other is not wait)
        if others:
            self._waits[wait.job_id] = others
        else:
            del self._waits[wait.job_id]
        if not self._waits and self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            await asyncio.wait([task])  # no request of the poller outlives the last wait

    def _all(self) -> Iterator[Wait[J]]:
        return chain.from_iterable(self._waits.values())

    async def _poll_while_waits_remain(self) -> bool:
        from tenacity import AsyncRetrying, retry_if_result

        policy = AsyncRetrying(retry=retry_if_result(bool), wait=self._schedule, sleep=self._sleep, reraise=True)
        return await policy(self._poll_once)

    async def _poll_once(self) -> bool:
        """Poll all jobs; return whether waits remain."""
        try:
            await self._retrieve_each(await self._poll_list())
        except Exception as error:  # each wait has to raise it, or it would wait for ever
            self._record_failure(list(self._waits), error)
            self._paused_until = asyncio.get_running_loop().time() + pause_of(error)
        for wait in self._all():
            wait.confirm()
        return bool(self._waits)

    async def _poll_list(self) -> list[str]:
        """Read the list if that is cheaper; return the ids of the jobs to retrieve."""
        if len(self._waits) <= RETRIEVED_SINGLY:
            return list(self._waits)
        new = [wait for wait in self._all() if not wait.was_sought]
        wanted = Wanted(
            kind=self._kind,
            job_ids=dict.fromkeys(self._waits),
            new_ids=[wait.job_id for wait in new],
            final_only=all(wait.options.callback is None for wait in self._all()),
        )
        try:
            missed = await self._list_poll.poll(wanted, lambda job: self._publish(job.id, job))
        except APIResponseError as error:  # each job may still be retrieved
            log.info("list poll of the kind %r failed: %s", self._kind.noun, error)
            return list(self._waits)
        for wait in new:
            wait.was_sought = True
        unknown = [wait.job_id for wait in self._all() if wait.job is None][:RETRIEVED_SINGLY]
        return list(dict.fromkeys([*missed, *unknown]))

    async def _retrieve_each(self, job_ids: list[str]) -> None:
        pending = (job_id for job_id in job_ids)
        failures: list[Exception] = []

        async def retrieve_pending() -> None:
            for job_id in pending:
                if job_id not in self._waits:
                    continue
                self._waits[job_id] = self._waits.pop(job_id)  # to the end, because the first ones are retrieved next
                try:
                    self._publish(job_id, await self._retrieve(job_id))
                except Exception as error:
                    if isinstance(error, APIError) and not isinstance(error, TooManyRequestsError):
                        self._record_failure([job_id], error)
                    else:  # the failure concerns all jobs: finish the requests in flight, and send no others
                        failures.append(error)
                        pending.close()

        async with asyncio.TaskGroup() as group:
            for _ in range(min(RETRIEVE_CONCURRENCY, len(job_ids))):
                group.create_task(retrieve_pending())
        if failures:
            raise failures[0]

    def _publish(self, job_id: str, job: J) -> None:
        """Update the waits for a job."""
        for wait in self._waits.get(job_id, ()):
            try:
                wait.update(job)
            except APIResponseError as error:
                wait.fail(error)

    def _record_failure(self, job_ids: Collection[str], error: Exception) -> None:
        """Record a failed poll of jobs; end their waits if the failure is permanent."""
        log.info("poll of %d jobs of the kind %r failed: %s", len(job_ids), self._kind.noun, error)
        for wait in chain.from_iterable(self._waits.get(job_id, ()) for job_id in job_ids):
            wait.trouble = error
            if not may_poll_again(error, wait.age):
                wait.fail(_copy_of(error))

    def _schedule(self, _: RetryCallState) -> float:
        """Schedule the next poll; return the seconds until then."""
        now = asyncio.get_running_loop().time()
        pause = min((wait.options.pause(now - wait.changed_at) for wait in self._all()), default=0.0)
        self._next_poll_at = now + jittered(pause)
        return pause

    async def _sleep(self, _: float) -> None:
        """Sleep until the next poll. A new wait with a shorter interval hastens it."""
        loop = asyncio.get_running_loop()
        while (poll_at := max(self._next_poll_at, self._paused_until)) > loop.time():
            self._next_poll_is_earlier.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(poll_at):
                    await self._next_poll_is_earlier.wait()


def _copy_of(error: Exception) -> Exception:
    """Return a copy of *error*, so that each wait raises one of its own.

    The error itself is returned if its class has other constructor arguments than its text, so that copying fails.
    """
    try:
        copied = copy.copy(error)
    except Exception:
        return error
    copied.__cause__ = error.__cause__
    return copied
