"""Index a folder of videos, search them, and ask a question about one.

Run ``python examples/quickstart.py [FOLDER]``. Without an API key, it runs on the emulator, with the sample clips.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from twelvelabs_async import AsyncTwelveLabs, Event, Outcome

from demo import MEDIA, MODELS, platform


def show(event: Event) -> None:
    """Print a line for each event of a file."""
    detail = f"{event.progress.percentage:3.0f} %" if event.progress else event.error or ""
    print(f"{time.strftime('%H:%M:%S')}  {Path(event.source).name:24} {event.kind:10} {detail}", flush=True)


def print_table(outcomes: list[Outcome]) -> None:
    """Print the outcomes of the files."""
    print(f"\n{'file':24} {'status':8} {'length':>8} {'size':>10}  indexed asset")
    for outcome in outcomes:
        metadata = outcome.result and outcome.result.system_metadata
        length, size = (f"{metadata.duration:.1f} s", f"{metadata.width}x{metadata.height}") if metadata else ("", "")
        print(f"{Path(outcome.source).name:24} {outcome.status:8} {length:>8} {size:>10}  {outcome.indexed_asset_id}")


async def main(folder: str) -> int:
    """Index, search, ask, and return the number of files that failed."""
    async with AsyncTwelveLabs() as client:
        index = await client.indexes.ensure("quickstart", models=MODELS)

        outcomes = [outcome async for outcome in client.bulk.index(index.id, folder, interval=0.25, on_event=show)]
        outcomes.sort(key=lambda outcome: outcome.source)
        ready = [outcome for outcome in outcomes if outcome.status == "ready"]

        query = "a rocket lifts off"
        print(f"\nSearching for {query!r}:")
        names = {outcome.indexed_asset_id: Path(outcome.source).name for outcome in ready}
        page = await client.search.query(
            index_id=index.id, search_options=["visual", "audio", "transcription"], query_text=query, page_limit=3
        )
        for match in page.items or []:
            times = f"{match.start:.1f} s to {match.end:.1f} s"
            print(f"  {match.rank}. {names[match.video_id]}, {times}: {match.transcription}")

        question = "What happens in this video?"
        print(f"\n{question} ({Path(ready[0].source).name})\n  ", end="")
        async for event in client.analyze_stream(
            video={"type": "asset_id", "asset_id": ready[0].asset_id}, prompt=question
        ):
            if event.event_type == "text_generation":
                print(event.text, end="", flush=True)

        print()
        print_table(outcomes)
        return len(outcomes) - len(ready)


if __name__ == "__main__":
    with platform() as description:
        print(f"Running on {description}.\n")
        sys.exit(asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else str(MEDIA))))
