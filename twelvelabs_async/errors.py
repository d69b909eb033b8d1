"""Everything that can go wrong, as one tree.

::

    TwelveLabsError
    ├── APIError (also ApiError)          a request failed
    │   ├── APIConnectionError            no whole answer came
    │   │   └── APITimeoutError           … in time; also a TimeoutError
    │   ├── APIResponseError              an answer came that makes no sense
    │   └── APIStatusError                the API said no
    │       ├── BadRequestError           400
    │       ├── UnauthorizedError         401
    │       ├── ForbiddenError            403
    │       ├── NotFoundError             404
    │       ├── ConflictError             409
    │       ├── GoneError                 410
    │       ├── ContentTooLargeError      413
    │       ├── UnprocessableEntityError  422
    │       ├── TooManyRequestsError      429
    │       ├── InternalServerError       500
    │       ├── ServiceUnavailableError   503
    │       └── GatewayTimeoutError       504
    ├── JobFailedError                    the platform could not do the work
    ├── WaitTimeoutError                  the work was not done in time; also a TimeoutError
    ├── UploadError                       an upload cannot go on
    ├── QuotaExhaustedError               the account's quota is used up for longer than is worth waiting
    ├── RejectedError                     a source of a bulk run cannot be taken, known before anything is sent
    ├── JournalError                      the journal of a bulk run cannot be read or written
    └── WebhookVerificationError          a webhook is not known to come from the platform

Arguments that cannot be right raise the builtin `TypeError`, `ValueError` or `FileNotFoundError` before anything is
sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any, Final, cast

__all__ = [
    "APIConnectionError", "APIError", "APIResponseError", "APIStatusError", "APITimeoutError", "ApiError",
    "BadRequestError", "ConflictError", "ContentTooLargeError", "ForbiddenError", "GatewayTimeoutError", "GoneError",
    "InternalServerError", "JobFailedError", "JournalError", "NotFoundError", "QuotaExhaustedError", "RejectedError",
    "Repeat", "ServiceUnavailableError", "TooManyRequestsError", "TwelveLabsError", "UnauthorizedError",
    "UnprocessableEntityError", "UploadError", "WaitTimeoutError", "WebhookVerificationError",
]  # fmt: skip


class Repeat(Enum):
    """Whether sending the same request once more can help and do no harm."""

    NEVER = "never"
    IF_SAFE = "if safe"
    """The server may have acted: only a request that may be carried out twice can be repeated."""
    ALWAYS = "always"
    """The server cannot have acted."""


class TwelveLabsError(Exception):
    """The root of all errors of this package."""

    # Errors pickle by themselves, as their text is the one argument without a name, and all else is in __dict__.


class APIError(TwelveLabsError):
    """A request failed.

    Attributes:
        status_code: The HTTP status, or ``None`` if no answer came.
        headers: The answer's headers, names in lower case.
        body: The answer's body: JSON if it was any, else text.
        code: The API's name for the error, such as ``parameter_invalid``.
        message: The API's description of the error, or ours.
        request_id: The id that support asks for.
        retry_after: Seconds until the API will take the request, if it said so.
        docs_url: The API's page about the error.
        repeat: Whether sending the request again can help.
    """

    def __init__(
        self,
        text: str,
        *,
        status_code: int | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        code: str | None = None,
        message: str | None = None,
        docs_url: str | None = None,
        retry_after: float | None = None,
        repeat: Repeat = Repeat.NEVER,
    ) -> None:
        super().__init__(text)
        self.status_code = status_code
        self.headers: dict[str, str] = dict(headers or {})
        self.body = body
        self.code = code
        self.message: str = message or text
        self.request_id: str | None = self.headers.get("x-request-id") or self.headers.get("request-id")
        self.retry_after = retry_after
        self.docs_url = docs_url
        self.repeat = repeat


ApiError = APIError
"""The name the official SDK uses."""


class APIConnectionError(APIError):
    """No whole answer came: no connection, or it broke, or what came is not HTTP or cannot be unpacked."""


class APITimeoutError(APIConnectionError, TimeoutError):
    """No whole answer came within the time allowed."""


class APIResponseError(APIError):
    """An answer came that makes no sense, nor would when asked for again.

    It is not JSON, no object, too large, a redirect that is not followed, or a stream that reports an error or ends
    before its end.
    """


class APIStatusError(APIError):
    """The API answered with an error status."""


class BadRequestError(APIStatusError):
    """400: an argument is missing or wrong."""


class UnauthorizedError(APIStatusError):
    """401: the API key is missing or unknown."""


class ForbiddenError(APIStatusError):
    """403: the API key may not do this."""


class NotFoundError(APIStatusError):
    """404: there is nothing with that id."""


class ConflictError(APIStatusError):
    """409: the present state does not allow it. Never a passing fault."""


class GoneError(APIStatusError):
    """410: it was there and has expired."""


class ContentTooLargeError(APIStatusError):
    """413: the request is too large."""


class UnprocessableEntityError(APIStatusError):
    """422: well-formed, but not something the API can do."""


class TooManyRequestsError(APIStatusError):
    """429: a rate limit or a quota is used up; `retry_after` says for how long, if the API did."""


class InternalServerError(APIStatusError):
    """500: the service failed."""


class ServiceUnavailableError(APIStatusError):
    """503: the service cannot answer now."""


class GatewayTimeoutError(APIStatusError):
    """504: the service did not answer its gateway in time."""


class JobFailedError(TwelveLabsError):
    """The platform gave up on a job.

    Attributes:
        job: The last thing the API said of it, for example an `IndexedAsset`.
        reason: Why, as far as the API says.
    """

    def __init__(self, text: str, *, job: Any = None, reason: str | None = None) -> None:
        super().__init__(text)
        self.job = job
        self.reason = reason


class WaitTimeoutError(TwelveLabsError, TimeoutError):
    """A job was not finished in the time allowed. It may still finish: wait again.

    Attributes:
        job: The last thing the API said of it, or ``None``.
    """

    def __init__(self, text: str, *, job: Any = None) -> None:
        super().__init__(text)
        self.job = job


class UploadError(TwelveLabsError):
    """An upload cannot go on.

    Attributes:
        message: What happened.
        upload_id: Pass it to `upload` or `upload_file` to go on where this one stopped.
        chunk_index: The part that failed, counted from 1.
        original_error: What made it fail.
    """

    def __init__(
        self,
        message: str,
        chunk_index: int | None = None,
        original_error: Exception | None = None,
        *,
        upload_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.chunk_index = chunk_index
        self.original_error = original_error
        self.upload_id = upload_id


class QuotaExhaustedError(TwelveLabsError):
    """The account may do no more of this for now.

    Attributes:
        resume_at: When it may again, in UTC.
    """

    def __init__(self, text: str, *, resume_at: datetime | None = None) -> None:
        super().__init__(text)
        self.resume_at = resume_at


class RejectedError(TwelveLabsError):
    """A source of a bulk run cannot be taken: its file is beyond a limit, or an earlier run found out that it fails."""


class JournalError(TwelveLabsError):
    """The journal of a bulk run cannot be read or written."""


class WebhookVerificationError(TwelveLabsError):
    """A webhook's signature is missing, wrong or too old: it may be anybody's."""


_CLASSES: Final[dict[int, type[APIStatusError]]] = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    410: GoneError,
    413: ContentTooLargeError,
    422: UnprocessableEntityError,
    429: TooManyRequestsError,
    500: InternalServerError,
    503: ServiceUnavailableError,
    504: GatewayTimeoutError,
}

_REPEAT: Final = {429: Repeat.ALWAYS} | dict.fromkeys((408, 500, 502, 503, 504), Repeat.IF_SAFE)

_ADVICE: Final = {
    401: "Check the API key: pass api_key= or set TWELVELABS_API_KEY.",
    403: "The API key is known but may not do this: check the plan and whose resource it is.",
    404: "Check the id, and that it belongs to this organisation.",
    409: "Bring it into the state the call needs, then call again.",
    413: "Upload it in parts: assets.upload() does so by itself.",
}


def is_gone(error: Exception) -> bool:
    """Whether the API says that there is nothing with that id; some of its pages do so by 400."""
    return isinstance(error, NotFoundError) or (
        isinstance(error, APIStatusError) and error.code == "resource_not_exist"
    )


def status_error(
    request: str, status: int, headers: Mapping[str, str], text: str, retry_after: float | None
) -> APIStatusError:
    """Make the error for an answer with an error status.

    Args:
        request: What was asked, as ``"GET /indexes"``.
        status: The HTTP status.
        headers: The answer's headers, names in lower case.
        text: The answer's body: either documented shape, or anything else.
        retry_after: Seconds to wait, as far as the headers say.
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
    advice = _ADVICE.get(status, "")
    if retry_after is not None:
        advice = f"It can be tried again in {retry_after:.0f} s."
    said = ": ".join(str(part) for part in (code, message) if part) or "without saying why"
    return _CLASSES.get(status, APIStatusError)(
        f"{request} was answered with {status}: {said.rstrip('.')}. {advice}".rstrip(),
        status_code=status,
        headers=headers,
        body=body,
        code=code if isinstance(code, str) else None,
        message=message if isinstance(message, str) else None,
        docs_url=fields.get("docs_url"),
        retry_after=retry_after,
        repeat=_REPEAT.get(status, Repeat.NEVER),
    )
