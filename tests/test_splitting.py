"""Long files that are split before their upload, and moments of the parts in times of the whole."""

from __future__ import annotations

import asyncio
import math
import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async import (
    AsyncTwelveLabs,
    IndexSchema,
    MediaError,
    MediaProgress,
    Moment,
    Moments,
    MomentVideo,
    TwelveLabs,
)
from twelvelabs_async.models.moment import MomentWord

from support.counted_videos import IN_ORDER, read_numbers, tone, write_counted

av = pytest.importorskip("av", reason='needs the extra "media"')

from twelvelabs_async.media.cut_points import START, CutPoint, FileIndex, PartLimits, plan_cuts  # noqa: E402

B_FRAMES = {"preset": "medium"}
OPEN_GOP = {"preset": "medium", "x264-params": "open-gop=1"}
FILES: dict[str, dict[str, Any]] = {
    "plain.mp4": {},
    "reordered.mp4": {"options": B_FRAMES},
    "reordered.mkv": {"options": B_FRAMES},
    "reordered.ts": {"options": B_FRAMES},
    "open.mp4": {"options": OPEN_GOP},
    "plain.mov": {},
    "plain.webm": {"codec": "libvpx", "options": {"deadline": "realtime"}, "fps": 3, "key_frames": 3},
    "plain.avi": {"codec": "mpeg4", "options": {}},
}


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for videos that are made once."""
    return tmp_path_factory.mktemp("videos")


def video(folder: Path, name: str, **settings: Any) -> Path:
    """Return a video of 30 s with a key frame in each second, which counts its frames and is made on first use."""
    path, plain = folder / name, {"fps": 10, "key_frames": 10, "options": IN_ORDER, "audio": None, "rate": 16_000}
    return path if path.exists() else write_counted(path, 30, **{**plain, **settings})


def timed_frames(path: Path) -> list[tuple[float, int]]:
    """Return the time since the first frame, and the number, of each frame."""
    frames = read_numbers(path)
    return [(time - frames[0][1], number) for number, time in frames]


@pytest.mark.parametrize("name", FILES)
def test_each_frame_is_in_one_part_at_its_time(
    name: str, videos: Path, tmp_path: Path, sync_client: TwelveLabs
) -> None:
    """The time in a part and the start of the part are the time in the whole file."""
    whole = video(videos, name, **FILES[name])
    parts = sync_client.media.split(whole, tmp_path, max_seconds=14)
    found = [
        (float(str(metadata["whole_start"])) + time, number)
        for path, metadata in parts
        for time, number in timed_frames(path)
    ]
    expected = timed_frames(whole)
    assert [number for _, number in found] == [number for _, number in expected] == [*range(len(expected))]
    assert [time for time, _ in found] == pytest.approx([time for time, _ in expected], abs=0.0006)
    assert len(parts) >= 3
    assert sorted(tmp_path.iterdir()) == [path for path, _ in parts]
    spans = [(metadata["whole_start"], metadata["whole_end"]) for _, metadata in parts]
    assert [start for start, _ in spans] == [0, *(end for _, end in spans[:-1])]
    assert {metadata["whole_file"] for _, metadata in parts} == {name}


def test_parts_are_cut_where_it_is_quiet(videos: Path, tmp_path: Path, sync_client: TwelveLabs) -> None:
    """A pause is preferred to a place that makes the parts equally long, but is a minute away at most."""
    whole = video(videos, "pause.mp4", audio="aac", samples=tone(lambda time: not 13 <= time < 15))
    [(_, first), _] = sync_client.media.split(whole, tmp_path, max_seconds=25)
    assert first["whole_end"] == 14


def test_silent_files_are_cut_where_the_picture_changes(tmp_path: Path, sync_client: TwelveLabs) -> None:
    """A cut of the film is preferred to a place within a scene."""
    whole = video(tmp_path, "scenes.mp4", number=lambda frame: 0 if frame < 140 else 2**16 - 1)
    [(_, first), _] = sync_client.media.split(whole, tmp_path / "parts", max_seconds=25)
    assert first["whole_end"] == 14


def test_parts_are_within_the_limit_of_their_size(videos: Path, tmp_path: Path, sync_client: TwelveLabs) -> None:
    """The size of the headers counts as well."""
    whole = video(videos, "loud.mkv", audio="aac", samples=tone())
    limit = whole.stat().st_size // 3
    parts = sync_client.media.split(whole, tmp_path, max_bytes=limit)
    assert max(path.stat().st_size for path, _ in parts) <= limit
    assert 4 <= len(parts) <= 5


@pytest.mark.parametrize(
    ("name", "codec"), [("talk.m4a", "aac"), ("talk.mp3", "libmp3lame"), ("talk.wav", "pcm_s16le")]
)
def test_sound_alone_is_split(name: str, codec: str, tmp_path: Path, sync_client: TwelveLabs) -> None:
    """No sample is lost, and none is in two parts, but for those that the encoder has added at the end."""
    whole = video(tmp_path, name, size=None, audio=codec, samples=tone(lambda time: not 10 <= time < 11))
    parts = sync_client.media.split(whole, tmp_path / "parts", max_seconds=20)
    assert [path.suffix for path, _ in parts] == [whole.suffix] * 2
    assert 0 <= sum(samples(path) for path, _ in parts) - samples(whole) < 1152


def samples(path: Path) -> int:
    """Return the number of samples in a file."""
    with av.open(str(path)) as opened:
        return sum(frame.samples for frame in opened.decode(audio=0))


def test_a_file_within_the_limits_is_its_only_part(videos: Path, tmp_path: Path, sync_client: TwelveLabs) -> None:
    """It is not copied, and has no metadata."""
    whole = video(videos, "plain.mp4")
    assert sync_client.media.split(whole, tmp_path / "parts") == [(whole, {})]
    assert not (tmp_path / "parts").exists()


def test_progress_ends_with_the_whole_file(
    videos: Path, tmp_path: Path, sync_client: TwelveLabs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It grows up to 100 percent."""
    monkeypatch.setattr("twelvelabs_async.clips.work.STEP_SECONDS", 0)
    seen: list[MediaProgress] = []
    sync_client.media.split(video(videos, "plain.mp4"), tmp_path, max_seconds=12, on_progress=seen.append)
    percentages = [progress.percentage for progress in seen]
    assert percentages == sorted(percentages)
    assert 0 <= percentages[0] < 50
    assert seen[-1] == MediaProgress(done=1, total=1, percentage=100)


