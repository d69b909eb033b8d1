"""Time-based metadata: segments of a video, cut evenly, with metadata of the requested types."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Literal

import attrs

from ..content import Content, Span
from ..parameters import within
from ..problem import Json, invalid
from ..schema import Maker
from .media import ReferenceImage

DAY_SECONDS = 86_400
MIN_RANGE_SECONDS = 2.0
SEGMENT_SECONDS = 6.0
RESERVED_NAMES = ("start_time", "end_time", "metadata")
PARAMETER = "response_format.segment_definitions"
"""Parameter that errors name; the docs have the names of its fields, such as ``fields.format``."""
Scalar = Literal["string", "number", "boolean", "integer"]
TimeFormat = Literal["seconds", "hh:mm:ss", "hh:mm:ss.fff"]


def not_reserved(_: Any, field: attrs.Attribute[Any], value: str) -> None:
    """Refuse the names that each segment and each event has anyway."""
    if value in RESERVED_NAMES:
        raise invalid(f"{PARAMETER}.fields.{field.name}", f"must not be {value}, which is reserved")


def short_texts(_: Any, field: attrs.Attribute[Any], value: Sequence[str] | None) -> None:
    """Require texts of at most 100 characters."""
    if any(len(text) > 100 for text in value or ()):
        raise invalid(f"{PARAMETER}.fields.{field.name}", "must have values of at most 100 characters")


@attrs.frozen(kw_only=True)
class Field:
    """Base of the fields of segments and events (docs: Create an async analysis task)."""

    name: str = attrs.field(validator=[within(1, 50), not_reserved])
    description: str
    enum: list[str] | None = attrs.field(default=None, validator=[within(0, 100), short_texts])


@attrs.frozen(kw_only=True)
class EventFieldItems:
    """Items of an array in an event."""

    type: Scalar


@attrs.frozen(kw_only=True)
class EventField(Field):
    """Field of the events of a time array."""

    type: Literal["string", "boolean", "number", "integer", "array"]
    items: EventFieldItems | None = None

    def __attrs_post_init__(self) -> None:
        if (self.type == "array") != (self.items is not None):
            raise invalid(f"{PARAMETER}.fields.items.fields.items", "must be there for the type array, and only for it")
        if self.enum and self.type != "string":
            raise invalid(f"{PARAMETER}.fields.items.fields.enum", f"must be absent for the type {self.type}")


@attrs.frozen(kw_only=True)
class FieldItems:
    """Items of an array; those of a time array are objects with fields of their own."""

    type: Literal["string", "number", "boolean", "integer", "object"]
    fields: list[EventField] = attrs.field(factory=list[EventField])


@attrs.frozen(kw_only=True)
class SegmentField(Field):
    """Field of a segment's metadata."""

    type: Literal["string", "boolean", "number", "integer", "array", "timestamp", "time_array"]
    format: TimeFormat | None = None
    items: FieldItems | None = None

    def __attrs_post_init__(self) -> None:
        is_array, is_events = self.type in ("array", "time_array"), self.type == "time_array"
        if (self.type == "timestamp") != (self.format is not None):
            formats = "seconds, hh:mm:ss, hh:mm:ss.fff"
            reason = f"must be one of {formats} for the type timestamp, and absent for other types"
            raise invalid(f"{PARAMETER}.fields.format", reason)
        if self.type == "timestamp" and (self.enum or self.items):
            raise invalid(f"{PARAMETER}.fields", f"must have neither enum nor items for the timestamp {self.name!r}")
        if is_array and self.items is None:
            raise invalid(f"{PARAMETER}.fields.items", f"must be there for the type {self.type}")
        if self.items and not (is_events == (self.items.type == "object") == bool(self.items.fields)):
            expected = "the type object, and fields" if is_events else "a scalar type, and no fields"
            raise invalid(f"{PARAMETER}.fields.items", f"must have {expected}, for the type {self.type}")
        require_different(f"{PARAMETER}.fields.items.fields.name", [one.name for one in self.events])

    @property
    def events(self) -> list[EventField]:
        """Return the fields of the events of a time array."""
        return self.items.fields if self.items else []


