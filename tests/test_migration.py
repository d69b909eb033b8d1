"""The table of deliberate differences in ``docs/migration.md``: each row in both packages."""

from __future__ import annotations

import inspect
import logging
import os
import pickle
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

import attrs
import httpx
import polars
import pydantic
import pytest
import twelvelabs

import twelvelabs_async
from twelvelabs_async import ApiError, AsyncTwelveLabs, InvalidArgumentTypeError, TwelveLabs, VideoIndexingTask
from twelvelabs_async._removed import RENAMED
from twelvelabs_async.testing import Emulator

from support import official
from support.clock import Clock
from support.raw_server import Connection, Server
from support.recorder import OBJECT, Recorder
from support.samples import MODELS

GUIDE = (Path(__file__).parent.parent / "docs" / "migration.md").read_text("utf-8")
ROWS = re.findall(r"^\| ([^|]+?) \|(?=.*\|.*\|.*\|$)", GUIDE.partition("\n## Differences\n")[2], re.MULTILINE)[1:]
SHOWN: list[str] = []
MISSING_ID = "0123456789abcdef01234567"

Test = Callable[..., Any]


def row(name: str) -> Callable[[Test], Test]:
    """Return a decorator for the test of the row whose first cell is *name*."""

    def register(test: Test) -> Test:
        SHOWN.append(name)
        return test

    return register


def test_every_row_has_a_test_and_every_test_a_row() -> None:
    assert sorted(SHOWN) == sorted(ROWS)


def test_the_guide_lists_what_was_renamed() -> None:
    """`migrate` rewrites it."""
    words = set(re.findall(r"\w+", GUIDE.partition("\n## Earlier versions\n")[2]))
    for old, new in RENAMED.items():
        assert {*re.findall(r"\w+", old), new} <= words


@pytest.fixture
def theirs(recorder: Recorder) -> Iterator[twelvelabs.TwelveLabs]:
    """The official client of the recorder."""
    with httpx.Client(trust_env=False, timeout=60) as http:
        yield official.sync_client(recorder.url, recorder.api_key, http)


@pytest.fixture
def ours(recorder: Recorder) -> Iterator[TwelveLabs]:
    """Our blocking client of the recorder."""
    with TwelveLabs(api_key=recorder.api_key, base_url=recorder.url, max_retries=0) as client:
        yield client


@pytest.fixture
def task_id(emulator: Emulator, sync_client: TwelveLabs) -> str:
    """The id of an indexing task of the emulator."""
    index = sync_client.indexes.ensure("tests", models=MODELS)
    return str(sync_client.tasks.create(index_id=str(index.id), video_url="https://example.com/talk.mp4").id)


# Clients


@row("API key in the environment")
def test_the_key_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWELVE_LABS_API_KEY", "key")
    with pytest.raises(TypeError, match="api_key"):
        twelvelabs.TwelveLabs()
    TwelveLabs().close()


@row("`base_url=` and `TWELVELABS_BASE_URL`")
def test_an_argument_takes_precedence_over_the_environment(
    monkeypatch: pytest.MonkeyPatch, recorder: Recorder, theirs: twelvelabs.TwelveLabs
) -> None:
    monkeypatch.setenv("TWELVELABS_BASE_URL", "http://127.0.0.1:9/v1.3")
    with httpx.Client(trust_env=False, timeout=60) as http, pytest.raises(httpx.ConnectError):
        official.sync_client(recorder.url, "key", http).assets.retrieve("x")
    with TwelveLabs(api_key="key", base_url=recorder.url) as client:
        client.assets.retrieve("x")


@row("`httpx_client=`, `follow_redirects=`")
@pytest.mark.parametrize("argument", ["httpx_client", "follow_redirects"])
def test_arguments_about_httpx_are_refused(argument: str) -> None:
    with pytest.raises(TypeError, match=argument):
        TwelveLabs(**{"api_key": "key", argument: None})


