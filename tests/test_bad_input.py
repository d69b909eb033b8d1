"""Invalid arguments are refused with an error that says what to do, without a request where that is possible."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import AsyncTwelveLabs, BadRequestError, TwelveLabs, TwelveLabsError
from twelvelabs_async._api_key import KEY_VARIABLES
from twelvelabs_async.testing import Emulator

from support.samples import video

VISUAL = {"model_options": ["visual"]}
VIDEO = {"type": "url", "url": "https://example.com/talk.mp4"}
QUESTION = {"type": "message", "role": "user", "content": "Who scores?"}

Client = type[AsyncTwelveLabs] | type[TwelveLabs]
Attempt = Callable[[AsyncTwelveLabs], Coroutine[Any, Any, Any]]

both = pytest.mark.parametrize("make", [AsyncTwelveLabs, TwelveLabs])


@pytest.mark.parametrize("models", ["marengo3.0", {"model_name": "marengo3.0", **VISUAL}, ["marengo3.0"], [VISUAL], []])
@pytest.mark.parametrize("method", ["create", "ensure"])
async def test_models_in_another_form_than_a_list_of_models_are_refused(
    emulator: Emulator, client: AsyncTwelveLabs, method: str, models: Any
) -> None:
    """The error shows the valid form."""
    name = "index_name" if method == "create" else "name"
    with pytest.raises(ValueError, match=r"model_name.*model_options"):
        await getattr(client.indexes, method)(models=models, **{name: "talks"})
    assert not emulator.requests


async def test_an_unknown_model_is_left_to_the_api(client: AsyncTwelveLabs) -> None:
    """The API knows the models; its error is raised."""
    with pytest.raises(BadRequestError, match=r"POST /indexes.*model_name.*marengo99") as caught:
        await client.indexes.create(index_name="talks", models=[{"model_name": "marengo99", **VISUAL}])
    assert caught.value.code == "parameter_invalid"


@pytest.mark.parametrize("method", ["assets.upload", "assets.create_and_wait", "multipart_upload.upload_file"])
async def test_a_missing_file_is_named(emulator: Emulator, client: AsyncTwelveLabs, method: str) -> None:
    """The error of Python is raised, without a request."""
    with pytest.raises(FileNotFoundError, match=r"no/such/talk\.mp4"):
        await attrgetter(method)(client)("no/such/talk.mp4")
    assert not emulator.requests


@pytest.mark.parametrize("method", ["assets.upload", "multipart_upload.upload_file"])
async def test_an_empty_file_is_refused(
    emulator: Emulator, client: AsyncTwelveLabs, sync_client: TwelveLabs, tmp_path: Path, method: str
) -> None:
    """The error names the file."""
    path = tmp_path / "talk.mp4"
    path.touch()
    with pytest.raises(ValueError, match=r"talk\.mp4 is empty"):
        await attrgetter(method)(client)(path)
    with pytest.raises(ValueError, match=r"talk\.mp4 is empty"):
        await asyncio.to_thread(attrgetter(method)(sync_client), path)
    assert not emulator.requests


@pytest.mark.parametrize(
    ("method", "argument"), [("assets.upload", "concurrency"), ("multipart_upload.upload_file", "max_workers")]
)
async def test_an_upload_without_concurrency_is_refused(
    emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path, method: str, argument: str
) -> None:
    """The error names the argument as the caller does."""
    (tmp_path / "talk.mp4").write_bytes(video("spoken"))
    with pytest.raises(ValueError, match=f"{argument} must be at least 1; got 0"):
        await attrgetter(method)(client)(tmp_path / "talk.mp4", **{argument: 0})
    assert not emulator.requests


async def test_a_folder_in_the_place_of_a_file_is_refused(
    emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path
) -> None:
    """The error names the method that takes folders."""
    with pytest.raises(ValueError, match=r"is a directory.*client\.bulk\.index"):
        await client.assets.upload(tmp_path)
    assert not emulator.requests


@pytest.mark.parametrize(
    ("create", "message"),
    [
        (lambda client: client.assets.create(method="direct"), "'direct' requires file="),
        (lambda client: client.assets.create(method="direct", url="https://example.com/a.mp4"), "requires file="),
        (lambda client: client.assets.create(method="url"), "'url' requires url="),
        (lambda client: client.assets.create(method="url", url=""), "'url' requires url="),
        (lambda client: client.tasks.create(index_id="i"), "either video_file= or video_url="),
        (lambda client: client.tasks.create(index_id="i", video_file=b"a", video_url="u"), "either video_file= or"),
        (lambda client: client.tasks.create_bulk(index_id="i"), "video_files= or video_urls="),
        (lambda client: client.tasks.create_bulk(index_id="i", video_urls="u"), "video_files= or video_urls="),
    ],
)
async def test_a_call_with_no_file_or_with_two_is_refused(
    emulator: Emulator, client: AsyncTwelveLabs, create: Attempt, message: str
) -> None:
    """The error names the arguments."""
    with pytest.raises(ValueError, match=message):
        await create(client)
    assert not emulator.requests


async def stream(client: AsyncTwelveLabs, **settings: Any) -> None:
    async for _ in client.analyze_stream(video=VIDEO, prompt="What happens?", **settings):
        pass


@pytest.mark.parametrize(
    "attempt",
    [
        lambda client, **settings: client.indexes.list(**settings).next_page(),
        lambda client, **settings: client.assets.wait_until_ready("a1", **settings),
        lambda client, **settings: client.assets.upload(b"spoken", **settings),
        stream,
    ],
)
@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"timeout": 3}, TypeError, r"no 'timeout'\. Expected 'timeout_in_seconds'\."),
        ({"headers": {}}, TypeError, r"no 'headers'\. Expected 'additional_headers'"),
        ({"body": {}}, TypeError, r"no 'body'\. Expected 'additional_body_parameters' or"),
        ({"timeout_in_seconds": 0}, ValueError, "timeout_in_seconds must be positive; got 0"),
        ({"timeout_in_seconds": float("nan")}, ValueError, "timeout_in_seconds must be positive; got nan"),
        ({"max_retries": -1}, ValueError, "max_retries must be at least 0; got -1"),
        ({"max_retries": None}, TypeError, "max_retries must be at least 0, as an int; got None"),
    ],
)
async def test_invalid_request_options_are_refused(
    emulator: Emulator,
    client: AsyncTwelveLabs,
    attempt: Any,
    options: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    """Unknown names and invalid values are refused before the first request."""
    with pytest.raises(error, match=message):
        await attempt(client, request_options=options)
    assert not emulator.requests


async def test_a_timeout_of_none_is_that_of_the_client(emulator: Emulator, client: AsyncTwelveLabs) -> None:
    await client.indexes.list(request_options={"timeout_in_seconds": None})
    assert len(emulator.requests) == 1


@pytest.mark.usefixtures("index")
async def test_a_bulk_run_without_anything_to_index_is_refused(
    emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path
) -> None:
    """The path does not exist, or has no media files. Nothing is uploaded."""
    (tmp_path / "notes.txt").touch()
    index = (await client.indexes.list()).items or []
    for place in (tmp_path / "notes.txt" / "videos", tmp_path, tmp_path / "*.mp4"):
        with pytest.raises(FileNotFoundError) as caught:
            async for _ in client.bulk.index(str(index[0].id), place):
                pass
        assert str(place) in str(caught.value)
    assert not emulator.assets


@pytest.mark.parametrize("wrong", [None, 42, ["66a1b2c3d4e5f60000000001"]])
@pytest.mark.parametrize(
    "attempt",
    [
        lambda client, wrong: client.assets.retrieve(wrong),
        lambda client, wrong: client.assets.wait_until_ready(wrong),
        lambda client, wrong: client.assets.delete(wrong),
        lambda client, wrong: client.indexes.indexed_assets.retrieve(wrong, "i"),
        lambda client, wrong: client.indexes.indexed_assets.list(wrong).next_page(),
        lambda client, wrong: anext(client.bulk.index(wrong, [])),
    ],
)
async def test_an_id_that_is_not_a_string_is_refused(
    emulator: Emulator, client: AsyncTwelveLabs, attempt: Any, wrong: Any
) -> None:
    """The error names the argument."""
    with pytest.raises(TypeError, match=r"(asset|index)_id must be a str"):
        await attempt(client, wrong)
    assert not emulator.requests


@both
def test_a_client_without_a_key_is_refused(make: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says how to set one."""
    for name in KEY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(TwelveLabsError, match="api_key= or set TWELVELABS_API_KEY"):
        make()
    with pytest.raises(TwelveLabsError, match="api_key is empty"):
        make(api_key="  ")


