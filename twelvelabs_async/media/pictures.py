"""Single pictures of videos: poster frames, and contact sheets of them."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from math import ceil, sqrt
from typing import Any, BinaryIO, Final

import av

from .captions import write_caption
from .file_formats import PictureFormat
from .filters import TIME_BASE, FilterChain, Size, display_size, fitted_size, picture_filters
from .sections import Section, open_section

CELL_WIDTH: Final = 320
GAP: Final = 4


def read_picture(
    section: Section, *, width: int | None = None, exact: bool = True
) -> Generator[float, None, av.VideoFrame]:
    """Return the picture at the start of a section, upright and in RGB.

    It yields 0 while the pictures before are decoded.

    Args:
        section: The section.
        width: Width in pixels. Default: that of the video.
        exact: False for the picture of the key frame before.

    Raises:
        OSError: The file cannot be read.
        MediaError: FFmpeg cannot read the file, or it has no such picture.
    """
    with open_section(section, sound=False) as opened:
        picture: Any = opened.begin()
        for _, frame in opened.frames() if exact else ():
            if frame is not None:
                picture = frame
                break
            yield 0.0
        pixel_ratio = opened.streams[0].sample_aspect_ratio
        own = display_size(picture, pixel_ratio)
        scale = 1 if width is None else width / own[0]
        return _fit(picture, fitted_size(own, (own[0] * scale, own[1] * scale)), pixel_ratio)


def write_picture(picture: av.VideoFrame, file: BinaryIO, format: PictureFormat) -> None:
    """Write a picture to a file.

    Raises:
        OSError: The file cannot be written.
    """
    codec: Any = av.CodecContext.create(format.codec, "w")
    codec.width, codec.height, codec.pix_fmt = picture.width, picture.height, format.pixel_format
    codec.time_base, codec.options = TIME_BASE, dict(format.options)
    for packet in [*codec.encode(picture), *codec.encode(None)]:
        file.write(bytes(packet))


def contact_sheet(pictures: Sequence[av.VideoFrame], captions: Sequence[str], columns: int | None) -> av.VideoFrame:
    """Return a picture with all pictures in rows. The first one decides about the shape of all.

    Args:
        pictures: At least one picture.
        captions: Texts of digits and colons, one for each picture.
        columns: Number of pictures in a row. Default: about as many as rows.
    """
    size = pictures[0].width, pictures[0].height
    columns = columns or ceil(sqrt(len(pictures)))
    tiles: FilterChain[av.VideoFrame] = FilterChain(
        ("buffer", f"video_size={size[0]}x{size[1]}:pix_fmt=rgb24:time_base={TIME_BASE}"),
        ("tile", f"{columns}x{ceil(len(pictures) / columns)}:padding={GAP}:margin={GAP}:color=0x181818"),
        ("buffersink", ""),
    )
    sheets: list[av.VideoFrame] = []
    for number, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        cell = _fit(picture, size)
        cell.pts, cell.time_base = number, TIME_BASE
        write_caption(cell, caption)
        sheets += tiles.filter(cell)
    return [*sheets, *tiles.filter(None)][0]


def _fit(picture: av.VideoFrame, size: Size, pixel_ratio: Any = None) -> av.VideoFrame:
    """Return a picture in RGB in another size, with black bars."""
    picture.time_base = TIME_BASE
    chain = picture_filters(picture, pixel_ratio, size, ("format", "rgb24"))
    return [*chain.filter(picture), *chain.filter(None)][0]
