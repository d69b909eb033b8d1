"""Ratios of interleaved runs: medians over rounds in which every variant ran once, in random order."""

from __future__ import annotations

import gc
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from attrs import frozen

Work: TypeAlias = Callable[[], Awaitable[object]]
Clock: TypeAlias = Callable[[], float]


@frozen
class Spread:
    """The median of some figures, with the least and the greatest."""

    median: float
    least: float
    greatest: float

    def __str__(self) -> str:
        return f"{self.median:.3g} ({self.least:.3g}..{self.greatest:.3g})"


def spread(figures: list[float]) -> Spread:
    return Spread(statistics.median(figures), min(figures), max(figures))


@frozen
class Rounds:
    """What each variant took in each round, in seconds for one piece of work."""

    seconds: dict[str, list[float]]

    def ratio(self, above: str, below: str) -> Spread:
        """How many times as much *above* takes as *below*, round by round."""
        return spread([a / b for a, b in zip(self.seconds[above], self.seconds[below], strict=True)])

    def without(self, name: str) -> Rounds:
        """The rounds net of what *name* took in each."""
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
    """Run *variants* in turn, each once to warm up and once in every round.

    Args:
        rounds: How often each is measured.
        repeat: How often a variant does its work in a round: fast ones more often, so that clocks can tell.
        clock: CPU time of this process with all its threads, unless it is to be another.
        variants: What to measure.
    """
    for work in variants.values():
        await work()
    gc.collect()
    gc.freeze()  # what is loaded by now should slow down nobody's collections
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name in random.sample(list(variants), len(variants)):
            times = (repeat or {}).get(name, 1)
            gc.collect()
            began = clock()
            for _ in range(times):
                await variants[name]()
            seconds[name].append((clock() - began) / times)
    return Rounds(seconds)


def process(program: str, *arguments: str) -> Work:
    """A new interpreter that runs *program*; to be measured by `children_time`."""
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}  # modules are compiled once, as they are in real life

    async def work() -> None:
        subprocess.run([sys.executable, "-c", program, *arguments], check=True, env=environment)  # noqa: ASYNC221

    return work


def children_time() -> float:
    """CPU time of the processes that were started and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class PeakMemory:
    """How many bytes the process came to hold at most beyond what it held on entry (Linux)."""

    def __enter__(self) -> PeakMemory:
        gc.collect()
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")  # forget the peak there was
        self._before = self._resident("VmRSS")
        return self

    def __exit__(self, *_: object) -> None:
        self.size = self._resident("VmHWM") - self._before

    @staticmethod
    def _resident(name: str) -> int:
        with open(f"/proc/{os.getpid()}/status") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith(name))