@row("end of `with`")
def test_the_end_of_with_closes_the_client(recorder: Recorder) -> None:
    with httpx.Client(trust_env=False, timeout=60) as http:
        with official.sync_client(recorder.url, "key", http) as theirs:
            pass
        assert theirs.assets.retrieve("x").id == "x"
    with TwelveLabs(api_key="key", base_url=recorder.url) as ours:
        pass
    with pytest.raises(RuntimeError, match="closed"):
        ours.assets.retrieve("x")


@row("threads")
def test_requests_are_sent_by_a_thread_of_the_client(ours: TwelveLabs, theirs: twelvelabs.TwelveLabs) -> None:
    before = set(threading.enumerate())
    theirs.assets.retrieve("x")
    assert set(threading.enumerate()) == before
    ours.assets.retrieve("x")
    assert all(thread.daemon for thread in set(threading.enumerate()) - before)
    assert set(threading.enumerate()) > before


@row("time limit")
def test_the_time_limit_covers_a_whole_call() -> None:
    """The official one limits the pause between two packets; this server keeps sending."""
    limits: list[dict[str, float]] = []

    def record(request: httpx.Request) -> httpx.Response:
        limits.append(request.extensions["timeout"])
        return httpx.Response(200, json=OBJECT)

    def drip(connection: Connection) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
        with suppress(OSError):
            while not server.closed.wait(0.01):
                connection.send(b" ")

    with httpx.Client(transport=httpx.MockTransport(record)) as http:
        official.sync_client(http=http).assets.retrieve("x", request_options={"timeout_in_seconds": 1})
    assert limits == [dict.fromkeys(("connect", "read", "write", "pool"), 1)]
    with Server(drip) as server, TwelveLabs(api_key="key", base_url=server.url, timeout=0.1) as client:
        with pytest.raises(twelvelabs_async.APITimeoutError):
            client.assets.retrieve("x")
        assert server.attempts == 1


@row("retries")
def test_transient_failures_are_retried(
    emulator: Emulator, sdk: twelvelabs.TwelveLabs, sync_client: TwelveLabs
) -> None:
    emulator.fail("GET", "/assets", status=503, headers={"retry-after": "0.01"}, times=2)
    with pytest.raises(twelvelabs.core.api_error.ApiError):
        sdk.assets.list()
    assert sync_client.assets.list().items == []


@row("redirects")
def test_the_key_is_not_sent_to_another_host(recorder: Recorder) -> None:
    other = recorder.url.replace("127.0.0.1", "localhost")

    def redirect(connection: Connection) -> None:
        connection.send(f"HTTP/1.1 302 Found\r\nlocation: {other}/assets/x\r\ncontent-length: 0\r\n\r\n".encode())

    with Server(redirect) as server:
        with httpx.Client(trust_env=False, follow_redirects=True) as http:
            official.sync_client(server.url, "secret-key", http).assets.retrieve("x")
        assert recorder.requests.pop().headers["x-api-key"] == "secret-key"
        with TwelveLabs(api_key="key", base_url=server.url) as client, pytest.raises(ApiError, match="redirect"):
            client.assets.retrieve("x")
    assert not recorder.requests


# Errors


@row("errors of httpx")
def test_a_lost_connection_raises_an_error_of_this_package() -> None:
    url = "http://127.0.0.1:9/v1.3"
    with httpx.Client(trust_env=False, timeout=60) as http, pytest.raises(httpx.HTTPError):
        official.sync_client(url, "key", http).assets.retrieve("x")
    with TwelveLabs(api_key="key", base_url=url, max_retries=0) as client, pytest.raises(ApiError) as caught:
        client.assets.retrieve("x")
    assert isinstance(caught.value, twelvelabs_async.APIConnectionError)
    assert not isinstance(caught.value, httpx.HTTPError)
    assert caught.value.status_code is None


