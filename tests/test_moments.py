"""Lists of moments: joined, widened, limited to their videos, and grouped."""

from __future__ import annotations

import csv
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twelvelabs_async import Moment, Moments, MomentVideo, MomentWord

VIDEOS = [MomentVideo(id="a", duration=60.0), MomentVideo(id="b"), None]
SECONDS = st.integers(0, 80).map(lambda quarter: quarter / 4)


@st.composite
def moments(draw: st.DrawFn) -> Moments:
    spans = draw(
        st.lists(st.tuples(SECONDS, SECONDS | st.none(), st.sampled_from(VIDEOS), st.integers(1, 9) | st.none()))
    )
    return Moments(
        Moment(start=start, end=None if length is None else start + length, video=video, rank=rank, text=f"{number}")
        for number, (start, length, video, rank) in enumerate(spans)
    )


def end_of(moment: Moment) -> float:
    return math.inf if moment.end is None else moment.end


def covers(listed: Moments, video: MomentVideo | None, time: float) -> bool:
    return any(one.video == video and one.start <= time <= end_of(one) for one in listed)


@settings(max_examples=40)
@given(given=moments(), gap=st.sampled_from([0.0, 0.5, 2.0]))
def test_merged_moments_do_not_overlap_and_cover_the_same_times(given: Moments, gap: float) -> None:
    merged = given.merge(gap=gap)
    for _, parts in merged.by_video():
        ordered = sorted(parts, key=lambda part: part.start)
        assert all(end_of(first) + gap < second.start for first, second in pairwise(ordered))
    for video in VIDEOS:
        for time in range(0, 50, 3):
            if not gap or covers(given, video, time):
                assert covers(given, video, time) == covers(merged, video, time)
    assert merged.merge(gap=gap) == merged
    words = [word for one in merged for word in (one.text or "").split()]
    assert sorted(words) == sorted(one.text or "" for one in given)


@settings(max_examples=40)
@given(given=moments(), before=st.sampled_from([-1.0, 0.0, 2.0]), after=st.sampled_from([-1.0, 0.0, 2.0]))
def test_margins_and_limits_keep_moments_in_their_videos(given: Moments, before: float, after: float) -> None:
    widened = given.with_margins(before, after)
    for moment in (*widened, *given.clamp()):
        assert 0 <= moment.start < end_of(moment)
        assert moment.video is None or moment.video.duration is None or end_of(moment) <= moment.video.duration
    kept = {one.text: one for one in widened}
    for moment in given:
        if one := kept.get(moment.text):
            assert one.start == max(0.0, moment.start - before)
            assert end_of(one) <= end_of(moment) + after
        else:
            assert end_of(moment) + after <= max(0.0, moment.start - before) or moment.start - before >= 60
    assert widened.clamp() == widened
    assert given.clamp() == given.with_margins(0)


@settings(max_examples=40)
@given(given=moments())
def test_groups_contain_each_moment_once_in_the_order_of_the_videos(given: Moments) -> None:
    groups = given.by_video()
    assert sorted(one.text or "" for _, found in groups for one in found) == sorted(one.text or "" for one in given)
    assert [video.key for video, _ in groups] == list(
        dict.fromkeys(one.video.key if one.video else None for one in given)
    )
    for video, found in groups:
        assert [one for one in given if (one.video or MomentVideo()).key == video.key] == [*found]


@given(given=moments(), seconds=st.integers(0, 10_000))
def test_moments_of_a_part_move_to_the_times_of_the_whole(given: Moments, seconds: int) -> None:
    """There and back again, they are the same, and merge in the same way."""
    moved = given.shift(seconds)
    assert [one.start - seconds for one in moved] == [one.start for one in given]
    assert [end_of(one) - seconds for one in moved] == [end_of(one) for one in given]
    assert moved.shift(-seconds) == given
    assert moved.merge() == given.merge().shift(seconds)


def test_words_move_with_their_moment() -> None:
    line = Moment(start=1, end=3, text="hello", words=[MomentWord(start=1, end=2, text="hello")])
    [moved] = Moments([line]).shift(60)
    assert moved == line.copy(start=61, end=63, words=[MomentWord(start=61, end=62, text="hello")])


def test_a_joined_moment_has_the_best_rank_and_the_texts_in_order() -> None:
    first, best, other = (
        Moment(start=4, end=6, rank=3, text="world", speaker="a", words=[MomentWord(start=4, end=5, text="world")]),
        Moment(start=1, end=4, rank=1, text="hello", speaker="a", words=[MomentWord(start=1, end=2, text="hello")]),
        Moment(start=90, end=91, rank=2, text="later"),
    )
    joined, *rest = Moments([first, other, best]).merge()
    assert (joined.start, joined.end, joined.rank, joined.text, joined.speaker) == (1, 6, 1, "hello world", "a")
    assert joined.words is not None
    assert [word.text for word in joined.words] == ["hello", "world"]
    assert rest == [other]


