"""Progress of a bulk run: bars on a terminal, lines elsewhere."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, NoReturn

from attrs import define, field
from tqdm import tqdm

from ..bulk import AsyncRun, Event, FoundSources, SkipReason
from ..bulk.folders import format_counts
from ..bulk.forecast import format_seconds
from ..errors import BudgetExceededError
from ._output import is_terminal, print_message

BAR_INTERVAL_SECONDS: Final = 0.2
MAX_LINE_INTERVAL_SECONDS: Final = 30.0
LEFT: Final = "left"
"""State of a source for which the budget does not suffice."""
UNSENT: Final = ("queued", "uploading")
SENT: Final = ("uploaded", "indexing", "embedding", "analyzing", "failed", LEFT)
FINAL: Final = ("ready", "failed", LEFT)


@define
class Tally:
    """Number of sources in each state, and of the bytes sent.

    Attributes:
        found: Number of sources that the run has found, and their bytes.
        counts: Number of sources in each state.
        unsent: Bytes of the sources that needed no upload, or a part of one.
        sent: Bytes sent.
        skipped: Number of files that are skipped, by reason.
    """

    found: FoundSources = field(factory=FoundSources)
    counts: Counter[str] = field(factory=Counter[str])
    unsent: int = 0
    sent: int = 0
    skipped: Counter[SkipReason] = field(factory=Counter["SkipReason"])
    _start: float = field(factory=time.monotonic)
    _in_progress: dict[str, tuple[str, int]] = field(factory=dict[str, tuple[str, int]])

    def record(self, event: Event) -> None:
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
        state = LEFT if isinstance(event.error, BudgetExceededError) else event.kind
        self.counts[state] += 1
        if state not in FINAL:
            self._in_progress[event.source] = state, sent
        if state_before in UNSENT and state not in UNSENT:  # 0 bytes are sent if the platform has the file
            self.unsent += (event.size or 0) - sent

    def format_counts(self, *states: str) -> str:
        """Return the number of sources in each of *states* that is not empty."""
        return ", ".join(f"{self.counts[state]} {state}" for state in states if self.counts[state])

    @property
    def size(self) -> int:
        """Bytes of the sources found so far, without those that need no upload."""
        return max(self.found.bytes - self.unsent, self.sent)

    @property
    def seconds(self) -> float:
        """Seconds since the start of the run."""
        return time.monotonic() - self._start

    def __str__(self) -> str:
        counts = ", ".join(filter(None, (f"{self.counts['ready']} ready", self.format_counts(*SENT, *UNSENT))))
        more = "" if self.found.is_complete else "+"
        sent = f"{self.sent / 1e6:,.1f} of {self.size / 1e6:,.1f}{more} MB sent"
        skipped = f"; skipped: {format_counts(self.skipped)}" if self.skipped else ""
        return f"{counts} of {self.found.number}{more}{skipped}; {sent} in {tqdm.format_interval(self.seconds)}"


@asynccontextmanager
async def show_progress(tally: Tally, run: AsyncRun[Any]) -> AsyncGenerator[None, None]:
    """Show the progress of *run* on stderr while the body iterates it."""
    show = _draw_bars if is_terminal(sys.stderr) else _print_lines
    tasks = [asyncio.create_task(show(tally, run)), asyncio.create_task(_plan(run))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _plan(run: AsyncRun[Any]) -> None:
    """Make the plan by which the run knows what remains."""
    with suppress(Exception):  # the run itself fails for the same reason
        await run.plan()


def _format_rest(run: AsyncRun[Any]) -> str:
    """Return what remains of the plan: minutes of video and audio, time by the known limits, and cost."""
    rest = run.remaining
    if rest is None or not rest.usage.sources:
        return ""
    parts = [f"{rest.usage.minutes:,.1f} minutes"] if rest.usage.minutes else []
    if rest.seconds:
        parts.append(format_seconds(rest.seconds))
    if rest.cost:
        parts.append(f"{rest.cost:,.2f} {rest.currency}")
    return f"remaining: {', '.join(parts)}" if parts else ""


async def _draw_bars(tally: Tally, run: AsyncRun[Any]) -> None:
    counts, sizes = "{n}/{total} [{elapsed}<{remaining}] {desc}", "{n_fmt}/{total_fmt}B [{rate_fmt}<{remaining}] {desc}"
    with _bar(counts) as sources, _bar(sizes, unit="B", unit_scale=True) as sent:
        while True:
            sources.total, sources.n = tally.found.number, sum(tally.counts[state] for state in FINAL)
            counted = tally.format_counts("ready", *SENT)
            sources.set_description_str("; ".join(filter(None, (counted, _format_rest(run)))))
            sent.total, sent.n = tally.size, tally.sent
            sent.set_description_str(tally.format_counts(*UNSENT))
            await asyncio.sleep(BAR_INTERVAL_SECONDS)


def _bar(text: str, **settings: Any) -> tqdm[NoReturn]:
    return tqdm(bar_format="{percentage:3.0f}%|{bar:10}| " + text, leave=False, dynamic_ncols=True, **settings)


async def _print_lines(tally: Tally, run: AsyncRun[Any]) -> None:
    while True:
        await asyncio.sleep(min(1 + tally.seconds / 10, MAX_LINE_INTERVAL_SECONDS))
        print_message("; ".join(filter(None, (str(tally), _format_rest(run)))))
