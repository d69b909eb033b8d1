"""Waiting for jobs, alone and by the thousand."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from aiohttp import web
from leftovers import until

from twelvelabs_async import (
    AsyncTwelveLabs,
    BadRequestError,
    IndexedAsset,
    IndexSchema,
    JobFailedError,
    NotFoundError,
    TwelveLabs,
    UnauthorizedError,
    UploadError,
    WaitTimeoutError,
)
from twelvelabs_async._polling import passes
from twelvelabs_async.testing import Emulator

TICK = 0.01
"""The interval of the waits here, in seconds."""

Start = Callable[..., Awaitable[str]]


@pytest.fixture
async def start(client: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator) -> Start:
    """What starts to index a file with a name, and returns the id of the job."""

    async def start(name: str = "talk.mp4") -> str:
        asset = await client.assets.create(method="url", url=f"https://example.com/{name}")
        emulator.advance(5)
        created = await client.indexes.indexed_assets.create(index.id, asset_id=asset.id)
        emulator.requests.clear()
        return created.id

    return start


@pytest.fixture
def impatient(client: AsyncTwelveLabs) -> AsyncTwelveLabs:
    """The client without retries, so that every fault reaches the wait."""
    return client.with_options(max_retries=0)


# Emulated seconds from a status to the next.
STATES = {"processing": 5.0, "validating": 0.5, "pending": 0.5, "queued": 1.0, "indexing": 8.0, "ready": 0.0}


def turning(emulator: Emulator, seen: list[str | None]) -> Callable[[Any], None]:
    """A callback that notes each status and turns the clock for the next one to come."""

    def callback(job: Any) -> None:
        seen.append(job.status)
        emulator.advance(STATES[job.status])

    return callback


async def test_waiting_until_ready(
    client: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator, start: Start
) -> None:
    """The callback hears of each status once, however often it is looked at, and the job is returned when ready."""
    job, seen = await start(), list[str | None]()
    ready = await client.indexes.indexed_assets.wait_until_ready(
        index.id, job, interval=TICK, callback=turning(emulator, seen)
    )
    assert (ready.id, ready.status) == (job, "ready")
    assert [state for state in STATES if state in seen] == seen
    assert {"validating", "indexing", "ready"} <= set(seen)


async def test_a_coroutine_function_as_callback(
    client: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator, start: Start
) -> None:
    """It is awaited before the wait goes on."""
    job, seen = await start(), list[str | None]()

    async def callback(job: IndexedAsset) -> None:
        await asyncio.sleep(0)
        turning(emulator, seen)(job)

    await client.indexes.indexed_assets.wait_until_ready(index.id, job, interval=TICK, callback=callback)
    assert (seen[0], seen[-1]) == ("validating", "ready")
    assert len(seen) == len(set(seen))


def test_waiting_in_blocking_code(sync_client: TwelveLabs, emulator: Emulator) -> None:
    """The blocking twin uploads, indexes, waits, and calls back, too."""
    seen: list[str | None] = []
    index = sync_client.indexes.ensure("tests", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}])
    asset = sync_client.assets.create_and_wait(
        b"film", filename="a.mp4", interval=TICK, callback=turning(emulator, seen)
    )
    assert (asset.status, seen) == ("ready", ["processing", "ready"])
    job = sync_client.indexes.indexed_assets.create(index.id, asset_id=asset.id)
    with pytest.raises(WaitTimeoutError):
        sync_client.indexes.indexed_assets.wait_until_ready(index.id, job.id, interval=TICK, timeout=0.05)
    emulator.advance(20)
    assert sync_client.indexes.indexed_assets.wait_until_ready(index.id, job.id, interval=TICK).status == "ready"


async def test_create_and_wait(client: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator) -> None:
    """One call starts a job and waits for it, for assets and for indexed assets."""
    seen: list[str | None] = []
    asset = await client.assets.create_and_wait(
        "https://example.com/a.mp4", interval=TICK, callback=turning(emulator, seen)
    )
    assert (asset.status, seen) == ("ready", ["processing", "ready"])
    indexed = await client.indexes.indexed_assets.create_and_wait(
        index.id, asset_id=asset.id, user_metadata={"a": 1}, interval=TICK, callback=turning(emulator, seen)
    )
    assert (indexed.status, indexed.asset_id) == ("ready", asset.id)


@pytest.mark.parametrize("others", [0, 5])
async def test_items_of_a_knowledge_store(client: AsyncTwelveLabs, emulator: Emulator, others: int) -> None:
    """A wait ends with the item ready, failed, or late; waits on one store share a poller."""
    emulator.understand("bad.mp4", fail="no", at="knowledge")
    assets = [
        await client.assets.create(method="url", url=f"https://example.com/{name}.mp4")
        for name in ("bad", *(f"{n}" for n in range(1 + others)))
    ]
    emulator.advance(5)
    store = await client.knowledge_stores.create(name="talks")
    items = [await client.knowledge_store_items.create(store.id, asset_id=asset.id) for asset in assets]
    wait = client.knowledge_store_items.wait_until_ready
    with pytest.raises(WaitTimeoutError, match="queued"):
        await wait(store.id, items[1].id, interval=TICK, timeout=0.05)
    emulator.requests.clear()
    waits = asyncio.gather(*(wait(store.id, item.id, interval=TICK) for item in items), return_exceptions=True)
    await until(lambda: len(emulator.requests) >= 3)
    emulator.advance(20)
    failed, *ready = await waits
    assert isinstance(failed, JobFailedError)
    assert failed.job.id == items[0].id
    assert [item.id for item in ready if not isinstance(item, BaseException)] == [item.id for item in items[1:]]
    paths = {request.path for request in emulator.requests}
    assert (f"/knowledge-stores/{store.id}/items" in paths) == (others > 0)
    seen: list[str | None] = []
    turn = turning(emulator, seen)
    again = await client.knowledge_store_items.create_and_wait(
        store.id, asset_id=assets[1].id, interval=TICK, callback=turn
    )
    assert (again.status, seen[0], seen[-1]) == ("ready", "queued", "ready")


@pytest.mark.parametrize("others", [0, 5])
async def test_a_job_that_fails_says_why(
    client: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator, others: int
) -> None:
    """The error has the job and the API's reason; other waits go on."""
    emulator.understand("broken.mp4", fail="no video stream", at="processing")
    broken = await client.assets.create(method="url", url="https://example.com/broken.mp4")
    good = [await client.assets.create(method="url", url="https://example.com/a.mp4") for _ in range(others)]
    emulator.advance(5)
    waits = [client.assets.wait_until_ready(asset.id, interval=TICK) for asset in (broken, *good)]
    failed, *ready = await asyncio.gather(*waits, return_exceptions=True)
    assert isinstance(failed, JobFailedError)
    assert failed.reason == "no video stream"
    assert failed.job.id == broken.id
    assert "no video stream" in str(failed)
    assert all(not isinstance(asset, BaseException) and asset.status == "ready" for asset in ready)


