"""Waiting for jobs: the engine of every ``wait_until_ready``, and one poller shared by many waits."""

from __future__ import annotations

import asyncio
import inspect
import logging
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import partial
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar, cast

from attrs import define, field, frozen

from ._failures import may_poll_again
from ._pagination import AsyncPager
from ._retry import pause_of
from .errors import (
    APIError,
    BadRequestError,
    JobFailedError,
    TooManyRequestsError,
    WaitTimeoutError,
)
from .models._wire import unstructure
from .options import MAX_PAGE_LIMIT, RequestOptions

log: Final = logging.getLogger("twelvelabs_async")

DEFAULT_TIMEOUT: Final = 3600.0
DEFAULT_INTERVAL: Final = 1.0
LONGEST_INTERVAL: Final = 30.0
GRACE: Final = 30.0
"""Seconds in which a job that was just created may still be unknown to the server that is asked about it."""
FEW: Final = 3
"""Up to so many jobs are asked for one by one: that is cheaper than reading a list."""
ASKED_AT_ONCE: Final = 10


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


class DatedEntry(Entry, Protocol):
    """An entry that says when it last changed."""

    @property
    def updated_at(self) -> str | datetime | None: ...


F = TypeVar("F")
T = TypeVar("T", bound=Status)
S = TypeVar("S", bound=Entry)
S_co = TypeVar("S_co", bound=Entry, covariant=True)
U = TypeVar("U", bound=DatedEntry)

Callback: TypeAlias = Callable[[F], object]


@frozen
class Job:
    """A kind of job, and which of its states are final; a state that is not known here goes on being polled."""

    noun: str
    done: frozenset[str] = frozenset({"ready"})
    failed: frozenset[str] = frozenset({"failed"})

    @property
    def final(self) -> frozenset[str]:
        """The states it stays in."""
        return self.done | self.failed


# docs: the status of each object.
ASSET: Final = Job("asset")
INDEXED_ASSET: Final = Job("indexed asset")
TRANSCRIPTION: Final = Job("transcription of asset")
VIDEO_INDEXING_TASK: Final = Job("video indexing task")
EMBEDDING_TASK: Final = Job("embedding task")
ANALYZE_TASK: Final = Job("analyze task", failed=frozenset({"failed", "canceled"}))
ANALYZE_BATCH: Final = Job("batch", done=frozenset({"completed"}), failed=frozenset({"canceled", "expired"}))
KNOWLEDGE_STORE_ITEM: Final = Job("knowledge-store item")
IMPORT: Final = Job("import", failed=frozenset())
UPLOAD: Final = Job("upload", done=frozenset({"completed"}), failed=frozenset({"failed", "expired"}))


def interval_at(age: float, interval: float) -> float:
    """Seconds until the next look at a job of this *age*: ever longer, but never more than a 20th of its age late."""
    return min(max(interval, age / 20), max(interval, LONGEST_INTERVAL)) * random.uniform(0.9, 1.1)  # noqa: S311


def check_wait(timeout: float, interval: float | None, callback: object) -> None:
    """Complain of a wait that cannot be: what creates a job to wait for asks before that.

    Raises:
        ValueError: A time is not above 0.
        TypeError: The callback cannot be called.
    """
    if not (timeout > 0 and (interval is None or interval > 0)):
        raise ValueError(f"timeout and interval must be above 0, not {timeout} and {interval}")
    if callback is not None and not callable(callback):
        raise TypeError(f"callback must be a function, not {callback!r}")