@attrs.frozen(kw_only=True)
class TimeRange:
    """Part of a video, in seconds."""

    start_time: float = attrs.field(validator=within(0, DAY_SECONDS))
    end_time: float = attrs.field(validator=within(0, DAY_SECONDS))

    def __attrs_post_init__(self) -> None:
        if self.end_time - self.start_time < MIN_RANGE_SECONDS:
            raise invalid(f"{PARAMETER}.time_ranges", "must have an end_time at least 2 seconds after its start_time")


@attrs.frozen(kw_only=True)
class SegmentDefinition:
    """Kind of segments, and the metadata that describes each."""

    id: str = attrs.field(validator=within(1, 100))
    description: str
    fields: list[SegmentField] = attrs.field(factory=list[SegmentField])
    media_sources: list[ReferenceImage] | None = attrs.field(default=None, validator=within(0, 4))
    time_ranges: list[TimeRange] | None = None

    def __attrs_post_init__(self) -> None:
        ranges = sorted((part.start_time, part.end_time) for part in self.time_ranges or ())
        if any(end > start for (_, end), (start, _) in pairwise(ranges)):
            raise invalid(f"{PARAMETER}.time_ranges", "must not overlap")


def require_different(parameter: str, names: Sequence[str]) -> None:
    """Require that no name occurs twice."""
    if len({*names}) < len(names):
        raise invalid(parameter, "must be different in each item")


def segments(
    definition: SegmentDefinition,
    window: Span,
    *,
    seconds: Span,
    time_format: TimeFormat,
    content: Content,
) -> Iterator[Json]:
    """Return the segments of one definition, in its time ranges or else in the whole window.

    Args:
        window: Start and end of the part of the video that is analyzed.
        seconds: Shortest and longest duration of a segment.
        content: File, whose spoken words or description the metadata holds.
    """
    shortest, longest = seconds
    for start, end in [(part.start_time, part.end_time) for part in definition.time_ranges or ()] or [window]:
        length = end - start
        count = max(1, math.ceil(length / longest), int(length // max(shortest, SEGMENT_SECONDS)))
        for span in pairwise([start + length * part / count for part in range(count + 1)]):
            times = _times(span, time_format)
            text = content.perceive(*span)["transcription"] or content.description
            maker = Maker(text=text, seed=f"{content.filename} {span[0]:g}")
            metadata = {one.name: _value(one, span, times, maker) for one in definition.fields}
            yield {**times, "metadata": metadata}


def _times(span: Span, time_format: TimeFormat) -> Json:
    return {name: _format(moment, time_format) for name, moment in zip(("start_time", "end_time"), span, strict=True)}


def _value(field: SegmentField, span: Span, times: Json, maker: Maker) -> Any:
    """Return the value of a field for a segment, which is the only event of its time arrays."""
    if field.type == "time_array":
        return [{**times, **{one.name: maker.value(_schema(one)) for one in field.events}}]
    if field.type == "timestamp" and field.format:
        return _format(span[0], field.format)
    return maker.value(_schema(field))


def _schema(field: SegmentField | EventField) -> Json:
    """Return the JSON schema of a field's value."""
    if field.enum:
        return {"enum": field.enum}
    schema: Json = {"type": field.type}
    return schema | ({"items": {"type": field.items.type}} if field.items else {})


def _format(moment: float, time_format: TimeFormat) -> float | str:
    if time_format == "seconds":
        return round(moment, 3)
    is_exact = time_format.endswith("fff")
    clock = datetime.fromtimestamp(moment if is_exact else round(moment), UTC).time()
    return clock.isoformat(timespec="milliseconds" if is_exact else "seconds")
