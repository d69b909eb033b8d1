"""Models and tables in notebooks: moments as cards or lines, embeddings as points, everything else as a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

from .._clock_times import clock_time, finite
from ..pages.notebook import bar, cell, more, note, output, page_parts, picture, player, table
from ..pages.texts import escaped
from ._columns import Column, Columns, columns_of, json_text
from ._record import Record
from ._table_pages import BULK_PREFIX, ROLES, page_of

MAX_ROWS: Final = 20
MAX_COLUMNS: Final = 9
MAX_CELL_CHARACTERS: Final = 120
MAX_TEXT_CHARACTERS: Final = 4000
FEW: Final = 3
"""Objects in a list that are shown at once."""
MAX_DEPTH: Final = 3
"""Levels of objects in objects that are shown."""
PICTURES: Final = ("thumbnail_url", "thumbnail_urls", "representative_url", "hls_thumbnail_urls")
STREAMS: Final = ("video_url", "manifest_url", "hls_url")
TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", re.ASCII)
AMOUNTS: Final = ("duration", "total_duration", "video_count", "size", "system_metadata_duration")
"""Columns of numbers that have bars."""


def model_form(shown: Any) -> str:
    """Return the form of a model: its rows if it is a table, else its fields, and the moments in it."""
    if hasattr(_class_of(shown), "__rows__"):
        return table_form(shown.__columns__(), shown.__rows__())
    moments: Sequence[object] = shown.moments() if hasattr(_class_of(shown), "moments") else ()
    parts = page_parts(page_of("", columns_of(_class_of(moments[0])), [*moments])) if moments else ()
    return output(_fields(shown, MAX_DEPTH), *parts)


def table_form(columns: Columns, items: Iterable[object], *, below: str = "") -> str:
    """Return the form of a table: cards, lines or points if its rows are parts of videos.

    Args:
        columns: Columns of the table.
        items: The rows.
        below: Sentence below the table.
    """
    rows = [*items]
    if any(isinstance(column.read(row), int | float) for column in columns if _has_role(column) for row in rows):
        return output(*page_parts(page_of("", columns, rows)), note(below))
    statuses = [column for column in columns if column.name == "status"] if len(rows) > 1 else []
    bars = [bar(Counter(f"{column.plain(row)}" for row in rows)) for column in statuses]
    return output(*bars, _table(columns, rows), note(below))


def pager_form(columns: Columns, rows: Iterable[object] | None, *, has_next: bool) -> str:
    """Return the form of a page of a list.

    Args:
        columns: Columns of the list.
        rows: The rows of the page. ``None`` if it is not fetched.
        has_next: Whether there are more pages.
    """
    if rows is None:
        return output(note("This list is not fetched. Await its first page, or iterate it."))
    return table_form(columns, rows, below="More pages follow." if has_next else "")


def _has_role(column: Column) -> bool:
    return column.name in ROLES["start"]


def _table(columns: Columns, rows: Sequence[object]) -> str:
    """Return the first rows, and the first columns that are not empty: pictures, names, and then all others."""
    lines = rows[:MAX_ROWS]
    filled = [column for column in columns if not lines or any(_text(column.name, column.plain(row)) for row in lines)]
    in_order = sorted(filled, key=lambda column: (column.name not in PICTURES, column.name not in ROLES["name"]))
    shown = in_order[:MAX_COLUMNS]
    largest = {column.name: _largest(column, rows) for column in shown if column.name in AMOUNTS and len(rows) > 1}
    cells = (
        [_cell(column.name, column.plain(row), largest.get(column.name, 0.0)) for column in shown] for row in lines
    )
    below = more(len(rows) - len(lines), "more rows") + more(len(filled) - len(shown), "more columns")
    return table([column.name for column in shown], cells) + below


def _largest(column: Column, rows: Sequence[object]) -> float:
    return max((finite(column.plain(row)) or 0.0 for row in rows), default=0.0)


def _cell(name: str, value: object, largest: float) -> str:
    if name in PICTURES and (shown := picture(_first(value))):
        return cell(shown)
    share = (finite(value) or 0.0) / largest if largest else 0.0
    return cell(escaped(_short(_text(name, value).replace("\n", ", "), MAX_CELL_CHARACTERS)), share=share)


def _fields(shown: Record, depth: int) -> str:
    """Return the fields of a model that have values."""
    values = [(name, _value(name, value, depth)) for name, value in vars(shown).items()]
    return table((), [(f"<th>{escaped(name)}</th>", cell(text)) for name, text in values if text])


def _value(name: str, value: object, depth: int) -> str:
    """Return a value in HTML, or an empty text if there is none."""
    if name in PICTURES and (shown := picture(_first(value))):
        return shown
    if name in STREAMS and isinstance(value, str) and (shown := player(value)):
        return shown
    if isinstance(value, Record):
        return _fields(value, depth - 1) if depth else "…"
    if isinstance(value, list) and (items := _models(cast("list[object]", value))):
        cls = _class_of(items[0])
        rows = _table(columns_of(cls), [item for item in items if type(item) is cls])
        return rows if len(items) <= FEW else f"<details><summary>{len(items):,} items</summary>{rows}</details>"
    return escaped(_short(_text(name, cast("object", value)), MAX_TEXT_CHARACTERS))


def _class_of(item: object) -> Any:
    return type(item)


def _models(items: Sequence[object]) -> list[object]:
    return [item for item in items if isinstance(item, Record)]


def _text(name: str, value: object) -> str:
    """Return plain data as text. Times and numbers are easier to read than in JSON."""
    if value is None:
        return ""
    if isinstance(value, str) and TIME.fullmatch(value):
        return f"{value[:10]} {value[11:19]}"
    if isinstance(value, bool | str):
        return f"{value}"
    if isinstance(value, int | float):
        return clock_time(value) if "duration" in name else f"{value:,}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, Mapping):
        facts = cast("Mapping[str, Any]", value).items()
        return "\n".join(f"{key}: {_text('', fact)}" for key, fact in facts if not f"{key}".startswith(BULK_PREFIX))
    if isinstance(value, list):
        items = cast("list[Any]", value)
        if all(isinstance(item, int | float) for item in items):
            return f"{len(items):,} numbers"
        return ", ".join(_text("", item) for item in items)
    return json_text(value)


def _first(value: object) -> str | None:
    """Return a text, or the first one of a list."""
    if isinstance(value, list):
        value = next(iter(cast("list[object]", value)), None)
    return value if isinstance(value, str) else None


def _short(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"{text[: characters - 3]}..."
