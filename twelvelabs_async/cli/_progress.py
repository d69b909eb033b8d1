"""Progress of a bulk run: bars on a terminal, lines elsewhere."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, NoReturn

from attrs import define, field
from tqdm import tqdm

from .._threads import run_in_thread
from ..bulk import Event, SkipReason
from ..bulk.folders import format_counts
from ..bulk.sources import BulkSource
from ._output import is_terminal, print_message

BAR_INTERVAL_SECONDS: Final = 0.2
MAX_LINE_INTERVAL_SECONDS: Final = 30.0
UNSENT: Final = ("queued", "uploading")
SENT: Final = ("uploaded", "indexing", "embedding", "analyzing", "failed")


@define
class Tally:
    """Number of sources in each state, and of the bytes sent.

    Attributes:
        counts: Number of sources in each state.
        sources: Number of all sources counted so far.
        size: Bytes of the sources counted so far, without those that needed no upload.
        sent: Bytes sent.
        skipped: Number of files that are skipped, by reason.
        is_counted: True if all sources are counted.
    """

    counts: Counter[str] = field(factory=Counter[str])
    sources: int = 0
    size: int = 0
    sent: int = 0
    skipped: Counter[SkipReason] = field(factory=Counter["SkipReason"])
    is_counted: bool = False
    _start: float = field(factory=time.monotonic)
    _in_progress: dict[str, tuple[str, int]] = field(factory=dict[str, tuple[str, int]])

    async def record(self, event: Event) -> None:
        """Count an event of the run."""
        if event.reason is not None:
            self.skipped[event.reason] += 1
            return
        if not event.source:  # an event about the connection, which is in the log as well
            return
        state_before, sent_before = self._in_progress.pop(event.source, ("", 0))
        sent = event.progress.bytes_sent if event.progress else sent_before
        self.sent += sent - sent_before
        if state_before:
            self.counts[state_before] -= 1
        self.counts[event.kind] += 1
        if event.kind not in ("ready", "failed"):
            self._in_progress[event.source] = event.kind, sent
        if state_before in UNSENT and event.kind not in UNSENT:
            size = await run_in_thread(_size, event.source)
            self.size += sent - size  # 0 bytes are sent if the platform has the file

    async def count_sources(self, sources: AsyncGenerator[BulkSource, None]) -> None:
        """Count the sources and their bytes."""
        async for item in sources:
            self.sources += item.skipped is None
            if item.kind == "file" and item.skipped is None:
                self.size += await run_in_thread(_size, item.name)
        self.is_counted = True

    def format_counts(self, *states: str) -> str:
        """Return the number of sources in each of *states* that is not empty."""
        return ", ".join(f"{self.counts[state]} {state}" for state in states if self.counts[state])

    @property
    def seconds(self) -> float:
        """Seconds since the start of the run."""
        return time.monotonic() - self._start

    def __str__(self) -> str:
        counts = ", ".join(filter(None, (f"{self.counts['ready']} ready", self.format_counts(*SENT, *UNSENT))))
        more = "" if self.is_counted else "+"
        sources, size = max(self.sources, self.counts.total()), max(self.size, self.sent)
        sent = f"{self.sent / 1e6:,.1f} of {size / 1e6:,.1f}{more} MB sent"
        skipped = f"; skipped: {format_counts(self.skipped)}" if self.skipped else ""
        return f"{counts} of {sources}{more}{skipped}; {sent} in {tqdm.format_interval(self.seconds)}"


def _size(source: str) -> int:
    with suppress(OSError):
        return os.path.getsize(source)
    return 0


@asynccontextmanager
async def show_progress(tally: Tally, sources: AsyncGenerator[BulkSource, None]) -> AsyncGenerator[None, None]:
    """Count *sources* and show the progress on stderr while the body runs."""
    show = _draw_bars if is_terminal(sys.stderr) else _print_lines
    tasks = [asyncio.create_task(tally.count_sources(sources)), asyncio.create_task(show(tally))]
    try:
        yield
        tally.is_counted = True  # each source has an outcome
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _draw_bars(tally: Tally) -> None:
    counts, sizes = "{n}/{total} [{elapsed}<{remaining}] {desc}", "{n_fmt}/{total_fmt}B [{rate_fmt}<{remaining}] {desc}"
    with _bar(counts) as sources, _bar(sizes, unit="B", unit_scale=True) as sent:
        while True:
            sources.total, sources.n = tally.sources, tally.counts["ready"] + tally.counts["failed"]
            sources.set_description_str(tally.format_counts("ready", *SENT))
            sent.total, sent.n = max(tally.size, tally.sent), tally.sent
            sent.set_description_str(tally.format_counts(*UNSENT))
            await asyncio.sleep(BAR_INTERVAL_SECONDS)


def _bar(text: str, **settings: Any) -> tqdm[NoReturn]:
    return tqdm(bar_format="{percentage:3.0f}%|{bar:10}| " + text, leave=False, dynamic_ncols=True, **settings)


async def _print_lines(tally: Tally) -> None:
    while True:
        await asyncio.sleep(min(1 + tally.seconds / 10, MAX_LINE_INTERVAL_SECONDS))
        print_message(tally)
