"""JSON to models and back: one cattrs converter, whose hooks are generated per class on first use.

Stock cattrs hooks dispatch once per field; the ones generated here are plain constructor calls, several times faster.
Whatever is missing becomes ``None`` and whatever has an unexpected type is handed on as it came: no answer fails to
decode because the API changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import attrs
from cattrs import Converter

from ..options import OMIT
from ._base import Model, ModelType, Wire

__all__ = ["structure", "unstructure"]

T = TypeVar("T")
Build = Callable[..., Any]

UNKNOWN: Final = ""

converter: Final = Converter(detailed_validation=False)

_fast_loads: Callable[[bytes], Any] = json.loads
_FastError: type[Exception] = ValueError
with suppress(ImportError):
    import msgspec

    _fast_loads, _FastError = msgspec.json.decode, msgspec.MsgspecError


def loads(body: bytes) -> Any:
    """Decode JSON, with msgspec if it is installed.

    Raises:
        ValueError: It is not JSON.
        RecursionError: It is nested too deeply.
    """
    try:
        return _fast_loads(body)
    except (_FastError, UnicodeDecodeError):
        return json.loads(body)  # accepts a little more: NaN, half a surrogate pair


def dumps(value: object) -> bytes:
    """Encode JSON.

    Raises:
        ValueError: It holds NaN or an infinity, which JSON does not know.
        TypeError: It holds something that is not JSON.
    """
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()


def structure(data: Any, cls: type[T]) -> T:
    """Make a model of decoded JSON.

    Example:
        >>> structure({"_id": "665f", "status": "ready"}, IndexedAsset)
        IndexedAsset(id='665f', status='ready')
    """
    built: T = builder(cast("Any", cls))(data)  # cast: mypy takes no class for hashable
    return built


def unstructure(value: Any) -> Any:
    """Turn models, alone or inside dicts and lists, into what the API sends and takes.

    Fields set to `OMIT` are left out, as are fields of an answer that are ``None``.

    Example:
        >>> unstructure(Range(gte=30))
        {'gte': 30}
    """
    return converter.unstructure(value)


def _as_is(value: Any, _: Any = None) -> Any:
    return value


def _moment(value: Any, _: Any = None) -> Any:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value


def _members(kind: Any) -> tuple[Any, ...]:
    """The types that *kind* is a union of, ``None`` aside; just itself if it is none."""
    if get_origin(kind) is Annotated:
        return _members(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return tuple(member for part in get_args(kind) for member in _members(part) if member is not NoneType)
    return (kind,)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, ModelType)


@cache
def builder(kind: Any) -> Build:
    """The function that makes a *kind* of decoded JSON: models, lists and mappings of them, dates; else as it is."""
    members = _members(kind)
    models = [member for member in members if _is_model(member)]
    if len(models) > 1:
        return _union_builder(models)
    if models:
        return converter.get_structure_hook(models[0])
    if datetime in members:
        return _moment
    if not _is_built(kind):
        return _as_is
    [container] = members
    build = builder(get_args(container)[-1])
    return _list_builder(build) if get_origin(container) is list else _mapping_builder(build)


def _is_built(kind: Any) -> bool:
    """Whether there is something in a *kind* that is not left as it is."""
    members = _members(kind)
    if any(_is_model(member) or member is datetime for member in members):
        return True
    return len(members) == 1 and get_origin(members[0]) in (list, dict) and _is_built(get_args(members[0])[-1])


def _list_builder(build_item: Build) -> Build:
    def build(items: list[Any], _: Any = None) -> Any:
        return [build_item(item) for item in items] if type(items) is list else items

    return build


def _mapping_builder(build_item: Build) -> Build:
    def build(items: dict[str, Any], _: Any = None) -> Any:
        return {key: build_item(item) for key, item in items.items()} if type(items) is dict else items

    return build


def _union_builder(models: list[type]) -> Build:
    """The builder for one of *models*, told by the field that has another `Literal` in each."""
    tags = {
        model: {name: get_args(kind) for name, kind in get_type_hints(model).items() if get_origin(kind) is Literal}
        for model in models
    }
    [tag] = {name for literals in tags.values() for name in literals}
    table: dict[str, Build] = {UNKNOWN: _as_is}
    for model in models:
        for value in tags[model].get(tag, (UNKNOWN,)):
            table[value] = _on_first_use(table, value, model)

    def build(data: dict[str, Any], _: Any = None) -> Any:
        if type(data) is not dict:
            return data
        value = data.get(tag)
        return table[value if type(value) is str and value in table else UNKNOWN](data)

    return build


@converter.register_structure_hook_factory(_is_model)
def _model_builder(cls: type[Any]) -> Build:
    """Write and compile the builder of *cls*, which fills its slots one by one: faster than calling it."""
    hints = get_type_hints(cls, include_extras=True)
    fields = attrs.fields(cls)
    scope: dict[str, Any] = {
        "new": object.__new__,
        "cls": cls,
        "known": frozenset(_wire_name(hints[field.name], field.name) for field in fields),
    }
    lines: list[str] = []
    for i, field in enumerate(fields):
        value = f"get({_wire_name(hints[field.name], field.name)!r}"
        if field.default not in (None, attrs.NOTHING):
            scope[f"default{i}"] = field.default
            value += f", default{i}"
        value += ")"
        if _is_built(hints[field.name]):
            scope[f"build{i}"] = _on_first_use(scope, f"build{i}", hints[field.name])
            value = f"build{i}({value})"
        lines.append(f"    made.{field.name} = {value}")
    source = f"""
