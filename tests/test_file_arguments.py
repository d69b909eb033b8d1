"""Forms in which callers give a file."""

from __future__ import annotations

import asyncio
import io
import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from support.file_kinds import KINDS, SEEKABLE, STREAMS, Reader, file_of_kind
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


QUERY = {"index_id": "i", "search_options": ["visual"]}
ARGUMENTS: list[tuple[str, dict[str, Any], str]] = [
    ("assets.create", {"method": "direct"}, "file"),
    ("assets.upload", {}, "source"),
    ("tasks.create", {"index_id": "i"}, "video_file"),
    ("embed.create", {"model_name": "m"}, "image_file"),
    ("embed.create", {"model_name": "m"}, "audio_file"),
    ("embed.tasks.create", {"model_name": "m"}, "video_file"),
    ("search.create", QUERY, "query_media_file"),
    ("search.query", QUERY, "query_media_file"),
    ("search.query", QUERY, "query_media_files"),
]
"""Methods that send a file in one request, with other arguments, and the argument with the file."""
every_method = pytest.mark.parametrize(("method", "others", "argument"), ARGUMENTS)


def with_file(others: dict[str, Any], argument: str, file: Any) -> dict[str, Any]:
    return {**others, argument: [file] if argument.endswith("s") else file}


@every_method
def test_every_method_takes_files_of_every_kind(
    clients: Clients, talk: Path, method: str, others: dict[str, Any], argument: str
) -> None:
    """One of each group of kinds."""
    for kind in ("text", "file of a form in Flask", "pipe", "asynchronous file", "asynchronous generator"):
        with file_of_kind(kind, talk) as (file, name):
            [request] = clients.async_requests(method, with_file(others, argument, file))
        [part] = [part for part in request.parts if part.filename is not None]
        assert (part.filename, part.content) == (name or "upload", VIDEO)


@every_method
def test_text_that_is_no_path_of_a_file_is_refused(
    clients: Clients, method: str, others: dict[str, Any], argument: str
) -> None:
    """It may be content, or a URL. Nothing is sent."""
    for text in ("no such talk.mp4", "line\n" * 1000, "a\0b", "no such folder/https://example.com/a.mp4"):
        with pytest.raises(FileNotFoundError, match="pass content as bytes, and a URL by the argument for URLs"):
            clients.async_requests(method, with_file(others, argument, text))
    with pytest.raises(FileNotFoundError, match="pass content as bytes"):
        clients.async_requests(method, with_file(others, argument, ("a.mp4", "text")))
    assert not clients.recorder.requests


@pytest.mark.parametrize(
    ("method", "others", "argument"),
    [("search.query", QUERY, "query_media_files"), ("tasks.create_bulk", {"index_id": "i"}, "video_files")],
)
def test_one_file_in_the_place_of_a_list_is_refused(
    clients: Clients, talk: Path, method: str, others: dict[str, Any], argument: str
) -> None:
    """Its letters, bytes or lines would be taken for files. Nothing is sent."""
    for kind in ("text", "path", "bytes", "BytesIO", "asynchronous file"):
        with file_of_kind(kind, talk) as (file, _), pytest.raises(TypeError, match=f"{argument} must be a list of fil"):
            clients.async_requests(method, {**others, argument: file})
    assert not clients.recorder.requests


@every_method
def test_a_file_at_its_end_is_refused(clients: Clients, method: str, others: dict[str, Any], argument: str) -> None:
    """A file that was just written is at its end. Nothing is sent."""
    file = io.BytesIO()
    file.write(VIDEO)
    with pytest.raises(ValueError, match=r"at its end, after 20000 bytes: call seek\(0\)"):
        clients.async_requests(method, with_file(others, argument, file))
    assert not clients.recorder.requests


