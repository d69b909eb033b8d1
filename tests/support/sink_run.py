"""A process that writes a bulk run to a sink, to be killed by tests: ``sink_run OPERATION SINK FOLDER``."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from twelvelabs_async import AsyncTwelveLabs, LanceSink, ParquetSink
from twelvelabs_async.bulk import AsyncBulk
from twelvelabs_async.bulk.journal import JournalTimings
from twelvelabs_async.bulk.sinks import committer

SOURCES = int(os.environ.get("SOURCES", "20"))


async def run(client: AsyncTwelveLabs, operation: str, kind: str, folder: Path, *options: str) -> list[str]:
    """Embed or analyze URLs, and return the outcomes."""
    sink: Any = ParquetSink(folder) if kind == "parquet" else LanceSink(folder, table="clips")
    sources = [f"https://example.com/{number:03}.mp4" for number in range(SOURCES)]
    parameters: dict[str, Any] = {"model_name": "marengo3.0"} if operation == "embed" else {"prompt": "What happens?"}
    bulk = AsyncBulk(client, timings=JournalTimings(heartbeat=0.5, lease=60.0))
    outcomes = getattr(bulk, operation)(
        sources,
        sink=sink,
        journal=folder.with_suffix(".db"),
        concurrency=10,
        interval=0.05,
        retry_failed="retry_failed" in options,
        existing="again" if "again" in options else "reuse",
        **parameters,
    )
    return [f"{outcome.status} {outcome.source} {outcome.error or ''}" async for outcome in outcomes]


async def main(operation: str, kind: str, folder: str) -> None:
    committer.COMMIT_SECONDS = 0.1  # so that a run has many commits
    async with AsyncTwelveLabs() as client:
        await run(client, operation, kind, Path(folder))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
