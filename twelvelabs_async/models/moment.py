"""A part of a video: what hits, segments, chapters, lines of transcripts, citations and clips have in common."""

import re
from typing import Any, Final, Literal, TypeAlias, cast

from .._clock_times import clock_time
from ._base import Model, UserMetadata

__all__ = ["Moment", "MomentOrigin", "MomentVideo", "MomentWord"]

MomentOrigin: TypeAlias = Literal["search", "segment", "chapter", "transcript", "citation", "embedding"] | str


class MomentVideo(Model):
    """The video that a moment is in. What is not known is ``None``.

    Attributes:
        id: Id of the indexed asset, or of the item of a knowledge store.
        duration: Length in seconds.
        fps: Frames per second.
        user_metadata: The user metadata of the video.
        hls_url: URL of the HLS stream. The URL expires.
        thumbnail_url: URL of a picture. The URL expires.
        file: Path of the video on this machine.
    """

    id: str | None = None
    asset_id: str | None = None
    index_id: str | None = None
    filename: str | None = None
    duration: float | None = None
    fps: float | None = None
    user_metadata: UserMetadata | None = None
    hls_url: str | None = None
    thumbnail_url: str | None = None
    file: str | None = None

    @property
    def key(self) -> str | None:
        """Key of the video: its id, else that of its asset, else its path, stream, or file name."""
        return self.id or self.asset_id or self.file or self.hls_url or self.filename


class MomentWord(Model):
    """Spoken word, from *start* to *end* in seconds."""

    start: float
    end: float
    text: str


class Moment(Model):
    """Part of a video, from *start* to *end* in seconds.

    Attributes:
        end: End in seconds. ``None`` stands for the end of the video.
        video: The video.
        rank: Rank of the match. 1 is the best.
        title: Title, such as that of a chapter.
        text: Spoken words, or a description.
        words: The spoken words of *text*, each with its time, if they are known.
        speaker: Speaker of the words, if it is known.
        origin: Kind of object that the moment was made from.
        thumbnail_url: URL of a picture. The URL expires.
        metadata: Further values of the object, such as the fields of a segment.
    """

    start: float
    end: float | None = None
    video: MomentVideo | None = None
    rank: int | None = None
    title: str | None = None
    text: str | None = None
    words: list[MomentWord] | None = None
    speaker: str | None = None
    origin: MomentOrigin | None = None
    thumbnail_url: str | None = None
    metadata: dict[str, Any] | None = None

    @property
    def start_clock(self) -> str:
        """The start as players show it, such as ``1:02.500``."""
        return clock_time(self.start, with_milliseconds=True)

    @property
    def end_clock(self) -> str | None:
        """The end as players show it, or ``None`` for the end of the video."""
        return None if self.end is None else clock_time(self.end, with_milliseconds=True)


class MomentRow(Model):
    """The columns of moments: times in seconds, and as players show them."""

    start: float
    end: float | None
    start_clock: str
    end_clock: str | None
    video: MomentVideo | None
    rank: int | None
    title: str | None
    text: str | None
    speaker: str | None
    origin: str | None
    thumbnail_url: str | None
    metadata: dict[str, Any] | None


NO_VIDEO: Final = MomentVideo()
"""The video of moments of which no video is known."""


def moment_of(start: object, end: object, *, rank: object = None, **fields: Any) -> Moment | None:
    """Return the moment between two times of a response, or ``None`` if it has no start.

    An end that is no time, or before the start, is left open.
    """
    start, end = seconds_of(start), seconds_of(end)
    if start is None:
        return None
    end = None if end is None or end < start else end
    return Moment(start=start, end=end, rank=rank if type(rank) is int else None, **fields)


CLOCK: Final = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):(\d{1,2}(?:\.\d{1,9})?)", re.ASCII)
"""``mm:ss`` and ``hh:mm:ss``, with or without a fraction."""


MAX_SECONDS: Final = 1e9
"""Numbers beyond this, about 31 years, are no times in a video."""


def seconds_of(value: object) -> float | None:
    """Return a time of a response in seconds: a number, or a text such as ``01:02:03.5``. Else return ``None``."""
    if isinstance(value, str) and (clock := CLOCK.fullmatch(value.strip())):
        hours, minutes, seconds = clock.groups(default="0")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    if isinstance(value, float | int) and not isinstance(value, bool):
        return value if 0 <= value <= MAX_SECONDS else None
    return None


def text_of(value: object) -> str | None:
    """Return a text of a response, or ``None`` if it is empty or something else."""
    return value if isinstance(value, str) and value else None


def metadata_of(value: object) -> UserMetadata | None:
    """Return the user metadata of a response, or ``None`` if it is something else."""
    return cast("UserMetadata", value) if isinstance(value, dict) else None
