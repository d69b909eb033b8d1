"""Layout of subtitles: which words are on the screen together, in which lines, and when.

The limits are those of Netflix's Timed Text Style Guide: at most 2 lines of 42 characters, 5/6 s to 7 s, 20 characters
per second. A cue ends where the next one begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import inf
from typing import Final

from attrs import define

from ..moment import Moment
from .spoken_lines import (
    LINE_WIDTH,
    PAUSE_MS,
    READING_SPEED,
    Line,
    Word,
    ends_sentence,
    has_several_speakers,
    lines_of,
    text_width,
    timed_words,
)

LINES: Final = 2
"""Lines of a cue."""
CLAUSE_ENDS: Final = (".", "?", "!", "…", ",", ";", ":", "—", "。", "、", "，", "？", "！")  # noqa: RUF001
CLAUSE_BONUS: Final = 12
"""Difference of the widths of two lines that is accepted for a line that ends with a clause."""
LONGEST_MS: Final = 7_000
"""Longest time of a cue with several words whose times are known."""
SHORTEST_MS: Final = 833
"""Shortest time of a cue, if the next one allows."""


@define
class Cue:
    """Lines on the screen, from *start* to *end* in milliseconds."""

    start: int
    end: int
    lines: list[Sequence[Word]]
    speaker: str | None

    @property
    def reading_ms(self) -> int:
        """Time that people need to read the cue."""
        width = sum(word.width for line in self.lines for word in line)
        return min(max(width * 1000 // READING_SPEED, SHORTEST_MS), LONGEST_MS)


def cues_of(moments: Sequence[Moment], *, with_names: bool) -> list[Cue]:
    """Return the cues of moments of one video, in the order of time, which never overlap.

    Args:
        moments: The moments. Those without text are left out.
        with_names: True to begin the text with the name of a speaker, where another one of several begins to speak.
    """
    lines = lines_of(moments)
    if with_names and has_several_speakers(lines):
        lines = [*_with_names(lines)]
    cues = [
        Cue(part[0].start, max(part[-1].end, part[0].start + 1), _wrap(part), line.speaker)
        for line in lines
        for part in _split(line)
    ]
    cues.sort(key=lambda cue: cue.start)
    durations = [moment.video.duration for moment in moments if moment.video and moment.video.duration]
    _separate(cues, max(durations, default=inf) * 1000)
    return cues


def _with_names(lines: Sequence[Line]) -> Iterator[Line]:
    speaker: str | None = None
    for line in lines:
        if line.speaker and line.speaker != speaker:
            start = line.words[0].start
            name = timed_words(f"{line.speaker}:", (), start, start)
            yield Line((*name, *line.words), line.speaker, line.is_timed)
        else:
            yield line
        speaker = line.speaker


def _split(line: Line) -> Iterator[Sequence[Word]]:
    """Divide a line into cues: as few as possible, of similar lengths, which rather end with a sentence or a clause."""
    words = line.words
    cheapest: list[tuple[float, int]] = [(0.0, 0), *[(inf, 0)] * len(words)]  # costs of the first words, last cut
    for first in range(len(words)):
        for last, fill in _fitting(line, first):
            is_end = last == len(words)
            cost = cheapest[first][0] + 1 + (1 - fill) ** 2 / 2 + (0 if is_end else _cut_cost(words[last - 1]))
            if cost < cheapest[last][0]:
                cheapest[last] = cost, first
    cuts = [len(words)]
    while cuts[-1]:
        cuts.append(cheapest[cuts[-1]][1])
    for first, last in pairwise(reversed(cuts)):
        yield words[first:last]


def _fitting(line: Line, first: int) -> Iterator[tuple[int, float]]:
    """Yield where a cue that begins with a word may end, and what part of the cue would be full."""
    words = line.words
    rows = 1
    column = total = 0 if words[first].is_joined else -1  # the first word of a row needs no space
    for last in range(first, len(words)):
        word = words[last]
        if last > first and line.is_timed and _is_apart(words[first], words[last - 1], word):
            return
        column += word.width
        total += word.width
        if column > LINE_WIDTH:
            rows, column = rows + 1, text_width(word.text)
            if rows > LINES:
                return
        yield last + 1, total / (LINES * LINE_WIDTH)


def _is_apart(first: Word, before: Word, word: Word) -> bool:
    return word.start - before.end > PAUSE_MS or word.end - first.start > LONGEST_MS


def _cut_cost(word: Word) -> float:
    """Return what it costs to end a cue with a word, as a part of a cue."""
    if ends_sentence(word.text):
        return 0.0
    return 0.3 if word.text.endswith(CLAUSE_ENDS) else 0.7


def _wrap(words: Sequence[Word]) -> list[Sequence[Word]]:
    """Return the words in one line, else in two of similar widths, which rather end with a clause."""
    if _width(words) <= LINE_WIDTH:
        return [words]
    breaks = [
        (abs(above - below) - CLAUSE_BONUS * words[place - 1].text.endswith(CLAUSE_ENDS), place)
        for place in range(1, len(words))
        if max(above := _width(words[:place]), below := _width(words[place:])) <= LINE_WIDTH
    ]
    [_, place] = min(breaks)
    return [words[:place], words[place:]]


def _width(words: Sequence[Word]) -> int:
    return sum(word.width for word in words) - (not words[0].is_joined)


def _separate(cues: Sequence[Cue], latest: float) -> None:
    """Let cues begin after one another, and stay until they are read, if nothing else is said by then."""
    for cue, following in pairwise(cues):
        if cue.end > following.start:  # people speak at once: the first cue stays until it is read
            cue.end = max(following.start, min(cue.end, cue.start + cue.reading_ms))
            duration = min(following.end - following.start, following.reading_ms)
            following.start = cue.end
            following.end = max(following.end, following.start + duration)
    limits = [cue.start for cue in cues[1:]]
    for cue, limit in zip(cues, [*limits, latest], strict=False):
        cue.end = max(cue.end, int(min(cue.start + cue.reading_ms, limit)))
