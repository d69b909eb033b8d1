"""The classification of failures."""

from __future__ import annotations

import pytest

from twelvelabs_async._failures import (
    deserves_fresh_url,
    is_about_input,
    is_missing,
    is_permanent,
    is_transient,
    may_poll_again,
    may_retry,
    was_not_processed,
)
from twelvelabs_async._request import url_path
from twelvelabs_async.errors import (
    STATUS_ERRORS,
    APIConnectionError,
    APIError,
    ApiError,
    APIResponseError,
    APIStatusError,
    APITimeoutError,
    JobFailedError,
    NotFoundError,
    ProxyError,
    RejectedError,
    RequestNotSentError,
    RequestNotSentTimeoutError,
    TooManyRequestsError,
    UntrustedServerError,
    UploadError,
    WaitTimeoutError,
)


def status_error(status: int, code: str | None = None) -> APIStatusError:
    return STATUS_ERRORS.get(status, APIStatusError)("failed", status_code=status, code=code)


TRANSIENT = [408, 421, 425, 429, 500, 502, 503, 504]
PROCESSED = [408, 500, 502, 503, 504, 505, 599]
PERMANENT = [400, 410, 413, 415, 422]
ABOUT_INPUT = [*PERMANENT, 404, 409]
STATUSES = sorted({*TRANSIENT, *PROCESSED, *ABOUT_INPUT, 401, 402, 403, 405, 407, 418, 451, 501, 511})


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_decides_about_every_question(status: int) -> None:
    """Each column of the table: transient, possibly processed, permanent, about the input."""
    error = status_error(status)
    assert is_transient(error) is (status in TRANSIENT)
    assert was_not_processed(error) is (status not in PROCESSED)
    assert is_permanent(error) is (status in PERMANENT)
    assert is_about_input(error) is (status in ABOUT_INPUT)


@pytest.mark.parametrize("status", STATUSES)
def test_a_request_that_is_not_idempotent_is_retried_only_if_it_was_not_processed(status: int) -> None:
    """An idempotent one is retried after every transient failure."""
    error = status_error(status)
    assert may_retry(error, is_idempotent=True) is (status in TRANSIENT)
    assert may_retry(error, is_idempotent=False) is (status in (421, 425, 429))


@pytest.mark.parametrize(
    ("error", "transient", "processed"),
    [
        (RequestNotSentError("x"), True, False),
        (RequestNotSentTimeoutError("x"), True, False),
        (APITimeoutError("x"), True, True),
        (APIConnectionError("x"), True, True),
        (UntrustedServerError("x"), False, False),
        (ProxyError("x"), False, False),
        (APIResponseError("x"), False, True),
        (UploadError("x"), True, True),
        (WaitTimeoutError("x"), False, True),
        (JobFailedError("x"), False, True),
        (RejectedError("x"), False, True),
        (ValueError("x"), False, False),
        (TypeError("x"), False, False),
        (FileNotFoundError("x"), False, False),
        (RuntimeError("x"), False, True),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_error_without_a_status_is_classified_by_its_class(
    error: Exception, transient: bool, processed: bool
) -> None:
    """The nearest class that the table has decides."""
    assert (is_transient(error), was_not_processed(error)) == (transient, not processed)


@pytest.mark.parametrize(
    "error", [JobFailedError("x"), RejectedError("x"), ValueError("x"), TypeError("x")], ids=lambda e: type(e).__name__
)
def test_failed_jobs_and_invalid_arguments_are_permanent(error: Exception) -> None:
    """The same input fails again."""
    assert is_permanent(error)


def test_a_missing_resource_is_recognized_by_status_or_code() -> None:
    """Some endpoints report it by status 400; both are treated alike."""
    for error in (status_error(404), status_error(400, "resource_not_exist"), NotFoundError("x")):
        assert is_missing(error)
        assert not is_permanent(error)
    assert not is_missing(status_error(400, "parameter_invalid"))


@pytest.mark.parametrize(
    ("error", "job_age", "expected"),
    [
        (status_error(404), 29.0, True),
        (status_error(404), 31.0, False),
        (status_error(400, "resource_not_exist"), 29.0, True),
        (status_error(401), 0.0, False),
        (status_error(503), 9999.0, True),
        (RuntimeError("x"), 0.0, False),
        (UploadError("x"), 0.0, False),
    ],
)
def test_a_poll_is_repeated_after_transient_failures_and_for_new_jobs(
    error: Exception, job_age: float, expected: bool
) -> None:
    """For 30 s after its creation, a job may be unknown to the server that answers a poll."""
    assert may_poll_again(error, job_age) is expected


@pytest.mark.parametrize(
    "error",
    [*map(status_error, [400, 403, *TRANSIENT]), APIConnectionError("x"), APITimeoutError("x")],
    ids=lambda error: str(error.status_code or type(error).__name__),
)
def test_a_part_is_sent_again_to_a_fresh_url(error: APIError) -> None:
    """After transient failures, and after 400 and 403, which report an expired URL."""
    assert deserves_fresh_url(error)


@pytest.mark.parametrize(
    "error",
    [*map(status_error, [307, 401, 404, 405, 409, 410, 411, 412, 413, 501]), UntrustedServerError("x")],
    ids=lambda error: str(error.status_code or type(error).__name__),
)
def test_a_part_that_the_storage_refused_for_good_is_not_sent_again(error: APIError) -> None:
    """A fresh URL would not help."""
    assert not deserves_fresh_url(error)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFoundError({"code": "absent"}, {"x-request-id": "r1"}), 404),
        (TooManyRequestsError(body={"code": "absent"}, headers={"x-request-id": "r1"}), 429),
        (ApiError(status_code=418, body={"code": "absent"}, headers={"x-request-id": "r1"}), 418),
    ],
)
def test_an_error_can_be_made_of_a_body_as_with_the_official_sdk(error: APIError, status: int) -> None:
    """Tests of programs raise such errors from the doubles of clients."""
    assert (error.status_code, error.body, error.request_id) == (status, {"code": "absent"}, "r1")
    assert str(error) == f"Status {status}: {{'code': 'absent'}}"


@pytest.mark.parametrize("text", ["a\nb\x1b[31m\u202e\udcff" * 1000, " " * 5000 + "x", "x" * 5000, ""])
def test_the_text_of_an_error_is_one_short_line(text: str) -> None:
    """Terminals and log files show it as it is. The end of a long text, which says what to do, is kept."""
    for error in (APIError(text), JobFailedError(f"The job failed: {text}. Try again."), UploadError(text)):
        assert str(error).isprintable()
        assert len(str(error)) <= 1000
        assert str(error).endswith("Try again.") is isinstance(error, JobFailedError)


def test_a_message_quotes_the_start_of_a_large_value() -> None:
    """A caller that passes content in the place of a name does not read all of it."""
    with pytest.raises(TypeError, match="must be a str") as caught:
        url_path("/indexes/{index_id}", index_id=b"x" * 100_000)  # type: ignore[arg-type]
    assert len(str(caught.value)) < 200
