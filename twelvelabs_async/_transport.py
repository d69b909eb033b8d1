"""Requests out, answers in.

One loop: send, classify, retry, decode. Errors of aiohttp are replaced outside of their ``except``, because they carry
the request's headers, the API key among them, and would stay reachable as ``__context__``.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from functools import lru_cache
from string import Formatter
from typing import Any, Final, TypeVar, cast
from urllib.parse import quote

import aiohttp
from attrs import define, field, frozen
from yarl import URL

from ._connections import Connections
from ._failures import is_missing, is_transient, may_retry, was_not_processed
from ._files import Body, FileRange, form_body, json_body, query_string
from ._rate_limits import RateLimits
from ._retry import MAX_WAIT, go_on, requested_wait, retrying
from .errors import (
    ADVICE,
    STATUS_ERRORS,
    APIConnectionError,
    APIError,
    APIResponseError,
    APIStatusError,
    APITimeoutError,
    RequestNotSentError,
    RequestNotSentTimeoutError,
    UntrustedServerError,
)
from .models._wire import loads, structure
from .options import MAX_RESPONSE_SIZE, Limiter, RequestOptions, check_options

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
        if not isinstance(given, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"{name} must be a str, not {type(given).__name__}: {given!r}")
        if given.strip() in ("", ".", ".."):
            raise ValueError(f"{name} must be an id, not {given!r}")
        plain = given.isascii() and given.isalnum()  # as ids are, and quoting takes as long as all the rest here
        filled += (given if plain else quote(given, safe="")) + piece
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
        self._reveal: Callable[[], str] = lambda: key

    def __repr__(self) -> str:
        return "ApiKey(***)"

    def headers(self) -> dict[str, str]:
        """The header that proves who is asking."""
        return {"x-api-key": self._reveal()}

    def hide(self, text: str) -> str:
        """*text* without the key, should the server have sent it back."""
        return text.replace(self._reveal(), "***")


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
        self.base_url: str = base_url.rstrip("/")
        self.timeout = timeout
        self.max_retries = max_retries
        self.limits = limits
        self.connections = connections
        self.key = key
        self.headers: dict[str, str] = dict(headers)
        self.limiter = limiter
        self._origin = URL(self.base_url).origin()

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
            f"The answer to {call} {reason}: {text[:60]!r}. Is base_url right ({self.base_url})?",
            status_code=answer.status,
            headers=self._without_key(answer.headers),
            body=text,
        )

    async def send(self, call: Call, options: RequestOptions | None = None) -> Answer:
        """Send *call*, again if need be, and read its answer to the end.

        Raises:
            APIError: As `errors` describes.
        """
        check_options(options or {})
        may_be_done = False
        body = _body(call, options)

        async def attempt(deadline: float) -> Answer:
            nonlocal may_be_done
            try:
                response = await self._open(call, body, deadline, options)
                return Answer(response.status, response.headers, await self._read(call, response))
            except APIError as error:
                if call.method == "DELETE" and may_be_done and is_missing(error):
                    return Answer(204, {}, b"")  # an earlier try did it, although its answer was lost
                may_be_done = may_be_done or (is_transient(error) and not was_not_processed(error))
                raise

        return await self._persist(call, attempt, options)

    async def stream(self, call: Call, options: RequestOptions | None = None) -> AsyncGenerator[bytes, None]:
        """Send *call* and yield its answer in the pieces in which it arrives; only opening it is tried again.

        Raises:
            APIError: As `errors` describes; also in the middle, when the answer breaks off.
        """
        check_options(options or {})
        body = _body(call, options)
        response = await self._persist(call, lambda deadline: self._open(call, body, deadline, options), options)
        size = (options or {}).get("chunk_size")
        pieces = aiter(response.content.iter_chunked(size) if size else response.content.iter_any())
        try:
            while True:
                try:
                    piece = await anext(pieces)
                except StopAsyncIteration:
                    return
                except (aiohttp.ClientError, TimeoutError, OSError) as error:
                    failure = self._failure(str(call), error)
                    break
                yield piece
            raise failure
        finally:
            response.close()

    async def put_part(self, url: str, part: FileRange, headers: Mapping[str, str]) -> Mapping[str, str]:
        """Send bytes to a presigned URL, once, and return the answer's headers. The storage never sees the API key.

        Raises:
            APIError: As `errors` describes. The URL may be used up even so.
            Exception: Whatever went wrong with reading the file, or with telling of progress.
        """
        target = URL(url, encoded=True)
        what = f"PUT {target.with_query(None)}"  # the query is as good as a password
        timeout = aiohttp.ClientTimeout(total=self._upload_timeout(part.size), sock_connect=CONNECT_TIMEOUT)
        session = await self.connections.session()
        failure: APIError
        try:
            async with session.put(
                target, data=part, headers=headers, timeout=timeout, allow_redirects=False, raise_for_status=False
            ) as response:
                if response.status < 300:
                    return _lower(response.headers)
                found = _lower(response.headers)
                failure = status_error(what, response.status, found, await response.text(errors="replace"), None)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            failure = self._failure(what, error)
        raise part.source.failure or failure

    def _upload_timeout(self, size: int | None) -> float:
        return self.timeout + (size or 0) / SLOWEST_UPLOAD

    async def _persist(self, call: Call, attempt: Callable[[float], Awaitable[R]], options: RequestOptions | None) -> R:
        """Attempt; if that fails in a way that is worth it, attempt again under the tenacity policy."""
        asked = (options or {}).get("timeout_in_seconds")
        timeout = self.timeout if asked is None else asked
        if call.files:
            timeout += sum(source.size for _, source in call.files) / SLOWEST_UPLOAD
        retries = (options or {}).get("max_retries", self.max_retries)
        deadline = time.monotonic() + timeout
        try:
            return await attempt(deadline)
        except APIError as error:
            first = error
        if retries <= 0 or not may_retry(first, is_idempotent=call.safe):
            raise first
        policy = retrying(safe=call.safe, max_retries=retries, deadline=deadline)
        return await go_on(policy, first, lambda: attempt(deadline))

    async def _open(
        self, call: Call, body: Body | None, deadline: float, options: RequestOptions | None
    ) -> aiohttp.ClientResponse:
        """Send *call* once; return its answer, still to be read, if its status is good."""
        url = self._url(call, options)
        for _ in range(MAX_REDIRECTS + 1):
            response = await self._exchange(call, url, body, deadline, options)
            if response.status < 300:
                return response
            if response.status >= 400:
                raise await self._status_error(call, response)
            url = self._redirect(call, response)
        raise APIResponseError(f"{call} was redirected in circles.")

    async def _exchange(
        self, call: Call, url: URL, body: Body | None, deadline: float, options: RequestOptions | None
    ) -> aiohttp.ClientResponse:
        """Send one request when it is its turn; return the answer as far as its headers, whatever its status."""
        await self._turn(call, deadline)
        began = time.monotonic()
        response: aiohttp.ClientResponse | None = None
        outcome: object = "no answer"
        try:
            session = await self.connections.session()
            if not call.safe:
                # The loop learns in one round that an idle connection was closed, and drops it in the next.
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            response = await session.request(
                call.method,
                url,
                data=body() if body else None,
                headers=self._headers(call, options),
                skip_auto_headers=("Content-Type",) if call.method == "POST" and body is None else None,  # of nothing
                timeout=aiohttp.ClientTimeout(total=max(deadline - began, 0.001), sock_connect=CONNECT_TIMEOUT),
                allow_redirects=False,
                raise_for_status=False,
            )
            outcome = response.status
            return response
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            failure = self._failure(str(call), error)
            outcome = type(failure).__name__
        finally:
            self.limits.leave(call.category, response.headers if response is not None else {})
            log.info("%s: %s in %.0f ms", call, outcome, 1000 * (time.monotonic() - began))
        raise next((source.failure for _, source in call.files if source.failure is not None), failure)

    async def _turn(self, call: Call, deadline: float) -> None:
        """Wait until the rate limit and the limiter let *call* go; `RateLimits.leave` has to follow."""
        timeout = deadline - time.monotonic()
        entered = False
        try:
            await self.limits.enter(call.category, timeout, min(timeout, MAX_WAIT))
            entered = True
            if self.limiter is not None:
                async with asyncio.timeout(deadline - time.monotonic()):
                    await self.limiter(call.category)
            return
        except BaseException as error:
            if entered:
                self.limits.leave(call.category, {})
            if not isinstance(error, TimeoutError):
                raise
        raise RequestNotSentTimeoutError(f"{call}: the rate limit had no free slot in time.")

    def _url(self, call: Call, options: RequestOptions | None) -> URL:
        more = (options or {}).get("additional_query_parameters") or {}
        query = query_string({**(call.query or {}), **more})
        return URL(f"{self.base_url}{call.path}" + (f"?{query}" if query else ""), encoded=True)

    def _headers(self, call: Call, options: RequestOptions | None) -> dict[str, str]:
        more = (options or {}).get("additional_headers") or {}
        added = {name: str(value) for name, value in more.items() if value is not None}
        return {**self.key.headers(), **self.headers, **(call.headers or {}), **added}

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
            failure = self._failure(str(call), error)
        finally:
            response.release()
        raise failure

    async def _status_error(self, call: Call, response: aiohttp.ClientResponse) -> APIError:
        try:
            text = (await self._read(call, response)).decode(errors="replace")
        except APIError:
            text = ""  # the status says enough
        headers = self._without_key(response.headers)
        wait = requested_wait(response.status, headers, time.time())
        return status_error(str(call), response.status, headers, self.key.hide(text), wait)

    def _redirect(self, call: Call, response: aiohttp.ClientResponse) -> URL:
        """Where a redirected *call* is to be sent again."""
        response.release()
        headers = self._without_key(response.headers)
        location = headers.get("location", "")
        try:
            target = response.url.join(URL(location))
            if location and call.method == "GET" and target.origin() == self._origin:
                return target
        except ValueError:
            pass  # no URL that anything could be sent to
        raise APIResponseError(
            f"{call} was redirected to {location.partition('?')[0] or 'nowhere'}. Only a GET follows, and only inside "
            f"of {self._origin}: the API key goes nowhere else by itself. If that is the API, set base_url.",
            status_code=response.status,
            headers=headers,
        )

    def _failure(self, what: str, error: Exception) -> APIError:
        """Say in our words why *what* got no whole answer."""
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            return UntrustedServerError(f"{what}: the server's certificate is not trusted: {error.certificate_error}")
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return RequestNotSentTimeoutError(f"{what}: no connection within {CONNECT_TIMEOUT:g} s. Check the network.")
        if isinstance(error, aiohttp.ClientConnectorError):
            return RequestNotSentError(
                f"{what}: no connection to {error.host}: {error.os_error.strerror or error.os_error}. "
                "Check base_url and the network."
            )
        if isinstance(error, aiohttp.InvalidURL):
            return RequestNotSentError(f"{what}: the URL is invalid. Check base_url.")
        if isinstance(error, TimeoutError):
            return APITimeoutError(f"{what}: no complete response in time; timeout= sets the limit.")
        # A ClientResponseError here is an answer that is not HTTP; its status 400 is aiohttp's invention.
        message = getattr(error, "message", str(error))  # half an answer, if the connection broke in its headers
        reason = self.key.hide(message if message and isinstance(message, str) else type(error).__name__)
        return APIConnectionError(f"{what}: the connection broke: {' '.join(reason.split())}")

    def _without_key(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {name: self.key.hide(value) for name, value in _lower(headers).items()}


def _body(call: Call, options: RequestOptions | None) -> Body | None:
    more = (options or {}).get("additional_body_parameters") or {}
    if call.form is not None:
        return form_body({**call.form, **more}, call.files)
    if call.json is not None or (more and call.method != "GET"):
        return json_body({**(call.json or {}), **more})
    return None


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def status_error(
    request: str, status: int, headers: Mapping[str, str], text: str, retry_after: float | None
) -> APIStatusError:
    """Make the error for a response with an error status.

    Args:
        request: The request, as ``"GET /indexes"``.
        status: HTTP status.
        headers: Headers of the response, names in lower case.
        text: Body of the response: either documented shape, or anything else.
        retry_after: Seconds to pause, as far as the headers state them.
    """
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = text
    # Flat, except on /embed-v2 and /analyze/tasks, where it is nested in "error" (docs: Error codes).
    fields = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    fields = fields["error"] if isinstance(fields.get("error"), dict) else fields
    code = fields.get("code") or fields.get("error_code")
    message = fields.get("message") or (None if code else text[:200])
    advice = ADVICE.get(status, "") if retry_after is None else f"Retry in {retry_after:.0f} s."
    reason = ": ".join(str(part) for part in (code, message) if part) or "no reason given"
    return STATUS_ERRORS.get(status, APIStatusError)(
        f"{request} failed with status {status}: {reason.rstrip('.')}. {advice}".rstrip(),
        status_code=status,
        headers=headers,
        body=body,
        code=code if isinstance(code, str) else None,
        message=message if isinstance(message, str) else None,
        docs_url=fields.get("docs_url"),
        retry_after=retry_after,
    )
