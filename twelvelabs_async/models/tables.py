"""Answers that make a table, for what reads tables."""

import json
from collections.abc import Iterable
from html import escape
from importlib import import_module
from types import UnionType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Union, cast, get_args, get_origin, get_type_hints

import attrs

from ._base import Model

if TYPE_CHECKING:
    import numpy
    import numpy.typing

DATA: Final = "'twelvelabs_async[data]'"
ROWS_SHOWN: Final = 20
CHARACTERS_SHOWN: Final = 120


class Table:
    """An answer that makes a table, whose columns are named like the API's fields."""

    __slots__ = ()

    _row: ClassVar[type[Model]]
    """The model whose fields are the columns."""

    def _items(self) -> Iterable[Model]:
        """The rows: models that have all those fields or some of them."""
        raise NotImplementedError

    def to_dicts(self) -> list[dict[str, Any]]:
        """Make a dict of each row, which has every column; what the API left out is ``None``."""
        names = [field.name for field in attrs.fields(self._row)]
        return [{_column(name): getattr(item, name, None) for name in names} for item in self._items()]

    def to_arrow(self) -> Any:
        """Make a `pyarrow.Table`: vectors are lists of float32, all of one size; mappings are JSON text.

        Raises:
            ImportError: pyarrow is not installed.
        """
        pyarrow = installed("pyarrow", DATA)
        rows = self.to_dicts()
        columns = _columns(self._row).items()
        return pyarrow.table({name: _arrow(pyarrow, kinds, [row[name] for row in rows]) for name, kinds in columns})

    def to_pandas(self) -> Any:
        """Make a `pandas.DataFrame`.

        Raises:
            ImportError: pandas is not installed.
        """
        return installed("pandas", "pandas").DataFrame(self.to_dicts(), columns=list(_columns(self._row)))

    def _repr_html_(self) -> str:
        rows = self.to_dicts()
        head = "".join(f"<th>{escape(name)}</th>" for name in _columns(self._row))
        body = "".join(f"<tr>{''.join(map(_cell, row.values()))}</tr>" for row in rows[:ROWS_SHOWN])
        more = f"<p>{len(rows) - ROWS_SHOWN} more rows</p>" if len(rows) > ROWS_SHOWN else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


class Embeddings(Table):
    """An answer whose rows are embeddings."""

    __slots__ = ()

    def to_numpy(self) -> "numpy.typing.NDArray[numpy.float32]":
        """Make a float32 matrix, each row an embedding.

        Raises:
            ImportError: numpy is not installed.
        """
        np = installed("numpy", DATA)
        vector = next(name for name, kinds in _columns(self._row).items() if list[float] in kinds)
        vectors = [row[vector] for row in self.to_dicts()]
        matrix: numpy.typing.NDArray[numpy.float32] = np.array(vectors or np.empty((0, 0)), dtype=np.float32)
        return matrix


def segments_of(*parts: Any) -> list[Any]:
    """The segments of those parts of an answer that are there."""
    return [segment for part in parts if part is not None for segment in part.segments or ()]


def _column(name: str) -> str:
    return name.rstrip("_")  # `float_` is `float` to the API


def _columns(row: type[Model]) -> dict[str, tuple[Any, ...]]:
    """The columns, and the types of what is in them."""
    hints = get_type_hints(row)
    return {
        _column(field.name): get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
        for field in attrs.fields(row)
        for hint in [hints[field.name]]
    }


def installed(package: str, source: str) -> Any:
    try:
        return import_module(package)
    except ImportError as error:
        raise ImportError(f"This needs {package}: pip install {source}", name=package) from error


def _arrow(pyarrow: Any, kinds: tuple[Any, ...], values: list[Any]) -> Any:
    """The column of *values* in arrow, of a type that does not depend on them."""
    if list[float] in kinds:
        sizes = {len(vector) for vector in values if vector is not None}
        return pyarrow.array(values, pyarrow.list_(pyarrow.float32(), sizes.pop() if len(sizes) == 1 else -1))
    for kind, type_ in ((float, pyarrow.float64()), (int, pyarrow.int64()), (str, pyarrow.string())):
        if kind in kinds:
            return pyarrow.array(values, type_)
    return pyarrow.array([None if value is None else json.dumps(value) for value in values], pyarrow.string())


def _cell(value: object) -> str:
    if isinstance(value, list):
        value = f"{len(cast('list[Any]', value))} numbers"
    text = "" if value is None else f"{value}"
    return f"<td>{escape(text if len(text) <= CHARACTERS_SHOWN else text[: CHARACTERS_SHOWN - 3] + '...')}</td>"
