"""Timelines for editors, with moments one after the other: CMX 3600 edit decision lists, and OpenTimelineIO."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from math import isfinite
from mimetypes import guess_type
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from attrs import frozen

from ..._clock_times import clock_time
from ..._extras import require
from ..._validators import require_between
from ...errors import InvalidArgumentError
from ..moment import Moment, MomentVideo
from .frame_rates import FrameRate
from .spoken_lines import plain_text

MOST_EVENTS: Final = 999
"""Events of an edit decision list, whose numbers have three digits."""
REEL_LENGTH: Final = 8
"""Characters of the name of a reel."""
NOT_REELS: Final = frozenset({"AX", "BL", "BLACK", "BARS"})
"""Names that stand for no reel, for black, and for test pictures."""
HIGHEST_RATE: Final = 60
"""Frames per second of timecodes, at most."""
LONGEST_HOURS: Final = 24
"""Hours that timecodes count."""
FIRST_HOUR: Final = 1
"""Hour at which the timelines of edit decision lists begin, by convention."""


@frozen
class Clip:
    """A moment in frames: from *start* to the one before *end*.

    Attributes:
        name: File name, or else the id of the video.
        note: Title and text of the moment.
    """

    moment: Moment
    video: MomentVideo
    name: str
    note: str
    start: int
    end: int

    @property
    def key(self) -> str:
        """Key of the video."""
        return self.video.key or self.name

    @property
    def is_audio(self) -> bool:
        """True if the file has only sound, by its name."""
        return (guess_type(self.name)[0] or "").startswith("audio/")


def frame_rate(moments: Sequence[Moment], fps: float | None) -> FrameRate:
    """Return the frame rate of a timeline: *fps*, or that of the videos.

    Raises:
        ValueError: *fps* is out of range, or not given although the videos have no frame rate, or several.
    """
    if fps is not None:
        require_between("fps", fps, 1, HIGHEST_RATE)
        return FrameRate.nearest(fps)
    known = {moment.video.fps for moment in moments if moment.video and moment.video.fps}
    rates = {FrameRate.nearest(rate) for rate in known if 1 <= rate <= HIGHEST_RATE}
    if moments and len(rates) != 1:
        found = ", ".join(f"{rate.fps:.5g}" for rate in sorted(rates, key=lambda rate: rate.fps))
        raise InvalidArgumentError(
            f"The videos have {f'several frame rates: {found}' if found else 'no known frame rate'}. "
            "Pass that of the timeline, such as fps=25."
        )
    return rates.pop() if rates else FrameRate.nearest(25)


def clips_of(moments: Sequence[Moment], rate: FrameRate) -> list[Clip]:
    """Return moments in frames, in their order. Each has at least one frame.

    Raises:
        ValueError: A moment has no end, and its video no known duration; or it is not a time.
    """
    clips: list[Clip] = []
    for moment in moments:
        video = moment.video or MomentVideo()
        end = video.duration if moment.end is None else moment.end
        names = [video.filename, os.path.basename(video.file or ""), video.id, video.asset_id, "video"]
        name = next(text for name in names if (text := plain_text(name)))
        if end is None or not (isfinite(moment.start) and isfinite(end)):
            raise InvalidArgumentError(
                f"The moment at {clock_time(moment.start)} of {name} has no known end. "
                "Set its end, or the duration of its video."
            )
        start = rate.frame(max(moment.start, 0))
        note = " - ".join(filter(None, [plain_text(moment.title), plain_text(moment.text)]))
        clips.append(Clip(moment, video, name, note, start, max(rate.frame(end), start + 1)))
    return clips


def edl(moments: Sequence[Moment], fps: float | None, title: str) -> str:
    """Return an edit decision list in the CMX 3600 format.

    Raises:
        ValueError: The frame rate or an end is unknown, there are more than 999 moments, or a time is past 24 hours.
    """
    rate = frame_rate(moments, fps)
    clips = clips_of(moments, rate)
    if len(clips) > MOST_EVENTS:
        raise InvalidArgumentError(
            f"A CMX 3600 list has at most {MOST_EVENTS} events; got {len(clips)} moments. "
            "Write several lists, of moments[:999] and so on, or call to_otio()."
        )
    reels = _reels(clips)
    record = rate.frames_of_hours(FIRST_HOUR)
    events: list[str] = []
    for number, clip in enumerate(clips, 1):
        record_end = record + clip.end - clip.start
        if max(clip.end, record_end) > rate.frames_of_hours(LONGEST_HOURS):
            raise InvalidArgumentError(f"Timecodes end after {LONGEST_HOURS} hours; event {number} ends later.")
        times = " ".join(map(rate.timecode, (clip.start, clip.end, record, record_end)))
        channels = "A" if clip.is_audio else "B"
        lines = [f"{number:03}  {reels[clip.key]:<8} {channels:<5} C        {times}", f"* FROM CLIP NAME: {clip.name}"]
        events += [*lines, *([f"* COMMENT: {clip.note}"] if clip.note else []), ""]
        record = record_end
    mode = "DROP FRAME" if rate.skipped else "NON-DROP FRAME"
    return "\n".join([f"TITLE: {plain_text(title)[:70]}", f"FCM: {mode}", "", *events])


def _reels(clips: Sequence[Clip]) -> Mapping[str, str]:
    """Return the name of a reel for each video: letters and digits of its name, with a number if it is taken."""
    reels: dict[str, str] = {}
    for key, name in {clip.key: clip.name for clip in clips}.items():
        ascii_name = unicodedata.normalize("NFKD", Path(name).stem).encode("ascii", "ignore").decode()
        stem = re.sub(r"\W", "", ascii_name).upper()[:REEL_LENGTH] or "REEL"
        reel, number = stem, 1
        while reel in reels.values() or reel in NOT_REELS:
            number += 1
            reel = f"{stem[: REEL_LENGTH - len(str(number))]}{number}"
        reels[key] = reel
    return reels


def otio(moments: Sequence[Moment], fps: float | None, title: str) -> str:
    """Return a timeline of OpenTimelineIO as JSON: a track of video and one of audio, with a marker for each text.

    Raises:
        ImportError: opentimelineio is not installed.
        ValueError: The frame rate or an end is unknown.
    """
    opentimelineio = require("opentimelineio", "twelvelabs_async[edit]")
    schema, opentime = opentimelineio.schema, opentimelineio.opentime
    rate = frame_rate(moments, fps)

    def time_range(start: float, end: float) -> Any:
        return opentime.TimeRange(opentime.RationalTime(start, rate.fps), opentime.RationalTime(end - start, rate.fps))

    def media(clip: Clip) -> Any:
        video = clip.video
        available = time_range(0, rate.frame(video.duration)) if video.duration else None
        if video.file is None and video.filename is None:
            return schema.MissingReference(name=clip.name, available_range=available)
        path = video.file and Path(os.path.expanduser(video.file)).absolute().as_uri()
        return schema.ExternalReference(target_url=path or quote(clip.name), available_range=available)

    def element(clip: Clip) -> Any:
        shown = time_range(clip.start, clip.end)
        made = schema.Clip(clip.name, media(clip), shown, metadata={"twelvelabs": _facts(clip)})
        if clip.note:
            made.markers.append(schema.Marker(clip.note, shown))
        return made

    clips = clips_of(moments, rate)
    timeline = schema.Timeline(plain_text(title))
    for kind in (schema.TrackKind.Video, schema.TrackKind.Audio):
        track = schema.Track(kind, kind=kind)
        for clip in clips:
            is_gap = clip.is_audio and kind == schema.TrackKind.Video
            track.append(schema.Gap(source_range=time_range(0, clip.end - clip.start)) if is_gap else element(clip))
        timeline.tracks.append(track)
    text: str = timeline.to_json_string(indent=2)
    return f"{text}\n"


def _facts(clip: Clip) -> dict[str, Any]:
    """Return what identifies the moment, without URLs, which expire."""
    moment, video = clip.moment, clip.video
    facts = {
        "video_id": video.id,
        "asset_id": video.asset_id,
        "index_id": video.index_id,
        "origin": moment.origin,
        "rank": moment.rank,
        "title": moment.title,
        "text": moment.text,
        "speaker": moment.speaker,
    }
    return {
        name: plain_text(value) if isinstance(value, str) else value
        for name, value in facts.items()
        if value is not None
    }
