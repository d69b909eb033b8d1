"""Pictures of files: a frame of a video if PyAV is installed, or else a drawing."""

from __future__ import annotations

import colorsys
import hashlib
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..media.headers import open_with_pyav

WIDTH, HEIGHT = 320, 180


def picture(path: Path | None, name: str, moment: float) -> bytes:
    """Return a PNG of a file at a time in seconds.

    Args:
        path: Location of the file. Without one, or if it cannot be decoded, the picture is a drawing.
        name: File name, of which the drawing's colors are made.
    """
    if path is not None:
        # PyAV is not installed, or FFmpeg has one of its many errors.
        with suppress(Exception), path.open("rb") as file, open_with_pyav(file) as opened:
            return _png(*_frame(opened, moment))
    return _png(WIDTH, HEIGHT, b"".join(_drawing(name, moment)))


def _frame(opened: Any, moment: float) -> tuple[int, int, bytes]:
    """Return width, height and RGB of the first frame at a time or after it, or else of the last one."""
    stream = opened.streams.video[0]
    if stream.duration:
        opened.seek(int(moment / stream.time_base), stream=stream)
    frame: Any = None
    for frame in opened.decode(stream):
        if frame.time is None or frame.time >= moment:
            break
    height = max(1, round(frame.height * WIDTH / frame.width))
    plane = frame.reformat(width=WIDTH, height=height, format="rgb24").planes[0]
    rows, stride = bytes(plane), plane.line_size
    return WIDTH, height, b"".join(rows[row * stride : row * stride + 3 * WIDTH] for row in range(height))


def _drawing(name: str, moment: float) -> Iterator[bytes]:
    """Draw a disc that wanders over a sky, both of colors of their own for each name, row by row."""
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
    hue, (top, bottom) = digest[0] / 255, (0.75, 0.35)
    disc = bytes(int(255 * part) for part in colorsys.hls_to_rgb((hue + 0.5) % 1, 0.6, 0.9))
    center, middle, radius = int((moment * 20 + digest[1]) % WIDTH), 40 + digest[2] % 100, 20 + digest[3] % 20
    for row in range(HEIGHT):
        lightness = top + (bottom - top) * row / HEIGHT
        sky = bytes(int(255 * part) for part in colorsys.hls_to_rgb(hue, lightness, 0.5))
        half = int(max(0, radius**2 - (row - middle) ** 2) ** 0.5)
        left, right = max(0, center - half), min(WIDTH, center + half)
        yield sky * left + disc * (right - left) + sky * (WIDTH - right)


def _png(width: int, height: int, pixels: bytes) -> bytes:
    """Return a PNG of RGB pixels."""
    rows = b"".join(b"\0" + pixels[start : start + 3 * width] for start in range(0, len(pixels), 3 * width))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = {b"IHDR": header, b"IDAT": zlib.compress(rows), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks.items()
    )
