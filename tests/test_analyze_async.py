"""Asynchronous analyses: tasks, batches, results as they come, webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
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

from support.clock import Clock
from support.faults import CHUNKED
from support.raw_server import KEY, Connection, Reply, Server

# The emulator's clock follows that of the event loop only, so that a slow machine changes no status.

VIDEO: Any = {"type": "url", "url": "https://example.com/talk.mp4"}
BATCH: Any = {"model_name": "pegasus1.5", "analysis_mode": "general", "defaults": {"prompt": {"input_text": "?"}}}


@pytest.fixture
async def asset_id(client: AsyncTwelveLabs, clock: Clock) -> str:
    """An asset that is ready."""
    asset = await client.assets.create(method="url", url="https://example.com/talk.mp4")
    clock.advance(5)
    return asset.id


class TestTasks:
    @pytest.mark.usefixtures("autojump_clock")
    async def test_one_call_creates_a_task_and_waits_for_its_answer(
        self, client: AsyncTwelveLabs, emulator: Emulator
    ) -> None:
        """The callback is called once for each status."""
        emulator.understand("talk.mp4", text="Somebody talks.")
        statuses: list[str | None] = []
        task = await client.analyze_async.tasks.create_and_wait(
            video=VIDEO, prompt="?", custom_id="a", callback=lambda task: statuses.append(task.status)
        )
        assert (task.status, task.custom_id, task.error) == ("ready", "a", None)
        assert task.result is not None
        assert task.result.data == "Somebody talks."
        assert (statuses[0], statuses[-1], len(statuses)) == ("queued", "ready", len(set(statuses)))

    @pytest.mark.usefixtures("autojump_clock")
    async def test_an_answer_that_was_cut_is_returned(self, client: AsyncTwelveLabs, emulator: Emulator) -> None:
        """The task is ready, with an error that is a warning."""
        emulator.understand("talk.mp4", text="word " * 1000)
        task = await client.analyze_async.tasks.create_and_wait(video=VIDEO, prompt="?", max_tokens=512)
        assert task.result is not None
        assert (task.status, task.result.finish_reason) == ("ready", "length")
        assert task.error is not None

    @pytest.mark.usefixtures("autojump_clock")
    async def test_a_failed_task_raises_its_reason(self, client: AsyncTwelveLabs, emulator: Emulator) -> None:
        """The error has the task."""
        emulator.understand("bad.mp4", fail="no picture", at="analysis")
        with pytest.raises(JobFailedError, match="no picture") as failed:
            await client.analyze_async.tasks.create_and_wait(
                video=VIDEO | {"url": "https://example.com/bad.mp4"}, prompt="?"
            )
        assert (failed.value.job.status, failed.value.reason) == ("failed", "no picture")

    async def test_a_canceled_task_ends_its_wait(self, client: AsyncTwelveLabs) -> None:
        """A wait that takes too long raises another error, with the task as it is."""
        tasks = client.analyze_async.tasks
        task = await tasks.create(video=VIDEO, prompt="?")
        with pytest.raises(WaitTimeoutError) as late:
            await tasks.wait_until_ready(task.task_id, timeout=0.01)
        assert late.value.job is None or late.value.job.task_id == task.task_id
        await tasks.cancel(task.task_id)
        with pytest.raises(JobFailedError, match=r"'canceled'.*user canceled"):
            await tasks.wait_until_ready(task.task_id)

    @pytest.mark.usefixtures("autojump_clock")
    @pytest.mark.parametrize("fault", ["drop", "fail"])
    async def test_a_retry_starts_no_second_task(self, client: AsyncTwelveLabs, emulator: Emulator, fault: str) -> None:
        """Attempts of one call have one idempotency key. The next call has another."""
        getattr(emulator, fault)("POST", "/analyze/tasks", acted=True, times=2)
        first = await client.analyze_async.tasks.create(video=VIDEO, prompt="?")
        second = await client.analyze_async.tasks.create(video=VIDEO, prompt="?")
        keys = [request.headers["Idempotency-Key"] for request in emulator.requests]
        assert len(keys) == 4
        assert keys[0] == keys[1] == keys[2] != keys[3]
        assert [task.task_id async for task in client.analyze_async.tasks.list()] == [second.task_id, first.task_id]

    async def test_calls_with_the_same_key_of_the_caller_start_one_task(
        self, client: AsyncTwelveLabs, emulator: Emulator
    ) -> None:
        """The case of the header's name does not matter."""
        for name in ("Idempotency-Key", "idempotency-key"):
            await client.analyze_async.tasks.create(
                video=VIDEO, prompt="?", request_options={"additional_headers": {name: "mine"}}
            )
        sent = [request.headers.getall("Idempotency-Key") for request in emulator.requests]  # type: ignore[attr-defined]
        assert sent == [["mine"], ["mine"]]
        assert len((await client.analyze_async.tasks.list()).data or []) == 1

    async def test_tasks_are_listed_by_a_pager(self, client: AsyncTwelveLabs) -> None:
        """Awaited, it is the official response; iterated, it reads all pages."""
        created = [(await client.analyze_async.tasks.create(video=VIDEO, prompt="?")).task_id for _ in range(3)]
        page = await client.analyze_async.tasks.list(page_limit=2)
        assert page.data is not None
        assert [task.task_id for task in page.data] == created[:0:-1]
        assert (page.page_info.total_page, page.page_info.total_results) == (2, 3)
        assert [task.task_id async for task in page] == created[::-1]

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({}, "exactly one of them"),
            ({"video": VIDEO, "image": [{"name": "a", "url": "u"}]}, "exactly one of them"),
            ({"video": VIDEO, "prompt": "?", "prompt_v_2": {"input_text": "?"}}, "prompt= or prompt_v_2="),
            ({"image": [{"name": "a", "url": "u"}], "prompt_v_2": {"input_text": "?"}}, "prompt= with image="),
            ({"video": "a1"}, "video must be a dict"),
            ({"video": {"asset_id": "a1"}}, "video must have a type"),
            ({"video": VIDEO, "custom_id": ""}, "custom_id must have 1 to 64"),
            ({"video": VIDEO, "custom_id": "ä"}, "custom_id must have 1 to 64"),
            ({"video": VIDEO, "custom_id": "a" * 65}, "custom_id must have 1 to 64"),
            ({"video": VIDEO, "custom_id": "a\n"}, "custom_id must have 1 to 64"),
            ({"video": VIDEO, "custom_id": 17}, "custom_id must have 1 to 64"),
        ],
    )
    async def test_invalid_arguments_are_refused(
        self, client: AsyncTwelveLabs, emulator: Emulator, arguments: Any, message: str
    ) -> None:
        """Nothing is sent."""
        with pytest.raises((TypeError, ValueError), match=message):
            await client.analyze_async.tasks.create(**arguments)
        if "custom_id" not in arguments:
            with pytest.raises((TypeError, ValueError), match=message):
                await client.analyze(**arguments)
            with pytest.raises((TypeError, ValueError), match=message):
                await anext(client.analyze_stream(**arguments))
        assert not emulator.requests


