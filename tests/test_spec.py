"""Responses generated from the OpenAPI file are decoded without loss."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import twelvelabs_async
from twelvelabs_async import AsyncPager, Model, structure, unstructure

from support import openapi
from support.arguments import arguments
from support.json_bodies import JSON, TEXT
from support.three_clients import METHODS, Clients

pytestmark = pytest.mark.skipif(not openapi.FILE.exists(), reason=f"needs the OpenAPI file {openapi.FILE}")

# Verb and path of an operation with a stream, model of an item or of the whole response, and index of its schema.
STREAMS = [
    ("post", "/analyze", "StreamAnalyzeResponse", 0),
    ("post", "/analyze", "NonStreamAnalyzeResponse", 1),
    ("get", "/analyze/batches/{batch_id}/results", "BatchResultItem", None),
]
# Methods whose responses are streams, and methods that combine several responses.
NOT_JSON = {"analyze", "analyze_async.batches.results", "analyze_stream", "responses.create", "responses.create_stream"}
COMPOSED = {"embed.tasks.create_bulk", "embed.tasks.wait_for_done"}


@cache
def document() -> dict[str, Any]:
    return json.loads(openapi.FILE.read_text())  # type: ignore[no-any-return]


def resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def response_schema(operation: Mapping[str, Any]) -> tuple[int, Mapping[str, Any] | None]:
    """Return the status of a successful response, and the schema of its JSON if it has any."""
    [status] = [status for status in operation["responses"] if status.startswith("2")]
    content = operation["responses"][status].get("content", {}).get("application/json")
    return int(status), resolved(content["schema"]) if content else None


def bodies(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Generate JSON that *schema* allows, with all properties or without some that are not required."""
    schema = resolved(schema)
    if "oneOf" in schema:
        return st.one_of([bodies(one) for one in discriminated(schema)])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if isinstance(schema.get("type"), list):
        return st.one_of([bodies({**schema, "type": one}) for one in schema["type"]])
    match schema.get("type"):
        case "null":
            return st.none()
        case "object":
            properties = {name: bodies(part) for name, part in schema.get("properties", {}).items()}
            required = {name: part for name, part in properties.items() if name in schema.get("required", ())}
            if not properties:
                return st.dictionaries(TEXT, bodies(schema.get("additionalProperties") or {}), max_size=2)
            return st.fixed_dictionaries(properties) | st.fixed_dictionaries(
                required, optional={name: part for name, part in properties.items() if name not in required}
            )
        case "array":
            return st.lists(bodies(schema["items"]), max_size=2)
        case "integer":
            return st.integers(-(2**53), 2**53)
        case "number":
            return st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)
        case "boolean":
            return st.booleans()
        case "string" if schema.get("format") == "date-time":
            return st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds") + "Z")
        case "string":
            return TEXT
    return JSON


def discriminated(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the alternatives of *schema*, each with its own value of the discriminator.

    In the file each alternative allows the values of all, in the order of the alternatives.
    """
    ones = [resolved(one) for one in schema["oneOf"]]
    tag = schema.get("discriminator", {}).get("propertyName")
    if not all(len(resolved(one.get("properties", {}).get(tag, {})).get("enum", ())) == len(ones) for one in ones):
        return ones
    return [
        {**one, "properties": {**one["properties"], tag: {"enum": [resolved(one["properties"][tag])["enum"][place]]}}}
        for place, one in enumerate(ones)
    ]


@pytest.mark.parametrize("name", sorted(set(METHODS) - NOT_JSON - COMPOSED))
@given(data=st.data())
@settings(max_examples=6)
def test_every_response_is_decoded_without_loss(clients: Clients, name: str, data: st.DataObject) -> None:
    """Each method decodes any response that the file allows, with an attribute for each property."""
    values = data.draw(arguments(name)["required"])
    request, *_ = clients.async_requests(name, values)
    found = openapi.find(document(), request.method, request.path)
    status, schema = response_schema(found[1]) if found else (200, None)  # some operations are newer than the file
    if schema is None:
        return
    body = data.draw(bodies(schema))
    clients.recorder.respond_next(body, status=status)
    decoded = clients.async_result(name, values)
    if isinstance(decoded, AsyncPager):
        decoded, body = decoded.items, body.get("data", body.get("uploaded_chunks", []))
    assert_lossless(decoded, body)


@pytest.mark.parametrize(("verb", "path", "model", "alternative"), STREAMS)
@given(data=st.data())
@settings(max_examples=15)
def test_every_item_of_a_stream_is_decoded_without_loss(
    verb: str, path: str, model: str, alternative: int | None, data: st.DataObject
) -> None:
    """The models of streams decode any item that the file allows, with an attribute for each property."""
    _, schema = response_schema(document()["paths"][path][verb])
    assert schema is not None
    body = data.draw(bodies(schema if alternative is None else schema["oneOf"][alternative]))
    assert_lossless(structure(body, getattr(twelvelabs_async, model)), body)


def assert_lossless(decoded: Any, body: Any) -> None:
    """Require an attribute for each property of *body*, and the same body after encoding."""
    assert not unknown(decoded)
    assert without_nulls(unstructure(decoded)) == without_nulls(body)


def without_nulls(body: Any) -> Any:
    """Return the body without its null properties, which are equal to absent ones."""
    if isinstance(body, list):
        return [without_nulls(item) for item in body]
    if isinstance(body, dict):
        return {name: without_nulls(item) for name, item in body.items() if item is not None}
    return body


def unknown(decoded: Any) -> list[str]:
    """Return the names of properties without an attribute, at any depth."""
    if isinstance(decoded, list):
        return [name for item in decoded for name in unknown(item)]
    if not isinstance(decoded, Model):
        return []
    parts = [getattr(decoded, field.name) for field in attrs.fields(type(decoded))]
    return [*decoded.extra, *unknown(parts)]