async def wait_for_job(
    job: Job,
    job_id: str,
    look: Callable[[], Awaitable[T]],
    *,
    timeout: float,
    interval: float | None,
    callback: Callback[T] | None,
    every_look: bool = False,
) -> T:
    """Look at a job until it is finished.

    Args:
        job: What kind of job it is.
        job_id: Its id.
        look: Describes the job.
        timeout: Seconds to wait at most.
        interval: Seconds between looks at first; ``None`` if *look* itself waits for news.
        callback: Called with the job whenever its status has changed; may be a coroutine function.
        every_look: Whether it is called after every look.

    Raises:
        JobFailedError: It failed.
        WaitTimeoutError: It was not finished in time.
        APIError: The job cannot be looked at, and that will not pass.
    """
    from tenacity import AsyncRetrying, RetryCallState

    check_wait(timeout, interval, callback)
    began = time.monotonic()
    seen: T | None = None
    looking = True
    trouble: BaseException | None = None

    async def once() -> T:
        nonlocal seen, looking
        looking = True
        before, seen = seen, await look()
        looking = False
        if callback is not None and (every_look or before is None or before.status != seen.status):
            result = callback(seen)
            if inspect.isawaitable(result):
                await result
        return seen

    def unfinished(state: RetryCallState) -> bool:
        nonlocal trouble
        trouble = state.outcome.exception() if state.outcome else None
        if trouble is not None:
            return looking and may_poll_again(trouble, time.monotonic() - began)  # else it is the callback's own
        return seen is None or seen.status not in job.final

    def pause(state: RetryCallState) -> float:
        if trouble is None and interval is None:
            return 0.0
        pause = interval_at(time.monotonic() - began, interval or DEFAULT_INTERVAL)
        return max(pause, pause_of(trouble))

    deadline = asyncio.timeout(timeout)
    try:
        async with deadline:
            policy = AsyncRetrying(retry=unfinished, wait=pause, sleep=asyncio.sleep, reraise=True)
            found: T = await policy(once)
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
            f"The {job.noun} {job_id} failed, its status is {found.status!r}: {reason or 'the API gives no reason'}.",
            job=found,
            reason=reason,
        )
    return found


def _reason(found: Any) -> str | None:
    error = unstructure(getattr(found, "error", None) or found.extra.get("error") or found.extra.get("message"))
    if isinstance(error, dict):
        fields = cast("dict[str, Any]", error)
        error = fields.get("message") or fields
    return str(error) if error else None


Look: TypeAlias = Callable[[], Awaitable[S]]
Tell: TypeAlias = Callable[[S], Awaitable[None]]


class Sweep(Protocol[S_co]):
    """Reads a list and tells what it says of jobs."""

    async def __call__(
        self, ids: Collection[str], tell: Tell[S_co], *, new: Collection[str], only_final: bool
    ) -> Collection[str]:
        """Sweep.

        Args:
            ids: The jobs.
            tell: Takes what the list says of a job.
            new: Those of them that no sweep has sought before.
            only_final: Whether nobody cares for states that are not final.

        Returns:
            The jobs it missed that are worth asking for one by one.
        """
        ...


