"""What goes over the wire is what the official SDK sends, but for the differences listed here."""

from __future__ import annotations

import asyncio
import inspect
import io
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, datetime
from inspect import Parameter
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
import twelvelabs
import twelvelabs.entity_collections.entities
import twelvelabs.imports
import twelvelabs.indexes.indexed_assets
from attrs import evolve, frozen
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

import twelvelabs_async
from twelvelabs_async import OMIT, APIStatusError, APITimeoutError, AsyncTwelveLabs, RequestOptions, TwelveLabs

from support import official
from support.arguments import Made, arguments, made
from support.recorder import Recorder, Request

# Some methods send several requests: `upload_file` is compared on its own, below; those that wait look when they think
# fit, at the session's own counts for instance, where the official one reads all pages of parts for every look.
SEVERAL = {
    "multipart_upload.upload_file",
    "multipart_upload.wait_for_upload_completion",
    "tasks.create_bulk",
    "tasks.wait_for_done",
}
# The official SDK cannot send this: it takes the path for a URL with the scheme ``connections``.
NEVER_SENT = "data_connectors.authorize_connection"
METHODS = sorted(set(official.method_names()) - SEVERAL - {NEVER_SENT})
OFFICIAL = {
    **{
        name: getattr(package, name)
        for package in (
            twelvelabs.entity_collections.entities,
            twelvelabs.imports,
            twelvelabs.indexes,
            twelvelabs.indexes.indexed_assets,
        )
        for name in dir(package)
    },
    **{name: getattr(twelvelabs.types, name) for name in twelvelabs.types.__all__},
}


@frozen
class Sent:
    """What is compared of a request."""

    method: str
    path: str
    query: list[tuple[str, str]]
    key: str
    content_type: str | None
    json: Any
    parts: list[tuple[str, str | None, str | None, bytes]]


def sent(request: Request) -> Sent:
    return Sent(
        request.method,
        request.path,
        sorted(request.query),
        request.headers["x-api-key"],
        request.content_type,
        request.json,
        sorted(
            ((part.name, part.filename, part.content_type, part.content) for part in request.parts), key=itemgetter(0)
        ),
    )


class Clients:
    """The official client and both of ours, all talking to one recorder."""

    def __init__(self, recorder: Recorder, runner: asyncio.Runner, http: httpx.Client) -> None:
        self.recorder = recorder
        self.runner = runner
        self.official = official.sync_client(recorder.url, "key", http)
        self.sync = TwelveLabs(api_key="key", base_url=recorder.url)
        self.aio = AsyncTwelveLabs(api_key="key", base_url=recorder.url)

    def official_requests(self, name: str, arguments: Mapping[str, Any]) -> list[Request]:
        self.recorder.requests.clear()
        result = official.find(self.official, name)(**made(arguments, OFFICIAL.__getitem__))
        if inspect.isgenerator(result):
            list(result)
        return [*self.recorder.requests]

    def sync_requests(self, name: str, arguments: Mapping[str, Any]) -> list[Request]:
        self.recorder.requests.clear()
        result = official.find(self.sync, name)(**made(arguments, ours))
        if inspect.isgenerator(result):
            list(result)
        return [*self.recorder.requests]

    def async_requests(self, name: str, arguments: Mapping[str, Any]) -> list[Request]:
        self.recorder.requests.clear()
        self.async_result(name, arguments)
        return [*self.recorder.requests]

    def async_result(self, name: str, arguments: Mapping[str, Any]) -> Any:
        async def call() -> Any:
            result = official.find(self.aio, name)(**made(arguments, ours))
            return [item async for item in result] if inspect.isasyncgen(result) else await result

        return self.runner.run(call())


def ours(name: str) -> Any:
    return getattr(twelvelabs_async, name)


@pytest.fixture(scope="module")
def clients() -> Iterator[Clients]:
    with Recorder() as recorder, httpx.Client(trust_env=False) as http, asyncio.Runner() as runner:
        clients = Clients(recorder, runner, http)
        yield clients
        clients.sync.close()
        runner.run(clients.aio.close())


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder() as recorder:
        yield recorder


