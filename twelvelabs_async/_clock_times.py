"""Positions in videos as players show them."""

from __future__ import annotations

from math import isfinite


def clock_time(seconds: object) -> str:
    """Return a position in a video as text, such as ``1:02:03``; ``-`` if it is not a number."""
    if not isinstance(seconds, int | float) or not isfinite(seconds):
        return "-"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
