"""Facts from the header of a media file, and reading of values in it."""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

import attrs


@attrs.frozen(kw_only=True)
class Media:
    """Facts from a header: seconds, pixels as displayed, frames per second on average.

    A fact that the header states twice, and differently, is ``None``.

    Attributes:
        sizes: Further widths and heights in the header: as stored, if the picture is displayed in another size, and
            those of other video tracks.
    """

    container: str | None = None
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    has_audio: bool | None = None
    sizes: tuple[tuple[int, int], ...] = ()


def read_at(file: BinaryIO, offset: int, size: int) -> bytes:
    """Return the bytes at an offset, fewer at the end of the file."""
    file.seek(offset)
    return file.read(size)


def unpack_at(file: BinaryIO, offset: int, layout: str) -> tuple[Any, ...]:
    """Return the values at an offset, by a layout of `struct`.

    Raises:
        struct.error: The file ends before.
    """
    return struct.unpack(layout, read_at(file, offset, struct.calcsize(layout)))
