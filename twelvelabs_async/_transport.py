"""Requests out, answers in. The only module that knows aiohttp as a client.

One loop: send, classify, retry, decode. Errors of aiohttp are replaced outside of their ``except``, because they carry the
request's headers, the API key among them, and would stay reachable as ``__context__``.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from functools import lru_cache
from string import Formatter
from typing import Any, Final, TypeVar
from urllib.parse import quote
from urllib.request import getproxies

import aiohttp
from attrs import define, field, frozen
from yarl import URL

from ._body import Body, FileRange, form_body, json_body, query_string
from ._limits import RateLimits
from ._retry import MAX_WAIT, is_worth_repeating, requested_wait, retrying
from ._wire import loads, structure
from .errors import (
    APIConnectionError,
    APIError,
    APIResponseError,
    APITimeoutError,
    NotFoundError,
    Repeat,
    status_error,
)
from .options import MAX_RESPONSE_SIZE, Limiter, RequestOptions

T = TypeVar("T")
R = TypeVar("R")

log: Final = logging.getLogger("twelvelabs_async")

CONNECT_TIMEOUT: Final = 30.0
MAX_REDIRECTS: Final = 5
SLOWEST_UPLOAD: Final = 128 * 1024
"""Bytes per second that an upload is given at least; a slower one runs into its deadline."""


def path(template: str, *ids: str) -> str:
    """Fill the places of *template* with percent-encoded *ids*.

    Example:
        >>> path("/indexes/{index_id}", "a/b")
        '/indexes/a%2Fb'

    Raises:
        TypeError: An id is not a string.
        ValueError: An id is empty, or would climb to another path.
    """
    pieces, names = _places(template)
    filled = pieces[0]
    for name, given, piece in zip(names, ids, pieces[1:], strict=True):
        if not isinstance(given, str):
            raise TypeError(f"{name} must be a str, not {type(given).__name__}: {given!r}")
        if given.strip() in ("", ".", ".."):
            raise ValueError(f"{name} must be an id, not {given!r}")
        filled += quote(given, safe="") + piece
    return filled


@lru_cache
def _places(template: str) -> tuple[list[str], list[str]]:
    parts = list(Formatter().parse(template))
    pieces = [text for text, _, _, _ in parts]
    names = [name for _, name, _, _ in parts if name is not None]
    return pieces + [""] * (len(names) + 1 - len(pieces)), names


@define
class Call:
    """One call of the API: everything about it but the settings.

    Attributes:
        method: The HTTP method.
        path: Below the base URL, ids filled in.
        query: Query parameters.
        json: The body's fields, if it is JSON.
        form: The body's fields, if it is a form.
        files: The form's files.
        headers: Headers besides the usual ones.
        safe: Whether it does no harm when it is carried out twice.
        category: The rate limit it counts against.
    """

    method: str
    path: str
    query: Mapping[str, Any] | None = None
    json: Mapping[str, Any] | None = None
    form: Mapping[str, Any] | None = None
    files: Sequence[tuple[str, Any]] = ()
    headers: Mapping[str, str] | None = None
    safe: bool = field(kw_only=True)
    category: str = "other"

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@frozen
class Answer:
    """An answer with a good status, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class ApiKey:
    """The API key, which no repr shows."""

    __slots__ = ("_reveal",)

    def __init__(self, key: str) -> None:
        self._reveal = lambda: key

    def __repr__(self) -> str:
        return "ApiKey(***)"

    def headers(self) -> dict[str, str]:
        """The header that proves who is asking."""
        return {"x-api-key": self._reveal()}

    def hide(self, text: str) -> str:
        """*text* without the key, should the server have sent it back."""
        return text.replace(self._reveal(), "***")


class _Connector(aiohttp.TCPConnector):
    """A connector that a forked child leaves alone: closing it there would unregister the parent's sockets from its epoll."""

    def __init__(self) -> None:
        super().__init__()
        self._pid = os.getpid()

    def __del__(self, *args: Any) -> None:
        if self._pid == os.getpid():
            super().__del__(*args)


