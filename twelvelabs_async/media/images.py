"""Headers of images: format, width and height."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, Final

from .facts import Media, read_at, unpack_at

CONTAINERS: Final = ("bmp", "gif", "jpeg", "png", "webp")
MAX_JPEG_BYTES: Final = 1 << 20


def _image(container: str, width: int = 0, height: int = 0) -> Media:
    return Media(container=container, width=width or None, height=height or None, has_audio=False)


def _read_png(file: BinaryIO, _: int) -> Media:
    width, height = unpack_at(file, 16, ">II")
    return _image("png", width, height)


def _read_jpeg(file: BinaryIO, size: int) -> Media:
    offset = 2
    while offset < min(size, MAX_JPEG_BYTES):
        marker, length = unpack_at(file, offset, ">HH")
        if 0xFFC0 <= marker <= 0xFFCF and marker not in (0xFFC4, 0xFFC8, 0xFFCC):  # a frame, not a table
            height, width = unpack_at(file, offset + 5, ">HH")
            return _image("jpeg", width, height)
        offset += 2 + max(length, 2)
    return _image("jpeg")


def _read_gif(file: BinaryIO, _: int) -> Media:
    return _image("gif", *unpack_at(file, 6, "<HH"))


def _read_bmp(file: BinaryIO, _: int) -> Media:
    (header_bytes,) = unpack_at(file, 14, "<I")
    width, height = unpack_at(file, 18, "<HH" if header_bytes == 12 else "<ii")  # 12 bytes: the header of OS/2
    return _image("bmp", width, abs(height))  # a negative height means that rows go from top to bottom


def _read_webp(file: BinaryIO, _: int) -> Media:
    match read_at(file, 12, 4):
        case b"VP8X":
            width, width_high, height, height_high = unpack_at(file, 24, "<HBHB")
            return _image("webp", (width_high << 16 | width) + 1, (height_high << 16 | height) + 1)
        case b"VP8L":
            (sizes,) = unpack_at(file, 21, "<I")
            return _image("webp", (sizes & 0x3FFF) + 1, (sizes >> 14 & 0x3FFF) + 1)
        case b"VP8 ":
            width, height = unpack_at(file, 26, "<HH")
            return _image("webp", width & 0x3FFF, height & 0x3FFF)
        case _:
            return _image("webp")


READERS: Final[dict[bytes, Callable[[BinaryIO, int], Media]]] = {
    rb"\x89PNG\r\n\x1a\n": _read_png,
    rb"\xff\xd8\xff": _read_jpeg,
    rb"GIF8[79]a": _read_gif,
    rb"BM....\0\0\0\0": _read_bmp,
    rb"RIFF....WEBP": _read_webp,
}
"""Readers by the first 12 bytes of a file."""
