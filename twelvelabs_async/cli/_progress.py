"""Progress of a bulk run: bars on a terminal, lines elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from ..bulk import AsyncRun
from ..bulk.tally import Tally, format_rest, show_bars
from ._output import print_note, shows_bars

MAX_LINE_INTERVAL_SECONDS: Final = 30.0


@asynccontextmanager
async def show_progress(tally: Tally, run: AsyncRun[Any]) -> AsyncGenerator[None, None]:
    """Show the progress of *run* on stderr while the body iterates it."""
    show = _show_bars if shows_bars() else _print_lines
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


async def _show_bars(tally: Tally, run: AsyncRun[Any]) -> None:
    async with show_bars(tally, lambda: run.remaining, leave=False):
        await asyncio.Event().wait()


async def _print_lines(tally: Tally, run: AsyncRun[Any]) -> None:
    while True:
        await asyncio.sleep(min(1 + tally.seconds / 10, MAX_LINE_INTERVAL_SECONDS))
        print_note("; ".join(filter(None, (str(tally), format_rest(run.remaining)))))
