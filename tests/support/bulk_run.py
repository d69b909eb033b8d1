"""A process that indexes a folder, to be killed by tests: ``bulk_run INDEX_ID FOLDER [JOURNAL]``.

Without a journal, the name of each file is its token, as on one of several machines.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async.bulk import AsyncBulk
from twelvelabs_async.bulk.journal import JournalTimings

UPLOADS = 6
LEASE_SECONDS = float(os.environ.get("LEASE_SECONDS", "60"))


def with_tokens(folder: str) -> list[tuple[Path, dict[str, str]]]:
    """Return the files of a folder with their names as tokens."""
    return [(path, {"bulk_token": path.name}) for path in sorted(Path(folder).iterdir())]


async def main(index_id: str, folder: str, journal: str | None = None) -> None:
    """Index a folder and print each outcome."""
    sources: Any = folder if journal else with_tokens(folder)
    async with AsyncTwelveLabs() as client:
        # Small files are sent in parts, and dead processes are noticed soon, so that tests need little data and time.
        bulk = AsyncBulk(client, timings=JournalTimings(heartbeat=0.5, lease=LEASE_SECONDS), multipart_threshold=50_000)
        async for outcome in bulk.index(
            index_id, sources, journal=journal, concurrency=20, upload_concurrency=UPLOADS, interval=0.05
        ):
            print(outcome.status, outcome.source, outcome.error or "", flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
