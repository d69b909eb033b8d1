"""Measure, and print a table of goals and figures: ``python -m benchmarks [CASE ...]``."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence

from . import bulk, cases
from .server import running

CASES = cases.CASES | bulk.CASES

LINE = "| {:<62} | {:<7} | {:<24} | {:<3} |"


async def measure(names: Sequence[str]) -> None:
    print(LINE.format("what", "goal", "median (min..max)", "met"))
    print(LINE.replace(" ", "").format("-" * 64, "-" * 9, "-" * 26, "-" * 5))
    with running() as address:
        for name in names:
            async for row in CASES[name](address):
                print(LINE.format(row.what, row.goal, str(row.measured), row.met), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("case", nargs="*", help=f"what to measure; all of it by default: {', '.join(CASES)}")
    names = parser.parse_args().case or list(CASES)
    if unknown := set(names) - set(CASES):
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    asyncio.run(measure(names))


if __name__ == "__main__":
    main()
