"""Time-based metadata: segments of a video, cut evenly, with metadata of the requested types."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Literal

import attrs

from ..converter import Mismatch
from ..parameters import within
from ..problem import Json
from ..schema import example
from .media import NamedSource

DAY_SECONDS = 86_400
SEGMENT_SECONDS = 6.0
TimeFormat = Literal["seconds", "hh:mm:ss", "hh:mm:ss.fff"]
Span = tuple[float, float]


@attrs.frozen(kw_only=True)
class FieldItems:
    """Items of an array; those of a time array have fields of their own."""

    type: str | None = None
    fields: list[SegmentField] | None = None


@attrs.frozen(kw_only=True)
class SegmentField:
    """Field of a segment's metadata."""

    name: str
    type: Literal["string", "boolean", "number", "integer", "array", "timestamp", "time_array"]
    description: str | None = None
    format: str | None = None
    enum: list[str] | None = None
    items: FieldItems | None = None

    def __attrs_post_init__(self) -> None:
        if self.type == "time_array" and not (self.items and self.items.fields):
            raise Mismatch(f"must have items.fields for the time_array {self.name!r}")


@attrs.frozen(kw_only=True)
class TimeRange:
    """Part of a video, in seconds."""

    start_time: float = attrs.field(validator=within(0, DAY_SECONDS))
    end_time: float = attrs.field(validator=within(0, DAY_SECONDS))


@attrs.frozen(kw_only=True)
class SegmentDefinition:
    """Kind of segments, and the metadata that describes each."""

    id: str
    description: str
    fields: list[SegmentField] | None = None
    media_sources: list[NamedSource] | None = None
    time_ranges: list[TimeRange] | None = None


def segments(
    definition: SegmentDefinition,
    window: Span,
    *,
    seconds: Span,
    time_format: TimeFormat,
    description: str,
) -> Iterator[Json]:
    """Return the segments of one definition, in its time ranges or else in the whole window.

    Args:
        window: Start and end of the part of the video that is analyzed.
        seconds: Shortest and longest duration of a segment.
        description: Text that metadata holds.
    """
    shortest, longest = seconds
    metadata = {field.name: example(_schema(field), description) for field in definition.fields or ()}
    for start, end in [(part.start_time, part.end_time) for part in definition.time_ranges or ()] or [window]:
        length = end - start
        count = max(1, math.ceil(length / longest), int(length // max(shortest, SEGMENT_SECONDS)))
        times = [_format(start + length * part / count, time_format) for part in range(count + 1)]
        for begin, finish in pairwise(times):
            yield {"start_time": begin, "end_time": finish, "metadata": metadata}


def _schema(field: SegmentField) -> Json:
    """Return the JSON schema of a field's value."""
    if field.enum:
        return {"enum": field.enum}
    if field.type == "time_array":
        fields = {inner.name: _schema(inner) for inner in (field.items and field.items.fields) or ()}
        times = {"start_time": {"type": "number"}, "end_time": {"type": "number"}}
        return {"type": "array", "items": {"type": "object", "properties": {**times, **fields}}}
    schema: Json = {"type": field.type, "format": field.format}
    return schema | ({"items": {"type": field.items.type}} if field.items else {})


def _format(moment: float, time_format: TimeFormat) -> float | str:
    if time_format == "seconds":
        return round(moment, 3)
    is_exact = time_format.endswith("fff")
    clock = datetime.fromtimestamp(moment if is_exact else round(moment), UTC).time()
    return clock.isoformat(timespec="milliseconds" if is_exact else "seconds")
