"""Tables as pages to look at: a card for each row, in which columns have roles."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, BinaryIO, Final, Literal, TypeAlias, TypeVar, cast
from urllib.parse import unquote, urlsplit

from .._clock_times import finite
from .._urls import is_url
from ..pages.document import document
from ..pages.page import UNNAMED, Card, Group, Page, Point
from ..pages.projection import project
from ._columns import Column, Columns, Vector, json_text
from ._table_files import TableFormat

T = TypeVar("T")

Role: TypeAlias = Literal[
    "video", "name", "file", "stream", "duration", "start", "end", "rank", "title", "text", "speaker", "badge",
    "picture", "video facts", "facts",
]  # fmt: skip

ROLES: Final[Mapping[Role, Sequence[str]]] = {
    "video": ["video_id", "video_asset_id", "video_file", "video_hls_url", "video_filename", "source", "id", "task_id"],
    "name": ["video_filename", "system_metadata_filename", "filename", "source", "video_file", "index_name", "name"],
    "file": ["video_file", "source"],
    "stream": ["video_hls_url", "hls_video_url", "hls_manifest_url"],
    "duration": ["video_duration", "system_metadata_duration", "duration", "total_duration"],
    "start": ["start", "start_offset_sec", "start_sec"],
    "end": ["end", "end_offset_sec", "end_sec"],
    "rank": ["rank"],
    "title": ["title"],
    "text": ["text", "transcription", "error", "result_data"],
    "speaker": ["speaker"],
    "badge": ["option", "embedding_option", "status"],
    "picture": ["thumbnail_url", "video_thumbnail_url", "thumbnail_representative_url", "hls_thumbnail_urls"],
    "video facts": ["video_user_metadata", "user_metadata"],
    "facts": ["metadata"],
}
"""Columns of each role. The first one that has a value counts."""

BULK_PREFIX: Final = "bulk_"
"""Prefix of the user metadata of bulk runs, which pages leave out."""

MAX_FACTS: Final = 8
MAX_FACT_CHARACTERS: Final = 80


class PageFormat(TableFormat):
    """A page to look at, which is written when all rows are there.

    Args:
        columns: Columns of the table.
        target: Path of the page, or an open file.
        title: Title of the page. Default: the name of the file.
    """

    def __init__(self, columns: Columns, target: str | os.PathLike[str] | BinaryIO, title: str | None) -> None:
        path = Path(os.path.expanduser(target)).resolve() if isinstance(target, str | os.PathLike) else None
        self._folder = None if path is None else path.parent
        self._title = title or ("Results" if path is None else path.stem)
        self._columns = columns
        self._rows: list[object] = []

    def begin(self, file: BinaryIO) -> None:
        """Write nothing."""
        self._file = file

    def write(self, items: Sequence[object]) -> None:
        """Write nothing: a page groups its rows by video."""
        self._rows += items

    def end(self) -> None:
        """Write the page."""
        page = page_of(self._title, self._columns, self._rows)
        self._file.write(document(page, self._folder).encode(errors="replace"))


class RowReader:
    """Reads the values of rows by the roles of their columns."""

    def __init__(self, columns: Columns) -> None:
        named = {column.name: column for column in columns}
        self._columns: Mapping[Role, list[Column]] = {
            role: [named[name] for name in names if name in named] for role, names in ROLES.items()
        }
        self._vectors = [column for column in columns if isinstance(column.kind, Vector)]

    def value(self, role: Role, row: object) -> Any:
        """Return the value of a role, or ``None``."""
        values = (column.plain(row) for column in self._columns[role])
        return next((value for value in values if value is not None), None)

    def text(self, role: Role, row: object) -> str | None:
        """Return a text, or ``None``."""
        value = self.value(role, row)
        if isinstance(value, list):  # of pictures
            value = next(iter(cast("list[Any]", value)), None)
        return value.strip() or None if isinstance(value, str) else None

    def number(self, role: Role, row: object) -> float | None:
        """Return a time in seconds, or ``None``."""
        value = finite(self.value(role, row))
        return value if value is not None and value >= 0 else None

    def facts(self, role: Role, row: object) -> dict[str, str]:
        """Return the first values of an object as short texts."""
        value = self.value(role, row)
        facts = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
        own = [name for name in facts if not name.startswith(BULK_PREFIX)]
        return {name: _short(facts[name]) for name in own[:MAX_FACTS]}

    def vector(self, row: object) -> list[float] | None:
        """Return the first vector of a row."""
        vectors = (column.plain(row) for column in self._vectors)
        return next((cast("list[float]", vector) for vector in vectors if isinstance(vector, list)), None)


def page_of(title: str, columns: Columns, rows: Sequence[object]) -> Page:
    """Return the page of a table: videos with their rows as cards, and failed ones first."""
    reader = RowReader(columns)
    videos: dict[str | None, list[object]] = {}
    for row in rows:
        videos.setdefault(reader.text("video", row), []).append(row)
    found = sorted(videos.values(), key=lambda group: reader.text("badge", group[0]) != "failed")
    groups = [_group(reader, group) for group in found]
    return Page(title=title, summary=_summary(columns, groups), groups=groups, points=[*_points(reader, found)])


def _group(reader: RowReader, rows: Sequence[object]) -> Group:
    def first(read: Callable[[Role, object], T | None], role: Role) -> T | None:
        return next((value for row in rows if (value := read(role, row))), None)

    file = first(reader.text, "file")
    if file and not is_url(file) and not os.path.exists(os.path.expanduser(file)):  # an id, or a file elsewhere
        file = None
    name = first(reader.text, "name") or reader.text("video", rows[0]) or UNNAMED
    return Group(
        title=_file_name(name) if name == file else name,
        cards=[_card(reader, row) for row in rows],
        stream=first(reader.text, "stream"),
        file=file,
        duration=first(reader.number, "duration"),
        facts=first(reader.facts, "video facts") or {},
    )


def _file_name(file: str) -> str:
    """Return the last part of a path or a URL, without the query of a URL, which may be secret."""
    return (unquote(PurePath(urlsplit(file).path).name) if is_url(file) else PurePath(file).name) or file


def _card(reader: RowReader, row: object) -> Card:
    rank = reader.value("rank", row)
    return Card(
        start=reader.number("start", row) or 0.0,
        end=reader.number("end", row),
        rank=rank if isinstance(rank, int) else None,
        title=reader.text("title", row),
        text=reader.text("text", row),
        speaker=reader.text("speaker", row),
        badge=reader.text("badge", row),
        picture=reader.text("picture", row),
        facts=reader.facts("facts", row),
    )


def _points(reader: RowReader, groups: Sequence[Sequence[object]]) -> Iterator[Point]:
    """Yield a point for each row with a vector of the usual length, if numpy is installed."""
    places = [
        (group, card, vector)
        for group, rows in enumerate(groups)
        for card, row in enumerate(rows)
        if (vector := reader.vector(row))
    ]
    lengths = Counter(len(vector) for _, _, vector in places)
    usual = [place for place in places if len(place[2]) == lengths.most_common(1)[0][0]]
    try:
        points = project([vector for _, _, vector in usual]) if len(usual) > 1 else []
    except ImportError:
        return
    for (group, card, _), (x, y) in zip(usual, points, strict=False):
        yield Point(x=x, y=y, group=group, card=card)


def _summary(columns: Columns, groups: Sequence[Group]) -> str:
    cards = [card for group in groups for card in group.cards]
    if any(card.start or card.end is not None for card in cards):
        summary = _count(len(cards), "moments")
        return f"{summary} in {_count(len(groups), 'videos')}" if len(groups) < len(cards) else summary
    return _count(len(cards), "sources" if any(column.name == "source" for column in columns) else "videos")


def _count(number: int, plural: str) -> str:
    return f"{number:,} {plural if number != 1 else plural[:-1]}"


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json_text(value)
    return text if len(text) <= MAX_FACT_CHARACTERS else text[: MAX_FACT_CHARACTERS - 3] + "..."
