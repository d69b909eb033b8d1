"""Videos that count their frames: a frame shows its number as a grid of dark and bright squares. They need PyAV."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

SQUARE = 16
BITS_PER_ROW = 4
ROWS = 4
WIDTH, HEIGHT = SQUARE * BITS_PER_ROW, SQUARE * ROWS
DARK, BRIGHT = 40, 200
RATE = 16_000


def write_counted_video(
    path: Path,
    seconds: float,
    *,
    fps: int = 10,
    key_every: int = 10,
    loudness: Callable[[float], float] | None = None,
    codec: str = "libx264",
    audio_codec: str = "aac",
    options: dict[str, str] | None = None,
) -> Path:
    """Write a video of *seconds*.

    Args:
        path: Its suffix decides about the container.
        seconds: Length.
        fps: Frames per second.
        key_every: Frames from one key frame to the next.
        loudness: Loudness of the tone at a time, 0 to 1. Default: there is no sound.
        codec: Encoder of the picture.
        audio_codec: Encoder of the sound.
        options: Options of the container.
    """
    import av

    with av.open(str(path), "w", options=options or {}) as made:
        video = made.add_stream(codec, rate=fps)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.options = {"preset": "ultrafast", "tune": "zerolatency"} if codec == "libx264" else {}
        video.codec_context.gop_size = key_every
        sound: Any = made.add_stream(audio_codec, rate=RATE, layout="mono") if loudness else None
        if sound:
            sound.codec_context.format = "fltp"
        for number in range(round(seconds * fps)):
            frame = _picture(number)
            frame.pts, frame.time_base = number, Fraction(1, fps)
            made.mux(video.encode(frame))
            if sound and loudness and not number % fps:
                made.mux(sound.encode(_tone(number // fps, min(1.0, seconds - number / fps), loudness)))
        made.mux(video.encode())
        if sound:
            made.mux(sound.encode())
    return path


def _picture(number: int) -> Any:
    import av

    frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
    rows: list[bytes] = []
    for row in range(ROWS):
        line = b"".join(
            bytes([BRIGHT if number >> (row * BITS_PER_ROW + column) & 1 else DARK]) * SQUARE
            for column in range(BITS_PER_ROW)
        )
        rows += [line.ljust(frame.planes[0].line_size, b"\0")] * SQUARE
    frame.planes[0].update(b"".join(rows))
    for plane in frame.planes[1:]:
        plane.update(b"\x80" * plane.buffer_size)
    return frame


def _tone(start: int, seconds: float, loudness: Callable[[float], float]) -> Any:
    import av

    count = round(RATE * seconds)
    frame = av.AudioFrame("fltp", "mono", count)
    times = (start + sample / RATE for sample in range(count))
    frame.planes[0].update(array("f", (loudness(time) * math.sin(2764 * time) for time in times)).tobytes())
    frame.sample_rate, frame.pts, frame.time_base = RATE, start * RATE, Fraction(1, RATE)
    return frame


def number_in(frame: Any) -> int:
    """Return the number that a decoded frame shows."""
    plane = frame.reformat(width=WIDTH, height=HEIGHT, format="gray").planes[0]
    pixels, stride = bytes(plane), plane.line_size
    number = 0
    for bit in range(BITS_PER_ROW * ROWS):
        row, column = divmod(bit, BITS_PER_ROW)
        middle = pixels[(row * SQUARE + SQUARE // 2) * stride + column * SQUARE + SQUARE // 2]
        number |= (middle > (DARK + BRIGHT) // 2) << bit
    return number


def frame_numbers(file: str | Path | BinaryIO) -> list[int]:
    """Return the numbers of all frames of a video in their order."""
    return [number for _, number in timed_frames(file)]


def timed_frames(file: str | Path | BinaryIO) -> list[tuple[float, int]]:
    """Return time and number of all frames of a video in their order."""
    import av

    with av.open(str(file) if isinstance(file, Path) else file) as opened:
        start = (opened.start_time or 0) / av.time_base
        return [(round(frame.time - start, 3), number_in(frame)) for frame in opened.decode(video=0)]
