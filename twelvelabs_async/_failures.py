"""Classification of failures: transient or not, possibly processed or not, permanent or not.

Every module that has to decide what a failure means asks this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from .errors import (
    APIConnectionError,
    APIError,
    APIResponseError,
    APIStatusError,
    BudgetExceededError,
    JobFailedError,
    NotFoundError,
    ProxyError,
    RejectedError,
    RequestNotSentError,
    TwelveLabsError,
    UntrustedServerError,
    UploadError,
)


@frozen(kw_only=True)
class Failure:
    """The meaning of a failure for the next request.

    Attributes:
        is_transient: The same request may succeed later.
        may_be_processed: The API may have acted on the request.
        is_about_input: The API refused the content of the request, not the account that sent it.
        is_permanent: The same input fails again, whatever happens to the account and its resources.
    """

    is_transient: bool = False
    may_be_processed: bool = False
    is_about_input: bool = False
    is_permanent: bool = False


NOT_PROCESSED: Final = Failure(is_transient=True)
INTERRUPTED: Final = Failure(is_transient=True, may_be_processed=True)
DENIED: Final = Failure()
UNSUITABLE: Final = Failure(is_about_input=True)
INVALID: Final = Failure(is_about_input=True, is_permanent=True)
UNUSABLE: Final = Failure(may_be_processed=True)
FAILED: Final = Failure(may_be_processed=True, is_permanent=True)

FAILURES: Final[Mapping[int | type[Exception], Failure]] = {
    400: INVALID,
    401: DENIED,
    402: DENIED,
    403: DENIED,
    404: UNSUITABLE,
    405: DENIED,  # the URL is not one of the API: base_url is wrong, not the input
    407: DENIED,
    408: INTERRUPTED,
    409: UNSUITABLE,
    410: INVALID,
    413: INVALID,
    415: INVALID,
    421: NOT_PROCESSED,
    422: INVALID,
    425: NOT_PROCESSED,
    429: NOT_PROCESSED,
    500: INTERRUPTED,
    501: DENIED,
    502: INTERRUPTED,
    503: INTERRUPTED,
    504: INTERRUPTED,
    511: DENIED,  # the login page of a network
    RequestNotSentError: NOT_PROCESSED,
    UntrustedServerError: DENIED,
    ProxyError: DENIED,
    APIConnectionError: INTERRUPTED,
    APIResponseError: UNUSABLE,
    UploadError: INTERRUPTED,  # the API knows which parts it has, so that the upload can be resumed
    JobFailedError: FAILED,
    RejectedError: FAILED,
    BudgetExceededError: DENIED,
    TwelveLabsError: UNUSABLE,
    ValueError: INVALID,  # arguments and files are validated before the request is sent
    TypeError: INVALID,
    OSError: DENIED,
}
"""The one table. Of the other statuses, those below 500 are `DENIED` and those from 500 on `UNUSABLE`."""

NOT_FOUND_GRACE_SECONDS: Final = 30.0
"""For this long after its creation, a job may be unknown to the server that answers a poll."""


def classify(error: BaseException) -> Failure:
    """Return the meaning of *error*: by its status, else by its nearest class."""
    if is_missing(error):
        return FAILURES[404]
    if isinstance(error, APIStatusError) and error.status_code is not None:
        return FAILURES.get(error.status_code, DENIED if error.status_code < 500 else UNUSABLE)
    return next((FAILURES[cls] for cls in type(error).__mro__ if cls in FAILURES), UNUSABLE)


def cause_of(error: BaseException) -> BaseException:
    """Return the failed request that ended an upload in parts, or *error* itself."""
    return (error.original_error or error) if isinstance(error, UploadError) else error


def is_transient(error: BaseException) -> bool:
    """Return whether the same request may succeed later."""
    return classify(error).is_transient


def is_permanent(error: BaseException) -> bool:
    """Return whether the same input fails again, whatever happens to the account and its resources."""
    return classify(error).is_permanent


def was_not_processed(error: BaseException) -> bool:
    """Return whether the API cannot have acted on the request."""
    return not classify(error).may_be_processed


def is_missing(error: BaseException) -> bool:
    """Return whether the API reports that a resource does not exist; some of its endpoints do so by status 400."""
    return isinstance(error, NotFoundError) or (
        isinstance(error, APIStatusError) and error.code == "resource_not_exist"
    )


def is_about_input(error: BaseException) -> bool:
    """Return whether the API refused the content of a request, not the account that sent it."""
    return classify(error).is_about_input


def may_retry(error: BaseException, *, is_idempotent: bool) -> bool:
    """Return whether the request that failed with *error* may be sent again."""
    failure = classify(error)
    return failure.is_transient and (is_idempotent or not failure.may_be_processed)


def may_poll_again(error: BaseException, job_age: float) -> bool:
    """Return whether a poll that failed with *error* may succeed later, for a job that is *job_age* seconds old."""
    if is_missing(error):
        return job_age < NOT_FOUND_GRACE_SECONDS
    return isinstance(error, APIError) and is_transient(error)


def deserves_fresh_url(error: APIError) -> bool:
    """Return whether a part that the storage refused is worth another attempt, with a fresh presigned URL.

    An expired or used URL is refused with 403, and by some storages with 400.
    """
    return is_transient(error) or error.status_code in (400, 403)
