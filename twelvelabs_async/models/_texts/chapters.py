"""Chapters of a video: as YouTube and FFmpeg read them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from math import isfinite
from typing import Final

from attrs import define, evolve

from ..._clock_times import clock_time, milliseconds
from ...errors import InvalidArgumentError
from ..moment import Moment
from .spoken_lines import plain_text

FEWEST_CHAPTERS: Final = 3
SHORTEST_MS: Final = 10_000
# Both are rules of YouTube: https://support.google.com/youtube/answer/9884579
INTRODUCTION: Final = "Intro"
"""Title of what precedes the first chapter. YouTube shows no chapters unless the first one begins at 0:00."""
TITLE_LENGTH: Final = 100
"""Characters of a title that is made from a text."""
NOT_IN_DESCRIPTIONS: Final = str.maketrans("<>", "\u2039\u203a")  # single guillemets
"""YouTube refuses descriptions with ``<`` or ``>``: https://developers.google.com/youtube/v3/docs/videos."""
FFMPEG_SPECIAL: Final = re.compile(r"[=;#\\]")


@define
class Chapter:
    """A part of a video. Times are in milliseconds."""

    start: int
    end: int
    titles: list[str]

    @property
    def title(self) -> str:
        """The titles of what was joined, each of them once."""
        return " / ".join(dict.fromkeys(self.titles))

    def join(self, other: Chapter) -> None:
        """Take in a chapter that follows."""
        self.end = max(self.end, other.end)
        self.titles += other.titles


def chapters_of(moments: Sequence[Moment]) -> list[Chapter]:
    """Return chapters in the order of time. None overlap, and those that begin together are one."""
    chapters: list[Chapter] = []
    for moment in sorted((moment for moment in moments if isfinite(moment.start)), key=lambda moment: moment.start):
        end = moment.end if moment.end is not None and isfinite(moment.end) else _duration([moment])
        start = milliseconds(moment.start)
        chapter = Chapter(start, max(milliseconds(end), start), [_title(moment, len(chapters) + 1)])
        if chapters and chapters[-1].start == chapter.start:
            chapters[-1].join(chapter)
        else:
            chapters.append(chapter)
    for chapter, following in pairwise(chapters):
        chapter.end = min(chapter.end, following.start) if chapter.end > chapter.start else following.start
    return chapters


def _duration(moments: Sequence[Moment]) -> float:
    """Return the duration of the video, or 0 if it is unknown."""
    return max((moment.video.duration or 0 for moment in moments if moment.video), default=0)


def _title(moment: Moment, number: int) -> str:
    title = plain_text(moment.title)
    if title:
        return title
    text = plain_text(moment.text) or f"Chapter {number}"
    return text if len(text) <= TITLE_LENGTH else f"{text[:TITLE_LENGTH].rpartition(' ')[0] or text[:TITLE_LENGTH]}…"


def youtube(moments: Sequence[Moment]) -> str:
    """Return chapters for the description of a video on YouTube.

    Raises:
        ValueError: There are fewer than 3 chapters of 10 seconds.
    """
    chapters: list[Chapter] = []
    for chapter in chapters_of(moments):
        if not chapters and chapter.start >= SHORTEST_MS:
            chapters.append(Chapter(0, chapter.start, [INTRODUCTION]))
        if chapters and _whole_seconds(chapter) - _whole_seconds(chapters[-1]) < SHORTEST_MS:
            chapters[-1].join(chapter)
        else:
            chapters.append(chapter if chapters else evolve(chapter, start=0))
    end = max([milliseconds(_duration(moments)), *(chapter.end for chapter in chapters)])
    if len(chapters) > 1 and 0 < end - chapters[-1].start < SHORTEST_MS:
        last = chapters.pop()
        chapters[-1].join(last)
    if len(chapters) < FEWEST_CHAPTERS:
        raise InvalidArgumentError(
            f"YouTube needs at least {FEWEST_CHAPTERS} chapters of at least {SHORTEST_MS // 1000} seconds; "
            f"got {len(chapters)}. to_ffmetadata() has no such limits."
        )
    return "".join(
        f"{clock_time(chapter.start // 1000)} {chapter.title.translate(NOT_IN_DESCRIPTIONS)}\n" for chapter in chapters
    )


def _whole_seconds(chapter: Chapter) -> int:
    """Return the start of a chapter as a description shows it, in milliseconds."""
    return chapter.start // 1000 * 1000


def ffmetadata(moments: Sequence[Moment]) -> str:
    """Return chapters in FFmpeg's format of metadata, in milliseconds."""
    chapters = [
        f"\n[CHAPTER]\nTIMEBASE=1/1000\nSTART={chapter.start}\nEND={chapter.end}\n"
        f"title={FFMPEG_SPECIAL.sub(lambda found: chr(92) + found[0], chapter.title)}\n"
        for chapter in chapters_of(moments)
    ]
    return "".join([";FFMETADATA1\n", *chapters])
