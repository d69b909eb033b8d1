"""Requests are those of the official SDK, but for the differences listed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import evolve, frozen
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from twelvelabs_async import RequestOptions

from support import official
from support.arguments import Made, arguments
from support.three_clients import METHODS, NEVER_SENT, URL, Clients, Sent, least, sent

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


OPTIONS: RequestOptions = {
    "additional_headers": {"x-own": "1", "x-none": None},
    "additional_query_parameters": {"own": ["a", "b"], "none": None, "flag": True},
    "additional_body_parameters": {"own": 1},
}


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
