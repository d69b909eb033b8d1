"""The root of all models: storage, equality, dicts and JSON."""

import copy
import inspect
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, Self, Unpack, cast, dataclass_transform

import attrs

from .._api_key import redact_signatures
from .._removed import missing_attribute
from ..options import OMIT
from ._dump import DumpOptions, dump
from ._lazy import ModelType
from ._wire import fields_of, loads, structure

UNSET: Final[Mapping[str, Any]] = {"_extra": MappingProxyType({}), "_given": None}
"""Values of slots that most models leave empty."""


class ClassProperty:
    """A property of classes."""

    def __init__(self, get: Callable[[Any], Any]) -> None:
        self._get = get

    def __get__(self, instance: object, cls: type) -> Any:
        return self._get(cls)


@dataclass_transform(field_specifiers=(attrs.field,))
class Record(metaclass=ModelType):
    """A slotted class with fields, and unknown fields in `extra`."""

    __slots__ = ("__weakref__", "_extra", "_given")

    __attrs_attrs__: ClassVar[Any]  # makes models attrs classes for type checkers
    __match_args__: ClassVar[tuple[str, ...]]
    _extra: dict[str, Any]
    _given: Collection[str] | None
    """Names of the fields that were given, in Python or in JSON. Absent if all were."""

    if not TYPE_CHECKING:  # type checkers know the fields, and would accept any name

        def __init__(self, *args: Any, **values: Any) -> None:
            values, extra = _split(type(self), values)
            self.__attrs_init__(*args, **values)
            self._given = (*type(self).__match_args__[: len(args)], *values)
            if extra:
                self._extra = extra

        def __getattr__(self, name: str) -> Any:
            if name in UNSET:
                return UNSET[name]
            if name in self._extra and not name.startswith("_"):
                return self._extra[name]
            raise missing_attribute(self, name)

        @ClassProperty
        def __signature__(cls) -> inspect.Signature:  # of the constructor, for editors and `help`
            if cls.__init__ is not Record.__init__:
                raise AttributeError
            signature = inspect.signature(cls.__attrs_init__)
            return signature.replace(parameters=[*signature.parameters.values()][1:])

        @property
        def __dict__(self) -> dict[str, Any]:  # read by `vars`
            values = self._values()
            return values | {name: value for name, value in self.extra.items() if name not in values}

    @property
    def extra(self) -> Mapping[str, Any]:
        """Fields of the response that this version does not know, by their names in JSON.

        They are also attributes, unless a method or field has their name.
        """
        return {**self._extra}

    @property
    def fields_set(self) -> set[str]:
        """Names of the fields that the response had or the caller gave, including unknown ones."""
        values, given = self._values(), self._given
        return {
            name
            for name, key, *_ in fields_of(type(self))
            if given is None or values.get(name) is not None or name in given or key in given
        }.union(self._extra)

    def to_dict(
        self, *, mode: Literal["python", "json"] | str = "python", **options: Unpack[DumpOptions]
    ) -> dict[str, Any]:
        """Return the fields as a dict, including unknown ones. Models inside of it become dicts.

        Args:
            mode: ``json`` converts values that JSON does not have: datetimes become RFC 3339, infinities ``None``.
            **options: Names of keys and fields to leave out, see `DumpOptions`.

        Example:
            >>> structure({"_id": "665f", "status": "ready", "new": 1}, IndexedAsset).to_dict(exclude_unset=True)
            {'id': '665f', 'status': 'ready', 'new': 1}
        """
        return cast("dict[str, Any]", dump(self, as_json=mode == "json", **options))

    def to_json(self, *, indent: int | None = None, **options: Unpack[DumpOptions]) -> str:
        """Return the fields as JSON, with the options of `to_dict`.

        Args:
            indent: Spaces of indentation for each level. Default: all in one line.
            **options: Names of keys and fields to leave out, see `DumpOptions`.
        """
        separators = (",", ":") if indent is None else None
        return json.dumps(
            self.to_dict(mode="json", **options), indent=indent, separators=separators, ensure_ascii=False
        )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Make a model from the result of `to_dict`, or from decoded JSON.

        As in decoding, missing fields get their defaults, and values of unexpected types stay as they are.

        Raises:
            ValueError: *data* is not a mapping.
        """
        if not isinstance(cast("Any", data), Mapping):
            raise ValueError(f"Expected a mapping with the fields of {cls.__name__}; got {_short(data)}.")
        return structure({**data}, cls)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Make a model from the result of `to_json`, or from JSON of the API.

        Raises:
            ValueError: *text* is not JSON, or not an object.
            RecursionError: It has more than 100 levels.
        """
        return cls.from_dict(loads(text.encode(errors="surrogatepass") if isinstance(text, str) else text))

    def copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False, **changes: Any) -> Self:
        """Return a copy with some fields changed.

        Args:
            update: More changes, also of unknown fields.
            deep: Whether to copy lists, dicts and models inside of it. Default: no.
            **changes: New values by the names of fields.

        Raises:
            TypeError: A keyword is no field of the model.

        Example:
            >>> SearchItem(video_id="v", start=1.0).copy(start=2.0)
            SearchItem(start=2.0, video_id='v')
        """
        if unknown := _split(type(self), changes)[1].keys() - self.extra.keys():
            raise TypeError(
                f"Expected fields of {type(self).__name__}; got {min(unknown)!r}. Pass new ones as `update`."
            )
        if deep:
            return copy.deepcopy(self).copy(update=update, **changes)
        values, extra = _split(type(self), {**(update or {}), **changes})
        given = None if self._given is None else {*self._given, *values}
        changed = object.__new__(type(self))
        changed.__setstate__((self._values() | values, {**self._extra, **extra}, given))
        return changed

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Yield the names and values of all fields, as ``dict(model)`` needs them."""
        return iter(vars(self).items())

    def _values(self) -> dict[str, Any]:
        names = type(self).__match_args__
        return {name: value for name in names if (value := getattr(self, name)) is not OMIT}

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values() and self.extra == other.extra

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # mutable

    def __repr__(self) -> str:
        values = {field.name: getattr(self, field.name) for field in attrs.fields(type(self)) if field.repr}
        shown = [f"{name}={_short(value)}" for name, value in values.items() if value is not None]
        return f"{type(self).__name__}({', '.join(shown)})"

    def __getstate__(self) -> tuple[dict[str, Any], Mapping[str, Any], Collection[str] | None]:
        return self._values(), self.extra, self._given

    def __setstate__(self, state: tuple[dict[str, Any], Mapping[str, Any], Collection[str] | None]) -> None:
        values, extra, given = state
        for field in attrs.fields(type(self)):
            setattr(self, field.name, values.get(field.name, None if field.default is attrs.NOTHING else field.default))
        self._given = given
        if extra:
            self._extra = {**extra}


def _split(cls: type[Record], values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return known fields by their names in Python, and unknown fields. Names in JSON are also known."""
    known = {*cls.__match_args__}
    if values.keys() <= known:
        return values, {}
    names = {field.key: field.name for field in fields_of(cls)}
    values = {names.get(name, name): value for name, value in values.items()}
    return (
        {name: value for name, value in values.items() if name in known},
        {name: value for name, value in values.items() if name not in known},
    )


def _short(value: object) -> str:
    if isinstance(value, list) and (size := len(cast("list[Any]", value))) > 3:
        return f"<{size} items>"
    try:
        text = redact_signatures(f"{value!r}")
    except RecursionError:
        text = "<nested too deeply>"
    return text if len(text) <= 120 else text[:117] + "..."
