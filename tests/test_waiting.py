"""Waiting for a job: its states, its deadline, and faults on the way."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

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
from twelvelabs_async._failures import may_poll_again
from twelvelabs_async.testing import Emulator

from support.until import until

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


async def test_waits_for_assets_are_asked_for_together(client: AsyncTwelveLabs, emulator: Emulator) -> None:
    """Fifty assets are one request; a job that is ready is not asked for again."""
    made = [await client.assets.create(method="url", url=f"https://example.com/{i}.mp4") for i in range(60)]
    emulator.requests.clear()
    waits = [asyncio.create_task(client.assets.wait_until_ready(asset.id, interval=0.5)) for asset in made]
    await until(lambda: [request.status for request in emulator.requests] == [200, 200])
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
    with pytest.raises(UploadError, match="not finished after"):
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
        with pytest.raises(ValueError, match="must be the id"):
            await wait
    assert emulator.requests == []


@pytest.mark.parametrize(
    "wrong", [{"timeout": 0}, {"timeout": -1}, {"timeout": math.nan}, {"interval": 0}, {"interval": -1}]
)
async def test_a_time_that_cannot_be_is_refused(
    client: AsyncTwelveLabs, emulator: Emulator, wrong: dict[str, Any]
) -> None:
    """Neither a deadline in the past nor an interval that never rests; nothing is sent."""
    with pytest.raises(ValueError, match="must be positive"):
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
    assert may_poll_again(error, age) is passing
