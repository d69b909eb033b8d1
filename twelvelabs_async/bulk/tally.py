"""Progress of a run: the sources in each state, the bytes sent, and bars of both."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Final

from attrs import define, field

from .._progress_bars import BYTES, COUNTS, Reading, progress_bar
from ..errors import BudgetExceededError
from .folders import SkipReason, format_counts
from .forecast import Forecast, format_seconds
from .outcome import Event
from .source_reader import FoundSources

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
        return f"{counts} of {self.found.number}{more}{skipped}; {sent} in {format_seconds(self.seconds)}"


@asynccontextmanager
async def show_bars(
    tally: Tally, remaining: Callable[[], Forecast | None], *, leave: bool = True
) -> AsyncGenerator[None, None]:
    """Show a bar of sources and a bar of bytes while the body iterates the run. See `progress_bar`."""

    def sources() -> Reading:
        counted = tally.format_counts("ready", *SENT)
        text = "; ".join(filter(None, (counted, format_rest(remaining()))))
        return Reading(text, sum(tally.counts[state] for state in FINAL), tally.found.number)

    def sent() -> Reading:
        return Reading(tally.format_counts(*UNSENT), tally.sent, tally.size)

    async with progress_bar(sources, COUNTS, leave=leave), progress_bar(sent, BYTES, leave=leave):
        yield


def format_rest(rest: Forecast | None) -> str:
    """Return what remains of the plan: minutes of video and audio, time by the known limits, and cost."""
    if rest is None or not rest.usage.sources:
        return ""
    parts = [f"{rest.usage.minutes:,.1f} minutes"] if rest.usage.minutes else []
    if rest.seconds:
        parts.append(format_seconds(rest.seconds))
    if rest.cost:
        parts.append(f"{rest.cost:,.2f} {rest.currency}")
    return f"remaining: {', '.join(parts)}" if parts else ""
