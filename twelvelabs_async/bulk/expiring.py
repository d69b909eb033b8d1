"""Order of the sources of a run: those come first whose results an earlier run has paid for and may expire."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Final

from .._threads import run_in_thread
from .journal import JournalEntry, look_up_entries
from .source_reader import SourceReader
from .sources import BulkSource

BATCH_SIZE: Final = 256
"""Sources that are looked up in the journal together."""


async def read_in_order(
    sources: SourceReader, journal: Path, job: str, is_pending: Callable[[BulkSource, JournalEntry], bool]
) -> AsyncGenerator[BulkSource, None]:
    """Yield the sources with pending results first, and then the others.

    Args:
        sources: Sources of the run. An iterator, which can be read only once, keeps its order.
        journal: Journal of earlier runs.
        job: Name of the job.
        is_pending: Function that returns whether the result of a source waits on the platform.
    """
    first = set[str]()
    if sources.reads_ahead:
        async with aclosing(_batches(sources)) as batches:
            async for batch in batches:
                keys = [source.key for source in batch]
                entries = await run_in_thread(look_up_entries, journal, job, keys)
                for source, entry in zip(batch, entries, strict=True):
                    if source.key in first or (entry is not None and is_pending(source, entry)):
                        first.add(source.key)
                        yield source
    async for source in sources:
        if source.skipped is not None or source.key not in first:
            yield source


async def _batches(sources: SourceReader) -> AsyncGenerator[Sequence[BulkSource], None]:
    batch: list[BulkSource] = []
    async with aclosing(sources.read()) as reading:
        async for source in reading:
            if source.skipped is None and source.error is None:
                batch.append(source)
            if len(batch) == BATCH_SIZE:
                yield batch
                batch = []
    yield batch
