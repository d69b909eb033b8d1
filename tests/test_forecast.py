"""Plans: what a run takes by the limits of the account, what it costs, and what remains while it lasts."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import pytest

from twelvelabs_async import Assumptions, AsyncTwelveLabs, Event, IndexSchema, Price, Prices, TwelveLabs
from twelvelabs_async.bulk import AsyncRun, throttle
from twelvelabs_async.testing import Emulator

from support.bulk import finish, statuses, url, write_recording
from support.clock import Clock
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
    "jobs": ("index", 50, {"concurrency": 5}, PLATFORM, "jobs"),
    "long jobs": ("analyze", 15, {"concurrency": 5}, {**PLATFORM, "job_seconds": 600}, "jobs"),
    "processing": ("upload", 50, {"concurrency": 5}, {"processing_seconds": 20}, "sources in progress"),
    "requests": ("index", 50, {}, {**PLATFORM, "rate_limits": {"indexing": (8, 20)}}, "requests of indexing"),
    "uploads": ("embed", 50, {}, {**PLATFORM, "rate_limits": {"assets": (8, 20)}}, "requests of assets"),
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
    client: AsyncTwelveLabs, index: IndexSchema, recordings: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """6.3 MB at 262 kB a second."""

    async def sleep(seconds: float) -> None:
        clock.advance(seconds)  # it does not jump by itself while a request is in flight
        await asyncio.sleep(0)

    monkeypatch.setattr(throttle, "anyio", SimpleNamespace(sleep=sleep, Event=anyio.Event))
    run = run_of(client, index, "index", recordings, max_bytes_per_second=262_144)
    forecast = (await run.plan(Assumptions(**PLATFORM))).forecast
    began_at = asyncio.get_running_loop().time()
    assert statuses(await finish(run)) == {"ready": 12}
    assert forecast.narrowest == "bandwidth"
    assert forecast.seconds == pytest.approx(asyncio.get_running_loop().time() - began_at, rel=0.15)


async def test_a_plan_has_requests_and_costs_of_each_method(
    client: AsyncTwelveLabs, index: IndexSchema, recordings: Path
) -> None:
    """Twelve recordings have 13.1 minutes. An answer has at most as many tokens as the question permits."""
    prices = Prices(
        currency="EUR",
        categories={
            "indexing": Price(per_minute=1),
            "embed": Price(per_minute=1, per_request=0.5),
            "analyze": Price(per_1000_tokens=1),
        },
    )
    sources = [recordings / f"{number}.wav" for number in range(12)]
    expected: dict[str, tuple[dict[str, float], float | None]] = {
        "index": ({"indexing": 12, "assets": 12}, 13.1),
        "upload": ({"assets": 12}, None),
        "embed": ({"embed": 12, "other": 24, "assets": 12}, 19.1),
        "analyze": ({"analyze": 12, "other": 12, "assets": 12}, 49.152),
    }
    for operation, (requests, cost) in expected.items():
        if operation == "analyze":  # which takes videos alone
            sources = [source.rename(source.with_suffix(".mp4")) for source in sources]
        forecast = (await run_of(client, index, operation, sources, prices=prices).plan()).forecast
        assert forecast.usage.requests == requests
        assert forecast.cost == (None if cost is None else pytest.approx(cost))
        assert forecast.usage.bytes == sum(path.stat().st_size for path in sources)
        assert forecast.seconds is None  # no limit is known
    batch = await client.bulk.analyze(sources, prompt="What happens?", batch=True).plan()
    assert "1 analyze" in str(batch)


@pytest.mark.emulator(speed=0, rate_limits={"indexing": (4, 60)})
async def test_reported_limits_are_assumed(client: AsyncTwelveLabs, index: IndexSchema, recordings: Path) -> None:
    await finish(client.bulk.index(index.id, [url(1)]))
    plan = await client.bulk.plan(index.id, recordings)
    assert plan.forecast.limits == {"requests of indexing": pytest.approx(120, abs=4)}
    assert "by the limit of requests of indexing" in str(plan)
    assert plan.to_dict()["forecast"]["narrowest"] == "requests of indexing"


@pytest.mark.parametrize("has_journal", [False, True])
async def test_what_remains_counts_down_to_nothing(
    client: AsyncTwelveLabs, index: IndexSchema, recordings: Path, journal: Path, has_journal: bool
) -> None:
    """Two recordings are finished before, and one is a copy. Their share is subtracted as well."""
    (recordings / "copy.wav").write_bytes((recordings / "5.wav").read_bytes())
    settings = {"journal": journal} if has_journal else {}
    await finish(client.bulk.index(index.id, [recordings / "0.wav", recordings / "1.wav"], **settings))
    seen: list[tuple[int, int]] = []

    def note(_: Event) -> None:
        assert run.remaining is not None
        seen.append((run.remaining.usage.sources, run.remaining.usage.bytes))

    run = run_of(client, index, "index", recordings, on_event=note, concurrency=2, **settings)
    assert run.remaining is None
    plan = await run.plan(Assumptions(**PLATFORM))
    assert plan.finished == (2 if has_journal else 0)
    await finish(run)
    assert seen == sorted(seen, reverse=True)
    assert seen[0] == (plan.files, plan.bytes)
    assert run.remaining is not None
    assert run.remaining.usage.sources == run.remaining.usage.bytes == 0
    assert run.remaining.seconds is None or run.remaining.seconds < 15
    assert str(run.remaining).startswith("0 sources, 0.0 minutes, 0.0 kB")


async def test_a_plan_can_be_made_while_its_run_lasts(
    client: AsyncTwelveLabs, index: IndexSchema, recordings: Path, journal: Path
) -> None:
    run = client.bulk.index(index.id, recordings, journal=journal, concurrency=1, upload_concurrency=1)
    await anext(run)
    plan = await run.plan()
    assert 0 < plan.files + plan.assets < 12
    await finish(run)
    assert run.remaining is not None
    assert run.remaining.usage.sources == 0


def test_the_blocking_client_plans_runs(sync_client: TwelveLabs, folder: Path) -> None:
    index = sync_client.indexes.ensure("tests", models=MODELS)
    run = sync_client.bulk.index(index.id, folder)
    assert run.plan(Assumptions(job_seconds=1)).files == 4
    assert run.remaining is not None
    assert run.remaining.narrowest == "jobs"


@pytest.mark.parametrize(
    "stated",
    [{"rate_limits": {"indexing": (0, 1)}}, {"minutes": (1, 0)}, {"bytes_per_second": 0}, {"job_seconds": -1}],
)
def test_invalid_assumptions_are_refused(stated: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be at least"):
        Assumptions(**stated)
    with pytest.raises(ValueError, match="unknown category 'index'"):
        Assumptions(rate_limits={"index": (60, 60)})  # type: ignore[dict-item]
    with pytest.raises(TypeError, match="pairs of a quantity and seconds"):
        Assumptions(rate_limits={"indexing": 60})  # type: ignore[dict-item]


async def test_a_number_is_no_assumption(client: AsyncTwelveLabs) -> None:
    with pytest.raises(TypeError, match="must be an instance of Assumptions, or None; got 3"):
        await client.bulk.upload([]).plan(3)  # type: ignore[arg-type]
