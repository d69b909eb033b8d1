"""The loopback server of a recording or a replay, and the requests that it receives."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
from aiohttp import web
from attrs import evolve
from yarl import URL

from ..loopback import LoopbackServer
from .bodies import request_body
from .format import Body, RecordedRequest
from .scrubbing import ORIGIN, Scrubber

MAX_BODY_BYTES: Final = 1 << 30
"""At most this many bytes of a request, all of which are in memory."""

SENT_HEADERS: Final = ("accept", "content-type", "idempotency-key", "range", "x-api-key")
"""Headers of requests that are recorded."""

MIDDLEWARE_HEADER: Final = "X-Recording-Middleware"
"""Header of requests that the middleware has directed here."""


class RecordingServer(LoopbackServer, AbstractContextManager["RecordingServer"]):
    """Server on loopback that stands in for the service.

    Args:
        path: The file of the recording.
        base_url: URL of the service, version included.
        api_key: The API key for clients.
        scrub_texts: Whether texts are replaced by placeholders.
        port: Port; 0 takes a free one.

    Attributes:
        path: The file of the recording.
        api_key: The API key for clients.
    """

    def __init__(self, path: str | Path, *, base_url: str, api_key: str, scrub_texts: bool, port: int) -> None:
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_route("*", "/{path:.*}", self._serve)
        super().__init__(app, [port], "twelvelabs-recording")
        self.path: Path = Path(path)
        self.api_key: str = api_key
        self._base_url = URL(base_url)
        self._scrubber = Scrubber(scrub_texts=scrub_texts)

    @property
    def url(self) -> str:
        """Base URL for clients, version included."""
        return self._own_origin + self._base_url.path

    def start(self) -> Self:
        """Start to serve; return when requests are accepted.

        Raises:
            OSError: The port is taken.
        """
        super().start()
        self._own_origin: str = f"http://127.0.0.1:{self.ports[0]}"
        self._scrubber.api_origins = (self._own_origin, str(self._base_url.origin()))
        return self

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, cls: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
        problem = self.problem()
        if problem and error is None:
            raise problem
        if problem and error is not None:
            error.add_note(str(problem))

    def problem(self) -> Exception | None:
        """Return what is raised at the end of a ``with`` block; ``None`` if nothing is."""
        raise NotImplementedError

    async def middleware(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Direct the requests of an aiohttp session to this server, for clients whose base URL is the service's."""
        if self._is_ours(request.url):
            own = URL(self._own_origin)
            request.url = request.url.with_scheme(own.scheme).with_host("127.0.0.1").with_port(own.port)
            request.headers[MIDDLEWARE_HEADER] = "1"
            request.proxy = None
        return await handler(request)

    def _is_ours(self, url: URL) -> bool:
        return str(url).startswith((f"{str(self._base_url).rstrip('/')}/", f"{ORIGIN}/"))

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        raise NotImplementedError

    def _origin_for(self, request: web.Request) -> str:
        """Return the origin of the URLs in a response, which has to be https for a client that uses https."""
        return ORIGIN if MIDDLEWARE_HEADER in request.headers else self._own_origin

    def _received(self, request: web.Request, content: bytes) -> RecordedRequest:
        """Return a request as it is recorded."""
        content_type = request.headers.get("Content-Type", "")
        sent = RecordedRequest(
            request.method,
            request.path.removeprefix(self._base_url.path.rstrip("/")),
            [*request.query.items()],
            _recorded_headers(request.headers),
            request_body(content, content_type),
        )
        return scrubbed_request(sent, self._scrubber)


def scrubbed_request(request: RecordedRequest, scrubber: Scrubber) -> RecordedRequest:
    """Return a request with placeholders."""
    return evolve(
        request,
        path=scrubber.scrub(request.path),
        query=scrubber.scrub([*request.query]),
        headers=scrubber.scrub(dict(request.headers)),
        body=scrubbed_body(request.body, scrubber),
    )


def scrubbed_body(body: Body | None, scrubber: Scrubber) -> Body | None:
    """Return a body with placeholders. Base64 and digests stay as they are."""
    return body and (body if body.kind in ("base64", "digest") else evolve(body, value=scrubber.scrub(body.value)))


def _recorded_headers(headers: Mapping[str, str]) -> dict[str, Any]:
    recorded = {name: headers[name] for name in SENT_HEADERS if name in headers}
    if recorded.get("content-type", "").startswith("multipart/"):
        recorded["content-type"] = "multipart/form-data"  # the boundary is random
    if "x-api-key" in recorded:
        recorded["x-api-key"] = "***"
    return recorded