@pytest.fixture
async def aio(recorder: Recorder) -> AsyncIterator[AsyncTwelveLabs]:
    async with AsyncTwelveLabs(api_key="key", base_url=recorder.url) as client:
        yield client


# The deliberate differences: why, where, an example, and how the official request becomes ours. Not compared at all are
# User-Agent and other headers about the client.


@frozen
class Difference:
    reason: str
    methods: tuple[str, ...]
    example: Mapping[str, Any]
    ours: Callable[[Sent, Mapping[str, Any]], Sent]


def _no_empty_fields(sent: Sent, arguments: Mapping[str, Any]) -> Sent:
    empty = {name for name, value in arguments.items() if value is None}
    return evolve(sent, parts=[part for part in sent.parts if part[3] or part[0] not in empty])


def _metadata_at_root(sent: Sent, arguments: Mapping[str, Any]) -> Sent:
    metadata = arguments.get("user_metadata") or {}
    at_root = {f"user_metadata[{key}]": key for key in metadata}
    kept = [(name, text) for name, text in sent.query if metadata.get(at_root.get(name), "") is not None]
    return evolve(sent, query=sorted((at_root.get(name, name), text) for name, text in kept))


def _page_is_named(sent: Sent, _: Mapping[str, Any]) -> Sent:
    named = "page" in dict(sent.query)
    return sent if named else evolve(sent, query=sorted([("page", "1"), *sent.query]))


def _file_as(filename: str, content_type: str) -> Callable[[Sent, Mapping[str, Any]], Sent]:
    def change(sent: Sent, _: Mapping[str, Any]) -> Sent:
        parts = [(part[0], filename, content_type, part[3]) if part[0] == "file" else part for part in sent.parts]
        return evolve(sent, parts=parts)

    return change


FORMS = (
    "assets.create",
    "embed.create",
    "embed.tasks.create",
    "embed.tasks.create_bulk",
    "search.create",
    "search.query",
    "tasks.create",
)
URL = {"method": "url", "url": "https://example.com/a.mp4"}
ALWAYS = [
    Difference(
        "None leaves a field of a form out, as it does a query parameter; an empty field is another value",
        FORMS,
        URL | {"filename": None},
        _no_empty_fields,
    ),
    Difference(
        "filters by own data stand at the root of the query (docs: List indexed assets); None is no filter",
        ("indexes.indexed_assets.list",),
        {"index_id": "i", "user_metadata": {"team": "red", "year": 2024, "draft": None}},
        _metadata_at_root,
    ),
    Difference(
        "a body without any field is an empty object, not an empty text that calls itself JSON",
        (
            "indexes.indexed_assets.update",
            "indexes.videos.update",
            "entity_collections.entities.update",
            "entity_collections.update",
            "knowledge_store_item_collections.update",
            "knowledge_stores.update",
        ),
        {"index_id": "i", "indexed_asset_id": "a"},
        lambda sent, _: evolve(sent, json=sent.json or {}),
    ),
    Difference(
        "every list asks for its first page by number, as the official pagers do",
        tuple(sorted(official.SINGLE_PAGES)),
        {"page_limit": 5},
        _page_is_named,
    ),
]
# These show only for arguments that the comparison of all methods leaves out.
SELDOM = [
    Difference(
        "ids are percent-encoded, so that none can cut the path short or lead to another one",
        ("indexes.retrieve",),
        {"index_id": "a/b?c=d#e"},
        lambda sent, _: evolve(sent, path="/v1.3/indexes/a%2Fb%3Fc%3Dd%23e", query=[]),
    ),
    Difference(
        "numbers in ranges are sent as they are given; the official models make floats of them",
        ("indexes.indexed_assets.list",),
        {"index_id": "i", "fps": Made("IndexedAssetsListRequestFps", {"gte": 24})},
        lambda sent, _: evolve(sent, query=[("fps[gte]", "24"), ("page", "1")]),
    ),
    Difference(
        "a file without a name gets one, since a part without one is no file",
        ("assets.create",),
        {"method": "direct", "file": (None, b"...")},
        _file_as("upload", "application/octet-stream"),
    ),
    Difference(
        "the type of a file is guessed alike on all systems, and right",
        ("assets.create",),
        {"method": "direct", "file": ("talk.ts", b"...")},
        _file_as("talk.ts", "video/mp2t"),
    ),
]


