"""Faults of a server, as replies of `raw_server.Server`: incomplete, late and invalid responses."""

from __future__ import annotations

import gzip
import json
import time

from support.raw_server import CLOSE, INDEX, RESET, STALL, Connection, Reply, respond, send

HEADERS = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
GZIPPED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
COMPRESSED = gzip.compress(json.dumps(INDEX).encode())
CORRUPT = COMPRESSED[:12] + bytes(len(COMPRESSED) - 12)


def trickle(connection: Connection) -> None:
    """Send a byte every 20 ms for as long as the client is there."""
    connection.send(HEADERS)
    while True:
        connection.send(b" ")
        time.sleep(0.02)


INCOMPLETE: dict[str, Reply] = {
    "closed before the headers": CLOSE,
    "reset before the headers": RESET,
    "closed in the headers": send(b"HTTP/1.1 200 OK\r\nx-seen: KEY\r\nContent-", CLOSE),
    "reset in the headers": send(b"HTTP/1.1 200 OK\r\nx-seen: KEY\r\nContent-", RESET),
    "closed after the headers": send(HEADERS, CLOSE),
    "reset after the headers": send(HEADERS, RESET),
    "closed in the body": send(HEADERS + b'{"_id": "KEY', CLOSE),
    "reset in the body": send(HEADERS + b'{"_id": "KEY', RESET),
    "closed between chunks": send(CHUNKED + b"2\r\n{}\r\n", CLOSE),
    "closed in a chunk": send(CHUNKED + b"FF\r\n{", CLOSE),
    "chunk without a size": send(CHUNKED + b"KEY\r\n{}\r\n0\r\n\r\n", STALL),
    "not HTTP": send(b"KEY is not\r\nHTTP\r\n\r\n", CLOSE),
    "invalid header": send(b"HTTP/1.1 200 OK\r\n(KEY): 1\r\n\r\n", CLOSE),
    "header of 200 kB": send(b"HTTP/1.1 200 OK\r\nx-seen: KEY" + b"x" * 200_000 + b"\r\n\r\n", STALL),
    "corrupt gzip": send(GZIPPED + b"Content-Length: %d\r\n\r\n" % len(CORRUPT) + CORRUPT, STALL),
    "gzip closed in the body": send(GZIPPED + b"Content-Length: 999\r\n\r\n" + COMPRESSED[:-12], CLOSE),
    "unknown encoding": send(b"HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\nContent-Length: 3\r\n\r\nKEY", STALL),
}
"""Replies without a complete response."""

SLOW: dict[str, Reply] = {
    "no response": STALL,
    "stall in the headers": send(b"HTTP/1.1 200 OK\r\nx-seen: KEY\r\n", STALL),
    "stall after the headers": send(HEADERS, STALL),
    "stall in the body": send(HEADERS + b'{"_id": "KEY', STALL),
    "trickle": trickle,
}
"""Replies without a complete response in time."""

NOT_FROM_THE_API: dict[str, Reply] = {
    "empty": respond(200),
    "HTML": respond(200, b"<h1>Welcome, KEY!</h1>", Content_Type="text/html", X_Seen="KEY"),
    "null": respond(200, b"null"),
    "list": respond(200, b"[]"),
    "number": respond(200, b"42"),
    "not UTF-8": respond(200, b'{"_id": "\xff\xfe"}'),
    "200,000 nested lists": respond(200, b"[" * 200_000),
    "200,000 nested objects": respond(200, b'{"a":' * 200_000),
    "truncated JSON": respond(200, b'{"_id": "i1"'),
    "truncated gzip": respond(200, COMPRESSED[:-12], Content_Encoding="gzip"),
}
"""Complete responses with status 200 whose body is not a JSON object."""
