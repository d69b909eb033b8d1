"""Moments in the JSON of an analysis, such as segments and chapters."""

import re
from collections.abc import Iterator
from typing import Any, Final, cast

from ._wire import loads
from .moment import Moment, MomentVideo, moment_of, text_of
from .moments import Moments

STARTS: Final = ("start_time", "start", "start_sec", "start_seconds", "start_offset_sec")
ENDS: Final = ("end_time", "end", "end_sec", "end_seconds", "end_offset_sec")
TITLES: Final = ("title", "chapter_title", "highlight", "headline", "name", "label")
TEXTS: Final = ("description", "summary", "chapter_summary", "highlight_summary", "text", "caption", "transcript")
"""Names that prompts and schemas usually give to the parts of a segment."""


def answer_moments(text: object, video: MomentVideo | None = None) -> Moments:
    """Return all objects with a start time in an answer, in its order; none if it is not JSON.

    Args:
        text: The answer, which may be in a fenced block of Markdown.
        video: The video that it is about.
    """
    try:
        answer = loads(without_fence(text).encode(errors="surrogatepass")) if isinstance(text, str) else None
    except (ValueError, RecursionError, TypeError):
        return Moments()
    return Moments(_found(answer, video, None))


def without_fence(text: str) -> str:
    """Return the content of a fenced block of Markdown, which models put JSON into; or *text*, if it is not one."""
    fenced = re.fullmatch(r"\s*```(?:json)?(.*)```\s*", text, re.DOTALL | re.IGNORECASE)
    return text if fenced is None else fenced[1]


def _found(value: object, video: MomentVideo | None, kind: str | None) -> Iterator[Moment]:
    """Yield the moments in decoded JSON. *kind* is the name of the list that *value* is in."""
    if isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _found(item, video, kind)
    elif isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        if moment := _moment(fields, video, kind):
            yield moment
        else:
            for name, inner in fields.items():
                yield from _found(inner, video, name)


def _moment(fields: dict[str, object], video: MomentVideo | None, kind: str | None) -> Moment | None:
    given = fields.get("metadata")
    metadata = (
        cast("dict[str, object]", given)
        if isinstance(given, dict)
        else {name: value for name, value in fields.items() if name not in {*STARTS, *ENDS}}
    )
    return moment_of(
        _first(fields, STARTS),
        _first(fields, ENDS),
        video=video,
        title=text_of(_first(metadata, TITLES)) or kind,
        text=text_of(_first(metadata, TEXTS)),
        origin="chapter" if kind and "chapter" in kind.casefold() else "segment",
        metadata=metadata or None,
    )


def _first(fields: dict[str, object], names: tuple[str, ...]) -> Any:
    return next((fields[name] for name in names if name in fields), None)