@pytest.mark.parametrize("name", METHODS)
@given(data=st.data())
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
def test_requests(clients: Clients, name: str, data: st.DataObject) -> None:
    """Every method sends what the official one does: verb, path, query, key, type, JSON and parts."""
    for strategy in arguments(name).values():
        values = data.draw(strategy)
        [expected] = map(sent, clients.official_requests(name, values))
        for difference in ALWAYS:
            if name in difference.methods:
                expected = difference.ours(expected, values)
        assert [*map(sent, clients.async_requests(name, values))] == [expected]
        assert [*map(sent, clients.sync_requests(name, values))] == [expected]


@pytest.mark.parametrize("difference", ALWAYS + SELDOM, ids=lambda difference: difference.reason)
def test_differences(clients: Clients, difference: Difference) -> None:
    """Each deliberate difference exists, and is just that."""
    name = difference.methods[0]
    [theirs] = map(sent, clients.official_requests(name, difference.example))
    [ours] = map(sent, clients.async_requests(name, difference.example))
    assert ours != theirs
    assert ours == difference.ours(theirs, difference.example)


@pytest.mark.parametrize("index_id", ["", " ", ".", ".."])
def test_ids_that_lead_elsewhere(clients: Clients, index_id: str) -> None:
    """An id that is empty or would climb is refused before anything is sent."""
    with pytest.raises(ValueError, match="index_id must be an id"):
        clients.async_requests("indexes.delete", {"index_id": index_id})
    assert not clients.recorder.requests


LISTED = {"index_id": "i"}
QUERIES: list[tuple[str, dict[str, Any], str]] = [
    ("indexes.list", {}, "page=1"),
    ("indexes.list", {"page": None, "index_name": None}, "page=1"),
    ("indexes.list", {"page": 3, "page_limit": 50}, "page=3&page_limit=50"),
    ("indexes.list", {"index_name": "a b&c=d/é"}, "page=1&index_name=a b%26c=d/é"),
    ("indexes.indexed_assets.list", LISTED | {"status": "ready"}, "page=1&status=ready"),
    ("indexes.indexed_assets.list", LISTED | {"status": ["ready", "failed"]}, "page=1&status=ready&status=failed"),
    ("indexes.indexed_assets.list", LISTED | {"status": []}, "page=1"),
    ("indexes.indexed_assets.list", LISTED | {"duration": 30}, "page=1&duration=30"),
    ("indexes.indexed_assets.list", LISTED | {"duration": 0.5}, "page=1&duration=0.5"),
    (
        "indexes.indexed_assets.list",
        LISTED | {"duration": {"gte": 30, "lte": 120}},
        "page=1&duration[gte]=30&duration[lte]=120",
    ),
    ("indexes.indexed_assets.list", LISTED | {"fps": {"gte": 24, "lte": None}}, "page=1&fps[gte]=24"),
    ("indexes.indexed_assets.list", LISTED | {"fps": Made("Range", {"gte": 24})}, "page=1&fps[gte]=24"),
    ("indexes.indexed_assets.list", LISTED | {"fps": Made("Range", {"gte": 24, "lte": None})}, "page=1&fps[gte]=24"),
    (
        "indexes.indexed_assets.list",
        LISTED | {"user_metadata": {"a": 1, "b": True, "c": None, "d": "x y&z"}},
        "page=1&a=1&b=true&d=x y%26z",
    ),
    (
        "indexes.indexed_assets.list",
        LISTED | {"created_at": datetime(2024, 8, 16, 16, 53, 59, tzinfo=UTC)},
        "page=1&created_at=2024-08-16T16:53:59Z",
    ),
    (
        "indexes.indexed_assets.retrieve",
        {"index_id": "i", "indexed_asset_id": "a", "embedding_option": ["visual", "audio"], "transcription": True},
        "embedding_option=visual&embedding_option=audio&transcription=true",
    ),
    ("assets.retrieve_transcription", {"asset_id": "a", "include": ["words"]}, "include=words"),
    ("assets.delete", {"asset_id": "a", "force": False}, "force=false"),
    ("assets.delete", {"asset_id": "a", "force": None}, ""),
    ("search.retrieve", {"page_token": "t", "include_user_metadata": True}, "include_user_metadata=true"),
]


