"""A process that indexes a folder with a journal, to be killed by tests: ``bulk_run INDEX_ID FOLDER JOURNAL``."""

from __future__ import annotations

import asyncio
import sys

import twelvelabs_async.bulk._journal
import twelvelabs_async.resources.assets
from twelvelabs_async import AsyncTwelveLabs

UPLOADS_AT_ONCE = 6


async def main(index_id: str, folder: str, journal: str) -> None:
    async with AsyncTwelveLabs() as client:
        async for outcome in client.bulk.index(
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
    twelvelabs_async.bulk._journal.BEAT = 0.5  # seconds until what a dead process had is taken over
    asyncio.run(main(*sys.argv[1:]))