ASSET: Any = {"type": "asset_id", "asset_id": "a1"}


class TestBatches:
    @pytest.mark.usefixtures("autojump_clock")
    async def test_a_batch_is_completed_when_all_its_items_have_ended(
        self, client: AsyncTwelveLabs, emulator: Emulator
    ) -> None:
        """A failed item does not fail the batch: its error is in the results."""
        emulator.understand("bad.mp4", fail="no picture", at="analysis")
        good = await client.assets.create_and_wait("https://example.com/talk.mp4")
        bad = await client.assets.create_and_wait("https://example.com/bad.mp4")
        statuses: list[str | None] = []
        batch = await client.analyze_async.batches.create_and_wait(
            **BATCH,
            requests=[
                BatchItemRequest(video=BatchVideoContext(asset_id=good.id), custom_id="good"),
                {"video": {"type": "asset_id", "asset_id": bad.id}, "custom_id": "bad"},
            ],
            callback=lambda batch: statuses.append(batch.status),
        )
        assert (batch.status, batch.ready_items, batch.failed_items) == ("completed", 1, 1)
        assert statuses == ["pending", "processing", "completed"]
        results = {item.custom_id: item async for item in client.analyze_async.batches.results(batch.batch_id)}
        assert results["good"].data is not None
        assert results["bad"].error is not None
        assert results["bad"].error.message == "no picture"

    async def test_a_canceled_batch_ends_its_wait(self, client: AsyncTwelveLabs, asset_id: str) -> None:
        """A wait that takes too long raises another error."""
        batches = client.analyze_async.batches
        requests: Any = [{"video": {"type": "asset_id", "asset_id": asset_id}}]
        created = await batches.create(**BATCH, requests=requests)
        with pytest.raises(WaitTimeoutError, match=r"batch .* was not finished"):
            await batches.wait_until_ready(created.batch_id, timeout=0.01)
        await batches.cancel(created.batch_id)
        with pytest.raises(JobFailedError, match="'canceled'") as failed:
            await batches.wait_until_ready(created.batch_id)
        assert failed.value.job.canceled_items == 1

    async def test_the_sixth_active_batch_is_refused(self, client: AsyncTwelveLabs, asset_id: str) -> None:
        """An account may have five."""
        requests: Any = [{"video": {"type": "asset_id", "asset_id": asset_id}}]
        for _ in range(5):
            await client.analyze_async.batches.create(**BATCH, requests=requests)
        with pytest.raises(TooManyRequestsError, match="5 active batches"):
            await client.analyze_async.batches.create(**BATCH, requests=requests, request_options={"max_retries": 0})

    @pytest.mark.parametrize(
        ("requests", "message"),
        [
            ([{"video": ASSET}] * 1001, "at most 1000 entries"),
            (["a1"], "must be a dict such as .*got 'a1'"),
            ([{"custom_id": "a"}], "must be a dict such as"),
            ([{"video": ASSET, "custom_id": "a b"}], "custom_id must have 1 to 64"),
            ([{"video": ASSET, "custom_id": "a"}, BatchItemRequest(ASSET, custom_id="a")], "must be unique"),
        ],
    )
    async def test_invalid_requests_are_refused(
        self, client: AsyncTwelveLabs, emulator: Emulator, requests: Any, message: str
    ) -> None:
        """Nothing is sent."""
        with pytest.raises(ValueError, match=message):
            await client.analyze_async.batches.create(**BATCH, requests=requests)
        assert not emulator.requests


