"""Metadata of the caller's own: `user_metadata`, whose keys are merged, and `metadata`, which is replaced."""

from __future__ import annotations

import json
from collections.abc import MutableMapping
from typing import Any

from ._input import MAX_INTEGER, Json, a_list, an_object, invalid

_LONGEST_KEY = 128


def metadata(value: Any, name: str = "user_metadata") -> Json:
    """User-defined metadata: an object, or its JSON as found in a form, of strings, numbers, booleans, string lists."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise invalid(name, "it has to be a JSON object") from None
    result = an_object(value, name)
    for key, item in result.items():
        if isinstance(item, int) and abs(item) > MAX_INTEGER:
            raise invalid(name, f"the integer {key!r} is beyond ±(2^53-1); send it as a string")
        texts = a_list(item, name, 0, MAX_INTEGER) if isinstance(item, list) else []
        if isinstance(item, dict) or not all(isinstance(text, str) for text in texts):
            raise invalid(name, f"{key!r} has to be a string, a number, a boolean, or a list of strings")
    return result


def new_metadata(value: Any) -> Json:
    """The metadata a resource starts with; empty values are left out."""
    return {key: item for key, item in metadata(value or {}).items() if item is not None and item not in ("", [])}


def merge_metadata(stored: MutableMapping[str, Any], changes: Json) -> None:
    """Apply a PATCH: keys are merged, `null` deletes one, an empty string changes nothing."""
    for key, item in changes.items():
        if item is None:
            stored.pop(key, None)
        elif item != "":
            stored[key] = item


def own_metadata(value: Any, pairs: int = 10, longest: int = 2_048) -> Json:
    """Metadata that is replaced as a whole, so that null means nothing in it (docs: Create a knowledge store)."""
    given = metadata(value, "metadata")
    texts = [text for text in given.values() if isinstance(text, str)]
    if len(given) > pairs or None in given.values() or any(len(text) > longest for text in texts):
        raise invalid("metadata", f"it has at most {pairs} pairs, no null, and no text beyond {longest} characters")
    if any(len(key) > _LONGEST_KEY for key in given):
        raise invalid("metadata", f"a key has at most {_LONGEST_KEY} characters")
    return given