class Connections:
    """One aiohttp session per event loop; none outlives its loop or a fork."""

    def __init__(
        self,
        session: aiohttp.ClientSession | None = None,
        connector: aiohttp.BaseConnector | None = None,
        trace_configs: Sequence[aiohttp.TraceConfig] = (),
        middlewares: Sequence[aiohttp.ClientMiddlewareType] = (),
    ) -> None:
        self._given = session
        self._connector = connector
        self._trace_configs = list(trace_configs)
        self._middlewares = tuple(middlewares)
        self._closed = False
        self._pid = os.getpid()
        self._open: dict[asyncio.AbstractEventLoop, tuple[aiohttp.ClientSession, AsyncGenerator[None, None]]] = {}
        self._inherited: list[Any] = []

    async def session(self) -> aiohttp.ClientSession:
        """The running loop's session, opened on first use."""
        if self._closed:
            raise RuntimeError("The client is closed.")
        if self._given is not None:
            return self._given
        if self._pid != os.getpid():
            self._inherited.append(self._open)  # kept, since collecting it would touch the parent's connections
            for session, _ in self._open.values():
                session.detach()
            self._pid, self._open = os.getpid(), {}
        loop = asyncio.get_running_loop()
        if loop not in self._open:
            self._open = {known: entry for known, entry in self._open.items() if not known.is_closed()}
            session = aiohttp.ClientSession(
                connector=self._connector or _Connector(),
                connector_owner=self._connector is None,
                cookie_jar=aiohttp.DummyCookieJar(),
                trace_configs=self._trace_configs,
                middlewares=self._middlewares,
                timeout=aiohttp.ClientTimeout(total=None),
                trust_env=bool(getproxies()),  # looked up once: aiohttp would ask a thread before every request
            )
            session._retry_connection = False  # it would repeat a GET once by itself; tries are counted here
            closing = _close_at_end(session)
            self._open[loop] = session, closing
            await anext(closing)
        return self._open[loop][0]

    async def close(self) -> None:
        """Close the running loop's session; the client cannot be used any more."""
        self._closed = True
        _, closing = self._open.pop(asyncio.get_running_loop(), (None, None))
        if closing is not None:
            await closing.aclose()


async def _close_at_end(session: aiohttp.ClientSession) -> AsyncGenerator[None, None]:
    # An event loop that ends, as in asyncio.run, closes its async generators, and so this session.
    try:
        yield
    finally:
        await session.close()