@pytest.mark.parametrize(("name", "arguments", "query"), QUERIES)
def test_queries(clients: Clients, name: str, arguments: dict[str, Any], query: str) -> None:
    """None and empty lists are left out, booleans are words, lists repeat their key, ranges stand in brackets."""
    [request] = clients.async_requests(name, arguments)
    assert request.query == parse_qsl(query)


@pytest.mark.parametrize("name", ["indexes.indexed_assets.list", "indexes.videos.list"])
@pytest.mark.parametrize("key", ["page", "page_limit", "filename", "duration", "duration[gte]", "sort_by"])
def test_metadata_that_is_a_filter(clients: Clients, name: str, key: str) -> None:
    """Own data cannot be filtered by a key that would take the place of another filter."""
    with pytest.raises(ValueError, match="name of a filter"):
        clients.async_requests(name, LISTED | {"user_metadata": {key: 7}})


@pytest.mark.parametrize("name", ["indexes.indexed_assets.list", "indexes.videos.list"])
@pytest.mark.parametrize("key", ["self", "path", "item", "options"])
def test_metadata_of_any_other_name(clients: Clients, name: str, key: str) -> None:
    """Own data can be filtered by every key that is no filter's name, whatever names the code uses inside."""
    [request] = clients.async_requests(name, LISTED | {"user_metadata": {key: 7}})
    assert (key, "7") in request.query


def test_authorize_connection(clients: Clients) -> None:
    """What the official SDK cannot send arrives, with the colon in its path."""
    arguments = {"provider": "google_drive", "redirect_uri": "https://example.com/done"}
    with pytest.raises(httpx.UnsupportedProtocol):
        clients.official_requests(NEVER_SENT, arguments)
    for requests in (clients.async_requests, clients.sync_requests):
        [request] = requests(NEVER_SENT, arguments | {"custom_id": "a"})
        assert (request.method, request.path) == ("POST", "/v1.3/connections:authorize")
        assert request.json == arguments | {"custom_id": "a"}


def test_create_bulk(clients: Clients) -> None:
    """Each video is sent as by `create`, in the same requests as officially, if not in the same order."""
    arguments = {"index_id": "i", "video_files": [("a.mp4", b"a"), b"b"], "video_urls": ["https://example.com/c.mp4"]}
    theirs, *ours = (
        sorted(map(sent, requests("tasks.create_bulk", arguments)), key=str)
        for requests in (clients.official_requests, clients.async_requests, clients.sync_requests)
    )
    assert ours == [theirs, theirs]


