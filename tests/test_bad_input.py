"""Mistakes are told in words that say what to do, and without asking the API where that is possible."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import AsyncTwelveLabs, BadRequestError, TwelveLabs, TwelveLabsError
from twelvelabs_async.client import KEY_VARIABLES
from twelvelabs_async.testing import Emulator

VISUAL = {"model_options": ["visual"]}
VIDEO = {"type": "url", "url": "https://example.com/talk.mp4"}
QUESTION = {"type": "message", "role": "user", "content": "Who scores?"}

Client = type[AsyncTwelveLabs] | type[TwelveLabs]
Attempt = Callable[[AsyncTwelveLabs], Coroutine[Any, Any, Any]]

both = pytest.mark.parametrize("make", [AsyncTwelveLabs, TwelveLabs])


class TestModels:
    @pytest.mark.parametrize(
        "models", ["marengo3.0", {"model_name": "marengo3.0", **VISUAL}, ["marengo3.0"], [VISUAL], []]
    )
    @pytest.mark.parametrize("method", ["create", "ensure"])
    async def test_form(self, emulator: Emulator, client: AsyncTwelveLabs, method: str, models: Any) -> None:
        """Models given in another form than a list of models are refused, and the right form is shown."""
        name = "index_name" if method == "create" else "name"
        with pytest.raises(ValueError, match=r"model_name.*model_options"):
            await getattr(client.indexes, method)(models=models, **{name: "talks"})
        assert not emulator.requests

    async def test_unknown(self, client: AsyncTwelveLabs) -> None:
        """A model that there is not is left to the API, which knows them; its answer is passed on."""
        with pytest.raises(BadRequestError, match=r"POST /indexes.*model_name.*marengo99") as caught:
            await client.indexes.create(index_name="talks", models=[{"model_name": "marengo99", **VISUAL}])
        assert caught.value.code == "parameter_invalid"


class TestFiles:
    @pytest.mark.parametrize("method", ["assets.upload", "assets.create_and_wait", "multipart_upload.upload_file"])
    async def test_missing(self, emulator: Emulator, client: AsyncTwelveLabs, method: str) -> None:
        """A file that is not there is named."""
        with pytest.raises(FileNotFoundError, match=r"no/such/talk\.mp4"):
            await attrgetter(method)(client)("no/such/talk.mp4")
        assert not emulator.requests

    @pytest.mark.parametrize("method", ["assets.upload", "multipart_upload.upload_file"])
    async def test_empty(
        self, emulator: Emulator, client: AsyncTwelveLabs, sync_client: TwelveLabs, tmp_path: Path, method: str
    ) -> None:
        """An empty file is refused, and named."""
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
    async def test_no_workers(
        self, emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path, method: str, argument: str
    ) -> None:
        """An upload that nobody would carry out is refused by the name of the caller's argument."""
        (tmp_path / "talk.mp4").write_bytes(b"spoken")
        with pytest.raises(ValueError, match=f"{argument} must be at least 1; got 0"):
            await attrgetter(method)(client)(tmp_path / "talk.mp4", **{argument: 0})
        assert not emulator.requests

    async def test_folder(self, emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path) -> None:
        """Whoever gives a folder for a file is told what takes folders."""
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
    async def test_sources(self, emulator: Emulator, client: AsyncTwelveLabs, create: Attempt, message: str) -> None:
        """A call without its file, or with two of them, is refused, and the argument named."""
        with pytest.raises(ValueError, match=message):
            await create(client)
        assert not emulator.requests


async def _streamed(client: AsyncTwelveLabs, **settings: Any) -> None:
    async for _ in client.analyze_stream(video=VIDEO, prompt="What happens?", **settings):
        pass