class Transport:
    """Sends calls and decodes their answers, with the settings of one client."""

    def __init__(
        self,
        *,
        base_url: str,
        key: ApiKey,
        headers: Mapping[str, str],
        timeout: float,
        max_retries: int,
        limiter: Limiter | None,
        limits: RateLimits,
        connections: Connections,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.timeout = timeout
        self.max_retries = max_retries
        self.limits = limits
        self.connections = connections
        self.key = key
        self.headers = dict(headers)
        self.limiter = limiter
        self._origin = URL(self.base_url).origin()
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=CONNECT_TIMEOUT)

    async def request(self, call: Call, into: type[T], options: RequestOptions | None = None) -> T:
        """Send *call* and make a model of its answer.

        Raises:
            APIError: As `errors` describes.
        """
        return self.decode(call, await self.send(call, options), into)

    def decode(self, call: Call, answer: Answer, into: type[T]) -> T:
        """Make a model of an answer.

        Raises:
            APIResponseError: It is not a JSON object.
        """
        try:
            data = loads(answer.body)
        except (ValueError, RecursionError) as error:
            reason = f"is not JSON ({error})"
        else:
            if type(data) is dict:
                return structure(data, into)
            reason = "is not a JSON object"
        text = self.key.hide(answer.body[:2000].decode(errors="replace"))
        raise APIResponseError(
            f"The answer to {call} {reason}: {text[:100]!r}. Is base_url right ({self.base_url})?",
            status_code=answer.status,
            headers=answer.headers,
            body=text,
        )

    async def send(self, call: Call, options: RequestOptions | None = None) -> Answer:
        """Send *call*, again if need be, and read its answer to the end.

        Raises:
            APIError: As `errors` describes.
        """
        may_be_done = False
        body = _body(call, options)

        async def attempt(timeout: float) -> Answer:
            nonlocal may_be_done
            try:
                response = await self._open(call, body, timeout, options)
                return Answer(response.status, response.headers, await self._read(call, response))
            except NotFoundError:
                if call.method == "DELETE" and may_be_done:
                    return Answer(204, {}, b"")  # an earlier try did it, although its answer was lost
                raise
            except APIError as error:
                may_be_done = may_be_done or error.repeat is Repeat.IF_SAFE
                raise

        return await self._persist(call, attempt, options)

    async def stream(self, call: Call, options: RequestOptions | None = None) -> AsyncGenerator[bytes, None]:
        """Send *call* and yield its answer in the pieces in which it arrives; only opening it is tried again.

        Raises:
            APIError: As `errors` describes; also in the middle, when the answer breaks off.
        """
        body = _body(call, options)
        response = await self._persist(call, lambda timeout: self._open(call, body, timeout, options), options)
        size = (options or {}).get("chunk_size")
        pieces = aiter(response.content.iter_chunked(size) if size else response.content.iter_any())
        try:
            while True:
                failure: APIError | None = None
                try:
                    piece = await anext(pieces)
                except StopAsyncIteration:
                    return
                except (aiohttp.ClientError, TimeoutError, OSError) as error:
                    failure = _failure(str(call), error)
                if failure is not None:
                    raise failure
                yield piece
        finally:
            response.close()

    async def put_part(
        self, url: str, payload: Callable[[], FileRange], headers: Mapping[str, str]
    ) -> Mapping[str, str]:
        """Send bytes to a presigned URL, once, and return the answer's headers. The storage never sees the API key.

        Raises:
            APIError: As `errors` describes. The URL may be used up even so.
        """
        target = URL(url, encoded=True)
        what = f"PUT {target.with_query(None)}"  # the query is as good as a password
        body = payload()
        timeout = aiohttp.ClientTimeout(total=self._upload_timeout(body.size), sock_connect=CONNECT_TIMEOUT)
        session = await self.connections.session()
        failure: APIError
        try:
            async with session.put(
                target, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                if response.status < 300:
                    return _lower(response.headers)
                found = _lower(response.headers)
                failure = status_error(what, response.status, found, await response.text(errors="replace"), None)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            failure = _failure(what, error)
        raise failure

    def _upload_timeout(self, size: int | None) -> float:
        return self.timeout + (size or 0) / SLOWEST_UPLOAD

    async def _persist(self, call: Call, attempt: Callable[[float], Awaitable[R]], options: RequestOptions | None) -> R:
        """Attempt; if that fails in a way that is worth it, attempt again under the tenacity policy."""
        timeout = (options or {}).get("timeout_in_seconds", self.timeout)
        if call.files:
            timeout += sum(source.size for _, source in call.files) / SLOWEST_UPLOAD
        retries = (options or {}).get("max_retries", self.max_retries)
        deadline = time.monotonic() + timeout
        try:
            return await attempt(timeout)
        except APIError as error:
            first = error
        if retries <= 0 or not is_worth_repeating(first, safe=call.safe):
            raise first
        made = [first]

        async def again() -> R:
            if made:  # tenacity's first attempt is the one made above, which most calls never get past
                raise made.pop()
            return await attempt(deadline - time.monotonic())

        policy = retrying(safe=call.safe, max_retries=retries, deadline=deadline)
        return await policy(again)  # type: ignore[no-any-return]

    async def _open(
        self, call: Call, body: Body | None, timeout: float, options: RequestOptions | None
    ) -> aiohttp.ClientResponse:
        """Send *call* once; return its answer, still to be read, if its status is good."""
        began = time.monotonic()
        await self._wait_for_turn(call, timeout)
        session = await self.connections.session()
        if not call.safe:
            await asyncio.sleep(0)  # lets the loop notice idle connections that were closed, rather than use one
        url = self._url(call, options)
        for _ in range(MAX_REDIRECTS + 1):
            failure: APIError | None = None
            response: aiohttp.ClientResponse | None = None
            try:
                response = await session.request(
                    call.method,
                    url,
                    data=body() if body else None,
                    headers=self._headers(call, options),
                    timeout=self._client_timeout(timeout),
                    allow_redirects=False,
                )
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                failure = _failure(str(call), error)
            finally:
                self.limits.leave(call.category, response.headers if response is not None else None)
            if log.isEnabledFor(logging.INFO):
                outcome = response.status if response is not None else type(failure).__name__
                log.info("%s: %s in %.0f ms", call, outcome, 1000 * (time.monotonic() - began))
            if failure is not None:
                raise failure
            assert response is not None
            if response.status < 300:
                return response
            if response.status >= 400:
                raise await self._status_error(call, response)
            url = self._redirect(call, response)
            self.limits.enter(call.category, 0.0)
        raise APIResponseError(f"{call} was redirected in circles.", status_code=response.status)

    async def _wait_for_turn(self, call: Call, timeout: float) -> None:
        while wait := self.limits.enter(call.category, min(timeout, MAX_WAIT)):
            log.info("%s: waiting %.1f s for the rate limit", call, wait)
            await asyncio.sleep(wait)
        if self.limiter is not None:
            try:
                async with asyncio.timeout(timeout):
                    await self.limiter(call.category)
            except BaseException:
                self.limits.leave(call.category, None)
                raise

    def _url(self, call: Call, options: RequestOptions | None) -> URL:
        text = self.base_url + call.path
        query = query_string(call.query) if call.query else ""
        more = (options or {}).get("additional_query_parameters")
        if more:
            query = "&".join(part for part in (query, query_string(more)) if part)
        return URL(f"{text}?{query}" if query else text, encoded=True)

    def _headers(self, call: Call, options: RequestOptions | None) -> dict[str, str]:
        headers = self.key.headers() | self.headers
        if call.json is not None:
            headers["Content-Type"] = "application/json"
        if call.headers:
            headers.update(call.headers)
        more = (options or {}).get("additional_headers")
        if more:
            headers.update((name, str(value)) for name, value in more.items() if value is not None)
        return headers

    def _client_timeout(self, timeout: float) -> aiohttp.ClientTimeout:
        if timeout == self.timeout:
            return self._timeout
        return aiohttp.ClientTimeout(total=max(timeout, 0.001), sock_connect=CONNECT_TIMEOUT)

    async def _read(self, call: Call, response: aiohttp.ClientResponse) -> bytes:
        """Read an answer to its end, but no more of it than could be meant."""
        failure: APIError
        try:
            content = response.content
            piece = await content.readany()
            if content.at_eof():
                return piece
            pieces, size = [piece], len(piece)
            while piece := await content.readany():
                pieces.append(piece)
                size += len(piece)
                if size > MAX_RESPONSE_SIZE:
                    response.close()
                    break
            else:
                return b"".join(pieces)
            failure = APIResponseError(
                f"The answer to {call} is longer than {MAX_RESPONSE_SIZE >> 20} MiB.", status_code=response.status
            )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            failure = _failure(str(call), error)
        finally:
            response.release()
        raise failure

    async def _status_error(self, call: Call, response: aiohttp.ClientResponse) -> APIError:
        try:
            text = (await self._read(call, response)).decode(errors="replace")
        except APIError:
            text = ""  # the status says enough
        headers = {name: self.key.hide(value) for name, value in _lower(response.headers).items()}
        wait = requested_wait(headers, time.time())
        return status_error(str(call), response.status, headers, self.key.hide(text), wait)

    def _redirect(self, call: Call, response: aiohttp.ClientResponse) -> URL:
        response.release()
        target = response.url.join(URL(response.headers.get("location", "")))
        if call.method != "GET" or target.origin() != self._origin:
            raise APIResponseError(
                f"{call} was redirected to {target.with_query(None)}, where the API key does not go by itself. "
                "If that is the API, set base_url.",
                status_code=response.status,
                headers=_lower(response.headers),
            )
        return target


def _body(call: Call, options: RequestOptions | None) -> Body | None:
    more = (options or {}).get("additional_body_parameters") or {}
    if call.form is not None:
        return form_body({**call.form, **more}, call.files)
    if call.json is not None or (more and call.method != "GET"):
        return json_body({**(call.json or {}), **more})
    return None


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _failure(what: str, error: Exception) -> APIError:
    """Say in our words why *what* got no whole answer."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return APIConnectionError(f"{what}: the server's certificate is not to be trusted: {error.certificate_error}")
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return APITimeoutError(f"{what}: no connection in time. Is the network up?", repeat=Repeat.ALWAYS)
    if isinstance(error, aiohttp.ClientConnectorError):
        return APIConnectionError(
            f"{what}: no connection to {error.host}: {error.os_error.strerror or error.os_error}. Check base_url and the network.",
            repeat=Repeat.ALWAYS,
        )
    if isinstance(error, aiohttp.InvalidURL):
        return APIConnectionError(f"{what}: that is no URL to send to. Check base_url.")
    if isinstance(error, TimeoutError):
        return APITimeoutError(
            f"{what}: no whole answer in time; timeout= sets how long to wait.", repeat=Repeat.IF_SAFE
        )
    # A ClientResponseError here is an answer that is not HTTP; its status 400 is aiohttp's invention.
    reason = getattr(error, "message", None) or str(error) or type(error).__name__
    return APIConnectionError(f"{what}: the connection broke: {reason}", repeat=Repeat.IF_SAFE)
