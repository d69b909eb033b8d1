"""Waiting for jobs by the thousand: they share a poller, which reads lists."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from aiohttp import web

from twelvelabs_async import (
    AsyncTwelveLabs,
    BadRequestError,
    IndexedAsset,
    IndexSchema,
    WaitTimeoutError,
)
from twelvelabs_async.testing import Emulator

from support.until import until

TICK = 0.01
"""The interval of the waits here, in seconds."""


class Ledger:
    """A server of one index whose clock moves by a step at each tick, that is, whenever a sweep begins."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.step = 10.0
        self.ticks = 0
        self.requests: list[web.Request] = []
        self.jobs: dict[str, tuple[float, float]] = {}
        self.frozen = False
        self.shifting = False
        self.hidden: Collection[str] = ()
        self.spoilt: dict[str, int] = {}
        self.gone = False
        self.states = ("queued", "indexing", "ready")
        self.held: asyncio.Event | None = None
        self.under_way = 0

    def add(self, count: int, lasting: Callable[[int], float], name: str = "j") -> list[str]:
        """Start jobs, each of which lasts some seconds."""
        first = len(self.jobs)
        made = {f"{name}{first + i}": (self.now + i / 1000, self.now + lasting(i)) for i in range(count)}
        self.jobs |= made
        return list(made)

    def status(self, job: str) -> str:
        created, done = self.jobs[job]
        return self.states[2 if self.now >= done else 1 if self.now >= created + 15 else 0]

    def updated_at(self, job: str) -> float:
        created, done = self.jobs[job]
        if self.frozen:
            return created
        return (created, created + 15, done)[self.states.index(self.status(job))]

    def show(self, job: str) -> dict[str, Any]:
        created, updated = (datetime.fromtimestamp(at, UTC) for at in (self.jobs[job][0], self.updated_at(job)))
        return {
            "_id": job,
            "status": self.status(job),
            "created_at": created.isoformat(timespec="milliseconds"),
            "updated_at": updated.isoformat(timespec="milliseconds"),
        }

    async def list(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        if self.gone:
            raise web.HTTPNotFound
        if self.held is not None:
            self.under_way += 1
            try:
                await self.held.wait()
            finally:
                self.under_way -= 1
        query = request.query
        page, limit = int(query["page"]), int(query["page_limit"])
        if query["sort_by"] == "updated_at" and page == 1:
            self.ticks += 1
            self.now += self.step
        elif self.shifting:
            self.now += self.step / 10
            self.jobs.pop(next((job for job in self.jobs if job.startswith("old")), ""), None)
        wanted = set(query.getall("status", []))
        jobs = [job for job in self.jobs if not wanted or self.status(job) in wanted]
        jobs = [job for job in jobs if job not in self.hidden]
        by = self.updated_at if query["sort_by"] == "updated_at" else lambda job: self.jobs[job][0]
        jobs.sort(key=by, reverse=True)
        info = {"page": page, "total_page": -(-len(jobs) // limit)}
        return web.json_response(
            {"data": [self.show(job) for job in jobs[(page - 1) * limit : page * limit]], "page_info": info}
        )

    async def retrieve(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        job = request.match_info["job"]
        if job in self.spoilt or job not in self.jobs:
            return web.json_response({"code": "x", "message": f"no {job}"}, status=self.spoilt.get(job, 404))
        return web.json_response(self.show(job))


@pytest.fixture
def ledger() -> Ledger:
    """The index of a server."""
    return Ledger()


@asynccontextmanager
async def _serving(ledger: Ledger) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/indexes/i/indexed-assets", ledger.list)
    app.router.add_get("/indexes/i/indexed-assets/{job}", ledger.retrieve)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@pytest.fixture
async def crowd(ledger: Ledger) -> AsyncIterator[Crowd]:
    """Many waits on that index."""
    async with _serving(ledger) as url, AsyncTwelveLabs(api_key="k", base_url=url, max_retries=0) as client:
        yield Crowd(client, ledger)
        assert not [task for task in asyncio.all_tasks() if "twelvelabs_async" in repr(task)]


class Crowd:
    """Waits, and the ticks that each took to end after its job did."""

    def __init__(self, client: AsyncTwelveLabs, ledger: Ledger) -> None:
        self._client = client
        self._ledger = ledger
        self.lags: list[int] = []

    def wait(self, jobs: Iterable[str], **options: Any) -> list[asyncio.Task[IndexedAsset]]:
        return [asyncio.create_task(self._wait(job, **options)) for job in jobs]

    async def _wait(self, job: str, **options: Any) -> IndexedAsset:
        joined, now = self._ledger.ticks, self._ledger.now
        found = await self._client.indexes.indexed_assets.wait_until_ready(
            "i", job, **{"interval": TICK, "timeout": 30, **options}
        )
        assert (found.id, found.status) == (job, "ready")
        if self._ledger.step:
            due = max(0, math.ceil((self._ledger.jobs[job][1] - now) / self._ledger.step))
            self.lags.append(self._ledger.ticks - joined - due)
        return found


@pytest.mark.parametrize("curious", [False, True])
async def test_a_thousand_waits_cost_a_few_requests_a_tick(ledger: Ledger, crowd: Crowd, curious: bool) -> None:
    """Jobs that finish over fifty ticks cost four requests a tick at most, and nobody hears of it a tick late."""
    seen: list[str | None] = []
    jobs = ledger.add(1000, lambda i: 40 + min(i // 20 * 10, 480))
    options = {"callback": lambda job: seen.append(job.status)} if curious else {}
    await asyncio.gather(*crowd.wait(jobs, **options))
    assert len(crowd.lags) == 1000
    assert max(crowd.lags) <= 1
    assert ledger.ticks >= 50
    assert len(ledger.requests) <= 4 * ledger.ticks
    assert not curious or Counter(seen) == {"queued": 1000, "indexing": 1000, "ready": 1000}


@pytest.mark.parametrize("odd", ["frozen", "shifting"])
async def test_a_thousand_waits_end_on_an_odd_server(ledger: Ledger, crowd: Crowd, odd: str) -> None:
    """With an ``updated_at`` that never moves, or pages that shift while they are read, a full sweep finds all."""
    setattr(ledger, odd, True)
    ledger.add(200, lambda i: 0, "old")
    jobs = ledger.add(1000, lambda i: 20 + min(i // 20 * 10, 480))
    await asyncio.gather(*crowd.wait(jobs))
    assert len(crowd.lags) == 1000
    if odd == "frozen":
        assert max(crowd.lags) <= 26  # a full sweep of 24 pages is due every 24 ticks
    assert len(ledger.requests) <= 4 * ledger.ticks


async def test_old_foreign_assets_are_not_read(ledger: Ledger, crowd: Crowd) -> None:
    """Five thousand assets that nobody waits for, in another order of update than of creation, cost nothing."""
    old = ledger.add(5000, lambda i: -5000 + i * 997 % 5000, "old")
    for i, job in enumerate(old):
        ledger.jobs[job] = (ledger.now - 10_000 + i, ledger.jobs[job][1])
    jobs = ledger.add(100, lambda i: 20 + i // 10 * 30)
    await asyncio.gather(*crowd.wait(jobs))
    assert max(crowd.lags) <= 1
    assert len(ledger.requests) <= 2 * ledger.ticks


async def test_edits_by_others_hide_nothing(ledger: Ledger, crowd: Crowd) -> None:
    """However many ready assets are updated in between, the jobs below them in the list are found in time."""
    jobs = ledger.add(20, lambda i: 91 + i // 10 * 50)
    ledger.add(3000, lambda i: 20 + i / 12, "edited")
    await asyncio.gather(*crowd.wait(jobs))
    assert max(crowd.lags) <= 1


def _has_ticked(ledger: Ledger, before: int) -> bool:
    return ledger.ticks > before


async def test_waits_that_join_later(ledger: Ledger, crowd: Crowd) -> None:
    """A few that join at each tick, for new jobs and for old ones, are served as fast, among a thousand."""
    old = ledger.add(300, lambda i: 0, "old")
    jobs = ledger.add(1000, lambda i: 400)
    waits = crowd.wait(jobs)
    await until(lambda: ledger.ticks > 1)
    ticks, requests = ledger.ticks, len(ledger.requests)
    for turn in range(30):
        await until(partial(_has_ticked, ledger, ledger.ticks))
        waits += crowd.wait([*old[turn // 3 : (turn + 2) // 3], *ledger.add(3, lambda i: 30)])
    # At a tick, two pages and three jobs that are on neither; and once a sweep of all pages. The last tick may go on.
    assert len(ledger.requests) - requests <= 5 * (ledger.ticks - ticks + 1) + math.ceil(len(ledger.jobs) / 50)
    await asyncio.gather(*waits)
    assert max(crowd.lags) <= 2


async def test_news_of_many_at_once(ledger: Ledger, crowd: Crowd) -> None:
    """Waits whose jobs are on one page end together, those of the next page later, so that the loop is not blocked."""
    rounds = 0
    ended = Counter[int]()

    async def count() -> None:
        nonlocal rounds
        while True:
            rounds += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    waits = crowd.wait(ledger.add(200, lambda i: 30))
    for wait in waits:
        wait.add_done_callback(lambda _: ended.update([rounds]))
    await asyncio.gather(*waits)
    counting.cancel()
    assert max(ended.values()) <= 50
    assert ended.total() == 200


async def test_many_old_jobs_at_once(ledger: Ledger, crowd: Crowd) -> None:
    """Waits that join for many jobs long done are over after the next sweep, which costs fewer requests than jobs."""
    old = ledger.add(1000, lambda i: 0, "old")
    running = crowd.wait(ledger.add(10, lambda i: 150))
    await until(lambda: ledger.ticks > 2)
    before = len(ledger.requests)
    late = crowd.wait(old[:500])
    await asyncio.gather(*late)
    assert len(ledger.requests) - before <= 25
    await asyncio.gather(*running)
    assert max(crowd.lags) <= 2


async def test_jobs_that_the_list_does_not_show(ledger: Ledger, crowd: Crowd) -> None:
    """They are asked for one by one, a few at a time and each in its turn."""
    lost = ledger.add(6, lambda i: 0, "lost")
    found = ledger.add(6, lambda i: 0, "found")
    jobs = ledger.add(10, lambda i: 200)
    ledger.hidden, ledger.spoilt = [*lost, *found], dict.fromkeys(lost, 404)
    unfinished = crowd.wait(lost, timeout=1)
    await asyncio.gather(*crowd.wait([*found, *jobs]))
    assert max(crowd.lags) <= 8
    assert len(ledger.requests) <= 5 * ledger.ticks
    assert {type(error) for error in await asyncio.gather(*unfinished, return_exceptions=True)} == {WaitTimeoutError}


@pytest.mark.parametrize("others", [2, 10])
@pytest.mark.parametrize(("status", "error", "timeout"), [(400, BadRequestError, 30), (500, WaitTimeoutError, 0.3)])
async def test_one_bad_job_spoils_no_other(
    ledger: Ledger, crowd: Crowd, status: int, error: type[Exception], timeout: float, others: int
) -> None:
    """A job that the API refuses, or chokes on for ever, fails alone."""
    [bad] = ledger.hidden = ledger.add(1, lambda i: 0, "bad")
    ledger.spoilt = {bad: status}
    ledger.step = 0
    jobs = ledger.add(others, lambda i: 0)
    lost = crowd.wait([bad], timeout=timeout)
    await asyncio.gather(*crowd.wait(jobs))
    assert [type(failure) for failure in await asyncio.gather(*lost, return_exceptions=True)] == [error]


@pytest.mark.parametrize("others", [0, 5])
async def test_an_unknown_state_is_not_final(ledger: Ledger, crowd: Crowd, others: int) -> None:
    """A state that did not exist when this was written is waited out."""
    ledger.states = ("novel", "queued", "ready")
    ledger.step = 0
    jobs, seen = ledger.add(1 + others, lambda i: 30), list[str | None]()

    def callback(job: IndexedAsset) -> None:
        seen.append(job.status)
        ledger.now += 15

    await asyncio.gather(*crowd.wait(jobs[:1], callback=callback), *crowd.wait(jobs[1:]))
    assert (seen[0], seen[-1]) == ("novel", "ready")


async def test_cancelling_waits(ledger: Ledger, crowd: Crowd) -> None:
    """One of many leaves the others alone; the last one takes the request under way with it."""
    ledger.step = 0
    waits = crowd.wait(ledger.add(10, lambda i: 50))
    await until(lambda: ledger.ticks >= 2)
    assert await _cancelled(waits[0])
    tick = ledger.ticks
    await until(lambda: ledger.ticks > tick)
    assert not any(wait.done() for wait in waits[1:])
    ledger.held = asyncio.Event()
    await until(lambda: ledger.under_way > 0)
    for wait in waits[1:-1]:
        assert await _cancelled(wait)
    assert ledger.under_way == 1
    assert await _cancelled(waits[-1])
    await until(lambda: not ledger.under_way)


async def test_cancelling_all_waits_at_once(ledger: Ledger, crowd: Crowd) -> None:
    """Nothing is left of them; whoever waits next starts afresh."""
    ledger.held = asyncio.Event()
    waits = crowd.wait(ledger.add(100, lambda i: 5))
    await until(lambda: ledger.under_way > 0)
    for wait in waits:
        wait.cancel()
    await asyncio.wait(waits)
    await until(lambda: not ledger.under_way)
    assert not [task for task in asyncio.all_tasks() if "twelvelabs_async" in repr(task)]
    ledger.held = None
    assert len(await asyncio.gather(*crowd.wait(ledger.jobs))) == 100


async def _cancelled(wait: asyncio.Task[Any]) -> bool:
    wait.cancel()
    await asyncio.wait([wait])
    return wait.cancelled()


async def test_a_wait_in_a_hurry_hastens_the_poller(ledger: Ledger, crowd: Crowd) -> None:
    """Joining slow waits, it does not have to wait for their next look."""
    jobs = ledger.add(5, lambda i: 0)
    slow = crowd.wait(ledger.add(5, lambda i: 1e6), interval=60)
    await until(lambda: ledger.ticks == 1)
    await asyncio.wait_for(asyncio.gather(*crowd.wait(jobs)), 2)
    for wait in slow:
        assert await _cancelled(wait)


async def test_request_options_hold_for_every_look(ledger: Ledger, crowd: Crowd) -> None:
    """Waits with other options do not share a poller, and each sends its own."""
    ledger.step = 0
    jobs = ledger.add(10, lambda i: 5)
    waits = crowd.wait(jobs[:5], request_options={"additional_headers": {"x-team": "red"}})
    waits += crowd.wait(jobs[5:9], request_options={"additional_headers": {"x-team": "blue"}})
    waits += crowd.wait(jobs[9:], request_options={"additional_headers": {"x-team": "green"}})
    await until(lambda: {"red", "blue", "green"} <= {request.headers["x-team"] for request in ledger.requests})
    ledger.now += 10
    await asyncio.gather(*waits)
    one = [request.headers["x-team"] for request in ledger.requests if "job" in request.match_info]
    assert set(one) == {"green"}


async def test_indexes_and_copies_of_a_client_wait_apart(
    client: AsyncTwelveLabs, emulator: Emulator, index: IndexSchema
) -> None:
    """Each index has its poller, as has each copy with other options."""
    other = await client.indexes.ensure("other", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}])
    asset = await client.assets.create(method="url", url="https://example.com/a.mp4")
    emulator.advance(5)
    copy = client.with_options(headers={"x-team": "red"})
    waits = []
    for place, its_client in ((index.id, client), (other.id, client), (index.id, copy)):
        for _ in range(5):
            made = await client.indexes.indexed_assets.create(place, asset_id=asset.id)
            waits.append(its_client.indexes.indexed_assets.wait_until_ready(place, made.id, interval=TICK))
    emulator.requests.clear()
    emulator.advance(20)
    assert {job.status for job in await asyncio.gather(*waits)} == {"ready"}
    asked = {(request.path, request.headers.get("x-team")) for request in emulator.requests}
    paths = [f"/indexes/{place}/indexed-assets" for place in (index.id, other.id)]
    assert asked == {(paths[0], None), (paths[1], None), (paths[0], "red")}


def test_one_client_waits_in_two_event_loops(emulator: Emulator) -> None:
    """Neither a loop that is over, waits and all, nor one that runs in another thread matters to it."""
    client = AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.url)
    waits: list[asyncio.Task[Any]] = []

    async def wait(*, cut_off: bool) -> set[str | None]:
        made = [await client.assets.create(method="url", url="https://example.com/a.mp4") for _ in range(5)]
        waits[:] = [asyncio.create_task(client.assets.wait_until_ready(one.id, interval=TICK)) for one in made]
        if cut_off:
            await asyncio.sleep(2 * TICK)
            return set()
        emulator.advance(5)
        return {asset.status for asset in await asyncio.gather(*waits)}

    async def wait_beside_another_loop() -> None:
        made = await client.assets.create(method="url", url="https://example.com/a.mp4")
        waiting = asyncio.create_task(client.assets.wait_until_ready(made.id, interval=TICK))
        await asyncio.sleep(2 * TICK)
        assert await asyncio.to_thread(asyncio.run, wait(cut_off=False)) == {"ready"}
        assert (await waiting).status == "ready"

    assert asyncio.run(wait(cut_off=True)) == set()
    assert all(wait.cancelled() for wait in waits)
    asyncio.run(wait_beside_another_loop())
