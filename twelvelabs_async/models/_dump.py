"""Models as plain data."""

from collections.abc import Container, Iterator, Mapping
from datetime import datetime
from math import isfinite
from typing import Any, Final, TypeAlias, TypedDict, cast

from ..options import OMIT
from ._plain import plain
from ._wire import fields_of, is_model

Selection: TypeAlias = Container[str] | Mapping[str, Any] | Mapping[int, Any]
"""Names of fields; or, by name, ``True`` or the selection inside of the field. ``__all__`` selects items of lists."""

SCALARS: Final = frozenset({str, int, float, bool, type(None)})


class DumpOptions(TypedDict, total=False):
    """Options of `Model.to_dict` and `Model.to_json`.

    Attributes:
        include: Only these fields.
        exclude: All but these fields.
        by_alias: Names of the API in place of Python's, such as ``_id`` for ``id``. Default: false.
        exclude_unset: Leave out fields that are ``None`` because the response did not have them.
            Fields that the response had as ``null`` stay. Default: false.
        exclude_defaults: Leave out fields that have the value of their default. Default: false.
        exclude_none: Leave out fields that are ``None``. Default: false.
    """

    include: Selection | None
    exclude: Selection | None
    by_alias: bool | None
    exclude_unset: bool
    exclude_defaults: bool
    exclude_none: bool


def dump(
    model: Any, *, as_json: bool, include: Selection | None = None, exclude: Selection | None = None, **flags: Any
) -> Any:
    """Return the fields of *model* as plain data, with the options of `DumpOptions`.

    Raises:
        TypeError: An option is unknown.
    """
    options = DumpOptions.__annotations__.keys()
    if unknown := flags.keys() - options:
        raise TypeError(f"Expected the options {', '.join(options)}; got {min(unknown)!r}.")
    return _Dump(as_json, **flags).plain(model, include, exclude)


class _Dump:
    def __init__(
        self,
        as_json: bool,
        by_alias: bool | None = False,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
    ) -> None:
        self._as_json = as_json
        self._by_alias = by_alias
        self._exclude_unset = exclude_unset
        self._exclude_defaults = exclude_defaults
        self._exclude_none = exclude_none

    def plain(self, value: Any, include: Any = None, exclude: Any = None) -> Any:
        """Return *value* as plain data; *include* and *exclude* are about its content."""
        items: Iterator[tuple[Any, Any, Any]]
        if is_model(type(value)):
            items = self._fields(value)
        elif isinstance(value, dict):
            items = ((name, name, item) for name, item in cast("dict[Any, Any]", value).items())
        elif isinstance(value, list | tuple):
            items = ((index, index, item) for index, item in enumerate(cast("list[Any]", value)))
            if {*map(type, cast("list[Any]", value))} <= SCALARS and include is None is exclude and not self._as_json:
                return [*cast("list[Any]", value)]
        else:
            return self._scalar(value) if self._as_json else value
        dumped = {
            key: self.plain(item, *inner)
            for name, key, item in items
            if (inner := _selected(include, exclude, name)) is not None
        }
        return [*dumped.values()] if isinstance(value, list | tuple) else dumped

    def _fields(self, model: Any) -> Iterator[tuple[str, str, Any]]:
        """Yield names, keys and values of a model's fields."""
        fields_set = model.fields_set if self._exclude_unset else ()
        shown_names: set[str] = set()
        for name, key, default, *_ in fields_of(cast("Any", type(model))):
            value, shown_name = getattr(model, name), key if self._by_alias else name
            shown_names.add(shown_name)
            is_left_out = (
                value is OMIT
                or (self._exclude_none and value is None)
                or (self._exclude_unset and value is None and name not in fields_set)
                or (self._exclude_defaults and value == default)
            )
            if not is_left_out:
                yield name, shown_name, value
        for name, value in model.extra.items():
            if name not in shown_names and not (self._exclude_none and value is None):
                yield name, name, value

    def _scalar(self, value: Any) -> Any:
        if type(value) in SCALARS:
            return value if type(value) is not float or isfinite(value) else None
        if isinstance(value, datetime):
            return value.isoformat().replace("+00:00", "Z")
        return self.plain(plain(value))


def _selected(include: Any, exclude: Any, name: Any) -> tuple[Any, Any] | None:
    """Return what selections say about the content of a field, or ``None`` if they leave the field out."""
    included, excluded = _entry(include, name), _entry(exclude, name)
    if (include is not None and included is None) or excluded is True:
        return None
    return (None if included is True else included), excluded


def _entry(selection: Any, name: Any) -> Any:
    """Return ``True``, the selection inside of *name*, or ``None`` if *name* is not selected."""
    if isinstance(selection, Mapping):
        selected = cast("Any", selection)
        entry = selected.get(name, selected.get("__all__"))
        return True if entry is ... else entry
    return True if selection is not None and (name in selection or "__all__" in selection) else None
