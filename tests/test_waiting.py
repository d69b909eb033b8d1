"""Waiting for one job: callbacks, timeouts, failed polls, intervals, options."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Awaitable, Callable
from itertools import pairwise
from operator import attrgetter
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from twelvelabs_async import (
    APIResponseError,
    AsyncTwelveLabs,
    BadRequestError,
    IndexedAsset,
    IndexSchema,
    JobFailedError,
    NotFoundError,
    UnauthorizedError,
    UploadError,
    WaitTimeoutError,
)
from twelvelabs_async.options import MAX_PAGE_LIMIT
from twelvelabs_async.testing import Emulator

from support.app_server import serve
from support.clients import Connect
from support.clock import Clock
from support.samples import video
from support.until import until

# The emulator's clock follows that of the event loop only, so that a slow machine changes no status.
pytestmark = pytest.mark.usefixtures("autojump_clock")

alone_or_shared = pytest.mark.parametrize("others", [0, 5], ids=["alone", "beside five others"])
"""Few jobs are retrieved one by one; many are read from a list."""

MINUTE = 60.0
DAY = 24 * 3600.0
DAYS = 10 * DAY

Start = Callable[..., Awaitable[str]]


@pytest.fixture
async def start(client: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator) -> Start:
    """A function that starts indexing a file, and returns the id of the job."""

    async def start(name: str = "talk.mp4") -> str:
        asset = await client.assets.create_and_wait(f"https://example.com/{name}")
        created = await client.indexes.indexed_assets.create(index.id, asset_id=asset.id)
        emulator.requests.clear()
        return created.id

    return start


def now() -> float:
    return asyncio.get_running_loop().time()


class TestCallback:
    async def test_each_status_is_published_once_and_in_order(
        self, client: AsyncTwelveLabs, index: IndexSchema, start: Start
    ) -> None:
        """The job is returned when it is ready, however many polls that took."""
        job_id, statuses = await start(), list[str | None]()
        ready = await client.indexes.indexed_assets.wait_until_ready(
            index.id, job_id, interval=0.2, callback=lambda job: statuses.append(job.status)
        )
        assert (ready.id, ready.status) == (job_id, "ready")
        assert statuses == ["validating", "pending", "queued", "indexing", "ready"]

    async def test_a_coroutine_function_is_awaited(
        self, client: AsyncTwelveLabs, index: IndexSchema, start: Start
    ) -> None:
        """The wait returns after the last call is finished."""
        job_id, finished = await start(), list[str | None]()

        async def callback(job: IndexedAsset) -> None:
            await asyncio.sleep(1)
            finished.append(job.status)

        await client.indexes.indexed_assets.wait_until_ready(index.id, job_id, callback=callback)
        assert finished[-1] == "ready"

    async def test_the_deadline_interrupts_a_coroutine_function(
        self, client: AsyncTwelveLabs, index: IndexSchema, start: Start
    ) -> None:
        """A callback that never returns does not keep the wait from its timeout."""
        job_id = await start()

        async def callback(job: IndexedAsset) -> None:
            await asyncio.Event().wait()

        began = now()
        with pytest.raises(WaitTimeoutError):
            await client.indexes.indexed_assets.wait_until_ready(index.id, job_id, timeout=MINUTE, callback=callback)
        assert now() - began >= MINUTE

    @pytest.mark.parametrize("error", [TimeoutError("mine"), KeyError("mine"), NotFoundError("mine")])
    async def test_its_errors_are_raised_as_they_are(
        self, client: AsyncTwelveLabs, index: IndexSchema, start: Start, error: Exception
    ) -> None:
        """They are not mistaken for a timeout of the wait or for a failed poll."""
        job_id = await start()

        def callback(job: IndexedAsset) -> None:
            raise error

        with pytest.raises(type(error), match="mine") as caught:
            await client.indexes.indexed_assets.wait_until_ready(index.id, job_id, callback=callback)
        assert caught.value is error


async def test_create_and_wait_starts_one_job_and_returns_it(client: AsyncTwelveLabs, index: IndexSchema) -> None:
    """One call uploads and waits, another one indexes and waits."""
    asset = await client.assets.create_and_wait("https://example.com/a.mp4")
    indexed = await client.indexes.indexed_assets.create_and_wait(
        index.id, asset_id=asset.id, user_metadata={"team": "red"}
    )
    assert (asset.status, indexed.status, indexed.asset_id) == ("ready", "ready", asset.id)
    assert len((await client.indexes.indexed_assets.list(index.id)).items or ()) == 1


class TestFailedJobs:
    @alone_or_shared
    async def test_the_error_has_the_job_and_the_reason(
        self, client: AsyncTwelveLabs, emulator: Emulator, others: int
    ) -> None:
        """Waits for other jobs end as usual."""
        emulator.understand("broken.mp4", fail="no video stream", at="processing")
        broken = await client.assets.create(method="url", url="https://example.com/broken.mp4")
        good = [await client.assets.create(method="url", url="https://example.com/a.mp4") for _ in range(others)]
        waits = [client.assets.wait_until_ready(asset.id) for asset in (broken, *good)]
        failed, *ready = await asyncio.gather(*waits, return_exceptions=True)
        assert isinstance(failed, JobFailedError)
        assert (failed.job.id, failed.reason) == (broken.id, "no video stream")
        assert "failed with status 'failed': no video stream" in str(failed)
        assert [not isinstance(asset, BaseException) and asset.status for asset in ready] == ["ready"] * others

    @alone_or_shared
    async def test_an_item_of_a_knowledge_store_that_fails(
        self, client: AsyncTwelveLabs, emulator: Emulator, others: int
    ) -> None:
        """Many items of one store are read from its list."""
        emulator.understand("bad.mp4", fail="too dark", at="knowledge")
        names = ["bad.mp4", *(f"{number}.mp4" for number in range(others))]
        assets = [await client.assets.create_and_wait(f"https://example.com/{name}") for name in names]
        store = await client.knowledge_stores.create(name="talks")
        emulator.requests.clear()
        failed, *ready = await asyncio.gather(
            *(client.knowledge_store_items.create_and_wait(store.id, asset_id=asset.id) for asset in assets),
            return_exceptions=True,
        )
        assert isinstance(failed, JobFailedError)
        assert failed.job.asset_id == assets[0].id
        assert [not isinstance(item, BaseException) and item.status for item in ready] == ["ready"] * others
        lists = [request for request in emulator.requests if request.path.endswith("/items")]
        assert ("GET" in {request.method for request in lists}) == (others > 0)


class TestTimeouts:
    async def test_the_error_has_the_last_status(self, client: AsyncTwelveLabs, emulator: Emulator) -> None:
        """It is a `TimeoutError` as well."""
        emulator.fail("GET", "/assets/a1", status=200, body={"_id": "a1", "status": "processing"}, times=1000)
        began = now()
        expected = r"The asset a1 was not finished after 1000 s: the last status was 'processing'\. It may still finish"
        with pytest.raises(WaitTimeoutError, match=expected) as caught:
            await client.assets.wait_until_ready("a1", timeout=1000)
        assert 1000 <= now() - began < 1100
        assert isinstance(caught.value, TimeoutError)
        assert (caught.value.job.id, caught.value.job.status) == ("a1", "processing")

    async def test_the_error_has_the_last_failure(
        self, client: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator, start: Start
    ) -> None:
        """A wait whose polls all failed has no status to report."""
        job_id = await start()
        emulator.fail("GET", "/indexes/*", status=503, times=1000)
        with pytest.raises(WaitTimeoutError, match=r"no poll succeeded; the last poll failed: .*503"):
            await client.indexes.indexed_assets.wait_until_ready(index.id, job_id, timeout=MINUTE)

    @pytest.mark.parametrize("count", [1, 5], ids=["alone", "beside others"])
    async def test_the_error_for_an_unknown_job_has_the_reason(
        self, client: AsyncTwelveLabs, index: IndexSchema, count: int
    ) -> None:
        """A wait that ends in the first 30 s ends before the API's 404 does so."""
        waits = client.indexes.indexed_assets.wait_until_ready
        jobs = [waits(index.id, f"66a1b2c3d4e5f6000000000{number}", timeout=3) for number in range(count)]
        for error in await asyncio.gather(*jobs, return_exceptions=True):
            assert isinstance(error, WaitTimeoutError)
            assert re.search(r"the last poll failed: GET /indexes/.*: status 404 .*\w\. It may still", str(error))

    async def test_a_failure_before_the_last_poll_is_not_reported(
        self, client: AsyncTwelveLabs, emulator: Emulator
    ) -> None:
        """The polls after it have succeeded."""
        emulator.fail("GET", "/assets/a1", status=404)
        emulator.fail("GET", "/assets/a1", status=200, body={"_id": "a1", "status": "processing"}, times=1000)
        with pytest.raises(WaitTimeoutError, match=r"s: the last status was 'processing'\. It may"):
            await client.assets.wait_until_ready("a1", timeout=1000)


