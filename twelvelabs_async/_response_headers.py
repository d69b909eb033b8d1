"""Times and numbers in the headers of responses, and the pauses that they ask for."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
from math import isfinite


def requested_pause(status: int, headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a response asks to pause; ``None`` if it does not.

    Zero and less do not ask for a certain pause, and leave it to backoff.

    Args:
        status: HTTP status.
        headers: Headers of the response, names in lower case.
    """
    return next((pause for pause in _pauses(status, headers) if pause is not None and pause > 0), None)


def _pauses(status: int, headers: Mapping[str, str]) -> list[float | None]:
    now = response_time(headers)
    milliseconds, date = number(headers.get("retry-after-ms")), http_date(headers.get("retry-after"))
    return [
        None if milliseconds is None else milliseconds / 1000,
        number(headers.get("retry-after")),
        None if date is None else date - now,
        # docs: Rate limits. Responses of every status carry the resets; only a 429 asks to wait for one.
        _reset_of_exhausted(headers, now) if status == 429 else None,
    ]


def _reset_of_exhausted(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds until the exhausted limits are reset: of several limits, the last one decides."""
    resets = {
        name.removesuffix("reset"): reset - now
        for name, value in headers.items()
        if name.startswith("x-ratelimit-") and name.endswith("-reset") and (reset := number(value)) is not None
    }
    exhausted = [reset for prefix, reset in resets.items() if number(headers.get(prefix + "remaining")) == 0]
    return max(exhausted) if exhausted else min(resets.values(), default=None)


def response_time(headers: Mapping[str, str]) -> float:
    """Return when the server sent a response, in seconds since the epoch by the server's clock.

    Points in time in its headers are compared with this time, so that a wrong local clock does not matter. ``Date``
    has whole seconds; the local clock adds their fraction if it agrees.
    """
    date, local = http_date(headers.get("date")), time.time()
    return local if date is None else min(max(local, date), date + 1.0)


@lru_cache(maxsize=16)  # responses to concurrent requests have the same date
def http_date(text: str | None) -> float | None:
    """Return an HTTP date as seconds since the epoch; ``None`` if *text* is not one."""
    if not text:
        return None
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()


def number(text: str | None) -> float | None:
    """Return the finite number in a header; ``None`` if it has none."""
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None
