"""Waiting for video indexing tasks and for imports."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import partial
from operator import attrgetter
from typing import Any

import httpx
import pytest

from twelvelabs_async import (
    AsyncTwelveLabs,
    BadRequestError,
    IndexSchema,
    JobFailedError,
    TasksCreateResponse,
    TwelveLabs,
    WaitTimeoutError,
)
from twelvelabs_async.testing import Emulator

from support.samples import MODELS
from support.until import until

TICK = 0.01
"""The interval of the waits here, in seconds."""


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator whose clock is turned by the tests alone."""
    with Emulator(speed=0) as emulator:
        yield emulator


@pytest.fixture
async def connection_id(client: AsyncTwelveLabs) -> str:
    """A connection whose user has consented."""
    started = await client.data_connectors.authorize_connection(
        provider="google_drive", redirect_uri="https://app.example.com/done"
    )
    await asyncio.to_thread(httpx.get, str(started.authorize_url))
    [connection] = (await client.data_connectors.list_connections()).data or []
    return connection.id


def turning(emulator: Emulator, seen: list[str | None], job: Any) -> None:
    """Note the status, and turn the clock so far that another one begins."""
    seen.append(job.status)
    emulator.advance(10)


async def test_waiting_until_a_task_is_done(client: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator) -> None:
    """The callback hears of the states, and the task is returned whole, by the official name of the method, too."""
    seen: list[str | None] = []
    task = await client.tasks.create_and_wait(
        index_id=index.id, video_file=("a.mp4", b"film"), interval=TICK, callback=partial(turning, emulator, seen)
    )
    assert (task.status, seen) == ("ready", ["uploading", "indexing", "ready"])
    done = await client.tasks.wait_for_done(task.id, sleep_interval=TICK)
    assert (done.id, done.video_id, done.hls and done.hls.status) == (task.id, task.video_id, "COMPLETE")


@pytest.mark.parametrize("at", ["processing", "indexing"])
async def test_a_task_that_fails(client: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator, at: str) -> None:
    """It raises, whichever way it is waited for, and has the task."""
    emulator.understand("bad.mp4", fail="no video stream", at=at)
    created = await client.tasks.create(index_id=index.id, video_url="https://example.com/bad.mp4")
    emulator.advance(30)
    for wait in (client.tasks.wait_until_ready, client.tasks.wait_for_done):
        with pytest.raises(JobFailedError, match="video indexing task") as failed:
            await wait(created.id)
        assert (failed.value.job.id, failed.value.job.status) == (created.id, "failed")


async def test_a_task_that_takes_too_long(client: AsyncTwelveLabs, index: IndexSchema) -> None:
    """The wait ends with its deadline, and tells the last status."""
    with pytest.raises(WaitTimeoutError, match="uploading"):
        await client.tasks.create_and_wait(
            index_id=index.id, video_url="https://example.com/a.mp4", timeout=0.05, interval=TICK
        )


async def test_many_tasks_share_a_poller(client: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator) -> None:
    """Waiting for many tasks reads their list, by either method; each is told apart in the end."""
    urls = [f"https://example.com/{number}.mp4" for number in range(60)]
    created = await client.tasks.create_bulk(index_id=index.id, video_urls=urls)
    tasks = [task.id for task in created if isinstance(task, TasksCreateResponse)]
    emulator.advance(30)
    emulator.requests.clear()
    waits = [client.tasks.wait_until_ready(task, interval=TICK) for task in tasks]
    assert [task.id for task in await asyncio.gather(*waits)] == tasks
    assert {request.path for request in emulator.requests} == {"/tasks"}
    assert len(emulator.requests) <= 8
    emulator.requests.clear()
    done = await asyncio.gather(*(client.tasks.wait_for_done(task, sleep_interval=TICK) for task in tasks))
    assert all(task.hls for task in done)
    assert len(emulator.requests) <= len(tasks) + 8  # one for each describes it in the end


URL = "https://example.com/talk.mp4"
# What creates a task, where one asks for its state, and what only asking for the task itself tells.
SHOWN_IN_PART: list[tuple[str, dict[str, Any], str, str]] = [
    ("embed.tasks", {"model_name": "marengo3.0", "video_url": URL}, "/*/status", "video_embedding.segments"),
    (
        "embed.v_2.tasks",
        {"model_name": "marengo3.5", "input_type": "image", "image": {"media_source": {"url": URL}}},
        "/*",
        "data",
    ),
    ("analyze_async.tasks", {"video": {"type": "url", "url": URL}, "prompt": "What happens?"}, "/*", "result"),
]