@row("classes of error statuses")
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, "UnauthorizedError"),
        (413, "ContentTooLargeError"),
        (429, "TooManyRequestsError"),
    ],
)
def test_every_status_has_a_class(
    emulator: Emulator, sdk: twelvelabs.TwelveLabs, sync_client: TwelveLabs, status: int, kind: str
) -> None:
    emulator.fail("GET", "/assets/*", status=status, times=9)
    with pytest.raises(twelvelabs.core.api_error.ApiError) as theirs:
        sdk.assets.retrieve(MISSING_ID)
    assert type(theirs.value) is twelvelabs.core.api_error.ApiError
    with pytest.raises(getattr(twelvelabs_async, kind)) as ours:
        sync_client.assets.retrieve(MISSING_ID, request_options={"max_retries": 0})
    assert isinstance(ours.value, ApiError)


@row("text of an error")
def test_the_text_of_an_error_is_one_line(sdk: twelvelabs.TwelveLabs, sync_client: TwelveLabs) -> None:
    with pytest.raises(twelvelabs.core.api_error.ApiError, match=r"^headers: \{.*\}, status_code: 404, body: "):
        sdk.assets.retrieve(MISSING_ID)
    with pytest.raises(ApiError, match=f"^GET /assets/{MISSING_ID}: status 404 .*: .*$"):
        sync_client.assets.retrieve(MISSING_ID)


@row("invalid arguments")
def test_invalid_arguments_are_refused_before_a_request(
    recorder: Recorder, ours: TwelveLabs, theirs: twelvelabs.TwelveLabs
) -> None:
    theirs.search.query(index_id="x", search_options=[], query_text="x")
    assert recorder.requests.pop()
    with pytest.raises(twelvelabs_async.BadRequestError) as caught:
        ours.search.query(index_id="x", search_options=[], query_text="x")
    assert isinstance(caught.value, ValueError)
    assert not recorder.requests


@row("unusable responses")
def test_a_response_that_is_no_object_raises_an_api_error(
    recorder: Recorder, ours: TwelveLabs, theirs: twelvelabs.TwelveLabs
) -> None:
    recorder.respond_next("text")
    with pytest.raises(pydantic.ValidationError):
        theirs.assets.retrieve("x")
    recorder.respond_next("text")
    with pytest.raises(twelvelabs_async.APIResponseError) as caught:
        ours.assets.retrieve("x")
    assert isinstance(caught.value, ApiError)


# Requests


@row("text as a file")
def test_text_is_the_path_of_a_file(
    recorder: Recorder, ours: TwelveLabs, theirs: twelvelabs.TwelveLabs, tmp_path: Path
) -> None:
    (tmp_path / "talk.mp4").write_bytes(b"video")
    path = str(tmp_path / "talk.mp4")
    for client in (theirs, ours):
        client.tasks.create(index_id="x", video_file=path)
    sent = [next(part for part in request.parts if part.name == "video_file") for request in recorder.requests]
    assert [part.content for part in sent] == [path.encode(), b"video"]
    with pytest.raises(FileNotFoundError):
        ours.tasks.create(index_id="x", video_file="missing.mp4")


@row("`None` in forms")
def test_none_in_a_form_is_left_out(recorder: Recorder, ours: TwelveLabs, theirs: twelvelabs.TwelveLabs) -> None:
    for client in (theirs, ours):
        client.tasks.create(index_id="x", video_url=None, video_file=b"video")
    sent = [{part.name for part in request.parts} for request in recorder.requests]
    assert sent == [{"index_id", "video_url", "video_file"}, {"index_id", "video_file"}]


@row("ids in paths")
def test_ids_are_one_segment_of_a_path(recorder: Recorder, ours: TwelveLabs, theirs: twelvelabs.TwelveLabs) -> None:
    for client in (theirs, ours):
        client.indexes.retrieve("../tasks")
    assert [request.path for request in recorder.requests] == ["/v1.3/tasks", "/v1.3/indexes/..%2Ftasks"]
    with pytest.raises(ValueError, match="index_id"):
        ours.indexes.retrieve("")


