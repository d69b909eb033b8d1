"""An HTTP server of raw sockets and threads, which a test makes respond in any way, valid or not."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

KEY = "tlk_0123456789SECRET"
INDEX = {"_id": "i1", "index_name": "talks", "models": []}
"""A body that suits the calls that retrieve an index, and those that create one."""


@dataclass
class Request:
    """A request as it was received."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Connection:
    """A connection of a client.

    Attributes:
        request: The request that has no response yet.
    """

    request: Request

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._reader = connected.makefile("rb")

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def echo(self, data: bytes) -> None:
        """Send *data* with the API key of the request in the place of ``KEY``."""
        self.send(data.replace(b"KEY", self.request.headers.get("x-api-key", "").encode()))

    def stall(self) -> None:
        """Send nothing more, and return when the client closes the connection."""
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

    def tunnel(self, host: str, port: int) -> None:
        """Connect the client with another server, as a proxy does for ``CONNECT``, until one of them ends it."""
        with socket.create_connection((host, port)) as there:
            self.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pass_on, args=(there, self._socket))
            back.start()
            _pass_on(self._socket, there)
            back.join()

    def read_request(self) -> Request | None:
        """Return the next request, or ``None`` if the client closed the connection."""
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


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


Reply = Callable[[Connection], None]
"""Reaction of the server to a request."""


class Server:
    """A server that handles each request by the next of its replies, and all later ones by the last.

    Attributes:
        api_key: The key for its clients.
        requests: The requests received, in order.
        reached: Set when a request was received.
        closed: Set when a connection ended.
    """

    def __init__(self, *replies: Reply, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.api_key = KEY
        self.requests: list[Request] = []
        self.reached = threading.Event()
        self.closed = threading.Event()
        self._replies = list(replies)
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
    def attempts(self) -> int:
        """The number of requests received."""
        return len(self.requests)

    @property
    def targets(self) -> list[str]:
        """Method and target of each request."""
        return [f"{request.method} {request.target}" for request in self.requests]

    def listen(self) -> None:
        """Accept connections, again at the same port after `stop_listening`."""
        self._listener = socket.create_server((self._host, self._port), backlog=128)
        self._port = self._listener.getsockname()[1]

    def stop_listening(self) -> None:
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
                self._connections.append(connected)  # TLS replaces the socket
                connection = Connection(connected)
                while request := connection.read_request():
                    connection.request = request
                    reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
                    self.requests.append(request)
                    self.reached.set()
                    reply(connection)
        self.closed.set()


def respond(status: int, body: object = b"", **headers: object) -> Reply:
    """Return a reply of bytes or JSON.

    Underscores in the names of headers stand for hyphens, ``KEY`` in bodies and headers for the API key.
    """

    def reply(connection: Connection) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        content = content.replace(b"KEY", connection.request.headers.get("x-api-key", "").encode())
        head = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(content)}"]
        head += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        connection.echo("\r\n".join([*head, "", ""]).encode())
        connection.send(content)

    return reply


def send(data: bytes, then: Reply) -> Reply:
    """Return a reply that sends *data* as it is, but for ``KEY``, and continues with another reply."""

    def reply(connection: Connection) -> None:
        connection.echo(data)
        then(connection)

    return reply


OK = respond(200, INDEX)
CLOSE, RESET, STALL = Connection.close, Connection.reset, Connection.stall
