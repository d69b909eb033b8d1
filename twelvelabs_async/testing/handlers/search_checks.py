"""Checks of searches: options, text and filter."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ..converter import is_list, is_object
from ..problem import Json, missing
from ..refusals import (
    BLANK_QUERY,
    LONG_QUERY,
    SEARCH_FILTER,
    SEARCH_FILTER_ID,
    SEARCH_FILTER_TYPE,
    SEARCH_OPTION,
    SEARCH_OPTION_UNKNOWN,
    SEARCH_SORT,
    SEARCH_WITHOUT_MARENGO,
)
from ..state import Index
from ..vectors import words
from .operation import Context

OPTIONS = ("visual", "audio", "transcription")
SORT_OPTIONS = (None, "score", "clip_count")
"""Values of a parameter that older SDKs send. It has no effect."""
MAX_TOKENS = 500
NUMBERS = ("duration", "width", "height", "size")


def check_options(context: Context, index: Index, options: Sequence[str]) -> None:
    """Require at least one option, and an index that was created with all of them."""
    if not index.model("marengo"):
        raise SEARCH_WITHOUT_MARENGO.problem(f"The index {index.id} has no Marengo model. Search an index with one.")
    if not options:
        raise missing("search_options")
    own = {option for name, options in index.models if name.startswith("marengo") for option in options}
    supported = [option for option in OPTIONS if option.replace("transcription", "audio") in own]
    for option in options:
        if option not in supported:
            refusal = SEARCH_OPTION if option in OPTIONS else SEARCH_OPTION_UNKNOWN
            advice = f"Use one of {', '.join(supported)}."
            context.refuse(refusal, f"The search option {option} is not supported by the index {index.id}. {advice}")


def check_query(context: Context, text: str | None, sort_option: str | None) -> None:
    """Require a text with words, and a known order."""
    if text is not None and not text.strip():
        context.refuse(BLANK_QUERY, "The query_text parameter is invalid: it has no words.")
    if (count := len(words(text or ""))) > MAX_TOKENS:
        too_long = f"The query_text parameter is invalid: it must have at most {MAX_TOKENS} tokens; got {count}."
        context.refuse(LONG_QUERY, too_long)
    if sort_option not in SORT_OPTIONS:
        unknown = f"The sort_option parameter is invalid: it must be score or clip_count; got {sort_option!r}."
        context.refuse(SEARCH_SORT, unknown)


def read_filter(context: Context, index: Index, text: str) -> Json:
    """Return the conditions of a filter by the names of metadata."""
    try:
        conditions = json.loads(text)
    except ValueError:
        conditions = None
    if not is_object(conditions):
        raise SEARCH_FILTER.problem(f"The filter must be a JSON object; got {text:.100}.")
    for name, condition in conditions.items():
        _check_condition(context, name, condition)
    identifiers = conditions.get("id")
    for identifier in identifiers if is_list(identifiers) else ():
        if identifier not in index.indexed_assets:
            context.refuse(SEARCH_FILTER_ID, f"The video {identifier} is not in the index {index.id}.")
    return conditions


def _check_condition(context: Context, name: str, condition: Any) -> None:
    if is_list(condition) and name != "id":
        raise SEARCH_FILTER.problem(f"A filter may have a list for id only; {name} has one.")
    for bound, limit in condition.items() if is_object(condition) else ():
        if bound not in ("gte", "lte"):
            raise SEARCH_FILTER.problem(f"A filter may have the bounds gte and lte only; {name} has {bound}.")
        if not _is_number(limit):
            raise SEARCH_FILTER.problem(f"The bounds of a filter must be numbers; {name}.{bound} is {limit!r}.")
    expected = {
        "id": is_list(condition),
        "filename": isinstance(condition, str),
        **dict.fromkeys(NUMBERS, is_object(condition) or _is_number(condition)),
    }
    if not expected.get(name, True):
        kind = {"id": "a list of ids", "filename": "a text"}.get(name, "a number, or an object with gte and lte")
        context.refuse(SEARCH_FILTER_TYPE, f"The filter by {name} must be {kind}; got {condition!r}.")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