UPDATE = {"index_id": "i", "indexed_asset_id": "a"}
JSON: list[tuple[str, dict[str, Any], Any]] = [
    ("indexes.indexed_assets.update", UPDATE, {}),
    ("indexes.indexed_assets.update", UPDATE | {"user_metadata": OMIT}, {}),
    ("indexes.indexed_assets.update", UPDATE | {"user_metadata": None}, {"user_metadata": None}),
    ("indexes.indexed_assets.update", UPDATE | {"user_metadata": {"a": None}}, {"user_metadata": {"a": None}}),
    (
        "indexes.indexed_assets.update",
        UPDATE | {"user_metadata": {"schema_": 1, "é": ["x"], "in_": True}},
        {"user_metadata": {"schema_": 1, "é": ["x"], "in_": True}},
    ),
    (
        "analyze",
        {"video": Made("VideoContext_Base64String", {"base_64_string": "AA=="}), "start_time": None},
        {"video": {"type": "base64_string", "base64_string": "AA=="}, "start_time": None, "stream": False},
    ),
    (
        "analyze_stream",
        {"prompt_v_2": {"input_text": "<@a>", "media_sources": [{"name": "a", "base_64_string": "AA=="}]}},
        {
            "prompt_v2": {"input_text": "<@a>", "media_sources": [{"name": "a", "base64_string": "AA=="}]},
            "stream": True,
        },
    ),
    (
        "analyze",
        {"image": [Made("AnalyzeImageInput", {"name": "a", "url": None}), {"name": "b", "asset_id": OMIT}]},
        {"image": [{"name": "a", "url": None}, {"name": "b"}], "stream": False},
    ),
    (
        "analyze",
        {"response_format": Made("SyncResponseFormat", {"json_schema": {"properties": {"in_": {"type": "string"}}}})},
        {
            "response_format": {"type": "json_schema", "json_schema": {"properties": {"in_": {"type": "string"}}}},
            "stream": False,
        },
    ),
    (
        "knowledge_stores.create",
        {
            "name": "k",
            "ingestion_config": {
                "enrichment_config": Made(
                    "EnrichmentConfig_JsonSchema",
                    {
                        "json_schema": Made(
                            "EnrichmentConfigJsonSchemaJsonSchema", {"type": "object", "properties": {"in_": {}}}
                        )
                    },
                )
            },
        },
        {
            "name": "k",
            "ingestion_config": {
                "enrichment_config": {
                    "type": "json_schema",
                    "json_schema": {"type": "object", "properties": {"in_": {}}},
                }
            },
        },
    ),
    (
        "knowledge_stores.search",
        {
            "knowledge_store_id": "k",
            "query": Made("KnowledgeStoreSearchQuery", {"text": "x"}),
            "filter": {"item_id": {"in_": ["i"]}, "asset_type": Made("AssetTypeFilter", {"in_": ["video"]})},
        },
        {"query": {"text": "x"}, "filter": {"item_id": {"in": ["i"]}, "asset_type": {"in": ["video"]}}},
    ),
]


@pytest.mark.parametrize(("name", "arguments", "body"), JSON)
def test_json(clients: Clients, name: str, arguments: dict[str, Any], body: Any) -> None:
    """`OMIT` leaves a field out and None is null, at any depth; keys of one's own are left alone."""
    [request] = clients.async_requests(name, arguments)
    assert request.json == body


@pytest.mark.parametrize(
    ("name", "arguments", "fields"),
    [
        (
            "search.create",
            {"index_id": "i", "search_options": ["a", "b"], "filter": {"id": ["é"], "fps": Made("Range", {"gte": 1})}},
            {"index_id": ["i"], "search_options": ["a", "b"], "filter": ['{"id": ["\\u00e9"], "fps": {"gte": 1}}']},
        ),
        (
            "assets.create",
            URL | {"enable_hls": True, "enable_thumbnail": False, "filename": OMIT, "user_metadata": {"a": None}},
            {
                "method": ["url"],
                "url": ["https://example.com/a.mp4"],
                "enable_hls": ["true"],
                "enable_thumbnail": ["false"],
                "user_metadata": ['{"a": null}'],
            },
        ),
        (
            "search.query",
            {"index_id": "i", "search_options": ["visual"], "query_media_urls": ["u", "v"], "page_limit": 10},
            {"index_id": ["i"], "search_options": ["visual"], "query_media_url": ["u", "v"], "page_limit": ["10"]},
        ),
    ],
)  # fmt: skip
def test_forms(clients: Clients, name: str, arguments: dict[str, Any], fields: dict[str, list[str]]) -> None:
    """In forms, too, lists repeat their name and booleans are words; mappings are JSON text."""
    [request] = clients.async_requests(name, arguments)
    found: dict[str, list[str]] = {}
    for part in request.parts:
        found.setdefault(part.name, []).append(part.content.decode())
    assert found == fields


# Files.

CONTENT = b"\x00\x01\r\n--not a boundary\r\n\xff"


