"""Runs that are suspended for longer than their lease: each content is created once, and both outcomes are true."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from attrs import define, field

from twelvelabs_async import AsyncTwelveLabs, IndexSchema
from twelvelabs_async.bulk import AsyncBulk, AsyncRun, Event, Outcome
from twelvelabs_async.bulk.journal import JournalTimings
from twelvelabs_async.testing import Emulator

from support.clients import Connect
from support.clock import Clock
from support.samples import random_video

CHUNK = 20_000
NEVER = 1e9
"""Interval of the heartbeats of a run that stands for a suspended process: its requests wait, and so do heartbeats."""

pytestmark = [pytest.mark.any_python, pytest.mark.emulator(processing_time=2, indexing_time=5, chunk_size=CHUNK)]


@define
class Gate:
    """An aiohttp middleware that holds the first request of a kind until it is opened.

    Attributes:
        method: Method of the request, or ``*``.
        path: Pattern of its path.
        after: Whether the server processes the request before it is held.
    """

    method: str
    path: str
    after: bool = False
    reached: asyncio.Event = field(factory=asyncio.Event)
    opened: asyncio.Event = field(factory=asyncio.Event)

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        path = request.url.path.removeprefix("/v1.3")
        is_held = self.method in ("*", request.method) and fnmatch(path, self.path) and not self.reached.is_set()
        if is_held and not self.after:
            await self._hold()
        response = await handler(request)
        if is_held and self.after:
            await self._hold()
        return response

    async def _hold(self) -> None:
        self.reached.set()
        await self.opened.wait()


@define
class Phase:
    """Point of a run at which its process is suspended.

    Attributes:
        gate: Request that is held. ``None``: the run is held before its first intent.
        in_parts: Whether the file is sent in parts.
    """

    gate: tuple[str, str, bool] | None
    in_parts: bool = False


PHASES = {
    "before the intent": Phase(None),
    "between intent and request": Phase(("POST", "/assets", False)),
    "while the request is in flight": Phase(("POST", "/assets", True)),
    "between intent and request of a session": Phase(("POST", "/assets/multipart-uploads", False), in_parts=True),
    "while the session is created": Phase(("POST", "/assets/multipart-uploads", True), in_parts=True),
    "while the session is recorded": Phase(("PATCH", "/assets/*", False), in_parts=True),
    "while parts are sent": Phase(("PUT", "*/3", False), in_parts=True),
    "while parts are reported": Phase(("POST", "/assets/multipart-uploads/*", False), in_parts=True),
    "while the asset is processed": Phase(("GET", "/assets/*", False)),
    "between intent and request of the job": Phase(("POST", "/indexes/*/indexed-assets", False)),
    "while the job is created": Phase(("POST", "/indexes/*/indexed-assets", True)),
    "while the asset is indexed": Phase(("GET", "/indexes/*/indexed-assets/*", False)),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.mp4"
    path.write_bytes(random_video(5 * CHUNK))
    return path


@define
class Runs:
    """Makes runs that index one file with one journal."""

    emulator: Emulator
    connect: Connect
    clock: Clock
    index_id: str
    path: Path
    journal: Path
    clients: list[AsyncTwelveLabs] = field(factory=list[AsyncTwelveLabs])
    started: list[AsyncRun[Any]] = field(factory=list[AsyncRun[Any]])

    def start(self, gate: Gate | None, *, in_parts: bool, is_suspended: bool, **options: Any) -> AsyncRun[Any]:
        """Return a run, whose lease lasts 60 s of the event loop's clock."""
        gates = [] if gate is None else [gate]
        client = self.connect(self.emulator, middlewares=[*gates, self.clock.middleware], timeout=10_000)
        self.clients.append(client)
        clock = asyncio.get_running_loop().time
        timings = JournalTimings(clock=clock, heartbeat=NEVER if is_suspended else 5)
        bulk = AsyncBulk(client, timings=timings, multipart_threshold=CHUNK if in_parts else 10 * CHUNK)
        self.started.append(bulk.index(self.index_id, self.path, journal=self.journal, interval=5, **options))
        return self.started[-1]

    async def close(self) -> None:
        for run in self.started:
            await run.aclose()
        for client in self.clients:
            await client.close()


@pytest.fixture
async def runs(
    emulator: Emulator, connect: Connect, autojump_clock: Clock, index: IndexSchema, path: Path, journal: Path
) -> AsyncIterator[Runs]:
    runs = Runs(emulator, connect, autojump_clock, index.id, path, journal)
    yield runs
    await runs.close()


def suspended(runs: Runs, phase: Phase) -> tuple[AsyncRun[Any], asyncio.Event, Any]:
    """Return a run that stops at a phase, the event of its stop, and the function that continues it."""
    if phase.gate is not None:
        gate = Gate(*phase.gate)
        return runs.start(gate, in_parts=phase.in_parts, is_suspended=True), gate.reached, gate.opened.set
    reached = asyncio.Event()

    def on_event(_: Event) -> None:
        if not reached.is_set():
            run.pause()
        reached.set()

    run = runs.start(None, in_parts=phase.in_parts, is_suspended=True, on_event=on_event)
    return run, reached, run.resume


async def take_over(runs: Runs, phase: str) -> tuple[AsyncRun[Any], asyncio.Future[Outcome[Any]], Gate]:
    """Return another run, its outcome to come, and the gate in which its next request waits."""
    gate = Gate("*", "/assets*" if phase != "while the asset is indexed" else "/indexes/*/*")
    run = runs.start(gate, in_parts=PHASES[phase].in_parts, is_suspended=False)
    outcome = asyncio.ensure_future(anext(run))
    await gate.reached.wait()
    return run, outcome, gate


def check(runs: Runs, *outcomes: Outcome[Any]) -> None:
    """Assert that the file is one asset, which is indexed once, and that all outcomes say so."""
    (asset,) = runs.emulator.assets.values()
    (indexed,) = runs.emulator.indexed_assets.values()
    assert (asset.size, indexed.asset.id) == (5 * CHUNK, asset.id)
    for outcome in outcomes:
        assert (outcome.error, outcome.asset_id, outcome.indexed_asset_id) == (None, asset.id, indexed.id)


@pytest.mark.parametrize("phase", PHASES)
class TestSuspension:
    async def test_it_takes_the_outcome_of_the_run_that_finished(self, runs: Runs, phase: str) -> None:
        first, reached, proceed = suspended(runs, PHASES[phase])
        outcome = asyncio.ensure_future(anext(first))
        await reached.wait()
        second = runs.start(None, in_parts=PHASES[phase].in_parts, is_suspended=False)
        taken_over = await anext(second)
        proceed()
        check(runs, taken_over, await outcome)

    async def test_it_waits_for_the_run_that_has_taken_over(self, runs: Runs, phase: str) -> None:
        first, reached, proceed = suspended(runs, PHASES[phase])
        outcome = asyncio.ensure_future(anext(first))
        await reached.wait()
        _, taken_over, gate = await take_over(runs, phase)
        proceed()
        await asyncio.sleep(30)
        gate.opened.set()
        check(runs, await taken_over, await outcome)

    async def test_it_takes_the_source_back_from_a_run_that_ended(self, runs: Runs, phase: str) -> None:
        first, reached, proceed = suspended(runs, PHASES[phase])
        outcome = asyncio.ensure_future(anext(first))
        await reached.wait()
        second, taken_over, _ = await take_over(runs, phase)
        await second.aclose()
        await asyncio.gather(taken_over, return_exceptions=True)
        proceed()
        check(runs, await outcome)
