"""Methods of the official SDK behave as programs for it expect."""

from __future__ import annotations

import asyncio
import copy
import pickle
from collections.abc import Awaitable, Callable
from contextlib import suppress
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import frozen

from twelvelabs_async import (
    APIError,
    AsyncTwelveLabs,
    BadRequestError,
    IndexSchema,
    InvalidArgumentError,
    InvalidArgumentTypeError,
    TwelveLabs,
)
from twelvelabs_async.testing import Emulator

if TYPE_CHECKING:
    from support.three_clients import Clients

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


VIDEO = {"type": "url", "url": URL}
MODEL = {"model_name": "marengo3.0"}

INVALID: list[tuple[str, list[str], dict[str, Any]]] = [
    ("analyze", [], {"video": "66a1b2c3d4e5f60000000001", "prompt": "p"}),
    ("analyze", [], {"video": {"url": URL}, "prompt": "p"}),
    ("analyze_stream", [], {"video": "66a1b2c3d4e5f60000000001", "prompt": "p"}),
    ("analyze_async.batches.create", [], {"model_name": "m", "analysis_mode": "general", "requests": []}),
    ("analyze_async.tasks.create", [], {"prompt": "p"}),
    ("analyze_async.tasks.create", [], {"video": VIDEO, "image": [{"name": "a", "url": URL}], "prompt": "p"}),
    ("analyze_async.tasks.create", [], {"video": VIDEO, "prompt": "p", "custom_id": "a b"}),
    ("assets.create", [], {"method": "direct"}),
    ("assets.create", [], {"method": "url"}),
    ("embed.create", [], MODEL),
    ("embed.tasks.create", [], MODEL),
    ("embed.v_2.create", [], {**MODEL, "input_type": "text"}),
    ("embed.v_2.create", [], {**MODEL, "input_type": "text", "text": "a goal"}),
    ("embed.v_2.tasks.create", [], {**MODEL, "input_type": "video"}),
    ("entity_collections.entities.create", ["c"], {"name": "Ada", "asset_ids": []}),
    ("entity_collections.entities.create_assets", ["c", "e"], {"asset_ids": []}),
    ("entity_collections.entities.create_bulk", ["c"], {"entities": []}),
    ("entity_collections.entities.delete_assets", ["c", "e"], {"asset_ids": []}),
    ("imports.import_files", ["c"], {"items": []}),
    ("indexes.create", [], {"index_name": "talks", "models": []}),
    ("knowledge_store_item_collections.add_items", ["k", "c"], {"item_ids": []}),
    ("knowledge_store_item_collections.remove_items", ["k", "c"], {"item_ids": []}),
    ("knowledge_stores.search", ["k"], {"query": "a goal"}),
    ("knowledge_stores.search_all", ["k"], {"query": "a goal"}),
    ("responses.create", [], {"knowledge_store_id": "k", "input": []}),
    ("responses.create_stream", [], {"knowledge_store_id": "k", "input": "a goal"}),
    ("search.create", [], {"index_id": "i", "search_options": []}),
    ("search.query", [], {"index_id": "i", "search_options": "visual"}),
    ("tasks.create", [], {"index_id": "i"}),
]
each_invalid_call = pytest.mark.parametrize(
    ("method", "ids", "arguments"), INVALID, ids=[f"{method}-{number}" for number, (method, *_) in enumerate(INVALID)]
)


def call(client: TwelveLabs, method: str, ids: list[str], arguments: dict[str, Any]) -> None:
    """Call a method, and read a little of what it streams."""
    returned = attrgetter(method)(client)(*ids, **arguments)
    if "stream" in method:
        next(returned, None)


