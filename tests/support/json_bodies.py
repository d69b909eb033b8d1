"""Hypothesis strategies for JSON, and for bodies of the official models."""

from __future__ import annotations

import types
import typing
from datetime import datetime
from functools import cache
from typing import Any, Literal

import pydantic
from hypothesis import strategies as st

from support import official

TEXT = st.text(max_size=8)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
JSON = st.recursive(
    SCALAR, lambda part: st.lists(part, max_size=2) | st.dictionaries(TEXT, part, max_size=2), max_leaves=4
)
MOMENT = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%SZ}")
NEW_FIELDS = st.dictionaries(st.sampled_from(["new_field", "newField"]), JSON, max_size=2)
"""Fields of a later version of the API."""


@cache
def bodies(kind: Any, how: Literal["full", "some", "nulls", "odd"]) -> st.SearchStrategy[Any]:
    """Draw JSON for a model of the official SDK.

    Args:
        kind: The model, or any type that can be in one.
        how: ``full``: all fields. ``some``: any of them, and new ones. ``nulls``: the same, with null wherever it is
            valid. ``odd``: any JSON in the place of any value.
    """
    if how == "odd":
        return _valid(kind, how) | JSON
    return _valid(kind, how)


def _valid(kind: Any, how: Literal["full", "some", "nulls", "odd"]) -> st.SearchStrategy[Any]:
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if isinstance(kind, type) and issubclass(kind, pydantic.BaseModel):
        return _object(kind, how)
    if origin is typing.Annotated:
        return bodies(parts[0], how)
    if origin in (typing.Union, types.UnionType):
        if Any in parts and not any(typing.get_origin(part) is Literal for part in parts):
            return JSON
        valid = st.one_of([bodies(part, how) for part in parts if part not in (Any, type(None))])
        if Any in parts:  # an enumeration that may grow
            valid |= TEXT
        return valid | st.none() if how == "nulls" and type(None) in parts else valid
    if origin is Literal:
        return st.sampled_from(parts)
    if origin is list or getattr(origin, "__name__", "") == "Sequence":
        return st.lists(bodies(parts[0], how), max_size=2)
    if origin is dict:
        return st.dictionaries(TEXT, bodies(parts[1], how), max_size=2)
    return {
        str: TEXT,
        int: st.integers(-(2**53), 2**53),
        float: st.floats(allow_nan=False, allow_infinity=False),
        bool: st.booleans(),
        datetime: MOMENT,
        Any: JSON,
    }[kind]


def _object(model: type[pydantic.BaseModel], how: Literal["full", "some", "nulls", "odd"]) -> st.SearchStrategy[Any]:
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for wire, kind, needed in official.fields(model).values():
        tells_the_kind = typing.get_origin(kind) is Literal
        (required if how == "full" or needed or tells_the_kind else optional)[wire] = bodies(kind, how)
    known = st.fixed_dictionaries(required, optional=optional)
    return known if how == "full" else st.builds(dict.__or__, known, NEW_FIELDS)
