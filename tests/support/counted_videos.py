"""Videos whose pictures and samples show their number, which survives encoding, turning and scaling.

Modules that import this one are skipped without PyAV.
"""

from __future__ import annotations

import math
import struct
from array import array
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import pytest

av = pytest.importorskip("av", reason='needs the extra "media"')

Samples: TypeAlias = Callable[[int, int, int], Any]
"""Returns samples, given the number of the first one, their number, and how many a second has."""

BLOCKS = 4
"""Rows and columns of black and white blocks, one for each bit of the number."""
MAX_SAMPLE = 30_000
IN_ORDER = {"preset": "ultrafast", "tune": "zerolatency"}
"""Options of libx264 by which pictures are stored in the order in which they are shown."""


class CountedVideos:
    """Videos that are written when a test asks for them first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths: dict[str, Path] = {}

    def get(self, suffix: str, **settings: Any) -> Path:
        """Return the path of a video with settings of `write_counted`."""
        key = f"{suffix} {settings!r}"
        if key not in self._paths:
            self._paths[key] = write_counted(self._folder / f"video{len(self._paths)}.{suffix}", **settings)
        return self._paths[key]


def numbered_samples(first: int, count: int, rate: int) -> Any:
    """Return samples, of which each is its number."""
    return _sound([number % MAX_SAMPLE for number in range(first, first + count)], rate)


def tone(is_loud: Callable[[float], bool] = lambda _: True) -> Samples:
    """Return a sound that begins and ends with pictures.

    Args:
        is_loud: Whether there is a tone from a time in seconds to the next picture. Default: always.
    """

    def samples(first: int, count: int, rate: int) -> Any:
        height = MAX_SAMPLE / 2 if is_loud(first / rate) else 0
        return _sound([round(height * math.sin(2 * math.pi * 440 * number / rate)) for number in range(count)], rate)

    return samples


def _sound(numbers: list[int], rate: int) -> Any:
    frame = av.AudioFrame("s16", "mono", len(numbers))
    frame.sample_rate = rate
    frame.planes[0].update(array("h", numbers).tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
    return frame


def write_counted(
    path: Path,
    seconds: float = 10.0,
    *,
    times: Sequence[float] | None = None,
    fps: Fraction | int = 25,
    size: tuple[int, int] | None = (64, 64),
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    key_frames: int = 50,
    pixel_ratio: Fraction = Fraction(1),
    audio: str | None = "aac",
    rate: int = 8000,
    start: float = 0.0,
    number: Callable[[int], int] = lambda position: position,
    samples: Samples = numbered_samples,
) -> Path:
    """Write a video in the format of the path's suffix, and return the path.

    Args:
        path: The new file.
        seconds: Length.
        times: Times of the pictures in seconds. Default: by *fps*.
        fps: Pictures per second.
        size: Width and height as stored. ``None`` for sound alone.
        codec: Encoder of the pictures.
        options: Options of the encoder.
        key_frames: Pictures from one key frame to the next.
        pixel_ratio: Width of a pixel by its height.
        audio: Encoder of the sound. ``None`` for a video without sound.
        rate: Samples per second.
        start: Time stamp of the first picture.
        number: The number that a picture shows, by its position. Default: its position.
        samples: The sound. Default: each sample is its number.
    """
    times = [float(position / fps) for position in range(math.ceil(seconds * fps))] if times is None else times
    unit = Fraction(1, 90_000) if codec == "libx264" else 1 / Fraction(fps)
    pictures: Any = None
    with av.open(str(path), "w") as writer:
        sound: Any = writer.add_stream(audio, rate, layout="mono") if audio else None
        if size is not None:
            pictures = writer.add_stream(codec, fps, options={"g": str(key_frames), **(options or {})})
            pictures.width, pictures.height, pictures.pix_fmt = *size, "yuv420p"
            pictures.codec_context.time_base = unit
            pictures.codec_context.sample_aspect_ratio = pixel_ratio
        written = 0
        for position, end in enumerate([*times[1:], seconds]):
            if size is not None:
                picture = picture_of(number(position), *size)
                picture.pts, picture.time_base = round((times[position] + start) / unit), unit
                writer.mux(pictures.encode(picture))
            if sound is not None:
                frame = samples(written, round(end * rate) - written, rate)
                frame.pts, frame.time_base = round(start * rate) + written, Fraction(1, rate)
                writer.mux(sound.encode(frame))
                written += frame.samples
        for stream in filter(None, (pictures, sound)):
            writer.mux(stream.encode(None))
    return path


def picture_of(number: int, width: int, height: int) -> Any:
    """Return a picture that shows a number of 16 bits."""
    frame = av.VideoFrame(width, height, "yuv420p")
    stride = frame.planes[0].line_size
    rows: list[bytes] = []
    for row in range(BLOCKS):
        bits = [number >> (BLOCKS * row + column) & 1 for column in range(BLOCKS)]
        line = b"".join((b"\xeb" if bit else b"\x10") * (width // BLOCKS) for bit in bits)
        rows += [line.ljust(stride, b"\x10")] * (height // BLOCKS)
    for plane, pixels in zip(frame.planes, (b"".join(rows), b"", b""), strict=True):
        plane.update(pixels.ljust(plane.buffer_size, b"\x80"))
    return frame


def number_in(frame: Any, *, turns: int = 0) -> int:
    """Return the number that a picture shows, which was turned clockwise a number of times."""
    plane = frame.reformat(format="gray").planes[0]
    pixels, number = bytes(plane), 0
    for bit in range(BLOCKS * BLOCKS):
        row, column = divmod(bit, BLOCKS)
        for _ in range(turns):
            row, column = column, BLOCKS - 1 - row
        y, x = (2 * row + 1) * frame.height // (2 * BLOCKS), (2 * column + 1) * frame.width // (2 * BLOCKS)
        number |= (pixels[y * plane.line_size + x] > 127) << bit
    return number


def read_numbers(path: Path, *, turns: int = 0) -> list[tuple[int, float]]:
    """Return the number and the time of each picture of a video, which was turned clockwise a number of times."""
    with av.open(str(path)) as reader:
        return [(number_in(frame, turns=turns), round(frame.time, 3)) for frame in reader.decode(video=0)]


def frame_numbers(path: Path, *, turns: int = 0) -> list[int]:
    """Return the number of each picture of a video."""
    return [number for number, _ in read_numbers(path, turns=turns)]


def read_samples(path: Path) -> list[int]:
    """Return the samples of a file with sound in mono."""
    resampler = av.AudioResampler("s16", "mono")
    with av.open(str(path)) as reader:
        parts = [part for frame in [*reader.decode(audio=0), None] for part in resampler.resample(frame)]
    return [sample for part in parts for sample in array("h", bytes(part.planes[0])[: 2 * part.samples])]


def durations(path: Path) -> dict[str, float]:
    """Return the length of each track in seconds."""
    with av.open(str(path)) as reader:
        return {stream.type: float(stream.duration * stream.time_base) for stream in reader.streams}


def turn(movie: bytes, turns: int) -> bytes:
    """Return an MP4 file that asks players to turn its pictures clockwise."""
    matrix = {1: (0, 1, -1, 0), 2: (-1, 0, 0, -1), 3: (0, -1, 1, 0)}[turns]
    a, b, c, d = (value << 16 for value in matrix)
    place = movie.index(b"tkhd") + 4 + 40  # the matrix of a header of version 0
    return movie[:place] + struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30) + movie[place + 36 :]
