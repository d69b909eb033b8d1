"""Plan of a bulk run, made without uploading anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Final

import anyio
from attrs import define, field

from .._threads import run_in_thread
from ..media.types import kind_of, media_type_of
from .folders import SkipReason, format_counts
from .journal import JournalEntry, look_up_entries
from .preflight import examine_file
from .sources import BulkSource
from .states import State

BATCH_SIZE: Final = 8
"""Sources that are examined at the same time."""
MAX_SKIPPED: Final = 1000
MAX_SHOWN: Final = 20
"""Skipped sources that are printed, so that the summary above them stays in sight."""


@define
class Plan:
    """Summary of the work of a bulk run. ``print`` shows it as text.

    Attributes:
        files: Number of files to upload.
        seconds: Their total duration, as far as their headers state it.
        bytes: Their total size.
        unknown: Number of files whose duration is unknown. Images and documents do not count.
        urls: Number of URLs that the platform would fetch.
        assets: Number of sources that are assets already.
        finished: Number of sources that an earlier run has finished.
        skipped: Sources that would not be indexed, and the reasons: the file is skipped in its folder, exceeds a limit,
            cannot be read, or failed in an earlier run. At most 1,000.
        more_skipped: Number of further sources that would not be indexed.
        skipped_files: Number of files that are skipped in their folders, by reason.
    """

    files: int = 0
    seconds: float = 0.0
    bytes: int = 0
    unknown: int = 0
    urls: int = 0
    assets: int = 0
    finished: int = 0
    skipped: list[tuple[str, str]] = field(factory=list[tuple[str, str]])
    more_skipped: int = 0
    skipped_files: Counter[SkipReason] = field(factory=Counter["SkipReason"])

    def __str__(self) -> str:
        unknown = f" and {self.unknown:,} of unknown length" if self.unknown else ""
        parts = [
            f"{_count(self.files, 'file')}, {self.seconds / 60:,.1f} minutes{unknown}, {_size(self.bytes)} to upload"
        ]
        if self.urls:
            parts.append(_count(self.urls, "URL"))
        if self.assets:
            parts.append(f"{_count(self.assets, 'asset')} already uploaded")
        if self.finished:
            parts.append(f"{self.finished:,} finished by an earlier run")
        number = len(self.skipped) + self.more_skipped
        if number:
            reasons = f" ({format_counts(self.skipped_files)})" if self.skipped_files else ""
            parts.append(f"{number:,} skipped{reasons}:")
        lines = [f"  {source}: {reason}" for source, reason in self.skipped[:MAX_SHOWN]]
        if number > MAX_SHOWN:
            lines.append(f"  and {number - MAX_SHOWN:,} more")
        return "\n".join(["; ".join(parts), *lines])

    def add(self, other: Plan) -> None:
        """Add the numbers and the skipped sources of another plan."""
        self.files += other.files
        self.seconds += other.seconds
        self.bytes += other.bytes
        self.unknown += other.unknown
        self.urls += other.urls
        self.assets += other.assets
        self.finished += other.finished
        for source, reason in other.skipped:
            self.skip(source, reason)

    def skip(self, source: str, reason: str) -> None:
        """Add a skipped source."""
        if len(self.skipped) < MAX_SKIPPED:
            self.skipped.append((source, reason))
        else:
            self.more_skipped += 1


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _size(number: float) -> str:
    for unit in ("kB", "MB", "GB"):
        number /= 1000
        if number < 1000:
            return f"{number:,.1f} {unit}"
    return f"{number / 1000:,.1f} TB"


async def make_plan(
    sources: AsyncGenerator[BulkSource, None], models: Sequence[str], journal: Path | None, job: str
) -> Plan:
    """Return the plan of a run.

    Args:
        sources: Sources of the run.
        models: Models that the assets are for.
        journal: Journal of earlier runs.
        job: Name of the job.

    Raises:
        ValueError: The file is the journal of another job.
        JournalError: The journal cannot be read.
        Exception: The error that the caller's iterable raised.
    """
    plan = Plan()
    async with aclosing(_batches(sources, plan)) as batches:
        async for batch in batches:
            entries: Sequence[JournalEntry | None] = [None] * len(batch)
            if journal is not None:
                names = [source.key for source in batch]
                entries = await run_in_thread(look_up_entries, journal, job, names)
            parts = [Plan() for _ in batch]
            async with anyio.create_task_group() as group:
                for part, source, entry in zip(parts, batch, entries, strict=True):
                    group.start_soon(run_in_thread, _examine, part, source, entry, models)
            for part in parts:
                plan.add(part)
    return plan


async def _batches(sources: AsyncGenerator[BulkSource, None], plan: Plan) -> AsyncGenerator[list[BulkSource], None]:
    """Yield the sources to examine, and add those that are skipped to *plan*."""
    batch: list[BulkSource] = []
    async with aclosing(sources):
        async for source in sources:
            if source.skipped is None:
                batch.append(source)
            else:
                plan.skip(source.name, source.skipped)
                plan.skipped_files[source.skipped] += 1
            if len(batch) == BATCH_SIZE:
                yield batch
                batch = []
    if batch:
        yield batch


def _examine(plan: Plan, source: BulkSource, entry: JournalEntry | None, models: Sequence[str]) -> None:
    """Add one source to *plan*."""
    try:
        if source.error is not None:
            raise source.error
        is_unchanged = entry is not None and (source.kind != "file" or source.take_stamp() == entry.stamp)
        if entry is not None and is_unchanged and entry.state is State.READY:
            plan.finished += 1
        elif entry is not None and is_unchanged and entry.state is State.FAILED:
            plan.skip(source.name, f"{entry.error} This is the result of an earlier run.")
        elif source.kind == "asset" or (entry is not None and is_unchanged and entry.state.has_asset):
            plan.assets += 1
        elif source.kind == "url":
            plan.urls += 1
        else:
            _examine_file(plan, source, models)
    except Exception as error:  # the run would fail in the same way
        plan.skip(source.name, str(error) or type(error).__name__)


def _examine_file(plan: Plan, source: BulkSource, models: Sequence[str]) -> None:
    media, size, violations = examine_file(source.name, models)
    if violations:
        plan.skip(source.name, " ".join(violations))
        return
    has_duration = kind_of(media_type_of(source.name)) not in ("image", "document")
    plan.files += 1
    plan.bytes += size
    plan.seconds += media.duration or 0.0
    plan.unknown += has_duration and media.duration is None
