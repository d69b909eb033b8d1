"""Recordings as files: a header, and a line of JSON for each exchange."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async.testing.recordings.format import (
    Body,
    Exchange,
    RecordedRequest,
    RecordedResponse,
    Recording,
    RecordingError,
)

BODIES = [
    Body("json", {"prompt": "What \u2028 happens?", "big": 2**70}),
    Body(
        "form", [("method", "direct"), ("file", {"filename": "a.mp4", "type": "video/mp4", "size": 1, "sha256": "x"})]
    ),
    Body("text", "<Error/>"),
    Body("base64", "AAEC"),
    Body("digest", {"size": 3, "sha256": "abc"}),
    Body("chunks", [(0.0, '{"event_type":"stream_start"}\n'), (1.5, "")]),
    None,
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.kind if body else "empty")
def test_a_recording_is_read_as_it_was_written(body: Body | None, tmp_path: Path) -> None:
    request = RecordedRequest("POST", "/assets", [("page", "1"), ("page", "2")], {"x-api-key": "***"}, body)
    response = RecordedResponse(201, {"content-type": "application/json"}, body, 0.25)
    recording = Recording("https://api.twelvelabs.io/v1.3", "2026-11-28T09:00:00Z", [Exchange(0.5, request, response)])
    recording.write(tmp_path / "a.jsonl")
    assert Recording.read(tmp_path / "a.jsonl") == recording
    assert [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().split("\n")[:2]]


def test_exchanges_are_read_in_the_order_of_their_requests(tmp_path: Path) -> None:
    """A line is written when its response has ended, which may be after that of a later request."""
    exchanges = [Exchange(at, RecordedRequest("GET", f"/assets/{at}"), None) for at in (2.0, 1.0)]
    Recording("https://x", "2026-11-28T09:00:00Z", exchanges).write(tmp_path / "a.jsonl")
    read = Recording.read(tmp_path / "a.jsonl").exchanges
    assert [(exchange.at, exchange.line) for exchange in read] == [(1.0, 3), (2.0, 2)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ('{"name": 1}\n', "expected the key 'recording'"),
        ('{"recording": 99}\n', "has version 99 of the format; expected at most 1. Update"),
        ("no json\n", "line 1: expected a line of a recording"),
        ('{"recording": 1, "recorded_at": "", "base_url": ""}\n{"at": 1, "requ', "line 2: expected a line"),
    ],
)
def test_another_file_is_refused(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(text)
    with pytest.raises(RecordingError, match=message):
        Recording.read(tmp_path / "a.jsonl")


HEADER = '{"recording": 1, "recorded_at": "2026-11-28T09:00:00Z", "base_url": "https://x"}'
EXCHANGE: dict[str, Any] = {
    "at": 1.0,
    "request": {"method": "GET", "path": "/assets"},
    "response": {"status": 200, "headers": {}, "seconds": 0.1},
}


def test_blank_lines_and_a_byte_order_mark_are_ignored(tmp_path: Path) -> None:
    """Editors add both."""
    (tmp_path / "a.jsonl").write_text(f"\ufeff{HEADER}\n\n{json.dumps(EXCHANGE)}\n\n")
    assert len(Recording.read(tmp_path / "a.jsonl").exchanges) == 1


@pytest.mark.parametrize(
    ("part", "fields"),
    [
        ("", {"at": "soon"}),
        ("", {"request": None}),
        ("request", {"method": None}),
        ("request", {"query": [["page"]]}),
        ("request", {"query": [["page", 1]]}),
        ("request", {"form": "a=b"}),
        ("response", {"status": "200"}),
        ("response", {"status": 99}),
        ("response", {"headers": {"retry-after": 1}}),
        ("response", {"seconds": None}),
        ("response", {"base64": "%"}),
        ("response", {"text": {}}),
        ("response", {"chunks": [["soon", "a"]]}),
        ("response", {"chunks": [[0.0, {}]]}),
    ],
)
def test_an_edited_line_is_refused_with_its_number(part: str, fields: dict[str, Any], tmp_path: Path) -> None:
    edited = {**EXCHANGE, part: {**EXCHANGE[part], **fields}} if part else {**EXCHANGE, **fields}
    (tmp_path / "a.jsonl").write_text(f"{HEADER}\n{json.dumps(edited)}\n")
    with pytest.raises(RecordingError, match="line 2: expected a line of a recording"):
        Recording.read(tmp_path / "a.jsonl")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\x89PNG\r\n")
    with pytest.raises(RecordingError, match="line 1"):
        Recording.read(tmp_path / "a.jsonl")
