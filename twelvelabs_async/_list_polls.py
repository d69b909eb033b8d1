"""Strategies that read the states of many jobs from a list.

A list poll publishes what the list reports, and returns the ids of the jobs to retrieve one by one. Of the jobs that it
missed, it returns at most as many as it has read pages. A poll so costs at most twice the pages of its list.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from typing import Final, Generic, Protocol, TypeAlias, TypeVar

from attrs import define, frozen

from ._jobs import DatedJob, JobKind, ListedJob
from ._pagination import AsyncPager
from .errors import BadRequestError
from .options import MAX_PAGE_LIMIT

J = TypeVar("J", bound=ListedJob)
J_co = TypeVar("J_co", bound=ListedJob, covariant=True)
D = TypeVar("D", bound=DatedJob)

Publish: TypeAlias = Callable[[J], object]

RETRIEVED_SINGLY: Final = 3
"""Up to this number of jobs are retrieved one by one, which is cheaper than reading a list."""
POLLS_BEFORE_FULL_READ: Final = 5
"""At least this number of incremental polls lies between two complete reads of a list."""


@frozen(kw_only=True)
class Wanted:
    """The jobs that a list poll looks for.

    Attributes:
        kind: The kind of the jobs.
        job_ids: All jobs, those first that are due for a retrieval.
        new_ids: Jobs that no list poll has looked for before.
        final_only: True if only final statuses matter, because no wait has a callback.
    """

    kind: JobKind
    job_ids: Collection[str]
    new_ids: Collection[str]
    final_only: bool


class ListPoll(Protocol[J_co]):
    """A strategy."""

    async def poll(self, wanted: Wanted, publish: Publish[J_co]) -> list[str]:
        """Read the list and publish its jobs; return the ids of those to retrieve."""
        ...


@frozen
class PollById(Generic[J]):
    """Polls a list that accepts ids as a filter.

    Attributes:
        list_by_ids: Lists the jobs with these ids, at most a page of them.
    """

    list_by_ids: Callable[[Sequence[str]], AsyncPager[J]]

    async def poll(self, wanted: Wanted, publish: Publish[J]) -> list[str]:
        """Read the jobs in batches of the largest page."""
        job_ids = list(wanted.job_ids)
        missed = dict.fromkeys(job_ids)
        batches = [job_ids[start : start + MAX_PAGE_LIMIT] for start in range(0, len(job_ids), MAX_PAGE_LIMIT)]
        for batch in batches:
            with suppress(BadRequestError):  # one invalid id fails a whole batch; single retrievals find out which
                _publish_page(await self.list_by_ids(batch), publish, missed)
        return _first_of(missed, len(batches))


@frozen
class PollSummaries(Generic[J]):
    """Polls a list of the newest jobs, which lacks the results of finished jobs.

    A finished job is retrieved by itself, which is one request for each job in total.

    Attributes:
        list_newest: Lists all jobs.
    """

    list_newest: Callable[[], AsyncPager[J]]

    async def poll(self, wanted: Wanted, publish: Publish[J]) -> list[str]:
        """Read pages until they have shown all jobs but a few."""
        finished: list[str] = []
        missed = dict.fromkeys(wanted.job_ids)

        def publish_unfinished(job: J) -> None:
            if not wanted.kind.is_final(job.status):
                publish(job)
            elif job.id in wanted.job_ids:
                finished.append(job.id)

        pages = await _read_until_found(self.list_newest(), publish_unfinished, missed)
        return [*finished, *_first_of(missed, pages)]


@define(eq=False)
class PollUpdates(Generic[D]):
    """Polls a list that can be sorted by ``updated_at`` and filtered by status.

    A poll reads the updates since the last poll: back to the watermark, and half a page further, because clocks differ
    and pages shift. New jobs are read by ``created_at``. From time to time all jobs are, because no page of the
    reference promises that ``updated_at`` changes with every status.

    Attributes:
        list_newest: Lists jobs with the latest first; takes ``sort_by`` and ``status``.
        watermark: The newest ``updated_at`` that a poll has covered. ``None`` before the first poll, which need not
            read old updates; empty if the list was empty then, so that the next poll reads every update.
        polls_before_full_read: Number of incremental polls before all jobs are read again.
    """

    list_newest: Callable[..., AsyncPager[D]]
    watermark: str | None = None
    polls_before_full_read: int = 0

    async def poll(self, wanted: Wanted, publish: Publish[D]) -> list[str]:
        """Read the updates, then the jobs that the updates do not show."""
        is_full = self.polls_before_full_read <= 0
        missed = dict.fromkeys(wanted.job_ids if is_full else wanted.new_ids)
        await self._read_updates(sorted(wanted.kind.final) if wanted.final_only else None, publish, missed)
        pages = 0
        if len(missed) > 1:
            pages = await _read_until_found(self.list_newest(sort_by="created_at"), publish, missed)
        self.polls_before_full_read = max(pages, POLLS_BEFORE_FULL_READ) if is_full else self.polls_before_full_read - 1
        return _first_of(missed, pages)

    async def _read_updates(self, status: list[str] | None, publish: Publish[D], missed: dict[str, None]) -> None:
        newest = self.watermark or ""
        page: AsyncPager[D] | None = await self.list_newest(sort_by="updated_at", status=status)
        while page is not None:
            _publish_page(page, publish, missed)
            # Timestamps of one time zone sort as text.
            times = [str(job.updated_at) for job in _usable_items(page) if job.updated_at]
            newest = max([newest, *times])
            if self.watermark is None or not times or times[len(times) // 2] <= self.watermark:
                break
            page = await page.next_page()
        self.watermark = newest


async def _read_until_found(pager: AsyncPager[J], publish: Publish[J], missed: dict[str, None]) -> int:
    """Read a list until few of *missed* remain; return the number of pages."""
    pages = 0
    page: AsyncPager[J] | None = await pager
    while page is not None:
        pages, before = pages + 1, len(missed)
        _publish_page(page, publish, missed)
        # Single retrievals are cheaper than a page that shows nothing new.
        if len(missed) <= RETRIEVED_SINGLY or before == len(missed) <= pages:
            break
        page = await page.next_page()
    return pages


def _publish_page(page: AsyncPager[J], publish: Publish[J], missed: dict[str, None]) -> None:
    for job in _usable_items(page):
        missed.pop(job.id, None)
        publish(job)


def _usable_items(page: AsyncPager[J]) -> Iterator[J]:
    """Yield the items with an id; a response may contain others."""
    return (item for item in page.items or () if isinstance(getattr(item, "id", None), str))


def _first_of(missed: dict[str, None], pages: int) -> list[str]:
    return list(missed)[: max(pages, RETRIEVED_SINGLY)]
