"""Parts of pages inside of a notebook, without a script: cards with players, lines of text, points, tables and bars.

Colors follow the theme of the notebook, since most of them are mixed from the color of its text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from attrs import evolve

from .._clock_times import clock_time
from .links import picture_url, video_url, web_url
from .markup import fragment, strip
from .page import UNNAMED, Card, Group, Page
from .scatter import scatter
from .styles import styles
from .texts import color, escaped, times

MAX_CARDS: Final = 24
MAX_LINES: Final = 200
SHORT_CHARACTERS: Final = 40
"""Text in a cell that is not broken into lines."""
STATUS_COLORS: Final = {
    "ready": "color-2", "completed": "color-2", "failed": "color-3", "queued": "rest", "pending": "rest",
    "uploading": "color-5", "uploaded": "color-6",
}  # fmt: skip
"""Colors of statuses in bars. All others have the first color."""


def output(*parts: str) -> str:
    """Return the HTML of an output with its styles."""
    return f'<div class="tl-nb"><style>{_one_line_styles()}</style>{"".join(parts)}</div>'


@cache
def _one_line_styles() -> str:
    return " ".join(line.strip() for line in styles("notebook.css").splitlines())


def page_parts(page: Page) -> Iterator[str]:
    """Yield the summary of a page, and its points or first cards."""
    if [group.title for group in page.groups] != [UNNAMED] or page.points:
        yield note(page.summary or "")
    if page.points:
        yield scatter(page)
        return
    limit = MAX_CARDS if any(map(_has_media, page.groups)) else MAX_LINES
    shown = [*_first(page.groups, limit)]
    if len(shown) > 1 and all(len(cards) == 1 for _, cards in shown):
        yield f'<div class="cards">{"".join(_card(group, card, group.title) for group, [card] in shown)}</div>'
    else:
        yield '<div class="videos">'
        for position, (group, cards) in enumerate(shown):
            yield f'<div class="{color(position)}" style="--cards:{len(cards)}">{"".join(_section(group, cards))}</div>'
        yield "</div>"
    yield more(sum(len(group.cards) for group in page.groups) - limit, "more")


def more(number: int, noun: str) -> str:
    """Return a line about what is left out, if anything is."""
    return note(f"{number:,} {noun}" if number > 0 else "")


def note(text: str) -> str:
    """Return a line of text, if there is any."""
    return f'<p class="soft">{escaped(text)}</p>' if text else ""


def _first(groups: Iterable[Group], limit: int) -> Iterator[tuple[Group, Sequence[Card]]]:
    """Yield the first cards with their videos."""
    for group in groups:
        if limit <= 0:
            return
        yield group, group.cards[:limit]
        limit -= len(group.cards)


def _section(group: Group, cards: Sequence[Card]) -> Iterator[str]:
    length = "" if group.duration is None else f'<span class="soft">{clock_time(group.duration)}</span>'
    if group.title != UNNAMED:
        yield f'<p class="name" dir="auto">{escaped(group.title)}{length}</p>{strip(evolve(group, cards=cards))}'
    if _has_media(group):
        yield f'<div class="cards">{"".join(_card(group, card) for card in cards)}</div>'
    else:
        yield f'<div class="lines">{"".join(_line(group, card) for card in cards)}</div>'


def _has_media(group: Group) -> bool:
    return video_url(group, Path.cwd()) is not None or any(picture_url(card.picture) for card in group.cards)


def _card(group: Group, card: Card, heading: str = "") -> str:
    """Return a card: a player which begins and ends with the moment, or a picture, above the texts."""
    video = video_url(group, Path.cwd())
    media = picture(card.picture) if video is None else _video(f"{video}{fragment(card)}", card.picture)
    rank = "" if card.rank is None else f'<b class="rank">{card.rank}</b>'
    shown = [
        f'<span class="soft">{rank}<time>{times(card, group)}</time> {escaped(card.badge or "")}</span>',
        f"<b>{escaped(heading)}</b>" if heading else "",
        *_texts(card),
    ]
    return f'<figure>{media}<figcaption dir="auto">{"<br>".join(filter(None, shown))}</figcaption></figure>'


def _line(group: Group, card: Card) -> str:
    return f'<p><time>{times(card, group)}</time><span dir="auto">{" ".join(_texts(card))}</span></p>'


def _texts(card: Card) -> Iterator[str]:
    for text in (card.title, card.speaker):
        if text:
            yield f"<b>{escaped(text)}</b>"
    if card.text:
        yield escaped(card.text)


def bar(counts: Mapping[str, int]) -> str:
    """Return a bar whose parts are as long as the numbers, with a legend."""
    total = sum(counts.values())
    left, parts = 0, list[str]()
    for name, count in counts.items():
        parts.append(f'<rect class="{_status_color(name)}" x="{left}" width="{count}" height="1"/>')
        left += count
    legend = "".join(
        f'<span class="{_status_color(name)}">{count:,} {escaped(name)}</span>' for name, count in counts.items()
    )
    picture = f'<svg viewBox="0 0 {total} 1" preserveAspectRatio="none" aria-hidden="true">{"".join(parts)}</svg>'
    return f'<p class="bar">{picture if total else ""}{legend}</p>'


def _status_color(name: str) -> str:
    return STATUS_COLORS.get(name, "color-0")


def table(head: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table of cells, with or without a head."""
    titles = "".join(f"<th>{escaped(title)}</th>" for title in head)
    lines = "".join(f"<tr>{''.join(cells)}</tr>" for cells in rows)
    thead = f"<thead><tr>{titles}</tr></thead>" if head else ""
    return f'<div class="wide"><table>{thead}<tbody>{lines}</tbody></table></div>'


def cell(html: str, *, share: float = 0.0) -> str:
    """Return a cell of a table. The bar in it shows a share of the largest number in its column."""
    width = f' style="--share:{100 * share:.0f}%"' if share > 0 else ""
    kind = "amount" if share > 0 else "short" if len(html) <= SHORT_CHARACTERS else ""
    return f'<td class="{kind}"{width}>{html}</td>' if kind else f"<td>{html}</td>"


def picture(url: str | None) -> str:
    """Return a picture, or an empty text for a URL that notebooks must not load."""
    loaded = picture_url(url)
    return f'<img src="{escaped(loaded)}" alt="" loading="lazy">' if loaded else ""


def player(url: str | None) -> str:
    """Return a player, or an empty text for a URL that notebooks must not load."""
    loaded = web_url(url)
    return _video(loaded, None) if loaded else ""


def _video(url: str, poster: str | None) -> str:
    shown = f' poster="{escaped(loaded)}"' if (loaded := picture_url(poster)) else ""
    return f'<video controls playsinline preload="none"{shown} src="{escaped(url)}"></video>'
