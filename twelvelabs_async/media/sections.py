"""Parts of media files, decoded from the key frame before their start."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from fractions import Fraction
from io import SEEK_END
from itertools import chain
from math import inf
from typing import Any, BinaryIO, Final, TypeAlias, TypeVar

import av
from attrs import define, field, frozen
from av.audio import AudioStream
from av.container import InputContainer
from av.error import FFmpegError, InvalidDataError
from av.stream import Disposition
from av.video import VideoStream

from ..errors import MediaError
from .headers import open_with_pyav

Frame: TypeAlias = av.VideoFrame | av.AudioFrame
Packet: TypeAlias = "av.Packet[Any]"
T = TypeVar("T", Frame, Packet)

TOLERANCE: Final = 0.0005
"""Seconds by which a time may miss a frame: times are often rounded to milliseconds."""
PREROLLS: Final = (0.0, 1.0, 5.0, 30.0, inf)
"""Seconds before the start at which reading begins, until there is a picture at the start or before.

Containers find a key frame by the order in which pictures are decoded, or not at all.
"""
REWIND_SECONDS: Final = 10.0
"""Seconds before the beginning of a file, which some containers count by the order in which pictures are decoded."""
LAG_SECONDS: Final = 2.0
"""Seconds by which sound and pictures of the same time may lie apart in a file."""
MAX_GAP_SECONDS: Final = 3600
"""Longest time without a packet. Damaged files jump by years, which silence and the last picture would fill."""

PRIMING_SECONDS: Final = 0.5
"""Seconds by which encoders let sound begin before the first picture, which is the beginning nevertheless."""


@frozen
class Section:
    """Part of a media file.

    Attributes:
        file: A path, or a file that can seek.
        start: Seconds from the beginning of the file.
        end: Seconds from the beginning of the file. Infinity stands for its end.
        name: Name of the video in messages.
    """

    file: str | BinaryIO
    start: float
    end: float
    name: str

    @property
    def duration(self) -> float:
        """Seconds from start to end."""
        return self.end - self.start


def origin_of(container: InputContainer, video: VideoStream | None) -> float:
    """Return the time stamp of a file, in seconds, that is its beginning.

    Encoders of sound begin a moment before the first picture.
    """
    first = (container.start_time or 0) / av.time_base
    if video is not None and video.start_time is not None and video.time_base is not None:
        picture = float(video.start_time * video.time_base)
        if first < picture < first + PRIMING_SECONDS:
            return picture
    return first


@define
class OpenSection:
    """A part of an open file, with the tracks that are wanted. Times count from the start of the section."""

    section: Section
    container: InputContainer
    video: VideoStream | None
    audio: AudioStream | None
    _decoded: Iterator[Frame] = field(init=False, factory=lambda: iter(()))
    length: float = field(init=False, default=-inf)
    """Seconds of the section that the file has, as far as it was read."""

    @property
    def streams(self) -> list[Any]:
        """The tracks that are wanted."""
        return [stream for stream in (self.video, self.audio) if stream is not None]

    def time_of(self, timed: Frame | Packet) -> float:
        """Return the time of a frame or a packet."""
        return self._time(timed.pts or 0, timed.time_base or Fraction(0))

    def _time(self, stamp: int, time_base: Fraction) -> float:
        return float(stamp * time_base) - self._origin - self.section.start

    def seek(self, time: float) -> None:
        """Continue at the key frame before a time, or at the beginning of the file."""
        position = max(self.section.start + time, -REWIND_SECONDS) + self._origin + TOLERANCE
        try:
            self.container.seek(round(position * av.time_base))
        except FFmpegError:  # some containers cannot seek to a time before their first time stamp
            self.container.seek(self.container.start_time or 0)

    def begin(self) -> av.VideoFrame | None:
        """Begin to decode at the key frame before the start, and return its picture; ``None`` without a video track.

        Raises:
            MediaError: The file ends before the start.
        """
        has_video = self.video is not None
        earlier, further = self._read(self._frames, lambda frame: isinstance(frame, av.VideoFrame) == has_video)
        self._decoded = chain(earlier, further)
        return earlier[-1] if isinstance(earlier[-1], av.VideoFrame) else None

    def frames(self) -> Iterator[tuple[float, Frame | None]]:
        """Yield the frames after `begin`, each with its time; ``None`` for pictures before the start.

        The first picture is the one that is shown at the start, with the time 0, and the last one begins before the
        end. Sound also comes from before the start and after the end.

        Raises:
            MediaError: The file ends before the start.
        """
        shown: av.VideoFrame | None = None
        latest = 0.0
        for frame in self._decoded:
            time = self.time_of(frame)
            if isinstance(frame, av.AudioFrame):
                yield time, frame
            elif time <= TOLERANCE:
                shown = frame
                yield time, None
            else:
                if shown is not None:
                    yield 0.0, shown
                    shown = None
                if latest < time < self.section.duration - TOLERANCE:  # some files repeat a time
                    yield time, frame
                    latest = time
        if self.length <= 0:
            raise self._beyond_the_end()
        if shown is not None:
            yield 0.0, shown

    def packets(self) -> Iterator[tuple[float, Any]]:
        """Yield the packets from the key frame before the start on, each with its time.

        Raises:
            MediaError: The file ends before the start.
        """
        leading = self.streams[0].index

        def is_key(packet: Packet) -> bool:
            return packet.is_keyframe and packet.stream_index == leading

        earlier, further = self._read(self._packets, is_key)
        begin = self.time_of(earlier[-1])
        held: list[Packet] = []
        packets = chain(earlier, further)
        for packet in packets:
            held.append(packet)
            if is_key(packet) and self.time_of(packet) <= TOLERANCE:
                begin = self.time_of(packet)  # of a later key frame, still before the start
            elif packet.stream_index == leading and self.time_of(packet) > TOLERANCE:
                break
        for packet in chain(held, packets):
            time = self.time_of(packet)
            if time >= begin:
                yield time, packet
        if self.length <= 0:
            raise self._beyond_the_end()

    def _read(self, read: Callable[[], Iterator[T]], leads: Callable[[T], bool]) -> tuple[list[T], Iterator[T]]:
        """Return the frames or packets up to the first one that *leads*, at the start or before, and the further ones.

        Raises:
            MediaError: The file ends before the start.
        """
        for preroll in PREROLLS:
            self.seek(-preroll)
            items = read()
            earlier: list[T] = []
            for item in items:
                earlier.append(item)
                if leads(item):
                    if self.time_of(item) <= TOLERANCE or preroll == PREROLLS[-1]:
                        return earlier, items
                    break
        raise self._beyond_the_end()

    def _frames(self) -> Iterator[Frame]:
        """Decode packets from the current position to the end of the section."""
        for packet in self._packets():
            with suppress(InvalidDataError):  # as players do, which show the next picture
                yield from filter(_is_usable, packet.decode())
        for stream in self.streams:  # decoders hold frames back
            for frame in filter(_is_usable, stream.decode(None)):
                frame.time_base = stream.time_base
                yield frame

    def _packets(self) -> Iterator[Packet]:
        """Yield packets until each track has reached the end of the section, or one of them is far beyond it."""
        unfinished = {stream.index for stream in self.streams}
        for packet in self.container.demux(self.streams):
            stamp = packet.pts if packet.dts is None else packet.dts
            if stamp is None:
                if packet.size:
                    yield packet
                continue
            beyond = self._time(stamp, packet.time_base) - self.section.duration
            shown = stamp if packet.pts is None else packet.pts
            if self._time(shown, packet.time_base) > max(self.length, 0.0) + MAX_GAP_SECONDS:
                raise MediaError(
                    f"The time stamps of {self.section.name} jump by more than {MAX_GAP_SECONDS:,} s after "
                    f"{self.section.start + max(self.length, 0.0):.3f} s. Pass moments that end before."
                )
            self.length = max(self.length, self._time(shown + (packet.duration or 1), packet.time_base))
            if beyond < 0:
                yield packet
            else:
                unfinished.discard(packet.stream_index)
                if not unfinished or beyond >= LAG_SECONDS:
                    return

    @property
    def _origin(self) -> float:
        return origin_of(self.container, self.video)

    def _beyond_the_end(self) -> MediaError:
        seconds = (self.container.duration or 0) / av.time_base
        return MediaError(
            f"{self.section.name} ends at {seconds:.3f} s; expected a moment that starts before, got one at "
            f"{self.section.start:.3f} s. Check that this file is its video."
        )


def _is_usable(frame: Frame) -> bool:
    """Return whether a frame has a time, and does not depend on earlier ones than the key frame."""
    return frame.pts is not None and not frame.is_corrupt


@contextmanager
def open_section(section: Section, *, pictures: bool = True, sound: bool = True) -> Generator[OpenSection]:
    """Open the file of a section.

    Args:
        section: The section.
        pictures: False to ignore the video track.
        sound: False to ignore the audio track.

    Raises:
        OSError: The file cannot be opened or read.
        MediaError: FFmpeg cannot read the file, or it has none of the tracks.
    """
    with ExitStack() as stack:
        file = stack.enter_context(open(section.file, "rb")) if isinstance(section.file, str) else section.file
        if not file.seek(0, SEEK_END):
            raise MediaError(f"{section.name} is empty.")
        try:
            container: InputContainer = stack.enter_context(open_with_pyav(file, timeout=None))
            videos = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
            opened = OpenSection(
                section,
                container,
                video=videos[0] if videos and pictures else None,
                audio=container.streams.audio[0] if container.streams.audio and sound else None,
            )
            if opened.video is None and opened.audio is None:
                wanted = "pictures or sound" if pictures and sound else "pictures" if pictures else "sound"
                raise MediaError(f"{section.name} has no {wanted}.")
            if opened.video is not None:
                opened.video.thread_type = "AUTO"
            yield opened
        except FFmpegError as error:
            raise MediaError(f"FFmpeg cannot process {section.name}: {error.strerror}.") from error
