"""Moments as timelines for editors, read back by OpenTimelineIO."""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twelvelabs_async import Moment, Moments, MomentVideo
from twelvelabs_async.models._texts.frame_rates import FrameRate

otio: Any = pytest.importorskip("opentimelineio", reason="reading timelines needs the extra edit")

GAME = MomentVideo(id="1", filename="Big game.mp4", duration=120.0, fps=25.0)
GOALS = Moments(
    [
        Moment(start=10, end=12.5, video=GAME, rank=1, title="Goal", text="The first goal"),
        Moment(start=4, end=5, video=GAME, rank=2),
        Moment(start=100, video=GAME.copy(id="2", filename="Other game.mp4"), rank=3),
    ]
)


def read_edl(text: str, fps: float) -> Any:
    """Return the timeline of an edit decision list, as the adapter of OpenTimelineIO reads it."""
    return otio.adapters.read_from_string(text, "cmx_3600", rate=fps)


def spans(track: Any) -> list[tuple[str, float, float]]:
    """Return name, first and last frame of each clip."""
    ranges = [(clip.name, clip.source_range) for clip in track]
    return [(name, shown.start_time.value, shown.end_time_exclusive().value) for name, shown in ranges]


SPANS = [("Big game.mp4", 250, 312), ("Big game.mp4", 100, 125), ("Other game.mp4", 2500, 3000)]


def test_an_edit_decision_list_has_the_moments_one_after_the_other(tmp_path: Path) -> None:
    """Each has the frames of the source, and those of the timeline, which begins at one hour."""
    file = tmp_path / "Highlights.edl"
    text = GOALS.to_edl(file)
    assert file.read_text() == text
    assert text == (
        "TITLE: Highlights\n"
        "FCM: NON-DROP FRAME\n"
        "\n"
        "001  BIGGAME  B     C        00:00:10:00 00:00:12:12 01:00:00:00 01:00:02:12\n"
        "* FROM CLIP NAME: Big game.mp4\n"
        "* COMMENT: Goal - The first goal\n"
        "\n"
        "002  BIGGAME  B     C        00:00:04:00 00:00:05:00 01:00:02:12 01:00:03:12\n"
        "* FROM CLIP NAME: Big game.mp4\n"
        "\n"
        "003  OTHERGAM B     C        00:01:40:00 00:02:00:00 01:00:03:12 01:00:23:12\n"
        "* FROM CLIP NAME: Other game.mp4\n"
    )


def test_opentimelineio_reads_the_edit_decision_list() -> None:
    """It has a track of video and one of audio."""
    timeline = read_edl(GOALS.to_edl(), 25)
    assert [(track.name, spans(track)) for track in timeline.tracks] == [("V", SPANS), ("A1", SPANS)]


def test_opentimelineio_reads_the_timeline(tmp_path: Path) -> None:
    """Clips refer to the files, and markers have the texts."""
    file = tmp_path / "Highlights.otio"
    text = GOALS.to_otio(file)
    assert file.read_text() == text
    timeline = otio.adapters.read_from_file(str(file))
    assert timeline.name == "Highlights"
    assert [(track.kind, spans(track)) for track in timeline.tracks] == [("Video", SPANS), ("Audio", SPANS)]
    first = timeline.video_tracks()[0][0]
    assert first.media_reference.target_url == "Big%20game.mp4"
    assert first.media_reference.available_range.duration.to_seconds() == 120
    assert [marker.name for marker in first.markers] == ["Goal - The first goal"]
    assert first.metadata["twelvelabs"]["video_id"] == "1"


def test_a_timeline_refers_to_files_on_this_machine_and_to_no_urls(tmp_path: Path) -> None:
    """URLs of streams expire, and are secret."""
    local = MomentVideo(file=str(tmp_path / "a b.mp4"), hls_url="https://example.com/s.m3u8?signature=x", fps=25)
    moments = Moments([Moment(start=0, end=1, video=local), Moment(start=0, end=1, video=MomentVideo(id="v", fps=25))])
    text = moments.to_otio()
    assert "signature" not in text + moments.to_edl()
    [near, missing] = otio.adapters.read_from_string(text, "otio_json").video_tracks()[0]
    assert near.media_reference.target_url == (tmp_path / "a b.mp4").as_uri()
    assert isinstance(missing.media_reference, otio.schema.MissingReference)


def test_sound_has_no_video() -> None:
    """A file is sound by its name. The other track has a gap there."""
    moments = Moments([Moment(start=0, end=1, video=MomentVideo(filename=name)) for name in ("a.mp3", "b.mp4")])
    assert re.findall(r"^\d+  \S+ +(\S+)", moments.to_edl(fps=25), re.MULTILINE) == ["A", "B"]
    [video, audio] = otio.adapters.read_from_string(moments.to_otio(fps=25), "otio_json").tracks
    assert [type(item).__name__ for item in video] == ["Gap", "Clip"]
    assert [clip.name for clip in audio] == ["a.mp3", "b.mp4"]


