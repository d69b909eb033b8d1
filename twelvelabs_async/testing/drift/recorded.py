"""Recordings as conversations: the step that each recorded request belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

from attrs import evolve

from ..._encoding import query_string
from ..converter import is_list, is_object
from ..recordings.format import Exchange, RecordedRequest, RecordedResponse, Recording
from ..recordings.scrubbing import ORIGIN, PLACEHOLDER
from .answers import text_at, without_others
from .samples import sample
from .step import Step, deletion_of

OTHER: Final = "any request"
"""Case of a recorded request that is not one of the conversation."""


def labelled(recording: Recording, steps: Sequence[Step]) -> dict[str, list[Exchange]]:
    """Return the exchanges of a recording by the label of their step.

    A request that differs from those of the conversation has the name of a step with the same method and path, and the
    case `OTHER`. A request to an unknown path is left out.
    """
    deletions = (Step(deletion_of(step.name), f"DELETE {step.undo}") for step in steps if step.undo)
    patterns = {step: re.compile(_pattern(step.request)) for step in (*steps, *deletions)}
    known: dict[str, str] = {}
    found: dict[str, list[Exchange]] = {}
    used: list[Step] = []
    for exchange in recording.exchanges:
        request, response = exchange.request, exchange.response
        fitting = [step for step, pattern in patterns.items() if pattern.fullmatch(str(request))]
        fitting.sort(key=lambda step: step in used)  # a poll comes after the other requests that are like it
        step = next((step for step in fitting if _sends(step, request, known)), None)
        if step is not None:
            used.append(step)
            known |= _kept(step, response)
            if response and step.own in known:
                exchange = evolve(exchange, response=without_others(response, known[step.own]))
        if fitting:
            label = step.label if step else f"{fitting[0].name} ({OTHER})"
            found.setdefault(label, []).append(exchange)
    return found


def _kept(step: Step, response: RecordedResponse | None) -> dict[str, str]:
    if response is None or step.is_refused:
        return {}
    return {name: text for name, place in step.keep.items() if (text := text_at(response, place))}


def _pattern(request: str) -> str:
    """Return a pattern for the method and path of a request."""
    parts = re.split(r"\$\w+", request.replace("$part_url", "/elsewhere/$part_url"))
    return "[^/]+".join(map(re.escape, parts))


def _sends(step: Step, request: RecordedRequest, known: Mapping[str, str]) -> bool:
    """Return whether a request is that of a step."""
    if not step.needs <= known.keys():
        return False
    filled = step.filled(known)
    query = parse_qsl(query_string(filled.query)) if filled.query else []
    is_same = filled.request.replace(ORIGIN, "") == str(request) and _is_like(_fields(query), _fields(request.query))
    return is_same and _is_like(_body_of(filled), _shown_body(request))


def _fields(pairs: Iterable[tuple[str, Any]]) -> list[list[Any]]:
    """Return the fields of a query or a form in an order of their own; of files, the sizes."""
    return sorted(([name, value["size"] if is_object(value) else value] for name, value in pairs), key=repr)


def _body_of(step: Step) -> Any:
    """Return the body that a step sends, as `_shown_body` shows it."""
    if step.form is None:
        return step.json
    files = {name: {"size": len(sample(kind, "")[1])} for name, kind in (step.files or {}).items()}
    return _fields(pair for name, value in {**step.form, **files}.items() for pair in _pairs(name, value))


def _shown_body(request: RecordedRequest) -> Any:
    """Return a recorded body: JSON, or the fields of a form."""
    if request.body is None or request.body.kind == "digest":
        return None
    return _fields(request.body.value) if request.body.kind == "form" else request.body.value


def _pairs(name: str, value: Any) -> list[tuple[str, Any]]:
    """Return the fields of a form that a value is sent as."""
    values = value if is_list(value) else [] if value is None else [value]
    return [(name, str(item).lower() if isinstance(item, int) else item) for item in values]


def _is_like(expected: Any, value: Any) -> bool:
    """Return whether a recorded value is the expected one, or a placeholder for it."""
    if isinstance(expected, str) and isinstance(value, str):
        return expected == value or "$mark" in expected or bool(PLACEHOLDER.search(value))
    if is_object(expected) and is_object(value):
        return expected.keys() == value.keys() and all(_is_like(item, value[name]) for name, item in expected.items())
    if is_list(expected) and is_list(value):
        return len(expected) == len(value) and all(map(_is_like, expected, value))
    return bool(expected == value)
