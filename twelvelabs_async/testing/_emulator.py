"""The emulator: the resources of one platform, served on loopback from a thread of its own."""

from __future__ import annotations

import asyncio
import concurrent.futures
import itertools
import json
import socket
import struct
import tempfile
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from . import (
    _analyze,
    _analyze_async,
    _assets,
    _connections,
    _embed,
    _entities,
    _indexed_assets,
    _indexes,
    _knowledge_stores,
    _responses,
    _search,
    _tasks,
    _uploads,
    _videos,
    _webhooks,
)
from ._assets import ASSETS, Asset
from ._clock import Clock
from ._content import Script, Segment
from ._faults import Fault, Faults, RateLimits
from ._http import RECEIVED, Request
from ._indexed_assets import IndexedAsset
from ._indexes import INDEXES
from ._input import Refused
from ._platform import PLATFORM, Platform, Seconds

RESOURCES = (
    _indexes,
    _indexed_assets,
    _videos,
    _assets,
    _uploads,
    _tasks,
    _connections,
    _search,
    _analyze,
    _analyze_async,
    _embed,
    _entities,
    _knowledge_stores,
    _responses,
)

_VERSION = "v1.3"
# Enough for the base64 of a 30 MB video; files in forms are not bounded by it.
_MAX_BODY = 64 * 1024 * 1024
_LIMIT_HEADERS = web.RequestKey("limit_headers", dict[str, str])

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Emulator:
    """A TwelveLabs platform on loopback, for tests and for trying things out without a key.

    It keeps state, checks requests, and runs jobs on a clock that tests can turn. It is no model: what it understands
    of a file is scripted with `understand`, and otherwise derived from the file's name and header.

    Example:
        ::

            with Emulator() as emulator:
                client = TwelveLabs(api_key=emulator.api_key, base_url=emulator.url)
                asset = client.assets.upload("clip.mp4")
                emulator.advance(60)
                assert client.assets.retrieve(asset.id).status == "ready"

    Args:
        port: The port of the API; 0 takes a free one. Uploaded parts go to a second port, always a free one.
        api_key: What requests must carry as `x-api-key`.
        speed: Emulated seconds per real second; with 0 only `advance` turns the clock.
        processing_time: Emulated seconds until an asset is ready, or a function of its file name.
        indexing_time: Emulated seconds until an indexed asset is ready, or a function of its file name.
        analysis_time: Emulated seconds until an analysis in the background is ready, or a function of its file name.
        embedding_time: Emulated seconds until an embedding task is ready, or a function of its file name.
        chunk_size: Bytes of a part of a multipart upload.
        urls_per_session: How many part URLs come with a new upload session.
        upload_headers: Headers that parts sent to the first URLs have to carry; the official SDK sends none.
        rate_limits: Requests and the seconds they are for, by category: `index`, `upload`, `search`,
            `analyze`, `embed`.
        latency: Real seconds each answer takes.
        webhook_secret: What `send_webhook` signs with.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        api_key: str = "tlk_emulator",
        speed: float = 1.0,
        processing_time: Seconds = 2.0,
        indexing_time: Seconds = 10.0,
        analysis_time: Seconds = 10.0,
        embedding_time: Seconds = 5.0,
        chunk_size: int = 5 * 1024 * 1024,
        urls_per_session: int = 10,
        upload_headers: Mapping[str, str] | None = None,
        rate_limits: Mapping[str, tuple[int, float]] | None = None,
        latency: float = 0.0,
        webhook_secret: str = "whs_emulator",  # noqa: S107 - no more secret than the key
    ) -> None:
        self.api_key = api_key
        self.webhook_secret = webhook_secret
        self.requests: list[Request] = []
        self._port = port
        self._request_numbers = itertools.count(1)
        self._latency = latency
        self._clock = Clock(speed)
        self._faults = Faults()
        self._limits = RateLimits(rate_limits or {}, self._clock)
        self._platform = Platform(
            clock=self._clock,
            processing_time=processing_time,
            indexing_time=indexing_time,
            analysis_time=analysis_time,
            embedding_time=embedding_time,
            chunk_size=chunk_size,
            urls_per_session=urls_per_session,
            upload_headers={"x-amz-meta-upload": "emulated"} if upload_headers is None else dict(upload_headers),
        )
        self._app = web.Application(middlewares=[self._answer], client_max_size=max(_MAX_BODY, chunk_size + 1))
        self._app[PLATFORM] = self._platform
        for resource in RESOURCES:
            for table in resource.tables:
                self._app[table] = {}
            for route in resource.routes:
                if isinstance(route, web.RouteDef):
                    prefix = "" if route.path.startswith("/storage/") else f"/{_VERSION}"
                    self._app.router.add_route(route.method, prefix + route.path, route.handler)
        self._app.on_response_prepare.append(self._stamp)
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The base URL, version included."""
        return f"http://127.0.0.1:{self._port}/{_VERSION}"

    def start(self) -> Self:
        """Begin to serve; returns when requests are answered. An emulator starts once.

        Raises:
            OSError: The port is taken.
        """
        started: concurrent.futures.Future[None] = concurrent.futures.Future()
        thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(started)), name="twelvelabs-emulator", daemon=True
        )
        thread.start()
        started.result()
        self._thread = thread
        return self

    def stop(self) -> None:
        """Cut all connections, delete the stored files, and wait for the thread to end."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._stopped.set)
            self._thread.join()
            self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    async def _serve(self, started: concurrent.futures.Future[None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=0.1)
        listeners: list[socket.socket] = []
        with tempfile.TemporaryDirectory(prefix="twelvelabs-emulator-") as folder:
            self._platform.folder = Path(folder)
            try:
                await runner.setup()
                for port in (self._port, 0):
                    listeners.append(socket.create_server(("127.0.0.1", port)))
                    await web.SockSite(runner, listeners[-1], backlog=1024).start()
                self._port, storage_port = (listener.getsockname()[1] for listener in listeners)
                self._platform.storage_url = f"http://127.0.0.1:{storage_port}"
            except Exception as error:
                started.set_exception(error)
            else:
                started.set_result(None)
                await self._stopped.wait()
            finally:
                # asyncio loses a connection whose server is closed between accepting it and handing it to the runner.
                for listener in listeners:
                    with suppress(NotImplementedError):  # on Windows
                        self._loop.remove_reader(listener)
                for _ in range(3):
                    await asyncio.sleep(0)
                await runner.cleanup()

    @web.middleware
    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """One request's way: recorded, served, and answered, unless a fault intervenes."""
        path = request.path.removeprefix(f"/{_VERSION}")
        received = Request(request.method, path, list(request.query.items()), request.headers)
        request[RECEIVED] = received
        self.requests.append(received)
        fault = self._faults.take(request.method, path) or Fault(request.method, path, acted=True)
        await asyncio.sleep(self._latency)
        response = await self._act(request, handler, path) if fault.acted else None
        received.size = request.content.total_bytes
        await asyncio.sleep(fault.late)
        if fault.drop:
            return _cut(request)
        return response if response is not None and fault.status is None else _instead(fault)

    async def _act(self, request: web.Request, handler: Handler, path: str) -> web.StreamResponse:
        try:
            if not path.startswith("/storage/"):
                if request.headers.get("x-api-key") != self.api_key:
                    raise Refused(401, "api_key_invalid", "The API key is missing or invalid. Check it and try again.")
                passes, request[_LIMIT_HEADERS] = self._limits.count(request.method, path)
                if not passes:
                    return web.Response(status=429)
            return await handler(request)
        except Refused as refused:
            return refused.answer(request.method, path)
        except web.HTTPException as error:
            unknown = Refused(error.status, "resource_not_exist", f"{request.method} {path}: {error.reason}.")
            return unknown.answer(request.method, path)
        except ConnectionError:  # whoever asked has gone, and nobody is to be told
            return web.Response()

    async def _stamp(self, request: web.Request, response: web.StreamResponse) -> None:
        if request.transport is not None and not request.transport.is_closing():
            request[RECEIVED].status = response.status
        response.headers.update(request.get(_LIMIT_HEADERS, {}))
        response.headers["X-Api-Version"] = _VERSION
        response.headers["X-Request-Id"] = f"req_{next(self._request_numbers):012d}"

    def advance(self, seconds: float) -> None:
        """Turn the emulated clock forward."""
        self._clock.advance(seconds)

    @property
    def assets(self) -> Mapping[str, Asset]:
        """The stored assets by id, as they are now, with `size` and `sha256` of their bytes."""
        return self._app[ASSETS].copy()

    @property
    def indexed_assets(self) -> Mapping[str, IndexedAsset]:
        """What is in the indexes, by id, as it is now; each has its `asset` and `index`."""
        indexes = list(self._app[INDEXES].values())
        return {item.id: item for index in indexes for item in list(index.indexed_assets.values())}

    def understand(
        self,
        filename: str,
        *,
        transcription: Sequence[Segment] | None = None,
        text: str | None = None,
        fail: str | None = None,
        at: str = "indexing",
    ) -> None:
        """Script what the platform understands of files with a name. Later calls add to earlier ones.

        Args:
            filename: The file name, or a pattern as `fnmatch` knows them.
            transcription: What is spoken: start and end in seconds, and the words.
            text: What the platform would write about the file, and what searches find.
            fail: Why a job of the file fails.
            at: Which job `fail` is about: `import`, `processing`, `indexing`, `transcription`, `embedding`,
                `analysis` in the background, or `knowledge` for items of knowledge stores.
        """
        self._platform.script(filename, Script(transcription, text, {} if fail is None else {at: fail}))

    def serve(self, url: str, content: bytes | Path) -> None:
        """Say what a URL, or an imported file with this id, holds: bytes, or the path of a file.

        Nothing is ever fetched.
        """
        self._platform.served[url] = content

    def send_webhook(self, url: str, job_id: str) -> int:
        """Post the event that tells of a job's end, an indexed asset's or an analyze task's, signed, to *url*.

        It blocks, so a test whose own event loop serves the URL calls it in a thread. The same event may be sent again.

        Returns:
            The status of the answer.

        Raises:
            LookupError: There is no such job.
            ValueError: It has not ended, or belongs to a batch, of whose tasks no events tell.
        """
        return _webhooks.post(url, _webhooks.event(self._app, job_id), self.webhook_secret)

    def fail(
        self,
        method: str,
        path: str,
        *,
        status: int = 503,
        body: Any = b"",
        headers: Mapping[str, str] | None = None,
        times: int = 1,
        skip: int = 0,
        acted: bool = False,
    ) -> None:
        """Answer the next matching requests with an error, or with anything else.

        Args:
            method: The HTTP method; `*` matches all.
            path: Without the version prefix; may be a pattern as `fnmatch` knows them.
            status: Of the answer.
            body: Of the answer: text, bytes, or anything JSON knows.
            headers: Of the answer.
            times: How many requests are answered so.
            skip: How many matching requests are served before.
            acted: Serve the request all the same, and only then answer so.
        """
        self._faults.add(Fault(method, path, times, skip, acted, status, body, headers or {}))

    def drop(self, method: str, path: str, *, times: int = 1, skip: int = 0, acted: bool = False) -> None:
        """Reset the connection instead of answering; with `acted`, after the request was served. See `fail`."""
        self._faults.add(Fault(method, path, times, skip, acted, drop=True))

    def delay(self, method: str, path: str, seconds: float, *, times: int = 1, skip: int = 0) -> None:
        """Serve the next matching requests, but answer real seconds later. See `fail`."""
        self._faults.add(Fault(method, path, times, skip, acted=True, late=seconds))


def _cut(request: web.Request) -> web.Response:
    """Close the connection with a TCP reset."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return web.Response()


def _instead(fault: Fault) -> web.Response:
    status = fault.status or 500
    if isinstance(fault.body, bytes | str):
        return web.Response(status=status, headers=fault.headers, body=fault.body)
    headers = {"Content-Type": "application/json", **fault.headers}
    return web.Response(status=status, headers=headers, body=json.dumps(fault.body))
