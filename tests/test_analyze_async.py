"""Analyses in the background: waits, repetitions, batches, and results as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext
from typing import Any

import pytest
from aiohttp import ClientSession, web

from twelvelabs_async import (
    AnalyzeTaskReadyWebhookEvent,
    APIConnectionError,
    APIResponseError,
    AsyncTwelveLabs,
    BatchItemRequest,
    BatchVideoContext,
    IndexSchema,
    IndexTaskFailedWebhookEvent,
    JobFailedError,
    TooManyRequestsError,
    TwelveLabs,
    WaitTimeoutError,
    WebhookVerificationError,
    webhooks,
)
from twelvelabs_async.testing import Emulator

from support.faults import CHUNKED
from support.raw_server import KEY, Connection, Reply, Server

TICK = 0.01
"""The interval of the waits here, in seconds."""

VIDEO: Any = {"type": "url", "url": "https://example.com/talk.mp4"}
BATCH: Any = {"model_name": "pegasus1.5", "analysis_mode": "general", "defaults": {"prompt": {"input_text": "?"}}}


def turning(emulator: Emulator, seen: list[str]) -> Callable[[Any], None]:
    """A callback that notes each status and turns the clock for the next one to come."""

    def callback(job: Any) -> None:
        seen.append(job.status)
        emulator.advance(8 if job.status == "processing" else 1)

    return callback


@pytest.fixture
async def asset_id(client: AsyncTwelveLabs, emulator: Emulator) -> str:
    asset = await client.assets.create(method="url", url="https://example.com/talk.mp4")
    emulator.advance(5)
    return asset.id


async def test_create_and_wait(client: AsyncTwelveLabs, emulator: Emulator) -> None:
    """One call asks and waits for the answer; the callback hears of each status once."""
    emulator.understand("talk.mp4", text="Somebody talks.")
    seen: list[str] = []
    task = await client.analyze_async.tasks.create_and_wait(
        video=VIDEO, prompt="?", custom_id="a", interval=TICK, callback=turning(emulator, seen)
    )
    assert (task.status, task.custom_id, task.error) == ("ready", "a", None)
    assert task.result is not None
    assert task.result.data == "Somebody talks."
    assert (seen[0], seen[-1], len(seen)) == ("queued", "ready", len(set(seen)))


async def test_an_answer_that_was_cut_is_returned(client: AsyncTwelveLabs, emulator: Emulator) -> None:
    """A warning makes no failure."""
    emulator.understand("talk.mp4", text="word " * 1000)
    task = await client.analyze_async.tasks.create_and_wait(
        video=VIDEO, prompt="?", max_tokens=512, interval=TICK, callback=turning(emulator, [])
    )
    assert task.result is not None
    assert (task.status, task.result.finish_reason) == ("ready", "length")
    assert task.error is not None


async def test_waits_that_end_badly(client: AsyncTwelveLabs, emulator: Emulator) -> None:
    """What failed, was canceled, or is not done in time raises, with the reason and the task."""
    tasks = client.analyze_async.tasks
    emulator.understand("bad.mp4", fail="no picture", at="analysis")
    bad = await tasks.create(video=VIDEO | {"url": "https://example.com/bad.mp4"}, prompt="?")
    other = await tasks.create(video=VIDEO, prompt="?")
    with pytest.raises(WaitTimeoutError) as late:
        await tasks.wait_until_ready(other.task_id, interval=TICK, timeout=0.05)
    assert late.value.job.task_id == other.task_id
    waiting = asyncio.create_task(tasks.wait_until_ready(other.task_id, interval=TICK))
    await tasks.cancel(other.task_id)
    with pytest.raises(JobFailedError, match=r"'canceled'.*user canceled"):
        await waiting
    emulator.advance(10)
    with pytest.raises(JobFailedError, match="no picture") as failed:
        await tasks.wait_until_ready(bad.task_id, interval=TICK)
    assert (failed.value.job.status, failed.value.reason) == ("failed", "no picture")


@pytest.mark.parametrize("fault", ["drop", "fail"])
async def test_a_repetition_starts_no_second_task(client: AsyncTwelveLabs, emulator: Emulator, fault: str) -> None:
    """A task whose answer was lost is asked for again with the same key, and is the same; the next has another key."""
    getattr(emulator, fault)("POST", "/analyze/tasks", acted=True, times=2)
    first = await client.analyze_async.tasks.create(video=VIDEO, prompt="?")
    second = await client.analyze_async.tasks.create(video=VIDEO, prompt="?")
    keys = [request.headers["Idempotency-Key"] for request in emulator.requests]
    assert len(keys) == 4
    assert keys[0] == keys[1] == keys[2] != keys[3]
    assert [task.task_id async for task in client.analyze_async.tasks.list()] == [second.task_id, first.task_id]


async def test_a_key_of_ones_own(client: AsyncTwelveLabs, emulator: Emulator) -> None:
    """Several calls with one key, however it is written, are one task."""
    for name in ("Idempotency-Key", "idempotency-key"):
        await client.analyze_async.tasks.create(
            video=VIDEO, prompt="?", request_options={"additional_headers": {name: "mine"}}
        )
    assert [request.headers.getall("Idempotency-Key") for request in emulator.requests] == [["mine"], ["mine"]]  # type: ignore[attr-defined]
    assert len((await client.analyze_async.tasks.list()).data or []) == 1


async def test_a_page_of_tasks(client: AsyncTwelveLabs) -> None:
    """The list has the fields of the official answer once it is awaited, and all pages when it is iterated."""
    made = [(await client.analyze_async.tasks.create(video=VIDEO, prompt="?")).task_id for _ in range(3)]
    page = await client.analyze_async.tasks.list(page_limit=2)
    assert page.data is not None
    assert [task.task_id for task in page.data] == made[:0:-1]
    assert (page.page_info.total_page, page.page_info.total_results) == (2, 3)
    assert [task.task_id async for task in page] == made[::-1]


async def test_batch(client: AsyncTwelveLabs, emulator: Emulator, asset_id: str) -> None:
    """A batch is done when its items are, however they ended; their own errors are data."""
    emulator.understand("bad.mp4", fail="no picture", at="analysis")
    bad = await client.assets.create(method="url", url="https://example.com/bad.mp4")
    emulator.advance(5)
    seen: list[str] = []
    batch = await client.analyze_async.batches.create_and_wait(
        **BATCH,
        requests=[
            BatchItemRequest(video=BatchVideoContext(asset_id=asset_id), custom_id="good"),
            {"video": {"type": "asset_id", "asset_id": bad.id}, "custom_id": "bad"},
        ],
        interval=TICK,
        callback=turning(emulator, seen),
    )
    assert (batch.status, batch.ready_items, batch.failed_items) == ("completed", 1, 1)
    assert seen == ["pending", "processing", "completed"]
    results = {item.custom_id: item async for item in client.analyze_async.batches.results(batch.batch_id)}
    assert results["good"].data is not None
    assert results["bad"].error is not None
    assert results["bad"].error.message == "no picture"


async def test_batches_that_end_badly(client: AsyncTwelveLabs, emulator: Emulator, asset_id: str) -> None:
    """A batch that was canceled or has expired raises; one that is not done in time as well."""
    batches = client.analyze_async.batches
    requests: Any = [{"video": {"type": "asset_id", "asset_id": asset_id}}]
    made = await batches.create(**BATCH, requests=requests)
    with pytest.raises(WaitTimeoutError, match=r"batch .* was not finished"):
        await batches.wait_until_ready(made.batch_id, interval=TICK, timeout=0.05)
    await batches.cancel(made.batch_id)
    with pytest.raises(JobFailedError, match="'canceled'") as failed:
        await batches.wait_until_ready(made.batch_id, interval=TICK)
    assert failed.value.job.canceled_items == 1


async def test_too_many_batches(client: AsyncTwelveLabs, asset_id: str) -> None:
    """The sixth batch at a time is refused."""
    requests: Any = [{"video": {"type": "asset_id", "asset_id": asset_id}}]
    for _ in range(5):
        await client.analyze_async.batches.create(**BATCH, requests=requests)
    with pytest.raises(TooManyRequestsError, match="5 active batches"):
        await client.analyze_async.batches.create(**BATCH, requests=requests, request_options={"max_retries": 0})


def test_blocking_code(sync_client: TwelveLabs, emulator: Emulator) -> None:
    """The twins ask, wait, and read results, too."""
    asset = sync_client.assets.create(method="url", url="https://example.com/talk.mp4")
    emulator.advance(5)
    task = sync_client.analyze_async.tasks.create_and_wait(
        video={"type": "asset_id", "asset_id": asset.id}, prompt="?", interval=TICK, callback=turning(emulator, [])
    )
    assert task.status == "ready"
    made = sync_client.analyze_async.batches.create(
        **BATCH, requests=[{"video": {"type": "asset_id", "asset_id": asset.id}}]
    )
    assert [item.status for item in sync_client.analyze_async.batches.results(made.batch_id)] == ["queued"]
    assert [batch.batch_id for batch in sync_client.analyze_async.batches.list()] == [made.batch_id]


def jsonl(*pieces: bytes, end: bytes = b"0\r\n\r\n") -> Reply:
    """Answer with JSON Lines in these pieces; without an *end* the stream breaks off."""

    def fault(connection: Connection) -> None:
        connection.send(CHUNKED)
        for piece in pieces:
            connection.send(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        connection.send(end)
        if not end:
            connection.close()

    return fault


LINE = '{"task_id": "a", "status": "failed", "error": {"code": "x", "message": "no\u2028picture"}}\n'.encode()


@pytest.mark.parametrize(
    ("answer", "count", "error", "message"),
    [
        (jsonl(LINE[:10], LINE[10:70], LINE[70:] + LINE), 2, None, ""),
        (jsonl(LINE + b"\n", LINE.rstrip()), 2, None, ""),
        (jsonl(LINE + b"{nonsense}\n" + LINE), 1, APIResponseError, "expected a JSON object"),
        (jsonl(LINE + LINE[:50]), 1, APIResponseError, "expected a JSON object"),
        (jsonl(LINE, b'{"error": {"code": "batch_gone", "message": "m"}}\n'), 1, APIResponseError, "batch_gone"),
        (jsonl(LINE + LINE[:50], end=b""), 1, APIConnectionError, "connection broke"),
        (jsonl(LINE, end=b""), 1, APIConnectionError, "connection broke"),
    ],
    ids=["pieces", "no last line end", "nonsense", "half a line", "error", "broken in a line", "broken after a line"],
)
async def test_results(answer: Reply, count: int, error: type[Exception] | None, message: str) -> None:
    """Results are read line by line, whatever the pieces; what is malformed, or breaks off, raises after the good."""
    with Server(answer) as server:
        async with AsyncTwelveLabs(api_key=KEY, base_url=server.url) as client:
            found = []
            with pytest.raises(error, match=message) if error else nullcontext():
                async for item in client.analyze_async.batches.results("b"):
                    assert item.error is not None
                    found.append(item.error.message)
    assert found == ["no\u2028picture"] * count


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({}, "exactly one of them"),
        ({"video": VIDEO, "image": [{"name": "a", "url": "u"}]}, "exactly one of them"),
        ({"video": "a1"}, "video must be a dict"),
        ({"video": {"asset_id": "a1"}}, "video must have a type"),
        ({"video": VIDEO, "custom_id": ""}, "custom_id must have 1 to 64"),
        ({"video": VIDEO, "custom_id": "ä"}, "custom_id must have 1 to 64"),
        ({"video": VIDEO, "custom_id": "a" * 65}, "custom_id must have 1 to 64"),
        ({"video": VIDEO, "custom_id": "a\n"}, "custom_id must have 1 to 64"),
        ({"video": VIDEO, "custom_id": 17}, "custom_id must have 1 to 64"),
    ],
)
async def test_wrong_tasks(client: AsyncTwelveLabs, emulator: Emulator, wrong: Any, message: str) -> None:
    """What cannot be analyzed is refused before it is sent."""
    with pytest.raises((TypeError, ValueError), match=message):
        await client.analyze_async.tasks.create(**wrong)
    assert not emulator.requests


ASSET: Any = {"type": "asset_id", "asset_id": "a1"}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ([{"video": ASSET}] * 1001, "at most 1000 entries"),
        (["a1"], "must be a dict such as .*got 'a1'"),
        ([{"custom_id": "a"}], "must be a dict such as"),
        ([{"video": ASSET, "custom_id": "a b"}], "custom_id must have 1 to 64"),
        ([{"video": ASSET, "custom_id": "a"}, BatchItemRequest(ASSET, custom_id="a")], "must be unique"),
    ],
)
async def test_wrong_batches(client: AsyncTwelveLabs, emulator: Emulator, wrong: Any, message: str) -> None:
    """Requests that cannot be a batch are refused before they are sent."""
    with pytest.raises(ValueError, match=message):
        await client.analyze_async.batches.create(**BATCH, requests=wrong)
    assert not emulator.requests


@pytest.fixture
async def webhook(emulator: Emulator) -> AsyncIterator[tuple[str, list[Any]]]:
    """The URL of a webhook's handler, and the events it was sent."""
    events: list[Any] = []

    async def handler(request: web.Request) -> web.Response:
        try:
            events.append(webhooks.unwrap(await request.read(), request.headers, emulator.webhook_secret))
        except WebhookVerificationError:
            return web.Response(status=400)
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/hook", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook", events
    await runner.cleanup()


