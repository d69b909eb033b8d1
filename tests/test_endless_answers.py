"""Responses without an end: memory stays within bounds, and each is a documented error."""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import count
from pathlib import Path
from subprocess import run
from typing import Any

import pytest

from support.raw_server import INDEX, Connection, Reply, Server, respond

pytestmark = pytest.mark.any_python

MEGABYTE = 10**6
MOST_BYTES = 300 * MEGABYTE
"""Memory that a response may take."""
BLANKS = b" " * 65536

CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


def send(head: bytes, piece: bytes, *, status: bytes = b"200 OK") -> Reply:
    """Return a reply that begins with *head* and repeats *piece* until the client closes the connection."""

    def reply(connection: Connection) -> None:
        connection.send(b"HTTP/1.1 " + status + b"\r\n" + head)
        while True:
            connection.send(piece)

    return reply


def packed(encoding: str) -> Reply:
    """Return a reply with blanks that are compressed as far as possible, in a stream that does not end."""

    def reply(connection: Connection) -> None:
        connection.send(f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\n\r\n".encode())
        for piece in compressed(encoding):
            connection.send(piece)

    return reply


def compressed(encoding: str) -> Iterator[bytes]:
    blanks = BLANKS * 160
    if encoding in ("gzip", "deflate"):
        packer = zlib.compressobj(wbits=31 if encoding == "gzip" else 15)
        pack: Callable[[bytes], bytes] = lambda data: packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)  # noqa: E731
    else:
        pack = PACKERS.get(encoding, lambda data: data)
    yield pack(blanks)
    piece = pack(blanks)  # refers to blanks alone, so that it can follow itself
    while True:
        yield piece


def packers() -> dict[str, Callable[[bytes], bytes]]:
    """Return the compression of Brotli and Zstandard, as far as it is installed; without, the client has neither."""
    found: dict[str, Callable[[bytes], bytes]] = {}
    for encoding, module, name in (("br", "brotli", "compress"), ("zstd", "compression.zstd", "compress")):
        try:
            found[encoding] = getattr(import_module(module), name)
        except ImportError:
            continue
    return found


PACKERS = packers()


def body_of(connection: Connection, body: Any) -> None:
    respond(200, body)(connection)


def next_page(connection: Connection) -> None:
    """Send a page of a list, which is full, and unlike all others."""
    page = next(NUMBERS)
    data = [{"_id": f"{page} {number}", "index_name": "x" * 1000} for number in range(50)]
    body_of(connection, {"data": data, "page_info": {"page": None, "total_page": None}})


def next_empty_page(connection: Connection) -> None:
    body_of(connection, {"data": [], "page_info": {"next_page_token": f"t{next(NUMBERS)}"}})


def next_full_page(connection: Connection) -> None:
    data = [{"video_id": "x" * 1000, "rank": number} for number in range(50)]
    body_of(connection, {"data": data, "page_info": {"next_page_token": f"t{next(NUMBERS)}"}})


def start_upload(connection: Connection) -> None:
    """Start an upload to the endless storage, which is this server."""
    host = connection.request.headers["host"]
    urls = [{"chunk_index": 1, "url": f"http://{host}/storage"}]
    body_of(connection, {"upload_id": "u", "asset_id": "a", "chunk_size": 10**6, "upload_urls": urls})


NUMBERS = count(1)
REDIRECT = b"Location: /v1.3/indexes/i\r\n\r\n"
HINT = b"HTTP/1.1 103 Early Hints\r\n\r\n"
STREAM = b"Content-Type: text/plain\r\n\r\n"
ANSWERS: dict[str, tuple[Reply, str]] = {
    "JSON": (send(b"\r\n", BLANKS), "APIResponseError"),
    "JSON of a stated length": (send(b"Content-Length: 999999999999999\r\n\r\n", BLANKS), "APIResponseError"),
    "gzip": (packed("gzip"), "APIResponseError"),
    "deflate": (packed("deflate"), "APIResponseError"),
    "br": (packed("br"), "APIResponseError" if "br" in PACKERS else "APIConnectionError"),
    "zstd": (packed("zstd"), "APIResponseError" if "zstd" in PACKERS else "APIConnectionError"),
    "line": (send(STREAM + b'{"event_type": "', BLANKS), "APIResponseError"),
    "event in one line": (send(STREAM + b"data: ", BLANKS), "APIResponseError"),
    "event of many lines": (send(STREAM, b"data: " + b"x" * 1000 + b"\n"), "APIResponseError"),
    "event with a long comment": (send(STREAM + b":", BLANKS), "APIResponseError"),
    "event of comments": (send(STREAM, b": still here\n\n" * 4096), "APITimeoutError"),
    "error": (send(b"\r\n", BLANKS, status=b"400 Bad Request"), "BadRequestError"),
    "redirect with a body": (send(REDIRECT, BLANKS, status=b"302 Found"), "APIResponseError"),
    "redirects": (respond(302, Location="/v1.3/indexes/i"), "APIResponseError"),
    "status": (send(b"", b"x", status=b"200 "), "APIConnectionError"),
    "header": (send(b"X: ", b"x" * 65536), "APIConnectionError"),
    "header of blanks": (send(b"X: ", BLANKS), "APITimeoutError"),
    "headers": (send(b"", b"X-Y: z\r\n" * 4096), "APIConnectionError"),
    "hints before the response": (send(b"\r\n", HINT, status=b"103 Early Hints"), "APITimeoutError"),
    "chunk extension": (send(CHUNKED + b"2;", BLANKS.replace(b" ", b"x")), "APITimeoutError"),
    "trailers": (send(CHUNKED + b"2\r\n{}\r\n0\r\n", b"X-Y: z\r\n" * 4096), "APIConnectionError"),
    "list": (next_page, "APIResponseError"),
    "search without matches": (next_empty_page, "APIResponseError"),
    "search": (next_full_page, "APIResponseError"),
    "upload refused": (start_upload, "UploadError"),
    "upload": (start_upload, "UploadError"),
    "upload session": (send(b'\r\n{"upload_urls": [', b'{"chunk_index": 1, "url": "x"}, ' * 2048), "APIResponseError"),
    "webhook": (respond(200), "WebhookVerificationError"),
}  # fmt: skip


def answer(connection: Connection) -> None:
    """Send the response that the client asks for, or those of the storage and of an ordinary index."""
    request = connection.request
    if request.target.startswith("/storage"):
        status = b"403 Forbidden" if next(NUMBERS) % 2 else b"200 OK"
        send(b'ETag: "e"\r\n\r\n', BLANKS, status=status)(connection)
    elif request.target.endswith("/small"):
        respond(200, INDEX)(connection)
    else:
        ANSWERS[request.headers["x-answer"]][0](connection)


def test_a_response_without_an_end_takes_little_memory_and_is_a_documented_error() -> None:
    """The client is a process of its own, whose largest memory is measured."""
    with Server(answer) as server:
        command = [sys.executable, "-m", "support.endless", server.url, server.api_key, *ANSWERS]
        done = run(command, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=120, check=False)
    found = {name: (error, size) for name, error, size in map(json.loads, done.stdout.splitlines())}
    assert {name: error for name, (error, _) in found.items()} == {name: error for name, (_, error) in ANSWERS.items()}
    assert not done.stderr
    assert max(size for _, size in found.values()) < MOST_BYTES