@pytest.mark.parametrize(
    ("form", "filename", "content_type"),
    [
        (lambda path: CONTENT, "upload", "application/octet-stream"),
        (lambda path: bytearray(CONTENT), "upload", "application/octet-stream"),
        (lambda path: io.BytesIO(CONTENT), "upload", "application/octet-stream"),
        (lambda path: path, "a talk.mp4", "video/mp4"),
        (lambda path: path.open("rb"), "a talk.mp4", "video/mp4"),
        (lambda path: ("b.png", CONTENT), "b.png", "image/png"),
        (lambda path: ("b.png", path), "b.png", "image/png"),
        (lambda path: (None, path), "a talk.mp4", "video/mp4"),
        (lambda path: ("b", io.BytesIO(CONTENT), "audio/x-own"), "b", "audio/x-own"),
        (lambda path: ("b", path.open("rb"), None), "b", "application/octet-stream"),
        (lambda path: ("b", CONTENT, "audio/x-own", {"x-own": "1"}), "b", "audio/x-own"),
    ],
)
def test_files(clients: Clients, tmp_path: Path, form: Callable[[Path], Any], filename: str, content_type: str) -> None:
    """A file is given as bytes, a path, an open file, or a tuple with its name, type and headers."""
    path = tmp_path / "a talk.mp4"
    path.write_bytes(CONTENT)
    file = form(path)
    opened = [part for part in (file if isinstance(file, tuple) else [file]) if isinstance(part, io.BufferedReader)]
    [request] = clients.async_requests("assets.create", {"method": "direct", "file": file})
    [part] = [part for part in request.parts if part.name == "file"]
    assert part[1:4] == (filename, content_type, CONTENT)
    assert part.headers.get("x-own") == ("1" if isinstance(file, tuple) and len(file) == 4 else None)
    assert request.headers["content-length"] == str(len(request.body))
    for given_file in opened:  # the caller's file stays open, and where it was
        assert given_file.tell() == 0
        given_file.close()


@given(filename=st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="%"), min_size=1))
@example('a"b\\c;d=é.mp4')
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_filenames(clients: Clients, filename: str) -> None:
    """Any name arrives as it is, quotes, backslashes and all, just as from the official SDK."""
    arguments = {"method": "direct", "file": (filename, CONTENT, "video/mp4")}
    for requests in (clients.official_requests, clients.async_requests):
        [request] = requests("assets.create", arguments)
        assert [part.filename for part in request.parts if part.name == "file"] == [filename]


def test_filenames_on_several_lines(clients: Clients) -> None:
    """A line break in a name cannot begin a header of its own."""
    [request] = clients.async_requests("assets.create", {"method": "direct", "file": ("a\r\nX-B: c", CONTENT)})
    assert [part.filename for part in request.parts if part.name == "file"] == ["a X-B: c"]


# Settings of one call.

OPTIONS: RequestOptions = {
    "additional_headers": {"x-own": "1", "x-none": None},
    "additional_query_parameters": {"own": ["a", "b"], "none": None, "flag": True},
    "additional_body_parameters": {"own": 1},
}


SAMPLES = {
    "index_name": "n",
    "models": [{"model_name": "m", "model_options": ["visual"]}],
    "search_options": ["visual"],
    "user_metadata": {"a": 1},
    "method": "url",
    "filename": "a.mp4",
    "type": "video",
    "total_size": 1,
    "start": 1,
    "count": 1,
    "completed_chunks": [],
    "requests": [{"video": {"type": "asset_id", "asset_id": "x"}}],
    "items": [{"source_id": "a"}],
    "input": [{"type": "message", "role": "user", "content": "?"}],
    "videos": [{"video_url": URL["url"]}],
    "asset_ids": ["x"],
    "item_ids": ["x"],
    "entities": [{"name": "x", "asset_ids": ["x"]}],
    "query": {"text": "x"},
}

# Where not the parameters themselves say what is required.
LEAST: dict[str, dict[str, Any]] = {
    "analyze_async.tasks.create": {"video": {"type": "url", "url": "u"}},
    "assets.create": URL,
    "tasks.create": {"index_id": "x", "video_url": "https://example.com/a.mp4"},
    "embed.create": {"model_name": "m", "text": "t"},
    "embed.tasks.create": {"model_name": "m", "video_url": URL["url"]},
}


def least(name: str) -> dict[str, Any]:
    """The arguments that a method cannot do without."""
    parameters = inspect.signature(official.function(name)).parameters.values()
    required = [parameter.name for parameter in parameters if parameter.default is Parameter.empty]
    arguments = {parameter: SAMPLES.get(parameter, "x") for parameter in required}
    return LEAST.get(name, arguments)


