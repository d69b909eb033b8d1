"""Tables: responses as rows for pandas, Arrow, numpy and notebooks."""

import json
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from html import escape
from types import UnionType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Union, cast, get_args, get_origin, get_type_hints

import attrs

from .._extras import require
from ..errors import APIResponseError
from ._base import Model, models_of

if TYPE_CHECKING:
    import numpy
    import numpy.typing

__all__ = ["EmbeddingTable", "Table"]

DATA_EXTRA: Final = "twelvelabs_async[data]"
MAX_ROWS_SHOWN: Final = 20
MAX_CHARACTERS_SHOWN: Final = 120


class Table:
    """A response that converts to a table. The columns have the names of the API's fields."""

    __slots__ = ()

    _row: ClassVar[type[Model]]
    """Model whose fields are the columns."""

    def _items(self) -> Iterable[Model]:
        """Return the rows: models that have some or all fields of `_row`."""
        raise NotImplementedError

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a dict with all columns for each row. Missing values are ``None``."""
        names = [field.name for field in attrs.fields(self._row)]
        return [{_column(name): getattr(item, name, None) for name in names} for item in self._items()]

    def to_arrow(self) -> Any:
        """Return a `pyarrow.Table`.

        Vectors are lists of float32, of a fixed size if all have the same. Mappings are JSON.

        Raises:
            ImportError: pyarrow is not installed.
            APIResponseError: A value in the response does not have the type of its column.
        """
        pyarrow = require("pyarrow", DATA_EXTRA)
        rows = self.to_dicts()
        columns = _columns(self._row).items()
        with _conversion():
            return pyarrow.table(
                {name: _arrow_array(pyarrow, kinds, [row[name] for row in rows]) for name, kinds in columns}
            )

    def to_pandas(self) -> Any:
        """Return a `pandas.DataFrame`.

        Raises:
            ImportError: pandas is not installed.
            APIResponseError: A value in the response does not fit into a table.
        """
        pandas = require("pandas", "pandas")
        with _conversion():
            return pandas.DataFrame(self.to_dicts(), columns=list(_columns(self._row)))

    def _repr_html_(self) -> str:
        rows = self.to_dicts()
        head = "".join(f"<th>{escape(name)}</th>" for name in _columns(self._row))
        body = "".join(f"<tr>{''.join(map(_cell, row.values()))}</tr>" for row in rows[:MAX_ROWS_SHOWN])
        more = f"<p>{len(rows) - MAX_ROWS_SHOWN} more rows</p>" if len(rows) > MAX_ROWS_SHOWN else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


class EmbeddingTable(Table):
    """A table with one embedding in each row."""

    __slots__ = ()

    def to_numpy(self) -> "numpy.typing.NDArray[numpy.float32]":
        """Return a float32 matrix with one embedding in each row.

        Raises:
            ImportError: numpy is not installed.
            APIResponseError: The embeddings are not vectors of one length.
        """
        np = require("numpy", DATA_EXTRA)
        vector = next(name for name, kinds in _columns(self._row).items() if list[float] in kinds)
        vectors = [row[vector] for row in self.to_dicts()]
        with _conversion():
            matrix: numpy.typing.NDArray[numpy.float32] = np.array(vectors or np.empty((0, 0)), dtype=np.float32)
            return matrix


@contextmanager
def _conversion() -> Generator[None, None, None]:
    """Raise `APIResponseError` for what a package that makes tables raises: each has exceptions of its own."""
    try:
        yield
    except Exception as error:
        raise APIResponseError(
            f"The response does not fit a table: {error}. to_dicts() returns its values as they are."
        ) from error


def segments_of(*embeddings: Any) -> list[Any]:
    """Return the segments of the *embeddings* that are not ``None``."""
    return [segment for embedding in embeddings for segment in models_of(getattr(embedding, "segments", None))]


def _column(field_name: str) -> str:
    return field_name.rstrip("_")  # `float_` is `float` in the API


def _columns(row: type[Model]) -> dict[str, tuple[Any, ...]]:
    """Return the names of the columns with the types of their values."""
    hints = get_type_hints(row)
    return {
        _column(field.name): get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
        for field in attrs.fields(row)
        for hint in [hints[field.name]]
    }


def _arrow_array(pyarrow: Any, kinds: tuple[Any, ...], values: list[Any]) -> Any:
    """Return a column whose Arrow type depends on *kinds* alone, so that all pages have the same schema."""
    if list[float] in kinds:
        sizes = {len(vector) for vector in values if vector is not None}
        return pyarrow.array(values, pyarrow.list_(pyarrow.float32(), sizes.pop() if len(sizes) == 1 else -1))
    for kind, arrow_type in ((float, pyarrow.float64()), (int, pyarrow.int64()), (str, pyarrow.string())):
        if kind in kinds:
            return pyarrow.array(values, arrow_type)
    return pyarrow.array([None if value is None else json.dumps(value) for value in values], pyarrow.string())


def _cell(value: object) -> str:
    if isinstance(value, list):
        value = f"{len(cast('list[Any]', value))} numbers"
    text = "" if value is None else f"{value}"
    shown = text if len(text) <= MAX_CHARACTERS_SHOWN else text[: MAX_CHARACTERS_SHOWN - 3] + "..."
    return f"<td>{escape(shown)}</td>"
