"""Answers of the emulator: scripted by prompt or schema, or made up to fit a schema."""

from __future__ import annotations

import json
from typing import Any

import httpx
import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twelvelabs_async.testing import Emulator
from twelvelabs_async.testing.schema import Maker, first_fitting

VIDEO = {"type": "url", "url": "https://example.com/cat.mp4"}

SCALARS = st.sampled_from(
    [
        {"type": "string"},
        {"type": "string", "format": "date"},
        {"type": "boolean"},
        {"type": "null"},
        {"enum": ["calm", "wild", 3]},
        {"const": "x"},
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
    ]
)
BOUNDS = st.fixed_dictionaries(
    {"type": st.sampled_from(["integer", "number"])},
    optional={"minimum": st.integers(-50, 50), "maximum": st.integers(51, 90)},
)
EXCLUSIVE_BOUNDS = st.fixed_dictionaries(
    {"type": st.sampled_from(["integer", "number"])},
    optional={"exclusiveMinimum": st.integers(0, 1), "exclusiveMaximum": st.integers(3, 4)},
)
SCHEMAS: st.SearchStrategy[dict[str, Any]] = st.recursive(
    SCALARS | BOUNDS | EXCLUSIVE_BOUNDS,
    lambda parts: (
        st.fixed_dictionaries(
            {"type": st.just("array"), "items": parts},
            optional={"minItems": st.integers(0, 5), "maxItems": st.integers(5, 7)},
        )
        | st.dictionaries(st.text(max_size=3), parts, max_size=4).map(
            lambda properties: {"type": "object", "properties": properties, "required": [*properties]}
        )
    ),
    max_leaves=6,
)


def test_structured_answers_fit_their_schema(emulator: Emulator, api: httpx.Client) -> None:
    """An answer has a value for each property, not the same one for each video."""
    schema = {
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "day": {"type": "string", "format": "date"},
            "count": {"type": "integer", "minimum": 3, "exclusiveMaximum": 5},
            "mood": {"enum": ["calm", "wild"]},
            "scenes": {"type": "array", "items": {"$ref": "#/$defs/scene"}},
            "note": {"anyOf": [{"type": "null"}, {"type": "string"}]},
        },
        "$defs": {"scene": {"type": "object", "properties": {"at": {"type": "timestamp", "format": "hh:mm:ss"}}}},
    }
    form = {"type": "json_schema", "json_schema": schema}
    answers: list[dict[str, Any]] = []
    for name in ("cat", "dog", "horse", "cow", "fox", "owl", "bee", "ant"):
        video = {"type": "url", "url": f"https://example.com/{name}.mp4"}
        body = {"video": video, "prompt": "?", "stream": False, "response_format": form}
        answers.append(json.loads(api.post("/analyze", json=body).json()["data"]))
        assert name in answers[-1]["title"]
        assert {**answers[-1], "title": "", "scenes": [], "count": 0, "mood": ""} == {
            **{"title": "", "scenes": [], "count": 0, "mood": ""},
            **{"day": "2025-01-01", "note": None},
        }
    assert {answer["count"] for answer in answers} == {3, 4}
    assert {answer["mood"] for answer in answers} == {"calm", "wild"}
    assert {scene["at"] for answer in answers for scene in answer["scenes"]} == {"00:00:00"}
    assert len({len(answer["scenes"]) for answer in answers}) > 1


def ask(api: httpx.Client, prompt: str, schema: dict[str, Any] | None = None) -> str:
    """Return the answer to a prompt about the cat."""
    form = {} if schema is None else {"response_format": {"type": "json_schema", "json_schema": schema}}
    return str(api.post("/analyze", json={"video": VIDEO, "prompt": prompt, "stream": False, **form}).json()["data"])


def test_answers_are_scripted_by_prompt_and_schema(emulator: Emulator, api: httpx.Client) -> None:
    """Of the answers whose prompt matches, the first text is one, and the first that fits the schema is the other."""
    cat = {"name": "Cat", "age": 3}
    emulator.understand("cat.mp4", answers={"*titles*": ["A", "B"], "*title*": "The cat", "*": cat})
    named = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    listed = {"type": "array", "items": {"type": "string"}}
    others = [
        {"type": "object", "properties": {key: {"type": "string"}}, "required": [key]} for key in ("age", "color")
    ]
    assert ask(api, "What is the Title?") == "The cat"
    assert json.loads(ask(api, "List titles", listed)) == ["A", "B"]
    assert json.loads(ask(api, "List titles", named)) == cat
    for other in others:
        [made_up] = json.loads(ask(api, "Anything", other)).values()
        assert made_up.startswith("This file shows cat.")
    assert "You asked: Anything" in ask(api, "Anything")
    emulator.understand("cat.mp4", text="It sleeps.", answers={"*title*": "The tom-cat"})
    assert [ask(api, prompt) for prompt in ("title", "Anything")] == ["The tom-cat", "It sleeps."]


@settings(max_examples=40)
@given(schema=SCHEMAS, seed=st.text(max_size=3))
def test_made_up_values_fit_their_schema(schema: dict[str, Any], seed: str) -> None:
    """An independent validator finds no fault, and the emulator would accept them as scripted answers."""
    value = Maker(text="One. Two. Three.", seed=seed).value(schema)
    jsonschema.validate(value, schema)
    assert json.loads(first_fitting([value], schema, "nothing fits")) == value


@pytest.mark.parametrize(
    ("schema", "status"),
    [
        ({"type": "list"}, 400),
        ({"$ref": "#/$defs/other"}, 400),
        ({"anyOf": []}, 400),
        ({"type": "object", "properties": {"title": {"type": "string", "maxLength": 3}}}, 422),
    ],
)
def test_unsupported_schemas_are_refused(api: httpx.Client, schema: dict[str, Any], status: int) -> None:
    """An invalid schema fails with 400, a keyword that the platform does not support with 422."""
    form = {"type": "json_schema", "json_schema": schema}
    body = {"video": VIDEO, "prompt": "?", "stream": False, "response_format": form}
    assert api.post("/analyze", json=body).status_code == status