def test_the_blocking_client_analyzes_and_reads_results(sync_client: TwelveLabs, emulator: Emulator) -> None:
    """A task is waited for, a batch is read while it is queued."""
    asset = sync_client.assets.create(method="url", url="https://example.com/talk.mp4")
    emulator.advance(5)
    video: Any = {"type": "asset_id", "asset_id": asset.id}
    task = sync_client.analyze_async.tasks.create_and_wait(
        video=video, prompt="?", interval=0.01, callback=lambda _: emulator.advance(60)
    )
    assert task.status == "ready"
    created = sync_client.analyze_async.batches.create(**BATCH, requests=[{"video": video}])
    assert [item.status for item in sync_client.analyze_async.batches.results(created.batch_id)] == ["queued"]
    assert [batch.batch_id for batch in sync_client.analyze_async.batches.list()] == [created.batch_id]


LINE = '{"task_id": "a", "status": "failed", "error": {"code": "x", "message": "no\u2028picture"}}\n'.encode()


def json_lines(*pieces: bytes, end: bytes = b"0\r\n\r\n") -> Reply:
    """Respond with JSON Lines in pieces. Without an *end* the connection breaks."""

    def reply(connection: Connection) -> None:
        connection.send(CHUNKED)
        for piece in pieces:
            connection.send(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        connection.send(end)
        if not end:
            connection.close()

    return reply


@pytest.mark.parametrize(
    ("reply", "count", "error", "message"),
    [
        (json_lines(LINE[:10], LINE[10:70], LINE[70:] + LINE), 2, None, ""),
        (json_lines(LINE + b"\n", LINE.rstrip()), 2, None, ""),
        (json_lines(LINE + b"{nonsense}\n" + LINE), 1, APIResponseError, "expected a JSON object"),
        (json_lines(LINE + LINE[:50]), 1, APIResponseError, "expected a JSON object"),
        (json_lines(LINE, b'{"error": {"code": "batch_gone", "message": "m"}}\n'), 1, APIResponseError, "batch_gone"),
        (json_lines(LINE + LINE[:50], end=b""), 1, APIConnectionError, "connection broke"),
        (json_lines(LINE, end=b""), 1, APIConnectionError, "connection broke"),
    ],
    ids=["pieces", "no last line end", "malformed", "half a line", "error", "broken in a line", "broken after a line"],
)
async def test_results_are_yielded_line_by_line_until_an_error(
    reply: Reply, count: int, error: type[Exception] | None, message: str
) -> None:
    """Complete lines before the error are yielded. U+2028 does not end a line."""
    found: list[str] = []
    with Server(reply) as server:
        async with AsyncTwelveLabs(api_key=KEY, base_url=server.url) as client:
            with pytest.raises(error, match=message) if error else nullcontext():
                async for item in client.analyze_async.batches.results("b"):
                    assert item.error is not None
                    found.append(item.error.message)
    assert found == ["no\u2028picture"] * count


@pytest.fixture
async def webhook(emulator: Emulator) -> AsyncIterator[tuple[str, list[Any]]]:
    """The URL of a webhook handler, and the events that it has received."""
    events: list[Any] = []

    async def handle(request: web.Request) -> web.Response:
        try:
            events.append(webhooks.unwrap(await request.read(), request.headers, emulator.webhook_secret))
        except WebhookVerificationError:
            return web.Response(status=400)
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/hook", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook", events
    await runner.cleanup()


async def test_webhook_events_of_ended_jobs_are_typed(
    client: AsyncTwelveLabs,
    emulator: Emulator,
    clock: Clock,
    index: IndexSchema,
    asset_id: str,
    webhook: tuple[str, list[Any]],
) -> None:
    """An event that is sent twice has one id. Another signature is refused."""
    url, events = webhook
    emulator.understand("talk.mp4", fail="too dark")
    indexed = await client.indexes.indexed_assets.create(index.id, asset_id=asset_id)
    task = await client.analyze_async.tasks.create(video=VIDEO, prompt="?", custom_id="mine")
    canceled = await client.analyze_async.tasks.create(video=VIDEO, prompt="?")
    await client.analyze_async.tasks.cancel(canceled.task_id)
    with pytest.raises(ValueError, match="queued"):
        emulator.send_webhook(url, task.task_id)
    clock.advance(10)
    for job_id in (task.task_id, task.task_id, indexed.id, canceled.task_id):
        assert await asyncio.to_thread(emulator.send_webhook, url, job_id) == 204
    ready, again, failed, stopped = events
    assert isinstance(ready, AnalyzeTaskReadyWebhookEvent)
    assert (ready.data.id, ready.data.custom_id, ready.data.status) == (task.task_id, "mine", "ready")
    assert again.id == ready.id
    assert isinstance(failed, IndexTaskFailedWebhookEvent)
    assert (failed.data.id, failed.data.status) == (indexed.id, "failed")
    assert (stopped.type, stopped.data.extra) == ("analyze.task.canceled", {})
    signature = {"TL-Signature": "t=1,v1=00"}
    async with ClientSession() as session, session.post(url, data=b"{}", headers=signature) as refused:
        assert refused.status == 400
    with pytest.raises(LookupError):
        emulator.send_webhook(url, "unknown")
