"""Columns of tables: the fields of a class, with the types of their values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeAlias, Union, cast, get_args, get_origin

from attrs import frozen

from .._class_fields import class_fields, has_fields
from ..options import OMIT
from ._dump import dump
from ._wire import is_model, unstructure

Kind: TypeAlias = "type | Vector | ListOf | Struct"
"""Type of the values of a column. `object` stands for values of any shape, which become JSON."""


@frozen
class Vector:
    """Lists of float32, all of one size in most tables."""


@frozen
class ListOf:
    """Lists of values of one kind."""

    item: Kind


@frozen
class Struct:
    """Instances of a class, or of several, such as the models of a union."""

    classes: tuple[type, ...]
    fields: tuple[StructField, ...]


@frozen
class StructField:
    """A field of a class: its name in tables and in Python, and its kind."""

    name: str
    attribute: str
    kind: Kind


@frozen
class Column:
    """A column of a table.

    Attributes:
        name: Name of the column.
        kind: Type of the values.
        read: Returns the value of an item, or ``None``.
    """

    name: str
    kind: Kind
    read: Callable[[Any], Any]

    def plain(self, item: object) -> Any:
        """Return the value of an item as plain data, whatever its type is."""
        return _plain(self.kind, self.read(item))

    def cell(self, item: object) -> Any:
        """Return the value of an item, of the kind of this column.

        Raises:
            TypeError: The value has another type.
        """
        try:
            return _cell(self.kind, self.plain(item))
        except (TypeError, OverflowError) as error:
            raise TypeError(f"{self.name}: {error}") from None


Columns: TypeAlias = Sequence[Column]


@cache
def columns_of(cls: Any) -> tuple[Column, ...]:
    """Return the columns of an attrs class, a dataclass, a model, or a union of these. They depend on the class alone.

    A field that is an instance of another class becomes a column for each of its fields: `system_metadata.duration` is
    the column ``system_metadata_duration``. Lists of instances stay lists. Values without one type, such as those of a
    dict, have the kind `object`.

    Raises:
        TypeError: *cls* is no such class, two of its fields get the same name, or the type of a field is not defined in
            its module.
    """
    struct = _kind_of(cls, ())
    if not isinstance(struct, Struct):
        raise TypeError(f"Expected models, outcomes, or instances of an attrs class or a dataclass; got {cls!r}.")
    columns = [*_flattened(struct, "", ())]
    names = [column.name for column in columns]
    if doubled := {name for name in names if names.count(name) > 1}:
        raise TypeError(f"{cls.__name__} has two fields for the column {min(doubled)!r}. Rename one of them.")
    return tuple(columns)


Path: TypeAlias = tuple[tuple[tuple[type, ...], str], ...]


def _flattened(struct: Struct, prefix: str, path: Path) -> Iterator[Column]:
    for field in struct.fields:
        field_path = (*path, (struct.classes if path else (object,), field.attribute))  # rows may be of a base class
        if isinstance(field.kind, Struct):
            yield from _flattened(field.kind, f"{prefix}{field.name}_", field_path)
        else:
            yield Column(f"{prefix}{field.name}", field.kind, partial(_read, field_path))


def _read(path: Path, item: Any) -> Any:
    for classes, attribute in path:
        item = getattr(item, attribute, None) if isinstance(item, classes) else None
    return item


# Kinds.

SCALARS: Final[Mapping[Any, str]] = {
    bool: "true or false", int: "a whole number", float: "a number", str: "text", datetime: "a time",
}  # fmt: skip


def _struct_of(cls: type, outer: tuple[type, ...]) -> Struct:
    return Struct(
        (cls,),
        tuple(
            StructField(field.name.rstrip("_"), field.name, _kind_of(field.kind, (*outer, cls)))  # `float_` is `float`
            for field in class_fields(cls)
        ),
    )


def _kind_of(hint: Any, outer: tuple[type, ...]) -> Kind:
    """Return the kind of a type hint in the classes *outer*, which it may refer to."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _common([_kind_of(member, outer) for member in arguments if member is not NoneType])
    if origin is Literal:
        return _common([_kind_of(type(choice), outer) for choice in arguments if choice is not None])
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _common([_kind_of(type(member.value), outer) for member in hint])
    if origin is list and arguments[0] is float and is_model(outer[-1]):
        return Vector()
    if origin is list and (item := _kind_of(arguments[0], outer)) is not object:
        return ListOf(item)
    if has_fields(hint) and hint not in outer:
        return _struct_of(cast("type", hint), outer)
    return cast("type", hint) if hint in SCALARS else object


