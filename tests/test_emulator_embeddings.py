"""Limits and refusals of version 2 of the Embed API in the emulator (docs: Create embeddings, … embedding task)."""

from __future__ import annotations

import base64
from typing import Any

import attrs
import httpx
import pytest

from twelvelabs_async.testing import Emulator

Json = dict[str, Any]

VIDEO = {"media_source": {"url": "https://example.com/talk.mp4"}}
PDF = {"media_source": {"url": "https://example.com/slides.pdf"}}
SLIDES = {"media_type": "document", **PDF["media_source"]}
UNCERTAIN = {"embedding_uncertainty": True}
NOTES = {"media_source": {"url": "https://example.com/notes.md"}}
IMAGE = {"media_source": {"url": "https://example.com/logo.png"}}
FIXED = {"strategy": "fixed", "fixed": {"duration_sec": 5}}
DYNAMIC = {"strategy": "dynamic", "dynamic": {"min_duration_sec": 3}}
SENTENCES = {"sequential": {"strategy": "sentence", "max_sentences": 2, "overlap_sentences": 1}}
QUADRANTS = {"spatial": {"strategy": "quadrants"}}
NOTE = {"start": 1, "end": 2, "text": "ignition"}
FUSED = {"embedding_type": ["fused_embedding"]}


def source(kind: str, name: str = "talk") -> Json:
    return {"media_type": kind, "name": name, "url": f"https://example.com/{name}.{SUFFIXES[kind]}"}


SUFFIXES = {"image": "png", "audio": "mp3", "video": "mp4", "document": "md"}


