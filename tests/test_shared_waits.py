"""Thousands of waits share a poller, which reads lists instead of single jobs."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime
from math import ceil
from typing import Any

import pytest
from aiohttp import web
from attrs import frozen

from twelvelabs_async import (
    APIResponseError,
    AsyncTwelveLabs,
    BadRequestError,
    IndexedAsset,
    IndexSchema,
    UnauthorizedError,
    WaitTimeoutError,
)
from twelvelabs_async.options import MAX_PAGE_LIMIT
from twelvelabs_async.testing import Emulator

from support.clock import Clock
from support.until import until

INTERVAL = 600.0
"""Seconds between polls: so many that the real time which requests take does not matter."""
ONE_POLL = 1.2 * INTERVAL
"""Upper limit of the time from one poll to the end of the next: intervals vary by 10 %, and requests take time."""

Wait = Callable[..., asyncio.Task[float]]


@frozen
class Job:
    """A job that becomes ``indexing`` half an interval after its creation."""

    id: str
    created_at: float
    ready_at: float

    def changes(self, now: float) -> dict[str, float]:
        """Return the statuses that the job has had, with the times of the changes."""
        times = {"queued": self.created_at, "indexing": self.created_at + INTERVAL / 2, "ready": self.ready_at}
        return {status: at for status, at in times.items() if at <= now}


class JobServer:
    """A server of one index, in which time is that of the event loop."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.requests: list[web.Request] = []

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    @property
    def polls(self) -> int:
        """Number of list polls: each begins with the first page of updates."""
        first_page = {"sort_by": "updated_at", "page": "1"}
        return sum(first_page.items() <= request.query.items() for request in self.requests)

    def add(self, count: int, duration: Callable[[int], float], name: str = "job") -> list[str]:
        """Create jobs, the n-th of which takes *duration(n)* seconds; return their ids."""
        ids = [f"{name}-{len(self.jobs) + number}" for number in range(count)]
        for number, job_id in enumerate(ids):
            ready_at = self.now + duration(number)
            self.jobs[job_id] = Job(job_id, min(self.now, ready_at - INTERVAL), ready_at)
        return ids

    def status(self, job: Job) -> str:
        return [*job.changes(self.now)][-1]

    def updated_at(self, job: Job) -> float:
        return max(job.changes(self.now).values())

    def listed(self) -> Iterable[Job]:
        return self.jobs.values()

    def represent(self, job: Job) -> dict[str, Any]:
        created_at, updated_at = (
            datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
            for at in (job.created_at, self.updated_at(job))
        )
        return {"_id": job.id, "status": self.status(job), "created_at": created_at, "updated_at": updated_at}

    async def list(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        statuses, by_update = request.query.getall("status", []), request.query["sort_by"] == "updated_at"
        jobs = [job for job in self.listed() if not statuses or self.status(job) in statuses]
        jobs.sort(key=self.updated_at if by_update else lambda job: job.created_at, reverse=True)
        page, limit = int(request.query["page"]), int(request.query["page_limit"])
        items = [self.represent(job) for job in jobs[(page - 1) * limit : page * limit]]
        return web.json_response({"data": items, "page_info": {"page": page, "total_page": ceil(len(jobs) / limit)}})

    async def retrieve(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        job = self.jobs.get(request.match_info["job"])
        return web.json_response({"code": "x", "message": "unknown"}, status=404) if job is None else self.found(job)

    def found(self, job: Job) -> web.Response:
        return web.json_response(self.represent(job))


class ServerWithoutUpdateTimes(JobServer):
    """Its ``updated_at`` never changes."""

    def updated_at(self, job: Job) -> float:
        return job.created_at


class ServerWithShiftingPages(JobServer):
    """One of the jobs without a wait is deleted with each page that is read."""

    def listed(self) -> Iterable[Job]:
        self.jobs.pop(next((job_id for job_id in self.jobs if job_id.startswith("foreign")), ""), None)
        return super().listed()


class ServerWithGaps(JobServer):
    """Its list lacks some jobs. It refuses to return those that are lost."""

    lost_status = 404

    def listed(self) -> Iterable[Job]:
        return [job for job in self.jobs.values() if not job.id.startswith(("lost", "unlisted"))]

    def found(self, job: Job) -> web.Response:
        if job.id.startswith("lost"):
            return web.json_response({"code": "x", "message": job.id}, status=self.lost_status)
        return super().found(job)


class ServerWithNewStatus(JobServer):
    """A job has an unknown status before it is ready."""

    def status(self, job: Job) -> str:
        return "dreaming" if super().status(job) == "indexing" else super().status(job)


class ServerThatNeverResponds(JobServer):
    """It counts the list requests that are in flight."""

    in_flight = 0

    async def list(self, request: web.Request) -> web.Response:
        self.in_flight += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.in_flight -= 1
        raise AssertionError


@pytest.fixture
def server(request: pytest.FixtureRequest) -> JobServer:
    """A server of the class that the test names as indirect parameter."""
    made: JobServer = getattr(request, "param", JobServer)()
    return made


@pytest.fixture
async def shared(server: JobServer, clock: Clock) -> AsyncIterator[AsyncTwelveLabs]:
    """A client of *server* without retries; tasks that it leaves fail the test."""
    app = web.Application()
    app.router.add_get("/indexes/i/indexed-assets", server.list)
    app.router.add_get("/indexes/i/indexed-assets/{job}", server.retrieve)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = "http://{}:{}".format(*runner.addresses[0])
    async with AsyncTwelveLabs(api_key="k", base_url=url, max_retries=0, middlewares=[clock.middleware]) as client:
        yield client
        assert not own_tasks()
    await runner.cleanup()


def own_tasks() -> list[asyncio.Task[Any]]:
    return [task for task in asyncio.all_tasks() if "twelvelabs_async" in repr(task)]


@pytest.fixture
def wait(server: JobServer, shared: AsyncTwelveLabs) -> Wait:
    """A function that starts a wait. Its result is the delay after the job was ready."""

    async def measure(job_id: str, **options: Any) -> float:
        started_at = server.now
        options = {"interval": INTERVAL, "timeout": 1000 * INTERVAL, **options}
        job = await shared.indexes.indexed_assets.wait_until_ready("i", job_id, **options)
        assert (job.id, job.status) == (job_id, "ready")
        return server.now - max(started_at, server.jobs[job_id].ready_at)

    return lambda job_id, **options: asyncio.create_task(measure(job_id, **options))


@pytest.mark.usefixtures("autojump_clock")
class TestCosts:
    @pytest.mark.parametrize("with_callback", [False, True])
    async def test_a_thousand_waits_cost_a_few_requests_per_poll(
        self, server: JobServer, wait: Wait, with_callback: bool
    ) -> None:
        """Jobs that finish over 25 polls cost at most four requests per poll.

        Without a callback, updates to other statuses than the final ones are not read.
        """
        statuses: list[str | None] = []
        options = {"callback": lambda job: statuses.append(job.status)} if with_callback else {}
        jobs = server.add(1000, lambda number: (2 + number // 40) * INTERVAL)
        delays = await asyncio.gather(*(wait(job, **options) for job in jobs))
        assert max(delays) <= ONE_POLL
        assert server.polls >= 22
        assert len(server.requests) <= 4 * server.polls
        updates = [request.query for request in server.requests if request.query.get("sort_by") == "updated_at"]
        filters = {tuple(query.getall("status", ())) for query in updates}
        assert filters == {() if with_callback else ("failed", "ready")}
        assert not with_callback or Counter(statuses) == {"queued": 1000, "indexing": 1000, "ready": 1000}

    async def test_jobs_without_a_wait_are_not_read(self, server: JobServer, wait: Wait) -> None:
        """Five thousand jobs, updated in another order than created, cost nothing."""
        for number in range(5000):
            job_id, ready_at = f"foreign-{number}", server.now - 1 - number * 997 % 5000
            server.jobs[job_id] = Job(job_id, server.now - 10_000 + number, ready_at)
        jobs = server.add(100, lambda number: (2 + number // 10) * INTERVAL)
        assert max(await asyncio.gather(*map(wait, jobs))) <= ONE_POLL
        assert len(server.requests) <= 2 * server.polls

    async def test_updates_of_other_jobs_hide_none(self, server: JobServer, wait: Wait) -> None:
        """Three thousand other jobs become ready before them."""
        jobs = server.add(20, lambda number: (4 + number // 10 * 3) * INTERVAL)
        server.add(3000, lambda number: INTERVAL + number * INTERVAL / 400, "foreign")
        assert max(await asyncio.gather(*map(wait, jobs))) <= ONE_POLL

    async def test_waits_that_join_later_are_as_fast(self, server: JobServer, wait: Wait) -> None:
        """Beside a thousand others, they end with the next poll, for new and old jobs."""
        old = server.add(300, lambda number: -1, "old")
        waits = [wait(job) for job in server.add(1000, lambda number: 20 * INTERVAL)]
        await asyncio.sleep(2 * INTERVAL)
        polls, requests = server.polls, len(server.requests)
        for turn in range(15):
            waits += [wait(old[turn]), *map(wait, server.add(3, lambda number: 2 * INTERVAL))]
            await asyncio.sleep(INTERVAL)
        full_read = ceil(len(server.jobs) / MAX_PAGE_LIMIT)
        # A poll reads two pages and retrieves at most three jobs. The list is read completely once in these polls.
        assert len(server.requests) - requests <= 5 * (server.polls - polls + 1) + full_read
        assert max(await asyncio.gather(*waits)) <= ONE_POLL

    async def test_many_old_jobs_cost_fewer_requests_than_jobs(self, server: JobServer, wait: Wait) -> None:
        """Five hundred waits for jobs that were ready before end with the next poll."""
        old = server.add(1000, lambda number: -1, "old")
        running = [wait(job) for job in server.add(10, lambda number: 10 * INTERVAL)]
        await asyncio.sleep(3 * INTERVAL)
        requests = len(server.requests)
        assert max(await asyncio.gather(*map(wait, old[:500]))) <= ONE_POLL
        assert len(server.requests) - requests <= 2 + 1010 / MAX_PAGE_LIMIT
        await asyncio.gather(*running)

    async def test_waits_for_the_jobs_of_a_page_end_together(self, server: JobServer, wait: Wait) -> None:
        """Those of the next page end later, so that other tasks run in between."""
        rounds, ended = 0, Counter[int]()

        async def count_rounds() -> None:
            nonlocal rounds
            while True:
                rounds += 1
                await asyncio.sleep(0)

        counting = asyncio.create_task(count_rounds())
        waits = [wait(job) for job in server.add(200, lambda number: -1)]
        for task in waits:
            task.add_done_callback(lambda _: ended.update([rounds]))
        await asyncio.gather(*waits)
        counting.cancel()
        assert ended.total() == 200
        assert max(ended.values()) <= MAX_PAGE_LIMIT


@pytest.mark.usefixtures("autojump_clock")
class TestOddServers:
    @pytest.mark.parametrize("server", [ServerWithoutUpdateTimes, ServerWithShiftingPages], indirect=True)
    async def test_a_complete_read_finds_what_updates_do_not_show(self, server: JobServer, wait: Wait) -> None:
        """A thousand waits end although the list of updates misses some."""
        server.add(200, lambda number: -1, "foreign")
        # The oldest jobs take longest, so that those that become ready are not among the newest of the list.
        jobs = server.add(1000, lambda number: (27 - number // 40) * INTERVAL)
        delays = await asyncio.gather(*map(wait, jobs))
        # The list has 24 pages, so that it is read completely after 24 incremental polls.
        assert max(delays) <= 25 * ONE_POLL
        assert len(server.requests) <= 4 * server.polls

    @pytest.mark.parametrize("server", [ServerWithGaps], indirect=True)
    async def test_jobs_that_the_list_lacks_are_retrieved_in_turn(self, server: ServerWithGaps, wait: Wait) -> None:
        """A poll retrieves three of them, so that twelve take four polls."""
        server.lost_status = 500
        lost = [wait(job, timeout=10 * INTERVAL) for job in server.add(6, lambda number: -1, "lost")]
        unlisted = [wait(job) for job in server.add(6, lambda number: -1, "unlisted")]
        jobs = [wait(job) for job in server.add(10, lambda number: 12 * INTERVAL)]
        assert max(await asyncio.gather(*unlisted)) <= 4 * ONE_POLL
        assert max(await asyncio.gather(*jobs)) <= ONE_POLL
        assert len(server.requests) <= 5 * server.polls
        errors = await asyncio.gather(*lost, return_exceptions=True)
        assert {type(error) for error in errors} == {WaitTimeoutError}

    @pytest.mark.parametrize("others", [2, 10])
    @pytest.mark.parametrize("server", [ServerWithGaps], indirect=True)
    @pytest.mark.parametrize(("status", "error"), [(400, BadRequestError), (500, WaitTimeoutError)])
    async def test_a_job_that_cannot_be_retrieved_fails_alone(
        self, server: ServerWithGaps, wait: Wait, status: int, error: type[Exception], others: int
    ) -> None:
        """A permanent failure ends its wait at once, a transient one at the deadline."""
        server.lost_status = status
        [lost] = [wait(job, timeout=5 * INTERVAL) for job in server.add(1, lambda number: -1, "lost")]
        jobs = server.add(others, lambda number: 2 * INTERVAL)
        assert max(await asyncio.gather(*map(wait, jobs))) <= ONE_POLL
        with pytest.raises(error):
            await lost

    @pytest.mark.parametrize("others", [0, 5])
    @pytest.mark.parametrize("server", [ServerWithNewStatus], indirect=True)
    async def test_an_unknown_status_is_not_final(self, server: JobServer, wait: Wait, others: int) -> None:
        """The wait goes on until a status that is known to be final."""
        statuses: list[str | None] = []
        first, *rest = server.add(1 + others, lambda number: 3 * INTERVAL)
        await asyncio.gather(wait(first, callback=lambda job: statuses.append(job.status)), *map(wait, rest))
        assert statuses == ["queued", "dreaming", "ready"]


class TestCancellation:
    @pytest.mark.usefixtures("autojump_clock")
    async def test_a_cancelled_wait_leaves_the_others_alone(self, server: JobServer, wait: Wait) -> None:
        """Ten waits, one of which is cancelled: nine end as usual."""
        cancelled, *others = [wait(job) for job in server.add(10, lambda number: 3 * INTERVAL)]
        await asyncio.sleep(INTERVAL)
        assert await is_cancelled(cancelled)
        assert max(await asyncio.gather(*others)) <= ONE_POLL

    @pytest.mark.parametrize("server", [ServerThatNeverResponds], indirect=True)
    async def test_the_last_cancelled_wait_takes_the_request_in_flight_with_it(
        self, server: ServerThatNeverResponds, wait: Wait
    ) -> None:
        """The waits before the last one leave the request alone."""
        *waits, last = [wait(job) for job in server.add(10, lambda number: 0)]
        await until(lambda: server.in_flight == 1)
        for task in waits:
            assert await is_cancelled(task)
        assert server.in_flight == 1
        assert await is_cancelled(last)
        assert not own_tasks()
        await until(lambda: server.in_flight == 0)

    @pytest.mark.usefixtures("autojump_clock")
    async def test_waits_after_all_were_cancelled_start_afresh(self, server: JobServer, wait: Wait) -> None:
        """Cancelling all waits at once ends the poller; the next waits make another one."""
        waits = [wait(job) for job in server.add(100, lambda number: 2 * INTERVAL)]
        await asyncio.sleep(INTERVAL)
        for task in waits:
            task.cancel()
        await asyncio.wait(waits)
        assert not own_tasks()
        assert max(await asyncio.gather(*map(wait, server.jobs))) <= ONE_POLL


async def is_cancelled(task: asyncio.Task[Any]) -> bool:
    """Cancel *task*; return whether it ended so."""
    task.cancel()
    await asyncio.wait([task])
    return task.cancelled()


@pytest.mark.usefixtures("autojump_clock")
class TestSharing:
    async def test_a_wait_with_a_shorter_interval_hastens_the_poller(self, server: JobServer, wait: Wait) -> None:
        """It joins slow waits, and need not wait for their next poll."""
        slow = [wait(job) for job in server.add(5, lambda number: 5 * INTERVAL)]
        await asyncio.sleep(INTERVAL / 2)
        [job] = server.add(1, lambda number: INTERVAL / 10)
        assert await wait(job, interval=INTERVAL / 100) <= INTERVAL / 20
        await asyncio.gather(*slow)

    async def test_the_poller_has_ended_when_the_last_wait_returns(
        self, server: JobServer, shared: AsyncTwelveLabs
    ) -> None:
        """No task is left that a program would have to wait for."""
        [job] = server.add(1, lambda number: -1)
        await shared.indexes.indexed_assets.wait_until_ready("i", job)
        assert not own_tasks()

    async def test_waits_with_different_request_options_do_not_share(self, server: JobServer, wait: Wait) -> None:
        """Each poll sends the options of its waits."""
        jobs = server.add(10, lambda number: 2 * INTERVAL)
        colors = ["red"] * 5 + ["blue"] * 4 + ["green"]
        await asyncio.gather(
            *(
                wait(job, request_options={"additional_headers": {"x-team": color}})
                for job, color in zip(jobs, colors, strict=True)
            )
        )
        lists, singles = Counter[str](), Counter[str]()
        for request in server.requests:
            (singles if "job" in request.match_info else lists)[request.headers["x-team"]] += 1
        assert set(lists) == {"red", "blue"}
        assert set(singles) == {"green"}

    async def test_an_error_is_copied_for_each_wait(self, emulator: Emulator, clock: Clock) -> None:
        """Notes that one task adds to its error do not appear in the others."""
        async with AsyncTwelveLabs(api_key="wrong", base_url=emulator.url, middlewares=[clock.middleware]) as client:
            waits = [client.indexes.indexed_assets.wait_until_ready("i", f"job{number}") for number in range(5)]
            errors = await asyncio.gather(*waits, return_exceptions=True)
        assert {type(error) for error in errors} == {UnauthorizedError}
        assert len({id(error) for error in errors}) == 5
        assert len({str(error) for error in errors}) == 1
        assert len(emulator.requests) == 1

    async def test_a_malformed_status_fails_its_wait_only(
        self, client: AsyncTwelveLabs, emulator: Emulator, index: IndexSchema
    ) -> None:
        """The list may be malformed altogether: then each job is retrieved."""
        asset = await client.assets.create_and_wait("https://example.com/a.mp4")
        items = client.indexes.indexed_assets
        jobs = [(await items.create(index.id, asset_id=asset.id)).id for _ in range(5)]
        odd = [{"_id": jobs[0], "status": ["ready"]}, {"_id": []}, None, {"_id": jobs[1], "status": "queued"}]
        path = f"/indexes/{index.id}/indexed-assets"
        emulator.fail("GET", path, status=200, body={"data": odd})
        emulator.fail("GET", path, status=200, body={"data": 5})
        waits = [items.wait_until_ready(index.id, job) for job in jobs]
        failed, *ready = await asyncio.gather(*waits, return_exceptions=True)
        assert isinstance(failed, APIResponseError)
        assert "expected a string as 'status' of the response; got ['ready']" in str(failed)
        assert [job.status for job in ready if isinstance(job, IndexedAsset)] == ["ready"] * 4

    async def test_indexes_and_copies_of_a_client_do_not_share(
        self, client: AsyncTwelveLabs, emulator: Emulator, index: IndexSchema
    ) -> None:
        """Each index has its poller, as has each copy of the client with other options."""
        other = await client.indexes.ensure("other", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}])
        asset = await client.assets.create_and_wait("https://example.com/a.mp4")
        copy = client.with_options(headers={"x-team": "red"})
        waits = []
        for index_id, waiting_client in ((index.id, client), (other.id, client), (index.id, copy)):
            for _ in range(5):
                created = await client.indexes.indexed_assets.create(index_id, asset_id=asset.id)
                waits.append(waiting_client.indexes.indexed_assets.wait_until_ready(index_id, created.id))
        emulator.requests.clear()
        assert {job.status for job in await asyncio.gather(*waits)} == {"ready"}
        polls = {
            (request.path, request.headers.get("x-team"))
            for request in emulator.requests
            if request.path.endswith("/indexed-assets")
        }
        paths = [f"/indexes/{index_id}/indexed-assets" for index_id in (index.id, other.id)]
        assert polls == {(paths[0], None), (paths[1], None), (paths[0], "red")}


async def wait_for_five_assets(client: AsyncTwelveLabs, emulator: Emulator) -> set[str | None]:
    """Start assets and wait for them; return their statuses."""
    assets = [await client.assets.create(method="url", url="https://example.com/a.mp4") for _ in range(5)]
    waits = [asyncio.create_task(client.assets.wait_until_ready(asset.id, interval=0.01)) for asset in assets]
    await until(lambda: any(request.method == "GET" for request in emulator.requests))
    emulator.advance(5)
    return {asset.status for asset in await asyncio.gather(*waits)}


def test_waits_that_ended_with_their_event_loop_do_not_hinder_others(emulator: Emulator) -> None:
    """The first loop is closed in the middle of waits, and a second one is run."""
    client = AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.url)

    async def leave_waits_behind() -> list[asyncio.Task[Any]]:
        asset = await client.assets.create(method="url", url="https://example.com/a.mp4")
        waits = [asyncio.create_task(client.assets.wait_until_ready(asset.id)) for _ in range(5)]
        await until(lambda: len(emulator.requests) > 1)
        return waits

    waits = asyncio.run(leave_waits_behind())
    assert all(wait.cancelled() for wait in waits)
    assert asyncio.run(wait_for_five_assets(client, emulator)) == {"ready"}


def test_waits_in_two_event_loops_do_not_share(emulator: Emulator) -> None:
    """A client waits in the event loops of two threads at the same time."""
    client = AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.url)

    async def wait_beside_another_loop() -> None:
        asset = await client.assets.create(method="url", url="https://example.com/b.mp4")
        waiting = asyncio.create_task(client.assets.wait_until_ready(asset.id, interval=0.01))
        await until(lambda: len(emulator.requests) > 1)
        other = await asyncio.to_thread(asyncio.run, wait_for_five_assets(client, emulator))
        assert other == {"ready"}
        assert (await waiting).status == "ready"

    asyncio.run(wait_beside_another_loop())
