"""Methods of the official SDK behave as programs for it expect."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from operator import attrgetter
from typing import Any

import pytest

from twelvelabs_async import AsyncTwelveLabs, TwelveLabs
from twelvelabs_async.testing import Emulator

URL = "https://example.com/talk.mp4"
BAD_URL = "https://example.com/bad.mp4"

Create = Callable[[AsyncTwelveLabs, str], Awaitable[Any]]


async def index_video(client: AsyncTwelveLabs, url: str) -> Any:
    """Start an indexing task in the one index."""
    [index] = (await client.indexes.list()).items or []
    return await client.tasks.create(index_id=str(index.id), video_url=url)


async def embed_video(client: AsyncTwelveLabs, url: str) -> Any:
    """Start an embedding task."""
    return await client.embed.tasks.create(model_name="marengo3.0", video_url=url)


each_wait = pytest.mark.parametrize(
    ("tasks", "create", "first_status"),
    [("tasks", index_video, "uploading"), ("embed.tasks", embed_video, "processing")],
    ids=["tasks", "embed.tasks"],
)


@pytest.mark.usefixtures("autojump_clock", "index")
class TestWaitForDone:
    @each_wait
    async def test_it_calls_back_after_every_poll(
        self, client: AsyncTwelveLabs, emulator: Emulator, tasks: str, create: Create, first_status: str
    ) -> None:
        """A status that has not changed is published again, the last one once."""
        task = await create(client, URL)
        emulator.requests.clear()
        statuses: list[str | None] = []
        await attrgetter(tasks)(client).wait_for_done(
            task_id=task.id, sleep_interval=0.5, callback=lambda task: statuses.append(task.status)
        )
        polls = len(emulator.requests) - (tasks == "tasks")  # which is retrieved at the end once more
        assert (statuses[0], statuses[1]) == (first_status, first_status)
        assert (statuses.count("ready"), statuses[-1]) == (1, "ready")
        assert len(statuses) == polls

    @each_wait
    async def test_it_awaits_a_callback(
        self, client: AsyncTwelveLabs, tasks: str, create: Create, first_status: str
    ) -> None:
        """The official asynchronous client takes coroutine functions alone."""
        statuses: list[str | None] = []

        async def callback(task: Any) -> None:
            await asyncio.sleep(0)
            statuses.append(task.status)

        task = await create(client, URL)
        await attrgetter(tasks)(client).wait_for_done(task.id, callback=callback)
        assert (statuses[0], statuses[-1]) == (first_status, "ready")

    @each_wait
    async def test_many_waits_call_back_after_every_poll_of_the_list(
        self, client: AsyncTwelveLabs, emulator: Emulator, tasks: str, create: Create, first_status: str
    ) -> None:
        """They share a poller, although the list shows only what has changed."""
        ids = [(await create(client, URL)).id for _ in range(20)]
        emulator.requests.clear()
        statuses: dict[str, list[str | None]] = {task_id: [] for task_id in ids}
        waits = (
            attrgetter(tasks)(client).wait_for_done(
                task_id, sleep_interval=0.5, callback=lambda task: statuses[task.id].append(task.status)
            )
            for task_id in ids
        )
        await asyncio.gather(*waits)
        for seen in statuses.values():
            assert (seen[:2], seen.count("ready"), seen[-1]) == ([first_status] * 2, 1, "ready")
        assert len({len(seen) for seen in statuses.values()}) == 1
        assert len(emulator.requests) < len(ids) * len(statuses[ids[0]]) / 3

    @each_wait
    async def test_a_failed_poll_does_not_call_back(
        self, client: AsyncTwelveLabs, emulator: Emulator, tasks: str, create: Create, first_status: str
    ) -> None:
        """Nothing is known that was not published before."""
        task = await create(client, URL)
        statuses: list[str | None] = []

        def callback(task: Any) -> None:
            statuses.append(task.status)
            if len(statuses) == 1:
                emulator.fail("GET", f"/{tasks.replace('.', '/')}/*", status=503, times=3)
                emulator.advance(600)

        options: Any = {"max_retries": 0}
        done = await attrgetter(tasks)(client).wait_for_done(task.id, callback=callback, request_options=options)
        assert (done.status, statuses) == ("ready", [first_status, "ready"])

    @each_wait
    async def test_it_returns_a_failed_task(
        self, client: AsyncTwelveLabs, emulator: Emulator, tasks: str, create: Create, first_status: str
    ) -> None:
        """Programs check the status of what it returns."""
        stage: Any = "indexing" if tasks == "tasks" else "embedding"
        emulator.understand("bad.mp4", fail="no video stream", at=stage)
        task = await create(client, BAD_URL)
        statuses: list[str | None] = []
        done = await attrgetter(tasks)(client).wait_for_done(
            task.id, callback=lambda task: statuses.append(task.status)
        )
        assert (done.status, statuses[0], statuses[-1]) == ("failed", first_status, "failed")

    @each_wait
    async def test_it_has_no_time_limit(
        self, client: AsyncTwelveLabs, emulator: Emulator, tasks: str, create: Create, first_status: str
    ) -> None:
        """A video may be in the queue for longer than `wait_until_ready` waits by default."""
        task = await create(client, URL)
        body = {"_id": task.id, "status": first_status}
        path = "/tasks/*" if tasks == "tasks" else "/embed/tasks/*/status"
        emulator.fail("GET", path, status=200, body=body, times=200)
        done = await attrgetter(tasks)(client).wait_for_done(task.id)
        assert done.status == "ready"


@pytest.mark.parametrize("method", ["tasks.wait_for_done", "embed.tasks.wait_for_done"])
@pytest.mark.parametrize("interval", [0, -5])
def test_an_interval_that_is_not_positive_is_refused(sync_client: TwelveLabs, method: str, interval: float) -> None:
    """The error has the name of the argument."""
    with pytest.raises(ValueError, match=f"sleep_interval must be positive; got {interval}"):
        attrgetter(method)(sync_client)("t1", sleep_interval=interval)