class TestFailedPolls:
    @pytest.fixture
    def impatient(self, client: AsyncTwelveLabs) -> AsyncTwelveLabs:
        """The client without retries, so that every failure reaches the wait."""
        return client.with_options(max_retries=0)

    @alone_or_shared
    @pytest.mark.parametrize("failure", ["404", "503", "429", "reset"])
    async def test_transient_failures_are_polled_again(
        self,
        impatient: AsyncTwelveLabs,
        index: IndexSchema,
        emulator: Emulator,
        start: Start,
        failure: str,
        others: int,
    ) -> None:
        """A job may be unknown at first, and the API may be unavailable for a while."""
        jobs = [await start() for _ in range(1 + others)]
        path = f"/indexes/{index.id}/indexed-assets*"
        if failure == "reset":
            emulator.drop("GET", path, times=2)
        else:
            emulator.fail("GET", path, status=int(failure), times=2)
        waits = (impatient.indexes.indexed_assets.wait_until_ready(index.id, job_id) for job_id in jobs)
        assert {job.status for job in await asyncio.gather(*waits)} == {"ready"}

    @alone_or_shared
    async def test_no_poll_is_sent_before_retry_after(
        self, impatient: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator, start: Start, others: int
    ) -> None:
        """The API asks for 100 s, more than the poll interval."""
        jobs = [await start() for _ in range(1 + others)]
        emulator.fail("GET", "/indexes/*", status=429, headers={"Retry-After": "100"})
        began = now()
        waits = (impatient.indexes.indexed_assets.wait_until_ready(index.id, job_id) for job_id in jobs)
        await asyncio.gather(*waits)
        assert 100 <= now() - began < 160

    async def test_no_poll_of_a_job_without_a_list_is_sent_before_retry_after(
        self, impatient: AsyncTwelveLabs, emulator: Emulator
    ) -> None:
        """An upload session is polled by itself, by another loop."""
        session = await impatient.multipart_upload.create(filename="a.mp4", type="video", total_size=10)
        emulator.fail("GET", "/assets/*", status=429, headers={"Retry-After": "100"})
        emulator.fail("GET", "/assets/*", status=200, body={"status": "completed"})
        began = now()
        await impatient.multipart_upload.wait_until_ready(session.upload_id)
        assert 100 <= now() - began < 160

    @pytest.mark.parametrize("resource", ["assets", "multipart_upload"])
    async def test_an_unknown_job_is_polled_for_half_a_minute(self, impatient: AsyncTwelveLabs, resource: str) -> None:
        """The 30 s begin with the wait, for jobs with a list and without one."""
        began = now()
        with pytest.raises(NotFoundError):
            await attrgetter(resource)(impatient).wait_until_ready("66a1b2c3d4e5f600000000ff")
        assert 30 <= now() - began < 60

    @alone_or_shared
    async def test_an_invalid_api_key_fails_every_wait_at_once(
        self, connect: Connect, emulator: Emulator, others: int
    ) -> None:
        """No later poll could succeed."""
        async with connect(emulator, api_key="wrong") as stranger:
            jobs = [f"66a1b2c3d4e5f6000000000{number}" for number in range(1 + others)]
            waits = (stranger.indexes.indexed_assets.wait_until_ready("i", job_id) for job_id in jobs)
            errors = await asyncio.gather(*waits, return_exceptions=True)
        assert [type(error) for error in errors] == [UnauthorizedError] * len(jobs)
        assert len(emulator.requests) == 1

    async def test_closing_the_client_fails_its_waits(
        self, connect: Connect, emulator: Emulator, index: IndexSchema, start: Start
    ) -> None:
        """They do not wait for their deadline."""
        job_id = await start()
        client = connect(emulator)
        waits = [
            asyncio.create_task(client.indexes.indexed_assets.wait_until_ready(index.id, job_id)) for _ in range(3)
        ]
        await until(lambda: bool(emulator.requests))
        await client.close()
        done, _ = await asyncio.wait(waits, timeout=10)
        assert all(task.exception() is not None for task in done)
        assert len(done) == 3


