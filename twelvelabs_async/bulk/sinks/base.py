"""Interface of a sink."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any, Protocol, TypeAlias, runtime_checkable

ArrowSchema: TypeAlias = Any
"""A `pyarrow.Schema`. Type checkers do not know pyarrow, which is optional."""
ArrowTable: TypeAlias = Any
"""A `pyarrow.Table`."""


@runtime_checkable
class Sink(Protocol):
    """Table of the results of a bulk run.

    The rows of a source share one value of the column ``key``. It identifies the content of the source together with
    the job: the operation and its parameters. The rows that a table has of a key are the result of its source.

    The methods may block: a run calls them in a thread of its own, one at a time. What they raise ends the run with a
    `SinkError`. The sources whose rows were not written are not done, and the next run continues with them.
    """

    def open(self, schema: ArrowSchema) -> Container[str]:
        """Open the table, or prepare to create it.

        Args:
            schema: Columns of the rows that will be written.

        Returns:
            The keys that the table has. The run does not process their sources again.
        """
        ...

    def write(self, keys: Sequence[str], rows: ArrowTable) -> None:
        """Replace the rows of some keys, and return when the new rows are safe.

        Args:
            keys: The keys of one or more sources.
            rows: All their rows. A key may have none.
        """
        ...
