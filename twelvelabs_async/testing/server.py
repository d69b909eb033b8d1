"""HTTP server of the emulator."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from aiohttp import BodyPartReader, content_disposition_filename, parse_content_disposition, web
from aiohttp.http import HttpProcessingError

from .converter import UploadedFile, decode, is_object
from .faults import Fault, Faults
from .handlers import OPERATIONS
from .handlers.operation import Context, Operation, Redirect, Stream
from .loopback import LoopbackServer, reset_connection
from .problem import Problem, invalid
from .rate_limits import TooManyRequests, category_of
from .refusals import RETIRED_ENDPOINT
from .request_log import Request
from .retired import ENDPOINTS
from .storage import StorageProblem
from .storage_routes import CORS, StorageRoutes

VERSION = "v1.3"
# Enough for the base64 of a 30 MB video. Files in forms are not bounded by it.
MAX_BODY_BYTES = 64 * 1024 * 1024
FILE_BLOCK_BYTES = 1 << 18
# Another site's page can give a name of its own the address 127.0.0.1, and then send requests here (DNS rebinding).
LOOPBACK_HOST = re.compile(r"(localhost|127(\.\d+){3}|\[::1\])(:\d+)?", re.IGNORECASE)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

RECEIVED = web.RequestKey("received", Request)
_CATEGORY = web.RequestKey("category", str)


class Server(LoopbackServer):
    """Server of one emulated platform on loopback, in a thread of its own.

    Args:
        context: State and storage of the platform.
        port: Port of the API; 0 takes a free one. The storage has a second port, always a free one.
        api_key: Value that requests must have in ``x-api-key``.
        latency: Real seconds that each response takes.
        record: Called with each request, before it is processed.
    """

    def __init__(
        self,
        context: Context,
        *,
        port: int,
        api_key: str,
        latency: float,
        faults: Faults,
        record: Callable[[Request], None],
    ) -> None:
        self._context = context
        self._api_key = api_key
        self._latency = latency
        self._faults = faults
        self._rate_limits = context.rate_limits
        self._record = record
        self._request_numbers = itertools.count(1)
        max_bytes = max(MAX_BODY_BYTES, context.state.settings.chunk_size + 1)
        app = web.Application(middlewares=[self._serve], client_max_size=max_bytes)
        app.cleanup_ctx.append(self._keep_files)
        app.on_response_prepare.append(self._finish)
        for operation in OPERATIONS:
            prefix = "" if operation.path.startswith("/storage/") else f"/{VERSION}"
            app.router.add_route(operation.method, prefix + operation.path, self._handler(operation))
        StorageRoutes(context.storage).add_to(app)
        super().__init__(app, (port, 0), "twelvelabs-emulator")

    @property
    def port(self) -> int:
        """Port of the API."""
        return self.ports[0]

    def start(self) -> Self:
        """Start to serve; return when requests are accepted.

        Raises:
            OSError: The port is taken.
        """
        super().start()
        self._context.storage.base_url = f"http://127.0.0.1:{self.ports[1]}"
        return self

    async def _keep_files(self, _: web.Application) -> AsyncGenerator[None, None]:
        """Make a folder for stored files, and delete it at the end."""
        with tempfile.TemporaryDirectory(prefix="twelvelabs-emulator-") as folder:
            self._context.state.folder = Path(folder)
            yield

    @web.middleware
    async def _serve(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Record and process a request, unless a fault intervenes."""
        path = request.path.removeprefix(f"/{VERSION}")
        received = Request(request.method, path, list(request.query.items()), request.headers)
        request[RECEIVED] = received
        self._record(received)
        fault = self._faults.take(request.method, path) or Fault(request.method, path, acted=True)
        await asyncio.sleep(self._latency)
        response = await self._process(request, handler, path) if fault.acted else None
        received.size = request.content.total_bytes
        await asyncio.sleep(fault.delay)
        if fault.drop:
            return reset_connection(request)
        return response if response is not None and fault.status is None else _fault_response(fault)

    async def _process(self, request: web.Request, handler: Handler, path: str) -> web.StreamResponse:
        """Check host, key and rate limit, call the handler, and turn problems into error responses."""
        try:
            if not LOOPBACK_HOST.fullmatch(request.host):
                raise Problem(421, "host_invalid", f"The emulator has no host {request.host!r}. Use 127.0.0.1.")
            if not path.startswith("/storage/"):
                if request.headers.get("x-api-key") != self._api_key:
                    raise Problem(
                        401, "api_key_invalid", "The API key is missing or invalid. Pass the api_key of the emulator."
                    )
                request[_CATEGORY] = category_of(request.method, path, await _input_type(request, path))
                self._rate_limits.admit(request[_CATEGORY])
            elif request.method == "OPTIONS":  # a browser asks whether a page of another origin may send a request
                return web.Response(status=204)
            return await handler(request)
        except TooManyRequests as problem:
            return self._refuse(request, path, problem)
        except Problem as problem:
            return web.json_response(problem.body(request.method, path), status=problem.status)
        except StorageProblem as problem:
            return web.Response(status=problem.status, text=problem.body, content_type="application/xml")
        except web.HTTPException as error:
            name = f"{request.method} {request.path}"
            reason = f"{name} is unknown: {error.reason}. URLs begin with {request.url.origin() / VERSION}."
            unknown = Problem(error.status, "resource_not_exist", reason)
            if path in ENDPOINTS:
                unknown = RETIRED_ENDPOINT.problem(f"{name} is retired. {ENDPOINTS[path]}")
            return web.json_response(unknown.body(request.method, path), status=unknown.status)
        except ConnectionError:  # the client closed the connection
            return web.Response()

    def _refuse(self, request: web.Request, path: str, problem: TooManyRequests) -> web.Response:
        """Return the response to a request beyond a rate limit. Of most endpoints, its body is empty."""
        headers, has_body = {"Retry-After": str(problem.seconds)}, path.startswith(("/embed-v2", "/analyze/batches"))
        if path.startswith("/embed-v2"):
            headers["X-Ratelimit-Dimensions"] = self._rate_limits.dimensions(request[_CATEGORY])
        body = json.dumps(problem.body(request.method, path)) if has_body else None
        return web.Response(status=429, headers=headers, text=body, content_type="application/json")

    async def _finish(self, request: web.Request, response: web.StreamResponse) -> None:
        """Record the status of a response and add the headers that every response has."""
        if request.transport is not None and not request.transport.is_closing():
            request[RECEIVED].status = response.status
        if _CATEGORY in request:
            response.headers.update(self._rate_limits.headers(request[_CATEGORY]))
        if request.path.startswith("/storage/"):
            response.headers.update(CORS)
        response.headers["X-Api-Version"] = VERSION
        response.headers["X-Request-Id"] = f"req_{next(self._request_numbers):012d}"

    def _handler(self, operation: Operation) -> Handler:
        gather: Callable[[dict[str, Any]], dict[str, Any]] = getattr(operation.request, "gather", dict)
        is_text = operation.parameters != "json"

        async def handle(request: web.Request) -> web.StreamResponse:
            named = {**request.match_info, "idempotency_key": request.headers.get("Idempotency-Key", "")}
            arguments: dict[str, Any] = {name: named[name] for name in operation.names}
            if operation.request is not None:
                given = gather(await self._parameters(request, operation))
                arguments["request"] = decode(operation.request, given, is_text=is_text)
            result = operation.handler(self._context, **arguments)
            match result:
                case None:
                    return web.Response(status=operation.status)
                case Redirect():
                    return web.Response(status=302, headers={"Location": result.url})
                case Stream():
                    return await _send(request, result)
                case _:
                    return web.json_response(result, status=operation.status)

        return handle

    async def _parameters(self, request: web.Request, operation: Operation) -> dict[str, Any]:
        match operation.parameters:
            case "query":
                return {name: request.query.getall(name) for name in request.query}
            case "form":
                return await self._read_form(request, operation.max_file_bytes)
            case "json":
                return await _read_json(request)

    async def _read_form(self, request: web.Request, max_file_bytes: int) -> dict[str, list[Any]]:
        """Read a multipart form, whose empty fields are left out. Files are written to disk as they arrive."""
        content_type, _, _ = request.headers.get("Content-Type", "").lower().partition(";")
        if content_type.strip() != "multipart/form-data":
            raise Problem(400, "parameter_invalid", "The request body must be multipart/form-data.")
        pairs: list[tuple[str, str | UploadedFile]] = []
        try:
            async for part in await request.multipart():
                if not isinstance(part, BodyPartReader):
                    raise Problem(400, "parameter_invalid", "The request body must not nest multipart parts.")
                _, parameters = parse_content_disposition(part.headers.get("Content-Disposition"))
                name = content_disposition_filename(parameters, "name") or ""
                filename = content_disposition_filename(parameters)
                if filename is None:
                    pairs.append((name, await part.text()))
                else:
                    pairs.append((name, await self._read_file(part, name, filename, max_file_bytes)))
        except (ValueError, LookupError, HttpProcessingError) as error:
            raise Problem(400, "parameter_invalid", f"The request body is not a valid form: {error}.") from None
        request[RECEIVED].form = [
            (name, value.name if isinstance(value, UploadedFile) else value) for name, value in pairs
        ]
        fields: dict[str, list[Any]] = {}
        for name, value in pairs:
            if value != "":
                fields.setdefault(name, []).append(value)
        return fields

    async def _read_file(self, part: BodyPartReader, name: str, filename: str, max_bytes: int) -> UploadedFile:
        path = self._context.state.folder / uuid4().hex
        with path.open("wb") as file:
            while block := await part.read_chunk(FILE_BLOCK_BYTES):
                file.write(block)
                if file.tell() > max_bytes:
                    raise invalid(name, f"must be a file of at most {max_bytes} bytes")
            size = file.tell()
        return UploadedFile(filename, part.headers.get("Content-Type", "application/octet-stream"), path, size)


async def _input_type(request: web.Request, path: str) -> str:
    """Return the type of the input of a request for embeddings, which decides about its rate limit."""
    if not path.startswith("/embed-v2") or request.method != "POST":
        return ""
    with contextlib.suppress(ValueError, AttributeError):
        return str(json.loads(await request.read()).get("input_type"))
    return ""


async def _read_json(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError as error:
        raise Problem(400, "parameter_invalid", f"The request body is not valid JSON: {error}.") from None
    request[RECEIVED].json = body
    if not is_object(body):
        raise invalid("body", "must be a JSON object")
    return body


async def _send(request: web.Request, stream: Stream) -> web.StreamResponse:
    """Send a response in pieces, each by itself."""
    response = web.StreamResponse(headers={"Content-Type": stream.content_type})
    await response.prepare(request)
    for piece in stream.pieces:
        await response.write(piece)
    return response


def _fault_response(fault: Fault) -> web.Response:
    status = fault.status or 500
    if isinstance(fault.body, bytes | str):
        return web.Response(status=status, headers=fault.headers, body=fault.body)
    headers = {"Content-Type": "application/json", **fault.headers}
    return web.Response(status=status, headers=headers, body=json.dumps(fault.body))