async def test_webhooks(
    client: AsyncTwelveLabs, emulator: Emulator, index: IndexSchema, asset_id: str, webhook: tuple[str, list[Any]]
) -> None:
    """The ends of jobs come to a handler as typed events, again with the same id; it refuses what others signed."""
    url, events = webhook
    emulator.understand("talk.mp4", fail="too dark")
    indexed = await client.indexes.indexed_assets.create(index.id, asset_id=asset_id)
    task = await client.analyze_async.tasks.create(video=VIDEO, prompt="?", custom_id="mine")
    canceled = await client.analyze_async.tasks.create(video=VIDEO, prompt="?")
    await client.analyze_async.tasks.cancel(canceled.task_id)
    with pytest.raises(ValueError, match="it is queued"):
        emulator.send_webhook(url, task.task_id)
    emulator.advance(10)
    for job_id in (task.task_id, task.task_id, indexed.id, canceled.task_id):
        assert await asyncio.to_thread(emulator.send_webhook, url, job_id) == 204
    ready, again, failed, stopped = events
    assert isinstance(ready, AnalyzeTaskReadyWebhookEvent)
    assert (ready.data.id, ready.data.custom_id, ready.data.status) == (task.task_id, "mine", "ready")
    assert again.id == ready.id
    assert isinstance(failed, IndexTaskFailedWebhookEvent)
    assert (failed.data.id, failed.data.status) == (indexed.id, "failed")
    assert (stopped.type, stopped.data.extra) == ("analyze.task.canceled", {})
    other = {"TL-Signature": "t=1,v1=00"}
    async with ClientSession() as session, session.post(url, data=b"{}", headers=other) as refused:
        assert refused.status == 400
    with pytest.raises(LookupError):
        emulator.send_webhook(url, "nobody")
