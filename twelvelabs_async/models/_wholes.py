"""Files that were split before they were uploaded: the metadata of their parts, and moments in times of the whole."""

from __future__ import annotations

from typing import Final

from ._base import UserMetadata
from .moment import Moment, MomentVideo, MomentWord, seconds_of, text_of

FILE: Final = "whole_file"
ID: Final = "whole_id"
START: Final = "whole_start"
END: Final = "whole_end"
DURATION: Final = "whole_duration"
KEYS: Final = (FILE, ID, START, END, DURATION)


def metadata_of_part(file: str, id: str, start: float, end: float, duration: float) -> UserMetadata:
    """Return the user metadata of a part, by which any machine maps its times to those of the whole.

    Args:
        file: File name of the whole.
        id: Identifies the content of the whole.
        start: Time of the whole at which the part starts, in seconds.
        end: Time of the whole at which the part ends.
        duration: Duration of the whole.
    """
    return {FILE: file, ID: id, START: start, END: end, DURATION: duration}


def in_whole(moment: Moment) -> Moment:
    """Return a moment of a part with the times and the video of the whole. Other moments are returned as they are."""
    video = moment.video
    metadata = video.user_metadata if video is not None else None
    if video is None or not isinstance(metadata, dict):
        return moment
    start, end = seconds_of(metadata.get(START)), seconds_of(metadata.get(END))
    if start is None or end is None:
        return moment
    whole = MomentVideo(
        id=text_of(metadata.get(ID)),
        filename=text_of(metadata.get(FILE)),
        duration=seconds_of(metadata.get(DURATION)),
        fps=video.fps,
        user_metadata={key: value for key, value in metadata.items() if key not in KEYS} or None,
    )
    moved = shifted(moment, start)
    return moved.copy(start=min(moved.start, end), end=end if moved.end is None else min(moved.end, end), video=whole)


def shifted(moment: Moment, seconds: float) -> Moment:
    """Return a moment that begins and ends later, as do its words."""
    words = moment.words
    return moment.copy(
        start=moment.start + seconds,
        end=None if moment.end is None else moment.end + seconds,
        words=None if words is None else [later(word, seconds) for word in words],
    )


def later(word: MomentWord, seconds: float) -> MomentWord:
    """Return a word with times that are later by *seconds*."""
    return word.copy(start=word.start + seconds, end=word.end + seconds)
