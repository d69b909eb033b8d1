"""Pictures for a notebook: search results with thumbnails, a stream to play, and a map of vectors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

COLORS = ("#e4572e", "#29335c", "#76b041", "#f3a712", "#669bbc")


class Picture:
    """HTML that a notebook shows."""

    def __init__(self, html: str) -> None:
        self.html = html

    def _repr_html_(self) -> str:
        return self.html


def gallery(pictures: Iterable[tuple[str, str]]) -> Picture:
    """Show pictures in a row, each a URL with a caption."""
    style = "display: inline-block; width: 240px; margin: 6px; vertical-align: top; font-size: 13px"
    return Picture(
        "".join(
            f'<figure style="{style}"><img src="{escape(url)}" width="240" style="border-radius: 6px">'
            f"<figcaption>{escape(caption)}</figcaption></figure>"
            for url, caption in pictures
        )
    )


def player(url: str) -> Picture:
    """Show a video. Safari plays HLS, and Chromium does since version 142."""
    return Picture(f'<video controls muted width="480" src="{escape(url)}" style="border-radius: 6px"></video>')


def vector_map(groups: dict[str, tuple[NDArray[np.float32], Sequence[str]]]) -> Picture:
    """Show vectors as points on a plane, on which most of their distances are kept.

    Args:
        groups: Vectors and a text for each, by the name of their group, which has a color and a line of its own.
    """
    vectors = np.concatenate([rows for rows, _ in groups.values()])
    centered = vectors - vectors.mean(axis=0)
    axes = np.linalg.svd(centered, full_matrices=False)[2][:2]
    points = centered @ axes.T
    points = 30 + (points - points.min(axis=0)) / np.ptp(points, axis=0) * [580, 260]
    shapes: list[str] = []
    start = 0
    for number, (name, (rows, texts)) in enumerate(groups.items()):
        color, part = COLORS[number % len(COLORS)], points[start : start + len(rows)]
        start += len(rows)
        line = " ".join(f"{x:.0f},{y:.0f}" for x, y in part)
        shapes.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-opacity="0.3"/>')
        shapes += [
            f'<circle cx="{x:.0f}" cy="{y:.0f}" r="7" fill="{color}"><title>{escape(text)}</title></circle>'
            for (x, y), text in zip(part, texts, strict=True)
        ]
        shapes.append(f'<text x="640" y="{40 + 22 * number}" fill="{color}" font-size="14">{escape(name)}</text>')
    return Picture(f'<svg viewBox="0 0 840 320" width="840" font-family="sans-serif">{"".join(shapes)}</svg>')
