"""Waiting for jobs: the engine of every ``wait_until_ready``, and one poller shared by many waits."""

from __future__ import annotations

import asyncio
import inspect
import logging
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar, cast

from attrs import define, field, frozen

from ._pagination import AsyncPager
from .errors import APIError, JobFailedError, NotFoundError, Repeat, WaitTimeoutError
from .options import MAX_PAGE_LIMIT, RequestOptions

log: Final = logging.getLogger("twelvelabs_async")

DEFAULT_TIMEOUT: Final = 3600.0
DEFAULT_INTERVAL: Final = 1.0
LONGEST_INTERVAL: Final = 30.0
GRACE: Final = 30.0
"""Seconds in which a job that was just created may still be unknown to the server that is asked about it."""
FEW: Final = 3
"""Up to so many jobs are asked for one by one: that is cheaper than reading a list."""


class Status(Protocol):
    """Anything with a status, and what else the API says of it."""

    @property
    def status(self) -> str | None: ...

    @property
    def extra(self) -> Mapping[str, Any]: ...


class Entry(Status, Protocol):
    """An entry of a list of jobs."""

    @property
    def id(self) -> str: ...


F = TypeVar("F")
T = TypeVar("T", bound=Status)
S = TypeVar("S", bound=Entry)

Callback: TypeAlias = Callable[[F], object]


@frozen
class Job:
    """A kind of job, and which of its states are final; a state that is not known here goes on being polled."""

    noun: str
    done: frozenset[str] = frozenset({"ready"})
    failed: frozenset[str] = frozenset({"failed"})


# docs: the status of each object.
ASSET: Final = Job("asset")
INDEXED_ASSET: Final = Job("indexed asset")
TRANSCRIPTION: Final = Job("transcription of asset")
UPLOAD: Final = Job("upload", done=frozenset({"completed"}), failed=frozenset({"failed", "expired"}))


def interval_at(age: float, interval: float) -> float:
    """Seconds until the next look at a job of this *age*: ever longer, but never more than a 20th of its age late."""
    return min(max(interval, age / 20), max(interval, LONGEST_INTERVAL)) * random.uniform(0.9, 1.1)  # noqa: S311


def passes(error: BaseException, age: float) -> bool:
    """Whether *error*, met when looking at a job, may pass if one looks again."""
    if isinstance(error, NotFoundError):
        return age < GRACE
    return isinstance(error, APIError) and error.repeat is not Repeat.NEVER


async def wait_for_job(
    job: Job,
    job_id: str,
    look: Callable[[str | None], Awaitable[T]],
    *,
    timeout: float,
    interval: float,
    callback: Callback[T] | None,
) -> T:
    """Look at a job until it is finished.

    Args:
        job: What kind of job it is.
        job_id: Its id.
        look: Describes the job; takes its last known status, and may return only when that has changed.
        timeout: Seconds to wait at most.
        interval: Seconds between looks at first; 0 if *look* itself waits.
        callback: Called with the job whenever its status has changed; may be a coroutine function.

    Raises:
        JobFailedError: It failed.
        WaitTimeoutError: It was not finished in time.
        APIError: The job cannot be looked at, and that will not pass.
    """
    from tenacity import AsyncRetrying, RetryCallState

    if timeout <= 0 or interval < 0:
        raise ValueError("timeout must be above 0, and interval not below")
    began = time.monotonic()
    final = job.done | job.failed
    seen: T | None = None
    trouble: BaseException | None = None

    async def once() -> T:
        nonlocal seen
        before, seen = seen, await look(None if seen is None else seen.status)
        if callback is not None and (before is None or before.status != seen.status):
            result = callback(seen)
            if inspect.isawaitable(result):
                await result
        return seen

    def unfinished(state: RetryCallState) -> bool:
        nonlocal trouble
        assert state.outcome is not None
        trouble = state.outcome.exception()
        if trouble is not None:
            return passes(trouble, time.monotonic() - began)
        return state.outcome.result().status not in final

    def pause(state: RetryCallState) -> float:
        if trouble is None and not interval:
            return 0.0
        pause = interval_at(time.monotonic() - began, interval or DEFAULT_INTERVAL)
        return max(pause, getattr(trouble, "retry_after", None) or 0.0)

    deadline = asyncio.timeout(timeout)
    try:
        async with deadline:
            looking = AsyncRetrying(retry=unfinished, wait=pause, sleep=asyncio.sleep, reraise=True)
            found: T = await looking(once)
    except TimeoutError:
        if not deadline.expired():
            raise
        last = f"its status was last {seen.status!r}" if seen is not None else "nothing was heard of it"
        because = f"; the last look failed: {trouble}" if trouble is not None else ""
        raise WaitTimeoutError(
            f"The {job.noun} {job_id} was not ready after {timeout:g} s: {last}{because}. "
            "It may still become so: wait again.",
            job=seen,
        ) from None
    if found.status in job.failed:
        reason = _reason(found)
        raise JobFailedError(
            f"The {job.noun} {job_id} failed: {reason or 'the API gives no reason'}.", job=found, reason=reason
        )
    return found


