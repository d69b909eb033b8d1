"""Check of the JSON schemas of enrichments (docs: Create a knowledge store)."""

from __future__ import annotations

from typing import Any

from .converter import is_list, is_object
from .problem import Json, Problem
from .refusals import ENRICHMENT_SCHEMA

KEYWORDS = {
    *("type", "title", "description", "enum", "properties", "required", "additionalProperties", "items"),
    *("prefixItems", "minItems", "maxItems", "minimum", "maximum", "format", "granularity"),
}
TYPES = ("array", "boolean", "integer", "number", "object", "string")
GRANULARITIES = ("shot", "video", "image")


def check_enrichment_schema(schema: Json) -> None:
    """Refuse a schema that the API does not support.

    Raises:
        Problem: The schema is not supported; the message names the place in it.
    """
    if schema.get("type") != "object" or "properties" not in schema:
        raise _refusal("the root", 'must have the type "object", and properties')
    _check(schema, "the root", depth=0)


def _check(schema: Any, place: str, depth: int) -> None:
    """Check a schema and its parts.

    Args:
        place: Its place, for error messages.
        depth: Number of schemas around it: 1 for the properties of the root.
    """
    if not is_object(schema):
        raise _refusal(place, "must be an object")
    if unknown := sorted(schema.keys() - KEYWORDS):
        raise _refusal(place, f"has unsupported keywords: {', '.join(unknown)}. Remove them")
    if schema.get("type", "string") not in TYPES:
        reason = f"must have one of the types {', '.join(TYPES)}; got {schema['type']!r}. Leave out null"
        raise _refusal(place, f"{reason}, and leave an optional property out of required")
    if not isinstance(schema.get("additionalProperties", True), bool):
        raise _refusal(place, "must have true or false as additionalProperties")
    if "granularity" in schema and (depth != 1 or schema["granularity"] not in GRANULARITIES):
        allowed = f"one of {', '.join(GRANULARITIES)}, on a property of the root only"
        raise _refusal(place, f"has an invalid granularity; expected {allowed}")
    if not is_object(schema.get("properties", {})):
        raise _refusal(place, "must have an object as properties")
    for name, part in schema.get("properties", {}).items():
        if not (is_object(part) and isinstance(part.get("description"), str) and part["description"].strip()):
            raise _refusal(f"the property {name}", "must have a description")
        _check(part, f"the property {name}", depth + 1)
    prefixes = schema.get("prefixItems", [])
    for part in [*(prefixes if is_list(prefixes) else [prefixes]), *([schema["items"]] if "items" in schema else [])]:
        _check(part, f"an item of {place}", depth + 2)  # no property of the root


def _refusal(place: str, reason: str) -> Problem:
    return ENRICHMENT_SCHEMA.problem(f"The enrichment schema is invalid: {place} {reason}.")
