"""A picture of points in SVG: cards whose points are near each other are alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import isfinite
from typing import Final

from .page import Page, Point
from .texts import color, escaped, times

WIDTH: Final = 1000
MIN_HEIGHT: Final = 300
MAX_HEIGHT: Final = 620
MARGIN: Final = 24
SHOWN_NAMES: Final = 12
"""Videos in the legend."""


def scatter(page: Page, ids: Sequence[Sequence[str]] | None = None) -> str:
    """Return a picture of the points of a page, or an empty text without points.

    A point has the color of its video. Points whose position is not finite are left out.

    Args:
        page: The page.
        ids: Id of each card of each video, which its point links to. Default: no links.
    """
    points = sorted((point for point in page.points if isfinite(point.x + point.y)), key=lambda point: point.group)
    if not points:
        return ""
    left, bottom = min(point.x for point in points), min(point.y for point in points)
    width, height = max(point.x for point in points) - left, max(point.y for point in points) - bottom
    inside = WIDTH - 2 * MARGIN
    scale = min(inside / (width or 1), (MAX_HEIGHT - 2 * MARGIN) / (height or 1))  # the same in both directions
    full_height = max(height * scale + 2 * MARGIN, MIN_HEIGHT)

    def circle(point: Point) -> str:
        x = WIDTH / 2 + (point.x - left - width / 2) * scale
        y = full_height / 2 - (point.y - bottom - height / 2) * scale
        link = "" if ids is None else f' href="#{ids[point.group][point.card]}" tabindex="-1"'
        return (
            f'<a{link}><circle cx="{x:.1f}" cy="{y:.1f}" r="6"/><title>{escaped(_description(page, point))}</title></a>'
        )

    dots = (
        f'<g class="{color(group)}">{"".join(map(circle, found))}</g>'
        for group, found in groupby(points, key=lambda point: point.group)
    )
    return (
        f'<figure class="points"><svg viewBox="0 0 {WIDTH} {full_height:.0f}">'
        f"<title>{len(points):,} moments; near ones are alike</title>{''.join(dots)}</svg>"
        f"<figcaption>{''.join(_legend(page, points))}</figcaption></figure>"
    )


def _description(page: Page, point: Point) -> str:
    group = page.groups[point.group]
    card = group.cards[point.card]
    return " · ".join(filter(None, [group.title, times(card, group), card.title, card.text]))


def _legend(page: Page, points: Sequence[Point]) -> Iterator[str]:
    videos = [*dict.fromkeys(point.group for point in points)]
    for group in videos[:SHOWN_NAMES]:
        yield f'<span class="{color(group)}" dir="auto">{escaped(page.groups[group].title)}</span>'
    if len(videos) > SHOWN_NAMES:
        yield f"and {len(videos) - SHOWN_NAMES:,} more"