async def test_an_endless_job_ends_with_the_deadline(client: AsyncTwelveLabs, index: IndexSchema, start: Start) -> None:
    """The error is a `TimeoutError`, too, and carries the last state."""
    job = await start()
    with pytest.raises(WaitTimeoutError, match="validating") as caught:
        await client.indexes.indexed_assets.wait_until_ready(index.id, job, interval=TICK, timeout=0.1)
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.job.id == job
    assert caught.value.job.status == "validating"


@pytest.mark.parametrize("error", [TimeoutError("mine"), KeyError("mine"), NotFoundError("mine")])
async def test_an_error_of_the_callback_is_the_callers(
    client: AsyncTwelveLabs, index: IndexSchema, start: Start, error: Exception
) -> None:
    """It comes through as it is, and is taken neither for the deadline nor for a fault of the API."""
    job = await start()

    def callback(job: IndexedAsset) -> None:
        raise error

    with pytest.raises(type(error), match="mine") as caught:
        await client.indexes.indexed_assets.wait_until_ready(index.id, job, interval=TICK, timeout=5, callback=callback)
    assert caught.value is error


@pytest.mark.parametrize("others", [0, 5])
@pytest.mark.parametrize("fault", ["404", "503", "reset", "429"])
async def test_faults_that_pass_are_ridden_out(
    impatient: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator, start: Start, fault: str, others: int
) -> None:
    """A job may be unknown at first, and the API may be ill for a while, whether one waits alone or with others."""
    jobs = [await start() for _ in range(1 + others)]
    path = f"/indexes/{index.id}/indexed-assets*"
    if fault == "reset":
        emulator.drop("GET", path, times=2)
    else:
        emulator.fail(
            "GET", path, status=int(fault), headers={"Retry-After": "0.05"} if fault == "429" else {}, times=2
        )
    emulator.advance(20)
    waits = (impatient.indexes.indexed_assets.wait_until_ready(index.id, job, interval=TICK, timeout=5) for job in jobs)
    assert {job.status for job in await asyncio.gather(*waits)} == {"ready"}
    assert len(emulator.requests) >= 3


