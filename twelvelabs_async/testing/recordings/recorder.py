"""`record`: a server between a program and the service, which writes their conversation to a file."""

from __future__ import annotations

import json
import os
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any, BinaryIO, Final
from urllib.parse import parse_qsl, urlsplit

import aiohttp
from aiohttp import web
from yarl import URL

from ..._api_key import KEY_VARIABLES, ApiKey, secrets_in
from ..._connections import Connections
from ...options import BASE_URL
from ..loopback import reset_connection
from .bodies import STREAMED_TYPES, response_body
from .format import (
    Body,
    Exchange,
    RecordedRequest,
    RecordedResponse,
    Recording,
    RecordingError,
    exchange_fields,
    fields_of,
    line_of,
)
from .scrubbing import ELSEWHERE, ORIGIN
from .server import MIDDLEWARE_HEADER, RecordingServer, scrubbed_body

HOP_BY_HOP: Final = frozenset(
    {"connection", "content-encoding", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""Headers of one connection, and of an encoding that the recorder undoes."""

NOT_FORWARDED: Final = HOP_BY_HOP | {"accept-encoding", "host", MIDDLEWARE_HEADER.lower()}

PUBLIC_HEADERS: Final = re.compile(
    r"accept-ranges|cache-control|content-range|content-type|date|etag|link|location|retry-after(-ms)?|vary"
    r"|x-api-version|x-request-id|x-ratelimit-.*"
)
"""Headers of responses whose values are recorded. Of others, the names are."""

MIN_SIGNED: Final = 20
"""Characters of the shortest parameter of a signed URL that is redacted by itself."""

UPLOAD_URLS: Final = "upload_urls"
"""Field of responses with the URLs to which the program sends parts of a file."""


def record(path: str | Path, *, base_url: str | None = None, scrub_texts: bool = False, port: int = 0) -> Recorder:
    """Record what programs send to the service, and its responses.

    The result is a context manager and a server on loopback. It forwards all requests of clients with its URL. API
    keys, presigned URLs, cookies and e-mail addresses are not recorded. Names of files and of other things become
    placeholders, as do all URLs.

    Args:
        path: The file, which is replaced. Each exchange is written when it has ended.
        base_url: URL of the service, version included. Default: ``TWELVELABS_BASE_URL`` from the environment, else
            ``https://api.twelvelabs.io/v1.3``.
        scrub_texts: Replace prompts, queries, answers, transcriptions and metadata by placeholders as well. A replay
            puts those in again that the program sends. Default: `False`.
        port: Port; 0 takes a free one. Default: 0.

    Raises:
        OSError: Creating the file failed.
        RecordingError: At the end of the block, if the recording is incomplete: the disk is full, or another recorder
            uses the same file.

    Example:
        ::

            with record("talk.jsonl") as recorder:
                client = TwelveLabs(base_url=recorder.url)
                client.indexes.create("talks", models=["marengo3.0"])
    """
    return Recorder(
        path, base_url=base_url or os.environ.get("TWELVELABS_BASE_URL") or BASE_URL, scrub_texts=scrub_texts, port=port
    )


class Recorder(RecordingServer):
    """Server that forwards requests and records them; see `record`."""

    def __init__(self, path: str | Path, *, base_url: str, scrub_texts: bool, port: int) -> None:
        key = next(filter(None, map(os.environ.get, KEY_VARIABLES)), "")
        super().__init__(path, base_url=base_url, api_key=key, scrub_texts=scrub_texts, port=port)
        self._app.cleanup_ctx.append(self._open)
        self._problem: str | None = None

    def problem(self) -> RecordingError | None:
        """Return why the recording is incomplete; ``None`` if it is complete."""
        return RecordingError(f"{self.path} is incomplete: {self._problem}") if self._problem else None

    async def _open(self, _: web.Application) -> AsyncGenerator[None, None]:
        recorded_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._started_at = perf_counter()
        self._connections = Connections(ApiKey(""))
        public_url = str(self._base_url.with_user(None).with_query(None))
        with _new_file(self.path) as self._file:
            self._file.write(Recording(public_url, recorded_at).header_line().encode())
            yield
            if not _is_open_file(self.path, self._file):
                self._problem = "another recorder or program has replaced the file. Record again, each in its own file."
        await self._connections.close()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        at = perf_counter()
        content = await request.read()
        self._keep_secrets(request.headers)
        received = self._received(request, content)
        response: RecordedResponse | None = None
        body: Body | None
        try:
            async with await self._forward(request, content) as upstream:
                seconds = perf_counter() - at
                self._keep_secrets(*({"Cookie": cookie.value} for cookie in upstream.cookies.values()))
                if _is_streamed(received, upstream):
                    sent, body = await _pass_on(request, upstream)
                else:
                    whole = await upstream.read()
                    sent, body = self._whole(request, upstream, whole), response_body(whole)
            response = RecordedResponse(
                upstream.status,
                self._scrubber.scrub(_recorded_headers(upstream.headers)),
                scrubbed_body(body, self._scrubber),
                round(seconds, 3),
            )
        except (aiohttp.ClientError, OSError):
            sent = reset_connection(request)
        self._write(Exchange(round(at - self._started_at, 3), received, response), request)
        return sent

    def _write(self, exchange: Exchange, request: web.Request) -> None:
        """Write a line. If that fails, the program still gets its response, and nothing further is written."""
        # The storage repeats the parameters of a signed URL in its errors.
        target = self._target(request) if exchange.request.path.startswith("/elsewhere/") else ""
        signed = [value for _, value in parse_qsl(urlsplit(target).query) if len(value) >= MIN_SIGNED]
        line = line_of(ApiKey(self.api_key).redact(exchange_fields(exchange), [*self._scrubber.secrets, *signed]))
        try:
            if not self._problem:
                self._file.write(line.encode())
        except OSError as error:
            self._problem = f"{error.strerror or error}. The last line may be cut. Make room, and record again."

    def _keep_secrets(self, *headers: Mapping[str, str]) -> None:
        for secret in (secret for each in headers for secret in secrets_in(each)):
            self._scrubber.keep_secret(secret)

    def _target(self, request: web.Request) -> str:
        """Return the URL of a request at the service, or the URL that a placeholder stands for."""
        placeholder = ORIGIN + request.path
        is_elsewhere = placeholder.startswith(ELSEWHERE)
        return self._scrubber.original(placeholder) if is_elsewhere else str(self._base_url.origin()) + request.raw_path

    async def _forward(self, request: web.Request, content: bytes) -> aiohttp.ClientResponse:
        """Send a request to the service, or to the URL that a placeholder stands for.

        Raises:
            aiohttp.ClientError: There is no response.
        """
        target = self._target(request)
        sessions = await self._connections.sessions()
        proxy = sessions.proxies.choose(target)
        return await sessions.bare.request(
            request.method,
            URL(target, encoded=True),
            data=content or None,
            headers=[(name, value) for name, value in request.headers.items() if name.lower() not in NOT_FORWARDED],
            skip_auto_headers=("Content-Type", "User-Agent"),
            proxy=proxy.url if proxy else None,
            ssl=await self._connections.trust_for(target),
            allow_redirects=False,
        )

    def _whole(self, request: web.Request, upstream: aiohttp.ClientResponse, content: bytes) -> web.Response:
        """Return a response for the program. The URLs for parts of files lead to this server."""
        headers = _forwarded_headers(upstream.headers)
        origin = self._origin_for(request)
        if (location := headers.get("Location", "")).startswith(f"{self._base_url.origin()}/"):
            headers["Location"] = origin + location.removeprefix(str(self._base_url.origin()))
        with suppress(ValueError, RecursionError):
            body = json.loads(content)
            if UPLOAD_URLS in fields_of(body):
                body[UPLOAD_URLS] = self._scrubber.redirect(body[UPLOAD_URLS], origin)
                content = json.dumps(body).encode()
        return web.Response(status=upstream.status, reason=upstream.reason, headers=headers, body=content)


def _new_file(path: Path) -> BinaryIO:
    """Return a new, unbuffered file. A recorder that still writes to the former one keeps that one."""
    if path.is_file():
        path.resolve().unlink()  # a symbolic link stays one
    return path.open("wb", buffering=0)


def _is_open_file(path: Path, file: BinaryIO) -> bool:
    with suppress(OSError):
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    return False


def _is_streamed(request: RecordedRequest, upstream: aiohttp.ClientResponse) -> bool:
    is_asked_for = fields_of(request.json).get("stream") is True
    return upstream.status < 300 and (is_asked_for or upstream.content_type in STREAMED_TYPES)


async def _pass_on(request: web.Request, upstream: aiohttp.ClientResponse) -> tuple[web.StreamResponse, Body]:
    """Pass on a streamed response as it arrives; return it, and its lines with their times."""
    response = web.StreamResponse(status=upstream.status, headers=_forwarded_headers(upstream.headers))
    await response.prepare(request)
    started_at, rest = perf_counter(), b""
    lines: list[tuple[float, str | None]] = []

    def add(line: bytes) -> None:
        lines.append((round(perf_counter() - started_at, 3), line.decode(errors="surrogateescape")))

    try:
        async for piece in upstream.content.iter_any():
            *whole, rest = (rest + piece).split(b"\n")
            for line in whole:
                add(line + b"\n")
            await response.write(piece)
        if rest:
            add(rest)
    except ConnectionError:  # the program has read enough
        pass
    except aiohttp.ClientError:
        lines.append((round(perf_counter() - started_at, 3), None))
        return reset_connection(request), Body("chunks", lines)
    return response, Body("chunks", lines)


def _forwarded_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in HOP_BY_HOP}


def _recorded_headers(headers: Mapping[str, str]) -> dict[str, Any]:
    names = {name.lower(): name for name in headers if name.lower() not in {*HOP_BY_HOP, "set-cookie"}}
    return {lower: headers[name] if PUBLIC_HEADERS.fullmatch(lower) else "***" for lower, name in names.items()}
