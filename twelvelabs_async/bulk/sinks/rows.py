"""Rows of sources as Arrow tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, Final

from attrs import define, frozen

from ..._extras import require
from ...errors import APIResponseError, InvalidArgumentError
from ...models._columns import Column, Columns, Vector
from ...models._frames import arrow_schema
from .base import ArrowSchema, ArrowTable

DATA_EXTRA: Final = "twelvelabs_async[data]"
SHARED_COLUMNS: Final = ("key", "job", "content", "source", "user_metadata", "asset_id")
"""Texts that all rows of a source share.

The ``job`` is the operation with its parameters, and the ``content`` is the same for copies of a source.
"""

ROW_COLUMN: Final = "row"

_VECTOR_START: Final = re.compile(rb'"embedding(?:_uncertainty)?"\s*:\s*(\[)')


@define
class SourceRows:
    """Rows of one source.

    Attributes:
        shared: Texts that all rows share, by column. One is the key.
        items: An object for each row, which the other columns read. Vectors are JSON, as `cut_vectors` returns them.
    """

    shared: Mapping[str, str | None]
    items: Sequence[object]

    @property
    def key(self) -> str:
        """The key."""
        return str(self.shared["key"])


@frozen
class RowFormat:
    """Columns of a table, and its Arrow schema.

    Attributes:
        shared: Names of the columns whose values all rows of a source share.
        columns: The other columns.
        schema: The Arrow schema of both. Between them is ``row``, the number of a row among those of its source.
    """

    shared: Sequence[str]
    columns: Columns
    schema: ArrowSchema


def cut_vectors(body: bytes | bytearray) -> tuple[bytes, list[bytes]]:
    """Cut the vectors out of a response, without a Python object for each of their numbers.

    Returns:
        The JSON with the position of a vector in the place of its numbers, and the JSON of the numbers of each vector.
    """
    rest: list[bytes | bytearray] = []
    vectors: list[bytes] = []
    position = 0
    while found := _VECTOR_START.search(body, position):
        if (end := body.find(b"]", found.end())) < 0:
            break
        rest += body[position : found.start(1)], b"%d" % len(vectors)
        vectors.append(bytes(body[found.end() : end]))
        position = end + 1
    rest.append(body[position:])
    return b"".join(rest), vectors


def make_format(shared: Sequence[str], columns: Columns, vector_size: int | None = None) -> RowFormat:
    """Return the format of some columns.

    Args:
        shared: Names of the columns whose values all rows of a source share.
        columns: The other columns.
        vector_size: Size of the vectors, if it is known.

    Raises:
        ImportError: pyarrow is not installed.
        ValueError: Two columns have the same name.
    """
    arrow = require("pyarrow", DATA_EXTRA)
    vectors = [column.name for column in columns if isinstance(column.kind, Vector)]
    sizes = {} if vector_size is None else dict.fromkeys(vectors, vector_size)
    schema = arrow.schema(
        [*((name, arrow.string()) for name in shared), (ROW_COLUMN, arrow.int64()), *arrow_schema(columns, sizes)]
    )
    if doubled := {name for name in schema.names if schema.names.count(name) > 1}:
        raise InvalidArgumentError(f"The table has its own column {min(doubled)!r}. Rename the field of that name.")
    return RowFormat(shared, columns, schema)


def make_table(row_format: RowFormat, sources: Sequence[SourceRows]) -> ArrowTable:
    """Return the rows of some sources.

    Raises:
        APIResponseError: A value in a response does not have the type of its column.
    """
    arrow = require("pyarrow", DATA_EXTRA)
    items = [item for source in sources for item in source.items]
    numbers = arrow.array([number for number, source in enumerate(sources) for _ in source.items], arrow.int64())
    schema = row_format.schema
    try:
        shared = ([source.shared[name] for source in sources] for name in row_format.shared)
        return arrow.table(
            [
                *(arrow.array(values, arrow.string()).take(numbers) for values in shared),
                arrow.array([row for source in sources for row in range(len(source.items))], arrow.int64()),
                *(_array(arrow, column, schema.field(column.name).type, items) for column in row_format.columns),
            ],
            schema=schema,
        )
    except (arrow.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise APIResponseError(f"The response does not fit the table: {error}. Run again.") from None


def _array(arrow: Any, column: Column, kind: Any, items: Sequence[object]) -> Any:
    if not isinstance(column.kind, Vector):
        return arrow.array([column.cell(item) for item in items], kind)
    values: list[Any] = [column.read(item) for item in items]
    if not all(value is None or isinstance(value, bytes) for value in values):
        raise TypeError(f"{column.name} is not a list of numbers")
    vectors = [value for value in values if value is not None]
    sizes = [value.count(b",") + 1 for value in vectors]
    numbers = _numbers(arrow, vectors)
    if numbers.null_count or len(numbers) != sum(sizes):
        raise ValueError("a vector has values that are no numbers")
    if arrow.types.is_list(kind):  # of no known size
        ends = accumulate(0 if value is None else value.count(b",") + 1 for value in values)
        return arrow.ListArray.from_arrays(arrow.array([0, *ends], arrow.int32()), numbers)
    if wrong := {*sizes} - {kind.list_size}:
        raise ValueError(f"a vector has {wrong.pop()} numbers in the place of {kind.list_size}")
    found = arrow.FixedSizeListArray.from_arrays(numbers, kind.list_size)
    if len(vectors) == len(values):
        return found
    positions = iter(range(len(vectors)))
    return found.take(arrow.array([None if value is None else next(positions) for value in values], arrow.int64()))


def _numbers(arrow: Any, vectors: Sequence[bytes]) -> Any:
    """Parse JSON numbers with Arrow's reader of CSV, the fastest way to float32 without Python's floats."""
    csv = require("pyarrow.csv", DATA_EXTRA)
    text = b",".join(vectors).replace(b",", b"\n")
    if not text:
        return arrow.array([], arrow.float32())
    found = csv.read_csv(
        arrow.BufferReader(text),
        read_options=csv.ReadOptions(use_threads=False, column_names=["number"], block_size=len(text) + 1),
        convert_options=csv.ConvertOptions(column_types={"number": arrow.float32()}),
    )
    return found.column(0).combine_chunks()