def post(api: httpx.Client, path: str, kind: str, model: str, given: Json, **parameters: Any) -> httpx.Response:
    body = {"input_type": kind, "model_name": f"marengo{model}", kind: given, **parameters}
    return api.post(path, json=body)


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Return the status and the message of an error."""
    return response.status_code, response.json()["error"]["message"]


def finished(api: httpx.Client, emulator: Emulator, kind: str, given: Json, **parameters: Any) -> Json:
    """Return a task of Marengo 3.5 once it is finished."""
    created = post(api, "/embed-v2/tasks", kind, "3.5", given, **parameters)
    assert created.status_code == 202, created.text
    emulator.advance(60)
    return api.get(f"/embed-v2/tasks/{created.json()['_id']}").json()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("kind", "model", "given", "parameters", "parameter"),
    [
        ("image", "3.0", IMAGE, {}, "input_type"),
        ("document", "3.0", PDF, {}, "input_type"),
        ("text", "3.5", {"input_text": "a"}, {}, "input_type"),
        ("video", "3.5", VIDEO, {"embedding_dimension": 64}, "embedding_dimension"),
        ("video", "3.0", VIDEO, {"embedding_dimension": 512}, "embedding_dimension"),
        ("video", "3.0", VIDEO, {"embedding_uncertainty": True}, "embedding_uncertainty"),
        ("video", "3.5", VIDEO, {"embedding_uncertainty": True}, "embedding_uncertainty"),
        ("document", "3.5", PDF, {"embedding_uncertainty": True}, "embedding_uncertainty"),
        ("document", "3.5", NOTES, {"embedding_uncertainty": True}, "embedding_uncertainty"),
        ("video", "3.5", {**VIDEO, "embedding_option": ["transcription"]}, {}, "embedding_option"),
        ("video", "3.0", {**VIDEO, "embedding_scope": ["local"]}, {}, "embedding_scope"),
        ("video", "3.5", {**VIDEO, "segmentation": FIXED}, {}, "segmentation"),
        ("video", "3.0", {**VIDEO, "segmentation": {"temporal": FIXED}}, {}, "segmentation"),
        ("audio", "3.0", {**VIDEO, "segmentation": DYNAMIC}, {}, "segmentation"),
        ("video", "3.5", {**VIDEO, "segmentation": QUADRANTS}, {}, "segmentation"),
        ("video", "3.0", {**VIDEO, "segmentation": {**FIXED, "fixed": {"duration_sec": 2.5}}}, {}, "duration_sec"),
        ("video", "3.0", {**VIDEO, "segmentation": {**DYNAMIC, "dynamic": {"min_duration_sec": 6}}}, {}, "min_dur"),
        ("video", "3.0", {**VIDEO, "time_based_metadata": [NOTE]}, {}, "time_based_metadata"),
        ("video", "3.5", {**VIDEO, "time_based_metadata": [NOTE]}, {}, "embedding_type"),
        ("video", "3.5", {**VIDEO, **FUSED}, {}, "embedding_type"),
        ("video", "3.5", {**VIDEO, **FUSED, "time_based_metadata": [{**NOTE, "end": 0}]}, {}, "time_based_metadata"),
        ("video", "3.5", {**VIDEO, "start_sec": 3, "end_sec": 3}, {}, "end_sec"),
        ("image", "3.5", {**IMAGE, **FUSED}, {}, "embedding_type"),
        ("image", "3.5", {**IMAGE, "embedding_scope": ["clip"]}, {}, "embedding_scope"),
        ("image", "3.5", {**IMAGE, "embedding_option": ["text"]}, {}, "embedding_option"),
        ("document", "3.5", VIDEO, {}, "media_source"),
        ("document", "3.5", {**PDF, **FUSED}, {}, "embedding_type"),
        ("document", "3.5", {**PDF, "embedding_option": ["text"]}, {}, "embedding_option"),
        ("document", "3.5", {**PDF, "segmentation": {}}, {}, "segmentation"),
        ("document", "3.5", {**PDF, "segmentation": SENTENCES}, {}, "segmentation"),
        ("document", "3.5", {**PDF, "segmentation": QUADRANTS, "embedding_scope": ["asset"]}, {}, "segmentation"),
        ("document", "3.5", {**NOTES, "embedding_option": ["visual"]}, {}, "embedding_option"),
        ("document", "3.5", {**NOTES, "segmentation": QUADRANTS}, {}, "segmentation"),
        (
            "document",
            "3.5",
            {**NOTES, "segmentation": {"sequential": {**SENTENCES["sequential"], "overlap_sentences": 2}}},
            {},
            "overlap_sentences",
        ),
    ],
)  # fmt: skip
def test_invalid_tasks_are_refused(
    api: httpx.Client, kind: str, model: str, given: Json, parameters: Json, parameter: str
) -> None:
    """A task that does not fit the model or the kind of file is refused, with the parameter in the message."""
    status, message = refusal(post(api, "/embed-v2/tasks", kind, model, given, **parameters))
    assert (status, f"{parameter}" in message.partition("parameter is")[0]) == (400, True), message


def test_the_chunks_of_a_text_need_a_segmentation(api: httpx.Client) -> None:
    """The scope ``local`` has no default number of sentences."""
    response = post(api, "/embed-v2/tasks", "document", "3.5", {**NOTES, "embedding_scope": ["local"]})
    assert response.json()["error"]["code"] == "parameter_not_provided"


@pytest.mark.parametrize(
    ("model", "given", "parameters", "parameter"),
    [
        ("3.0", {"media_sources": [source("video")]}, {}, "media_type"),
        ("3.5", {"input_text": "a" * 8_001}, {}, "input_text"),
        ("3.5", {"media_sources": [source("image"), source("audio", "b")]}, {}, "input_text"),
        ("3.5", {"media_sources": [source("image", f"a{place}") for place in range(11)]}, {}, "media_sources"),
        ("3.5", {"media_sources": [{"media_type": "image"}]}, {}, "media_sources"),
        ("3.5", {"media_sources": [source("document"), source("document", "b")]}, {}, "media_sources"),
        ("3.5", {"media_sources": [source("document")], "input_text": "a"}, {}, "media_sources"),
        ("3.5", {"media_sources": [SLIDES], "input_text": "a"}, {}, "media_sources"),
        ("3.5", {"media_sources": [SLIDES, source("image")]}, {}, "media_sources"),
        ("3.5", {"media_sources": [source("image")], "input_text": "a"}, UNCERTAIN, "embedding_uncertainty"),
        ("3.5", {"media_sources": [source("document")]}, UNCERTAIN, "embedding_uncertainty"),
        ("3.0", {"input_text": "a", "media_sources": [source("image")]}, {"auto_truncate": True}, "auto_truncate"),
    ],
)  # fmt: skip
def test_files_and_texts_have_to_go_together(
    api: httpx.Client, model: str, given: Json, parameters: Json, parameter: str
) -> None:
    """Marengo 3.5 refuses a text together with text only, a PDF that is not alone, and several types without text."""
    status, message = refusal(post(api, "/embed-v2", "multi_input", model, given, **parameters))
    assert (status, parameter in message.partition("parameter is")[0]) == (400, True), message


def test_a_combination_is_one_embedding(api: httpx.Client) -> None:
    """Files of several types, a text document among them, have one embedding; tokens are counted by type."""
    sources = [source("image"), source("audio", "b"), source("document", "c")]
    given = post(api, "/embed-v2", "multi_input", "3.5", {"media_sources": sources}, embedding_dimension="256").json()
    assert [len(one["embedding"]) for one in given["data"]] == [256]
    assert given["metadata"] == {"input_type": "multi_input", "embedding_dimension": 256}
    assert given["usage"]["input_tokens"].keys() == {"image", "audio", "text"}


@pytest.mark.parametrize(
    ("model", "kind", "facts", "measured"),
    [
        ("3.5", "multi_input", {"duration": 30.5}, "30.5 seconds"),
        ("3.5", "multi_input", {"size": 32_000_001}, "32000001 bytes"),
        ("3.0", "video", {"duration": 601}, "601 seconds"),
    ],
)
def test_content_beyond_a_measured_limit_is_too_large(
    emulator: Emulator, api: httpx.Client, model: str, kind: str, facts: Json, measured: str
) -> None:
    """The error 413 has what was measured: Marengo 3.5 takes 30 s and 32 MB at once, Marengo 3.0 10 minutes."""
    asset = emulator.state.add_asset("url", "talk.mp4")
    emulator.state.receive_url(asset, "https://example.com/talk.mp4")
    emulator.advance(60)
    asset.media = attrs.evolve(asset.media, duration=facts.get("duration", 20.0))
    asset.size = facts.get("size", asset.size)
    sources = {"media_sources": [{"media_type": "video", "asset_id": asset.id}]}
    given = sources if kind == "multi_input" else {"media_source": {"asset_id": asset.id}}
    status, message = refusal(post(api, "/embed-v2", kind, model, given))
    assert (status, measured in message) == (413, True), message


def pdf(pages: int, size: int = 0) -> Json:
    """Return a source with a PDF of some pages and at least some bytes."""
    content = b"%PDF-1.7\n" + b"<< /Type /Pages >>" + b"<< /Type /Page >>" * pages
    return {"base64_string": base64.b64encode(content.ljust(size)).decode()}


def test_a_pdf_has_pages_by_its_size(emulator: Emulator, api: httpx.Client) -> None:
    """A PDF has 16 pages per megabyte at once, else 413; a task 64, of which a page with quarters counts five times."""
    for pages, size, status in ((16, 0, 200), (17, 0, 413), (32, 1_000_001, 200)):
        given = {"media_sources": [{"media_type": "document", **pdf(pages, size)}]}
        assert post(api, "/embed-v2", "multi_input", "3.5", given).status_code == status
    for pages, quarters, outcome in (
        (64, {}, "ready"),
        (65, {}, "failed"),
        (13, {"segmentation": QUADRANTS}, "failed"),
    ):
        task = finished(api, emulator, "document", {"media_source": pdf(pages), **quarters})
        assert (task["status"], "pages" in task.get("error", {}).get("message", "")) == (outcome, outcome == "failed")


def test_the_parts_of_a_pdf_have_page_numbers(emulator: Emulator, api: httpx.Client) -> None:
    """Each page has an embedding, and four more for its quarters; all differ."""
    task = finished(api, emulator, "document", {"media_source": pdf(2), "segmentation": QUADRANTS})
    quarters = [None, "top_left", "top_right", "bottom_left", "bottom_right"]
    assert [(one["start_page_number"], one["end_page_number"], one["quadrant"]) for one in task["data"]] == [
        (page, page, quarter) for page in (1, 2) for quarter in quarters
    ]
    assert {one["embedding_scope"] for one in task["data"]} == {"page"}
    assert len({tuple(one["embedding"]) for one in task["data"]}) == 10
    assert task["usage"]["input_tokens"]["document"] > 0


def test_the_parts_of_a_text_have_numbers(emulator: Emulator, api: httpx.Client) -> None:
    """Chunks have as many sentences as requested, and share some with the previous chunk."""
    emulator.serve("https://example.com/notes.md", b"One. Two! Three? Four.")
    given = {**NOTES, "segmentation": SENTENCES, "embedding_scope": ["local", "asset"]}
    task = finished(api, emulator, "document", given)
    assert [(one["embedding_scope"], one.get("chunk_index")) for one in task["data"]] == [
        ("chunk", 0), ("chunk", 1), ("chunk", 2), ("asset", None),
    ]  # fmt: skip
    uncertain = finished(api, emulator, "document", {**given, "embedding_scope": ["local"]}, embedding_uncertainty=True)
    assert {len(one["embedding_uncertainty"]) for one in uncertain["data"]} == {512}
