"""Responses: their JSON as models, and the errors of requests that failed."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta
from typing import Any, Final, TypedDict, TypeVar, cast

from attrs import define, field
from multidict import CIMultiDict

from ._api_key import ApiKey
from ._failures import was_not_processed
from ._request import Request
from ._response_headers import requested_pause
from .errors import (
    ADVICE,
    MAY_BE_PROCESSED,
    STATUS_ERRORS,
    STORAGE_ADVICE,
    APIError,
    APIResponseError,
    APIStatusError,
    one_line,
)
from .models._wire import loads, structure
from .options import BASE_URL

T = TypeVar("T")
E = TypeVar("E", bound=APIError)

MAX_BODY_BYTES: Final = 64 * 1024
"""Bytes of a body that is not JSON that are decoded as text."""
MAX_BODY_LENGTH: Final = 10_000
"""Characters of this text that an error keeps."""
MAX_MESSAGE_LENGTH: Final = 500
"""Characters of a message of the API that the text of an error quotes."""

_TAGS: Final = re.compile(r"<(script|style)\b.*?(</\1\s*>|$)|<!--.*?(-->|$)|<[^>]*(>|$)", re.I | re.S)
_API_VERSION: Final = re.compile(r"/v\d")
_XML_FIELDS: Final = re.compile(r"<(Code|Message)>([^<]*)<")
"""The fields of an error of an S3 storage."""


@define(eq=False)
class Response:
    """A response. Its repr does not show what the server sent, which may contain the API key.

    Attributes:
        status: HTTP status.
        headers: Headers; names are case-insensitive.
        body: The complete body, unless it is streamed.
        stream: The body of a streamed response, as it arrives.
        elapsed: Seconds from the start of the attempt to the complete response, or to the headers of a streamed one.
        url: The URL of the request, or that of its last redirect.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | bytearray = field(repr=False, default=b"")
    stream: AsyncGenerator[bytes, None] | None = field(repr=False, default=None)
    elapsed: float = 0.0
    url: str = field(repr=False, default="")


def lowered(headers: Mapping[str, str]) -> dict[str, str]:
    """Return *headers* with their names in lower case."""
    return {name.lower(): value for name, value in headers.items()}


class HttpFacts(TypedDict):
    """Keyword arguments of `BaseHttpResponse`."""

    status_code: int
    headers: Mapping[str, str]
    elapsed: timedelta


def http_facts(key: ApiKey, response: Response) -> HttpFacts:
    """Return the facts about a response that a caller can see, without secrets."""
    headers = CIMultiDict(key.redact(lowered(response.headers)))
    return {"status_code": response.status, "headers": headers, "elapsed": timedelta(seconds=response.elapsed)}


def make_error(
    key: ApiKey, request: Request, cls: type[E], text: str, *, response: Response | None = None, **facts: Any
) -> E:
    """Make an error of *request*, without secrets. If a creating request may have been processed, the error states it.

    Args:
        key: The API key.
        request: The request that failed.
        cls: Class of the error.
        text: Text after the name of the request.
        response: The response, if there is one.
        facts: Further attributes of the error.
    """
    if response is not None:
        facts = {"status_code": response.status, "headers": lowered(response.headers), **facts}
    facts["text"] = f"{request}: {text if text.endswith('.') else text + '.'}"
    error = cls(**key.redact(facts, request.secrets))
    if not request.is_idempotent and not was_not_processed(error):
        error.args = (f"{error} {MAY_BE_PROCESSED}",)
    return error


def refuse_web_page(key: ApiKey, request: Request, response: Response) -> None:
    """Validate a response without a result, which is JSON or empty.

    Raises:
        APIResponseError: It is a web page, as of the login to a network.
    """
    if response.body[:100].lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"<"):
        raise _unusable(key, request, response, "is a web page", "Check base_url, and log in to the network.")


def decode(key: ApiKey, request: Request, response: Response, cls: type[T]) -> T:
    """Return the JSON object in a response as a *cls*.

    Raises:
        APIResponseError: The response is not a JSON object.
    """
    data = decode_json(key, request, response)
    if type(data) is dict:
        return structure(data, cls)
    data = None  # the traceback must not show it
    raise _unusable(key, request, response, "is not a JSON object", "Check base_url.")


def decode_json(key: ApiKey, request: Request, response: Response) -> Any:
    """Return the JSON in a response; ``None`` if it has no body.

    Raises:
        APIResponseError: The response is not JSON.
    """
    if not response.body:
        return None
    try:
        return loads(response.body)
    except (ValueError, RecursionError) as error:
        reason = f"is not JSON ({error})"
    refuse_web_page(key, request, response)
    raise _unusable(key, request, response, reason, "Check base_url.")


def _unusable(key: ApiKey, request: Request, response: Response, reason: str, advice: str) -> APIResponseError:
    text = _text(key, request, response)
    quoted = f"the response {reason}: {_plain(text)[:60]!r}. {advice}"
    return make_error(key, request, APIResponseError, quoted, response=response, body=text)


def status_error(key: ApiKey, request: Request, response: Response) -> APIStatusError:
    """Make the error for a response with an error status."""
    text = _text(key, request, response)
    body, fields = _parsed_error(key, request, response, text)
    code = fields.get("code") or fields.get("error_code")
    message = fields.get("message") or (None if code else _plain(text))
    name = f" ({code:.60})" if code else ""
    reason = f": {one_line(message, MAX_MESSAGE_LENGTH)}" if message else ""
    pause = requested_pause(response.status, lowered(response.headers))
    if pause is not None:
        advice = f"Retry in {pause:.0f} s."
    elif request.category is None:
        advice = STORAGE_ADVICE.get(response.status, "")
    elif response.status in (404, 405) and not (code and _API_VERSION.search(request.url)):  # such are the API's own
        advice = f"Check base_url, such as {BASE_URL}."
    else:
        advice = ADVICE.get(response.status, "")
    return make_error(
        key,
        request,
        APIStatusError if request.category is None else STATUS_ERRORS.get(response.status, APIStatusError),
        f"status {response.status}{name}{reason.rstrip('.')}. {advice}".rstrip(),
        response=response,
        body=body,
        code=code,
        message=message,
        docs_url=fields.get("docs_url"),
        retry_after=pause,
    )


def _parsed_error(key: ApiKey, request: Request, response: Response, text: str) -> tuple[Any, dict[str, str]]:
    """Return the body of an error as JSON or text, and the texts of its fields by their names in lower case."""
    try:
        body: object = key.redact(json.loads(response.body.decode(errors="replace")), request.secrets)
    except (ValueError, RecursionError):
        return text, {name.lower(): value for name, value in _XML_FIELDS.findall(text)}
    fields = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    # Flat, except on /embed-v2 and /analyze/tasks, where it is nested in "error" (docs: Error codes).
    fields = fields["error"] if isinstance(fields.get("error"), dict) else fields
    return cast("Any", body), {name.lower(): value for name, value in fields.items() if isinstance(value, str)}


def _text(key: ApiKey, request: Request, response: Response) -> str:
    """Return the start of a body as text. Secrets are redacted first: half of one would not be recognized."""
    return key.redact(response.body[:MAX_BODY_BYTES].decode(errors="replace"), request.secrets)[:MAX_BODY_LENGTH]


def _plain(text: str) -> str:
    """Return the start of a body in one line, without the tags of HTML."""
    return one_line(_TAGS.sub("\n", text) if text.lstrip().startswith("<") else text)
