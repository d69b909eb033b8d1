"""A value for a JSON schema, within the keywords that structured answers support (docs: Synchronous analysis)."""

from __future__ import annotations

import json
from typing import Any

from ._input import Json, Refused, invalid

_UNSUPPORTED = ("minLength", "maxLength", "additionalProperties", "uniqueItems", "maxItems")
_FORMATS = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "date-time": "2025-01-01T00:00:00Z",
    "date": "2025-01-01",
    "time": "00:00:00Z",
}
_TIMESTAMPS: Json = {"seconds": 0.0, "hh:mm:ss": "00:00:00", "hh:mm:ss.fff": "00:00:00.000"}


def written_as(schema: Json, written: str, parameter: str) -> str:
    """An answer as JSON: one that is JSON as it stands, else a value that fits the schema."""
    try:
        fitting = example(schema, written)
    except (AttributeError, LookupError, TypeError, RecursionError):
        raise invalid(parameter, "it is no valid JSON schema") from None
    try:
        return json.dumps(json.loads(written))
    except ValueError:
        return json.dumps(fitting)


def example(schema: Json, text: str, root: Json | None = None) -> Any:
    """The value: strings hold `text` where the schema lets them. A `pattern` is not followed.

    Raises:
        Refused: The schema uses a keyword that the platform does not support.
    """
    root = schema if root is None else root
    for keyword in _UNSUPPORTED:
        if keyword in schema:
            raise Refused(422, "parameter_invalid", f"The JSON schema keyword {keyword} is not supported.")
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "$ref" in schema:
        return example(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], text, root)
    if "anyOf" in schema:
        return example(schema["anyOf"][0], text, root)
    match schema.get("type"):
        case "object":
            return {name: example(part, text, root) for name, part in schema.get("properties", {}).items()}
        case "array":
            return [example(schema["items"], text, root)] if "items" in schema else []
        case "integer":
            return _integer(schema)
        case "number":
            return 0.5
        case "boolean":
            return True
        case "null":
            return None
        case "timestamp":
            if schema.get("format") not in _TIMESTAMPS:
                raise Refused(400, "parameter_invalid", "format is required for the timestamp type.")
            return _TIMESTAMPS[schema["format"]]
        case "string":
            return _FORMATS.get(schema.get("format", ""), text)
        case other:
            raise Refused(400, "parameter_invalid", f"The JSON schema type {other!r} is not supported.")


def _integer(schema: Json) -> int:
    low = max(schema.get("minimum", 0), schema.get("exclusiveMinimum", -1) + 1)
    return int(min(low, schema.get("maximum", low), schema.get("exclusiveMaximum", low + 1) - 1))
