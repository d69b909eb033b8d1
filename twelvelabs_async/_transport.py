"""Transport: send a request, follow redirects, retry, decode.

`send` → `_send_with_retries` → `_send_following_redirects` → `_send_once` → `_exchange`.

The API key is a default header of the session: no local variable here holds it. The frames of aiohttp, whose local
variables do, are cut off from the traceback of everything that is raised.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import aclosing, nullcontext, suppress
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, TypeVar

import aiohttp
from attrs import evolve
from yarl import URL

from ._api_key import ApiKey, KeyFromFunction
from ._background import background_work
from ._connections import Connections, ConnectionSlots, Sessions, attach_headers, notice_closed_connections, timeout_of
from ._failures import is_missing, may_retry, was_not_processed
from ._files import FileRange
from ._network_errors import translate_error
from ._payloads import StreamedPayload, payload_of
from ._proxies import Proxy
from ._rate_limits import RateLimits
from ._reachability import Reachability
from ._request import SLOWEST_UPLOAD_BYTES_PER_SECOND, Request, Settings
from ._response_values import unusable
from ._responses import HttpFacts, Response, decode, decode_json, http_facts, make_error, refuse_web_page, status_error
from ._retry import log, retry_after_failure
from ._video_cache import VideoCache
from .errors import APIConnectionError, APIError, APIResponseError, ProxyError, RequestNotSentTimeoutError

if TYPE_CHECKING:
    from .models.multipart_upload import PresignedUrlChunk

T = TypeVar("T")

MAX_REDIRECTS: Final = 5
MAX_RESPONSE_BYTES: Final = 256 * 1024 * 1024
"""At most this many bytes of an unpacked response: hours of embeddings fit, a decompression bomb does not."""
MAX_ERROR_BYTES: Final = 1024 * 1024
"""At most this many bytes of a response of the storage, or with an error status, which is enough of a longer one."""


class Transport:
    """Sends the requests of one client.

    Attributes:
        settings: Settings of the client.
        key: The API key.
        connections: Sessions, which copies of a client share.
        limits: Rate limits of the account, which copies of a client share.
        videos: What is known about the videos of the account, which copies of a client share.
        reachability: Whether the API responds.
    """

    def __init__(
        self,
        settings: Settings,
        key: ApiKey,
        connections: Connections,
        limits: RateLimits,
        reachability: Reachability,
        videos: VideoCache | None = None,
    ) -> None:
        self.settings: Final = settings
        self.key: Final = key
        self.connections: Final = connections
        self.limits: Final = limits
        self.videos: Final = VideoCache() if videos is None else videos
        self.reachability: Final = reachability
        self._origin = URL(settings.base_url).origin()
        self._storage_schemes = ("https",) if self._origin.scheme == "https" else ("http", "https")

    def with_settings(self, settings: Settings, key: ApiKey) -> Transport:
        """Return a transport with other settings and the same connections. Each account has limits of its own."""
        is_same_server = settings.base_url == self.settings.base_url
        is_same_account = is_same_server and key is self.key
        limits = self.limits if is_same_account else RateLimits()
        reachability = self.reachability if is_same_server else Reachability()
        videos = self.videos if is_same_account else None
        return Transport(settings, key, self.connections, limits, reachability, videos)

    async def request(self, request: Request, cls: type[T]) -> T:
        """Send *request* and return the response as a *cls*.

        Raises:
            APIError: See `errors`.
        """
        return self.decode(request, await self.send(request), cls)

    async def execute(self, request: Request) -> None:
        """Send *request*, whose response has no result.

        Raises:
            APIError: See `errors`.
        """
        refuse_web_page(self.key, request, await self.send(request))

    async def send(self, request: Request) -> Response:
        """Send *request*, retry transient failures, and return the response.

        Raises:
            APIError: See `errors`. Its traceback ends with the caller of this method.
        """
        try:
            return await self._send_with_retries(request, _now() + request.timeout)
        except APIError as error:
            error.__traceback__ = None  # whose frames would show nothing but how requests are sent
            raise

    async def _send_with_retries(self, request: Request, deadline: float) -> Response:
        try:
            return await self._send_following_redirects(request, deadline)
        except APIError as error:
            failures = [error]

        async def attempt() -> Response:
            try:
                return await self._send_following_redirects(request, deadline)
            except APIError as error:
                if request.method == "DELETE" and is_missing(error) and not all(map(was_not_processed, failures)):
                    return Response(204, {})  # an earlier attempt was processed, although its response was lost
                failures.append(error)
                raise

        return await retry_after_failure(
            failures[0],
            attempt,
            may_retry=partial(may_retry, is_idempotent=request.is_idempotent),
            max_retries=request.max_retries,
            deadline=deadline,
            name=str(request),
        )

    def decode(self, request: Request, response: Response, cls: type[T]) -> T:
        """Return the JSON object in a response as a *cls*.

        Raises:
            APIResponseError: The response is not a JSON object.
        """
        return decode(self.key, request, response, cls)

    def decode_json(self, request: Request, response: Response) -> Any:
        """Return the JSON in a response; ``None`` if it has no body.

        Raises:
            APIResponseError: The response is not JSON.
        """
        return decode_json(self.key, request, response)

    async def stream(self, request: Request) -> AsyncGenerator[bytes, None]:
        """Send *request* and yield the body of the response as it arrives. Only the start is retried.

        Raises:
            APIError: See `errors`. The connection may break between two pieces.
        """
        response = await self.send(request)
        if response.stream is not None:
            async with aclosing(response.stream) as pieces:
                async for piece in pieces:
                    yield piece

    async def send_part(
        self, chunk: PresignedUrlChunk, part: FileRange, headers: Mapping[str, str]
    ) -> Mapping[str, str]:
        """Send a part of a file to a presigned URL of the storage, once; return the headers of the response.

        Raises:
            APIError: See `errors`. The URL may be used up.
            APIResponseError: The URL is invalid, or less safe than the API's.
            Exception: Failure to read the file, or of its callback.
        """
        request = Request(
            "PUT",
            self._storage_url(chunk),
            chunk.url or "",
            headers,
            part,
            timeout=self.settings.timeout + part.size / SLOWEST_UPLOAD_BYTES_PER_SECOND,
            is_idempotent=True,
            category=None,
        )
        return (await self._send_following_redirects(request, _now() + request.timeout)).headers

    def _storage_url(self, chunk: PresignedUrlChunk) -> str:
        """Validate a presigned URL, and return it without its query, which is a secret that no local variable holds."""
        location = (chunk.url or "").partition("?")[0]
        is_printable = bool(chunk.url and chunk.url.isascii() and chunk.url.isprintable())
        with suppress(ValueError):
            target = URL(location, encoded=True)
            if is_printable and target.host and target.scheme in self._storage_schemes:
                return str(target)
        expected = f"a URL with the scheme {' or '.join(self._storage_schemes)}"
        raise unusable("The upload", "url", location, expected)

    async def _send_following_redirects(self, request: Request, deadline: float) -> Response:
        """Send *request*, follow redirects within the API's origin, and raise for an error status.

        Media are redirected to any server, since their requests have no API key.
        """
        for _ in range(MAX_REDIRECTS + 1):
            response = await self._send_once(request, deadline)
            if response.status < 300:
                response.url = request.url
                return response
            if response.status >= 400:
                raise status_error(self.key, request, response)
            request = self._redirected(request, response)
        raise make_error(self.key, request, APIResponseError, f"redirected more than {MAX_REDIRECTS} times.")

    def _redirected(self, request: Request, response: Response) -> Request:
        location = response.headers.get("location", "")
        target: URL | None = None
        try:
            target = URL(request.url, encoded=True).join(URL(location))
            if location and request.method == "GET" and target.origin() == self._origin:
                return evolve(request, url=str(target))
            is_as_safe = target.scheme == "https" or request.url.startswith("http:")
            if location and request.method == "GET" and request.category is None and target.host and is_as_safe:
                return evolve(request, url_path=str(target.with_query(None).with_user(None)), url=str(target))
        except ValueError:
            pass  # an invalid URL
        location, target = location.partition("?")[0], None  # a query is a secret that no local variable holds
        hint = (
            f"Only a GET is redirected, and only within {self._origin}, since no other server may receive the API key. "
            "Check base_url."
            if request.category is not None
            else "Uploads to the storage are not redirected."
            if request.method == "PUT"
            else "Media are redirected to http and https URLs, and never from https to http."
        )
        raise make_error(
            self.key,
            request,
            APIResponseError,
            f"redirected to {location or 'nowhere'}. {hint}",
            response=response,
        )

    async def _send_once(self, request: Request, deadline: float) -> Response:
        """Send *request* on a connection of its kind, in a slot of its rate limit, and read the response."""
        started_at = perf_counter()
        outcome: object = "no response"
        try:
            key = self.key
            if isinstance(key, KeyFromFunction) and request.category is not None:
                key = await self._current_key(key, request, deadline)
            sessions = await self.connections.sessions()
            connections = sessions.slots[request.category, request.is_streamed]
            if not connections.acquire_nowait():
                await self._wait_for_connection(request, connections, deadline)
            try:
                if request.category is None:
                    received = await self._exchange(request, sessions, key, deadline)
                else:
                    async with self.limits.slot(
                        request.category, deadline=deadline, limiter=self.settings.limiter, request=request
                    ) as slot:
                        received = await self._exchange(request, sessions, key, deadline)
                        slot.record(received.headers)
            except BaseException:
                connections.release()
                raise
            if received.connection is None:  # the whole response came with its headers
                connections.release()
            else:
                received.connection.add_callback(connections.release)
            outcome = received.status
            if request.is_streamed and received.status < 300:
                stream = self._iter_body(request, received)
                return Response(received.status, received.headers, stream=stream, elapsed=perf_counter() - started_at)
            body = await self._read_body(request, received)
            return Response(received.status, received.headers, body, elapsed=perf_counter() - started_at)
        except APIError as error:
            outcome = type(error).__name__
            raise
        finally:
            log.info("%s: %s in %.0f ms", request, outcome, 1000 * (perf_counter() - started_at))

    async def _current_key(self, key: KeyFromFunction, request: Request, deadline: float) -> ApiKey:
        """Return the API key for one request from the caller's function."""
        try:
            async with asyncio.timeout_at(deadline):
                return await key.current()
        except TimeoutError:
            text = "the function that returns the API key took too long; timeout= sets the limit."
            raise make_error(self.key, request, RequestNotSentTimeoutError, text) from None

    async def _wait_for_connection(self, request: Request, connections: ConnectionSlots, deadline: float) -> None:
        log.info("%s: waits for a connection; max_connections= sets their number", request)
        try:
            async with asyncio.timeout_at(deadline):
                await connections.acquire()
        except TimeoutError:
            text = (
                "no connection was free in time: all serve other requests of this kind. max_connections= sets their "
                "number, timeout= the limit."
            )
            raise make_error(self.key, request, RequestNotSentTimeoutError, text) from None

    async def _exchange(
        self, request: Request, sessions: Sessions, key: ApiKey, deadline: float
    ) -> aiohttp.ClientResponse:
        """Send *request* and receive the headers of the response."""
        is_for_api = request.category is not None
        if request.category is not None and (work := background_work.get()) is not None:
            work.requests[request.category] += 1
        has_default_key = is_for_api and key is self.connections.key
        try:
            proxy = sessions.proxies.choose(request.url)
        except ValueError as error:
            raise make_error(self.key, request, ProxyError, str(error)) from None
        trust = await self.connections.trust_for(request.url)
        if not request.is_idempotent:
            await notice_closed_connections()
        payload = payload_of(request.body)
        sending = (sessions.api if has_default_key else sessions.bare).request(
            request.method,
            URL(request.url, encoded=True),
            data=payload,
            headers=request.headers,
            # A POST without a body has no type either; aiohttp would state one.
            skip_auto_headers=("Content-Type",) if request.method == "POST" and payload is None else None,
            timeout=timeout_of(deadline - _now()),
            proxy=proxy.url if proxy else None,
            ssl=trust,
            middlewares=(attach_headers(key, request.headers or ()), *sessions.middlewares)
            if is_for_api and not has_default_key
            else None,
            allow_redirects=False,
            raise_for_status=False,
        )
        with self.reachability if is_for_api else nullcontext():
            try:
                return await self._translated(request, sending, proxy)
            except APIConnectionError:
                if isinstance(payload, StreamedPayload) and payload.failure is not None:
                    raise payload.failure from None
                raise

    async def _read_body(self, request: Request, response: aiohttp.ClientResponse) -> bytes | bytearray:
        """Read the whole body, up to the limit. Of a redirect or an error, the status is enough."""
        content = response.content
        try:
            if 300 <= response.status < 400:
                return b""
            piece = await self._translated(request, content.readany())
            if content.at_eof():
                return piece
            body = bytearray(piece)
            has_content = response.status < 300 and request.category is not None  # unlike the storage's responses
            limit = MAX_RESPONSE_BYTES if has_content else MAX_ERROR_BYTES
            while piece := await self._translated(request, content.readany()):
                body += piece
                if len(body) > limit:
                    response.close()
                    body.clear()  # a traceback keeps this frame
                    reason = f"the response is longer than {limit >> 20} MiB."
                    raise make_error(self.key, request, APIResponseError, reason, status_code=response.status)
            return body
        except APIError:
            if response.status < 400:
                raise
            return b""
        finally:
            response.release()

    async def _iter_body(self, request: Request, response: aiohttp.ClientResponse) -> AsyncGenerator[bytes, None]:
        """Yield the body as it arrives, and close the connection at the end."""
        content, size = response.content, request.chunk_size
        read = partial(content.read, size) if size else content.readany
        try:
            while piece := await self._translated(request, read()):
                yield piece
        finally:
            response.close()

    async def _translated(self, request: Request, operation: Awaitable[T], proxy: Proxy | None = None) -> T:
        """Await an operation of aiohttp, and raise its failure as one of our errors."""
        try:
            return await operation
        except BaseException as error:
            translation = translate_error(error, proxy)
            if translation is None:  # cancellation, a deadline around the call, a header that aiohttp refuses
                raise error.with_traceback(None) from None  # without the frames of aiohttp
        raise make_error(
            self.key, request, *translation
        )  # outside of `except`: aiohttp's error, as context, has the key


class RecordingTransport(Transport):
    """A transport of one call, which keeps the facts about the last response of the API."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(
            transport.settings,
            transport.key,
            transport.connections,
            transport.limits,
            transport.reachability,
            transport.videos,
        )
        self._last = Response(0, {})

    @property
    def last(self) -> HttpFacts:
        """The facts about the last response. Its status is 0 if the call needed no request."""
        return http_facts(self.key, self._last)

    async def send(self, request: Request) -> Response:
        """Send *request*, and remember its response without the body."""
        response = await super().send(request)
        self._last = Response(response.status, response.headers, elapsed=response.elapsed)
        return response


def _now() -> float:
    return asyncio.get_running_loop().time()
