"""Fields of attrs classes and dataclasses, such as the classes that users pass as ``into=``."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, get_type_hints

import attrs


class Field(NamedTuple):
    """A field of a class. Its *kind* is the type, with all names in it resolved."""

    name: str
    kind: Any
    required: bool
    metadata: Mapping[Any, Any]


def has_fields(kind: Any) -> bool:
    """Return true for an attrs class or a dataclass."""
    return isinstance(kind, type) and (attrs.has(kind) or dataclasses.is_dataclass(kind))


def class_fields(cls: Any) -> Iterator[Field]:
    """Yield the fields that the constructor of a class takes.

    Raises:
        TypeError: The type of a field is not defined in the module of the class.
    """
    try:
        kinds = get_type_hints(cls)
    except NameError as error:
        raise TypeError(f"{cls.__name__}: {error} in the module. Define the class outside of functions.") from None
    if attrs.has(cls):
        for field in attrs.fields(cls):
            if field.init:
                yield Field(field.name, kinds[field.name], field.default is attrs.NOTHING, field.metadata)
    else:
        for field in dataclasses.fields(cls):
            if field.init:
                required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
                yield Field(field.name, kinds[field.name], required, field.metadata)
