"""A server that fails on purpose: raw sockets in threads, and a table of everything that can go wrong on the way."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import struct
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

KEY = "tlk_0123456789SECRET"
INDEX = {"_id": "i1", "index_name": "talks", "models": []}
"""An answer that is good for reading an index, and for making one."""


@dataclass
class Request:
    """What a client has sent."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Connection:
    """A client's connection, with the request on it that waits for an answer."""

    request: Request

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._reader = connected.makefile("rb")

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def echo(self, data: bytes) -> None:
        """Send bytes with the request's API key wherever they say ``KEY``."""
        self.send(data.replace(b"KEY", self.request.headers["x-api-key"].encode()))

    def wait(self) -> None:
        """Wait until the client closes the connection."""
        with suppress(OSError):
            while self._socket.recv(65536):
                pass

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.close()
        self._socket.close()

    def reset(self) -> None:
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._reader.close()
        self._socket.close()

    def read_request(self) -> Request | None:
        """The next request, or ``None`` if the client has closed the connection."""
        first = self._reader.readline().decode()
        if not first:
            return None
        method, target, _ = first.split(" ")
        headers = {}
        while (line := self._reader.readline().decode().strip()) != "":
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if headers.get("transfer-encoding") == "chunked":
            body = b"".join(self._read_chunks())
        else:
            body = self._reader.read(int(headers.get("content-length", 0)))
        return Request(method, target, headers, body)

    def _read_chunks(self) -> Iterator[bytes]:
        while size := int(self._reader.readline(), 16):
            yield self._reader.read(size)
            self._reader.readline()
        self._reader.readline()


Fault = Callable[[Connection], None]


class Server:
    """Meets request after request with fault after fault; the last one stays.

    Attributes:
        api_key: The key for its clients.
        requests: What came in, in order.
        reached: Set when there is a request.
        closed: Set when a client has closed a connection, or lost it.
    """

    def __init__(self, *faults: Fault, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.api_key = KEY
        self.requests: list[Request] = []
        self.reached = threading.Event()
        self.closed = threading.Event()
        self._faults = list(faults)
        self._tls = tls
        self._host, self._port = host, 0
        self.listen()
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]

    @property
    def origin(self) -> str:
        return f"{'https' if self._tls else 'http'}://{self._host}:{self._port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/v1.3"

    @property
    def tries(self) -> int:
        return len(self.requests)

    @property
    def targets(self) -> list[str]:
        return [f"{request.method} {request.target}" for request in self.requests]

    def listen(self) -> None:
        """Take connections again, at the same port."""
        self._listener = socket.create_server((self._host, self._port), backlog=128)
        self._port = self._listener.getsockname()[1]

    def hang_up(self) -> None:
        """Refuse connections."""
        self._listener.close()

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *exc: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join()
        for connected in self._connections:
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connected, _ = self._listener.accept()
                self._connections.append(connected)
                self._threads.append(threading.Thread(target=self._serve, args=(connected,)))
                self._threads[-1].start()

    def _serve(self, connected: socket.socket) -> None:
        with suppress(OSError, ValueError), connected:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._tls.wrap_socket(connected, server_side=True) if self._tls else connected as connected:
                self._connections.append(connected)  # TLS has taken the socket over
                connection = Connection(connected)
                while request := connection.read_request():
                    connection.request = request
                    fault = self._faults.pop(0) if len(self._faults) > 1 else self._faults[0]
                    self.requests.append(request)
                    self.reached.set()
                    fault(connection)
        self.closed.set()


def answer(status: int, body: object = b"", **headers: object) -> Fault:
    """Answer with bytes or JSON; underscores in the names of headers stand for hyphens, ``KEY`` for the API key."""

    def fault(connection: Connection) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        content = content.replace(b"KEY", connection.request.headers["x-api-key"].encode())
        head = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(content)}"]
        head += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        connection.echo("\r\n".join([*head, "", ""]).encode())
        connection.send(content)

    return fault


def says(data: bytes, then: Fault) -> Fault:
    """Send bytes as they are, but for ``KEY``; then do something else."""

    def fault(connection: Connection) -> None:
        connection.echo(data)
        then(connection)

    return fault


