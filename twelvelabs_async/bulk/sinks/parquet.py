"""Sink into a folder of Parquet files."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from ..._extras import require
from ..._folder_lock import folder_lock
from ...errors import SinkError
from .base import ArrowSchema, ArrowTable
from .rows import DATA_EXTRA

MAX_APPENDED_BYTES: Final = 256 * 1024
"""Size of a file up to which rows are added, so that short runs share files, and a commit rewrites little."""
SUFFIX: Final = ".parquet"
UNFINISHED_SUFFIX: Final = ".tmp"


class ParquetSink:
    """Folder of Parquet files, for any program that reads such folders.

    A commit writes whole files, each by one rename. All rows of a key are in one file, so at every moment a reader
    finds the rows of a source either all or not at all, and each once. Several processes of one machine may write to
    the same folder.

    Args:
        folder: Folder of the table. It is created if it does not exist, and has the rows of one schema.

    Example:
        ::

            async for outcome in client.bulk.embed("videos/", model_name="marengo3.0", sink=ParquetSink("vectors/")):
                print(outcome.source, outcome.error or "")
            table = pyarrow.parquet.read_table("vectors/")
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = Path(os.path.expanduser(folder))
        self._stamps: dict[str, tuple[int, int, int]] = {}
        self._files: dict[str, str] = {}  # by key

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._folder)!r})"

    def open(self, schema: ArrowSchema) -> Container[str]:
        """Read the keys of all files, and remove what an interrupted commit has left.

        Raises:
            SinkError: The folder has files with other columns, or that are no Parquet files.
            ImportError: pyarrow is not installed.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with folder_lock(self._folder):
            for path in self._folder.glob(f".*{UNFINISHED_SUFFIX}"):
                path.unlink()
            self._refresh(schema)
        return self._files.keys()

    def write(self, keys: Sequence[str], rows: ArrowTable) -> None:
        """Rewrite the files that have some of the keys, and add the other rows to the last file or a new one."""
        with folder_lock(self._folder):
            self._refresh(rows.schema)
            by_file = defaultdict[str, list[str]](list)
            new = ""
            for key in keys:
                by_file[self._files.get(key) or (new := new or self._file_for_new_keys())].append(key)
            for name, its_keys in by_file.items():
                self._rewrite(name, its_keys, rows if len(by_file) == 1 else _rows_of(rows, its_keys))
        require("pyarrow", DATA_EXTRA).default_memory_pool().release_unused()  # else Arrow keeps several times as much

    def _refresh(self, schema: ArrowSchema) -> None:
        """Read the keys of the files that are new or that another process has changed."""
        found = {entry.name: entry for entry in os.scandir(self._folder) if entry.name.endswith(SUFFIX)}
        changed = [name for name in found if self._stamps.get(name) != _stamp(found[name])]
        if outdated := {*changed, *self._stamps.keys() - found.keys()} & self._stamps.keys():
            self._files = {key: name for key, name in self._files.items() if name not in outdated}
            for name in outdated:
                del self._stamps[name]
        for name in sorted(changed):
            keys = self._read_keys(name, schema)
            self._stamps[name] = _stamp(found[name])
            if twice := [key for key in keys if key in self._files]:  # from a machine that does not share the lock
                self._rewrite(name, twice, None)
            self._files.update((key, name) for key in keys if key not in self._files)

    def _read_keys(self, name: str, schema: ArrowSchema) -> Sequence[str]:
        arrow, parquet = require("pyarrow", DATA_EXTRA), require("pyarrow.parquet", DATA_EXTRA)
        try:
            opened = parquet.ParquetFile(self._folder / name)
        except arrow.ArrowInvalid as error:
            message = f"{self._folder / name} cannot be read as Parquet. Remove it, or pass another folder. {error}"
            raise SinkError(message) from error
        with opened as file:
            if not file.schema_arrow.equals(schema):
                raise SinkError(
                    f"{self._folder / name} has other columns than the rows of this run. Expected rows of the same "
                    "operation, with vectors of the same length. Pass another folder."
                )
            keys = dict[str, None]()
            for batch in file.iter_batches(columns=["key"]):
                keys.update(dict.fromkeys(batch.column(0).unique().to_pylist()))
            return list(keys)

    def _file_for_new_keys(self) -> str:
        sizes = {name: size for name, (size, _, _) in self._stamps.items()}
        smallest = min(sizes, key=sizes.__getitem__, default="")
        return smallest if smallest and sizes[smallest] < MAX_APPENDED_BYTES else f"{uuid4().hex}{SUFFIX}"

    def _rewrite(self, name: str, keys: Sequence[str], rows: ArrowTable | None) -> None:
        """Replace the rows that a file has of some keys, by one rename."""
        arrow, parquet = require("pyarrow", DATA_EXTRA), require("pyarrow.parquet", DATA_EXTRA)
        compute = require("pyarrow.compute", DATA_EXTRA)
        path = self._folder / name
        tables: list[Any] = [] if rows is None else [rows]
        if name in self._stamps:
            with parquet.ParquetFile(path) as file:  # `read_table` would import Arrow's engine for data sets
                before = file.read(use_threads=False)
            is_replaced = compute.is_in(before["key"], value_set=arrow.array(keys, arrow.string()))
            tables.insert(0, before.filter(compute.invert(is_replaced)) if compute.any(is_replaced).as_py() else before)
        table = arrow.concat_tables(tables)
        unfinished = self._folder / f".{name}{UNFINISHED_SUFFIX}"
        strings = [field.name for field in table.schema if arrow.types.is_string(field.type)]
        with open(unfinished, "wb") as output:
            parquet.write_table(table, output, use_dictionary=strings)
            output.flush()
            os.fsync(output.fileno())
        os.replace(unfinished, path)
        _sync_folder(self._folder)
        self._stamps[name] = _stamp(path)
        if rows is not None:
            self._files.update(dict.fromkeys(keys, name))


def _rows_of(rows: Any, keys: Sequence[str]) -> Any:
    arrow, compute = require("pyarrow", DATA_EXTRA), require("pyarrow.compute", DATA_EXTRA)
    return rows.filter(compute.is_in(rows["key"], value_set=arrow.array(keys)))


def _stamp(file: os.DirEntry[str] | Path) -> tuple[int, int, int]:
    found = file.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino


def _sync_folder(folder: Path) -> None:
    """Make a rename durable, where the platform can."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
