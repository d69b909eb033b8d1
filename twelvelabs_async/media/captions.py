"""Times, written into pictures: FFmpeg as PyAV brings it has no fonts."""

from __future__ import annotations

from typing import Final

import av

FONT: Final = (
    " ###    #    ###  #####    #  #####  ###  #####  ###   ###       ",
    "#   #  ##   #   #    #    ##  #     #         # #   # #   #   #  ",
    "#   #   #       #   #    # #  ####  #        #  #   # #   #   #  ",
    "#   #   #      #     #  #  #      # ####    #    ###   ####      ",
    "#   #   #     #       # #####     # #   #   #   #   #     #   #  ",
    "#   #   #    #    #   #    #  #   # #   #   #   #   #     #   #  ",
    " ###   ###  #####  ###     #   ###   ###    #    ###   ###       ",
)
"""The rows of digits and a colon, 6 pixels for each."""
GLYPHS: Final = "0123456789:"
GLYPH_WIDTH: Final = 6
SCALE: Final = 2
PADDING: Final = 4
DARK, LIGHT = b"\x18\x18\x18", b"\xff\xff\xff"


def write_caption(picture: av.VideoFrame, text: str) -> None:
    """Write a text of digits and colons into the lower left corner of a picture in RGB, as far as there is place."""
    [plane] = picture.planes
    pixels = bytearray(plane)
    rows = _rows(text)
    top = picture.height - len(rows)
    for number, row in enumerate(rows):
        if top + number >= 0:
            start = (top + number) * plane.line_size
            visible = row[: 3 * picture.width]
            pixels[start : start + len(visible)] = visible
    plane.update(bytes(pixels))


def _rows(text: str) -> list[bytes]:
    """Return the rows of a text in RGB, light on dark, with a margin."""
    places = [GLYPHS.index(glyph) * GLYPH_WIDTH for glyph in text]
    lines = ["".join(line[place : place + GLYPH_WIDTH] for place in places) for line in FONT]
    rows: list[bytes] = []
    for line in lines:
        pixels = b"".join((LIGHT if char == "#" else DARK) * SCALE for char in line)
        rows += [DARK * PADDING + pixels + DARK * (PADDING - SCALE)] * SCALE
    margin = [DARK * (len(rows[0]) // 3)] * PADDING
    return [*margin, *rows, *margin]