@pytest.mark.parametrize("name", METHODS)
def test_request_options(clients: Clients, name: str) -> None:
    """Headers, query parameters and body fields are added where the official SDK adds them, but for bodies of GETs."""
    options = OPTIONS
    if name in ("analyze_stream", "responses.create_stream"):  # the official SDK stumbles over None here
        options = OPTIONS | {"additional_headers": {"x-own": "1"}}
    arguments = least(name) | {"request_options": options}
    [theirs] = clients.official_requests(name, arguments)
    [ours] = clients.async_requests(name, arguments)
    assert ours.headers["x-own"] == theirs.headers["x-own"] == "1"
    assert "x-none" not in ours.headers
    assert sorted(ours.query) == sorted(theirs.query + [("page", "1")] * (name in official.SINGLE_PAGES))
    if ours.method == "GET":
        assert not ours.body
    else:
        assert ours.json == theirs.json
        assert sorted(part[::3] for part in ours.parts) == sorted(part[::3] for part in theirs.parts)


def test_request_options_come_last(clients: Clients) -> None:
    """What a call adds takes the place of what is there under that name, whatever the case of a header."""
    options: RequestOptions = {
        "additional_headers": {"X-API-Key": "other"},
        "additional_query_parameters": {"page_limit": 5},
    }
    [request] = clients.async_requests("indexes.list", {"page_limit": 10, "request_options": options})
    assert request.query == [("page", "1"), ("page_limit", "5")]
    assert request.headers["x-api-key"] == "other"


EXTRA: RequestOptions = {"additional_headers": {"x-own": "1"}, "additional_query_parameters": {"own": "1"}}


@pytest.mark.parametrize("name", [name for name in METHODS if ".list" in name or name == "multipart_upload.get_status"])
async def test_request_options_of_later_pages(recorder: Recorder, aio: AsyncTwelveLabs, name: str) -> None:
    """Every page is asked for with all arguments and settings of the call."""
    items = "uploaded_chunks" if name == "multipart_upload.get_status" else "data"
    for number in (1, 2):
        recorder.answer({items: [{"_id": str(number)}], "page_info": {"page": number, "total_page": 2}})
    pager = official.find(aio, name)(**least(name), page_limit=1, request_options=EXTRA)
    assert len([item async for item in pager]) == 2
    assert [dict(request.query) for request in recorder.requests] == [
        {"page": page, "page_limit": "1", "own": "1"} for page in ("1", "2")
    ]
    assert all(request.headers["x-own"] == "1" for request in recorder.requests)


async def test_request_options_of_later_pages_of_a_search(recorder: Recorder, aio: AsyncTwelveLabs) -> None:
    """A later page is asked for with the settings of the search, and for own data again."""
    recorder.answer({"data": [{"rank": 1}], "page_info": {"next_page_token": "a/b"}})
    recorder.answer({"data": [{"rank": 2}], "page_info": {}})
    search = aio.search.query(
        index_id="i", search_options=["visual"], include_user_metadata=True, request_options=EXTRA
    )
    assert [item.rank async for item in search] == [1, 2]
    first, second = recorder.requests
    assert (second.method, second.path) == ("GET", "/v1.3/search/a%2Fb")
    assert dict(second.query) == {"own": "1", "include_user_metadata": "true"}
    assert first.headers["x-own"] == second.headers["x-own"] == "1"


async def test_request_options_of_later_pages_of_a_store(recorder: Recorder, aio: AsyncTwelveLabs) -> None:
    """A later page is asked for with all that the first one was, and its token."""
    for rank, token in ((1, "t"), (2, None)):
        recorder.answer({"data": [{"asset_type": "image", "rank": rank}], "next_page_token": token})
    found = aio.knowledge_stores.search_all("k", query={"text": "x"}, group_by="item", request_options=EXTRA)
    assert len([hit async for hit in found]) == 2
    first, second = recorder.requests
    assert first.json == {"query": {"text": "x"}, "group_by": "item"}
    assert second.json == first.json | {"page_token": "t"}
    assert first.headers["x-own"] == second.headers["x-own"] == "1"