@pytest.mark.parametrize(("place", "given", "state", "answer"), SHOWN_IN_PART)
async def test_many_tasks_of_which_a_list_shows_little(
    client: AsyncTwelveLabs, emulator: Emulator, place: str, given: dict[str, Any], state: str, answer: str
) -> None:
    """Waiting for many reads their list; each is asked for by itself when it is done, again if that goes wrong."""
    tasks = attrgetter(place)(client.with_options(max_retries=0))
    made = [await tasks.create(**given) for _ in range(60)]
    jobs = [task.task_id if place == "analyze_async.tasks" else task.id for task in made]
    seen: list[str | None] = []
    emulator.requests.clear()
    waiting = asyncio.gather(
        *(tasks.wait_until_ready(job, interval=TICK, callback=lambda task: seen.append(task.status)) for job in jobs)
    )
    await until(lambda: len(emulator.requests) > 20)
    [path] = {request.path for request in emulator.requests}
    assert len(seen) == 60
    emulator.fail("GET", path + state, status=503, skip=20, times=3)
    emulator.fail("GET", path + state, status=429, headers={"Retry-After": "0.05"}, skip=30)
    emulator.advance(60)
    done = await waiting
    assert [getattr(task, "task_id", None) or task.id for task in done] == jobs
    assert all(attrgetter(answer)(task) for task in done)
    assert (len(seen), seen.count("ready")) == (120, 60)
    asked = [request.path for request in emulator.requests if fnmatch(request.path, path + state)]
    assert len(asked) == 64


async def test_a_task_among_many_that_fails(client: AsyncTwelveLabs, emulator: Emulator) -> None:
    """It says why, which its list does not; the others go on."""
    emulator.understand("bad.mp4", fail="no picture", at="analysis")
    names = ["bad", *"abcde"]
    made = [
        await client.analyze_async.tasks.create(
            video={"type": "url", "url": f"https://example.com/{name}.mp4"}, prompt="What happens?"
        )
        for name in names
    ]
    emulator.advance(60)
    waits = [client.analyze_async.tasks.wait_until_ready(task.task_id, interval=TICK) for task in made]
    failed, *ready = await asyncio.gather(*waits, return_exceptions=True)
    assert isinstance(failed, JobFailedError)
    assert failed.reason == "no picture"
    assert [task.id for task in ready if not isinstance(task, BaseException)] == [task.task_id for task in made[1:]]


async def test_one_video_that_cannot_be_uploaded(client: AsyncTwelveLabs, index: IndexSchema) -> None:
    """Creating many tasks goes on past one that is refused, whose error stands in its place."""
    urls = ["https://example.com/a.mp4", "nonsense", "https://example.com/c.mp4"]
    file, first, refused, last = await client.tasks.create_bulk(index_id=index.id, video_files=[b"f"], video_urls=urls)
    assert isinstance(refused, BadRequestError)
    names = [
        (await client.tasks.retrieve(task.id)).system_metadata.filename  # type: ignore[union-attr]
        for task in (file, first, last)
        if isinstance(task, TasksCreateResponse)
    ]
    assert names == ["upload", "a.mp4", "c.mp4"]


async def test_waiting_for_an_import(client: AsyncTwelveLabs, emulator: Emulator, connection_id: str) -> None:
    """It is over when no file is processed any more, whatever became of each."""
    emulator.understand("bad.mp4", fail="no video stream", at="processing")
    seen: list[str | None] = []
    done = await client.imports.import_files_and_wait(
        connection_id,
        items=[{"source_id": name} for name in ("a.mp4", "bad.mp4", "notes.pdf")],
        interval=TICK,
        callback=partial(turning, emulator, seen),
    )
    assert [(item.action, item.status) for item in done.items or ()] == [
        ("created", "ready"),
        ("created", "failed"),
        ("rejected", None),
    ]
    assert seen == ["processing", "ready"]


async def test_an_import_that_takes_too_long(client: AsyncTwelveLabs, connection_id: str) -> None:
    """The wait ends with its deadline, and has the files as they were last."""
    started = await client.imports.import_files(connection_id, items=[{"source_id": "a.mp4"}])
    with pytest.raises(WaitTimeoutError, match="processing") as late:
        await client.imports.wait_until_ready(connection_id, started.id, timeout=0.05, interval=TICK)
    assert [item.source_id for item in late.value.job.items] == ["a.mp4"]


async def test_lists_of_connections_and_imports(client: AsyncTwelveLabs, connection_id: str) -> None:
    """They are pagers: awaited they have the first page, as officially; iterated they go on to the others."""
    for name in "abc":
        await client.imports.import_files(connection_id, items=[{"source_id": f"{name}.mp4"}])
    page = await client.imports.list_imports(connection_id, page_limit=2)
    assert (len(page.data or ()), page.page_info.total_results, page.has_next) == (2, 3, True)
    assert len([one async for one in client.imports.list_imports(connection_id, page_limit=2)]) == 3


def test_waiting_in_blocking_code(sync_client: TwelveLabs, emulator: Emulator) -> None:
    """The blocking twins wait, and call the callback."""
    index = sync_client.indexes.ensure("tests", models=MODELS)
    seen: list[str | None] = []
    task = sync_client.tasks.create_and_wait(
        index_id=index.id, video_file=b"film", interval=TICK, callback=partial(turning, emulator, seen)
    )
    assert (task.status, seen[-1]) == ("ready", "ready")
    [video] = sync_client.indexes.videos.list(index.id)
    assert video.id == task.video_id
