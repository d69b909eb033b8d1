"""Bulk runs as tests use them: sources, outcomes by source, and counts of the emulator's requests and objects."""

from __future__ import annotations

import wave
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from twelvelabs_async.bulk import AsyncRun, Outcome
from twelvelabs_async.testing import Emulator

R = TypeVar("R")

DAY = 24 * 3600.0
EMBED: dict[str, Any] = {"model_name": "marengo3.0"}
"""Arguments of `bulk.embed`."""
ANALYZE: dict[str, Any] = {"prompt": "What happens?"}
"""Arguments of `bulk.analyze`."""


def url(name: object) -> str:
    """Return the URL of a video."""
    return f"https://example.com/{name}.mp4"


async def finish(run: AsyncRun[R]) -> dict[str, Outcome[R]]:
    """Return the outcomes of a run by the names of their sources."""
    return {Path(outcome.source).name: outcome async for outcome in run}


def statuses(outcomes: dict[str, Outcome[Any]] | Iterable[Outcome[Any]]) -> Counter[str]:
    """Return the number of outcomes by status."""
    found = outcomes.values() if isinstance(outcomes, dict) else outcomes
    return Counter(outcome.status for outcome in found)


def count_requests(emulator: Emulator, method: str, path: str) -> int:
    """Return how often the emulator received a request, whether it responded or not."""
    return sum((request.method, request.path) == (method, path) for request in emulator.requests)


def created(emulator: Emulator) -> tuple[int, int]:
    """Return the number of assets and of indexed assets."""
    return len(emulator.assets), len(emulator.indexed_assets)


def write_recording(path: Path, seconds: float, seed: int = 0) -> Path:
    """Write a recording of silence, 8 kB for each second."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 1, 8000, 0, "NONE", ""))
        file.writeframes(bytes([seed % 256]) * int(8000 * seconds))
    return path
