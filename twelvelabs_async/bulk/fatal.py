"""Fatal errors: failures of one request after which all further requests of a run would fail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from .._retry import MAX_PAUSE_SECONDS
from ..errors import (
    QuotaExhaustedError,
    RequestNotSentError,
    TooManyRequestsError,
    TwelveLabsError,
    UnauthorizedError,
    UntrustedServerError,
)


def fatal_error(cause: BaseException, *, was_reached: bool) -> TwelveLabsError | None:
    """Return the error that ends the run, or ``None`` if *cause* does not concern all sources.

    Args:
        cause: Failure of a request.
        was_reached: Whether the API has responded to the run. If it never has, its URL may be wrong.
    """
    if isinstance(cause, TooManyRequestsError) and (cause.retry_after or 0.0) > MAX_PAUSE_SECONDS:
        resume_at = datetime.now(UTC) + timedelta(seconds=cause.retry_after or 0.0)
        return QuotaExhaustedError(
            f"The account's quota is exhausted. Run again after {resume_at:%Y-%m-%d %H:%M} UTC. {cause}",
            resume_at=resume_at,
        )
    if isinstance(cause, UnauthorizedError):
        return cause
    if isinstance(cause, RequestNotSentError | UntrustedServerError) and not was_reached:
        return cause
    return None
