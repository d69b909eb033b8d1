"""Cuts of long files: at key frames, where it is quiet or the picture changes, into parts of similar length."""

from __future__ import annotations

import hashlib
import struct
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil, log10
from typing import Any, Final

import av
from attrs import Factory, define, frozen
from av.audio.resampler import AudioResampler
from av.container import InputContainer
from av.stream import Disposition

from ..errors import MediaError
from .sections import origin_of

SOUND_STEP_SECONDS: Final = Fraction(1, 2)
"""Files without pictures can be cut at each packet. These are so many that some are left out."""
WINDOW_SECONDS: Final = 60
"""A cut is at most this far from where parts would be equally long, and at most a tenth of the longest part."""
LISTENING_RATE: Final = 8_000
"""Samples per second by which the loudness is measured."""
LISTENING_SECONDS: Final = 0.25
"""A cut is quiet if it is so for this long before and after."""
SILENCE_DECIBELS: Final = -50
"""Sound that is not louder is silence."""
DECIBEL_STEP: Final = 6
"""Cuts whose loudness differs by less are equally quiet."""
MAX_TICKS: Final = 10**6
"""No container has finer time stamps."""
VIEW: Final[Mapping[str, Any]] = {"width": 32, "height": 18, "format": "gray"}
"""Size in which pictures are compared."""


@frozen(order=True)
class CutPoint:
    """A place where a file can be cut.

    Attributes:
        time: Seconds from the beginning of the file.
        position: Bytes of the packets before.
    """

    time: Fraction
    position: int


START: Final = CutPoint(Fraction(0), 0)


@frozen
class PartLimits:
    """Limits of a part.

    Attributes:
        size: Bytes.
    """

    seconds: float
    size: float

    def load(self, start: CutPoint, end: CutPoint) -> float:
        """Return how much of the tighter limit a part takes. More than 1 is too much."""
        return max(float(end.time - start.time) / self.seconds, (end.position - start.position) / self.size)


def media_streams(container: InputContainer) -> list[Any]:
    """Return the first video track that is no cover picture, and all audio tracks."""
    videos = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    return [*videos[:1], *container.streams.audio]


def origin_of_file(container: InputContainer) -> Fraction:
    """Return the time stamp of a file that is its beginning."""
    videos = [stream for stream in media_streams(container) if stream.type == "video"]
    return Fraction(origin_of(container, videos[0] if videos else None)).limit_denominator(MAX_TICKS)


def time_of(packet: Any) -> Fraction | None:
    """Return the time stamp of a packet in seconds; ``None`` if it is the end of a track."""
    stamp = packet.dts if packet.pts is None else packet.pts
    return None if stamp is None or packet.time_base is None else stamp * packet.time_base


@define
class FileIndex:
    """The places where a file can be cut, found by reading its packets once.

    A key frame is none if pictures that follow it are shown before: they need a picture from before the cut.

    Attributes:
        points: The places, without the beginning.
        end: The end of the file.
        digest: Hash of the times and sizes of all packets, which identifies the content.
    """

    points: list[CutPoint] = Factory(list[CutPoint])
    end: CutPoint = START
    digest: str = ""

    def read(self, container: InputContainer) -> Iterator[float]:
        """Read a file, and yield the seconds that are read so far.

        Raises:
            MediaError: The file has neither pictures nor sound.
        """
        origin, streams = origin_of_file(container), media_streams(container)
        if not streams:
            raise MediaError("The file has neither pictures nor sound.")
        leading, position, end = streams[0], 0, Fraction(0)
        digest = hashlib.sha256()
        for packet in container.demux(streams):
            time = time_of(packet)
            if time is None:
                continue
            time -= origin
            if packet.stream is leading:
                self._add(CutPoint(time, position), is_key=packet.is_keyframe, is_sound=leading.type == "audio")
                yield float(time)
            position += packet.size
            end = max(end, time + (packet.duration or 0) * packet.time_base)
            digest.update(struct.pack("<HdI", packet.stream_index, float(time), packet.size))
        self.end, self.digest = CutPoint(end, position), digest.hexdigest()[:16]
        self.points = [point for point in self.points if point.time > 0]

    def _add(self, point: CutPoint, *, is_key: bool, is_sound: bool) -> None:
        last = self.points[-1] if self.points else None
        if last is not None and point.time < last.time:
            self.points.pop()
        elif is_key and not (is_sound and last is not None and point.time - last.time < SOUND_STEP_SECONDS):
            self.points.append(point)


