"""Videos and their cards in HTML. Without the script of a page, a card links to its moment in the video."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Final

from .._clock_times import clock_time
from .links import picture_url, video_url
from .page import Card, Group, Page
from .scatter import scatter
from .texts import color, escaped, times

LIST_CARDS: Final = 60
"""Cards of a list. Lists of so many fill their rows, whether these have 1, 2, 3, 4, 5 or 6 cards."""

PLAYER: Final = """\
<dialog id="player" aria-labelledby="player-title">
<video controls playsinline></video>
<div class="caption"><h2 id="player-title"></h2><p id="player-time"></p><p id="player-text" dir="auto"></p>
<p id="player-error" role="alert"></p></div>
<form method="dialog"><button type="button" id="previous" aria-label="Previous moment">←</button>
<button type="button" id="next" aria-label="Next moment">→</button><button aria-label="Close">✕</button></form>
</dialog>"""
"""The player, which the script opens."""


def body(page: Page, folder: Path | None = None) -> str:
    """Return the elements of a page.

    Args:
        page: The page.
        folder: Folder that the page is going to be in. Default: paths of videos are absolute.
    """
    ids = card_ids(page)
    is_flat = all(len(group.cards) <= 1 for group in page.groups)
    videos = _grid(page.groups, ids, folder) if is_flat else _sections(page.groups, ids, folder)
    summary = f'<p class="summary">{escaped(page.summary)}</p>' if page.summary else ""
    return "\n".join(
        [
            f'<header class="top"><h1>{escaped(page.title)}</h1>{summary}<p id="count" role="status"></p>',
            '<search hidden><input id="filter" type="search" aria-label="Filter" aria-keyshortcuts="/"',
            'placeholder="Filter"><p class="keys"><kbd>/</kbd> filter <kbd>←</kbd><kbd>→</kbd><kbd>↑</kbd><kbd>↓</kbd>',
            "move <kbd>Enter</kbd> play <kbd>Esc</kbd> close</p></search></header>",
            "<main>",
            scatter(page, ids),
            *videos,
            "" if page.groups else '<p class="empty">Nothing was found.</p>',
            "</main>",
            PLAYER,
        ]
    )


def card_ids(page: Page) -> list[list[str]]:
    """Return an id for each card of each video."""
    numbers = iter(range(1, 1 + sum(len(group.cards) for group in page.groups)))
    return [[f"m{next(numbers)}" for _ in group.cards] for group in page.groups]


def _grid(groups: Sequence[Group], ids: Sequence[Sequence[str]], folder: Path | None) -> Iterator[str]:
    """Yield lists of all cards, which name their videos."""
    cards = [
        _card(card, card_id, position, group, video_url(group, folder), heading=_heading(group))
        for position, group in enumerate(groups)
        for card, card_id in zip(group.cards, ids[position], strict=True)
    ]
    yield from _lists(cards)


def _sections(groups: Sequence[Group], ids: Sequence[Sequence[str]], folder: Path | None) -> Iterator[str]:
    """Yield a section for each video."""
    for position, group in enumerate(groups):
        url = video_url(group, folder)
        length = "" if group.duration is None else f'<span class="length">{clock_time(group.duration)}</span>'
        yield (
            f'<section class="{color(position)}" aria-labelledby="v{position}"><header>'
            f'<h2 id="v{position}" dir="auto">{escaped(group.title)}</h2>{length}{_facts(group.facts)}'
            f"{strip(group)}</header>"
        )
        cards = zip(group.cards, ids[position], strict=True)
        yield from _lists([_card(card, card_id, position, group, url) for card, card_id in cards])
        yield "</section>"


def _lists(cards: Sequence[str]) -> Iterator[str]:
    """Yield cards in lists of which browsers lay out those in view alone: one long list takes them minutes."""
    yield '<div class="lists">'
    for start in range(0, len(cards), LIST_CARDS):
        yield f'<ol class="cards" start="{start + 1}">'
        yield from cards[start : start + LIST_CARDS]
        yield "</ol>"
    yield "</div>"


def _heading(group: Group) -> str:
    return f'<strong class="file" dir="auto">{escaped(group.title)}</strong>{_facts(group.facts)}'


def _card(card: Card, card_id: str, position: int, group: Group, url: str | None, *, heading: str = "") -> str:
    picture = picture_url(card.picture)
    kind = "" if url is None else " file" if group.file else " stream"
    link = "" if url is None else f' href="{escaped(url)}{fragment(card)}"'
    chips = [
        f'<b class="rank">{card.rank}</b>' if card.rank is not None else "",
        f'<span class="badge" data-badge="{escaped(card.badge)}">{escaped(card.badge)}</span>' if card.badge else "",
        f"<time>{shown}</time>" if (shown := times(card, group)) else "",
    ]
    speaker = f"<b>{escaped(card.speaker)}</b> " if card.speaker else ""
    texts = [
        heading,
        f'<strong dir="auto">{escaped(card.title)}</strong>' if card.title else "",
        f'<span class="text" dir="auto">{speaker}{escaped(card.text)}</span>' if card.text else "",
        _facts(card.facts),
    ]
    image = "" if picture is None else f'<img src="{escaped(picture)}" alt="" loading="lazy" decoding="async">'
    return (
        f'<li><a id="{card_id}" class="card{kind} {color(position)}"{link}>'
        f'<span class="picture">{image}{"".join(chips)}</span>{"".join(texts)}</a></li>'
    )


def fragment(card: Card) -> str:
    """Return the media fragment of a moment, which browsers keep to that play the video by themselves."""
    seconds = [card.start, *([] if card.end is None else [card.end])]
    return "#t=" + ",".join(f"{round(second, 3)}" for second in seconds) if all(map(isfinite, seconds)) else ""


def _facts(facts: Mapping[str, str]) -> str:
    items = "".join(f"<span><i>{escaped(name)}</i> {escaped(value)}</span>" for name, value in facts.items())
    return f'<span class="facts">{items}</span>' if items else ""


def strip(group: Group) -> str:
    """Return a line as long as the video, with its moments."""
    if not group.duration or not isfinite(group.duration):
        return ""
    moments = "".join(
        f'<rect x="{card.start / group.duration:.4f}" height="1" width="{max(length / group.duration, 0.003):.4f}"/>'
        for card in group.cards
        if isfinite(length := (group.duration if card.end is None else card.end) - card.start) and length >= 0
    )
    return f'<svg class="strip" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">{moments}</svg>'
