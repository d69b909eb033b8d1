"""Forms in which callers give a file."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from support.three_clients import Clients

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


def test_a_line_break_in_a_filename_is_a_space(clients: Clients) -> None:
    """It cannot start another header."""
    [request] = clients.async_requests("assets.create", {"method": "direct", "file": ("a\r\nX-B: c", CONTENT)})
    assert [part.filename for part in request.parts if part.name == "file"] == ["a X-B: c"]
