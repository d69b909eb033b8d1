"""Videos whose pictures and samples show their number, which survives encoding, turning and scaling."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import av

BLOCKS = 4
"""Rows and columns of black and white blocks, one for each bit of the number."""
MAX_SAMPLE = 30_000


class CountedVideos:
    """Videos that are written when a test asks for them first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths: dict[str, Path] = {}

    def get(self, suffix: str, **settings: Any) -> Path:
        """Return the path of a video with settings of `write_counted`. Default: ten seconds."""
        key = f"{suffix} {settings!r}"
        if key not in self._paths:
            path = self._folder / f"video{len(self._paths)}.{suffix}"
            write_counted(path, **{"seconds": 10.0, **settings})
            self._paths[key] = path
        return self._paths[key]


def write_counted(
    path: Path,
    *,
    times: Sequence[float] | None = None,
    seconds: float,
    fps: Fraction | int = 25,
    size: tuple[int, int] | None = (64, 64),
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    key_frames: int = 50,
    pixel_ratio: Fraction = Fraction(1),
    audio: str | None = "aac",
    rate: int = 8000,
    start: float = 0.0,
) -> None:
    """Write a video in the format of the path's suffix.

    Args:
        path: The new file.
        times: Times of the pictures in seconds. Default: by *fps*.
        seconds: Length.
        fps: Pictures per second.
        size: Width and height as stored. ``None`` for sound alone.
        codec: Encoder of the pictures.
        options: Options of the encoder.
        key_frames: Pictures from one key frame to the next.
        pixel_ratio: Width of a pixel by its height.
        audio: Encoder of the sound. ``None`` for a video without sound.
        rate: Samples per second.
        start: Time stamp of the first picture.
    """
    times = [float(number / fps) for number in range(ceil(seconds * fps))] if times is None else times
    unit = Fraction(1, 90_000) if codec == "libx264" else 1 / Fraction(fps)
    pictures: Any = None
    with av.open(str(path), "w") as writer:
        sound: Any = writer.add_stream(audio, rate, layout="mono") if audio else None
        if size is not None:
            pictures = writer.add_stream(codec, fps, options={"g": str(key_frames), **(options or {})})
            pictures.width, pictures.height, pictures.pix_fmt = *size, "yuv420p"
            pictures.codec_context.time_base = unit
            pictures.codec_context.sample_aspect_ratio = pixel_ratio
        samples = 0
        for number, end in enumerate([*times[1:], seconds]):
            if size is not None:
                picture = picture_of(number, *size)
                picture.pts, picture.time_base = round((times[number] + start) / unit), unit
                writer.mux(pictures.encode(picture))
            if sound is not None:
                frame = samples_from(samples, round(end * rate) - samples, rate)
                frame.pts, frame.time_base = round(start * rate) + samples, Fraction(1, rate)
                writer.mux(sound.encode(frame))
                samples += frame.samples
        for stream in filter(None, (pictures, sound)):
            writer.mux(stream.encode(None))


def picture_of(number: int, width: int, height: int) -> av.VideoFrame:
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


def samples_from(first: int, count: int, rate: int) -> av.AudioFrame:
    """Return samples, of which each is its number."""
    frame = av.AudioFrame("s16", "mono", count)
    frame.sample_rate = rate
    numbers = array("h", [number % MAX_SAMPLE for number in range(first, first + count)]).tobytes()
    frame.planes[0].update(numbers.ljust(frame.planes[0].buffer_size, b"\0"))
    return frame


def number_in(frame: av.VideoFrame, *, turns: int = 0) -> int:
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
