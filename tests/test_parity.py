"""Parity with the official SDK: requests are the same, but for the differences listed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import evolve, frozen
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from twelvelabs_async import RequestOptions

from support import official
from support.arguments import Built, arguments
from support.three_clients import METHODS, NEVER_SENT, URL, Clients, ComparedRequest, compared, required_arguments

# Headers about the client, such as User-Agent, are not compared.


@frozen
class Difference:
    """A deliberate difference.

    Attributes:
        reason: Why our request is different.
        methods: The methods that send it.
        example: Arguments of the first method with which the requests differ.
        ours: Makes our request from the official one and the arguments.
    """

    reason: str
    methods: tuple[str, ...]
    example: Mapping[str, Any]
    ours: Callable[[ComparedRequest, Mapping[str, Any]], ComparedRequest]


def no_empty_fields(request: ComparedRequest, arguments: Mapping[str, Any]) -> ComparedRequest:
    empty = {name for name, value in arguments.items() if value is None}
    return evolve(request, parts=[part for part in request.parts if part[3] or part[0] not in empty])


def metadata_at_root(request: ComparedRequest, arguments: Mapping[str, Any]) -> ComparedRequest:
    metadata = arguments.get("user_metadata") or {}
    at_root = {f"user_metadata[{key}]": key for key in metadata}
    kept = [(name, text) for name, text in request.query if metadata.get(at_root.get(name), "") is not None]
    return evolve(request, query=sorted((at_root.get(name, name), text) for name, text in kept))


def page_is_named(request: ComparedRequest, _: Mapping[str, Any]) -> ComparedRequest:
    named = "page" in dict(request.query)
    return request if named else evolve(request, query=sorted([("page", "1"), *request.query]))


def file_as(filename: str, content_type: str) -> Callable[[ComparedRequest, Mapping[str, Any]], ComparedRequest]:
    def change(request: ComparedRequest, _: Mapping[str, Any]) -> ComparedRequest:
        parts = [(part[0], filename, content_type, part[3]) if part[0] == "file" else part for part in request.parts]
        return evolve(request, parts=parts)

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
ALWAYS = [
    Difference(
        "None leaves a field of a form out, as it does in queries; an empty field is another value",
        FORMS,
        URL | {"filename": None},
        no_empty_fields,
    ),
    Difference(
        "filters by user metadata are at the root of the query (docs: List indexed assets); None is no filter",
        ("indexes.indexed_assets.list",),
        {"index_id": "i", "user_metadata": {"team": "red", "year": 2024, "draft": None}},
        metadata_at_root,
    ),
    Difference(
        "a JSON body without fields is an empty object, not an empty text",
        (
            "indexes.indexed_assets.update",
            "indexes.videos.update",
            "entity_collections.entities.update",
            "entity_collections.update",
            "knowledge_store_item_collections.update",
            "knowledge_stores.update",
        ),
        {"index_id": "i", "indexed_asset_id": "a"},
        lambda request, _: evolve(request, json=request.json or {}),
    ),
    Difference(
        "every list requests its first page by number, as the official pagers do",
        tuple(sorted(official.SINGLE_PAGES)),
        {"page_limit": 5},
        page_is_named,
    ),
]
# Differences with arguments that the comparison of all methods does not draw.
IN_SPECIAL_CASES = [
    Difference(
        "ids are percent-encoded, so that they cannot change the path",
        ("indexes.retrieve",),
        {"index_id": "a/b?c=d#e"},
        lambda request, _: evolve(request, path="/v1.3/indexes/a%2Fb%3Fc%3Dd%23e", query=[]),
    ),
    Difference(
        "numbers in ranges are sent as they are given; the official models convert them to floats",
        ("indexes.indexed_assets.list",),
        {"index_id": "i", "fps": Built("IndexedAssetsListRequestFps", {"gte": 24})},
        lambda request, _: evolve(request, query=[("fps[gte]", "24"), ("page", "1")]),
    ),
    Difference(
        "a file without a name gets one, because a part without one is not a file",
        ("assets.create",),
        {"method": "direct", "file": (None, b"...")},
        file_as("upload", "application/octet-stream"),
    ),
    Difference(
        "the type of a file is the same on all systems",
        ("assets.create",),
        {"method": "direct", "file": ("talk.ts", b"...")},
        file_as("talk.ts", "video/mp2t"),
    ),
]


@pytest.mark.parametrize("name", METHODS)
@given(data=st.data())
@settings(max_examples=4, phases=[Phase.generate])
def test_every_method_sends_the_request_of_the_official_sdk(clients: Clients, name: str, data: st.DataObject) -> None:
    """Method, path, query, key, content type, JSON and parts are compared, for both clients."""
    for strategy in arguments(name).values():
        values = data.draw(strategy)
        [expected] = map(compared, clients.official_requests(name, values))
        for difference in ALWAYS:
            if name in difference.methods:
                expected = difference.ours(expected, values)
        assert [*map(compared, clients.async_requests(name, values))] == [expected]
        assert [*map(compared, clients.sync_requests(name, values))] == [expected]


@pytest.mark.parametrize("difference", ALWAYS + IN_SPECIAL_CASES, ids=lambda difference: difference.reason)
def test_each_listed_difference_exists(clients: Clients, difference: Difference) -> None:
    """It is the only difference of that request."""
    name = difference.methods[0]
    [theirs] = map(compared, clients.official_requests(name, difference.example))
    [ours] = map(compared, clients.async_requests(name, difference.example))
    assert ours != theirs
    assert ours == difference.ours(theirs, difference.example)


def test_a_connection_can_be_authorized(clients: Clients) -> None:
    """The path has a colon, which the official SDK cannot send."""
    arguments = {"provider": "google_drive", "redirect_uri": "https://example.com/done"}
    with pytest.raises(httpx.UnsupportedProtocol):
        clients.official_requests(NEVER_SENT, arguments)
    for requests in (clients.async_requests, clients.sync_requests):
        [request] = requests(NEVER_SENT, arguments | {"custom_id": "a"})
        assert (request.method, request.path) == ("POST", "/v1.3/connections:authorize")
        assert request.json == arguments | {"custom_id": "a"}


def test_create_bulk_sends_one_request_per_video(clients: Clients) -> None:
    """The requests are those of the official SDK, in any order."""
    arguments = {"index_id": "i", "video_files": [("a.mp4", b"a"), b"b"], "video_urls": ["https://example.com/c.mp4"]}
    theirs, *ours = (
        sorted(map(compared, requests("tasks.create_bulk", arguments)), key=str)
        for requests in (clients.official_requests, clients.async_requests, clients.sync_requests)
    )
    assert ours == [theirs, theirs]


OPTIONS: RequestOptions = {
    "additional_headers": {"x-own": "1", "x-none": None},
    "additional_query_parameters": {"own": ["a", "b"], "none": None, "flag": True},
    "additional_body_parameters": {"own": 1},
}


@pytest.mark.parametrize("name", METHODS)
def test_request_options_are_added_as_by_the_official_sdk(clients: Clients, name: str) -> None:
    """Headers, query parameters and fields of the body are added, the latter not to a GET."""
    options = OPTIONS
    if name in ("analyze_stream", "responses.create_stream"):  # the official SDK fails with None here
        options = OPTIONS | {"additional_headers": {"x-own": "1"}}
    arguments = required_arguments(name) | {"request_options": options}
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


def test_upload_file_sends_the_requests_of_the_official_sdk(clients: Clients, tmp_path: Path) -> None:
    """It creates the same session, sends the same parts and reports the same, in any order."""
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
        clients.recorder.respond_next(session)
        for _ in range(3):
            clients.recorder.respond_next({}, headers={"ETag": '"e"'})
        clients.recorder.respond_next({"asset_id": "a", "url": "https://example.com/a"})
        begin, *parts, report = requests("multipart_upload.upload_file", {"file_path": str(file), "file_type": "video"})
        chunks = sorted(report.json["completed_chunks"], key=lambda chunk: chunk["chunk_index"])
        puts = sorted((put.method, put.path, put.query, put.body, put.headers.get("x-api-key")) for put in parts)
        found.append((compared(begin), (report.method, report.path, chunks), puts))
    assert found[0] == found[1] == found[2]