@pytest.mark.parametrize("others", [0, 5])
async def test_the_api_is_left_alone_for_as_long_as_it_asks(
    impatient: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator, start: Start, others: int
) -> None:
    """After a 429 with ``Retry-After`` nobody looks again before that time."""
    jobs = [await start() for _ in range(1 + others)]
    emulator.fail("GET", "/indexes/*", status=429, headers={"Retry-After": "0.2"})
    emulator.advance(20)
    began = time.monotonic()
    waits = (impatient.indexes.indexed_assets.wait_until_ready(index.id, job, interval=TICK) for job in jobs)
    await asyncio.gather(*waits)
    assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize("others", [0, 5])
async def test_a_wrong_key_raises_at_once(emulator: Emulator, index: IndexSchema, start: Start, others: int) -> None:
    """Waiting cannot make a key right: each wait fails at its first look."""
    jobs = [await start() for _ in range(1 + others)]
    async with AsyncTwelveLabs(api_key="wrong", base_url=emulator.url) as stranger:
        waits = (stranger.indexes.indexed_assets.wait_until_ready(index.id, job, interval=5) for job in jobs)
        errors = await asyncio.wait_for(asyncio.gather(*waits, return_exceptions=True), 2)
    assert [type(error) for error in errors] == [UnauthorizedError] * len(jobs)
    assert len(emulator.requests) == 1


async def test_waiting_with_a_closed_client_ends(emulator: Emulator, index: IndexSchema, start: Start) -> None:
    """A client closed under the waits fails them, whatever their deadline."""
    job = await start()
    client = AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.url)
    waits = [
        asyncio.create_task(client.indexes.indexed_assets.wait_until_ready(index.id, job, interval=TICK))
        for _ in range(3)
    ]
    await until(lambda: bool(emulator.requests))
    await client.close()
    done, _ = await asyncio.wait(waits, timeout=2)
    assert len(done) == 3
    assert all(task.exception() is not None for task in done)


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
    assert len(ledger.requests) - requests <= 4 * (ledger.ticks - ticks + 1)  # the tick under way may go on
    await asyncio.gather(*waits)
    assert max(crowd.lags) <= 2


async def test_news_of_many_at_once(ledger: Ledger, crowd: Crowd) -> None:
    """Waits that end at the same look go on one after the other, so that the event loop has time for others."""
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
    assert max(ended.values()) == 1
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


async def test_waits_for_assets_are_asked_for_together(client: AsyncTwelveLabs, emulator: Emulator) -> None:
    """Fifty assets are one request; a job that is ready is not asked for again."""
    made = [await client.assets.create(method="url", url=f"https://example.com/{i}.mp4") for i in range(60)]
    emulator.requests.clear()
    waits = [asyncio.create_task(client.assets.wait_until_ready(asset.id, interval=0.2)) for asset in made]
    await until(lambda: len(emulator.requests) == 2)
    emulator.advance(5)
    assert [asset.id for asset in await asyncio.gather(*waits)] == [asset.id for asset in made]
    assert {request.path for request in emulator.requests} == {"/assets"}
    assert len(emulator.requests) == 4
    asked = [value for request in emulator.requests[:2] for name, value in request.query if name == "asset_ids"]
    assert sorted(asked) == sorted(asset.id for asset in made)


async def test_an_impossible_asset_spoils_no_other(impatient: AsyncTwelveLabs, emulator: Emulator) -> None:
    """If the API refuses a list of ids for one of them, that one fails, and the others go on."""
    made = [await impatient.assets.create(method="url", url=f"https://example.com/{i}.mp4") for i in range(5)]
    emulator.advance(5)
    emulator.fail("GET", "/assets", status=400, body={"code": "parameter_invalid", "message": "asset_ids"}, times=3)
    emulator.fail("GET", "/assets/bad", status=400, body={"code": "parameter_invalid", "message": "asset_id"})
    waits = [impatient.assets.wait_until_ready(job, interval=TICK) for job in ["bad", *(asset.id for asset in made)]]
    failed, *ready = await asyncio.gather(*waits, return_exceptions=True)
    assert isinstance(failed, BadRequestError)
    assert [not isinstance(asset, BaseException) and asset.status for asset in ready] == ["ready"] * 5


