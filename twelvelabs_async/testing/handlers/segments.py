"""Time-based metadata: segments of a video, cut evenly, with metadata of the requested types."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise

from ..content import Content
from ..problem import Json, invalid
from ..requests.analyze import CreateAnalyzeTask, SegmentDefinition, SegmentField, TimeFormat
from ..schema import example
from ..state import Answer
from .analyze import count_tokens
from .operation import Context

SEGMENT_SECONDS = 6.0
DEFAULT_MAX_TOKENS = 32_768
MIN_WINDOW_SECONDS, MAX_WINDOW_SECONDS = 1.0, 2 * 3600.0


def analyzed_window(request: CreateAnalyzeTask, content: Content) -> tuple[float, float]:
    """Return start and end of the part of a video that is analyzed.

    Raises:
        Problem: The part is too short or too long.
    """
    start = request.start_time or 0.0
    end = (content.media.duration or 0.0) if request.end_time is None else request.end_time
    if request.video is not None and not MIN_WINDOW_SECONDS <= end - start <= MAX_WINDOW_SECONDS:
        raise invalid("end_time", f"must be 1 second to 2 hours after start_time; got {end - start:g} seconds")
    return start, end


def answer_with_segments(context: Context, request: CreateAnalyzeTask, content: Content) -> Answer:
    """Return the requested segments as JSON, or the scripted text of the file if that is JSON."""
    definitions = (request.response_format and request.response_format.segment_definitions) or []
    text = json.dumps({one.id: [*_segments(one, request, content)] for one in definitions})
    with suppress(ValueError):
        text = json.dumps(json.loads(content.script.text or ""))
    size, limit = count_tokens(text), request.max_tokens or DEFAULT_MAX_TOKENS
    return Answer(
        id=context.state.new_id(),
        text=text,
        input_tokens=1,
        output_tokens=size,
        is_truncated=limit != "unlimited" and size > limit,
    )


def _segments(definition: SegmentDefinition, request: CreateAnalyzeTask, content: Content) -> Iterator[Json]:
    shortest, longest = request.segment_seconds
    time_format = (request.response_format and request.response_format.segment_time_format) or "seconds"
    metadata = {field.name: example(_schema(field), content.description) for field in definition.fields or ()}
    ranges = [(part.start_time, part.end_time) for part in definition.time_ranges or ()]
    for start, end in ranges or [analyzed_window(request, content)]:
        seconds = end - start
        count = max(1, math.ceil(seconds / longest), int(seconds // max(shortest, SEGMENT_SECONDS)))
        times = [_format(start + seconds * part / count, time_format) for part in range(count + 1)]
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
