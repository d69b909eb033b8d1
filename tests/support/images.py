"""Headers of images."""

from __future__ import annotations

import struct
import zlib


def png(width: int, height: int) -> bytes:
    """Return the header of a PNG file."""
    content = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + content + struct.pack(">I", zlib.crc32(content))