def build(data, _=None):
    if type(data) is not dict:
        return data
    get = data.get
    made = new(cls)
{chr(10).join(lines)}
    if not data.keys() <= known:
        made._extra = {{key: value for key, value in data.items() if key not in known}}
    return made
"""
    exec(compile(source, f"<builder of {cls.__name__}>", "exec"), scope)  # noqa: S102  (our own source, as attrs does)
    return scope["build"]  # type: ignore[no-any-return]


def _on_first_use(table: dict[str, Any], key: str, kind: Any) -> Build:
    """The builder of *kind*, made when there is something to build; it then takes its own place in *table*."""

    def build(value: Any) -> Any:
        if value is None:
            return None
        table[key] = builder(kind)
        return table[key](value)

    return build


def _wire_name(hint: Any, name: str) -> str:
    if get_origin(hint) is Annotated:
        return next((note.name for note in get_args(hint)[1:] if isinstance(note, Wire)), name)
    return name


@converter.register_unstructure_hook_factory(_is_model)
def _model_unbuilder(cls: type[Any]) -> Build:
    hints = get_type_hints(cls, include_extras=True)
    fields = [
        (field.name, _wire_name(hints[field.name], field.name), field.default is OMIT) for field in attrs.fields(cls)
    ]

    def unbuild(made: Model) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for name, key, nullable in fields:
            value = getattr(made, name)
            if value is not OMIT and (nullable or value is not None):
                data[key] = _part(key, value)
        return {**data, **made.extra}

    return unbuild


# The official Python names of fields whose wire name is no Python name, for requests given as plain dicts.
_WIRE_NAMES: Final = {
    "base_64_string": "base64_string",
    "float_": "float",
    "in_": "in",
    "prompt_v_2": "prompt_v2",
    "schema_": "schema",
}
# Below these, names are the user's own.
_FREE_FORM: Final = frozenset({"user_metadata", "metadata", "user", "json_schema", "properties", "schema", "schema_"})


def _part(name: str, value: Any) -> Any:
    if name in _FREE_FORM and isinstance(value, Mapping):
        return cast("Any", value)
    return converter.unstructure(value)


def _mapping(value: dict[str, Any]) -> dict[str, Any]:
    return {_WIRE_NAMES.get(key, key): _part(key, item) for key, item in value.items() if item is not OMIT}


converter.register_unstructure_hook(dict, _mapping)


@converter.register_unstructure_hook
def _text(value: datetime) -> str:
    """RFC 3339; a time without a zone is local time."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
