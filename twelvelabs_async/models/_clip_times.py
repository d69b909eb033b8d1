"""Moments of a video in the times of a clip of it."""

from __future__ import annotations

from math import inf
from typing import Final

from .._clock_times import milliseconds
from ._wholes import later
from .moment import Moment

IDS: Final = ("id", "asset_id", "file")


def in_clip(moment: Moment, clip: Moment) -> Moment | None:
    """Return what a clip has of a moment, with times from the start of the clip; ``None`` if it has nothing of it."""
    first, last = max(clip.start, 0.0), inf if clip.end is None else clip.end
    start, end = moment.start, inf if moment.end is None else moment.end
    if not (start < last and (start >= first or end > first)) or _are_different_videos(moment, clip):
        return None

    def is_heard(start: float, end: float) -> bool:
        return first <= (start + end) / 2 < last

    words = [word for word in moment.words or () if is_heard(word.start, word.end)]
    text = moment.text
    if moment.words and words != moment.words:
        if not words:
            return None
        from ._texts.spoken_lines import joined_text, plain_text, timed_words

        spoken = timed_words(plain_text(text), moment.words, milliseconds(start), milliseconds(min(end, last)))
        text = joined_text([word for word in spoken if is_heard(word.start / 1000, word.end / 1000)]) or None
    end = min(end, last) - first
    return moment.copy(
        start=max(start - first, 0.0),
        end=None if end == inf else end,
        text=text,
        words=[later(word, -first) for word in words] or None,
        video=None,
    )


def _are_different_videos(moment: Moment, clip: Moment) -> bool:
    """Return whether the ids of two videos differ. Unknown ids are those of any video."""
    pairs = [(getattr(moment.video, name, None), getattr(clip.video, name, None)) for name in IDS]
    known = [one == other for one, other in pairs if one and other]
    return bool(known) and not any(known)
