"""Tables in memory: dicts, Arrow, pandas, polars, numpy and HTML."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from attrs import frozen

from .._extras import require
from ..errors import APIResponseError
from ._columns import Columns, Kind, ListOf, Struct, Vector

REQUIREMENTS: Final = {
    "numpy": "twelvelabs_async[data]",
    "pyarrow": "twelvelabs_async[data]",
    "pyarrow.parquet": "twelvelabs_async[data]",
    "pandas": "pandas",
    "polars": "polars",
}
"""Requirement that installs each package."""


def load(*packages: str) -> list[Any]:
    """Import packages.

    Raises:
        ImportError: One of them is not installed.
    """
    return [require(package, REQUIREMENTS[package]) for package in packages]


@contextmanager
def conversion() -> Generator[None, None, None]:
    """Raise `APIResponseError` for what a package that makes tables raises: each has exceptions of its own."""
    try:
        yield
    except Exception as error:
        raise APIResponseError(
            f"The response does not fit a table: {error}. to_dicts() returns its values as they are."
        ) from error


def dicts(columns: Columns, items: Iterable[object]) -> list[dict[str, Any]]:
    """Return a dict for each item."""
    return [{column.name: column.plain(item) for column in columns} for item in items]


PANDAS_TYPES: Final[Mapping[Any, str]] = {
    bool: "boolean", int: "Int64", float: "float64", str: "string", object: "string", datetime: "datetime64[us, UTC]",
}  # fmt: skip
"""Types that have missing values, so that they do not depend on the rows. All other kinds are Python's lists."""


def pandas_frame(columns: Columns, items: Sequence[object]) -> Any:
    """Return a `pandas.DataFrame`."""
    [pandas] = load("pandas")
    with conversion():
        return pandas.DataFrame(
            {
                column.name: pandas.Series(
                    [column.cell(item) for item in items], dtype=PANDAS_TYPES.get(column.kind, "object")
                )
                for column in columns
            }
        )


def polars_frame(columns: Columns, items: Sequence[object]) -> Any:
    """Return a `polars.DataFrame`."""
    [polars, _] = load("polars", "pyarrow")
    return polars.from_arrow(arrow_table(columns, items))


def vector_matrix(columns: Columns, items: Iterable[object]) -> Any:
    """Return a float32 matrix with the vector of each item."""
    [np] = load("numpy")
    vector = next(column for column in columns if isinstance(column.kind, Vector))
    vectors = [vector.plain(item) for item in items]
    with conversion():
        return np.array(vectors or np.empty((0, 0)), dtype=np.float32)


# Arrow.

ARROW_TYPES: Final[Mapping[Any, str]] = {
    bool: "bool_", int: "int64", float: "float64", str: "string", object: "string",
}  # fmt: skip


def arrow_type(kind: Kind, size: int = -1) -> Any:
    """Return the Arrow type of a kind. *size* is that of vectors, if all have the same."""
    [pyarrow] = load("pyarrow")
    if isinstance(kind, Vector):
        return pyarrow.list_(pyarrow.float32(), size)
    if isinstance(kind, ListOf):
        return pyarrow.list_(arrow_type(kind.item))
    if isinstance(kind, Struct):
        return pyarrow.struct([(field.name, arrow_type(field.kind)) for field in kind.fields])
    return pyarrow.timestamp("us", "UTC") if kind is datetime else getattr(pyarrow, ARROW_TYPES[kind])()


def arrow_schema(columns: Columns, sizes: Mapping[str, int] | None = None) -> Any:
    """Return the Arrow schema of a table.

    Args:
        columns: Columns of the table.
        sizes: Size of the vectors, by the name of their column. Columns without one have vectors of any size.
    """
    [pyarrow] = load("pyarrow")
    return pyarrow.schema(
        [(column.name, arrow_type(column.kind, (sizes or {}).get(column.name, -1))) for column in columns]
    )


def arrow_table(columns: Columns, items: Iterable[object], schema: Any = None) -> Any:
    """Return the items as a `pyarrow.Table`.

    Args:
        columns: Columns of the table.
        items: The rows.
        schema: Schema by `arrow_schema`. Default: the one with the sizes of the vectors in this table.

    Raises:
        APIResponseError: A value does not have the type of its column.
    """
    [pyarrow] = load("pyarrow")
    rows = [*items]
    with conversion():
        cells = {column.name: [column.cell(item) for item in rows] for column in columns}
        return pyarrow.table(cells, schema or arrow_schema(columns, _vector_sizes(columns, cells)))


def _vector_sizes(columns: Columns, cells: Mapping[str, list[Any]]) -> dict[str, int]:
    """Return the size of the vectors in each column in which all have the same."""
    vectors = [column.name for column in columns if isinstance(column.kind, Vector)]
    sizes = {name: {len(vector) for vector in cells[name] if vector is not None} for name in vectors}
    return {name: min(found) for name, found in sizes.items() if len(found) == 1}


# Names.

FrameName: TypeAlias = Literal["dicts", "arrow", "pandas", "polars"]


@frozen
class Frame:
    """A form of a table.

    Attributes:
        make: Makes it of columns and items.
        packages: Packages that it needs.
    """

    make: Callable[[Columns, Sequence[object]], Any]
    packages: Sequence[str] = ()

    def load(self) -> None:
        """Import the packages.

        Raises:
            ImportError: One of them is not installed.
        """
        load(*self.packages)


FRAMES: Final[Mapping[FrameName, Frame]] = {
    "dicts": Frame(dicts),
    "arrow": Frame(arrow_table, ["pyarrow"]),
    "pandas": Frame(pandas_frame, ["pandas"]),
    "polars": Frame(polars_frame, ["polars", "pyarrow"]),
}