async def test_waiting_for_a_transcription(client: AsyncTwelveLabs, emulator: Emulator) -> None:
    """Waiting for a transcription returns it, cut as asked for; one that fails says why."""
    emulator.understand("talk.mp4", transcription=[(0.0, 2.0, "lift off")])
    emulator.understand("bad.mp4", transcription=[(0.0, 2.0, "mumble")], fail="too quiet", at="transcription")
    talk, bad = [await client.assets.create(method="direct", file=(name, b"...")) for name in ("talk.mp4", "bad.mp4")]
    heard = await client.assets.wait_for_transcription(
        talk.id, include="words", interval=TICK, callback=lambda _: emulator.advance(60)
    )
    assert (heard.status, [word.value for word in heard.words or ()]) == ("ready", ["lift", "off"])
    with pytest.raises(JobFailedError, match="too quiet"):
        await client.assets.wait_for_transcription(bad.id, interval=TICK)


async def test_waiting_for_an_upload_session(client: AsyncTwelveLabs, emulator: Emulator) -> None:
    """Waiting for an upload session shares the engine of all waits: a deadline, and an error if it expires."""
    session = await client.multipart_upload.create(filename="talk.mp4", type="video", total_size=10)
    with pytest.raises(WaitTimeoutError, match="active"):
        await client.multipart_upload.wait_until_ready(session.upload_id, timeout=0.1, interval=TICK)
    emulator.advance(25 * 3600)
    with pytest.raises(JobFailedError, match="expired"):
        await client.multipart_upload.wait_until_ready(session.upload_id, interval=TICK)


async def test_waiting_for_an_upload(client: AsyncTwelveLabs, emulator: Emulator) -> None:
    """An upload session is waited for until its parts are there, or it has expired."""
    made = await client.multipart_upload.create(filename="a.mp4", type="video", total_size=100)
    assert made.upload_id is not None
    seen = []

    def callback(status: Any) -> None:
        seen.append(status.status)
        if len(seen) == 2:
            emulator.advance(25 * 3600)

    with pytest.raises(UploadError, match="expired") as caught:
        await client.multipart_upload.wait_for_upload_completion(made.upload_id, sleep_interval=TICK, callback=callback)
    assert caught.value.upload_id == made.upload_id
    assert seen[:2] == ["in_progress", "in_progress"]
    another = await client.multipart_upload.create(filename="a.mp4", type="video", total_size=100)
    with pytest.raises(UploadError, match="not ready after"):
        await client.multipart_upload.wait_for_upload_completion(
            another.upload_id or "", sleep_interval=TICK, max_wait_time=0.05
        )


@pytest.mark.parametrize("job", ["", ".", "..", " "])
async def test_an_id_that_cannot_be_is_refused(client: AsyncTwelveLabs, emulator: Emulator, job: str) -> None:
    """Before anything is sent."""
    for wait in (
        client.assets.wait_until_ready(job),
        client.indexes.indexed_assets.wait_until_ready("index", job),
        client.indexes.indexed_assets.wait_until_ready(job, "job"),
    ):
        with pytest.raises(ValueError, match="must be an id"):
            await wait
    assert emulator.requests == []


@pytest.mark.parametrize(
    "wrong", [{"timeout": 0}, {"timeout": -1}, {"timeout": math.nan}, {"interval": 0}, {"interval": -1}]
)
async def test_a_time_that_cannot_be_is_refused(
    client: AsyncTwelveLabs, emulator: Emulator, wrong: dict[str, Any]
) -> None:
    """Neither a deadline in the past nor an interval that never rests; nothing is sent."""
    with pytest.raises(ValueError, match="must be above 0"):
        await client.assets.wait_until_ready("asset", **wrong)
    assert emulator.requests == []


@pytest.mark.parametrize(
    ("error", "age", "passing"),
    [
        (NotFoundError("gone"), 29.0, True),
        (NotFoundError("gone"), 31.0, False),
        (UnauthorizedError("key"), 0.0, False),
        (RuntimeError("closed"), 0.0, False),
    ],
)
def test_what_may_pass(error: Exception, age: float, passing: bool) -> None:
    """A 404 may pass in the first half minute of a job; a wrong key or an error of another kind never does."""
    assert passes(error, age) is passing