@define(eq=False)
class _Watch(Generic[S]):
    """One wait: what is known of its job, and an event for news of it."""

    job_id: str
    interval: float
    only_final: bool
    found: S | None = None
    told: S | None = None
    error: Exception | None = None
    sought: bool = False
    changed_at: float = field(factory=time.monotonic)
    news: asyncio.Event = field(factory=asyncio.Event)

    @property
    def age(self) -> float:
        """Seconds since the status changed, or since the wait began."""
        return time.monotonic() - self.changed_at

    async def look(self) -> S:
        """Return what is known of the job as soon as there is news of it."""
        while self.error is None:
            if self.found is not self.told and self.found is not None:
                self.told = self.found
                return self.found
            self.news.clear()
            await self.news.wait()
        raise self.error.with_traceback(None)  # many waits may raise it

    def tell(self, found: S) -> bool:
        """Take note of *found*; return whether it is news."""
        is_news = self.found is None or self.found.status != found.status
        if is_news:
            self.found, self.changed_at = found, time.monotonic()
            self.news.set()
        return is_news

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
        self._due = 0.0
        self._hurry = asyncio.Event()

    @property
    def is_watched(self) -> bool:
        """Whether anybody waits."""
        return bool(self._watches)

    @asynccontextmanager
    async def watching(self, job_id: str, interval: float, *, only_final: bool) -> AsyncGenerator[Look[S], None]:
        """Watch a job for as long as the context lasts; gives a function that waits for news of it."""
        watch: _Watch[S] = _Watch(job_id, interval, only_final)
        self._watches.setdefault(job_id, []).append(watch)
        due = time.monotonic() + interval_at(0.0, interval)
        if due < self._due:
            self._due = due
            self._hurry.set()
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
            pause = 0.0
            try:
                await self._look_around()
            except Exception as error:  # whatever it is, those who wait have to hear of it
                self._blame(self._watches, error)
                pause = pause_of(error)
            now = time.monotonic()
            self._due = now + min(
                (interval_at(watch.age, watch.interval) for watch in self._all()), default=DEFAULT_INTERVAL
            )
            while (rest := max(self._due, now + pause) - time.monotonic()) > 0:
                self._hurry.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(rest):
                        await self._hurry.wait()  # until somebody joins who is in more of a hurry

    async def _look_around(self) -> None:
        asked: Collection[str] = list(self._watches)
        if len(asked) > FEW:
            new = [watch for watch in self._all() if not watch.sought]
            missed = await self._sweep(
                asked,
                lambda found: self._tell(found.id, found),
                new=[watch.job_id for watch in new],
                only_final=all(watch.only_final for watch in self._all()),
            )
            for watch in new:
                watch.sought = True
            unknown = [watch.job_id for watch in self._all() if watch.found is None]
            asked = dict.fromkeys([*missed, *unknown[:FEW]])
        await self._ask(asked)

    async def _ask(self, job_ids: Collection[str]) -> None:
        """Ask for jobs one by one, some at once."""
        waiting = iter(job_ids)
        trouble: list[Exception] = []

        async def work() -> None:
            for job_id in waiting:
                if trouble or job_id not in self._watches:
                    continue
                self._watches[job_id] = self._watches.pop(job_id)  # at the back of the queue: everybody's turn comes
                try:
                    await self._tell(job_id, await self._retrieve(job_id))
                except Exception as error:
                    if isinstance(error, APIError) and not isinstance(error, TooManyRequestsError):
                        self._blame([job_id], error)
                    else:  # it is not about this job
                        trouble.append(error)

        await asyncio.gather(*(work() for _ in range(min(ASKED_AT_ONCE, len(job_ids)))))
        if trouble:
            raise trouble[0]

    def _all(self) -> Iterator[_Watch[S]]:
        return (watch for watches in self._watches.values() for watch in watches)

    async def _tell(self, job_id: str, found: S) -> None:
        news = [watch.tell(found) for watch in self._watches.get(job_id, ())]
        if any(news):
            await asyncio.sleep(0)  # else all that a page has news for would go on in one moment, and block the loop

    def _blame(self, job_ids: Collection[str], error: Exception) -> None:
        """Fail the waits for these jobs, unless *error* may pass."""
        log.info("looking at %d jobs failed: %s", len(job_ids), error)
        for job_id in job_ids:
            for watch in self._watches.get(job_id, ()):
                if not may_poll_again(error, watch.age):
                    watch.fail(error)


async def wait_with_others(
    pollers: dict[tuple[object, ...], SharedPoller[S]],
    job: Job,
    place: tuple[str, ...],
    job_id: str,
    poller: SharedPoller[S],
    timeout: float,
    interval: float,
    callback: Callback[S] | None,
    options: RequestOptions | None,
) -> S:
    """Wait for a job with *poller*, or with the one that others wait with in its *place*; else like `wait_for_job`.

    The *pollers* at work stand by event loop, place and settings.
    """
    check_wait(timeout, interval, callback)
    key = (asyncio.get_running_loop(), *place, repr(options))
    poller = pollers.setdefault(key, poller)
    try:
        async with poller.watching(job_id, interval, only_final=callback is None) as look:
            return await wait_for_job(job, job_id, look, timeout=timeout, interval=None, callback=callback)
    finally:
        if not poller.is_watched and pollers.get(key) is poller:
            del pollers[key]


