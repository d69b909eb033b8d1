"""Positions in videos as players, tables and subtitles show them."""

from __future__ import annotations

from math import isfinite


def clock_time(seconds: object, *, with_milliseconds: bool = False) -> str:
    """Return a position in a video as text, such as ``1:02:03`` or ``1:02:03.500``; ``-`` if it is not a number."""
    number = finite(seconds)
    if number is None:
        return "-"
    whole, fraction = divmod(milliseconds(number), 1000) if with_milliseconds else (int(number), 0)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    clock = f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
    return f"{clock}.{fraction:03}" if with_milliseconds else clock


def subtitle_time(time: int, *, point: str = ".") -> str:
    """Return milliseconds as ``hh:mm:ss.fff``, with *point* before the fraction. The hours may have more digits."""
    seconds, fraction = divmod(time, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{fraction:03}"


def milliseconds(seconds: float) -> int:
    """Return seconds as milliseconds. Positions before the start of the video are its start."""
    return max(round(seconds * 1000), 0)


def finite(value: object) -> float | None:
    """Return a number, or ``None`` for everything that is no finite number, or too large for a float."""
    try:
        return value if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) else None
    except OverflowError:
        return None