@pytest.mark.parametrize(
    ("fps", "mode", "times"),
    [
        (29.97, "DROP FRAME", "00:01:01;00 00:02:01;00"),
        (59.94, "DROP FRAME", "00:01:01;00 00:02:01;01"),
        (23.98, "NON-DROP FRAME", "00:01:00:23 00:02:00:21"),
        (30, "NON-DROP FRAME", "00:01:01:00 00:02:01:00"),
    ],
)
def test_timecodes_drop_frames_at_29_97(fps: float, mode: str, times: str) -> None:
    """A minute has 1,798 frames there, so that timecodes stay with the clock."""
    text = Moments([Moment(start=61, end=121, video=GAME)]).to_edl(fps=fps)
    assert f"FCM: {mode}\n" in text
    assert times in text
    assert re.search(r" 01:00:00[:;]00 ", text), "The timeline begins at one hour."


def test_clips_begin_with_the_file_and_have_a_frame() -> None:
    moments = Moments([Moment(start=-1, end=1, video=GAME), Moment(start=2, end=2, video=GAME)])
    assert spans(read_edl(moments.to_edl(), 25).tracks[0]) == [("Big game.mp4", 0, 25), ("Big game.mp4", 50, 51)]


@settings(max_examples=50)
@given(st.sampled_from([23.98, 24, 25, 29.97, 30, 50, 59.94, 60]), st.floats(0, 86_000))
def test_timecodes_are_those_of_opentimelineio(fps: float, seconds: float) -> None:
    rate = FrameRate.nearest(fps)
    frame = rate.frame(seconds)
    assert otio.opentime.from_timecode(rate.timecode(frame), rate.fps).value == frame


@settings(max_examples=20)
@given(
    st.lists(st.tuples(st.floats(-1, 5000), st.floats(0, 100)), min_size=1, max_size=5),
    st.sampled_from([24, 25, 29.97, 59.94]),
    st.text(st.characters(codec="utf-8"), max_size=20),
)
def test_times_come_back_to_the_frame(times: list[tuple[float, float]], fps: float, text: str) -> None:
    """Both formats have the same frames, and whatever the names and the texts are, only those."""
    video = MomentVideo(id="v", filename=text)
    moments = Moments(Moment(start=start, end=start + length, text=text, video=video) for start, length in times)
    rate = FrameRate.nearest(fps)
    expected = [(max(round(start * rate.fps), 0), round((start + length) * rate.fps)) for start, length in times]
    expected = [(start, max(end, start + 1)) for start, end in expected]
    for timeline in (
        read_edl(moments.to_edl(fps=fps), rate.fps),
        otio.adapters.read_from_string(moments.to_otio(fps=fps), "otio_json"),
    ):
        assert [span[1:] for span in spans(timeline.tracks[0])] == expected


def test_reels_have_different_names_of_eight_characters() -> None:
    """Names of files may be equal, or not in Latin letters."""
    names = ["A long name 1.mp4", "A long name 2.mp4", "猫.mp4", "AX.mp4", "Ü.mov"]
    videos = [MomentVideo(id=str(number), filename=name) for number, name in enumerate(names)]
    text = Moments(Moment(start=0, end=1, video=video) for video in videos).to_edl(fps=25)
    assert re.findall(r"^\d+  (\S+)", text, re.MULTILINE) == ["ALONGNAM", "ALONGNA2", "REEL", "AX2", "U"]


def rated(*rates: float | None) -> Moments:
    """Return a moment of a video of each frame rate."""
    return Moments(Moment(start=0, end=1, video=MomentVideo(id=str(rate), fps=rate)) for rate in rates)


@pytest.mark.parametrize(
    ("moments", "fps", "message"),
    [
        (rated(25, 30), None, r"several frame rates: 25, 30. Pass that of the timeline, such as fps=25"),
        (rated(None), None, "no known frame rate. Pass"),
        (rated(0.1, 120), None, "no known frame rate. Pass"),
        (rated(25), 0, "fps must be from 1 to 60; got 0"),
        (rated(25), float("nan"), "fps must be from 1 to 60; got nan"),
        (Moments([Moment(start=1, video=MomentVideo(filename="a.mp4"))]), 25, "at 0:01 of a.mp4 has no known end"),
        (Moments([Moment(start=float("nan"), end=1)]), 25, "at - of video has no known end"),
    ],
)
@pytest.mark.parametrize("method", ["to_edl", "to_otio"])
def test_times_without_frames_are_refused(method: str, moments: Moments, fps: float | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        getattr(moments, method)(fps=fps)


def test_too_long_edit_decision_lists_are_refused() -> None:
    """Numbers of events have three digits, and timecodes end after a day."""
    with pytest.raises(ValueError, match="at most 999 events; got 1002 moments"):
        Moments([*GOALS] * 334).to_edl()
    with pytest.raises(ValueError, match="Timecodes end after 24 hours; event 1"):
        Moments([Moment(start=86_400, end=86_401)]).to_edl(fps=25)
    assert len(json.loads(Moments([*GOALS] * 334).to_otio())["tracks"]["children"][0]["children"]) == 1002


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No file is left behind. Edit decision lists need no package."""
    monkeypatch.setitem(sys.modules, "opentimelineio", None)
    with pytest.raises(ImportError, match=r"pip install 'twelvelabs_async\[edit\]'"):
        GOALS.to_otio(tmp_path / "a.otio")
    assert [*tmp_path.iterdir()] == []
    assert GOALS.to_edl()


def test_all_extras_can_be_installed_where_opentimelineio_has_no_wheels() -> None:
    [required] = [one for one in requires("twelvelabs_async") or () if "opentime" in one and "'all'" in one]
    assert "python_version < '3.14'" in required