@row("`user_metadata=` of lists")
def test_filters_by_metadata_are_sent_as_the_api_reads_them(
    recorder: Recorder, ours: TwelveLabs, theirs: twelvelabs.TwelveLabs
) -> None:
    for client in (theirs, ours):
        list(client.indexes.indexed_assets.list("x", user_metadata={"team": "red"}))
    assert ("user_metadata[team]", "red") in recorder.requests[0].query
    assert ("team", "red") in recorder.requests[-1].query
    theirs.indexes.videos.list("x", user_metadata={"page": 7})
    assert ("page", "7") in recorder.requests[-1].query
    with pytest.raises(ValueError, match="page"):
        ours.indexes.videos.list("x", user_metadata={"page": 7})


@row("`data_connectors.authorize_connection`")
def test_connections_can_be_authorized(ours: TwelveLabs, theirs: twelvelabs.TwelveLabs) -> None:
    arguments: Any = {"provider": "google_drive", "redirect_uri": "https://example.com"}
    with pytest.raises(httpx.UnsupportedProtocol):
        theirs.data_connectors.authorize_connection(**arguments)
    ours.data_connectors.authorize_connection(**arguments)


# Lists


@row("requests for N pages")
def test_the_last_page_is_known(recorder: Recorder, ours: TwelveLabs, theirs: twelvelabs.TwelveLabs) -> None:
    list(theirs.assets.list())
    assert len(recorder.requests) == 2
    list(ours.assets.list())
    assert len(recorder.requests) == 3
    assert (theirs.assets.list().has_next, ours.assets.list().has_next) == (True, False)
    assert (theirs.assets.list().next_page() is None, ours.assets.list().next_page() is None) == (False, True)


@row("later pages of a search")
def test_an_error_on_a_later_page_is_raised(
    recorder: Recorder, ours: TwelveLabs, theirs: twelvelabs.TwelveLabs
) -> None:
    page = OBJECT | {
        "data": [{"rank": 1}],
        "search_pool": {},
        "page_info": {"next_page_token": "t", "limit_per_page": 1},
    }
    for client in (theirs, ours):
        recorder.respond_next(page)
        recorder.respond_next({"code": "internal_server_error", "message": "x"}, status=500)
        hits = iter(client.search.query(index_id="x", search_options=["visual"], query_text="x"))
        assert next(hits).rank == 1
        if client is theirs:
            assert list(hits) == []
        else:
            with pytest.raises(twelvelabs_async.InternalServerError):
                next(hits)


@row("lists without a pager")
@pytest.mark.parametrize("method", sorted(official.SINGLE_PAGES))
def test_all_lists_are_pagers(ours: TwelveLabs, theirs: twelvelabs.TwelveLabs, method: str) -> None:
    arguments = ("x",) if method == "imports.list_imports" else ()
    assert not hasattr(official.find(theirs, method)(*arguments), "next_page")
    page = official.find(ours, method)(*arguments)
    assert page.data == list(page) == []


@row("asynchronous lists")
async def test_asynchronous_lists_need_no_await(emulator: Emulator, client: AsyncTwelveLabs) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        theirs = twelvelabs.AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.url, httpx_client=http)
        listed = theirs.assets.list()
        assert not hasattr(listed, "__aiter__")
        await listed
    assert [asset async for asset in client.assets.list()] == [asset async for asset in await client.assets.list()]
    assert inspect.iscoroutinefunction(twelvelabs.AsyncTwelveLabs(api_key="k").assets.list)
    assert not inspect.iscoroutinefunction(client.assets.list)


# Models


@row("base class of models")
def test_models_are_not_of_pydantic(ours: TwelveLabs, theirs: twelvelabs.TwelveLabs) -> None:
    assert isinstance(theirs.assets.retrieve("x"), pydantic.BaseModel)
    assert not isinstance(ours.assets.retrieve("x"), pydantic.BaseModel)


