"""Moments as chapters for YouTube and FFmpeg."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twelvelabs_async import Moment, Moments, MomentVideo

HOUR = MomentVideo(id="v", duration=3600.0)


def chapters(*parts: tuple[float, str], video: MomentVideo | None = HOUR) -> Moments:
    """Return a moment for each start and title."""
    return Moments(Moment(start=start, title=title, video=video) for start, title in parts)


def test_youtube_reads_a_line_for_each_chapter(tmp_path: Path) -> None:
    """It has the time, from an hour on with hours, and the title. Fractions of seconds are cut off."""
    file = tmp_path / "description.txt"
    text = chapters((0, "Start"), (61.9, "Middle"), (3590, "End")).to_chapters(file)
    assert text == file.read_text() == "0:00 Start\n1:01 Middle\n59:50 End\n"
    assert "1:00:00 End" in chapters((0, "Start"), (61, "Middle"), (3600, "End"), video=None).to_chapters()


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([(40, "C"), (0, "A"), (20, "B")], "0:00 A\n0:20 B\n0:40 C\n"),
        ([(5, "A"), (20, "B"), (40, "C")], "0:00 A\n0:20 B\n0:40 C\n"),
        ([(12, "A"), (30, "B"), (50, "C")], "0:00 Intro\n0:12 A\n0:30 B\n0:50 C\n"),
        ([(0, "A"), (4, "B"), (20, "C"), (40, "D")], "0:00 A / B\n0:20 C\n0:40 D\n"),
        ([(0, "Goal"), (4, "Go"), (5, "Goal"), (20, "C"), (40, "D")], "0:00 Goal / Go\n0:20 C\n0:40 D\n"),
        ([(0, "A"), (19.9, "B"), (29.1, "C"), (40, "D")], "0:00 A\n0:19 B\n0:29 C\n0:40 D\n"),
        ([(0, "A"), (20, "B"), (40, "C"), (3595, "D")], "0:00 A\n0:20 B\n0:40 C / D\n"),
        ([(0, "<A>\nB"), (20, "B"), (40, "C")], "0:00 \u2039A\u203a B\n0:20 B\n0:40 C\n"),
    ],
    ids=["order", "start", "introduction", "short", "same title", "whole seconds", "short end", "brackets"],
)
def test_chapters_follow_the_rules_of_youtube(parts: Sequence[tuple[float, str]], text: str) -> None:
    """The first one begins at 0:00, each lasts at least 10 seconds, and there are no angle brackets."""
    assert chapters(*parts).to_chapters() == text


def test_fewer_than_three_chapters_are_refused() -> None:
    """YouTube would show none."""
    with pytest.raises(ValueError, match="needs at least 3 chapters of at least 10 seconds; got 2"):
        chapters((0, "A"), (5, "B"), (60, "C")).to_chapters()


def test_texts_stand_in_for_titles() -> None:
    """Long ones are cut at a word."""
    moments = Moments([Moment(start=0, text="word " * 30), Moment(start=20, text="x" * 101), Moment(start=40)])
    assert moments.to_chapters() == f"0:00 {'word ' * 19}word…\n0:20 {'x' * 100}…\n0:40 Chapter 3\n"


def ffmpeg_chapters(moments: Moments, file: Path) -> list[tuple[int, int, str]]:
    """Return start, end and title of each chapter, as FFmpeg reads them."""
    av: Any = pytest.importorskip("av", reason="reading with FFmpeg needs the extra media")
    moments.to_ffmetadata(file)
    with av.open(file, format="ffmetadata") as opened:
        return [(found["start"], found["end"], found["metadata"]["title"]) for found in opened.chapters()]


def test_ffmpeg_reads_the_chapters(tmp_path: Path) -> None:
    """They do not overlap. Chapters that begin together are one, and the last one ends with the video."""
    moments = Moments(
        [
            Moment(start=0, end=30, title=r"a = b; #c \d"),
            Moment(start=20.5, end=40, title="two"),
            Moment(start=20.5, end=42, title="three"),
            Moment(start=50, title="four", video=None),
        ]
    )
    assert ffmpeg_chapters(moments, tmp_path / "chapters.txt") == [
        (0, 20_500, r"a = b; #c \d"),
        (20_500, 42_000, "two / three"),
        (50_000, 50_000, "four"),
    ]
    [(start, end, title)] = ffmpeg_chapters(chapters((8, "one")), tmp_path / "chapters.txt")
    assert (start, end, title) == (8_000, 3_600_000, "one")


TITLES = st.text(st.characters(codec="utf-8"), max_size=30)


@settings(max_examples=50)
@given(
    st.lists(st.builds(Moment, start=st.floats(-5, 200), end=st.none() | st.floats(0, 300), title=TITLES), max_size=9)
)
def test_chapters_are_in_order_and_long_enough(moments: list[Moment]) -> None:
    """Whatever the moments are, YouTube's rules are kept, or the chapters are refused."""
    try:
        lines = Moments(moments).to_chapters().splitlines()
    except ValueError:
        return
    starts = [
        60 * int(minutes) + int(seconds) for minutes, seconds in (line[:5].split(" ")[0].split(":") for line in lines)
    ]
    assert starts[0] == 0
    assert len(starts) >= 3
    assert all(later - start >= 10 for start, later in pairwise(starts))
