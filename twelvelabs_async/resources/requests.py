"""Requests to endpoints that have no method."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Concatenate, Final, cast
from urllib.parse import quote

from .._file_inputs import File
from .._files import open_files
from .._http_responses import AsyncHttpResponse, HttpResponse
from .._structured_output import Content, from_json
from .._validators import valid_headers
from ..errors import InvalidArgumentError, InvalidArgumentTypeError
from ..models._base import Model
from ..options import EMBED_CATEGORIES, RateLimitCategory, RequestOptions
from ._base import AsyncResource
from ._raw import A, Endpoint, Mode, P, Raw, raw

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")

CATEGORIES: Final[Mapping[str, RateLimitCategory]] = {
    r"/search$": "search",
    r"/analyze$": "analyze",
    r"/analyze(/tasks|/batches)$": "analyze_tasks",
    r"/embed/tasks$": "embed_video",
    r"/embed(-v2|-v2/tasks)?$": "embed",
    r"/responses$": "responses",
    r"/assets(/multipart-uploads)?$": "assets",
    r"/tasks$|/indexes/[^/]+/indexed-assets$": "indexing",
    r"/knowledge-stores/[^/]+/search$": "knowledge",
}
"""Rate limits of POST requests by pattern of the path (docs: Rate limits). All other requests count as ``other``."""


class AsyncRequests(AsyncResource):
    """The method of the client itself that calls any endpoint."""

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        json: Mapping[str, Any] | Sequence[Any] | Model | None = None,
        form: Mapping[str, Any] | None = None,
        files: Mapping[str, File | list[File]] | None = None,
        headers: Mapping[str, str] | None = None,
        is_idempotent: bool | None = None,
        request_options: RequestOptions | None = None,
        into: type[Content] | None = None,
    ) -> Content:
        """Call an endpoint that has no method in this version, with the retries, limits and errors of all calls.

        Args:
            method: HTTP method.
            path: Path below the base URL, such as ``/indexes``, or a URL that begins with the base URL.
            query: Query parameters. ``None`` leaves one out, a list repeats it.
            json: The JSON body. Models can be in it.
            form: Fields of a form, instead of *json*.
            files: Files of the form by the names of their fields.
            headers: Headers to add.
            is_idempotent: True if the request may be sent again although it may have been processed. Default: true,
                but false for a POST without an ``Idempotency-Key``.
            into: Class of the result: a model of this package, or an attrs class or dataclass that the response has to
                fit exactly; or `bytes` for the body as it is. Default: the JSON as it is; ``None`` if the response has
                no body.

        Raises:
            ValueError: *method* or *path* is invalid, or the URL is that of another server, which must not receive the
                API key.
            APIResponseError: The response is not JSON, or does not fit *into*.

        Example:
            ::

                index = await client.request("POST", "/indexes", json={"index_name": "talks", "models": models})
                print(index["_id"])
                await client.request("GET", f"/indexes/{index['_id']}", into=IndexSchema)
        """
        method, path = _valid_method(method), _path_below(self._transport.settings.base_url, path)
        headers = valid_headers("headers", headers or {})
        if is_idempotent is None:
            is_idempotent = method != "POST" or any(name.lower() == "idempotency-key" for name in headers)
        if json is not None and (form is not None or files):
            raise InvalidArgumentError("json and form are both given. A request has one body: leave one of them out.")
        async with open_files(**(files or {})) as opened:
            request = self._build(
                method,
                path,
                request_options,
                query=query,
                json=cast("Mapping[str, Any] | None", json),
                form={**(form or {})} if form is not None or files else None,
                files=opened,
                headers=headers,
                is_idempotent=is_idempotent,
                category=category_of(method, path, json.get("input_type") if isinstance(json, dict) else None),
            )
            response = await self._transport.send(request)
        if into is None:
            return cast("Content", self._transport.decode_json(request, response))
        if into is bytes:
            return cast("Content", bytes(response.body))
        if issubclass(into, Model):
            return self._transport.decode(request, response, into)
        return from_json(bytes(response.body).decode(errors="replace"), into)


def category_of(method: str, path: str, input_type: str | None = None) -> RateLimitCategory:
    """Return the rate limit that a request counts against."""
    for pattern, category in CATEGORIES.items() if method == "POST" else ():
        if re.match(pattern, path):
            return EMBED_CATEGORIES.get(input_type or "", category) if category == "embed" else category
    return "other"


def _valid_method(method: str) -> str:
    if str(method).upper() not in METHODS:
        raise InvalidArgumentError(f"method must be one of {', '.join(METHODS)}; got {method!r:.100}.")
    return str(method).upper()


def _path_below(base_url: str, path: str) -> str:
    """Return the path of a request, encoded.

    Raises:
        ValueError: *path* is a URL elsewhere, leads out of the base URL, or has a query.
    """
    expected = 'path must be a path below base_url, such as "/indexes"'
    if not isinstance(path, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgumentTypeError(f"{expected}; got {path!r:.100}.")
    if "?" in path or "#" in path:
        raise InvalidArgumentError(f"{expected}, without a query. Pass query=; got {path.partition('?')[0]!r:.100}.")
    below = path.removeprefix(base_url + "/")
    if "://" in below or ".." in below.split("/") or not below.strip("/ "):
        raise InvalidArgumentError(f"{expected}: no other server receives the API key; got {path!r:.100}.")
    return "/" + quote(below.lstrip("/"), safe="/%:@!$&'()*+,;=~")


def _raw_content(
    method: Callable[Concatenate[A, P], Coroutine[Any, Any, Content]],
) -> Endpoint[P, Coroutine[Any, Any, AsyncHttpResponse[Content]], HttpResponse[Content]]:
    return raw(method)  # mypy keeps the default of a type variable only where the variable is named


class RawRequests(Raw[Mode]):
    """The methods of `AsyncRequests`, which return the whole response."""

    request: Final = _raw_content(AsyncRequests.request)
