"""Values that fit a JSON schema: scripted ones, or others made up."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, cast

import attrs

from .problem import Problem, invalid

Schema = dict[str, Any]

STRINGS_BY_FORMAT = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "date-time": "2025-01-01T00:00:00Z",
    "date": "2025-01-01",
    "time": "00:00:00Z",
}
TIMESTAMPS_BY_FORMAT: dict[str, float | str] = {"seconds": 0.0, "hh:mm:ss": "00:00:00", "hh:mm:ss.fff": "00:00:00.000"}
SCALARS: dict[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "string": (str,),
    "timestamp": (int, float, str),
}
ITEMS = 3
"""Most items of an array that is made up, unless its schema requires more."""
NUMBERS = 10
"""Distance of the least number that is made up from the greatest one, unless their schema has bounds."""


@attrs.frozen(kw_only=True)
class Maker:
    """Maker of values that fit a JSON schema, the same every time.

    Attributes:
        text: Text of strings; those in arrays hold its sentences in turn.
        seed: Text by which numbers, lengths and choices differ.
        refused: Keywords that the schema must not have.
    """

    text: str = ""
    seed: str = ""
    refused: Sequence[str] = ()

    def answer(self, schema: Schema, scripted: Iterable[Any], parameter: str) -> str:
        """Return the first scripted value that fits a schema, or else one that is made up, as JSON.

        Args:
            scripted: Values, or texts that may be JSON.
            parameter: Name of the schema in error messages.

        Raises:
            Problem: The schema is invalid, or has a keyword that is refused.
        """
        try:
            return first_fitting(scripted, schema, self.value(schema))
        except (AttributeError, LookupError, TypeError, RecursionError):
            raise invalid(parameter, "must be a valid JSON schema") from None

    def value(self, schema: Schema) -> Any:
        """Return a value that fits a schema. Its strings hold the text; a `pattern` is ignored.

        Raises:
            Problem: The schema has a keyword that is refused, or a type that does not exist.
        """
        return self._value(schema, schema.get("$defs", {}), "")

    def _value(self, schema: Schema, definitions: Schema, path: str) -> Any:
        for keyword in self.refused:
            if keyword in schema:
                reason = f"The JSON schema keyword {keyword} is not supported. Remove it from the schema."
                raise Problem(422, "parameter_invalid", reason)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][self._pick(len(schema["enum"]), path)]
        if "$ref" in schema:
            return self._value(_definition(schema, definitions), definitions, path)
        if "anyOf" in schema:
            return self._value(schema["anyOf"][0], definitions, path)
        match schema.get("type"):
            case "object":
                parts = schema.get("properties", {}).items()
                return {name: self._value(part, definitions, f"{path}/{name}") for name, part in parts}
            case "array":
                return self._array(schema, definitions, path)
            case "integer" | "number" as kind:
                return self._number(schema, path, is_whole=kind == "integer")
            case "boolean":
                return self._pick(2, path) == 0
            case "null":
                return None
            case "timestamp":
                if schema.get("format") not in TIMESTAMPS_BY_FORMAT:
                    raise Problem(400, "parameter_invalid", "format is required for the timestamp type.")
                return TIMESTAMPS_BY_FORMAT[schema["format"]]
            case "string":
                return STRINGS_BY_FORMAT.get(schema.get("format", "")) or self._string(path)
            case other:
                raise Problem(400, "parameter_invalid", f"The JSON schema type {other!r} is not supported.")

    def _pick(self, count: int, path: str) -> int:
        """Return a number below *count* for a part of the value."""
        digest = hashlib.sha256(f"{self.seed} {path}".encode("utf-8", "surrogatepass")).digest()
        return int.from_bytes(digest[:4], "big") % count

    def _array(self, schema: Schema, definitions: Schema, path: str) -> list[Any]:
        if "items" not in schema:
            return []
        low = schema.get("minItems", 1)
        count = min(low + self._pick(ITEMS, path), max(low, ITEMS), schema.get("maxItems", ITEMS + low))
        return [self._value(schema["items"], definitions, f"{path}/{number}") for number in range(count)]

    def _string(self, path: str) -> str:
        _, _, number = path.rpartition("/")
        if not number.isdecimal():
            return self.text
        sentences = re.split(r"(?<=[.!?]) ", self.text)
        return sentences[int(number) % len(sentences)]

    def _number(self, schema: Schema, path: str, *, is_whole: bool) -> float:
        """Return a number within the bounds of a schema."""
        step = 1 if is_whole else 0.01
        lows = [schema["minimum"]] if "minimum" in schema else []
        lows += [schema["exclusiveMinimum"] + step] if "exclusiveMinimum" in schema else []
        highs = [schema["maximum"]] if "maximum" in schema else []
        highs += [schema["exclusiveMaximum"] - step] if "exclusiveMaximum" in schema else []
        high = min(highs, default=None)
        low = max(lows, default=0 if high is None or high >= 0 else high - NUMBERS)
        high = low + NUMBERS if high is None else high
        if is_whole:
            return int(low) + self._pick(max(1, int(high - low) + 1), path)
        return round(low + (high - low) * self._pick(101, path) / 100, 6)


def first_fitting(scripted: Iterable[Any], schema: Schema, made_up: Any) -> str:
    """Return the first scripted value or text that fits a schema, or else another value, as JSON."""
    definitions = schema.get("$defs", {})
    return json.dumps(next((value for value in map(_parsed, scripted) if _fits(value, schema, definitions)), made_up))


def _fits(value: Any, schema: Schema, definitions: Schema) -> bool:
    """Return whether a value fits a schema, by its types, choices and required properties."""
    if "const" in schema:
        return bool(value == schema["const"])
    if "enum" in schema:
        return value in schema["enum"]
    if "$ref" in schema:
        return _fits(value, _definition(schema, definitions), definitions)
    if "anyOf" in schema:
        return any(_fits(value, part, definitions) for part in schema["anyOf"])
    kind = schema.get("type")
    if kind == "object" and isinstance(value, dict):
        parts, found = schema.get("properties", {}), cast("dict[str, Any]", value)
        is_complete = {*schema.get("required", ())} <= found.keys()
        return is_complete and all(_fits(found[name], parts[name], definitions) for name in parts if name in found)
    if kind == "array" and isinstance(value, list):
        return all(_fits(one, schema.get("items", {}), definitions) for one in cast("list[Any]", value))
    return kind is None or type(value) in SCALARS.get(kind, ())


def _definition(schema: Schema, definitions: Schema) -> Schema:
    """Return what a reference leads to."""
    found: Schema = definitions[schema["$ref"].removeprefix("#/$defs/")]
    return found


def _parsed(scripted: Any) -> Any:
    """Return a value, or what a text has as JSON, or else the text."""
    if isinstance(scripted, str):
        try:
            return json.loads(scripted)
        except ValueError:
            pass
    return scripted
