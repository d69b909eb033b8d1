"""A request, with the settings of the client and of the call merged once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any, Final, TypedDict, cast
from urllib.parse import quote

from attrs import define, field, frozen

from ._api_key import secrets_in
from ._encoding import Form, json_body, query_string
from ._files import FileRange, UploadFile
from ._validators import number, require_between, require_positive, seconds, time_limit, valid_headers, whole_number
from .errors import InvalidArgumentError, InvalidArgumentTypeError
from .options import MAX_RETRIES, REQUEST_TIMEOUT, Limiter, RateLimitCategory, RequestOptions

SLOWEST_UPLOAD_BYTES_PER_SECOND: Final = 128 * 1024
"""A request gets this much more time for each byte of its files; a slower upload times out."""

_OPTION_NAMES: Final = frozenset(RequestOptions.__annotations__)


@frozen(kw_only=True)
class Settings:
    """Settings of a client.

    Attributes:
        base_url: URL of the API with its version, without a slash at the end.
        timeout: Seconds for a request with all its retries.
        max_retries: Retries of a failed request.
        headers: Headers of every request; those of the session are added to them.
        limiter: The caller's own rate limiter.
    """

    base_url: str
    timeout: float = time_limit(REQUEST_TIMEOUT)
    max_retries: int = whole_number(0, default=MAX_RETRIES)
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    limiter: Limiter | None = None


@define(eq=False)
class Request:
    """One request.

    Attributes:
        method: HTTP method.
        url_path: Path below the base URL, or a presigned URL without its query. It names the request in messages.
        url: Absolute URL, encoded.
        headers: Headers; those of the session are added to them.
        body: JSON, a form, or a range of a file.
        timeout: Seconds for all attempts.
        max_retries: Attempts after the first.
        is_idempotent: True if the request may be processed twice.
        category: The rate limit that the request counts against; ``None`` if it goes to the storage.
        is_streamed: True if the body of the response is read by the caller, as it arrives.
        chunk_size: Bytes to read at once from a streamed response; ``None`` reads what has arrived.
    """

    method: str
    url_path: str
    url: str = field(repr=False)
    headers: Mapping[str, str] | None = field(repr=False, default=None)
    body: bytes | Form | FileRange | None = field(repr=False, default=None)
    timeout: float = field(kw_only=True)
    max_retries: int = field(kw_only=True, default=0)
    is_idempotent: bool = field(kw_only=True)
    category: RateLimitCategory | None = field(kw_only=True)
    is_streamed: bool = field(kw_only=True, default=False)
    chunk_size: int | None = field(kw_only=True, default=None)

    def __str__(self) -> str:
        return f"{self.method} {self.url_path}"

    @property
    def secrets(self) -> list[str]:
        """Secrets among the headers and in the query."""
        return secrets_in(self.headers or {}, self.url)


class RequestContent(TypedDict, total=False):
    """Optional arguments of `build_request` that describe the content of a request and its response."""

    query: Mapping[str, Any] | None
    json: Mapping[str, Any] | None
    form: Mapping[str, Any] | None
    files: Sequence[tuple[str, UploadFile]]
    headers: Mapping[str, str] | None
    category: RateLimitCategory
    is_streamed: bool


def build_request(
    settings: Settings,
    method: str,
    url_path: str,
    options: RequestOptions | None = None,
    *,
    query: Mapping[str, Any] | None = None,
    json: Mapping[str, Any] | None = None,
    form: Mapping[str, Any] | None = None,
    files: Sequence[tuple[str, UploadFile]] = (),
    headers: Mapping[str, str] | None = None,
    is_idempotent: bool = True,
    category: RateLimitCategory = "other",
    is_streamed: bool = False,
) -> Request:
    """Merge the settings of a client, the arguments of a call and its *options*.

    Args:
        settings: Settings of the client.
        method: HTTP method.
        url_path: Path below the base URL, from `url_path`.
        options: Options of the call.
        query: Query parameters.
        json: Fields of a JSON body.
        form: Fields of a form.
        files: Files of the form, each with the name of its field.
        headers: Headers of this kind of request.
        is_idempotent: True if the request may be processed twice.
        category: The rate limit that the request counts against.
        is_streamed: True if the caller reads the response as it arrives.

    Raises:
        TypeError: An option is unknown, or a value has no JSON form.
        ValueError: An option is out of range, or a header is invalid.
    """
    timeout, max_retries, chunk_size = settings.timeout, settings.max_retries, None
    if settings.headers:
        headers = {**settings.headers, **(headers or {})}
    if options:
        _validate(options)
        query = {**(query or {}), **(options.get("additional_query_parameters") or {})}
        headers = {**(headers or {}), **valid_headers("additional_headers", options.get("additional_headers") or {})}
        if fields := options.get("additional_body_parameters"):
            if form is not None:
                form = {**form, **fields}
            elif json is not None or method != "GET":
                json = {**(json or {}), **fields}
        timeout = seconds(options.get("timeout_in_seconds")) or timeout
        max_retries = number(options.get("max_retries", max_retries))
        chunk_size = number(options.get("chunk_size"))
    if files:
        timeout += sum(file.size for _, file in files) / SLOWEST_UPLOAD_BYTES_PER_SECOND
    encoded = query_string(query) if query else ""
    return Request(
        method,
        url_path,
        f"{settings.base_url}{url_path}?{encoded}" if encoded else settings.base_url + url_path,
        headers,
        Form(form, files) if form is not None else json_body(json) if json is not None else None,
        timeout=timeout,
        max_retries=max_retries,
        is_idempotent=is_idempotent,
        category=category,
        is_streamed=is_streamed,
        chunk_size=chunk_size,
    )


def argument_checks(options: RequestOptions | None) -> AbstractContextManager[object]:
    """Return the context of checks of arguments that are part of the body.

    With additional parameters in *options*, the request has more than the arguments, so a failed check is ignored and
    the API decides.
    """
    is_amended = options and (options.get("additional_body_parameters") or options.get("additional_query_parameters"))
    return suppress(InvalidArgumentError) if is_amended else nullcontext()


def _validate(options: RequestOptions) -> None:
    given = cast("Mapping[str, Any]", options)
    for name in given:
        if name not in _OPTION_NAMES:
            from difflib import get_close_matches  # takes long to import

            similar = get_close_matches(name, _OPTION_NAMES, cutoff=0.5) or sorted(_OPTION_NAMES)
            raise InvalidArgumentTypeError(
                f"request_options has no {name!r}. Expected {' or '.join(map(repr, similar))}."
            )
    if (timeout := given.get("timeout_in_seconds")) is not None:
        require_positive("timeout_in_seconds", timeout)
    if (chunk_size := given.get("chunk_size")) is not None:
        require_between("chunk_size", chunk_size, 1, is_whole=True)
    require_between("max_retries", given.get("max_retries", 0), 0, is_whole=True)


def url_path(template: str, **ids: str) -> str:
    """Fill percent-encoded *ids* into *template*.

    Example:
        >>> url_path("/indexes/{index_id}", index_id="a/b")
        '/indexes/a%2Fb'

    Raises:
        TypeError: An id is not a string.
        ValueError: An id is empty, ``.`` or ``..``.
    """
    for name, value in ids.items():
        ids[name] = _quoted_id(name, value)
    return template.format_map(ids)


def require_ids(**ids: str) -> None:
    """Validate ids that later requests will use; raise as `url_path` does."""
    for name, value in ids.items():
        _quoted_id(name, value)


def _quoted_id(name: str, value: str) -> str:
    if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgumentTypeError(f"{name} must be a str; got {type(value).__name__}: {value!r:.100}.")
    value = str.__str__(value)  # the content of an enum's member, and not its name
    if value.isalnum() and value.isascii():  # as ids are; quoting takes longer than the rest of this module
        return value
    if value.strip() in ("", ".", ".."):
        raise InvalidArgumentError(f"{name} must be the id of a resource; got {value!r:.100}.")
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        raise InvalidArgumentError(
            f"{name} must be the id of a resource; got {value!r:.100}, which is not valid Unicode."
        ) from None
