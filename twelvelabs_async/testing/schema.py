"""Values that fit a JSON schema, within the keywords that structured answers support (docs: Synchronous analysis)."""

from __future__ import annotations

import json
from typing import Any

from .problem import Problem, invalid

UNSUPPORTED_KEYWORDS = ("minLength", "maxLength", "additionalProperties", "uniqueItems", "maxItems")
STRINGS_BY_FORMAT = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "date-time": "2025-01-01T00:00:00Z",
    "date": "2025-01-01",
    "time": "00:00:00Z",
}
TIMESTAMPS_BY_FORMAT: dict[str, float | str] = {"seconds": 0.0, "hh:mm:ss": "00:00:00", "hh:mm:ss.fff": "00:00:00.000"}


def as_json(text: str, schema: dict[str, Any], parameter: str) -> str:
    """Return *text* if it is JSON, or else the JSON of a value that fits *schema*.

    Args:
        parameter: Name of the schema in error messages.

    Raises:
        Problem: The schema is invalid, or uses a keyword that the platform does not support.
    """
    try:
        fitting = example(schema, text)
    except (AttributeError, LookupError, TypeError, RecursionError):
        raise invalid(parameter, "must be a valid JSON schema") from None
    try:
        return json.dumps(json.loads(text))
    except ValueError:
        return json.dumps(fitting)


def example(schema: dict[str, Any], text: str, root: dict[str, Any] | None = None) -> Any:
    """Return a value that fits *schema*. Its strings hold *text* if the schema allows that; a `pattern` is ignored.

    Args:
        root: Schema with the definitions that references name. Default: *schema*.

    Raises:
        Problem: The schema uses a keyword or type that the platform does not support.
    """
    root = schema if root is None else root
    for keyword in UNSUPPORTED_KEYWORDS:
        if keyword in schema:
            raise Problem(422, "parameter_invalid", f"The JSON schema keyword {keyword} is not supported.")
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
            if schema.get("format") not in TIMESTAMPS_BY_FORMAT:
                raise Problem(400, "parameter_invalid", "format is required for the timestamp type.")
            return TIMESTAMPS_BY_FORMAT[schema["format"]]
        case "string":
            return STRINGS_BY_FORMAT.get(schema.get("format", ""), text)
        case other:
            raise Problem(400, "parameter_invalid", f"The JSON schema type {other!r} is not supported.")


def _integer(schema: dict[str, Any]) -> int:
    """Return an integer within the bounds of *schema*."""
    low = max(schema.get("minimum", 0), schema.get("exclusiveMinimum", -1) + 1)
    return int(min(low, schema.get("maximum", low), schema.get("exclusiveMaximum", low + 1) - 1))
