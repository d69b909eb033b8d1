"""The content of a page: videos, each with its cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import field, frozen

UNNAMED: Final = "Moments"
"""Title of a video of which nothing is known."""


@frozen(kw_only=True)
class Card:
    """A part of a video, or the whole video. All texts are escaped when they are written.

    Attributes:
        start: Start in seconds.
        end: End in seconds. ``None`` stands for the end of the video.
        rank: Rank of the match. 1 is the best.
        title: Title, such as that of a chapter.
        text: Spoken words, or a description.
        speaker: Speaker of the words.
        badge: Short notice, such as a status.
        picture: URL of a picture. A page shows those by https, those on this machine, and pictures in the URL itself.
        facts: Further values, by name.
    """

    start: float = 0.0
    end: float | None = None
    rank: int | None = None
    title: str | None = None
    text: str | None = None
    speaker: str | None = None
    badge: str | None = None
    picture: str | None = None
    facts: Mapping[str, str] = field(factory=dict[str, str])


@frozen(kw_only=True)
class Group:
    """A video with its cards.

    Attributes:
        title: File name, or another name.
        cards: The cards, in their order.
        stream: URL of the HLS stream, by https or on this machine.
        file: Path of the video on this machine, which is played instead of the stream.
        duration: Length of the video in seconds.
        facts: Further values, by name, such as user metadata.
    """

    title: str
    cards: Sequence[Card]
    stream: str | None = None
    file: str | None = None
    duration: float | None = None
    facts: Mapping[str, str] = field(factory=dict[str, str])


@frozen(kw_only=True)
class Point:
    """A card as a point of the picture.

    Attributes:
        x: Position from the left.
        y: Position from the bottom.
        group: Position of the video in `Page.groups`.
        card: Position of the card in `Group.cards`.
    """

    x: float
    y: float
    group: int
    card: int


@frozen(kw_only=True)
class Page:
    """Content of a page.

    Attributes:
        title: Title of the page.
        summary: Number of moments and videos, or another short text.
        groups: The videos. If each has one card, the cards stand in one grid.
        points: Points of a picture above the videos, in which near ones are alike.
    """

    title: str
    summary: str | None = None
    groups: Sequence[Group] = ()
    points: Sequence[Point] = ()
