"""The names that pydantic has for what models can do, for programs that were written for the official SDK.

Its models are pydantic's. Here each name, of pydantic 2 or 1, stands for the method of `Record` that it calls. New code
needs none of them. A field with one of these names replaces the method in its model: no method here calls another one.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Literal, Self, TypeAlias, Unpack, cast

import attrs

from ._dump import DumpOptions
from ._record import ClassProperty, Record

Values: TypeAlias = dict[str, Any]
Mode: TypeAlias = Literal["python", "json"] | str


class PydanticOptions(DumpOptions, total=False):
    """Options of `Record.to_dict`, and options of pydantic that have no effect here."""

    round_trip: bool
    warnings: bool | Literal["none", "warn", "error"]
    serialize_as_any: bool
    polymorphic_serialization: bool | None
    exclude_computed_fields: bool
    fallback: Any
    context: Any


WITHOUT_EFFECT: Final = PydanticOptions.__annotations__.keys() - DumpOptions.__annotations__.keys()


def _effective(options: PydanticOptions) -> DumpOptions:
    return cast("DumpOptions", {name: value for name, value in options.items() if name not in WITHOUT_EFFECT})


def _serializer_of(cls: Any) -> Any:
    from ._pydantic_schema import serializer_of

    return serializer_of(cls)


class PydanticNames(Record):
    """Methods under the names of pydantic."""

    __slots__ = ()

    # pydantic 2

    model_fields: ClassVar[Mapping[str, Any]] = ClassProperty(attrs.fields_dict)  # type: ignore[assignment]
    """Fields by name, as attrs describes them."""

    @property
    def model_fields_set(self) -> set[str]:
        """A synonym of `fields_set`."""
        return self.fields_set

    @property
    def model_extra(self) -> Values:
        """A synonym of `extra`."""
        return {**self.extra}

    def model_dump(self, *, mode: Mode = "python", **options: Unpack[PydanticOptions]) -> Values:
        """Call `to_dict`."""
        return self.to_dict(mode=mode, **_effective(options))

    def model_dump_json(self, *, indent: int | None = None, **options: Unpack[PydanticOptions]) -> str:
        """Call `to_json`."""
        return self.to_json(indent=indent, **_effective(options))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Call `copy`."""
        return self.copy(update=update, deep=deep)

    @classmethod
    def model_validate(cls, obj: Any, **_: Any) -> Self:
        """Return *obj* if it is such a model, else call `from_dict`."""
        return obj if isinstance(obj, cls) else cls.from_dict(obj)

    @classmethod
    def model_validate_json(cls, json_data: str | bytes, **_: Any) -> Self:
        """Call `from_json`."""
        return cls.from_json(json_data)

    @classmethod
    def model_construct(cls, _fields_set: set[str] | None = None, **values: Any) -> Self:
        """Make a model without requiring any field."""
        return cls.from_dict({}).copy(update=values)

    @classmethod
    def model_json_schema(cls, *args: Any, **options: Any) -> Values:
        """Return the JSON schema that pydantic makes. It has to be installed."""
        from pydantic import TypeAdapter

        return TypeAdapter(cls).json_schema(*args, **options)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from ._pydantic_schema import schema_of

        return schema_of(cls, handler)

    __pydantic_serializer__: ClassVar[Any] = ClassProperty(_serializer_of)

    # pydantic 1

    __fields__ = model_fields
    __fields_set__ = model_fields_set
    schema = model_json_schema

    # These are methods because mypy refuses assigned ones that return `Self`.

    @classmethod
    def construct(cls, _fields_set: set[str] | None = None, **values: Any) -> Self:
        """Make a model without requiring any field."""
        return cls.from_dict({}).copy(update=values)

    @classmethod
    def parse_obj(cls, obj: Any) -> Self:
        """Return *obj* if it is such a model, else call `from_dict`."""
        return obj if isinstance(obj, cls) else cls.from_dict(obj)

    @classmethod
    def parse_raw(cls, b: str | bytes, **_: Any) -> Self:
        """Call `from_json`."""
        return cls.from_json(b)

    def dict(self, **options: Unpack[PydanticOptions]) -> Values:
        """Call `to_dict`. As in the official SDK, names are the API's, and fields that are unset are left out."""
        defaults: DumpOptions = {"by_alias": True, "exclude_unset": True}
        return self.to_dict(**(defaults | _effective(options)))

    def json(self, *, indent: int | None = None, **options: Unpack[PydanticOptions]) -> str:
        """Call `to_json`."""
        return self.to_json(indent=indent, **_effective(options))
