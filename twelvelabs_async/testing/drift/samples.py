"""Files that the conversation uploads."""

from __future__ import annotations

import struct
import zlib
from typing import Final

from ..sample import sample_clip

PICTURE_PIXELS: Final = 360
TEXT: Final = "# The red balloon\n\nA red balloon rises from a green field into a blue sky.\n"


def sample(name: str, mark: str) -> tuple[str, bytes]:
    """Return the file name, which contains the mark, and the content of a sample."""
    match name:
        case "clip":
            return f"red_balloon_{mark}.mp4", sample_clip().read_bytes()
        case "picture":
            return f"red_sky_{mark}.png", picture()
        case "text":
            return f"notes_{mark}.md", TEXT.encode()
        case _:
            return f"garbage_{mark}.mp4", b"This is no video."


def picture() -> bytes:
    """Return a PNG image, whose red fades from left to right."""
    row = b"\0" + b"".join(bytes((255 - 255 * x // PICTURE_PIXELS, 90, 160)) for x in range(PICTURE_PIXELS))
    header = struct.pack(">IIBBBBB", PICTURE_PIXELS, PICTURE_PIXELS, 8, 2, 0, 0, 0)
    chunks = {b"IHDR": header, b"IDAT": zlib.compress(row * PICTURE_PIXELS), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks.items())


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
