"""Rows of sources as Arrow tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Any, Final

from attrs import define

from ..._extras import require
from ...errors import APIResponseError
from .base import ArrowSchema, ArrowTable

DATA_EXTRA: Final = "twelvelabs_async[data]"
Columns = Mapping[str, str]
"""Types of columns by name, as Arrow abbreviates them. ``vector`` and ``vector[512]`` are vectors of float32."""

SHARED_COLUMNS: Final[Columns] = dict.fromkeys(
    ("key", "job", "content", "source", "user_metadata", "asset_id"), "string"
)
"""Columns of every table.

The ``job`` is the operation with its parameters, and the ``content`` what is the same for copies of a source.
"""

_VECTOR_TYPE: Final = re.compile(r"vector(?:\[(\d+)\])?")
_VECTOR: Final = re.compile(rb'("embedding(?:_uncertainty)?"\s*:\s*)\[([^\[\]]*)\]')


@define
class SourceRows:
    """Rows of one source.

    Attributes:
        shared: Columns that have the same value in all rows, among them the key.
        rows: The other columns of each row. A vector is the JSON of its numbers.
    """

    shared: Mapping[str, object]
    rows: Sequence[Mapping[str, object]]

    @property
    def key(self) -> str:
        """The key."""
        return str(self.shared["key"])

    @property
    def size(self) -> int:
        """Approximate size in bytes."""
        values = chain(self.shared.values(), *(row.values() for row in self.rows))
        return sum(len(value) for value in values if isinstance(value, str | bytes))


def cut_vectors(body: bytes | bytearray) -> tuple[bytes, list[bytes]]:
    """Cut the vectors out of a response, without a Python object for each of their numbers.

    Returns:
        The JSON with the position of a vector in the place of its numbers, and the JSON of the numbers of each vector.
    """
    vectors: list[bytes] = []

    def cut(found: re.Match[bytes]) -> bytes:
        vectors.append(found[2])
        return b"%b%d" % (found[1], len(vectors) - 1)

    return _VECTOR.sub(cut, body), vectors


def make_schema(columns: Columns) -> ArrowSchema:
    """Return the Arrow schema of some columns.

    Raises:
        ImportError: pyarrow is not installed.
    """
    arrow = require("pyarrow", DATA_EXTRA)
    return arrow.schema([(name, _arrow_type(arrow, kind)) for name, kind in columns.items()])


def _arrow_type(arrow: Any, kind: str) -> Any:
    if vector := _VECTOR_TYPE.fullmatch(kind):
        return arrow.list_(arrow.float32(), int(vector[1] or -1))
    return arrow.type_for_alias(kind)


def make_table(schema: ArrowSchema, sources: Sequence[SourceRows]) -> ArrowTable:
    """Return the rows of some sources.

    Raises:
        APIResponseError: A value in a response does not have the type of its column.
    """
    arrow = require("pyarrow", DATA_EXTRA)
    rows = [row for source in sources for row in source.rows]
    numbers = arrow.array(chain.from_iterable(repeat(n, len(source.rows)) for n, source in enumerate(sources)))
    shared = {name for source in sources for name in source.shared}
    try:
        return arrow.table(
            [
                arrow.array([source.shared.get(field.name) for source in sources], field.type).take(numbers)
                if field.name in shared
                else _array(arrow, field.type, [row.get(field.name) for row in rows])
                for field in schema
            ],
            schema=schema,
        )
    except (arrow.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise APIResponseError(f"The response does not fit the table: {error}. Run again.") from None


def _array(arrow: Any, kind: Any, values: Sequence[Any]) -> Any:
    if not (arrow.types.is_list(kind) or arrow.types.is_fixed_size_list(kind)):
        return arrow.array(values, kind)
    vectors = [value for value in values if value is not None]
    sizes = [value.count(b",") + 1 for value in vectors]
    numbers = _numbers(arrow, vectors)
    if numbers.null_count or len(numbers) != sum(sizes):
        raise ValueError("a vector has values that are no numbers")
    if arrow.types.is_list(kind):
        offsets = iter(_offsets(sizes))
        starts = [None if value is None else next(offsets) for value in values]
        return arrow.ListArray.from_arrays(arrow.array([*starts, len(numbers)], arrow.int32()), numbers)
    if wrong := {*sizes} - {kind.list_size}:
        raise ValueError(f"a vector has {wrong.pop()} numbers in the place of {kind.list_size}")
    found = arrow.FixedSizeListArray.from_arrays(numbers, kind.list_size)
    if len(vectors) == len(values):
        return found
    positions = iter(range(len(vectors)))
    return found.take(arrow.array([None if value is None else next(positions) for value in values], arrow.int64()))


def _offsets(sizes: Sequence[int]) -> Iterator[int]:
    offset = 0
    for size in sizes:
        yield offset
        offset += size


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
