"""Durations and numbers in the headers of responses, and the pauses that they ask for.

No clock is read here, since those of the client and of the server may be wrong. A point in time in a header is
compared with the ``Date`` of the same response.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from math import isfinite
from typing import Final

LONGEST_WINDOW_SECONDS: Final = 31 * 86400.0
"""Longer durations are invalid: no documented limit has a window of more than a day."""

_FIRST_EPOCH_SECOND: Final = 1e8
_FIRST_EPOCH_MILLISECOND: Final = 1e11
"""Larger numbers count from the epoch, smaller ones from the response: both limits lie in the past, and far away."""


def requested_pause(status: int, headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a response asks to pause; ``None`` if it does not.

    Zero, less and invalid durations do not ask for a certain pause, and leave it to backoff.

    Args:
        status: HTTP status.
        headers: Headers of the response, names in lower case.
    """
    milliseconds = header_number(headers.get("retry-after-ms"))
    pauses = (
        None if milliseconds is None else milliseconds / 1000,
        seconds_until(headers.get("retry-after"), headers),
        # docs: Rate limits. Responses of every status carry the resets; only a 429 asks to wait for one.
        _reset_of_exhausted(headers) if status == 429 else None,
    )
    return next((pause for pause in pauses if pause is not None and 0 < pause <= LONGEST_WINDOW_SECONDS), None)


def _reset_of_exhausted(headers: Mapping[str, str]) -> float | None:
    """Return the seconds until the exhausted limits are reset: of several limits, the last one decides."""
    resets, exhausted = _resets(headers)
    return max(exhausted.values()) if exhausted else min(resets.values(), default=None)


def _resets(headers: Mapping[str, str]) -> tuple[dict[str, float], dict[str, float]]:
    """Return the seconds until all limits, and until the exhausted ones are reset, by the prefixes of their headers."""
    resets = {
        name.removesuffix("reset"): seconds
        for name in map(str.lower, headers)
        if name.startswith("x-ratelimit-")
        and name.endswith("-reset")
        and (seconds := seconds_until(headers[name], headers)) is not None
    }
    return resets, {
        prefix: seconds for prefix, seconds in resets.items() if header_number(headers.get(f"{prefix}remaining")) == 0
    }


def seconds_until(text: str | None, headers: Mapping[str, str]) -> float | None:
    """Return the seconds from a response to a point in time; ``None`` if *text* does not state it.

    Args:
        text: Seconds, or a point in time: seconds or milliseconds since the epoch, an ISO timestamp, an HTTP date.
        headers: Headers of the response. Without a ``Date``, only seconds have a meaning.
    """
    value, moment = header_number(text), None
    if value is None:
        moment = http_date(text) or _iso_timestamp(text)
    elif value >= _FIRST_EPOCH_MILLISECOND:
        moment = value / 1000
    elif value >= _FIRST_EPOCH_SECOND:
        moment = value
    if moment is not None:
        now = response_time(headers)
        value = None if now is None else moment - now
    return None if value is None or value > LONGEST_WINDOW_SECONDS else value


def response_time(headers: Mapping[str, str]) -> float | None:
    """Return the ``Date`` of a response in seconds since the epoch; ``None`` if it has none.

    It has whole seconds, so that the time until a later point is never too short, and at most a second too long.
    """
    return http_date(headers.get("date"))


@lru_cache(maxsize=16)  # responses to concurrent requests have the same date
def http_date(text: str | None) -> float | None:
    """Return an HTTP date as seconds since the epoch; ``None`` if *text* is not one."""
    try:
        return _epoch_seconds(parsedate_to_datetime(text)) if text else None
    except (ValueError, OverflowError):
        return None


def _iso_timestamp(text: str | None) -> float | None:
    try:
        return _epoch_seconds(datetime.fromisoformat(text)) if text else None
    except (ValueError, OverflowError):
        return None


def _epoch_seconds(date: datetime) -> float:
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()


def header_number(text: str | None) -> float | None:
    """Return the finite number in a header; ``None`` if it has none."""
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None
