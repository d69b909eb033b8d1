"""Chains of FFmpeg's filters for pictures and sound."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import pairwise
from math import ceil, inf
from typing import Final, Generic, TypeAlias, TypeVar

import av
from av.error import BlockingIOError as NotReadyError
from av.error import EOFError as EndError
from av.filter import Graph

from .file_formats import Filter

F = TypeVar("F", av.VideoFrame, av.AudioFrame)
Size: TypeAlias = tuple[int, int]
"""Width and height in pixels."""

TIME_BASE: Final = Fraction(1, 90_000)
"""Unit of the time stamps of pictures, in which those of all usual rates begin."""

UPRIGHT: Final[dict[int, list[Filter]]] = {
    90: [("transpose", "cclock")],
    -90: [("transpose", "clock")],
    180: [("hflip", ""), ("vflip", "")],
    -180: [("hflip", ""), ("vflip", "")],
}
"""Filters by the angle by which a file asks players to turn its pictures, counterclockwise."""


class FilterChain(Generic[F]):
    """Filters one after the other, from a source to a sink."""

    def __init__(self, *filters: Filter) -> None:
        self._graph = Graph()
        contexts = {name: self._graph.add(name, arguments or None) for name, arguments in filters}
        for before, after in pairwise(contexts.values()):
            if after is contexts.get("paletteuse"):  # which takes the pictures, and the palettes that are made of them
                split, palettes = self._graph.add("split"), self._graph.add("palettegen", "stats_mode=single")
                before.link_to(split)
                split.link_to(palettes, 1, 0)
                palettes.link_to(after, 0, 1)
                split.link_to(after, 0, 0)
            else:
                before.link_to(after)
        self._graph.configure()

    def filter(self, frame: F | None) -> Iterator[F]:
        """Yield the frames that are ready after another one; after ``None``, the last ones."""
        with suppress(EndError):  # one of the filters takes no more
            self._graph.push(frame)
        while True:
            try:
                yield self._graph.pull()  # type: ignore[misc]  # frames of the kind that was pushed
            except (NotReadyError, EndError):
                return


def picture_filters(
    frame: av.VideoFrame, pixel_ratio: Fraction | None, size: Size, *filters: Filter
) -> FilterChain[av.VideoFrame]:
    """Return a chain that makes pictures like *frame* upright and fits them into a size, with black bars.

    Args:
        frame: A picture.
        pixel_ratio: Width of its pixels by their height. Default: 1.
        size: Size of the pictures that the chain yields.
        filters: Further filters.
    """
    width, height = fitted_size(display_size(frame, pixel_ratio), size)
    source = f"video_size={frame.width}x{frame.height}:pix_fmt={frame.format.name}:time_base={TIME_BASE}"
    return FilterChain(
        ("buffer", f"{source}:colorspace={frame.colorspace}:range={frame.color_range}"),
        *UPRIGHT.get(frame.rotation, []),
        ("scale", f"{width}:{height}"),
        ("pad", f"{size[0]}:{size[1]}:-1:-1"),
        *filters,
        ("buffersink", ""),
    )


def sound_filters(
    frame: av.AudioFrame, *, start: float, end: float, rate: int, format: str, layout: str
) -> FilterChain[av.AudioFrame]:
    """Return a chain that cuts sound to the sample, from *start* to *end*, and fills its gaps with silence.

    Args:
        frame: A frame. Its time stamps count samples.
        start: Seconds.
        end: Seconds.
        rate: Samples per second that the chain yields.
        format: Sample format that the chain yields.
        layout: Channel layout that the chain yields.
    """
    begin = f"start_pts={round(start * frame.sample_rate)}"
    until = "" if end == inf else f":end_pts={round(end * frame.sample_rate)}"
    source = f"sample_rate={frame.sample_rate}:sample_fmt={frame.format.name}:channel_layout={frame.layout.name}"
    return FilterChain(
        ("abuffer", f"{source}:time_base=1/{frame.sample_rate}"),
        ("atrim", begin + until),
        ("aresample", f"{rate}:async=1:first_pts={round(start * rate)}"),
        ("aformat", f"sample_fmts={format}:channel_layouts={layout}"),
        ("abuffersink", ""),
    )


def display_size(frame: av.VideoFrame, pixel_ratio: Fraction | None) -> Size:
    """Return the size in which a picture is shown: upright, with square pixels."""
    width, height = round(frame.width * (pixel_ratio or 1)), frame.height
    return (height, width) if frame.rotation % 180 else (width, height)


def fitted_size(size: Size, limit: tuple[float, float]) -> Size:
    """Return the largest size of the same shape within a limit, in even numbers: four pixels share a color."""
    scale = min(limit[0] / size[0], limit[1] / size[1])
    return _even(size[0] * scale), _even(size[1] * scale)


def _even(pixels: float) -> int:
    return max(2, 2 * ceil(round(pixels) / 2))
