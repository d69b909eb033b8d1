"""Index many videos concurrently, with metadata: paths, folders, URLs.

Run ``python examples/bulk_indexing.py [SOURCE …]``. A source is a path, a folder, a glob pattern, or a URL.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator

from twelvelabs_async import AsyncTwelveLabs, Event

from demo import MEDIA, MODELS, platform

Source = tuple[str, dict[str, str]]


async def sources(names: list[str]) -> AsyncIterator[Source]:
    """Yield sources with metadata. They could also be the rows of a database."""
    for number, name in enumerate(names):
        yield name, {"batch": "examples", "number": str(number)}


async def main(names: list[str]) -> None:
    states: dict[str, str] = {}

    def count(event: Event) -> None:
        if states.get(event.source) != event.kind:
            states[event.source] = event.kind
            print("  ".join(f"{kind}: {n}" for kind, n in sorted(Counter(states.values()).items())))

    async with AsyncTwelveLabs() as client:
        index = await client.indexes.ensure("bulk", models=MODELS)
        async for outcome in client.bulk.index(
            index.id, sources(names), concurrency=25, upload_concurrency=4, interval=0.2, on_event=count
        ):
            print(f"--> {outcome.source}: {outcome.status} {outcome.error or ''}")

        print("\nIn the index, found by their metadata:")
        async for indexed in client.indexes.indexed_assets.list(index.id, user_metadata={"batch": "examples"}):
            print(f"  {indexed.id}  {indexed.system_metadata and indexed.system_metadata.filename}")


if __name__ == "__main__":
    with platform():
        defaults = [str(MEDIA), "https://example.com/more.mp4", "missing.mp4"]
        asyncio.run(main(sys.argv[1:] or defaults))