# Other required arguments of a method.
MORE: dict[str, dict[str, Any]] = {
    "analyze_async.batches.create": {"model_name": "pegasus1.5", "analysis_mode": "general"},
    "embed.tasks.create_bulk": {"model_name": "marengo3.0"},
}


@pytest.mark.parametrize(
    ("method", "ids", "argument"),
    [
        ("analyze_async.batches.create", [], "requests"),
        ("embed.tasks.create_bulk", [], "videos"),
        ("entity_collections.entities.create_bulk", ["c"], "entities"),
        ("entity_collections.entities.create_assets", ["c", "e"], "asset_ids"),
        ("entity_collections.entities.delete_assets", ["c", "e"], "asset_ids"),
        ("imports.import_files", ["c"], "items"),
        ("knowledge_store_item_collections.add_items", ["k", "c"], "item_ids"),
        ("knowledge_store_item_collections.remove_items", ["k", "c"], "item_ids"),
    ],
)
@pytest.mark.parametrize("wrong", ["abc", {"id": "abc"}, []])
async def test_a_string_or_a_mapping_in_the_place_of_a_list_is_refused(
    emulator: Emulator, client: AsyncTwelveLabs, method: str, ids: list[str], argument: str, wrong: Any
) -> None:
    """So is an empty list."""
    more = MORE.get(method, {})
    with pytest.raises(ValueError, match=f"{argument} must be a list"):
        await attrgetter(method)(client)(*ids, **more, **{argument: wrong})
    assert not emulator.requests


