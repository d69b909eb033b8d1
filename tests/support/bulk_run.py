"""A process that indexes a folder with a journal, to be killed by tests: ``bulk_run INDEX_ID FOLDER JOURNAL``."""

from __future__ import annotations

import asyncio
import sys

import twelvelabs_async.resources.assets
from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async.bulk import AsyncBulk, JournalTimings

UPLOADS_AT_ONCE = 6


async def main(index_id: str, folder: str, journal: str) -> None:
    async with AsyncTwelveLabs() as client:
        bulk = AsyncBulk(client, timings=JournalTimings(heartbeat=0.5))  # dead processes are noticed soon
        async for outcome in bulk.index(
            index_id,
            folder,
            journal=journal,
            concurrency=20,
            upload_concurrency=UPLOADS_AT_ONCE,
            interval=0.05,
        ):
            print(outcome.status, outcome.source, outcome.error or "", flush=True)


if __name__ == "__main__":
    # Only files of more than 200 MB go in parts; tests would have to write many. What they prove does not depend on it.
    twelvelabs_async.resources.assets.MAX_DIRECT_UPLOAD = 50_000
    asyncio.run(main(*sys.argv[1:]))