def plan_cuts(index: FileIndex, limits: PartLimits, choose: Callable[[Sequence[CutPoint]], CutPoint]) -> list[CutPoint]:
    """Return where to cut, so that the parts keep the limits, and are as few and as similar in length as possible.

    Args:
        index: The file.
        limits: Limits of a part.
        choose: Returns the best of several places that are near each other.

    Raises:
        MediaError: There is no place within the limits.
    """
    cuts: list[CutPoint] = []
    start, end = START, index.end
    while (load := limits.load(start, end)) > 1:
        count = ceil(load)
        possible = [point for point in index.points if point.time > start.time and limits.load(start, point) <= 1]
        if not possible:
            raise MediaError(
                f"The file has no key frame from {float(start.time):.0f} s on within the limits of a part: "
                f"{limits.seconds:,.0f} s and {limits.size:,.0f} bytes. Raise them, or encode it with more key frames."
            )
        ideal = min(possible, key=lambda point: abs(limits.load(start, point) - load / count))
        window = min(WINDOW_SECONDS, limits.seconds / 10)
        near = [
            point
            for point in possible
            if abs(point.time - ideal.time) <= window and limits.load(point, end) <= count - 1
        ]
        start = choose(near) if near else ideal
        cuts.append(start)
    return cuts


def best_cut(container: InputContainer, points: Sequence[CutPoint]) -> CutPoint:
    """Return the place where it is quietest; of equally quiet ones, where the picture changes most, nearest the middle.

    Only the part of the file that contains the places is decoded.
    """
    if len(points) == 1:
        return points[0]
    middle = (points[0].time + points[-1].time) / 2
    loudness = _loudness(container, points)
    changes = _changes(container, points)
    return min(
        points, key=lambda point: (loudness[point], -changes.get(float(point.time), 0), abs(point.time - middle))
    )


def _loudness(container: InputContainer, points: Sequence[CutPoint]) -> dict[CutPoint, int]:
    """Return how loud it is around each place, in steps of decibels. Silence is the least, also where there is none."""
    peaks: list[tuple[float, int]] = []
    first, last = float(points[0].time) - LISTENING_SECONDS, points[-1].time + LISTENING_SECONDS
    resampler = AudioResampler("s16", "mono", LISTENING_RATE)
    for time, frame in _decode(container, container.streams.audio[:1], first):
        if time > last:
            break
        for resampled in resampler.resample(frame):
            samples = array("h", bytes(resampled.planes[0])[: 2 * resampled.samples])
            peaks.append((time, max(map(abs, samples), default=0)))
    return {
        point: max(
            (_decibels(peak) for time, peak in peaks if abs(time - point.time) <= LISTENING_SECONDS),
            default=SILENCE_DECIBELS,
        )
        // DECIBEL_STEP
        for point in points
    }


def _decibels(peak: int) -> int:
    return max(round(20 * log10(max(peak, 1) / 2**15)), SILENCE_DECIBELS)


def _changes(container: InputContainer, points: Sequence[CutPoint]) -> dict[float, int]:
    """Return how much the picture of each key frame differs from the one before, by its time."""
    pictures: list[tuple[float, bytes]] = []
    for video in media_streams(container)[:1]:
        if video.type == "video":
            video.codec_context.skip_frame = "NONKEY"
            for time, frame in _decode(container, [video], float(points[0].time)):
                pictures.append((time, bytes(frame.reformat(**VIEW).planes[0])))
                if time >= points[-1].time:
                    break
    return {
        time: sum(abs(one - other) for one, other in zip(before, picture, strict=True))
        for (_, before), (time, picture) in pairwise(pictures)
    }


def _decode(container: InputContainer, streams: Sequence[Any], start: float) -> Iterator[tuple[float, Any]]:
    """Yield the frames of a track with their times, from a key frame before *start* on."""
    if not streams:
        return
    origin = float(origin_of_file(container))
    container.seek(max(round((start + origin) * av.time_base), 0))
    for packet in container.demux(streams):
        for frame in packet.decode():
            if isinstance(frame, av.VideoFrame | av.AudioFrame) and frame.time is not None:
                yield frame.time - origin, frame
