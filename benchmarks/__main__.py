"""Run benchmarks and print a table of goals and figures: ``python -m benchmarks [CASE ...]``."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence

from . import bulk, decoding, processes, requests, uploads, waits
from .server import running

CASES = requests.CASES | decoding.CASES | processes.CASES | waits.CASES | uploads.CASES | bulk.CASES

LINE = "| {:<66} | {:<7} | {:<24} | {:<3} |"


async def run(names: Sequence[str]) -> None:
    print(LINE.format("figure", "goal", "median (min..max)", "met"))
    print(LINE.replace(" ", "").format("-" * 68, "-" * 9, "-" * 26, "-" * 5))
    with running() as address:
        for name in names:
            async for row in CASES[name](address):
                print(LINE.format(row.figure, row.goal, str(row.measured), row.met), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("case", nargs="*", help=f"Default: all of {', '.join(CASES)}.")
    names = parser.parse_args().case or list(CASES)
    if unknown := set(names) - set(CASES):
        parser.error(f"Expected names of {', '.join(CASES)}; got {', '.join(sorted(unknown))}.")
    asyncio.run(run(names))


if __name__ == "__main__":
    main()