def _reason(found: Any) -> str | None:
    error = getattr(found, "error", None) or found.extra.get("error") or found.extra.get("message")
    if isinstance(error, dict):
        fields = cast("dict[str, Any]", error)
        return str(fields.get("message") or fields)
    return None if error is None else str(getattr(error, "message", error))


Look: TypeAlias = Callable[[str | None], Awaitable[S]]
Tell: TypeAlias = Callable[[S], None]
Sweep: TypeAlias = Callable[[Collection[str], Collection[str], Tell[S]], Awaitable[Collection[str]]]
"""Reads a list and tells what it says of the jobs with these ids, the second of which nothing is known of yet.

Returns those it missed that are worth asking for one by one."""


@define(eq=False)
class _Watch(Generic[S]):
    """One wait: what is known of its job, and an event for news of it."""

    interval: float
    found: S | None = None
    error: Exception | None = None
    began: float = field(factory=time.monotonic)
    news: asyncio.Event = field(factory=asyncio.Event)

    async def look(self, status: str | None) -> S:
        """Return what is known of the job as soon as its status is no longer *status*."""
        while self.error is None and (self.found is None or self.found.status == status):
            self.news.clear()
            await self.news.wait()
        if self.error is not None:
            raise self.error
        assert self.found is not None
        return self.found

    def tell(self, found: S) -> None:
        if self.found is None or self.found.status != found.status:
            self.found, self.began = found, time.monotonic()
            self.news.set()

    def fail(self, error: Exception) -> None:
        self.error = error
        self.news.set()


class SharedPoller(Generic[S]):
    """One poller for many waits: it reads a list instead of asking for each job.

    Its task lives exactly as long as anybody waits.
    """

    def __init__(self, retrieve: Callable[[str], Awaitable[S]], sweep: Sweep[S]) -> None:
        self._retrieve = retrieve
        self._sweep = sweep
        self._watches: dict[str, list[_Watch[S]]] = {}
        self._task: asyncio.Task[None] | None = None
        self._joined = asyncio.Event()

    @property
    def is_watched(self) -> bool:
        """Whether anybody waits."""
        return bool(self._watches)

    @asynccontextmanager
    async def watching(self, job_id: str, interval: float) -> AsyncGenerator[Look[S], None]:
        """Watch a job for as long as the context lasts; gives a function that waits for news of it."""
        watch: _Watch[S] = _Watch(interval)
        self._watches.setdefault(job_id, []).append(watch)
        self._joined.set()
        if self._task is None:
            self._task = asyncio.create_task(self._poll())
        try:
            yield watch.look
        finally:
            self._watches[job_id].remove(watch)
            if not self._watches[job_id]:
                del self._watches[job_id]
            if not self._watches:
                task, self._task = self._task, None
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _poll(self) -> None:
        while True:
            began = time.monotonic()
            try:
                await self._look_around()
            except APIError as error:
                log.info("looking at %d jobs failed: %s", len(self._watches), error)
                if not passes(error, 0.0):
                    for job_id in self._watches:
                        self._fail(job_id, error)
                await asyncio.sleep(min(error.retry_after or 0.0, LONGEST_INTERVAL))
            while (rest := began + self._interval() - time.monotonic()) > 0:
                self._joined.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(rest):
                        await self._joined.wait()  # whoever joins may be in more of a hurry

    def _interval(self) -> float:
        now = time.monotonic()
        watches = (watch for watches in self._watches.values() for watch in watches)
        return min((interval_at(now - watch.began, watch.interval) for watch in watches), default=DEFAULT_INTERVAL)

    async def _look_around(self) -> None:
        missed: Collection[str] = list(self._watches)
        if len(missed) > FEW:
            new = [job_id for job_id, watches in self._watches.items() if any(watch.found is None for watch in watches)]
            missed = await self._sweep(missed, new, self._tell)
        for job_id in missed:
            try:
                self._tell(await self._retrieve(job_id))
            except NotFoundError as error:
                oldest = min((watch.began for watch in self._watches.get(job_id, ())), default=0.0)
                if not passes(error, time.monotonic() - oldest):
                    self._fail(job_id, error)

    def _tell(self, found: S) -> None:
        for watch in self._watches.get(found.id, ()):
            watch.tell(found)

    def _fail(self, job_id: str, error: Exception) -> None:
        for watch in self._watches.get(job_id, ()):
            watch.fail(error)


