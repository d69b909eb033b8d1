"""Plans: what a run takes by the limits of the account, what it costs, and what remains while it lasts."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import Assumptions, AsyncTwelveLabs, IndexSchema
from twelvelabs_async.bulk import AsyncRun
from twelvelabs_async.testing import Emulator

from support.bulk import finish, statuses, url, write_recording
from support.samples import MODELS

pytestmark = pytest.mark.usefixtures("autojump_clock")

PLATFORM: dict[str, Any] = {"processing_seconds": 2, "job_seconds": 10}
"""The times of the emulator."""


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """A folder with twelve different recordings of 60 to 71 seconds, 8 kB each second."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    for number in range(12):
        write_recording(folder / f"{number}.wav", 60 + number, seed=number)
    return folder


def run_of(client: AsyncTwelveLabs, index: IndexSchema, operation: str, sources: Any, **settings: Any) -> AsyncRun[Any]:
    parameters: dict[str, Any] = {
        "index": {"index_id": index.id},
        "upload": {},
        "embed": {"model_name": "marengo3.0"},
        "analyze": {"prompt": "What happens?"},
    }
    run: AsyncRun[Any] = getattr(client.bulk, operation)(sources=sources, **parameters[operation], **settings)
    return run


LIMITS: dict[str, tuple[str, int, dict[str, Any], dict[str, Any], str]] = {
    "jobs": ("index", 100, {"concurrency": 10}, PLATFORM, "jobs"),
    "long jobs": ("analyze", 30, {"concurrency": 5}, {**PLATFORM, "job_seconds": 600}, "jobs"),
    "processing": ("upload", 100, {"concurrency": 5}, {"processing_seconds": 20}, "sources in progress"),
    "requests": ("index", 100, {}, {**PLATFORM, "rate_limits": {"indexing": (8, 20)}}, "requests of indexing"),
    "uploads": ("embed", 100, {}, {**PLATFORM, "rate_limits": {"assets": (8, 20)}}, "requests of assets"),
}


@pytest.mark.parametrize(("operation", "count", "settings", "assumed", "narrowest"), LIMITS.values(), ids=LIMITS)
async def test_the_time_of_a_plan_is_that_of_the_run(
    operation: str, count: int, settings: dict[str, Any], assumed: dict[str, Any], narrowest: str, connect: Any
) -> None:
    """The plan is within 15 % of the time that the run takes at the limits of the emulator."""
    times = {name: assumed.get("job_seconds", 10) for name in ("indexing_time", "analysis_time", "embedding_time")}
    times["processing_time"] = assumed["processing_seconds"]
    with Emulator(speed=0, rate_limits=assumed.get("rate_limits"), **times) as emulator:
        async with connect(emulator) as client:
            index = await client.indexes.ensure("tests", models=MODELS)
            run = run_of(client, index, operation, [url(number) for number in range(count)], **settings)
            forecast = (await run.plan(Assumptions(**assumed))).forecast
            began_at = asyncio.get_running_loop().time()
            assert statuses(await finish(run)) == {"ready": count}
            seconds = asyncio.get_running_loop().time() - began_at
    assert forecast.narrowest == narrowest
    assert forecast.seconds == pytest.approx(seconds, rel=0.15)


async def test_the_time_of_a_plan_is_that_of_the_bandwidth(
    client: AsyncTwelveLabs, index: IndexSchema, recordings: Path
) -> None:
    """6.3 MB at 262 kB a second."""
    run = run_of(client, index, "index", recordings, max_bytes_per_second=262_144)
    forecast = (await run.plan(Assumptions(**PLATFORM))).forecast
    began_at = asyncio.get_running_loop().time()
    assert statuses(await finish(run)) == {"ready": 12}
    assert forecast.narrowest == "bandwidth"
    assert forecast.seconds == pytest.approx(asyncio.get_running_loop().time() - began_at, rel=0.15)
