"""The converter: JSON to models and back.

Decoding is lenient: a missing field becomes its default, and a value of an unexpected type stays as it is. Every shape
that needs more than that is registered with the converter as a factory of hooks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cache, partial
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import attrs
from cattrs import Converter

from ..options import OMIT
from ._generated import Field, Hook, ModelHook, on_first_use
from ._lazy import ModelType
from ._plain import plain, rfc3339

__all__ = ["structure", "unstructure"]

T = TypeVar("T")

converter: Final = Converter(detailed_validation=False)


def hook_of(kind: Any) -> Hook:
    """Return the hook of a type, for hot paths: ``hook_of(list[IndexedAsset])(items)``."""
    return converter.get_structure_hook(kind)


def structure(data: Any, cls: type[T]) -> T:
    """Make a model from decoded JSON.

    Example:
        >>> structure({"_id": "665f", "status": "ready"}, IndexedAsset)
        IndexedAsset(id='665f', status='ready')
    """
    return converter.structure(data, cls)


def unstructure(value: Any) -> Any:
    """Return models as plain data for JSON, alone or inside of dicts and lists.

    Fields that are `OMIT` are left out, and so are fields of a response that are ``None``.

    Example:
        >>> unstructure(Range(gte=30))
        {'gte': 30}
    """
    return converter.unstructure(value)


@attrs.frozen
class Alias:
    """The name of a field in JSON, where Python's differs: ``Annotated[str, Alias("_id")]``."""

    name: str


@attrs.frozen
class FormerName:
    """The name that a field had in JSON, which is still read: ``Annotated[str, FormerName("scopes")]``."""

    name: str


# The codec.

MAX_LEVELS: Final = 100
"""At most this many lists and objects inside of each other, so that results can be encoded, copied and shown."""

_SQUARE: Final = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS: Final = bytes({*range(256)} - {*b"[]{}"})
_STRINGS: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.S)

_loads: Callable[[bytes | bytearray], Any] = json.loads
_LoadError: type[Exception] = ValueError
with suppress(ImportError):
    import msgspec

    _loads, _LoadError = msgspec.json.decode, msgspec.MsgspecError


def loads(body: bytes | bytearray) -> Any:
    """Decode JSON, by msgspec if it is installed.

    Raises:
        ValueError: It is not JSON.
        RecursionError: It has more than 100 levels.
    """
    try:
        data = _loads(body)
    except (_LoadError, UnicodeDecodeError):
        data = json.loads(body)  # accepts more: NaN, half a surrogate pair
    # `replace` finds bytes by memchr. `count` inspects each byte, which takes a third of the time of decoding.
    brackets = 2 * len(body) - len(body.replace(b"[", b"")) - len(body.replace(b"{", b""))
    if brackets > MAX_LEVELS and _is_too_deep(body) and _is_too_deep(_STRINGS.sub(b"", body)):
        raise RecursionError(f"it has more than {MAX_LEVELS} levels")
    return data


def _is_too_deep(body: bytes | bytearray) -> bool:
    """Return whether JSON has more than 100 levels, or unbalanced brackets in strings."""
    brackets = body.translate(_SQUARE, _NO_BRACKETS)
    for _ in range(MAX_LEVELS):
        brackets = brackets.replace(b"[]", b"")  # the innermost level
        if not brackets:
            return False
    return True


def dumps(value: object) -> bytes:
    """Encode JSON.

    Raises:
        ValueError: It contains NaN or an infinity, which JSON does not have.
        TypeError: It contains a type that JSON does not have and that has no plain form.
    """
    return json.dumps(value, separators=(",", ":"), allow_nan=False, default=plain).encode()


# Decoding.


def is_model(kind: Any) -> bool:
    """Return true for a class of models."""
    return isinstance(kind, ModelType)


def is_plain(kind: Any) -> bool:
    """Return true for a type whose values stay as JSON has them: neither a model nor a datetime is in it."""
    if get_origin(kind) in (Annotated, list, dict, Union, UnionType):
        return all(is_plain(part) for part in get_args(kind))
    return not is_model(kind) and kind is not datetime


def with_origin(*origins: Any) -> Callable[[Any], bool]:
    """Return the predicate of generic types such as ``list[…]``."""

    def has_origin(kind: Any) -> bool:
        return get_origin(kind) in origins

    return has_origin


def keep(value: Any, _: Any = None) -> Any:
    """Return *value* as it is."""
    return value


@converter.register_structure_hook
def _structure_datetime(value: Any, _: Any = None) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return cast("datetime", value)


@converter.register_structure_hook_factory(with_origin(Annotated))
def _annotated_hook(kind: Any) -> Hook:
    return hook_of(get_args(kind)[0])


