"""Responses: their JSON as models, and the errors of requests that failed."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final, TypeVar, cast

from attrs import define

from ._api_key import ApiKey
from ._failures import was_not_processed
from ._request import Request
from ._response_headers import requested_pause
from .errors import ADVICE, STATUS_ERRORS, APIError, APIResponseError, APIStatusError
from .models._wire import loads, structure

MAX_TEXT_BYTES: Final = 1024 * 1024
"""Bytes of an unusable body that are searched for the start of its text: a thousand times as many as errors keep."""

T = TypeVar("T")
E = TypeVar("E", bound=APIError)


@define(eq=False)
class Response:
    """A response. Its repr does not show what the server sent, which may contain the API key.

    Attributes:
        status: HTTP status.
        headers: Headers; names are case-insensitive.
        body: The complete body, unless it is streamed.
        stream: The body of a streamed response, as it arrives.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes | bytearray = b""
    stream: AsyncGenerator[bytes, None] | None = None

    def __repr__(self) -> str:
        return f"Response(status={self.status}, <{len(self.body)} bytes>)"


def make_error(key: ApiKey, request: Request, cls: type[E], text: str, **facts: Any) -> E:
    """Make an error of *request*. If the API may have processed a creating request, the error states it."""
    error = cls(f"{request}: {key.redact(text)}", **facts)
    if not request.is_idempotent and not was_not_processed(error):
        error.args = (f"{error} The API may have processed the request: check before sending it again.",)
    return error


def decode(key: ApiKey, request: Request, response: Response, cls: type[T]) -> T:
    """Return the JSON object in a response as a *cls*.

    Raises:
        APIResponseError: The response is not a JSON object.
    """
    try:
        data = loads(response.body)
        if type(data) is dict:
            return structure(data, cls)
        reason = "is not a JSON object"
    except (ValueError, RecursionError) as error:
        reason = f"is not JSON ({error})"
    text = key.redact(response.body[:MAX_TEXT_BYTES].decode(errors="replace"))[:2000]
    raise make_error(
        key,
        request,
        APIResponseError,
        f"the response {reason}: {text[:60]!r}. Check base_url.",
        status_code=response.status,
        headers=key.redact_headers(response.headers),
        body=text,
    )


def status_error(key: ApiKey, request: Request, response: Response) -> APIStatusError:
    """Make the error for a response with an error status.

    Its body has one of the two documented shapes, or is anything else.
    """
    headers = key.redact_headers(response.headers)
    text = key.redact(response.body.decode(errors="replace"))
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = text
    # Flat, except on /embed-v2 and /analyze/tasks, where it is nested in "error" (docs: Error codes).
    fields = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    fields = fields["error"] if isinstance(fields.get("error"), dict) else fields
    fields = {name: value for name, value in fields.items() if isinstance(value, str)}
    code = fields.get("code") or fields.get("error_code")
    message = fields.get("message") or (None if code else text[:200])
    pause = requested_pause(response.status, headers)
    name = f" ({code})" if code else ""
    reason = f": {message}" if message else ""
    if pause is not None:
        advice = f"Retry in {pause:.0f} s."
    else:  # errors of the storage are not about the account
        advice = ADVICE.get(response.status, "") if request.category is not None else ""
    return make_error(
        key,
        request,
        STATUS_ERRORS.get(response.status, APIStatusError),
        f"status {response.status}{name}{reason.rstrip('.')}. {advice}".rstrip(),
        status_code=response.status,
        headers=headers,
        body=body,
        code=code,
        message=message,
        docs_url=fields.get("docs_url"),
        retry_after=pause,
    )