def sweep_ids(list_ids: Callable[[Sequence[str]], AsyncPager[S]]) -> Sweep[S]:
    """Sweep a list that can be asked for up to 50 ids at once."""

    async def sweep(ids: Collection[str], tell: Tell[S], *, new: Collection[str], only_final: bool) -> Collection[str]:
        ordered = list(ids)
        missed = dict.fromkeys(ordered)
        starts = range(0, len(ordered), MAX_PAGE_LIMIT)
        for start in starts:
            # One impossible id spoils the answer for all; asking one by one tells whose it is.
            with suppress(BadRequestError):
                async for found in list_ids(ordered[start : start + MAX_PAGE_LIMIT]):
                    missed.pop(found.id, None)
                    await tell(found)
        return list(missed)[: max(len(starts), FEW)]

    return sweep


async def _read(pager: AsyncPager[S], missed: dict[str, None], tell: Tell[S]) -> int:
    """Read a list until it has shown all but a few of *missed*, or to ask for these one by one is cheaper.

    Returns:
        How many pages that took.
    """
    pages = 0
    async for page in pager.iter_pages():
        pages, before = pages + 1, len(missed)
        for found in page.items or ():
            missed.pop(found.id, None)
            await tell(found)
        if len(missed) <= FEW or before == len(missed) <= pages:
            break
    return pages


def sweep_in_part(job: Job, list_jobs: Callable[[], AsyncPager[S]]) -> Sweep[S]:
    """Sweep a list that shows the newest jobs first, and not all that there is to say of one that is done.

    What is done is asked for one by one, which is one request for each job in all.
    """

    async def sweep(ids: Collection[str], tell: Tell[S], *, new: Collection[str], only_final: bool) -> Collection[str]:
        wanted, missed = frozenset(ids), dict.fromkeys(ids)
        done: list[str] = []

        async def note(found: S) -> None:
            if found.status not in job.final:
                await tell(found)
            elif found.id in wanted:
                done.append(found.id)

        pages = await _read(list_jobs(), missed, note)
        return [*done, *list(missed)[: max(pages, FEW)]]

    return sweep


def sweep_newest_first(job: Job, list_jobs: Callable[..., AsyncPager[U]]) -> Sweep[U]:
    """Sweep a list that can be sorted by ``updated_at`` or ``created_at``, newest first, and filtered by status.

    A sweep reads what was updated since the last one began, and half a page more, since clocks differ and pages shift.
    What that does not show is sought by ``created_at``: jobs that are new to the poller, and now and then every job,
    because nothing proves that ``updated_at`` moves with every change; so rarely that it costs about a request a sweep.
    """
    list_newest = partial(list_jobs, sort_option="desc", page_limit=MAX_PAGE_LIMIT)
    mark: str | None = None
    until_full = 0

    async def sweep(ids: Collection[str], tell: Tell[U], *, new: Collection[str], only_final: bool) -> Collection[str]:
        nonlocal mark, until_full
        full = until_full <= 0
        missed = dict.fromkeys(ids if full else new)

        async def read(page: AsyncPager[U]) -> list[str]:
            items = page.items or []
            for found in items:
                missed.pop(found.id, None)
                await tell(found)
            return [str(found.updated_at or "") for found in items]  # as texts, moments of one zone are in order, too

        newest: str | None = None
        status = sorted(job.final) if only_final else None
        async for page in list_newest(sort_by="updated_at", status=status).iter_pages():
            times = await read(page)
            newest = max(times, default="") if newest is None else newest
            if mark is None or not times or times[len(times) // 2] <= mark:
                break
        mark = newest or mark or ""
        pages = await _read(list_newest(sort_by="created_at"), missed, tell) if len(missed) > 1 else 0
        until_full = max(pages, 5) if full else until_full - 1
        return list(missed)[: max(pages, FEW)]

    return sweep