class TestPollInterval:
    async def test_it_grows_to_five_percent_of_the_elapsed_time_and_at_most_30_seconds(
        self, connect: Connect, clock: Clock, emulator: Emulator
    ) -> None:
        """Intervals vary by 10 %, so that clients do not poll in step."""
        polls: list[tuple[float, float]] = []

        async def record(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
            sent_at = now()
            response = await clock.middleware(request, handler)
            polls.append((sent_at, now()))
            return response

        async with connect(emulator, middlewares=[record]) as client:
            session = await client.multipart_upload.create(filename="a.mp4", type="video", total_size=10)
            polls.clear()
            with pytest.raises(WaitTimeoutError):
                await client.multipart_upload.wait_until_ready(session.upload_id, timeout=20 * MINUTE, interval=2)
        for (_, responded_at), (sent_at, _) in pairwise(polls):
            expected = min(max(2, (responded_at - polls[0][1]) / 20), 30)
            assert 0.9 * expected <= sent_at - responded_at <= 1.1 * expected + 1  # a second of real time at most

    async def test_a_longer_initial_interval_does_not_grow(self, client: AsyncTwelveLabs, emulator: Emulator) -> None:
        """Polls that are 100 s apart stay so: 10 or 11 within 1,000 s."""
        session = await client.multipart_upload.create(filename="a.mp4", type="video", total_size=10)
        emulator.requests.clear()
        with pytest.raises(WaitTimeoutError):
            await client.multipart_upload.wait_until_ready(session.upload_id, timeout=1000, interval=100)
        assert len(emulator.requests) in (10, 11)


class TestAssets:
    async def test_fifty_are_polled_by_one_request(self, client: AsyncTwelveLabs, emulator: Emulator) -> None:
        """An asset that is ready is not polled again."""
        assets = [await client.assets.create(method="url", url=f"https://example.com/{n}.mp4") for n in range(60)]
        emulator.requests.clear()
        ready = await asyncio.gather(*(client.assets.wait_until_ready(asset.id, interval=20) for asset in assets))
        assert [asset.id for asset in ready] == [asset.id for asset in assets]
        polls = [[value for name, value in request.query if name == "asset_ids"] for request in emulator.requests]
        assert {request.path for request in emulator.requests} == {"/assets"}
        assert [len(ids) for ids in polls] == [MAX_PAGE_LIMIT, 60 - MAX_PAGE_LIMIT] * 2
        assert sorted(polls[0] + polls[1]) == sorted(asset.id for asset in assets)

    async def test_an_invalid_id_fails_alone(self, client: AsyncTwelveLabs, emulator: Emulator) -> None:
        """The API refuses the whole list for it, so the assets are retrieved one by one."""
        assets = [await client.assets.create(method="url", url=f"https://example.com/{n}.mp4") for n in range(5)]
        emulator.fail("GET", "/assets", status=400, body={"code": "parameter_invalid", "message": "ids"}, times=1000)
        emulator.fail("GET", "/assets/bad", status=400, body={"code": "parameter_invalid", "message": "asset_id"})
        ids = ["bad", *(asset.id for asset in assets)]
        failed, *ready = await asyncio.gather(*map(client.assets.wait_until_ready, ids), return_exceptions=True)
        assert isinstance(failed, BadRequestError)
        assert [not isinstance(asset, BaseException) and asset.status for asset in ready] == ["ready"] * 5

    async def test_a_transcription_is_returned_in_the_requested_units(
        self, client: AsyncTwelveLabs, emulator: Emulator
    ) -> None:
        """One that fails raises its reason."""
        emulator.understand("talk.mp4", transcription=[(0.0, 2.0, "lift off")])
        emulator.understand("bad.mp4", transcription=[(0.0, 2.0, "mumble")], fail="too quiet", at="transcription")
        talk = await client.assets.create(method="direct", file=("talk.mp4", video()))
        bad = await client.assets.create(method="direct", file=("bad.mp4", video()))
        found = await client.assets.wait_for_transcription(talk.id, include="words")
        assert (found.status, [word.value for word in found.words or ()]) == ("ready", ["lift", "off"])
        with pytest.raises(JobFailedError, match="too quiet"):
            await client.assets.wait_for_transcription(bad.id)


class TestUploadSessions:
    async def test_a_wait_ends_when_the_session_expires(self, client: AsyncTwelveLabs, clock: Clock) -> None:
        """Sessions last 24 hours."""
        session = await client.multipart_upload.create(filename="talk.mp4", type="video", total_size=10)
        with pytest.raises(WaitTimeoutError, match="'active'"):
            await client.multipart_upload.wait_until_ready(session.upload_id, timeout=MINUTE)
        with pytest.raises(JobFailedError, match="'expired'"):
            await client.multipart_upload.wait_until_ready(
                session.upload_id, timeout=DAYS, callback=lambda _: clock.advance(DAY)
            )

    async def test_the_official_method_publishes_every_poll(
        self, client: AsyncTwelveLabs, emulator: Emulator, clock: Clock
    ) -> None:
        """Failed polls are not published. The error has the id of the session."""
        session = await client.multipart_upload.create(filename="a.mp4", type="video", total_size=100)
        statuses: list[str | None] = []
        wait = client.with_options(max_retries=0).multipart_upload.wait_for_upload_completion
        emulator.fail("GET", "/assets/*", status=503, skip=1)
        with pytest.raises(UploadError, match="not finished after 13 s") as late:
            await wait(session.upload_id, max_wait_time=13, callback=lambda status: statuses.append(status.status))
        assert statuses == ["in_progress", "in_progress"]
        assert late.value.upload_id == session.upload_id
        with pytest.raises(UploadError, match="expired"):
            await wait(session.upload_id, max_wait_time=DAYS, callback=lambda _: clock.advance(DAY))


async def numeric_id(request: web.Request) -> web.Response:
    """Respond as if something was created, with a number as its id."""
    if request.method == "GET":
        return web.json_response({"data": []})
    return web.json_response(dict.fromkeys(("_id", "id", "task_id", "batch_id"), 7))


class TestUnusableIds:
    @pytest.mark.parametrize(
        ("url_path", "create"),
        [
            ("/assets", lambda client: client.assets.create_and_wait("https://example.com/talk.mp4")),
            (
                "/indexes/talks/indexed-assets",
                lambda client: client.indexes.indexed_assets.create_and_wait("talks", asset_id="a"),
            ),
            ("/tasks", lambda client: client.tasks.create_and_wait(index_id="talks", video_url="https://example.com")),
            (
                "/knowledge-stores/talks/items",
                lambda client: client.knowledge_store_items.create_and_wait("talks", asset_id="a"),
            ),
            (
                "/embed/tasks",
                lambda client: client.embed.tasks.create_and_wait(
                    model_name="marengo3.0", video_url="https://a.example"
                ),
            ),
            (
                "/embed-v2/tasks",
                lambda client: client.embed.v_2.tasks.create_and_wait(
                    input_type="video", model_name="marengo3.0", video={"media_source": {"asset_id": "a"}}
                ),
            ),
            (
                "/analyze/tasks",
                lambda client: client.analyze_async.tasks.create_and_wait(video={"type": "asset_id", "asset_id": "a"}),
            ),
            (
                "/analyze/batches",
                lambda client: client.analyze_async.batches.create_and_wait(
                    model_name="pegasus1.5",
                    analysis_mode="general",
                    requests=[{"video": {"type": "asset_id", "asset_id": "a"}}],
                ),
            ),
            (
                "/connections/drive/imports",
                lambda client: client.imports.import_files_and_wait("drive", items=[{"source_id": "talk.mp4"}]),
            ),
            (
                "/indexes",
                lambda client: client.indexes.ensure(
                    "talks", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}]
                ),
            ),
        ],
    )
    async def test_the_error_names_the_creating_request(
        self, url_path: str, create: Callable[[AsyncTwelveLabs], Awaitable[object]]
    ) -> None:
        """The requested object may exist, so the error advises to check before sending the request again."""
        async with (
            serve(web.route("*", "/{path:.*}", numeric_id)) as server,
            AsyncTwelveLabs(api_key=server.api_key, base_url=server.url) as client,
        ):
            with pytest.raises(APIResponseError, match=f"^POST {url_path}: .* got 7.*check, as by list"):
                await create(client)