@pytest.mark.parametrize(
    "attempt",
    [
        lambda client, **settings: client.indexes.list(**settings).next_page(),
        lambda client, **settings: client.assets.wait_until_ready("a1", **settings),
        lambda client, **settings: client.assets.upload(b"spoken", **settings),
        _streamed,
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
        ({"max_retries": -1}, ValueError, "max_retries must be 0 or more; got -1"),
        ({"max_retries": None}, ValueError, "max_retries must be 0 or more; got None"),
    ],
)
async def test_request_options(
    emulator: Emulator,
    client: AsyncTwelveLabs,
    attempt: Any,
    options: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    """Settings for a call that there are not, or that cannot be, are told before it is sent."""
    with pytest.raises(error, match=message):
        await attempt(client, request_options=options)
    assert not emulator.requests


async def test_no_timeout_is_the_clients(emulator: Emulator, client: AsyncTwelveLabs) -> None:
    """A timeout of ``None`` leaves it at that of the client."""
    await client.indexes.list(request_options={"timeout_in_seconds": None})
    assert len(emulator.requests) == 1


class TestBulk:
    @pytest.mark.usefixtures("index")
    async def test_sources(self, emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path) -> None:
        """What is no folder, or holds nothing to index, is named; nothing is uploaded."""
        (tmp_path / "notes.txt").touch()
        index = (await client.indexes.list()).items or []
        for place in (tmp_path / "notes.txt" / "videos", tmp_path, tmp_path / "*.mp4"):
            with pytest.raises(FileNotFoundError) as caught:
                async for _ in client.bulk.index(str(index[0].id), place):
                    pass
            assert str(place) in str(caught.value)
        assert not emulator.assets


class TestIds:
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
    async def test_type(self, emulator: Emulator, client: AsyncTwelveLabs, attempt: Any, wrong: Any) -> None:
        """An id of the wrong type is refused by its name, without a request."""
        with pytest.raises(TypeError, match=r"(asset|index)_id must be a str"):
            await attempt(client, wrong)
        assert not emulator.requests

    @pytest.mark.parametrize("wrong", ["", " ", "..", "."])
    async def test_empty(self, emulator: Emulator, client: AsyncTwelveLabs, wrong: str) -> None:
        """An id that would lead to another path is refused without a request."""
        with pytest.raises(ValueError, match="asset_id must be the id"):
            await client.assets.delete(wrong)
        assert not emulator.requests


@both
class TestClient:
    def test_no_key(self, make: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without a key the error says where to get one, and where to put it."""
        for name in KEY_VARIABLES:
            monkeypatch.delenv(name, raising=False)
        with pytest.raises(TwelveLabsError, match="api_key= or set TWELVELABS_API_KEY"):
            make()
        with pytest.raises(TwelveLabsError, match="api_key= or set TWELVELABS_API_KEY"):
            make(api_key="  ")

    @pytest.mark.parametrize("key", ["tlk 1", "tlk\n1", "tlk\u20131"])
    def test_odd_key(self, make: Client, key: str) -> None:
        """A key that was not copied whole is refused, and not shown."""
        with pytest.raises(ValueError, match="characters that no key has") as caught:
            make(api_key=key)
        assert key not in str(caught.value)

    @pytest.mark.parametrize(
        "url",
        ["api.twelvelabs.io", "ftp://api.twelvelabs.io", "https://api.twelvelabs.io/v1.3?a=1", "http://u:p@h/v1.3"],
    )
    def test_base_url(self, make: Client, url: str) -> None:
        """A base URL that cannot be right is refused, and a right one shown."""
        with pytest.raises(ValueError, match=r"base_url must be a URL such as https://api\.twelvelabs\.io/v1\.3"):
            make(api_key="tlk", base_url=url)


# What a method needs besides the list.
MORE: dict[str, dict[str, Any]] = {
    "analyze_async.batches.create": {"model_name": "pegasus1.5", "analysis_mode": "general"},
    "embed.tasks.create_bulk": {"model_name": "marengo3.0"},
}


class TestLists:
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
    async def test_form(
        self, emulator: Emulator, client: AsyncTwelveLabs, method: str, ids: list[str], argument: str, wrong: Any
    ) -> None:
        """A text or a mapping in the place of a list, and a list of nothing, are refused."""
        more = MORE.get(method, {})
        with pytest.raises(ValueError, match=f"{argument} must be a list"):
            await attrgetter(method)(client)(*ids, **more, **{argument: wrong})
        assert not emulator.requests

    async def test_query(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        """A text in the place of a query is refused, and the right form is shown."""
        query: Any = "a goal"
        with pytest.raises(TypeError, match=r"{.text.: .a goal.}"):
            await client.knowledge_stores.search("k", query=query)
        assert not emulator.requests


NO_WAITS: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"timeout": 0}, ValueError, "must be positive"),
    ({"interval": -1}, ValueError, "must be positive"),
    ({"callback": "print"}, TypeError, "callback must be callable"),
]


@pytest.mark.parametrize(("wait", "error", "message"), NO_WAITS)
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
async def test_waits_that_cannot_be(
    emulator: Emulator,
    client: AsyncTwelveLabs,
    method: str,
    args: list[Any],
    arguments: dict[str, Any],
    wait: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    """Nothing is created, and paid for, whose end could not be waited for."""
    with pytest.raises(error, match=message):
        await attrgetter(method)(client)(*args, **arguments, **wait)
    assert not emulator.requests


@pytest.mark.parametrize("asked", ["Who scores?", QUESTION, [], None])
async def test_what_is_no_conversation(emulator: Emulator, client: AsyncTwelveLabs, asked: Any) -> None:
    """What is asked about a knowledge store is a list of messages, and is shown as one."""
    with pytest.raises(ValueError, match=r'input must be a list .* such as \[{"type": "message"'):
        await client.responses.create(knowledge_store_id="k1", input=asked)
    assert not emulator.requests