async def test_a_string_in_the_place_of_a_query_is_refused(emulator: Emulator, client: AsyncTwelveLabs) -> None:
    """The error shows the valid form."""
    query: Any = "a goal"
    with pytest.raises(TypeError, match=r"{.text.: .a goal.}"):
        await client.knowledge_stores.search("k", query=query)
    assert not emulator.requests


INVALID_WAITS: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"timeout": 0}, ValueError, "must be positive"),
    ({"interval": -1}, ValueError, "must be positive"),
    ({"callback": "print"}, TypeError, "callback must be callable"),
]


@pytest.mark.parametrize(("wait", "error", "message"), INVALID_WAITS)
@pytest.mark.parametrize(
    ("method", "args", "arguments"),
    [
        ("analyze_async.batches.create_and_wait", [], {"requests": [], "model_name": "m", "analysis_mode": "general"}),
        ("analyze_async.tasks.create_and_wait", [], {"video": VIDEO, "prompt": "What happens?"}),
        ("assets.create_and_wait", [VIDEO["url"]], {}),
        ("embed.tasks.create_and_wait", [], {"model_name": "marengo3.0", "video_url": VIDEO["url"]}),
        ("embed.v_2.tasks.create_and_wait", [], {"model_name": "marengo3.0", "input_type": "video", "video": {}}),
        ("imports.import_files_and_wait", ["c1"], {"items": [{"source_id": "1AbC"}]}),
        ("indexes.indexed_assets.create_and_wait", ["i1"], {"asset_id": "a1"}),
        ("knowledge_store_items.create_and_wait", ["k1"], {"asset_id": "a1"}),
        ("tasks.create_and_wait", [], {"index_id": "i1", "video_url": VIDEO["url"]}),
    ],
)
async def test_invalid_options_of_a_wait_are_refused_before_anything_is_created(
    emulator: Emulator,
    client: AsyncTwelveLabs,
    method: str,
    args: list[Any],
    arguments: dict[str, Any],
    wait: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    """A created object is billed."""
    with pytest.raises(error, match=message):
        await attrgetter(method)(client)(*args, **arguments, **wait)
    assert not emulator.requests


@pytest.mark.parametrize("asked", ["Who scores?", QUESTION, [], None])
async def test_an_input_that_is_not_a_list_of_messages_is_refused(
    emulator: Emulator, client: AsyncTwelveLabs, asked: Any
) -> None:
    """The error shows the valid form."""
    with pytest.raises(ValueError, match=r'input must be a list .* such as \[{"type": "message"'):
        await client.responses.create(knowledge_store_id="k1", input=asked)
    assert not emulator.requests