def trickle(connection: Connection) -> None:
    connection.send(LONG_ANSWER)
    while True:
        connection.send(b" ")
        time.sleep(0.02)


LONG_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
GZIPPED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
PACKED = gzip.compress(json.dumps(INDEX).encode())
CORRUPT = PACKED[:12] + bytes(len(PACKED) - 12)
OK = answer(200, INDEX)
CLOSE, RESET, WAIT = Connection.close, Connection.reset, Connection.wait

BROKEN: dict[str, Fault] = {
    "closed before the headers": CLOSE,
    "reset before the headers": RESET,
    "closed in the headers": says(b"HTTP/1.1 200 OK\r\nx-seen: KEY\r\nContent-", CLOSE),
    "reset in the headers": says(b"HTTP/1.1 200 OK\r\nx-seen: KEY\r\nContent-", RESET),
    "closed after the headers": says(LONG_ANSWER, CLOSE),
    "reset after the headers": says(LONG_ANSWER, RESET),
    "closed in the body": says(LONG_ANSWER + b'{"_id": "KEY', CLOSE),
    "reset in the body": says(LONG_ANSWER + b'{"_id": "KEY', RESET),
    "closed between chunks": says(CHUNKED + b"2\r\n{}\r\n", CLOSE),
    "closed in a chunk": says(CHUNKED + b"FF\r\n{", CLOSE),
    "a chunk without a size": says(CHUNKED + b"KEY\r\n{}\r\n0\r\n\r\n", WAIT),
    "garbage": says(b"KEY is not\r\nHTTP\r\n\r\n", CLOSE),
    "a header that is none": says(b"HTTP/1.1 200 OK\r\n(KEY): 1\r\n\r\n", CLOSE),
    "a header of 200 kB": says(b"HTTP/1.1 200 OK\r\nx-seen: KEY" + b"x" * 200_000 + b"\r\n\r\n", WAIT),
    "corrupt gzip": says(GZIPPED + b"Content-Length: %d\r\n\r\n" % len(CORRUPT) + CORRUPT, WAIT),
    "gzip cut off by the connection": says(GZIPPED + b"Content-Length: 999\r\n\r\n" + PACKED[:-12], CLOSE),
    "an unknown encoding": says(b"HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\nContent-Length: 3\r\n\r\nKEY", WAIT),
}
"""No whole answer comes."""

SLOW: dict[str, Fault] = {
    "no answer": WAIT,
    "a stall in the headers": says(b"HTTP/1.1 200 OK\r\nx-seen: KEY\r\n", WAIT),
    "a stall after the headers": says(LONG_ANSWER, WAIT),
    "a stall in the body": says(LONG_ANSWER + b'{"_id": "KEY', WAIT),
    "a trickle": trickle,
}
"""No whole answer comes in time."""

NONSENSE: dict[str, Fault] = {
    "nothing": answer(200),
    "HTML": answer(200, b"<h1>Welcome, KEY!</h1>", Content_Type="text/html", X_Seen="KEY"),
    "null": answer(200, b"null"),
    "a list": answer(200, b"[]"),
    "a number": answer(200, b"42"),
    "bytes that are not UTF-8": answer(200, b'{"_id": "\xff\xfe"}'),
    "200,000 nested lists": answer(200, b"[" * 200_000),
    "200,000 nested objects": answer(200, b'{"a":' * 200_000),
    "half a JSON object": answer(200, b'{"_id": "i1"'),
    "half a gzip file": answer(200, PACKED[:-12], Content_Encoding="gzip"),
}
"""A whole answer comes, which is not the API's."""


def everything_told_by(error: BaseException, *, variables: bool = False) -> str:
    """All that an error tells to whoever logs it: texts, attributes, causes, tracebacks, the variables in them."""
    told: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        told += [str(seen), repr(seen), repr(seen.args), repr(vars(seen))]
        seen = seen.__cause__ or seen.__context__
    told += traceback.TracebackException.from_exception(error, capture_locals=variables).format()
    return "\n".join(told)
