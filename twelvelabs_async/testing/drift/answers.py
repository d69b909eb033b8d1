"""Responses as the conversation reads them: content, state, error code, and values for later steps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import evolve

from ..._responses import lowered
from ..converter import is_list, is_object
from ..recordings.format import Body, RecordedResponse


def answer(status: int, headers: Mapping[str, str], content: bytes = b"") -> RecordedResponse:
    """Return a response in the form of recordings."""
    text = content.decode(errors="replace")
    value = _parsed(text)
    body = Body("text", text) if value is None else Body("json", value)
    return RecordedResponse(status, lowered(headers), body if text else None)


def content_of(response: RecordedResponse) -> Any:
    """Return the body of a response: JSON, the events of a stream, or text."""
    if response.body is None or response.body.kind == "json":
        return response.json
    text = response.body.value
    if response.body.kind == "chunks":
        text = "\n".join(line for _, line in text)
    events = [value for line in str(text).split("\n") if is_object(value := _parsed(line.removeprefix("data:")))]
    return events or text


def _parsed(text: str) -> Any:
    """Return the JSON in a text; ``None`` if it is something else."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def state_of(response: RecordedResponse) -> str:
    """Return the state of the job in a response; empty if there is none."""
    content = response.json
    state = content.get("status") if is_object(content) else None
    return state if isinstance(state, str) else ""


def code_of(response: RecordedResponse) -> str:
    """Return the code of an error; empty if there is none."""
    content = response.json
    error = content.get("error", content) if is_object(content) else None
    return str(error.get("code", "")) if is_object(error) else ""


def text_at(response: RecordedResponse, place: str) -> str | None:
    """Return the text at a place of a response, such as ``data.0._id`` or ``header etag``."""
    if place.startswith("header "):
        return response.headers.get(place.removeprefix("header "), "").removeprefix("W/").strip('"') or None
    value = response.json
    for name in place.split("."):
        try:
            value = value[int(name) if is_list(value) else name]
        except (LookupError, TypeError, ValueError):
            return None
    return value if isinstance(value, str) else None


def without_others(response: RecordedResponse, own: str) -> RecordedResponse:
    """Return a response without the items of its list that do not contain a text."""
    content = response.json
    if not is_object(content) or not is_list(items := content.get("data")):
        return response
    return evolve(response, body=Body("json", {**content, "data": [item for item in items if own in json.dumps(item)]}))