@row("models as arguments in FastAPI")
def test_fastapi_takes_models_as_bodies_if_it_is_told() -> None:
    fastapi = pytest.importorskip("fastapi")
    testclient = pytest.importorskip("fastapi.testclient")
    app = fastapi.FastAPI()
    for path, kind in (
        ("/theirs", twelvelabs.SearchItem),
        ("/ours", twelvelabs_async.SearchItem),
        ("/told", Annotated[twelvelabs_async.SearchItem, fastapi.Body()]),
    ):

        def endpoint(hit: Any) -> float:
            return float(hit.start)

        endpoint.__annotations__["hit"] = kind
        app.post(path)(endpoint)
    client = testclient.TestClient(app)
    statuses = [client.post(path, json={"start": 1.0}).status_code for path in ("/theirs", "/ours", "/told")]
    assert statuses == [200, 422, 200]


@row("`polars.DataFrame(models)`")
def test_data_frames_are_made_of_dicts() -> None:
    theirs, ours = twelvelabs.SearchItem(start=1.0), twelvelabs_async.SearchItem(start=1.0)
    assert polars.DataFrame([theirs])["start"].to_list() == [1.0]
    assert polars.DataFrame([ours]).columns == ["column_0"]
    assert polars.DataFrame([ours.to_dict()])["start"].to_list() == [1.0]


@row("`model_fields`")
def test_fields_are_described_by_attrs() -> None:
    assert isinstance(twelvelabs.SearchItem.model_fields["start"], pydantic.fields.FieldInfo)
    assert isinstance(twelvelabs_async.SearchItem.model_fields["start"], attrs.Attribute)


@row("`vars()` of a model")
def test_vars_have_unknown_fields() -> None:
    values: dict[str, Any] = {"start": 1.0, "new": 1}
    theirs, ours = twelvelabs.SearchItem(**values), twelvelabs_async.SearchItem(**values)
    assert dict(theirs).keys() - vars(theirs).keys() == {"new"}
    assert dict(ours) == vars(ours)
    assert vars(ours)["new"] == 1


@row("`model_dump(exclude_unset=True)` of a union's member")
def test_the_tag_of_a_union_is_always_set() -> None:
    theirs, ours = twelvelabs.VideoContext_Url(url="x"), twelvelabs_async.VideoContext_Url(url="x")
    assert theirs.model_dump(exclude_unset=True) == {"url": "x"}
    assert ours.model_dump(exclude_unset=True) == {"type": "url", "url": "x"}


@row("`copy(include=)`, `copy(exclude=)`")
@pytest.mark.parametrize("keyword", ["include", "exclude"])
def test_copies_have_all_fields(keyword: str) -> None:
    selection: Any = {keyword: {"rank"}}
    with pytest.warns(pydantic.PydanticDeprecatedSince20):
        twelvelabs.SearchItem(rank=1).copy(**selection)
    with pytest.raises(TypeError, match=keyword):
        twelvelabs_async.SearchItem(rank=1).copy(**selection)


@row("ids of models")
def test_models_have_ids() -> None:
    assert twelvelabs.types.IndexSchema(index_name="talks").id is None
    with pytest.raises(TypeError, match="'id'"):
        twelvelabs_async.IndexSchema(index_name="talks")  # type: ignore[call-arg]


@row("assignment to fields")
def test_models_can_be_changed(ours: TwelveLabs, theirs: twelvelabs.TwelveLabs) -> None:
    with pytest.raises(pydantic.ValidationError):
        theirs.assets.retrieve("x").id = "y"
    assert hash(twelvelabs.VideoSegment()) == hash(twelvelabs.VideoSegment())
    asset = ours.assets.retrieve("x")
    asset.id = "y"
    assert asset.id == "y"
    with pytest.raises(TypeError, match="unhashable"):
        hash(asset)


