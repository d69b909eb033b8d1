"""Waiting for tasks whose lists lack results, for imports, and in blocking code."""

from __future__ import annotations

import asyncio
import logging
from fnmatch import fnmatch
from operator import attrgetter
from typing import Any

import httpx
import pytest

from twelvelabs_async import (
    AsyncTwelveLabs,
    IndexSchema,
    InvalidArgumentError,
    JobFailedError,
    TwelveLabs,
    WaitTimeoutError,
)
from twelvelabs_async.testing import Emulator

from support.clock import Clock
from support.samples import MODELS, video

# The emulator's clock follows that of the event loop only, so that a slow machine changes no status.

URL = "https://example.com/talk.mp4"


@pytest.mark.usefixtures("autojump_clock")
class TestVideoIndexingTasks:
    async def test_both_waits_return_the_task(self, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        """The official method returns the stream as well, which the list does not have."""
        statuses: list[str | None] = []
        task = await client.tasks.create_and_wait(
            index_id=index.id, video_file=("a.mp4", video()), callback=lambda task: statuses.append(task.status)
        )
        assert task.status == "ready"
        assert (statuses[0], statuses[-1], len(statuses)) == ("uploading", "ready", len(set(statuses)))
        done = await client.tasks.wait_for_done(task.id)
        assert (done.id, done.video_id, done.hls and done.hls.status) == (task.id, task.video_id, "COMPLETE")

    @pytest.mark.parametrize("stage", ["processing", "indexing"])
    async def test_one_wait_raises_the_failed_task_and_the_official_one_returns_it(
        self, client: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator, stage: str
    ) -> None:
        """A video may be unreadable, or fail while it is indexed."""
        emulator.understand("bad.mp4", fail="no video stream", at=stage)
        created = await client.tasks.create(index_id=index.id, video_url="https://example.com/bad.mp4")
        with pytest.raises(JobFailedError, match="video indexing task") as failed:
            await client.tasks.wait_until_ready(created.id)
        assert (failed.value.job.id, failed.value.job.status) == (created.id, "failed")
        done = await client.tasks.wait_for_done(created.id)
        assert (done.id, done.status) == (created.id, "failed")

    async def test_a_wait_that_takes_too_long_raises_the_last_status(
        self, client: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator
    ) -> None:
        """The task is uploading all the time."""
        emulator.fail("GET", "/tasks/*", status=200, body={"_id": "t1", "status": "uploading"}, times=100)
        with pytest.raises(WaitTimeoutError, match="the last status was 'uploading'"):
            await client.tasks.create_and_wait(index_id=index.id, video_url=URL, timeout=60)

    async def test_many_waits_read_the_list(
        self, client: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator, clock: Clock
    ) -> None:
        """Sixty tasks are two pages. The official method then retrieves each task once."""
        urls = [f"https://example.com/{number}.mp4" for number in range(60)]
        created = await client.tasks.create_bulk(index_id=index.id, video_urls=urls)
        tasks = [task.id for task in created]
        clock.advance(60)
        emulator.requests.clear()
        assert [task.id for task in await asyncio.gather(*map(client.tasks.wait_until_ready, tasks))] == tasks
        assert {request.path for request in emulator.requests} == {"/tasks"}
        assert len(emulator.requests) <= 4  # two pages by update, two by creation
        emulator.requests.clear()
        done = await asyncio.gather(*map(client.tasks.wait_for_done, tasks))
        assert all(task.hls for task in done)
        assert len(emulator.requests) <= len(tasks) + 4

    async def test_a_refused_video_does_not_stop_the_others(
        self, client: AsyncTwelveLabs, index: IndexSchema, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Its error is kept with its position among files and URLs, and logged."""
        urls = ["https://example.com/a.mp4", "nonsense", "https://example.com/c.mp4"]
        tasks = await client.tasks.create_bulk(index_id=index.id, video_files=[video()], video_urls=urls)
        assert {position: type(error) for position, error in tasks.failures.items()} == {2: InvalidArgumentError}
        [record] = [record for record in caplog.records if record.levelno == logging.WARNING]
        assert (record.levelname, "'nonsense'" in record.getMessage()) == ("WARNING", True)
        names = [
            (await client.tasks.retrieve(task.id)).system_metadata.filename  # type: ignore[union-attr]
            for task in tasks
        ]
        assert names == ["upload", "a.mp4", "c.mp4"]


# Resource, arguments of create(), path of a single poll below that of the list, and where the result is.
SUMMARIES: list[tuple[str, dict[str, Any], str, str]] = [
    ("embed.tasks", {"model_name": "marengo3.0", "video_url": URL}, "/*/status", "video_embedding.segments"),
    (
        "embed.v_2.tasks",
        {"model_name": "marengo3.5", "input_type": "image", "image": {"media_source": {"url": URL}}},
        "/*",
        "data",
    ),
    ("analyze_async.tasks", {"video": {"type": "url", "url": URL}, "prompt": "What happens?"}, "/*", "result"),
]


@pytest.mark.usefixtures("autojump_clock")
class TestListsOfSummaries:
    @pytest.mark.parametrize(("resource", "arguments", "single", "result"), SUMMARIES)
    async def test_a_finished_task_is_retrieved_once(
        self,
        client: AsyncTwelveLabs,
        emulator: Emulator,
        resource: str,
        arguments: dict[str, Any],
        single: str,
        result: str,
    ) -> None:
        """Sixty waits read the list before. Failed retrievals are repeated."""
        tasks = attrgetter(resource)(client.with_options(max_retries=0))
        created = [await tasks.create(**arguments) for _ in range(60)]
        ids = [task.task_id if resource == "analyze_async.tasks" else task.id for task in created]
        [path] = {request.path for request in emulator.requests}
        emulator.requests.clear()
        emulator.fail("GET", path + single, status=503, skip=20, times=3)
        emulator.fail("GET", path + single, status=429, headers={"Retry-After": "5"}, skip=30)
        statuses: list[str | None] = []
        done = await asyncio.gather(
            *(tasks.wait_until_ready(job_id, callback=lambda task: statuses.append(task.status)) for job_id in ids)
        )
        assert [getattr(task, "task_id", None) or task.id for task in done] == ids
        assert all(attrgetter(result)(task) for task in done)
        assert statuses.count("ready") == 60
        assert len(statuses) == len(set(statuses)) * 60
        polled = [request.path for request in emulator.requests if fnmatch(request.path, path + single)]
        # Each task once, and after each of the four failures once more.
        assert len(polled) == 64

    async def test_a_429_stops_the_retrievals_of_a_poll(
        self, client: AsyncTwelveLabs, emulator: Emulator, clock: Clock
    ) -> None:
        """Ten tasks are retrieved at a time, so that two polls meet twenty 429s."""
        tasks = client.with_options(max_retries=0).analyze_async.tasks
        created = [await tasks.create(video={"type": "url", "url": URL}, prompt="?") for _ in range(30)]
        clock.advance(600)
        emulator.fail("GET", "/analyze/tasks/*", status=429, headers={"Retry-After": "50"}, times=20)
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.gather(*(tasks.wait_until_ready(task.task_id) for task in created))
        assert 100 <= loop.time() - began < 150

    async def test_a_failed_task_raises_its_reason(self, client: AsyncTwelveLabs, emulator: Emulator) -> None:
        """The list does not have the reason. Waits for other tasks end as usual."""
        emulator.understand("bad.mp4", fail="no picture", at="analysis")
        created = [
            await client.analyze_async.tasks.create(
                video={"type": "url", "url": f"https://example.com/{name}.mp4"}, prompt="What happens?"
            )
            for name in ("bad", "a", "b", "c", "d", "e")
        ]
        waits = [client.analyze_async.tasks.wait_until_ready(task.task_id) for task in created]
        failed, *ready = await asyncio.gather(*waits, return_exceptions=True)
        assert isinstance(failed, JobFailedError)
        assert failed.reason == "no picture"
        ready_ids = [task.task_id for task in ready if not isinstance(task, BaseException)]
        assert ready_ids == [task.task_id for task in created[1:]]


@pytest.mark.usefixtures("autojump_clock")
class TestImports:
    @pytest.fixture
    async def connection_id(self, client: AsyncTwelveLabs) -> str:
        """A connection that its user has authorized."""
        started = await client.data_connectors.authorize_connection(
            provider="google_drive", redirect_uri="https://app.example.com/done"
        )
        await asyncio.to_thread(httpx.get, str(started.authorize_url))
        [connection] = (await client.data_connectors.list_connections()).data or []
        return connection.id

    async def test_an_import_is_finished_when_all_its_files_are(
        self, client: AsyncTwelveLabs, emulator: Emulator, connection_id: str
    ) -> None:
        """Files have statuses of their own, so that an import does not fail."""
        emulator.understand("bad.mp4", fail="no video stream", at="processing")
        statuses: list[str | None] = []
        done = await client.imports.import_files_and_wait(
            connection_id,
            items=[{"source_id": name} for name in ("a.mp4", "bad.mp4", "notes.pdf")],
            callback=lambda job: statuses.append(job.status),
        )
        assert [(item.action, item.status) for item in done.items or ()] == [
            ("created", "ready"),
            ("created", "failed"),
            ("rejected", None),
        ]
        assert statuses == ["processing", "ready"]

    async def test_a_wait_that_takes_too_long_raises_the_last_state(
        self, client: AsyncTwelveLabs, emulator: Emulator, connection_id: str
    ) -> None:
        """The error has the import with its files."""
        items = [{"source_id": "a.mp4", "action": "created", "status": "processing"}]
        emulator.fail("GET", "/connections/*", status=200, body={"_id": "i1", "items": items}, times=100)
        with pytest.raises(WaitTimeoutError, match="processing") as late:
            await client.imports.wait_until_ready(connection_id, "i1", timeout=60)
        assert [item.source_id for item in late.value.job.items] == ["a.mp4"]

    async def test_imports_are_listed_by_a_pager(self, client: AsyncTwelveLabs, connection_id: str) -> None:
        """Awaited, it is the official response; iterated, it reads all pages."""
        for name in "abc":
            await client.imports.import_files(connection_id, items=[{"source_id": f"{name}.mp4"}])
        page = await client.imports.list_imports(connection_id, page_limit=2)
        assert (len(page.data or ()), page.page_info.total_results, page.has_next) == (2, 3, True)
        assert len([found async for found in client.imports.list_imports(connection_id, page_limit=2)]) == 3


class TestBlockingWaits:
    INTERVAL = 0.01
    """Real seconds: the event loop of a blocking client has no clock that a test can advance."""

    def test_assets_and_indexed_assets(self, sync_client: TwelveLabs, emulator: Emulator) -> None:
        """The callback runs for each status. A timeout is raised as in asynchronous code."""
        statuses: list[str | None] = []

        def callback(job: Any) -> None:
            statuses.append(job.status)
            emulator.advance(60)

        index = sync_client.indexes.ensure("tests", models=MODELS)
        asset = sync_client.assets.create_and_wait(video(), interval=self.INTERVAL, callback=callback)
        indexed = sync_client.indexes.indexed_assets.create(index.id, asset_id=asset.id)
        wait = sync_client.indexes.indexed_assets.wait_until_ready
        with pytest.raises(WaitTimeoutError):
            wait(index.id, indexed.id, interval=self.INTERVAL, timeout=0.05)
        wait(index.id, indexed.id, interval=self.INTERVAL, callback=callback)
        assert statuses == ["processing", "ready", "validating", "ready"]

    def test_video_indexing_tasks(self, sync_client: TwelveLabs, emulator: Emulator) -> None:
        """The video of the task is in the index."""
        index = sync_client.indexes.ensure("tests", models=MODELS)
        task = sync_client.tasks.create_and_wait(
            index_id=index.id, video_file=video(), interval=self.INTERVAL, callback=lambda _: emulator.advance(10)
        )
        [listed] = sync_client.indexes.videos.list(index.id)
        assert listed.id == task.video_id