@converter.register_structure_hook_factory(with_origin(list))
def _list_hook(kind: Any) -> Hook:
    item_hook = hook_of(get_args(kind)[0])

    def structure_list(items: Any, _: Any = None) -> Any:
        return [item_hook(item) for item in cast("list[Any]", items)] if type(items) is list else items

    return structure_list


@converter.register_structure_hook_factory(with_origin(dict))
def _dict_hook(kind: Any) -> Hook:
    value_hook = hook_of(get_args(kind)[1])

    def structure_dict(values: Any, _: Any = None) -> Any:
        if type(values) is not dict:
            return values
        return {key: value_hook(value) for key, value in cast("dict[str, Any]", values).items()}

    return structure_dict


@converter.register_structure_hook_factory(with_origin(Union, UnionType))
def _union_hook(kind: Any) -> Hook:
    members = [member for member in get_args(kind) if not is_plain(member)]
    return hook_of(members[0]) if len(members) == 1 else _tagged_union_hook(members)


def _tagged_union_hook(models: list[type]) -> Hook:
    """Return the hook of a union of models that have different literals in one field, the tag.

    Objects with another tag become the model without a literal, or stay as they are if there is none.
    """
    literals = {
        model: {name: get_args(hint) for name, hint in get_type_hints(model).items() if get_origin(hint) is Literal}
        for model in models
    }
    [tag] = {name for names in literals.values() for name in names}
    hooks: dict[str | None, Hook] = {None: keep}  # ``None`` stands for all other tags
    for model in models:
        for value in literals[model].get(tag, (None,)):
            hooks[value] = on_first_use(hooks, value, partial(hook_of, model))

    def structure_union(data: Any, _: Any = None) -> Any:
        value = cast("dict[str, Any]", data).get(tag) if type(data) is dict else None
        return hooks[value if type(value) is str and value in hooks else None](data)

    return structure_union


@cache
def fields_of(cls: Any) -> tuple[Field, ...]:
    """Return the fields of a model."""
    hints = get_type_hints(cls, include_extras=True)
    return tuple(_field(field, hints[field.name]) for field in attrs.fields(cls))


def _field(field: attrs.Attribute[Any], hint: Any) -> Field:
    key = _noted_name(hint, Alias, field.name)
    return Field(
        field.name,
        key,
        default=None if field.default is attrs.NOTHING else field.default,
        kind=None if is_plain(hint) else hint,
        other_key=_noted_name(hint, FormerName, key) if key == field.name else field.name,
    )


@converter.register_structure_hook_factory(is_model)
def _model_hook(cls: Any) -> Hook:
    return ModelHook(cls, fields_of(cls), hook_of).hook


@converter.register_structure_hook_factory(is_plain)  # registered last, so cattrs tries it first
def _plain_hook(_: Any) -> Hook:
    return keep


for _kind in (str, bytes, int, float, bool, NoneType):  # cattrs has hooks for these, which it prefers to factories
    converter.register_structure_hook(_kind, keep)


def _noted_name(hint: Any, kind: type[Alias | FormerName], default: str) -> str:
    """Return the name in a field's note of this kind, or *default* if it has none."""
    notes = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    return next((note.name for note in notes if isinstance(note, kind)), default)


# Encoding.

ALIASES: Final = {
    "base_64_string": "base64_string",
    "float_": "float",
    "in_": "in",
    "prompt_v_2": "prompt_v2",
    "schema_": "schema",
}
"""Names in JSON by Python's names, for requests that are given as plain dicts."""
FREE_FORM: Final = frozenset({
    "enriched_metadata", "item_metadata", "json_schema", "metadata", "properties", "schema", "schema_", "user",
    "user_metadata",
})  # fmt: skip
"""Fields whose dicts belong to the user: no key in them is an alias."""


@converter.register_unstructure_hook_factory(is_model)
def _model_unstructure_hook(cls: Any) -> Hook:
    fields = fields_of(cls)

    def unstructure_model(made: Any) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for name, key, default, *_ in fields:
            value = getattr(made, name)
            if value is not OMIT and (default is OMIT or value is not None):
                data[key] = _unstructure_field(key, value)
        return {**data, **made.extra}

    return unstructure_model


def _unstructure_dict(value: dict[str, Any]) -> dict[str, Any]:
    return {ALIASES.get(key, key): _unstructure_field(key, item) for key, item in value.items() if item is not OMIT}


converter.register_unstructure_hook(dict, _unstructure_dict)


def _unstructure_field(name: str, value: Any) -> Any:
    if name in FREE_FORM and isinstance(value, Mapping):
        return cast("Any", value)
    return converter.unstructure(value)


converter.register_unstructure_hook(datetime, rfc3339)
