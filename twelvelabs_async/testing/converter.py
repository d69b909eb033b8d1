"""Conversion of JSON, forms and queries into request classes."""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, NewType, TypeGuard, TypeVar, Union, get_args, get_origin

import attrs
import cattrs
from cattrs.errors import AttributeValidationNote
from cattrs.gen import make_dict_structure_fn

from .._removed import RETIRED_MODELS
from .clock import parse_rfc3339
from .problem import Json, Problem, invalid, missing

MAX_NUMBER = sys.float_info.max

T = TypeVar("T")
Moment = NewType("Moment", float)
"""RFC 3339 time in a request, as seconds since the epoch."""


@attrs.frozen
class UploadedFile:
    """File of a form, stored in the emulator's folder."""

    name: str
    content_type: str
    path: Path
    size: int


class Mismatch(ValueError):
    """Value of the wrong type. The message completes "The parameter is invalid: it …"."""


def is_object(value: object) -> TypeGuard[Json]:
    """Return whether a value is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Return whether a value is a JSON list."""
    return isinstance(value, list)


def decode(cls: type[T], source: Mapping[str, Any], *, is_text: bool) -> T:
    """Build a request from *source*. Parameters that the class does not have are ignored.

    Args:
        is_text: Values come from a form or a query: a list for each name, one item per occurrence.

    Raises:
        Problem: A parameter is missing or invalid.
    """
    try:
        return (_TEXT if is_text else _JSON).structure(source, cls)
    except cattrs.BaseValidationError as error:
        raise _problem(error, "body") from None


def _problem(error: BaseException, parameter: str) -> Problem:
    """Return the documented error for the first invalid parameter; raise what is no fault of the request."""
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            parameter = note.name
    match error:
        case Problem():
            return error
        case cattrs.BaseValidationError():
            return _problem(error.exceptions[0], parameter)
        case KeyError():
            return missing(str(error.args[0]))
        case Mismatch():
            return invalid(parameter, str(error))
        case _:
            raise error


def _instance(kind: type[T], mismatch: str) -> Callable[[Any, Any], T]:
    """Return a hook that requires an instance of a class."""

    def check(value: Any, _: Any) -> T:
        if not isinstance(value, kind):
            raise Mismatch(mismatch)
        return value

    return check


def _integer(value: Any, _: Any) -> int:
    if isinstance(value, bool) or not (isinstance(value, int) or (isinstance(value, float) and value.is_integer())):
        raise Mismatch("must be an integer")
    return int(value)


def _number(value: Any, _: Any) -> float:
    # A JSON integer may be larger than any float, and a text may be ``nan`` or ``inf``.
    if isinstance(value, bool) or not isinstance(value, int | float) or not -MAX_NUMBER <= value <= MAX_NUMBER:
        raise Mismatch("must be a number")
    return value


def _parsed(value: Any) -> Any:
    """Return the number that a text spells, or `None`."""
    try:
        return float(value)
    except (ValueError, TypeError):
        return None


def _moment(value: Any, _: Any) -> float:
    try:
        return parse_rfc3339(value)
    except (ValueError, TypeError):
        raise Mismatch("must be a date and time in the RFC 3339 format") from None


def _object(value: Any, _: Any) -> Json:
    """Return a JSON object, which forms send as text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if not is_object(value):
        raise Mismatch("must be a JSON object")
    return value


def _choice(value: Any, kind: Any) -> Any:
    choices = get_args(kind)
    if not isinstance(value, str) or value not in choices:
        if isinstance(value, str) and value in RETIRED_MODELS:
            raise Mismatch(f"must not be {value!r}, which is retired. Use {RETIRED_MODELS[value]}")
        raise Mismatch(f"must be one of {', '.join(choices)}; got {value!r}")
    return value


def _arms(kind: Any) -> tuple[Any, ...]:
    """Return the members of a union, or the type itself."""
    return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)


def _has_origin(origin: object) -> Callable[[Any], bool]:
    return lambda kind: get_origin(kind) is origin


def _converter(*, is_text: bool) -> cattrs.Converter:
    converter = cattrs.Converter(detailed_validation=True)
    converter.register_structure_hook(str, _instance(str, "must be a string"))
    converter.register_structure_hook(UploadedFile, _instance(UploadedFile, "must be a file"))
    converter.register_structure_hook(int, lambda value, _: _integer(_parsed(value) if is_text else value, _))
    converter.register_structure_hook(float, lambda value, _: _number(_parsed(value) if is_text else value, _))
    boolean, spelt = _instance(bool, "must be true or false"), {"true": True, "false": False}
    converter.register_structure_hook(bool, lambda value, _: boolean(spelt.get(value) if is_text else value, _))
    converter.register_structure_hook(Moment, _moment)
    converter.register_structure_hook_func(_has_origin(Literal), _choice)
    converter.register_structure_hook_func(_has_origin(dict), _object)

    @converter.register_structure_hook_factory(_has_origin(list))
    def list_hook(kind: Any) -> Callable[[Any, Any], list[Any]]:
        (item,) = get_args(kind)
        hook = converter.get_structure_hook(item)

        def structure(value: Any, _: Any) -> list[Any]:
            if not is_list(value):
                raise Mismatch("must be a list")
            return [hook(one, item) for one in value]

        return structure

    @converter.register_structure_hook_factory(lambda kind: attrs.has(kind) and kind is not UploadedFile)
    def class_hook(cls: Any) -> Callable[[Any, Any], Any]:
        """Structure an object. JSON null and an empty string stand for an absent field if its type excludes `None`."""
        fields = attrs.fields(attrs.resolve_types(cls))
        nullable = {field.name for field in fields if types.NoneType in _arms(field.type)}
        lists = {field.name for field in fields if any(map(_has_origin(list), _arms(field.type)))}
        fill = make_dict_structure_fn(cls, converter, _cattrs_detailed_validation=True)

        def structure(value: Any, _: Any) -> Any:
            if not is_object(value):
                raise Mismatch("must be an object")
            if is_text:
                value = {name: texts if name in lists else texts[-1] for name, texts in value.items()}
            else:
                value = {name: one for name, one in value.items() if name in nullable or one not in (None, "")}
            return fill(value, cls)

        return structure

    return converter


_JSON, _TEXT = _converter(is_text=False), _converter(is_text=True)