Pollers: TypeAlias = dict[tuple[object, ...], SharedPoller[S]]
"""The pollers at work, by event loop, list and settings."""


async def wait_with_others(
    pollers: Pollers[S],
    job: Job,
    place: tuple[str, ...],
    job_id: str,
    make: Callable[[], SharedPoller[S]],
    *,
    timeout: float,
    interval: float,
    callback: Callback[S] | None,
    options: RequestOptions | None,
) -> S:
    """Wait for a job with the poller of its *place*, made if nobody else waits there; as `wait_for_job` otherwise."""
    key = (asyncio.get_running_loop(), *place, repr(options))
    poller = pollers.get(key) or pollers.setdefault(key, make())
    try:
        async with poller.watching(job_id, interval) as look:
            return await wait_for_job(job, job_id, look, timeout=timeout, interval=0, callback=callback)
    finally:
        if not poller.is_watched:
            pollers.pop(key, None)


def sweep_ids(list_ids: Callable[[Sequence[str]], AsyncPager[S]]) -> Sweep[S]:
    """Sweep a list that can be asked for up to 50 ids at once."""

    async def sweep(ids: Collection[str], new: Collection[str], tell: Tell[S]) -> Collection[str]:
        missed = set(ids)
        ordered = sorted(ids)
        for start in range(0, len(ordered), MAX_PAGE_LIMIT):
            async for found in list_ids(ordered[start : start + MAX_PAGE_LIMIT]):
                missed.discard(found.id)
                tell(found)
        return missed

    return sweep


def sweep_newest_first(list_by: Callable[[str], AsyncPager[S]]) -> Sweep[S]:
    """Sweep a list that can be sorted by ``updated_at`` or ``created_at``, newest first.

    A sweep reads what was updated last, down to a page that holds nothing new. Since nothing proves that ``updated_at``
    moves with every change, one by ``created_at`` that reads on until it has seen every job comes now and then, so
    rarely that it costs about one request a sweep.
    """
    known: dict[str, str | None] = {}
    until_full = 0

    async def sweep(ids: Collection[str], new: Collection[str], tell: Tell[S]) -> Collection[str]:
        nonlocal known, until_full
        full = until_full <= 0
        missed, pages = set(ids if full else new), 0
        seen: dict[str, str | None] = {}
        for order in ("created_at",) if full else ("updated_at", "created_at"):
            if order == "created_at" and len(missed) <= FEW and not full:
                break  # asking for them is cheaper
            async for page in list_by(order).iter_pages():
                pages += 1
                items = page.items or []
                for found in items:
                    missed.discard(found.id)
                    seen[found.id] = found.status
                    tell(found)
                nothing_new = all(known.get(found.id) == found.status for found in items)
                if nothing_new if order == "updated_at" else not missed:
                    break
        known = seen if full else known | seen
        until_full = max(pages, 5) if full else until_full - 1
        return sorted(missed)[: max(pages, FEW)]

    return sweep