class TestInvalidArguments:
    @each_invalid_call
    def test_they_raise_the_error_of_the_api_and_that_of_python(
        self, sync_client: TwelveLabs, emulator: Emulator, method: str, ids: list[str], arguments: dict[str, Any]
    ) -> None:
        """Programs handle `BadRequestError`, since the official SDK leaves all checks to the API."""
        with pytest.raises(InvalidArgumentError) as caught:
            call(sync_client, method, ids, arguments)
        assert isinstance(caught.value, BadRequestError)
        assert isinstance(caught.value, ValueError)
        assert not emulator.requests

    @each_invalid_call
    def test_the_api_decides_if_the_request_has_additional_parameters(
        self,
        sync_client: TwelveLabs,
        emulator: Emulator,
        method: str,
        ids: list[str],
        arguments: dict[str, Any],
    ) -> None:
        """They may be what the arguments lack."""
        for parameters in ("additional_body_parameters", "additional_query_parameters"):
            options = {parameters: {"own": "1"}, "max_retries": 0}
            with suppress(APIError):
                call(sync_client, method, ids, arguments | {"request_options": options})
        assert len(emulator.requests) == 2

    def test_additional_parameters_are_what_was_missing(self, sync_client: TwelveLabs) -> None:
        """A video that only the body has is analyzed."""
        options: Any = {"additional_body_parameters": {"video": VIDEO}}
        task = sync_client.analyze_async.tasks.create(prompt="What happens?", request_options=options)
        assert task.task_id

    @pytest.mark.parametrize(
        "attempt",
        [
            lambda client: client.indexes.retrieve(None),
            lambda client: client.analyze(video="an id", prompt="p"),
            lambda client: client.tasks.wait_for_done("t1", callback="print"),
            lambda client: client.assets.create(method="direct", file=5),
        ],
    )
    def test_a_wrong_type_is_a_type_error_as_well(self, sync_client: TwelveLabs, attempt: Any) -> None:
        """The official SDK sends values of any type."""
        with pytest.raises(InvalidArgumentTypeError) as caught:
            attempt(sync_client)
        assert isinstance(caught.value, TypeError)
        assert isinstance(caught.value, BadRequestError)

    def test_the_error_looks_like_a_response(self) -> None:
        """Handlers print the status and the body. Copies and pickles keep them."""
        error = InvalidArgumentError("search_options must be a list; got 'visual'.")
        for equal in (error, copy.copy(error), pickle.loads(pickle.dumps(error))):
            assert (equal.status_code, equal.code, equal.headers, equal.request_id) == (
                400, "parameter_invalid", {}, None,
            )  # fmt: skip
            assert equal.body == {"code": "parameter_invalid", "message": str(error)}
            assert str(equal) == "search_options must be a list; got 'visual'."


@frozen
class Video:
    """A video with the arguments as attributes, which the official SDK accepts instead of a dict."""

    video_url: str
    video_clip_length: float = 4
    video_embedding_scope: list[str] | None = None


class TestCreateBulk:
    def test_files_are_uploaded_as_files(self, clients: Clients, tmp_path: Path) -> None:
        """A path is not sent as text."""
        path = tmp_path / "talk.mp4"
        path.write_bytes(b"film")
        with path.open("rb") as file:
            files = [str(path), path, file, b"film"]
            indexing = clients.sync_requests("tasks.create_bulk", {"index_id": "i", "video_files": files})
            videos = [{"video_file": file} for file in files]
            embedding = clients.sync_requests("embed.tasks.create_bulk", {"model_name": "m", "videos": videos})
        for requests in (indexing, embedding):
            parts = [part for request in requests for part in request.parts if part.name == "video_file"]
            assert sorted((str(part.filename), part.content) for part in parts) == [
                *[("talk.mp4", b"film")] * 3,
                ("upload", b"film"),
            ]

    @pytest.mark.parametrize(
        "video",
        [
            {"video_url": URL, "video_clip_length": 4, "video_embedding_scope": ["clip", "video"]},
            {"video_url": URL, "video_clip_length": 4, "video_embedding_scopes": ["clip", "video"]},
            {"video_url": URL, "video_clip_length": 4, "video_embedding_scopes": ["clip", "video"], "video_file": None},
            Video(URL, video_embedding_scope=["clip", "video"]),
        ],
    )
    def test_a_video_is_what_the_official_documentation_shows(self, clients: Clients, video: Any) -> None:
        """It has another name of the scope than the official code, and omits what is ``None``."""
        [request] = clients.sync_requests("embed.tasks.create_bulk", {"model_name": "m", "videos": [video]})
        assert sorted((part.name, part.content) for part in request.parts) == [
            ("model_name", b"m"),
            ("video_clip_length", b"4"),
            ("video_embedding_scope", b"clip"),
            ("video_embedding_scope", b"video"),
            ("video_url", URL.encode()),
        ]

    @pytest.mark.parametrize("video", [{"scopes": ["clip"], "video_url": URL}, URL, None, 5])
    def test_anything_else_is_refused(self, sync_client: TwelveLabs, emulator: Emulator, video: Any) -> None:
        """The official SDK ignores unknown keys."""
        with pytest.raises(InvalidArgumentTypeError, match="dict with keys among video_file, video_url"):
            sync_client.embed.tasks.create_bulk(model_name="marengo3.0", videos=[{"video_url": URL}, video])
        assert not emulator.requests

    def test_it_returns_the_tasks_that_were_created(self, sync_client: TwelveLabs, index: IndexSchema) -> None:
        """A program reads the id of each task. The errors are beside the list."""
        bad = "https://example.com/a b"
        videos: list[Any] = [{"video_url": URL}, {"video_url": "nonsense"}, {"video_url": bad}]
        urls = [video["video_url"] for video in videos]
        for tasks in (
            sync_client.tasks.create_bulk(index_id=str(index.id), video_urls=urls),
            sync_client.embed.tasks.create_bulk(model_name="marengo3.0", videos=videos),
        ):
            assert isinstance(tasks, list)
            assert len([task.id for task in tasks]) == 2
            assert [*tasks.failures] == [1]
            assert [*copy.copy(tasks)] == [*pickle.loads(pickle.dumps(tasks))] == tasks
            assert [*pickle.loads(pickle.dumps(tasks)).failures] == [1]
