"""Sink into a Lance table."""

from __future__ import annotations

import os
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any, Final

from ..._extras import require
from ..._folder_lock import folder_lock
from ...errors import InvalidArgumentError, SinkError
from .base import ArrowSchema, ArrowTable

LANCE_EXTRA: Final = "twelvelabs_async[lance]"
COMMITS_PER_COMPACTION: Final = 64
"""Commits after which small fragments are joined, so that neither reads nor commits get slower."""


class LanceSink:
    """Table of a Lance database, which ``lancedb.connect(database).open_table(table)`` opens.

    Each commit is one transaction. A reader finds the rows of a source either all or not at all, and each once. Several
    processes of one machine may write to the same table.

    Args:
        database: Folder of the database, on a local disk. It is created if it does not exist.
        table: Name of the table, which has the rows of one schema.

    Raises:
        ValueError: *table* is no name of a table, or *database* is not a local folder.

    Example:
        ::

            async for outcome in client.bulk.embed("videos/", model_name="marengo3.0", sink=LanceSink("db", "clips")):
                print(outcome.source, outcome.error or "")
            hits = lancedb.connect("db").open_table("clips").search(vector).limit(5).to_list()
    """

    def __init__(self, database: str | os.PathLike[str], table: str) -> None:
        if not table.replace("_", "").replace("-", "").replace(".", "").isalnum():
            raise InvalidArgumentError(f"table must have letters, digits, '_', '-' and '.' only; got {table!r:.100}.")
        if "://" in os.fspath(database):
            raise InvalidArgumentError(f"database must be a folder on a local disk; got {database!r:.100}.")
        self._folder = Path(os.path.expanduser(database))
        self._path = self._folder / f"{table}.lance"
        self._keys = set[str]()
        self._version = 0
        self._commits = 0

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._folder)!r}, {self._path.stem!r})"

    def open(self, schema: ArrowSchema) -> Container[str]:
        """Create the table if it does not exist, and read its keys.

        Raises:
            SinkError: The table has other columns.
            ImportError: pylance is not installed.
        """
        lance = require("lance", LANCE_EXTRA)
        self._folder.mkdir(parents=True, exist_ok=True)
        with folder_lock(self._folder):
            if not self._path.exists():
                lance.write_dataset(schema.empty_table(), self._path, mode="create")
            dataset = lance.dataset(self._path)
            if not dataset.schema.equals(schema):
                raise SinkError(
                    f"{self._path} has other columns than the rows of this run. Expected rows of the same operation, "
                    "with vectors of the same length. Pass another table."
                )
            self._refresh(dataset)
        return self._keys

    def write(self, keys: Sequence[str], rows: ArrowTable) -> None:
        """Replace the rows of some keys in one transaction."""
        lance = require("lance", LANCE_EXTRA)
        with folder_lock(self._folder):
            dataset = lance.dataset(self._path)
            if dataset.version != self._version:  # another process has written
                self._refresh(dataset)
            if self._keys.isdisjoint(keys):
                dataset.insert(rows)
            else:
                quoted = ", ".join(f"'{key}'" for key in keys)
                (
                    dataset.merge_insert(["key", "row"])
                    .when_matched_update_all()
                    .when_not_matched_insert_all()
                    .when_not_matched_by_source_delete(f"key IN ({quoted})")
                    .execute(rows)
                )
            self._commits += 1
            if self._commits % COMMITS_PER_COMPACTION == 0:
                lance.dataset(self._path).optimize.compact_files()
            self._version = lance.dataset(self._path).version
            self._keys.update(keys)

    def _refresh(self, dataset: Any) -> None:
        self._keys.clear()
        for batch in dataset.to_batches(columns=["key"]):
            self._keys.update(batch.column(0).unique().to_pylist())
        self._version = dataset.version