@row("validation of models")
def test_values_of_models_are_not_validated(
    recorder: Recorder, ours: TwelveLabs, theirs: twelvelabs.TwelveLabs
) -> None:
    with pytest.raises(pydantic.ValidationError):
        twelvelabs.VideoSegment(start_offset_sec="x")
    assert twelvelabs_async.VideoSegment(start_offset_sec="x").start_offset_sec == "x"  # type: ignore[arg-type]
    for client in (theirs, ours):
        recorder.respond_next(OBJECT | {"duration": "unknown"})
        if client is theirs:
            with pytest.raises(pydantic.ValidationError):
                client.assets.retrieve("x")
        else:
            assert client.assets.retrieve("x").duration == "unknown"


@row("whole numbers")
def test_whole_numbers_stay_whole(recorder: Recorder, ours: TwelveLabs, theirs: twelvelabs.TwelveLabs) -> None:
    for client, text in ((theirs, "15.0"), (ours, "15")):
        recorder.respond_next(OBJECT | {"duration": 15})
        assert str(client.assets.retrieve("x").duration) == text


@row("order of fields")
def test_fields_are_in_the_order_in_which_they_are_read() -> None:
    official, here = (list(sdk.SearchItem.model_fields) for sdk in (twelvelabs, twelvelabs_async))
    assert official != here
    assert sorted(official) == sorted(here)


@row("`model_dump(by_alias=True)`")
def test_aliases_are_the_names_of_the_api(ours: TwelveLabs, theirs: twelvelabs.TwelveLabs) -> None:
    assert {"id", "_id"} & theirs.assets.retrieve("x").model_dump(by_alias=True).keys() == {"id"}
    assert {"id", "_id"} & ours.assets.retrieve("x").model_dump(by_alias=True).keys() == {"_id"}


@row("`str()` of a model")
def test_the_text_of_a_model_is_its_repr(ours: TwelveLabs, theirs: twelvelabs.TwelveLabs) -> None:
    assert str(theirs.assets.retrieve("x")).startswith("id='x' method=None")
    asset = ours.assets.retrieve("x")
    assert str(asset) == repr(asset)
    assert str(asset).startswith("AssetDetail(id='x', ")


# Jobs and streams


