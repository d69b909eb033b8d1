"""A server on loopback that keeps every request as it came, and answers as it is told."""

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

# Enough for every method of the official SDK, which refuses answers that lack what it requires.
COUNTS = dict.fromkeys(
    ("total_items", "queued_items", "processing_items", "ready_items", "failed_items", "canceled_items"), 0
)
ANSWER = {
    **dict.fromkeys(("_id", "upload_id", "asset_id", "task_id", "batch_id", "analysis_mode", "model_name"), "x"),
    **dict.fromkeys(("created_at", "expires_at"), "2024-08-16T16:53:59Z"),
    **COUNTS,
    "items": [],
    "asset_type": "video",
    "status": "ready",
    "event_type": "stream_end",
}
PAGE = ANSWER | {
    "data": [],
    "page_info": {"page": 1, "limit_per_page": 10, "total_page": 1, "total_results": 0},
    "effective_search_options": {},
}


class Part(NamedTuple):
    """A part of a form; names as they read once their quoting is undone."""

    name: str
    filename: str | None
    content_type: str | None
    content: bytes
    headers: Mapping[str, str]


@frozen
class Request:
    """A request as it came over the wire; *path* is not decoded."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str | None:
        """The media type of the body, without its parameters."""
        return self.headers["content-type"].partition(";")[0] if "content-type" in self.headers else None

    @property
    def json(self) -> Any:
        """The body, if it is JSON."""
        return json.loads(self.body) if self.content_type == "application/json" and self.body else None

    @property
    def parts(self) -> list[Part]:
        """The parts of the body, if it is a form."""
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
    """Serves on loopback from a thread of its own; answers with `ANSWER` and `PAGE` unless told otherwise.

    Attributes:
        requests: What came so far.
        url: The base URL of the API here.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._answers: deque[tuple[int, bytes, dict[str, str]]] = deque()

    def answer(self, body: Any = ANSWER, *, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Answer the next request that has none yet with this; a *body* that is ``None`` leaves it waiting."""
        self._answers.append((status, b"" if body is None else json.dumps(body).encode(), dict(headers or {})))

    async def _keep(self, request: web.BaseRequest) -> Request:
        path, _, query = request.raw_path.partition("?")
        kept = Request(
            request.method,
            path,
            parse_qsl(query, keep_blank_values=True),
            {name.lower(): ", ".join(request.headers.getall(name)) for name in request.headers},
            await request.read(),
        )
        self.requests.append(kept)
        return kept

    async def _handle(self, request: web.BaseRequest) -> web.Response:
        await self._keep(request)
        headers: dict[str, str] = {}
        if request.path.endswith("/responses") and (self.requests[-1].json or {}).get("stream"):
            return web.Response(body=b"data: [DONE]\n\n", content_type="text/event-stream")
        has_data = request.method == "GET" or request.path.endswith(("/embed-v2", "/search"))
        status, body = 200, json.dumps(PAGE if has_data else ANSWER).encode()
        if self._answers:
            status, body, headers = self._answers.popleft()
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
class Answer:
    """What came back."""

    status: int
    content_type: str
    body: bytes


class Proxy(Recorder):
    """Hands every request on to the server at *url*, and keeps it with the answer."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.exchanges: list[tuple[Request, Answer]] = []
        self._target = url.removesuffix("/v1.3")

    async def _handle(self, request: web.BaseRequest) -> web.Response:
        kept = await self._keep(request)
        async with (
            aiohttp.ClientSession(self._target) as session,
            session.request(kept.method, request.raw_path, headers=request.headers, data=kept.body) as response,
        ):
            answer = Answer(response.status, response.content_type, await response.read())
            headers = {name: value for name, value in response.headers.items() if name.lower().startswith("x-")}
        self.exchanges.append((kept, answer))
        return web.Response(status=answer.status, body=answer.body, headers=headers, content_type=answer.content_type)