class TestInvalidArguments:
    @pytest.mark.parametrize("job_id", ["", ".", "..", " "])
    async def test_an_id_that_would_change_the_url(
        self, client: AsyncTwelveLabs, emulator: Emulator, job_id: str
    ) -> None:
        """It is refused before anything is sent."""
        for wait in (
            client.assets.wait_until_ready(job_id),
            client.indexes.indexed_assets.wait_until_ready("index", job_id),
            client.indexes.indexed_assets.wait_until_ready(job_id, "job"),
        ):
            with pytest.raises(ValueError, match="_id must be the id of a resource"):
                await wait
        assert not emulator.requests

    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            ({"timeout": 0}, ValueError, "timeout must be positive; got 0"),
            ({"timeout": -1}, ValueError, "timeout must be positive; got -1"),
            ({"timeout": math.nan}, ValueError, "timeout must be positive; got nan"),
            ({"interval": 0}, ValueError, "interval must be positive; got 0"),
            ({"callback": "print"}, TypeError, "callback must be callable; got 'print'"),
        ],
    )
    async def test_options_out_of_range(
        self, client: AsyncTwelveLabs, emulator: Emulator, options: dict[str, Any], error: type[Exception], message: str
    ) -> None:
        """They are refused before anything is created or polled."""
        with pytest.raises(error, match=message):
            await client.assets.wait_until_ready("asset", **options)
        with pytest.raises(error, match=message):
            await client.assets.create_and_wait("https://example.com/a.mp4", **options)
        assert not emulator.requests