def test_a_bar_shows_the_split(
    videos: Path, tmp_path: Path, sync_client: TwelveLabs, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has the name of the file."""
    pytest.importorskip("tqdm", reason="needs tqdm: pip install tqdm")
    sync_client.media.split(video(videos, "plain.mp4"), tmp_path, max_seconds=12, progress=True)
    *_, last = capsys.readouterr().err.replace("\r", "\n").strip().splitlines()
    assert (last.startswith("100%|"), last.endswith("] plain.mp4")) == (True, True), last


def test_a_file_without_key_frames_is_refused(tmp_path: Path, sync_client: TwelveLabs) -> None:
    """Nothing is written."""
    whole = video(tmp_path, "one.mp4", key_frames=1000)
    with pytest.raises(MediaError, match=r"^The file has no key frame from 0 s on within the limits of a part: 12 s "):
        sync_client.media.split(whole, tmp_path / "parts", max_seconds=12)
    assert not (tmp_path / "parts").exists()


def test_a_file_that_is_no_media_is_refused(tmp_path: Path, sync_client: TwelveLabs) -> None:
    """The error names it."""
    (tmp_path / "notes.mp4").write_text("no video")
    with pytest.raises(MediaError, match=r"^notes\.mp4 cannot be split: "):
        sync_client.media.split(tmp_path / "notes.mp4", tmp_path / "parts")


@pytest.mark.parametrize("limits", [{"max_seconds": 7}, {"max_bytes": 0}, {"max_seconds": math.nan}])
def test_limits_out_of_range_are_refused(limits: Any, tmp_path: Path, sync_client: TwelveLabs) -> None:
    """They are validated before the file is opened."""
    with pytest.raises(ValueError, match=next(iter(limits))):
        sync_client.media.split("missing.mp4", tmp_path, **limits)


async def test_a_cancelled_split_leaves_nothing(
    videos: Path, tmp_path: Path, client: AsyncTwelveLabs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parts that are complete are removed as well."""
    monkeypatch.setattr("twelvelabs_async.clips.work.STEP_SECONDS", 0)
    whole = video(videos, "plain.mp4")
    found: list[int] = []

    def cancel(progress: MediaProgress) -> None:
        if progress.percentage > 90:
            found.append(len(os.listdir(tmp_path)))
            task.cancel()

    task = asyncio.create_task(client.media.split(whole, tmp_path, max_seconds=12, on_progress=cancel))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert found == [3]
    assert os.listdir(tmp_path) == []


@st.composite
def indexes(draw: st.DrawFn) -> FileIndex:
    """A file with key frames 1 to 10 s apart, whose bit rate varies."""
    steps = draw(st.lists(st.tuples(st.integers(1, 10), st.integers(1, 1000)), min_size=2, max_size=300))
    points = [START]
    for seconds, size in steps:
        points.append(CutPoint(points[-1].time + seconds, points[-1].position + size))
    return FileIndex(points[1:-1], points[-1])


@given(indexes(), st.integers(10, 500), st.integers(1000, 20_000), st.randoms())
def test_parts_keep_the_limits_and_cover_each_second_once(
    index: FileIndex, seconds: int, size: int, random: Any
) -> None:
    """Wherever it is quiet, there are few parts, and the last one is not tiny."""
    limits = PartLimits(seconds, size)
    cuts = plan_cuts(index, limits, random.choice)
    spans = [*zip([START, *cuts], [*cuts, index.end], strict=True)]
    assert all(start.time < end.time and limits.load(start, end) <= 1 for start, end in spans)
    assert cuts == sorted(cuts)
    assert set(cuts) <= set(index.points)


times = st.integers(0, 10**6).map(lambda milliseconds: milliseconds / 1000)


@given(st.lists(times, min_size=3, max_size=8, unique=True).map(sorted), times, times)
def test_moments_of_parts_become_moments_of_the_whole(bounds: list[float], start: float, length: float) -> None:
    """A moment of the whole that is found in each part that it is in, becomes itself again."""
    whole = {"whole_file": "talk.mp4", "whole_id": "1", "whole_duration": bounds[-1]}
    start = bounds[0] + start % (bounds[-1] - bounds[0])
    end = min(start + length, bounds[-1])
    found = Moments(
        Moment(
            start=max(start, first) - first,
            end=min(end, last) - first,
            video=MomentVideo(id=str(first), user_metadata={**whole, "whole_start": first, "whole_end": last}),
        )
        for first, last in pairwise(bounds)
        if first <= end and start <= last
    )
    [merged] = found.whole().merge(gap=1e-6)
    assert (merged.start, merged.end) == pytest.approx((start, end))
    assert merged.video == MomentVideo(id="1", filename="talk.mp4", duration=bounds[-1])


def test_the_rest_of_a_moment_is_kept() -> None:
    """Words are moved as well, and the caller's metadata stays. The end of a part is not that of the whole."""
    part = {"whole_file": "a.mp4", "whole_id": "1", "whole_start": 100, "whole_end": 200.5, "whole_duration": 300}
    moment = Moment(
        start=1,
        rank=2,
        text="hello",
        words=[MomentWord(start=1, end=1.5, text="hello")],
        video=MomentVideo(id="v", index_id="i", fps=25.0, user_metadata={**part, "city": "Lyon"}),
    )
    [whole] = Moments([moment]).whole()
    assert whole.words == [MomentWord(start=101, end=101.5, text="hello")]
    assert (whole.start, whole.end, whole.rank, whole.text) == (101, 200.5, 2, "hello")
    assert whole.video == MomentVideo(id="1", filename="a.mp4", duration=300, fps=25.0, user_metadata={"city": "Lyon"})


@pytest.mark.parametrize("metadata", [None, {}, {"whole_start": "x", "whole_end": 2}, {"whole_start": 1}, ["odd"]])
def test_moments_of_other_videos_stay(metadata: Any) -> None:
    """Also if their metadata is not that of a part."""
    moments = Moments([Moment(start=1, video=MomentVideo(user_metadata=metadata)), Moment(start=2)])
    assert moments.whole() == moments


async def test_parts_that_are_indexed_answer_in_times_of_the_whole(
    videos: Path, tmp_path: Path, client: AsyncTwelveLabs, index: IndexSchema, autojump_clock: object
) -> None:
    """Any machine can map them: the user metadata is on the platform."""
    whole = video(videos, "lecture.mp4", size=(360, 360))
    parts = await client.media.split(whole, tmp_path, max_seconds=12)
    outcomes = [outcome async for outcome in client.bulk.index(index.id, parts)]
    assert [outcome.error for outcome in outcomes] == [None] * len(parts)
    pager = await client.search.query(
        index_id=index.id, search_options=["visual"], query_text="lecture", include_user_metadata=True
    )
    moments = (await pager.moments()).whole().merge()
    [(found, spans)] = moments.by_video()
    assert (found.filename, found.duration) == ("lecture.mp4", 30)
    assert [(moment.start, moment.end) for moment in spans] == [(0, 30)]
