"""Measurements: ratios of interleaved runs, lag of the event loop, memory, and the rows of the table."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

import httpx
import twelvelabs
from attrs import frozen

import twelvelabs_async

Work: TypeAlias = Callable[[], Awaitable[object]]
Clock: TypeAlias = Callable[[], float]


@frozen
class Spread:
    """Median, minimum and maximum of some figures."""

    median: float
    least: float
    greatest: float

    def __str__(self) -> str:
        return f"{self.median:.3g} ({self.least:.3g}..{self.greatest:.3g})"


def spread(figures: list[float]) -> Spread:
    return Spread(statistics.median(figures), min(figures), max(figures))


@frozen
class Row:
    """A row of the table. Without a goal, its figure is for information."""

    figure: str
    measured: Spread
    at_least: float | None = None
    at_most: float | None = None

    @property
    def goal(self) -> str:
        if self.at_least is not None:
            return f">= {self.at_least:g}"
        return "" if self.at_most is None else f"<= {self.at_most:g}"

    @property
    def met(self) -> str:
        if self.at_least is not None:
            return "yes" if self.measured.median >= self.at_least else "no"
        return "" if self.at_most is None else "yes" if self.measured.median <= self.at_most else "no"


Case: TypeAlias = Callable[[str], AsyncIterator[Row]]
"""A benchmark: takes the address of the server and yields rows."""


@frozen
class Rounds:
    """Seconds that each variant took in each round, for one piece of work."""

    seconds: dict[str, list[float]]

    def ratio(self, above: str, below: str) -> Spread:
        """Return the ratio of two variants, round by round."""
        return spread([a / b for a, b in zip(self.seconds[above], self.seconds[below], strict=True)])

    def without(self, name: str) -> Rounds:
        """Return the rounds without the time that variant *name* took in each."""
        base = self.seconds[name]
        return Rounds(
            {
                other: [taken - start for taken, start in zip(figures, base, strict=True)]
                for other, figures in self.seconds.items()
                if other != name
            }
        )


async def interleaved(
    *, rounds: int, repeat: dict[str, int] | None = None, clock: Clock = time.process_time, **variants: Work
) -> Rounds:
    """Run each variant once to warm up, and then all of them in random order in every round.

    Args:
        rounds: Number of measurements of each variant.
        repeat: Number of runs of a variant in a round, so that a fast one takes long enough to be measured.
        clock: Clock to measure with. Default: CPU time of this process with all its threads.
        variants: Pieces of work by name.
    """
    for work in variants.values():
        await work()
    gc.collect()
    gc.freeze()  # modules and fixtures must not make the collections of one variant slower
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name in random.sample(list(variants), len(variants)):
            times = (repeat or {}).get(name, 1)
            gc.collect()
            started_at = clock()
            for _ in range(times):
                await variants[name]()
            seconds[name].append((clock() - started_at) / times)
    return Rounds(seconds)


@asynccontextmanager
async def clients(address: str) -> AsyncIterator[tuple[twelvelabs_async.AsyncTwelveLabs, twelvelabs.AsyncTwelveLabs]]:
    """Open our client and the official one."""
    base_url = f"{address}/v1.3"
    async with (
        twelvelabs_async.AsyncTwelveLabs(api_key="key", base_url=base_url) as ours,
        httpx.AsyncClient(timeout=60) as http,
    ):
        yield ours, twelvelabs.AsyncTwelveLabs(api_key="key", base_url=base_url, httpx_client=http)


async def concurrently(times: int, concurrency: int, request: Callable[[], Awaitable[object]]) -> None:
    """Send *request* this number of times, *concurrency* of them at once."""

    async def send_in_turn() -> None:
        for _ in range(times // concurrency):
            await request()

    await asyncio.gather(*(send_in_turn() for _ in range(concurrency)))


async def lag(work: Awaitable[object]) -> float:
    """Return how late timers of 1 ms fired during *work*: the 99th percentile in ms."""
    late: list[float] = []

    async def tick() -> None:
        while True:
            started_at = time.perf_counter()
            await asyncio.sleep(0.001)
            late.append(time.perf_counter() - started_at - 0.001)

    ticking = asyncio.create_task(tick())
    await work
    ticking.cancel()
    return 1000 * sorted(late)[int(len(late) * 0.99)]


def process(program: str, *arguments: str) -> Work:
    """Return the work of running *program* in a new interpreter, to be measured by `children_time`."""
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}  # compiled once, as installed modules are

    async def work() -> None:
        subprocess.run([sys.executable, "-c", program, *arguments], check=True, env=environment)  # noqa: ASYNC221

    return work


def children_time() -> float:
    """Return the CPU time of the child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class PeakMemory:
    """Peak of resident memory in bytes, above what the process held on entry (Linux)."""

    def __enter__(self) -> PeakMemory:
        gc.collect()
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")  # resets the peak
        self._before = self._resident("VmRSS")
        return self

    def __exit__(self, *_: object) -> None:
        self.size = self._resident("VmHWM") - self._before

    @staticmethod
    def _resident(name: str) -> int:
        with open(f"/proc/{os.getpid()}/status") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith(name))
