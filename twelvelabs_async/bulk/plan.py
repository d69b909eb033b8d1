"""Plan of a bulk run, made without uploading anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final

import anyio
from attrs import asdict, define, field

from .._threads import run_in_thread
from ..errors import RejectedError
from .estimates import Demand, Estimate, SharedUploads, estimate_source
from .folders import SkipReason, format_counts
from .forecast import Forecast, format_size
from .journal import JournalEntry, look_up_entries
from .sources import BulkSource
from .states import State
from .usage import Usage

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
        unknown: Number of files whose duration is unknown. Images and documents do not count.
        urls: Number of URLs that the platform would fetch.
        assets: Number of sources that are assets already.
        finished: Number of sources that an earlier run has finished.
        skipped: Sources that would not be processed, and the reasons: the file is skipped in its folder, exceeds a
            limit, cannot be read, or failed in an earlier run. At most 1,000.
        more_skipped: Number of further sources that would not be processed.
        skipped_files: Number of files that are skipped in their folders, by reason.
        forecast: What the run needs, how long it takes, and what it costs. What is finished needs nothing.
    """

    files: int = 0
    unknown: int = 0
    urls: int = 0
    assets: int = 0
    finished: int = 0
    skipped: list[tuple[str, str]] = field(factory=list[tuple[str, str]])
    more_skipped: int = 0
    skipped_files: Counter[SkipReason] = field(factory=Counter["SkipReason"])
    forecast: Forecast = field(factory=lambda: Forecast(usage=Usage()))

    @property
    def seconds(self) -> float:
        """Total duration of the files in seconds, as far as their headers state it."""
        return self.forecast.usage.minutes * 60

    @property
    def bytes(self) -> int:
        """Total size of the files in bytes."""
        return self.forecast.usage.bytes

    def __str__(self) -> str:
        unknown = f" and {self.unknown:,} of unknown length" if self.unknown else ""
        parts = [
            f"{_count(self.files, 'file')}, {self.seconds / 60:,.1f} minutes{unknown}, "
            f"{format_size(self.bytes)} to upload"
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
        return "\n".join(["; ".join(parts), *lines, *self.forecast.lines()])

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain data, for JSON."""
        return {
            **asdict(self, filter=lambda attribute, _: attribute.name != "forecast"),
            "seconds": self.seconds,
            "bytes": self.bytes,
            "forecast": self.forecast.to_dict(),
        }

    def skip(self, source: str, reason: str) -> None:
        """Add a skipped source. A reason that begins with its name is shown without it."""
        if len(self.skipped) < MAX_SKIPPED:
            self.skipped.append((source, reason.removeprefix(f"{source}: ")))
        else:
            self.more_skipped += 1


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


async def make_plan(
    sources: AsyncGenerator[BulkSource, None],
    demand_of: Callable[[BulkSource], Demand],
    models: Sequence[str],
    journal: Path | None,
    job: str,
    settled: Collection[str],
) -> Plan:
    """Return the plan of a run. Its forecast has no times and no cost.

    Args:
        sources: Sources of the run.
        demand_of: Function that returns what the operation needs for a source.
        models: Models that the assets are for.
        journal: Journal of earlier runs.
        job: Name of the job.
        settled: Keys of the sources that this run, not an earlier one, has brought to their outcomes.

    Raises:
        ValueError: The file is the journal of another job.
        JournalError: The journal cannot be read.
        Exception: The error that the caller's iterable raised.
    """
    plan, uploads = Plan(), SharedUploads()

    async def examine(number: int) -> None:
        source, entry = batch[number], entries[number]
        try:
            known = None if source.key in settled else entry
            results[number] = await _estimate(source, known, demand_of(source), models)
        except Exception as error:  # the run would fail in the same way
            results[number] = error

    async with aclosing(_batches(sources, plan)) as batches:
        async for batch in batches:
            entries: Sequence[JournalEntry | None] = [None] * len(batch)
            if journal is not None:
                entries = await run_in_thread(look_up_entries, journal, job, [source.key for source in batch])
            results: dict[int, Estimate | Exception | None] = {}
            async with anyio.create_task_group() as group:
                for number in range(len(batch)):
                    group.start_soon(examine, number)
            for number, source in enumerate(batch):
                _add(plan, source, results[number], demand_of, uploads)
    return plan


async def _batches(sources: AsyncGenerator[BulkSource, None], plan: Plan) -> AsyncGenerator[list[BulkSource], None]:
    """Yield the sources to examine, and add those that are skipped to *plan*."""
    batch: list[BulkSource] = []
    async with aclosing(sources):
        async for source in sources:
            if source.skipped is None:
                batch.append(source)
            else:
                plan.skip(source.label, source.skipped)
                plan.skipped_files[source.skipped] += 1
            if len(batch) == BATCH_SIZE:
                yield batch
                batch = []
    if batch:
        yield batch


async def _estimate(
    source: BulkSource, entry: JournalEntry | None, demand: Demand, models: Sequence[str]
) -> Estimate | None:
    """Return the estimate of a source, or ``None`` if an earlier run has finished it."""
    if source.error is not None:
        raise source.error
    if entry is not None and source.kind == "file" and await run_in_thread(source.take_stamp) != entry.stamp:
        entry = None
    if entry is not None and entry.state is State.READY:
        return None
    if entry is not None and entry.state is State.FAILED:
        raise RejectedError(f"{entry.error} This is the result of an earlier run.")
    has_asset = entry is not None and entry.state.has_asset
    return await estimate_source(source, demand, models, has_asset=has_asset)


def _add(
    plan: Plan,
    source: BulkSource,
    result: Estimate | Exception | None,
    demand_of: Callable[[BulkSource], Demand],
    uploads: SharedUploads,
) -> None:
    """Add one source to *plan*."""
    if result is None:
        plan.finished += 1
    elif isinstance(result, Exception):
        plan.skip(source.label, str(result) or type(result).__name__)
    elif result.violations:
        plan.skip(source.label, " ".join(result.violations))
    else:
        usage = uploads.usage(source, result, demand_of(source))
        plan.forecast.usage.add(usage)
        if not result.usage.requests.get("assets"):
            plan.assets += 1
        elif not usage.requests.get("assets"):
            return  # the upload of an earlier source
        elif source.kind == "url":
            plan.urls += 1
        else:
            plan.files += 1
            plan.unknown += usage.unknown