def test_a_table_has_times_in_seconds_and_as_players_show_them(tmp_path: Path) -> None:
    """So does a CSV file, beside the columns of the video. Words are not in the table."""
    file = tmp_path / "moments.csv"
    Moments([Moment(start=3725.5, end=3800, video=VIDEOS[0], rank=1), Moment(start=59.9996)]).to_csv(file)
    rows = [*csv.DictReader(file.read_text("utf-8").splitlines())]
    columns = ("start", "end", "start_clock", "end_clock", "video_id", "rank")
    assert [[row[column] for column in columns] for row in rows] == [
        ["3725.5", "3800.0", "1:02:05.500", "1:03:20.000", "a", "1"],
        ["59.9996", "", "1:00.000", "", "", ""],
    ]
    assert "words" not in rows[0]


@pytest.mark.parametrize(("gap", "count"), [(0, 3), (1, 2), (1.5, 2), (2, 1)])
def test_moments_with_a_small_gap_between_them_are_joined(gap: float, count: int) -> None:
    listed = Moments([Moment(start=0, end=1), Moment(start=3, end=4), Moment(start=5, end=6)])
    assert len(listed.merge(gap=gap)) == count


def test_many_moments_are_joined_fast() -> None:
    """The time does not grow with the square of the number of parts."""
    video = MomentVideo(id="v")
    parts = [Moment(start=number / 2, end=number / 2 + 1, video=video) for number in range(8_000)]
    assert [(one.start, one.end) for one in Moments(parts).merge()] == [(0, 4_000.5)]


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("merge", {"gap": -1}, "gap must be at least 0; got -1"),
        ("merge", {"gap": "1"}, "gap must be at least 0, as a number; got '1'"),
        ("shift", {"seconds": "1"}, "seconds must be"),
        ("with_margins", {"before": math.nan}, "before must be"),
        ("with_margins", {"before": 1, "after": "x"}, "after must be"),
    ],
)
def test_invalid_seconds_are_refused(name: str, arguments: dict[str, Any], error: str) -> None:
    with pytest.raises((TypeError, ValueError), match=error):
        getattr(Moments(), name)(**arguments)


def test_lines_are_cut_to_a_clip() -> None:
    """Of a line, the words remain that are heard, with their text as it was. Descriptions are not cut."""
    words = [
        MomentWord(start=second, end=second + 0.5, text=text) for second, text in enumerate(["one", "two", "three"])
    ]
    lines = Moments([
        Moment(start=0, end=3, text="One, two, three.", words=words, speaker="Anna", video=VIDEOS[0]),
        Moment(start=1.5, text="A rocket"),
        Moment(start=2, end=2, title="Now"),
        Moment(start=9, end=10, text="later"),
        Moment(start=0, end=3, text="elsewhere", video=VIDEOS[1]),
    ])  # fmt: skip
    heard = [words[1].copy(start=0.25, end=0.75), words[2].copy(start=1.25, end=1.75)]
    assert lines.within(Moment(start=0.75, end=3, video=VIDEOS[0])) == Moments([
        Moment(start=0, end=2.25, text="two, three.", words=heard, speaker="Anna"),
        Moment(start=0.75, end=2.25, text="A rocket"),
        Moment(start=1.25, end=1.25, title="Now"),
    ])  # fmt: skip
    assert [line.text or line.title for line in lines.within(Moment(start=2, end=3, video=VIDEOS[0]))] == [
        "three.",
        "A rocket",
        "Now",
    ]
    assert [line.text for line in lines.within(Moment(start=10, video=VIDEOS[0]))] == ["A rocket"]
    assert lines.within(Moment(start=-1, video=VIDEOS[1])) == Moments(line.copy(video=None) for line in lines[1:])


@settings(max_examples=40)
@given(bounds=st.lists(SECONDS, min_size=2, max_size=8, unique=True).map(sorted), cut=SECONDS)
def test_two_clips_in_a_row_have_each_word_once(bounds: list[float], cut: float) -> None:
    """Those of a line that goes on in the second clip."""
    words = [
        MomentWord(start=start, end=end, text=f"w{number}") for number, (start, end) in enumerate(pairwise(bounds))
    ]
    line = Moment(start=bounds[0], end=bounds[-1], text=" ".join(word.text for word in words), words=words)
    clips = Moment(start=0, end=cut), Moment(start=cut)
    parts = [(part, clip.start) for clip in clips for part in Moments([line]).within(clip)]
    assert " ".join(part.text or "" for part, _ in parts) == line.text
    heard = [(word.start + begin, word.end + begin, word.text) for part, begin in parts for word in part.words or ()]
    assert heard == [(word.start, word.end, word.text) for word in words]
