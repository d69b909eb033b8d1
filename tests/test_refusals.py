"""Requests and files that the emulator refuses as the platform does, and that a lenient one accepts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from twelvelabs_async.testing import Emulator
from twelvelabs_async.testing.refusals import (
    BLANK_QUERY,
    CONTENT_TOO_LARGE,
    DOCUMENT_CONTENT,
    ENRICHMENT_SCHEMA,
    FILE_FORMAT,
    INDEX_MODEL,
    INDEX_WITHOUT_MARENGO,
    ITEM_METADATA,
    LIVE_STREAM,
    LOCATION_FILTER,
    LONG_QUERY,
    NO_MEDIA,
    REFUSALS,
    RETIRED_ENDPOINT,
    SEARCH_FILTER,
    SEARCH_FILTER_ID,
    SEARCH_FILTER_TYPE,
    SEARCH_INDEX,
    SEARCH_OPTION,
    SEARCH_OPTION_UNKNOWN,
    SEARCH_PAGE,
    SEARCH_SORT,
    SEARCH_WITHOUT_MARENGO,
    TRANSCRIPTION_OPTION,
    VIDEO_TOO_LONG,
    VIDEO_TOO_SMALL,
    Refusal,
)
from twelvelabs_async.testing.state.knowledge_stores import KnowledgeStoreItem

from support.plain_http import error, upload

DOCUMENT = Path(__file__).parents[1] / "docs" / "emulator.md"
VISUAL = [{"model_name": "marengo3.0", "model_options": ["visual"]}]
PEGASUS = [{"model_name": "pegasus1.5", "model_options": ["visual"]}]


def table() -> str:
    """Return the table of refusals as Markdown."""
    rows = ["| Refused | Response | Source | Guessed | `strict=False` |", "| --- | --- | --- | --- | --- |"]
    for refusal in REFUSALS:
        response = f"{refusal.status} `{refusal.code}`" if refusal.code else "The asset fails"
        accepted = "accepts it" if refusal.is_strict else ""
        rows.append(f"| {refusal.subject} | {response} | {refusal.source} | {refusal.guess} | {accepted} |")
    return "\n".join(rows)


def test_the_documentation_lists_all_refusals() -> None:
    """The table has a row for each, with its source and what of it is a guess."""
    assert table() in DOCUMENT.read_text()


def add_index(emulator: Emulator, models: list[dict[str, Any]]) -> str:
    """Return the id of an index, which may have models that new indexes cannot have."""
    pairs = [(model["model_name"], model["model_options"]) for model in models]
    return emulator.call(lambda: emulator.state.add_index(str(pairs), pairs, [])).id


def ready_asset(emulator: Emulator, api: httpx.Client, name: str = "dog.mp4") -> str:
    asset = upload(api, name)
    emulator.advance(60)
    return asset


def create_index(emulator: Emulator, api: httpx.Client) -> httpx.Response:
    return api.post("/indexes", json={"index_name": "all", "models": [*VISUAL, *PEGASUS]})


def index_without_marengo(emulator: Emulator, api: httpx.Client) -> httpx.Response:
    body = {"asset_id": ready_asset(emulator, api)}
    return api.post(f"/indexes/{add_index(emulator, PEGASUS)}/indexed-assets", json=body)


def add_task_without_marengo(emulator: Emulator, api: httpx.Client) -> httpx.Response:
    data = {"index_id": add_index(emulator, PEGASUS), "video_url": "https://example.com/dog.mp4"}
    return api.post("/tasks", files={name: (None, value) for name, value in data.items()})


Request = Callable[[Emulator, httpx.Client], httpx.Response]


def analyze(**facts: Any) -> Request:
    """Return a function that analyzes a video with these facts in its header."""

    def request(emulator: Emulator, api: httpx.Client) -> httpx.Response:
        asset = emulator.state.assets[ready_asset(emulator, api)]
        asset.media = attrs.evolve(asset.media, **facts)
        return api.post("/analyze", json={"video": {"type": "asset_id", "asset_id": asset.id}, "prompt": "?"})

    return request


def embed_long_video(emulator: Emulator, api: httpx.Client) -> httpx.Response:
    asset = emulator.state.assets[ready_asset(emulator, api)]
    asset.media = attrs.evolve(asset.media, duration=601)
    video = {"media_source": {"asset_id": asset.id}}
    return api.post("/embed-v2", json={"input_type": "video", "model_name": "marengo3.0", "video": video})


def search(models: Any = VISUAL, **fields: Any) -> Request:
    """Return a function that searches an index with one video, by fields of which some replace the usual ones."""

    def request(emulator: Emulator, api: httpx.Client) -> httpx.Response:
        index_id = add_index(emulator, models)
        emulator.state.index_asset(emulator.state.indexes[index_id], emulator.state.assets[ready_asset(emulator, api)])
        emulator.advance(60)
        form = {"index_id": index_id, "search_options": "visual", "query_text": "dog", **fields}
        return api.post("/search", files={name: (None, value) for name, value in form.items()})

    return request


def get(path: str) -> Request:
    return lambda _, api: api.get(path)


def create_asset(url: str, content: bytes) -> Request:
    def request(emulator: Emulator, api: httpx.Client) -> httpx.Response:
        emulator.serve(url, content)
        return api.post("/assets", files={"method": (None, "url"), "url": (None, url)})

    return request


def analyze_live_stream(path: str) -> Request:
    def request(emulator: Emulator, api: httpx.Client) -> httpx.Response:
        emulator.serve("https://example.com/dog.m3u8", b"#EXTM3U\n#EXTINF:6,\na.ts\n")
        video = {"type": "url", "url": "https://example.com/dog.m3u8"}
        return api.post(path, json={"video": video, "prompt": "?"})

    return request


def create_store(schema: dict[str, Any]) -> Request:
    config = {"enrichment_config": {"type": "json_schema", "json_schema": schema}}
    return lambda _, api: api.post("/knowledge-stores", json={"name": "dogs", "ingestion_config": config})


def search_many_items(emulator: Emulator, api: httpx.Client) -> httpx.Response:
    """Search a store with 10,001 items, all of the same asset, for the place where they were captured."""
    emulator.understand("dog.mp4", location=(37.5, 127.0))
    asset = emulator.state.assets[ready_asset(emulator, api)]
    store = emulator.state.knowledge_stores[api.post("/knowledge-stores", json={"name": "dogs"}).json()["_id"]]
    for number in map(str, range(10_001)):
        store.items[number] = KnowledgeStoreItem(id=number, store=store, stages=((0.0, "ready"),), asset=asset)
    place = {"latitude": 37.5, "longitude": 127.0, "radius_meters": 1000}
    body = {"query": {"text": "dog"}, "filter": {"location": place}}
    return api.post(f"/knowledge-stores/{store.id}/search", json=body)


TWO_KINDS_OF_METADATA = {"asset_id": "1", "metadata": {}, "item_metadata": {}}
CASES: list[tuple[Refusal, Request]] = [
    (RETIRED_ENDPOINT, lambda _, api: api.post("/summarize", json={"video_id": "1"})),
    (INDEX_MODEL, create_index),
    (INDEX_WITHOUT_MARENGO, index_without_marengo),
    (INDEX_WITHOUT_MARENGO, add_task_without_marengo),
    (VIDEO_TOO_LONG, analyze(duration=3601)),
    (VIDEO_TOO_SMALL, analyze(width=640, height=359)),
    (CONTENT_TOO_LARGE, embed_long_video),
    (FILE_FORMAT, create_asset("https://example.com/dog.html", b"")),
    (DOCUMENT_CONTENT, create_asset("https://example.com/dog.pdf", b"text")),
    (LIVE_STREAM, create_asset("https://example.com/dog.m3u8", b"#EXTM3U\n#EXTINF:6,\na.ts\n")),
    (LIVE_STREAM, analyze_live_stream("/analyze")),
    (LIVE_STREAM, analyze_live_stream("/analyze/tasks")),
    (ENRICHMENT_SCHEMA, create_store({"type": "object", "properties": {"dog": {"type": "string"}}})),
    (ITEM_METADATA, lambda _, api: api.post("/knowledge-stores/1/items", json=TWO_KINDS_OF_METADATA)),
    (LOCATION_FILTER, search_many_items),
    (SEARCH_INDEX, search(index_id="0123456789abcdef01234567")),
    (SEARCH_WITHOUT_MARENGO, search(PEGASUS)),
    (SEARCH_OPTION_UNKNOWN, search(search_options="smell")),
    (SEARCH_OPTION, search(search_options="audio")),
    (SEARCH_OPTION, search(search_options="transcription")),
    (TRANSCRIPTION_OPTION, search(transcription_options="lexical")),
    (SEARCH_SORT, search(sort_option="date")),
    (BLANK_QUERY, search(query_text=" \n")),
    (LONG_QUERY, search(query_text="dog " * 501)),
    (SEARCH_FILTER, search(filter="[]")),
    (SEARCH_FILTER, search(filter="{dog")),
    (SEARCH_FILTER, search(filter=json.dumps({"width": {"gt": 1}}))),
    (SEARCH_FILTER, search(filter=json.dumps({"width": [1]}))),
    (SEARCH_FILTER_TYPE, search(filter=json.dumps({"id": "1"}))),
    (SEARCH_FILTER_TYPE, search(filter=json.dumps({"filename": 1}))),
    (SEARCH_FILTER_TYPE, search(filter=json.dumps({"duration": "long"}))),
    (SEARCH_FILTER_ID, search(filter=json.dumps({"id": ["0123456789abcdef01234567"]}))),
    (SEARCH_PAGE, get("/search/0123456789abcdef01234567-2")),
]


def name(value: object) -> str | None:
    return f"{value.code} {value.subject[:40]}" if isinstance(value, Refusal) else ""


@pytest.mark.parametrize(("refusal", "request_of"), CASES, ids=name)
def test_requests_are_refused(emulator: Emulator, api: httpx.Client, refusal: Refusal, request_of: Request) -> None:
    assert error(request_of(emulator, api)) == (refusal.status, refusal.code)


@pytest.mark.emulator(strict=False)
@pytest.mark.parametrize(("refusal", "request_of"), CASES, ids=name)
def test_a_lenient_emulator_accepts_some(
    emulator: Emulator, api: httpx.Client, refusal: Refusal, request_of: Request
) -> None:
    assert request_of(emulator, api).is_success == refusal.is_strict


def test_all_refusals_have_a_case() -> None:
    """`NO_MEDIA` is the one that has no error response."""
    assert [refusal for refusal in REFUSALS if refusal not in [case for case, _ in CASES]] == [NO_MEDIA]


@pytest.mark.parametrize("content", [b"", b"\0", b"GARBAGE" * 100, b"<html></html>"])
@pytest.mark.parametrize("filename", ["talk.mp4", "talk.mp3", "talk.png", "talk"])
def test_a_file_that_is_no_media_fails(emulator: Emulator, api: httpx.Client, filename: str, content: bytes) -> None:
    """The upload succeeds, since the platform reads the file later. The error of the asset gives the reason."""
    asset_id = upload(api, filename, content)
    emulator.advance(60)
    asset = api.get(f"/assets/{asset_id}").json()
    assert asset["status"] == "failed"
    assert f"content of {filename} is in no known format" in asset["error"]["message"]


@pytest.mark.emulator(strict=False)
def test_a_lenient_emulator_takes_any_content_for_media(emulator: Emulator, api: httpx.Client) -> None:
    asset_id = upload(api, "talk.mp4", b"\0")
    emulator.advance(60)
    assert api.get(f"/assets/{asset_id}").json()["status"] == "ready"


@pytest.mark.parametrize(
    "content",
    [
        b"\x1a\x45\xdf\xa3\x01",
        b"RIFF\0\0\0\0AVI LIST",
        b"\x47" + bytes(187) + b"\x47",
        bytes(4) + b"\x47" + bytes(191) + b"\x47",
        b"\0\0\1\xba",
        b"ID3\4",
        b"\xff\xfb\x90",
        b"OggS",
        b"GIF89a",
        b"RIFF\0\0\0\0WEBP",
        b"BM\0\0\0\0\0\0\0\0",
    ],
)
def test_formats_are_known_by_their_first_bytes(emulator: Emulator, api: httpx.Client, content: bytes) -> None:
    """No extra is needed for it. What follows is not read."""
    asset_id = upload(api, "talk.mp4", content)
    emulator.advance(60)
    assert api.get(f"/assets/{asset_id}").json()["status"] == "ready"


@pytest.mark.emulator(upload_headers={"x-amz-meta-upload": "1"})
def test_a_part_without_the_headers_of_its_session_is_told_which(emulator: Emulator, api: httpx.Client) -> None:
    """The official SDK sends none of them, so an emulator demands none unless it is told to."""
    session = api.post("/assets/multipart-uploads", json={"filename": "a.mp4", "type": "video", "total_size": 1}).json()
    refused = httpx.put(session["upload_urls"][0]["url"], content=b"a")
    assert refused.status_code == 403
    assert "The headers x-amz-meta-upload of upload_headers are missing." in refused.text
