"""A server on loopback that records requests and sends the responses a test gives it."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web
from attrs import frozen

# The official SDK refuses a response without a required field, so these are the required fields of all its models.
COUNTS = dict.fromkeys(
    ("total_items", "queued_items", "processing_items", "ready_items", "failed_items", "canceled_items"), 0
)
OBJECT = {
    **dict.fromkeys(("_id", "upload_id", "asset_id", "task_id", "batch_id", "analysis_mode", "model_name"), "x"),
    **dict.fromkeys(("created_at", "expires_at"), "2024-08-16T16:53:59Z"),
    **COUNTS,
    "items": [],
    "asset_type": "video",
    "status": "ready",
    "event_type": "stream_end",
}
PAGE = OBJECT | {
    "data": [],
    "page_info": {"page": 1, "limit_per_page": 10, "total_page": 1, "total_results": 0},
    "effective_search_options": {},
}


class Part(NamedTuple):
    """A part of a form, with its names unquoted."""

    name: str
    filename: str | None
    content_type: str | None
    content: bytes
    headers: Mapping[str, str]


@frozen
class Request:
    """A request as it was received; *path* is percent-encoded."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str | None:
        """The media type of the body, without parameters."""
        return self.headers["content-type"].partition(";")[0] if "content-type" in self.headers else None

    @property
    def json(self) -> Any:
        """The body, if its type is JSON."""
        return json.loads(self.body) if self.content_type == "application/json" and self.body else None

    @property
    def parts(self) -> list[Part]:
        """The parts of the body, if its type is a form."""
        if self.content_type != "multipart/form-data":
            return []
        boundary = self.headers["content-type"].partition("boundary=")[2].strip('"').encode()
        return [*_parts(self.body, boundary)]


def _parts(body: bytes, boundary: bytes) -> Iterator[Part]:
    *pieces, end = (b"\r\n" + body).split(b"\r\n--" + boundary)
    assert end in (b"--\r\n", b"--")
    for piece in pieces[1:]:
        head, content = piece.removeprefix(b"\r\n").split(b"\r\n\r\n", 1)
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in head.decode().split("\r\n"))
        }
        disposition = headers.pop("content-disposition")
        assert disposition.startswith("form-data; ")
        names = {key: _unquoted(value) for key, value in re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', disposition)}
        content_type = headers.pop("content-type", None)
        yield Part(names["name"], names.get("filename"), content_type, content, headers)


def _unquoted(text: str) -> str:
    text = re.sub(r"\\(.)", r"\1", text)
    for byte in ("\n", "\r", '"'):
        text = text.replace(f"%{ord(byte):02X}", byte)
    return text


class Recorder:
    """A server in a thread of its own.

    Its responses are those of `respond_next`, and then `OBJECT` or `PAGE`.

    Attributes:
        api_key: The key for its clients.
        requests: The requests received.
        url: The base URL for clients.
    """

    def __init__(self) -> None:
        self.api_key = "key"
        self.requests: list[Request] = []
        self._responses: deque[tuple[int, bytes, dict[str, str]]] = deque()

    def respond_next(self, body: Any = OBJECT, *, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Queue the response to a later request; with the body ``None`` it has no response."""
        self._responses.append((status, b"" if body is None else json.dumps(body).encode(), dict(headers or {})))

    async def _record(self, request: web.BaseRequest) -> Request:
        path, _, query = request.raw_path.partition("?")
        recorded = Request(
            request.method,
            path,
            parse_qsl(query, keep_blank_values=True),
            {name.lower(): ", ".join(request.headers.getall(name)) for name in request.headers},
            await request.read(),
        )
        self.requests.append(recorded)
        return recorded

    async def _handle(self, request: web.BaseRequest) -> web.Response:
        await self._record(request)
        headers: dict[str, str] = {}
        if request.path.endswith("/responses") and (self.requests[-1].json or {}).get("stream"):
            return web.Response(body=b"data: [DONE]\n\n", content_type="text/event-stream")
        has_data = request.method == "GET" or request.path.endswith(("/embed-v2", "/search"))
        status, body = 200, json.dumps(PAGE if has_data else OBJECT).encode()
        if self._responses:
            status, body, headers = self._responses.popleft()
            if not body:
                await self._stopped.wait()
        return web.Response(status=status, body=body, headers=headers, content_type="application/json")

    async def _serve(self, started: Future[None]) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        runner = web.ServerRunner(web.Server(self._handle), shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1.3"
        started.set_result(None)
        await self._stopped.wait()
        await runner.cleanup()

    def __enter__(self) -> Self:
        started: Future[None] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(started)), daemon=True)
        self._thread.start()
        started.result(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(10)


@frozen
class RecordedResponse:
    """A response as it was forwarded."""

    status: int
    content_type: str
    body: bytes


class Proxy(Recorder):
    """A recorder that forwards requests to the server at *url*.

    Attributes:
        exchanges: The requests with their responses.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self.exchanges: list[tuple[Request, RecordedResponse]] = []
        self._target = url.removesuffix("/v1.3")

    async def _forward(self, request: web.BaseRequest) -> tuple[Request, aiohttp.ClientResponse, bytes]:
        """Forward a request, and return it with the response and its body."""
        sent = await self._record(request)
        async with (
            aiohttp.ClientSession(self._target) as session,
            session.request(sent.method, request.raw_path, headers=request.headers, data=sent.body) as response,
        ):
            return sent, response, await response.read()

    async def _handle(self, request: web.BaseRequest) -> web.Response:
        sent, response, body = await self._forward(request)
        received = RecordedResponse(response.status, response.content_type, body)
        headers = {name: value for name, value in response.headers.items() if name.lower().startswith("x-")}
        self.exchanges.append((sent, received))
        return web.Response(
            status=received.status, body=received.body, headers=headers, content_type=received.content_type
        )