@row("failures while waiting")
def test_a_wait_ends_with_an_error_that_is_not_transient(
    emulator: Emulator,
    sdk: twelvelabs.TwelveLabs,
    sync_client: TwelveLabs,
    task_id: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Officially the error is printed, and the wait goes on without an end."""
    polls = 0

    def stop_after_two(interval: float) -> None:
        nonlocal polls
        polls += 1
        if polls == 2:
            raise KeyboardInterrupt

    module = sys.modules["twelvelabs.wrapper.task_client_wrapper"]
    emulator.fail("GET", "/tasks*", status=401, skip=1, times=99)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "time", SimpleNamespace(sleep=stop_after_two))
        with pytest.raises(KeyboardInterrupt):
            sdk.tasks.wait_for_done(task_id=task_id)
    assert "401" in capsys.readouterr().out
    with pytest.raises(twelvelabs_async.UnauthorizedError):
        sync_client.tasks.wait_for_done(task_id=task_id)


@row("pause between polls")
async def test_the_pause_between_polls_grows(client: AsyncTwelveLabs, task_id: str, autojump_clock: Clock) -> None:
    """Officially it is constant: `time.sleep(sleep_interval)`."""
    assert "time.sleep(sleep_interval)" in inspect.getsource(type(official.find(official.sync_client(), "tasks")))
    times: list[float] = []

    def callback(task: VideoIndexingTask) -> None:
        times.append(autojump_clock.offset)

    await client.tasks.wait_for_done(task_id, sleep_interval=0.1, callback=callback)
    pauses = [second - first for first, second in pairwise(times)]
    assert pauses[0] < 0.2 < pauses[-2] <= 30


@row("failures in `create_bulk`")
def test_create_bulk_returns_the_failures(
    recorder: Recorder, ours: TwelveLabs, theirs: twelvelabs.TwelveLabs, capsys: pytest.CaptureFixture[str]
) -> None:
    for client in (theirs, ours):
        recorder.respond_next({"code": "x", "message": "m"}, status=400)
        created = client.tasks.create_bulk(index_id="x", video_urls=["https://example.com/a.mp4"])
        assert created == []
        assert bool(capsys.readouterr().out) == (client is theirs)
    assert [*map(type, created.failures.values())] == [twelvelabs_async.BadRequestError]


@row("unknown keys in `videos=` of `create_bulk`")
def test_create_bulk_refuses_unknown_keys(theirs: twelvelabs.TwelveLabs, ours: TwelveLabs) -> None:
    """The official SDK ignores a key of its own documentation."""
    videos: list[Any] = [{"video_url": "https://example.com/a.mp4", "scopes": ["clip"]}]
    assert len(theirs.embed.tasks.create_bulk(model_name="Marengo-retrieval-2.7", videos=videos)) == 1
    with pytest.raises(InvalidArgumentTypeError, match="video_embedding_scope"):
        ours.embed.tasks.create_bulk(model_name="marengo3.0", videos=videos)


@row("incomplete streams")
def test_a_stream_without_its_end_raises(
    emulator: Emulator, sdk: twelvelabs.TwelveLabs, sync_client: TwelveLabs
) -> None:
    body = '{"event_type": "text_generation", "text": "Good"}\nnonsense\n'
    emulator.fail("POST", "/analyze", status=200, body=body, times=2)
    video: Any = {"type": "url", "url": "https://example.com/a.mp4"}
    assert len(list(sdk.analyze_stream(video=video, prompt="x"))) == 1
    with pytest.raises(twelvelabs_async.APIResponseError):
        list(sync_client.analyze_stream(video=video, prompt="x"))
    emulator.fail("POST", "/analyze", status=200, body='{"code": "x", "message": "m"}\n', times=2)
    [event] = sdk.analyze_stream(video=video, prompt="x")
    assert event.event_type == "stream_start"
    with pytest.raises(twelvelabs_async.APIResponseError):
        list(sync_client.analyze_stream(video=video, prompt="x"))


@row("uploads in parts")
def test_files_are_read_in_place(sdk: twelvelabs.TwelveLabs, sync_client: TwelveLabs, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"video")
    for client, files in ((sdk, {"clip.mp4", "clip_chunks"}), (sync_client, {"clip.mp4"})):
        seen: set[str] = set()
        client.multipart_upload.upload_file(
            str(clip), file_type="video", progress_callback=lambda _, seen=seen: seen.update(os.listdir(tmp_path))
        )
        assert seen == files


# Other


@row("logging")
def test_requests_are_logged_by_the_logger_of_this_package(
    ours: TwelveLabs, theirs: twelvelabs.TwelveLabs, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.INFO, "twelvelabs_async")
    theirs.assets.retrieve("x")
    ours.assets.retrieve("x")
    names = {record.name for record in caplog.records if not record.name.startswith("aiohttp.")}  # of the recorder
    assert names == {"httpx", "twelvelabs_async"}


@row("pickles")
def test_pickles_of_official_models_need_the_official_sdk(theirs: twelvelabs.TwelveLabs, ours: TwelveLabs) -> None:
    assert b"twelvelabs_async" not in pickle.dumps(theirs.assets.retrieve("x"))
    assert pickle.loads(pickle.dumps(ours.assets.retrieve("x"))) == ours.assets.retrieve("x")


@row("`hasattr(client.search, …)`")
def test_unknown_attributes_of_search_are_attribute_errors(ours: TwelveLabs, theirs: twelvelabs.TwelveLabs) -> None:
    with pytest.raises(RecursionError):
        hasattr(theirs.search, "unknown")
    assert not hasattr(ours.search, "unknown")
