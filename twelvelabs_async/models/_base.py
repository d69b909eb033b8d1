"""What all models share: slots, equality, a short repr, and the wire name of a field."""

import sys
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeAlias, cast, dataclass_transform, get_origin

import attrs

__all__ = ["HlsObject", "Model", "PageInfo", "UserMetadata"]


class ModelType(type):
    """Makes models slotted; attrs completes each when it is first used, since most programs use few of them."""

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> "ModelType":
        if not bases:
            return super().__new__(mcls, name, bases, namespace)
        fields = {
            name: namespace.pop(name, attrs.NOTHING)
            for name, kind in _annotations(namespace).items()
            if get_origin(kind) is not ClassVar
        }
        inherited: tuple[str, ...] = getattr(bases[0], "__match_args__", ())
        made = {
            "__slots__": tuple(name for name in fields if name not in inherited),
            "__match_args__": (*(name for name in inherited if name not in fields), *fields),
            "__attrs_attrs__": _Later(fields),
            "__init__": _Later(fields),
        }
        return super().__new__(mcls, name, bases, {**made, **namespace})


class _Later:
    """What attrs puts in its place in a model as soon as it is asked for. Threads that ask at once do the same."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields = fields

    def __set_name__(self, model: ModelType, name: str) -> None:
        self._model, self._name = model, name

    def __get__(self, made: object, cls: type) -> Any:
        these = {name: _field(default) for name, default in self._fields.items()}
        init = isinstance(vars(self._model)["__init__"], _Later)  # and not written by hand
        attrs.define(self._model, these=these, slots=False, init=init, eq=False, repr=False, getstate_setstate=False)
        found = vars(self._model)[self._name]
        return found.__get__(made, cls) if hasattr(found, "__get__") else found


def _annotations(namespace: dict[str, Any]) -> Any:
    if sys.version_info >= (3, 14):
        from annotationlib import Format, call_annotate_function, get_annotate_from_class_namespace

        annotate = get_annotate_from_class_namespace(namespace)
        return call_annotate_function(annotate, Format.FORWARDREF) if annotate else {}
    return namespace.get("__annotations__", {})


def _field(default: Any) -> Any:
    return default if isinstance(default, type(attrs.field())) else attrs.field(default=default)


@dataclass_transform(field_specifiers=(attrs.field,))
class Model(metaclass=ModelType):
    """The base of all models.

    Fields that this version does not know yet are kept in `extra`.
    """

    __slots__ = ("__weakref__", "_extra")

    __attrs_attrs__: ClassVar[Any]  # makes models attrs classes for type checkers
    _extra: dict[str, Any]

    @property
    def extra(self) -> Mapping[str, Any]:
        """What the API sent beyond the fields known here, by wire name."""
        return getattr(self, "_extra", {})

    def _values(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in attrs.fields(type(self))}

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values() and self.extra == other.extra

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # mutable

    def __repr__(self) -> str:
        values = {field.name: getattr(self, field.name) for field in attrs.fields(type(self)) if field.repr}
        shown = [f"{name}={_short(value)}" for name, value in values.items() if value is not None]
        return f"{type(self).__name__}({', '.join(shown)})"

    def __getstate__(self) -> tuple[dict[str, Any], Mapping[str, Any]]:
        return self._values(), self.extra

    def __setstate__(self, state: tuple[dict[str, Any], dict[str, Any]]) -> None:
        values, extra = state
        for field in attrs.fields(type(self)):
            setattr(self, field.name, values.get(field.name))
        if extra:
            self._extra = extra


def _short(value: object) -> str:
    if isinstance(value, list) and (size := len(cast("list[Any]", value))) > 3:
        return f"<{size} items>"
    text = f"{value!r}"
    return text if len(text) <= 120 else text[:117] + "..."


@attrs.frozen
class Wire:
    """The name a field has in JSON, where Python's differs."""

    name: str


Id: TypeAlias = Annotated[str, Wire("_id")]

UserMetadata: TypeAlias = dict[str, str | int | float | bool | list[str] | None]
"""Your own data about something: strings, numbers, booleans, and lists of strings.

Send integers beyond ±(2**53 - 1) as strings. In an update, ``None`` deletes a key."""


class PageInfo(Model):
    """Where a page stands among all pages, which count from 1; *total_page* is how many there are."""

    limit_per_page: int | None = None
    page: int | None = None
    total_page: int | None = None
    total_results: int | None = None


class HlsObject(Model):
    """The stream of a video that was stored for streaming: an HLS playlist at *video_url*, and pictures.

    Its *status* is ``PROCESSING``, ``COMPLETE``, ``CANCELED`` or ``ERROR``, since *updated_at*, RFC 3339.
    """

    video_url: str | None = None
    thumbnail_urls: list[str] | None = None
    status: str | None = None
    updated_at: str | None = None
