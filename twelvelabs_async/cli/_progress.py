"""How far a bulk run has come: counted from its events, shown as bars on a terminal and as lines elsewhere."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, NoReturn

import click
from attrs import define, field
from tqdm import tqdm

from ..bulk import Event
from ..bulk._sources import read

EVERY: Final = 0.2
"""Seconds between two looks of the bars."""
LONGEST: Final = 30.0
"""Seconds between two lines at most."""
UNSENT: Final = ("queued", "uploading")
SENT: Final = ("uploaded", "indexing", "failed")


@define
class Tally:
    """What has become of the sources so far.

    Attributes:
        counts: Number of sources in each state.
        sources: How many there are, as far as they have been counted.
        size: Bytes that have been sent or are to be, as far as they have been counted.
        sent: Bytes that have been sent.
    """

    counts: Counter[str] = field(factory=Counter[str])
    sources: int = 0
    size: int = 0
    sent: int = 0
    _began: float = field(factory=time.monotonic)
    _under_way: dict[str, tuple[str, int]] = field(factory=dict[str, tuple[str, int]])

    def note(self, event: Event) -> None:
        """Take in what has happened to a source."""
        before, sent_before = self._under_way.pop(event.source, ("", 0))
        sent = event.progress.bytes_sent if event.progress else sent_before
        self.sent += sent - sent_before
        if before:
            self.counts[before] -= 1
        self.counts[event.kind] += 1
        if before in UNSENT and event.kind not in UNSENT:
            self.size += sent - _size(event.source)  # what was there already is not sent
        if event.kind not in ("ready", "failed"):
            self._under_way[event.source] = event.kind, sent

    async def measure(self, sources: Iterable[str]) -> None:
        """Count the sources and their bytes."""
        async for item in read(sources):
            self.sources += 1
            if item.kind == "file":
                self.size += await asyncio.to_thread(_size, item.source)

    def states(self, *states: str) -> str:
        """How many are in these states, those that are empty left out."""
        return ", ".join(f"{self.counts[state]} {state}" for state in states if self.counts[state])

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._began

    def __str__(self) -> str:
        states = ", ".join(filter(None, (f"{self.counts['ready']} ready", self.states(*SENT, *UNSENT))))
        sent = f"{self.sent / 1e6:,.1f} of {self.size / 1e6:,.1f} MB sent"
        return f"{states} of {self.sources}; {sent} in {tqdm.format_interval(self.seconds)}"


def _size(source: str) -> int:
    with suppress(OSError):
        return os.path.getsize(source)
    return 0


@asynccontextmanager
async def shown(tally: Tally, sources: Iterable[str]) -> AsyncGenerator[None, None]:
    """Count *sources*, and show on stderr how far they have come, while the body runs."""
    show = _bars if sys.stderr.isatty() else _lines
    beside = [asyncio.create_task(tally.measure(sources)), asyncio.create_task(show(tally))]
    try:
        yield
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


async def _bars(tally: Tally) -> None:
    counts, sizes = "{n}/{total} [{elapsed}<{remaining}] {desc}", "{n_fmt}/{total_fmt}B [{rate_fmt}<{remaining}] {desc}"
    with _bar(counts) as done, _bar(sizes, unit="B", unit_scale=True) as sent:
        while True:
            done.total, done.n = tally.sources, tally.counts["ready"] + tally.counts["failed"]
            done.set_description_str(tally.states("ready", *SENT))
            sent.total, sent.n = max(tally.size, tally.sent), tally.sent
            sent.set_description_str(tally.states(*UNSENT))
            await asyncio.sleep(EVERY)


def _bar(text: str, **settings: Any) -> tqdm[NoReturn]:
    return tqdm(bar_format="{percentage:3.0f}%|{bar:10}| " + text, leave=False, dynamic_ncols=True, **settings)


async def _lines(tally: Tally) -> None:
    while True:
        await asyncio.sleep(min(1 + tally.seconds / 10, LONGEST))
        click.echo(tally, err=True)
