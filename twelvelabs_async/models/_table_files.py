"""Tables in files: CSV, JSON Lines and Parquet."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO, Final, Literal, Protocol, TypeAlias

from .._replaced_files import Target, TargetFile
from ._columns import Column, Columns, Vector, json_text
from ._frames import arrow_schema, arrow_table, conversion, load
from ._plain import rfc3339

FormatName: TypeAlias = Literal["csv", "jsonl", "parquet"]

ROW_GROUP_ROWS: Final = 10_000
"""Rows of a row group of Parquet, of which one is in memory."""


class TableFormat(Protocol):
    """Writes a table to an open file, some rows at a time."""

    def begin(self, file: BinaryIO) -> None:
        """Write what precedes the rows."""

    def write(self, items: Sequence[object]) -> None:
        """Write some rows."""

    def end(self) -> None:
        """Write what follows the rows."""


class Csv(TableFormat):
    """CSV as in RFC 4180, in UTF-8, with a header. Lists and dicts are JSON. Missing values are empty."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def begin(self, file: BinaryIO) -> None:
        """Write the names of the columns."""
        self._file = file
        self._write_rows([[column.name for column in self._columns]])

    def write(self, items: Sequence[object]) -> None:
        """Write some rows."""
        with conversion():
            rows = [[_csv_text(column.cell(item)) for column in self._columns] for item in items]
        self._write_rows(rows)

    def end(self) -> None:
        """Write nothing."""

    def _write_rows(self, rows: list[list[str]]) -> None:
        import csv

        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        self._file.write(text.getvalue().encode())


def _csv_text(cell: Any) -> str:
    if cell is None or isinstance(cell, str):
        return cell or ""
    if isinstance(cell, datetime):
        return rfc3339(cell)
    return f"{cell!r}" if type(cell) in (int, float) else json_text(cell)


class JsonLines(TableFormat):
    """An object on each line, with the same keys. Values that JSON does not have are ``null``."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def begin(self, file: BinaryIO) -> None:
        """Write nothing."""
        self._file = file

    def write(self, items: Sequence[object]) -> None:
        """Write some rows."""
        for item in items:
            line = json_text({column.name: column.plain(item) for column in self._columns})
            self._file.write(f"{line}\n".encode())

    def end(self) -> None:
        """Write nothing."""


class Parquet(TableFormat):
    """Parquet, in row groups of 10,000 rows. The vectors of the first group determine the sizes of vectors.

    Where one is missing, the lists have no fixed size: older versions of pyarrow cannot read null ones of a fixed size.
    """

    def __init__(self, columns: Columns) -> None:
        [self._pyarrow, self._parquet] = load("pyarrow", "pyarrow.parquet")
        self._columns = columns
        self._waiting: list[Any] = []
        self._writer: Any = None

    def begin(self, file: BinaryIO) -> None:
        """Write nothing."""
        self._file = file

    def write(self, items: Sequence[object]) -> None:
        """Write some rows."""
        self._waiting.append(arrow_table(self._columns, items, arrow_schema(self._columns)))
        if sum(table.num_rows for table in self._waiting) >= ROW_GROUP_ROWS:
            self._write_group()

    def end(self) -> None:
        """Write the last rows, and the description of the file."""
        self._write_group()
        self._writer.close()

    def _write_group(self) -> None:
        schema = arrow_schema(self._columns)
        group = self._pyarrow.concat_tables([schema.empty_table(), *self._waiting])
        self._waiting.clear()
        if self._writer is None:
            sizes = {column.name: size for column in self._columns if (size := _vector_size(column, group)) is not None}
            self._writer = self._parquet.ParquetWriter(self._file, arrow_schema(self._columns, sizes))
        with conversion():
            self._writer.write_table(group.cast(self._writer.schema))


def _vector_size(column: Column, table: Any) -> int | None:
    """Return the size of the vectors in a column, if none is missing and all have the same."""
    if not isinstance(column.kind, Vector) or table[column.name].null_count:
        return None
    sizes = table[column.name].combine_chunks().value_lengths().unique().to_pylist()
    return sizes[0] if len(sizes) == 1 else None


FORMATS: Final[Mapping[FormatName, Callable[[Columns], TableFormat]]] = {
    "csv": Csv,
    "jsonl": JsonLines,
    "parquet": Parquet,
}


class TableFile:
    """A file that receives a table, some rows at a time. At a path, it appears when it is complete.

    Raises:
        OSError: The file was not created.
        TypeError: *target* is neither a path nor a binary file.
    """

    def __init__(self, target: Target, table_format: TableFormat) -> None:
        self._format = table_format
        self._target = TargetFile(target)
        try:
            self._format.begin(self._target.file)
        except BaseException:
            self.close()
            raise

    def write(self, items: Sequence[object]) -> None:
        """Write some rows."""
        self._format.write(items)

    def commit(self) -> None:
        """Complete the file."""
        self._format.end()
        self._target.commit()

    def close(self) -> None:
        """Delete the file at a path, unless it is complete."""
        self._target.close()