@every_method
def test_a_file_name_that_is_not_unicode_is_refused(
    clients: Clients, talk: Path, method: str, others: dict[str, Any], argument: str
) -> None:
    """Another name helps. Nothing is sent before."""
    path = talk.rename(os.fsdecode(os.fsencode(talk.parent) + b"/talk\xff.mp4"))
    with pytest.raises(ValueError, match=r"file name 'talk\\udcff.mp4' is not valid Unicode.* filename="):
        clients.async_requests(method, with_file(others, argument, path))
    assert not clients.recorder.requests
    assert clients.async_requests(method, with_file(others, argument, ("talk.mp4", path)))


class Response:
    """A response as a caller has it, whose stream is what the caller should give."""

    async def read(self) -> bytes:
        return VIDEO


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda path: io.StringIO("text"), TypeError, "opened as text"),
        (lambda path: Reader(VIDEO, lambda data: data.hex()), TypeError, "must be a stream of bytes; got str"),
        (lambda path: Reader(VIDEO, lambda data: None), TypeError, "must be a stream of bytes; got NoneType"),
        (lambda path: Response(), TypeError, r"read\(\) of Response takes no size; .* response.content of aiohttp"),
        (lambda path: iter([1, 2, 3]), TypeError, "must be a stream of bytes; got int"),
        (lambda path: iter(()), ValueError, "upload is empty, or was read before"),
        (lambda path: {"a": b"b"}, TypeError, "got dict"),
        (lambda path: (), TypeError, r"\(name, file\).*got \(\)"),
        (lambda path: ("a", b"b", "c", {}, "d"), TypeError, r"\(name, file\)"),
        (lambda path: socket.socket, TypeError, "got type"),
        (lambda path: path.open("ab"), TypeError, "must be a file that can be read"),
    ],
)
def test_what_has_no_bytes_is_refused(
    clients: Clients, talk: Path, make: Callable[[Path], Any], error: type[Exception], message: str
) -> None:
    """Nothing is sent."""
    file = make(talk)
    with pytest.raises(error, match=message):
        clients.async_requests("assets.create", {"method": "direct", "file": file})
    assert not clients.recorder.requests
    if isinstance(file, io.BufferedIOBase):
        file.close()
        with pytest.raises(ValueError, match="is closed; expected an open file"):
            clients.async_requests("assets.create", {"method": "direct", "file": file})


@pytest.mark.parametrize("kind", SEEKABLE)
def test_an_open_file_can_be_sent_again(clients: Clients, talk: Path, kind: str) -> None:
    """Its position is restored, also if it was not at the start."""
    with file_of_kind(kind, talk) as (file, _):
        file.seek(1000)
        for _ in range(2):
            [request] = clients.async_requests("assets.create", {"method": "direct", "file": file})
            assert [part.content for part in request.parts if part.name == "file"] == [VIDEO[1000:]]


def test_a_stream_cannot_be_sent_again(clients: Clients, talk: Path) -> None:
    """The error says that it was read before."""
    for kind in STREAMS:
        with file_of_kind(kind, talk) as (file, name):
            arguments = {"method": "direct", "file": file}
            assert clients.async_requests("assets.create", arguments)
            with pytest.raises(ValueError, match=f"{name or 'upload'} is empty, or was read before"):
                clients.async_requests("assets.create", arguments)


def test_an_asynchronous_stream_of_another_event_loop_is_refused(clients: Clients) -> None:
    """The error says where it can be read."""

    async def start_reader() -> asyncio.StreamReader:
        reader = asyncio.StreamReader()
        asyncio.get_running_loop().create_task(reader.read(1))
        await asyncio.sleep(0)
        return reader

    reader = clients.runner.run(start_reader())
    with pytest.raises(RuntimeError, match=r"Reading the StreamReader failed .* read it there with AsyncTwelveLabs"):
        clients.sync_requests("assets.create", {"method": "direct", "file": reader})
    reader.feed_eof()
    assert not clients.recorder.requests


def test_a_copy_of_a_stream_that_cannot_be_written_names_the_folder(
    clients: Clients, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another folder may have more space."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "full"))
    with pytest.raises(OSError, match=r"copy of a stream cannot be written.*Set TMPDIR to another folder than.*full"):
        clients.async_requests("assets.create", {"method": "direct", "file": iter([bytes(1 << 20)])})
