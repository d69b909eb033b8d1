"""Forms in which callers give a file."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from support.file_kinds import KINDS, SEEKABLE, file_of_kind
from support.three_clients import Clients
from support.uploads import content

CONTENT = b"\x00\x01\r\n--not a boundary\r\n\xff"
VIDEO = content(2)


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
def test_a_file_is_bytes_or_a_path_or_an_open_file_or_a_tuple(
    clients: Clients, tmp_path: Path, form: Callable[[Path], Any], filename: str, content_type: str
) -> None:
    """A tuple has a name, one of the others, a content type, and headers. An open file keeps its position."""
    path = tmp_path / "a talk.mp4"
    path.write_bytes(CONTENT)
    file = form(path)
    opened = [part for part in (file if isinstance(file, tuple) else [file]) if isinstance(part, io.BufferedReader)]
    [request] = clients.async_requests("assets.create", {"method": "direct", "file": file})
    [part] = [part for part in request.parts if part.name == "file"]
    assert part[1:4] == (filename, content_type, CONTENT)
    assert part.headers.get("x-own") == ("1" if isinstance(file, tuple) and len(file) == 4 else None)
    assert request.headers["content-length"] == str(len(request.body))
    for given_file in opened:
        assert given_file.tell() == 0
        given_file.close()


@given(filename=st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="%"), min_size=1))
@example('a"b\\c;d=é.mp4')
@settings(max_examples=20)
def test_filenames_are_quoted_as_by_the_official_sdk(clients: Clients, filename: str) -> None:
    """Any name is received as it was, quotes and backslashes included."""
    arguments = {"method": "direct", "file": (filename, CONTENT, "video/mp4")}
    for requests in (clients.official_requests, clients.async_requests):
        [request] = requests("assets.create", arguments)
        assert [part.filename for part in request.parts if part.name == "file"] == [filename]


def test_control_characters_and_quotes_in_a_filename_start_no_header(clients: Clients) -> None:
    """They are percent-encoded, as browsers do it; other characters are sent as they are."""
    name = 'a"\r\nX-B: c\t\x00\x1b\x7f\u2028ü.mp4'
    [request] = clients.async_requests("assets.create", {"method": "direct", "file": (name, CONTENT)})
    line = b'; filename="a%22%0D%0AX-B: c%09%00%1B%7F\xe2\x80\xa8\xc3\xbc.mp4"\r\nContent-Type: video/mp4\r\n\r\n'
    assert line in request.body


@pytest.mark.parametrize(
    "file",
    [
        ("a", CONTENT, "video/mp4\r\nX-B: c"),
        ("a", CONTENT, "video/mp4", {"X-B": "c\nX-C: d"}),
        ("a", CONTENT, "video/mp4", {"X-B: c\r\nX-C": "d"}),
        ("a", CONTENT, "video/mp4", {"X B": "c"}),
    ],
)
def test_a_header_of_a_file_that_would_start_another_one_is_refused(clients: Clients, file: Any) -> None:
    """Nothing is sent."""
    with pytest.raises(ValueError, match=r"headers of the file: .* its value printable text in one line"):
        clients.async_requests("assets.create", {"method": "direct", "file": file})
    assert not clients.recorder.requests


def test_the_name_of_a_field_starts_no_header(clients: Clients) -> None:
    """The caller has added the field."""
    options = {"additional_body_parameters": {'a"\r\nX-B: c': 1}}
    [request] = clients.async_requests(
        "assets.create", {"method": "direct", "file": CONTENT, "request_options": options}
    )
    assert b'form-data; name="a%22%0D%0AX-B: c"\r\n\r\n1\r\n' in request.body


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("indexes.update", {"index_id": "i", "index_name": "talk\udcff"}),
        ("assets.update_user_metadata", {"asset_id": "a", "user_metadata": {"\ud83c": 1}}),
        ("assets.create", {"method": "direct", "file": CONTENT, "user_metadata": {"a": "\ude00\ud83d"}}),
        ("assets.create", {"method": "direct", "file": CONTENT, "filename": "talk\udcff.mp4"}),
        ("search.create", {"index_id": "i", "search_options": ["visual"], "query_text": "talk\udcff"}),
        ("assets.list", {"filename": "talk\udcff.mp4"}),
        ("assets.retrieve", {"asset_id": "a\udcff"}),
        ("assets.retrieve", {"asset_id": "a", "request_options": {"additional_query_parameters": {"\udcff": 1}}}),
    ],
)
def test_text_with_half_a_character_is_refused(clients: Clients, name: str, arguments: dict[str, Any]) -> None:
    """UTF-8 cannot encode a lone surrogate. Nothing is sent."""
    with pytest.raises(ValueError, match=r"(surrogate '\\u.*' stands alone|not valid Unicode)") as caught:
        clients.async_requests(name, arguments)
    assert not isinstance(caught.value, UnicodeError)
    assert not clients.recorder.requests


def test_a_pair_of_surrogates_is_one_character(clients: Clients) -> None:
    """JSON escapes it as two."""
    [request] = clients.async_requests("indexes.update", {"index_id": "i", "index_name": "talk \U0001f600"})
    assert request.json == {"index_name": "talk \U0001f600"}


@pytest.fixture
def talk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small file in the home directory."""
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / "talk.mp4"
    path.write_bytes(VIDEO)
    return path


@pytest.mark.parametrize("twin", ["async", "sync"])
@pytest.mark.parametrize("kind", KINDS)
def test_files_of_every_kind_are_sent_whole(clients: Clients, talk: Path, kind: str, twin: str) -> None:
    """The name is that of the file, without its folder; what has no name is called ``upload``."""
    if twin == "sync" and kind == "stream of asyncio":
        pytest.skip("A stream of asyncio can only be read in its own event loop.")
    send = clients.async_requests if twin == "async" else clients.sync_requests
    with file_of_kind(kind, talk) as (file, name):
        [request] = send("assets.create", {"method": "direct", "file": file})
        [part] = [part for part in request.parts if part.name == "file"]
        assert part.content == VIDEO
        assert part.filename == name or (name is None and part.filename)
        if kind in SEEKABLE:
            assert file.tell() == 0
