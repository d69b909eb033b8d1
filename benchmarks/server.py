"""A loopback server in a process of its own: canned answers, and storage that forgets what it is given."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

from . import payloads

SLOW: Final = "/slow"
"""Below this path, every answer takes `LATENCY` longer."""
LATENCY: Final = 0.05


@contextmanager
def running(module: str = __spec__.name) -> Iterator[str]:
    """Start the server of a module; yield the address that it prints, as in ``http://127.0.0.1:40000``."""
    process = subprocess.Popen([sys.executable, "-m", module], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


@cache
def _answer(name: str) -> bytes:
    if name == "stream":
        lines = [payloads.encoded(event) + b"\n" for event in payloads.stream()]
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(line), line) for line in lines) + b"0\r\n\r\n"
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
    if name.startswith("page="):
        return _http(payloads.encoded(payloads.page(int(name[5:]))))
    return _http(payloads.encoded(getattr(payloads, name, dict)()))


def _http(body: bytes, headers: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s" % (
        headers,
        len(body),
        body,
    )


class _Connection(asyncio.Protocol):
    def __init__(self, address: str) -> None:
        self._address = address
        self._received = b""
        self._head = b""
        self._missing = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._head.startswith(b"PUT"):
            self._missing -= len(data)  # storage: counted, not kept
        else:
            self._received += data
            if not self._head:
                head, end, rest = self._received.partition(b"\r\n\r\n")
                if not end:
                    return
                self._head, self._received = head, rest
                length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
                self._missing = int(length[1]) if length else 0
                data = rest
                if b"\r\nexpect:" in head.lower():
                    self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._missing -= len(data)
            if b"multipart/form-data" in self._head:
                self._received = b""  # a direct upload, likewise
        if self._missing <= 0:
            method, target, _ = self._head.split(b" ", 2)
            answer = self._answer(method.decode(), target.decode(), self._received)
            self._head = self._received = b""
            if target.startswith(SLOW.encode()):
                asyncio.get_running_loop().call_later(LATENCY, self._transport.write, answer)
            else:
                self._transport.write(answer)

    def _answer(self, method: str, target: str, body: bytes) -> bytes:
        if method == "PUT":
            return _http(b"", b'ETag: "d41d8cd98f00b204e9800998ecf8427e"\r\n')
        path, _, query = target.partition("?")
        what = path.rsplit("/", 1)[-1]
        if what == "indexed-assets":
            number = re.search(r"\bpage=(\d+)", query)
            return _answer(f"page={number[1] if number else 1}")
        if what == "analyze":
            return _answer("stream")
        if what == "multipart-uploads" and method == "POST":
            session = payloads.upload_session(json.loads(body)["total_size"], f"{self._address}/storage")
            return _http(payloads.encoded(session))
        if "multipart-uploads" in path and method == "POST":
            return _http(payloads.encoded(payloads.upload_report(len(json.loads(body).get("completed_chunks", ())))))
        if what == "assets":
            return _answer("detail")
        return _answer(what)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    address = ""
    server = await loop.create_server(lambda: _Connection(address), "127.0.0.1", 0, backlog=1000)
    address = "http://{}:{}".format(*server.sockets[0].getsockname())
    for number in range(1, payloads.PAGES + 2):
        _answer(f"page={number}")
    print(address, flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
