"""What a bulk run would do, found out without doing it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Final

from attrs import define, field

from .._files import media_type_of
from ._journal import Entry, look_up
from ._preflight import DOCUMENTS, IMAGES, examine
from ._sources import Item

AT_ONCE: Final = 8
MOST_SKIPPED: Final = 1000


@define
class Plan:
    """What a bulk run would do; ``print`` it.

    Attributes:
        files: Number of files to upload.
        seconds: Their length together, as far as their headers tell.
        bytes: Their size together.
        unknown: Number of those whose length nothing tells; images and documents have none.
        urls: Number of URLs for the platform to fetch.
        assets: Number of sources that are assets already.
        skipped: Sources that would not be indexed and why, at most 1,000: they are beyond a limit, cannot be read, or
            had their end in an earlier run.
        more_skipped: Number of those that are too many for *skipped*.
    """

    files: int = 0
    seconds: float = 0.0
    bytes: int = 0
    unknown: int = 0
    urls: int = 0
    assets: int = 0
    skipped: list[tuple[str, str]] = field(factory=list[tuple[str, str]])
    more_skipped: int = 0

    def __str__(self) -> str:
        unknown = f" and {self.unknown:,} of unknown length" if self.unknown else ""
        parts = [
            f"{_count(self.files, 'file')}, {self.seconds / 60:,.1f} minutes{unknown}, {_size(self.bytes)} to upload"
        ]
        if self.urls:
            parts.append(_count(self.urls, "URL"))
        if self.assets:
            parts.append(f"{_count(self.assets, 'asset')} already there")
        if self.skipped:
            parts.append(f"{len(self.skipped) + self.more_skipped:,} skipped:")
        lines = [f"  {source}: {reason}" for source, reason in self.skipped]
        if self.more_skipped:
            lines.append(f"  and {self.more_skipped:,} more")
        return "\n".join(["; ".join(parts), *lines])


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _size(number: float) -> str:
    for unit in ("kB", "MB", "GB"):
        number /= 1000
        if number < 1000:
            return f"{number:,.1f} {unit}"
    return f"{number / 1000:,.1f} TB"


async def make_plan(
    items: AsyncGenerator[Item, None], models: Sequence[str], journal: str | os.PathLike[str] | None, job: str
) -> Plan:
    """Look at all items, some at once.

    Args:
        items: What the run would work on.
        models: The models that it is for.
        journal: What an earlier run remembers, if there was one.
        job: The job of that journal.

    Raises:
        ValueError: The journal is another job's.
        JournalError: The journal cannot be read.
        Exception: Whatever reading the sources raises.
    """
    plan = Plan()
    async with aclosing(_batches(items)) as batches:
        async for batch in batches:
            entries: Sequence[Entry | None] = [None] * len(batch)
            if journal is not None:
                entries = await asyncio.to_thread(look_up, journal, job, [item.key for item in batch])
            looks = [asyncio.to_thread(_look, *both, models) for both in zip(batch, entries, strict=True)]
            for look in await asyncio.gather(*looks):
                _add(plan, look)
    return plan


async def _batches(items: AsyncGenerator[Item, None]) -> AsyncGenerator[list[Item], None]:
    batch: list[Item] = []
    async with aclosing(items):
        async for item in items:
            batch.append(item)
            if len(batch) == AT_ONCE:
                yield batch
                batch = []
    if batch:
        yield batch


def _look(item: Item, entry: Entry | None, models: Sequence[str]) -> Plan:
    """What is to be done for one item."""
    try:
        if item.error is not None:
            raise item.error
        if entry is not None and _is_unchanged(item, entry):
            if entry.state == "ready":
                return Plan(skipped=[(item.source, "An earlier run has finished it.")])
            if entry.state == "failed":
                return Plan(skipped=[(item.source, f"{entry.error} An earlier run found this out.")])
            if entry.asset_id is not None and entry.state not in ("queued", "uploading"):
                return Plan(assets=1)
        if item.kind == "asset":
            return Plan(assets=1)
        if item.kind == "url":
            return Plan(urls=1)
        media, size, wrong = examine(item.source, models)
        if wrong:
            return Plan(skipped=[(item.source, " ".join(wrong))])
        has_length = not media_type_of(item.source).startswith((*IMAGES, *DOCUMENTS))
        return Plan(1, media.duration or 0.0, size, unknown=int(has_length and media.duration is None))
    except Exception as error:  # the run would meet it, too
        return Plan(skipped=[(item.source, str(error) or type(error).__name__)])


def _is_unchanged(item: Item, entry: Entry) -> bool:
    return item.kind != "file" or item.stamp() == (entry.size, entry.modified)


def _add(plan: Plan, other: Plan) -> None:
    plan.files += other.files
    plan.seconds += other.seconds
    plan.bytes += other.bytes
    plan.unknown += other.unknown
    plan.urls += other.urls
    plan.assets += other.assets
    room = MOST_SKIPPED - len(plan.skipped)
    plan.skipped += other.skipped[:room]
    plan.more_skipped += len(other.skipped[room:])
