"""Texts and attributes in HTML that the parts of a page share."""

from __future__ import annotations

import re
from html import escape
from typing import Final

from .._clock_times import clock_time
from .page import Card, Group

COLORS: Final = 10
"""Number of colors of videos in ``colors.css``."""

_NO_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def escaped(text: str) -> str:
    """Return a text for HTML, without control characters, and without surrogates, which UTF-8 does not have."""
    return escape(_NO_TEXT.sub("", text))


def color(position: int) -> str:
    """Return the class of the color of a video."""
    return f"color-{position % COLORS}"


def times(card: Card, group: Group) -> str:
    """Return the times of a card: of a whole video, its length."""
    if not card.start and (card.end is None or card.end == group.duration):
        return "" if group.duration is None else clock_time(group.duration)
    return clock_time(card.start) + ("" if card.end is None else f"\N{EN DASH}{clock_time(card.end)}")