async def test_request_options_of_waits(recorder: Recorder, aio: AsyncTwelveLabs) -> None:
    """Every request of a call that waits is sent with the settings of the call."""
    ready = {"_id": "x", "task_id": "x", "status": "ready", "data": [{"_id": "x", "status": "ready"}]}
    for _ in range(17):
        recorder.answer(ready | {"page_info": {"page": 1, "total_page": 1}})
    await aio.assets.wait_until_ready("x", request_options=EXTRA)
    await aio.assets.create_and_wait(b"...", request_options=EXTRA)
    await aio.indexes.indexed_assets.wait_until_ready("i", "x", request_options=EXTRA)
    await aio.indexes.indexed_assets.create_and_wait("i", asset_id="x", request_options=EXTRA)
    await aio.knowledge_store_items.wait_until_ready("k", "x", request_options=EXTRA)
    await aio.knowledge_store_items.create_and_wait("k", asset_id="x", request_options=EXTRA)
    await aio.analyze_async.tasks.create_and_wait(**least("analyze_async.tasks.create"), request_options=EXTRA)
    await aio.tasks.wait_for_done("x", request_options=EXTRA)
    await aio.tasks.create_and_wait(**least("tasks.create"), request_options=EXTRA)
    await aio.imports.import_files_and_wait("c", items=[{"source_id": "a"}], request_options=EXTRA)
    for _ in range(2):
        recorder.answer({"batch_id": "x", "status": "completed"})
    await aio.analyze_async.batches.create_and_wait(**least("analyze_async.batches.create"), request_options=EXTRA)
    assert len(recorder.requests) == 19
    assert all(request.headers["x-own"] == "1" for request in recorder.requests)


async def test_retries_of_one_call(recorder: Recorder, aio: AsyncTwelveLabs) -> None:
    """`max_retries` says how often a later page, too, is asked for again."""
    recorder.answer({"data": [{}], "page_info": {"page": 1, "total_page": 2}})
    for _ in range(4):
        recorder.answer({}, status=503, headers={"retry-after-ms": "1"})
    pager = await aio.indexes.list(request_options={"max_retries": 3})
    with pytest.raises(APIStatusError):
        await pager.next_page()
    assert [request.query for request in recorder.requests] == [[("page", "1")]] + 4 * [[("page", "2")]]


@pytest.mark.parametrize("name", ["indexes.list", "search.query"])
async def test_timeout_of_one_call(recorder: Recorder, aio: AsyncTwelveLabs, name: str) -> None:
    """`timeout_in_seconds` holds for a later page, too."""
    recorder.answer({"data": [{}], "page_info": {"page": 1, "total_page": 2, "next_page_token": "t"}})
    recorder.answer(None)
    options: RequestOptions = {"timeout_in_seconds": 0.1, "max_retries": 0}
    pager = await official.find(aio, name)(**least(name), request_options=options)
    with pytest.raises(APITimeoutError):
        await pager.next_page()


def test_upload_file(clients: Clients, tmp_path: Path) -> None:
    """An upload in parts begins the same session, sends the same parts and reports them alike, whatever the order."""
    file = tmp_path / "talk.mp4"
    file.write_bytes(b"aabbc")
    base = clients.recorder.url.removesuffix("/v1.3")
    session = {
        "upload_id": "u",
        "asset_id": "a",
        "chunk_size": 2,
        "total_chunks": 3,
        "upload_urls": [{"chunk_index": n, "url": f"{base}/storage/{n}?sig=%2F"} for n in (1, 2, 3)],
    }
    found = []
    for requests in (clients.official_requests, clients.async_requests, clients.sync_requests):
        clients.recorder.answer(session)
        for _ in range(3):
            clients.recorder.answer({}, headers={"ETag": '"e"'})
        clients.recorder.answer({"asset_id": "a", "url": "https://example.com/a"})
        begin, *parts, report = requests("multipart_upload.upload_file", {"file_path": str(file), "file_type": "video"})
        chunks = sorted(report.json["completed_chunks"], key=lambda chunk: chunk["chunk_index"])
        puts = sorted((put.method, put.path, put.query, put.body, put.headers.get("x-api-key")) for put in parts)
        found.append((sent(begin), (report.method, report.path, chunks), puts))
    assert found[0] == found[1] == found[2]
