"""Words and lines of moments: what is said or described, and when."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from math import isfinite
from typing import Final

from attrs import frozen

from ..._clock_times import milliseconds
from .._columns import text_for_files
from ..moment import Moment, MomentWord

LINE_WIDTH: Final = 42
"""Characters of a line. Wide ones, such as Chinese ones, count twice."""
PAUSE_MS: Final = 1_000
"""Longer pauses end lines and cues."""
READING_SPEED: Final = 20
"""Characters per second that people can read."""
SENTENCE_ENDS: Final = (".", "?", "!", "…", "。", "？", "！", "؟", "।")  # noqa: RUF001  # those of other scripts
LONGEST_WORD: Final = 8
"""Characters of a Chinese or Japanese word. A longer text without spaces is a sentence."""
CLOSING_MARKS: Final = "\"'”’»)」』"  # noqa: RUF001
LONGEST_ABBREVIATION: Final = 4
"""Characters of words such as ``Mr.`` and ``Mrs.``, whose full stop is not taken for the end of a sentence."""


@frozen
class Word:
    """A word, or a part of one that begins a line if needed. Times are in milliseconds.

    Attributes:
        is_joined: True if no space separates it from the word before.
        is_timed: True if the start is known. Otherwise it is computed.
    """

    start: int
    end: int
    text: str
    is_joined: bool = False
    is_timed: bool = False

    @property
    def width(self) -> int:
        """Columns that the word takes in a line, with the space before."""
        return text_width(self.text) + (not self.is_joined)


@frozen
class Line:
    """Words that belong together: a sentence, an utterance, or a description.

    Attributes:
        is_timed: True if the times of the words are known. Otherwise they divide the time of the line.
    """

    words: tuple[Word, ...]
    speaker: str | None
    is_timed: bool


def plain_text(text: str | None) -> str:
    """Return *text* in one line, without control characters."""
    if text is None:
        return ""
    visible = "".join(" " if unicodedata.category(char) == "Cc" else char for char in text.replace("\ufeff", ""))
    return text_for_files(" ".join(visible.split()))


def ends_sentence(word: str) -> bool:
    """Return whether a sentence ends with a word."""
    word = word.rstrip(CLOSING_MARKS)
    return word.endswith(SENTENCE_ENDS) and not (word.endswith(".") and len(word) <= LONGEST_ABBREVIATION)


def joined_text(words: Sequence[Word]) -> str:
    """Return the text of words in a row."""
    return "".join(f"{'' if word.is_joined else ' '}{word.text}" for word in words).strip()


def text_width(text: str) -> int:
    """Return the columns that a text takes, in a font with characters of one width."""
    return len(text) if text.isascii() else sum(map(_char_width, text))


def _char_width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def lines_of(moments: Sequence[Moment]) -> list[Line]:
    """Return the lines of moments, in the order of time. Moments without text are left out.

    Words of a transcript that are moments of their own make a line together: up to the end of a sentence, a pause, or
    another speaker.
    """
    timed = sorted((moment for moment in moments if isfinite(moment.start)), key=lambda moment: moment.start)
    whole = [*_join_words(timed)]
    starts = [moment.start for moment in whole]
    lines: list[Line] = []
    for moment, start in zip(whole, starts, strict=True):
        text = plain_text(moment.text) or plain_text(moment.title)
        following = bisect_right(starts, start)
        end = _end(moment, starts[following] if following < len(starts) else None, text)
        words = timed_words(text, moment.words or [], milliseconds(start), milliseconds(end))
        if words:
            lines.append(Line(tuple(words), plain_text(moment.speaker) or None, is_timed=bool(moment.words)))
    return lines


def has_several_speakers(lines: Sequence[Line]) -> bool:
    """Return whether there are several speakers, whose names are needed."""
    return len({line.speaker for line in lines}) > 1


def _join_words(moments: Sequence[Moment]) -> Iterator[Moment]:
    """Yield the moments, and one in the place of several that are words of one line."""
    words: list[Moment] = []
    for moment in moments:
        is_word = moment.origin == "transcript" and len(moment.words or ()) <= 1 and _is_word(plain_text(moment.text))
        if words and not (is_word and _continue_line(words[-1], moment)):
            yield _joined(words)
            words = []
        if is_word:
            words.append(moment)
        else:
            yield moment
    if words:
        yield _joined(words)


def _is_word(text: str) -> bool:
    return len(text.split()) == 1 and sum(map(_is_ideographic, text)) <= LONGEST_WORD


def _continue_line(word: Moment, following: Moment) -> bool:
    return (
        word.speaker == following.speaker
        and following.start - (word.start if word.end is None else word.end) <= PAUSE_MS / 1000
        and not ends_sentence(plain_text(word.text))
    )


def _joined(words: Sequence[Moment]) -> Moment:
    texts = [plain_text(word.text) for word in words]
    return words[0].copy(
        end=words[-1].end,
        text=texts[0] + "".join(_space(*pair) + pair[1] for pair in pairwise(texts)),
        words=[
            MomentWord(start=word.start, end=word.start if word.end is None else word.end, text=word.text or "")
            for word in words
        ],
    )


def _space(word: str, following: str) -> str:
    """Return what separates two words: nothing if one is Chinese or Japanese."""
    return "" if _is_ideographic(word[-1]) or _is_ideographic(following[0]) else " "


def _end(moment: Moment, following: float | None, text: str) -> float:
    """Return the end of a moment in seconds. One without an end lasts to the next one, or as long as people read."""
    if moment.end is not None and isfinite(moment.end):
        return max(moment.end, moment.start)
    return moment.start + text_width(text) / READING_SPEED if following is None else following


def timed_words(text: str, words: Sequence[MomentWord], start: int, end: int) -> list[Word]:
    """Divide *text* into words with times: those of *words*, or shares of the time from *start* to *end*."""
    tokens = text.split()
    known = [word for word in words if isfinite(word.start) and isfinite(word.end) and plain_text(word.text)]
    spans = [(milliseconds(word.start), milliseconds(word.end)) for word in known] or [(start, end)]
    lengths = [*map(len, tokens)]
    if len(tokens) != len(spans):  # the text has other words, such as "12" for "twelve": compare by characters
        lengths = [len(plain_text(word.text)) for word in known] or [1]
    clock = _Clock(spans, lengths, sum(map(len, tokens)))
    position = 0
    timed: list[Word] = []
    for token in tokens:
        for number, piece in enumerate(_pieces(token)):
            times = clock.time_after(position), clock.time_before(position + len(piece))
            is_timed = bool(known) and clock.is_bound(position)
            timed.append(Word(times[0], max(times), piece, is_joined=number > 0, is_timed=is_timed))
            position += len(piece)
    return timed


class _Clock:
    """Times of the characters of a text, by the spans of time and the lengths of its words."""

    def __init__(self, spans: Sequence[tuple[int, int]], lengths: Sequence[int], total: int) -> None:
        starts = [*accumulate((start for start, _ in spans), max)]  # never back in time
        self._spans = [(start, max(start, end)) for start, (_, end) in zip(starts, spans, strict=True)]
        scale = total / sum(lengths)
        self._bounds = [round(bound * scale, 6) for bound in accumulate(lengths, initial=0)]

    def is_bound(self, position: int) -> bool:
        """Return whether a word begins after *position*."""
        return self._bounds[bisect_left(self._bounds, position)] == position

    def time_after(self, position: int) -> int:
        """Return the time at which the character after *position* begins."""
        return self._time(bisect_right(self._bounds, position) - 1, position)

    def time_before(self, position: int) -> int:
        """Return the time at which the character before *position* ends."""
        return self._time(bisect_left(self._bounds, position) - 1, position)

    def _time(self, number: int, position: int) -> int:
        number = min(max(number, 0), len(self._spans) - 1)
        start, end = self._spans[number]
        first, last = self._bounds[number], self._bounds[number + 1]
        return round(start + (end - start) * (position - first) / (last - first))


def _pieces(token: str) -> Iterator[str]:
    """Divide a word where a line may break: between Chinese characters, and where it is longer than a line."""
    begin = width = 0
    for position, char in enumerate(token):
        char_width = text_width(char)
        can_break = position > begin and char_width > 0
        if can_break and (width + char_width > LINE_WIDTH or _may_break(token[position - 1], char)):
            yield token[begin:position]
            begin = position
            width = 0
        width += char_width
    yield token[begin:]


def _is_ideographic(char: str) -> bool:
    """Return whether a character belongs to a script without spaces: if it is wide, and not Korean."""
    return text_width(char) == 2 and not "가" <= char <= "힣"


def _may_break(before: str, after: str) -> bool:
    """Return whether a line may end between two characters of a word: if one is Chinese or Japanese.

    Closing marks do not begin a line, and opening ones do not end it.
    """
    return (
        (_is_ideographic(before) or _is_ideographic(after))
        and unicodedata.category(after) not in ("Pe", "Pf", "Po", "Lm")
        and "LETTER SMALL" not in unicodedata.name(after, "")  # such as the small "ya" of Japanese
        and unicodedata.category(before) not in ("Ps", "Pi")
    )
