"""Subtitles: SRT, WebVTT and plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from ..._clock_times import subtitle_time
from ..moment import Moment
from .cues import Cue, cues_of
from .spoken_lines import has_several_speakers, joined_text, lines_of

WORD_JOINER: Final = "\u2060"
"""An invisible character. SRT has no escapes: players do not take what it divides for markup."""
SRT_MARKUP: Final = re.compile(r"(?<=<)(?=[/\w])|(?<=\{)(?=\\)|(?<=--)(?=>)|(?<=\d:\d\d:\d\d)(?=[,.]\d)")
r"""Places in tags such as ``<i>`` and ``{\an8}``, in arrows and in times."""


def srt(moments: Sequence[Moment]) -> str:
    """Return SubRip subtitles, in which the name of a speaker precedes the text."""
    return "\n".join(
        f"{number}\n{subtitle_time(cue.start, point=',')} --> {subtitle_time(cue.end, point=',')}\n{_srt_text(cue)}\n"
        for number, cue in enumerate(cues_of(moments, with_names=True), 1)
    )


def _srt_text(cue: Cue) -> str:
    return "\n".join(SRT_MARKUP.sub(WORD_JOINER, joined_text(line)) for line in cue.lines)


def vtt(moments: Sequence[Moment]) -> str:
    """Return WebVTT subtitles, with speakers as voices, and with the times of words if they are known."""
    cues = [
        f"\n{subtitle_time(cue.start)} --> {subtitle_time(cue.end)}\n{_vtt_text(cue)}\n"
        for cue in cues_of(moments, with_names=False)
    ]
    return "".join(["WEBVTT\n", *cues])


def _vtt_text(cue: Cue) -> str:
    voice = f"<v {_escaped(cue.speaker)}>" if cue.speaker else ""
    return voice + "\n".join(_vtt_lines(cue))


def _vtt_lines(cue: Cue) -> Iterator[str]:
    latest = cue.start  # times inside of a cue increase
    for words in cue.lines:
        line = ""
        for word in words:
            line += "" if word.is_joined or not line else " "
            if word.is_timed and latest < word.start < cue.end:
                latest = word.start
                line += f"<{subtitle_time(latest)}>"
            line += _escaped(word.text)
        yield line


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(moments: Sequence[Moment]) -> str:
    """Return a line of text for each sentence or description, and a paragraph for each speaker."""
    whole = lines_of(moments)
    has_names = has_several_speakers(whole)
    paragraphs = [
        (f"{speaker}: " if speaker and has_names else "") + "\n".join(joined_text(line.words) for line in lines)
        for speaker, lines in groupby(whole, key=lambda line: line.speaker)
    ]
    return "\n".join(f"{paragraph}\n" for paragraph in paragraphs)