def _common(kinds: Sequence[Kind]) -> Kind:
    """Return the kind of a union. That of models has the fields of all of them."""
    if len({*kinds}) == 1:
        return kinds[0]
    if {*kinds} == {int, float}:
        return float
    structs = [kind for kind in kinds if isinstance(kind, Struct)]
    if len(structs) < len(kinds):
        return object
    fields: dict[str, list[StructField]] = {}
    for field in [field for struct in structs for field in struct.fields]:
        fields.setdefault(field.name, []).append(field)
    return Struct(
        tuple(cls for struct in structs for cls in struct.classes),
        tuple(
            StructField(name, found[0].attribute, _common([field.kind for field in found]))
            for name, found in fields.items()
        ),
    )


# Values.

SURROGATES: Final = re.compile("[\ud800-\udfff]")


def text_for_files(text: str, backslash: str = "\\") -> str:
    r"""Return *text* with lone surrogates as escapes such as ``\udcff``. Names of files that are not text have some."""
    if text.isascii():
        return text
    return SURROGATES.sub(lambda found: f"{backslash}u{ord(found[0]):04x}", text)


def json_text(value: object) -> str:
    """Return plain data as JSON."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=partial(dump, as_json=True))
    except ValueError:  # an infinity, or no number
        text = json.dumps(dump(value, as_json=True), ensure_ascii=False)
    return text_for_files(text, backslash="\\\\")


def _plain(kind: Kind, value: Any) -> Any:
    """Return a value as plain data, whatever its type is."""
    if value is None or value is OMIT:
        return None
    if kind is object:
        is_of_user = has_fields(type(value)) and not is_model(type(value))
        return dump(unstructure(value) if is_of_user else value, as_json=True, by_alias=True)
    if isinstance(kind, ListOf) and isinstance(value, list):
        return [_plain(kind.item, item) for item in cast("list[Any]", value)]
    if isinstance(kind, Struct) and isinstance(value, kind.classes):
        return {field.name: _plain(field.kind, getattr(value, field.attribute, None)) for field in kind.fields}
    return value.value if isinstance(value, Enum) else value


def _cell(kind: Kind, value: Any) -> Any:
    """Return plain data in the form that Arrow, pandas and CSV need.

    Raises:
        TypeError: *value* is not of this kind.
    """
    if value is None or isinstance(kind, Vector):
        return value
    if kind is object:
        return json_text(value)
    if isinstance(kind, ListOf) and isinstance(value, list):
        return [_cell(kind.item, item) for item in cast("list[Any]", value)]
    if isinstance(kind, Struct) and isinstance(value, Mapping):
        values = cast("Mapping[str, Any]", value)
        return {field.name: _cell(field.kind, values.get(field.name)) for field in kind.fields}
    if kind is str and isinstance(value, str):
        return text_for_files(value)
    if kind is datetime and isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if kind is float and type(value) is int:
        return float(value)
    if kind is int and type(value) is float and value.is_integer():
        return int(value)
    if kind not in SCALARS or type(value) is not kind:
        raise TypeError(f"expected {_name(kind)}; got {value!r:.100}")
    return value


def _name(kind: Kind) -> str:
    return "a list" if isinstance(kind, ListOf) else SCALARS.get(kind, "an object")
