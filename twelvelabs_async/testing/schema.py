"""Values that fit a JSON schema."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import attrs

from .problem import Problem, invalid

STRINGS_BY_FORMAT = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "date-time": "2025-01-01T00:00:00Z",
    "date": "2025-01-01",
    "time": "00:00:00Z",
}
TIMESTAMPS_BY_FORMAT: dict[str, float | str] = {"seconds": 0.0, "hh:mm:ss": "00:00:00", "hh:mm:ss.fff": "00:00:00.000"}


def as_json(text: str, schema: dict[str, Any], parameter: str, *, refused: Sequence[str] = ()) -> str:
    """Return *text* if it is JSON, or else the JSON of a value that fits *schema*.

    Args:
        parameter: Name of the schema in error messages.
        refused: Keywords that the schema must not have.

    Raises:
        Problem: The schema is invalid, or has a keyword that is refused.
    """
    try:
        fitting = example(schema, text, refused)
    except (AttributeError, LookupError, TypeError, RecursionError):
        raise invalid(parameter, "must be a valid JSON schema") from None
    try:
        return json.dumps(json.loads(text))
    except ValueError:
        return json.dumps(fitting)


def example(schema: dict[str, Any], text: str, refused: Sequence[str] = ()) -> Any:
    """Return a value that fits *schema*. Its strings hold *text* if the schema allows that; a `pattern` is ignored.

    Raises:
        Problem: The schema has a keyword that is *refused*, or a type that does not exist.
    """
    return _Examples(schema.get("$defs", {}), text, refused).fitting(schema)


@attrs.frozen
class _Examples:
    """Values that fit a schema and its parts."""

    definitions: dict[str, Any]
    text: str
    refused: Sequence[str]

    def fitting(self, schema: dict[str, Any]) -> Any:
        for keyword in self.refused:
            if keyword in schema:
                reason = f"The JSON schema keyword {keyword} is not supported. Remove it from the schema."
                raise Problem(422, "parameter_invalid", reason)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        if "$ref" in schema:
            return self.fitting(self.definitions[schema["$ref"].removeprefix("#/$defs/")])
        if "anyOf" in schema:
            return self.fitting(schema["anyOf"][0])
        match schema.get("type"):
            case "object":
                return {name: self.fitting(part) for name, part in schema.get("properties", {}).items()}
            case "array":
                return [self.fitting(schema["items"])] if "items" in schema else []
            case "integer":
                return _integer(schema)
            case "number":
                return 0.5
            case "boolean":
                return True
            case "null":
                return None
            case "timestamp":
                if schema.get("format") not in TIMESTAMPS_BY_FORMAT:
                    raise Problem(400, "parameter_invalid", "format is required for the timestamp type.")
                return TIMESTAMPS_BY_FORMAT[schema["format"]]
            case "string":
                return STRINGS_BY_FORMAT.get(schema.get("format", ""), self.text)
            case other:
                raise Problem(400, "parameter_invalid", f"The JSON schema type {other!r} is not supported.")


def _integer(schema: dict[str, Any]) -> int:
    """Return an integer within the bounds of *schema*."""
    low = max(schema.get("minimum", 0), schema.get("exclusiveMinimum", -1) + 1)
    return int(min(low, schema.get("maximum", low), schema.get("exclusiveMaximum", low + 1) - 1))
