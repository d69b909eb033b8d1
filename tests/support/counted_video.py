"""Videos that count their frames: a frame shows its number as a grid of dark and bright squares. They need PyAV."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

BITS_PER_ROW = 4
ROWS = 4
SQUARE = 16
WIDTH, HEIGHT = SQUARE * BITS_PER_ROW, SQUARE * ROWS
DARK, BRIGHT = 40, 200
RATE = 16_000
FAST = {
    "libx264": {"preset": "ultrafast", "tune": "zerolatency"},
    "libvpx": {"deadline": "realtime", "cpu-used": "8"},
}


def write_counted_video(
    path: Path,
    seconds: float,
    *,
    fps: int = 10,
    key_every: int = 10,
    is_loud: Callable[[float], bool] | None = None,
    codec: str = "libx264",
    audio_codec: str = "aac",
    options: dict[str, str] | None = None,
    number: Callable[[int], int] = lambda frame: frame,
    square: int = SQUARE,
) -> Path:
    """Write a video of *seconds*.

    Args:
        path: Its suffix decides about the container.
        seconds: Length.
        fps: Frames per second.
        key_every: Frames from one key frame to the next.
        is_loud: Whether there is a tone at a time, for each tenth of a second. Default: there is no sound.
        codec: Encoder of the picture.
        audio_codec: Encoder of the sound.
        number: The number that a frame shows. Default: its own.
        square: Pixels of a square's side, of which a row and a column have four.
        options: Options of the encoder of the picture. Default: no picture needs a later one.
    """
    import av

    with av.open(str(path), "w") as made:
        video = made.add_stream(codec, rate=fps)
        video.width, video.height, video.pix_fmt = square * BITS_PER_ROW, square * ROWS, "yuv420p"
        video.options = options or FAST.get(codec, {})
        video.codec_context.gop_size = key_every
        sound: Any = made.add_stream(audio_codec, rate=RATE, layout="mono") if is_loud else None
        if sound:
            sound.codec_context.format = "fltp"
        for position in range(round(seconds * fps)):
            frame = _picture(number(position), square)
            frame.pts, frame.time_base = position, Fraction(1, fps)
            made.mux(video.encode(frame))
            if sound and is_loud and not position % fps:
                made.mux(sound.encode(_tone(position // fps, min(1.0, seconds - position / fps), is_loud)))
        made.mux(video.encode())
        if sound:
            made.mux(sound.encode())
    return path


def write_tone(path: Path, seconds: int, *, codec: str, is_loud: Callable[[float], bool]) -> Path:
    """Write a sound file of *seconds*, with a tone at some times; see `write_counted_video`."""
    import av

    with av.open(str(path), "w") as made:
        sound: Any = made.add_stream(codec, rate=RATE, layout="mono")
        for second in range(seconds):
            made.mux(sound.encode(_tone(second, 1, is_loud)))
        made.mux(sound.encode())
    return path


def _picture(number: int, square: int) -> Any:
    import av

    frame = av.VideoFrame(square * BITS_PER_ROW, square * ROWS, "yuv420p")
    rows: list[bytes] = []
    for row in range(ROWS):
        line = b"".join(
            bytes([BRIGHT if number >> (row * BITS_PER_ROW + column) & 1 else DARK]) * square
            for column in range(BITS_PER_ROW)
        )
        rows += [line.ljust(frame.planes[0].line_size, b"\0")] * square
    frame.planes[0].update(b"".join(rows))
    for plane in frame.planes[1:]:
        plane.update(b"\x80" * plane.buffer_size)
    return frame


TENTH = array("f", (0.5 * math.sin(2 * math.pi * 440 * sample / RATE) for sample in range(RATE // 10))).tobytes()


def _tone(start: int, seconds: float, is_loud: Callable[[float], bool]) -> Any:
    import av

    tenths = range(round(10 * seconds))
    frame = av.AudioFrame("fltp", "mono", len(tenths) * RATE // 10)
    frame.planes[0].update(b"".join(TENTH if is_loud(start + tenth / 10) else bytes(len(TENTH)) for tenth in tenths))
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
    """Return number of all frames of a video in their order, each with the time since the first one."""
    import av

    with av.open(str(file) if isinstance(file, Path) else file) as opened:
        video = opened.streams.video[0]
        start = float((video.start_time or 0) * video.time_base) if video.time_base else 0
        return [(round(frame.time - start, 3), number_in(frame)) for frame in opened.decode(video=0)]
