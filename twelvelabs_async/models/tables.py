"""Tables: the methods of lists, runs, responses and journals that convert them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, Any, ClassVar

from .._replaced_files import Target
from .._threads import ThreadPool, run_in_thread
from ._base import models_of

if TYPE_CHECKING:
    import numpy
    import numpy.typing

    from ._columns import Columns
    from ._frames import FrameName
    from ._table_files import FormatName, TableFormat

__all__ = ["EmbeddingTable", "Table", "tabulate"]


class Tabular:
    """Rows that convert to dicts, to tables of other packages, and to files.

    All rows have the same columns, which depend on the class of the rows alone. Their names are those of the fields. A
    field with an object, such as ``system_metadata``, is a column for each field of it, such as
    ``system_metadata_duration``. Fields that this version does not know are left out.
    """

    __slots__ = ()

    def __columns__(self) -> Columns:
        raise NotImplementedError

    def __batches__(self) -> Iterator[Sequence[object]]:
        """Yield the rows, some at a time."""
        raise NotImplementedError

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a dict with all columns for each row. Missing values are ``None``, all others as they are."""
        rows: list[dict[str, Any]] = self._convert("dicts")
        return rows

    def to_arrow(self) -> Any:
        """Return a `pyarrow.Table`.

        Vectors are lists of float32, of a fixed size if all have the same. Times are timestamps in UTC. Values of any
        shape, such as user metadata, are JSON.

        Raises:
            ImportError: pyarrow is not installed.
            APIResponseError: A value does not have the type of its column.
        """
        return self._convert("arrow")

    def to_pandas(self) -> Any:
        """Return a `pandas.DataFrame`, with the columns of `to_arrow` in types that have missing values.

        Raises:
            ImportError: pandas is not installed.
            APIResponseError: A value does not have the type of its column.
        """
        return self._convert("pandas")

    def to_polars(self) -> Any:
        """Return a `polars.DataFrame`, with the columns of `to_arrow`.

        Raises:
            ImportError: polars or pyarrow is not installed.
            APIResponseError: A value does not have the type of its column.
        """
        return self._convert("polars")

    def to_csv(self, file: Target) -> None:
        """Write a CSV file in UTF-8, some rows at a time.

        Lists and values of any shape are JSON, times RFC 3339. Text is written as it is: a spreadsheet takes a name
        that begins with ``=`` for a formula, so import files with the names of others as text.

        Args:
            file: Path, or an open binary file. At a path, the file appears when it is complete, in the place of an
                existing one.

        Raises:
            OSError: The file cannot be written.
            APIResponseError: A value does not have the type of its column.
        """
        self._write(file, "csv")

    def to_jsonl(self, file: Target) -> None:
        """Write a file of JSON Lines, some rows at a time: an object with all columns on each line.

        The lines are the dicts of `to_dicts`, with times in RFC 3339.

        Args:
            file: Path, or an open binary file. At a path, the file appears when it is complete, in the place of an
                existing one.

        Raises:
            OSError: The file cannot be written.
        """
        self._write(file, "jsonl")

    def to_parquet(self, file: Target) -> None:
        """Write a Parquet file with the columns of `to_arrow`, 10,000 rows at a time.

        Args:
            file: Path, or an open binary file. At a path, the file appears when it is complete, in the place of an
                existing one.

        Raises:
            ImportError: pyarrow is not installed.
            OSError: The file cannot be written.
            APIResponseError: A value does not have the type of its column.
        """
        self._write(file, "parquet")

    def to_html(self, file: Target, *, title: str | None = None) -> None:
        """Write a page to look at: an HTML file, which needs no other.

        The page has a card for each row, grouped by video: its picture, times, rank and words, and a player that begins
        and ends with the moment. Embeddings are also points of a picture, in which near ones are alike, if numpy is
        installed. A text filters the cards, and the keyboard moves between them.

        Pictures and HLS streams are loaded by their URLs, which expire, and which let everybody play the videos who has
        the page. Videos on this machine are played from their paths, relative to the page.

        Args:
            file: Path, or an open binary file. At a path, the file appears when it is complete, in the place of an
                existing one.
            title: Title of the page. Default: the name of the file.

        Raises:
            OSError: The file cannot be written.

        Example:
            ::

                run = client.bulk.embed("examples/media", model_name="marengo3.0")
                await run.to_html("videos.html", title="What is alike")
        """
        from ._table_pages import PageFormat

        self._write_as(file, PageFormat(self.__columns__(), file, title))

    def _convert(self, name: FrameName) -> Any:
        from ._frames import FRAMES

        frame = FRAMES[name]
        frame.load()  # before the first request
        return frame.make(self.__columns__(), [row for batch in self.__batches__() for row in batch])

    def _write(self, target: Target, name: FormatName) -> None:
        from ._table_files import FORMATS

        self._write_as(target, FORMATS[name](self.__columns__()))

    def _write_as(self, target: Target, table_format: TableFormat) -> None:
        from ._table_files import TableFile

        with closing(TableFile(target, table_format)) as table:
            for batch in self.__batches__():
                table.write(batch)
            table.commit()


class AsyncTabular:
    """Rows that arrive one after the other, with the methods of `Tabular`. Threads convert and write them."""

    __slots__ = ()

    def __columns__(self) -> Columns:
        raise NotImplementedError

    def __batches__(self) -> AsyncGenerator[Sequence[object], None]:
        """Yield the rows, some at a time."""
        raise NotImplementedError

    async def to_dicts(self) -> list[dict[str, Any]]:
        """Return a dict with all columns for each row. See `Table.to_dicts`."""
        rows: list[dict[str, Any]] = await self._convert("dicts")
        return rows

    async def to_arrow(self) -> Any:
        """Return a `pyarrow.Table`. See `Table.to_arrow`."""
        return await self._convert("arrow")

    async def to_pandas(self) -> Any:
        """Return a `pandas.DataFrame`. See `Table.to_pandas`."""
        return await self._convert("pandas")

    async def to_polars(self) -> Any:
        """Return a `polars.DataFrame`. See `Table.to_polars`."""
        return await self._convert("polars")

    async def to_csv(self, file: Target) -> None:
        """Write a CSV file, some rows at a time. See `Table.to_csv`."""
        await self._write(file, "csv")

    async def to_jsonl(self, file: Target) -> None:
        """Write a file of JSON Lines, some rows at a time. See `Table.to_jsonl`."""
        await self._write(file, "jsonl")

    async def to_parquet(self, file: Target) -> None:
        """Write a Parquet file, 10,000 rows at a time. See `Table.to_parquet`."""
        await self._write(file, "parquet")

    async def to_html(self, file: Target, *, title: str | None = None) -> None:
        """Write a page to look at: an HTML file, which needs no other. See `Table.to_html`."""
        from ._table_pages import PageFormat

        await self._write_as(file, PageFormat(self.__columns__(), file, title))

    async def _convert(self, name: FrameName) -> Any:
        from ._frames import FRAMES

        frame = FRAMES[name]
        await run_in_thread(frame.load)  # before the first request
        async with aclosing(self.__batches__()) as batches:
            rows = [row async for batch in batches for row in batch]
        return await run_in_thread(frame.make, self.__columns__(), rows)

    async def _write(self, target: Target, name: FormatName) -> None:
        from ._table_files import FORMATS

        await self._write_as(target, await run_in_thread(FORMATS[name], self.__columns__()))

    async def _write_as(self, target: Target, table_format: TableFormat) -> None:
        from ._table_files import TableFile

        with closing(ThreadPool(1)) as thread:  # of its own, so that the file is closed after the last write
            async with (
                thread.open(TableFile, target, table_format) as table,
                aclosing(self.__batches__()) as batches,
            ):
                async for batch in batches:
                    await thread.run(table.write, batch)
                await thread.run(table.commit)


class Table(Tabular):
    """Rows in memory, which notebooks show as cards, lines, points or a table."""

    __slots__ = ()

    __row__: ClassVar[type]
    """Class of the rows, whose fields are the columns."""

    def __columns__(self) -> Columns:
        return columns_for(type(self))

    def __rows__(self) -> Iterable[object]:
        """Return the rows: objects that have some or all fields of `__row__`."""
        raise NotImplementedError

    def __batches__(self) -> Iterator[Sequence[object]]:
        yield [*self.__rows__()]

    def _repr_html_(self) -> str:
        from ._notebook import table_form

        return table_form(self.__columns__(), self.__rows__())


class EmbeddingTable(Table):
    """A table with one embedding in each row."""

    __slots__ = ()

    def to_numpy(self) -> numpy.typing.NDArray[numpy.float32]:
        """Return a float32 matrix with one embedding in each row.

        Raises:
            ImportError: numpy is not installed.
            APIResponseError: The embeddings are not vectors of one length.
        """
        from ._frames import vector_matrix

        matrix: numpy.typing.NDArray[numpy.float32] = vector_matrix(self.__columns__(), self.__rows__())
        return matrix


class ItemTable(Table):
    """Objects in a list, with some columns."""

    __slots__ = ("_columns", "_items")

    def __init__(self, columns: Columns, items: Sequence[object]) -> None:
        self._columns, self._items = columns, items

    def __columns__(self) -> Columns:
        return self._columns

    def __rows__(self) -> Iterable[object]:
        return rows_of(self._items)


def tabulate(items: Iterable[object]) -> Table:
    """Return a table of objects of one class: models, outcomes, or instances of a dataclass or an attrs class.

    The columns are those of the first object. Without objects, there are none.

    Raises:
        TypeError: The objects are of another class.

    Example:
        ::

            page = await client.assets.list()
            tabulate(page.items).to_csv("page.csv")
    """
    listed = [*items]
    first = listed[0] if listed else None
    columns = first.__columns__() if isinstance(first, Table) else columns_for(type(first)) if listed else ()
    return ItemTable(columns, listed)


def columns_for(cls: Any) -> Columns:
    """Return the columns of a class or a union: those of its rows, if it is a table."""
    from ._columns import columns_of

    return columns_of(cls.__row__ if isinstance(cls, type) and issubclass(cls, Table) else cls)


def rows_of(items: Iterable[object]) -> Iterator[object]:
    """Yield the rows of items: an item that is a table has several."""
    for item in items:
        if isinstance(item, Table):
            yield from item.__rows__()
        else:
            yield item


def segments_of(*embeddings: Any) -> list[Any]:
    """Return the segments of the *embeddings* that are not ``None``."""
    return [segment for embedding in embeddings for segment in models_of(getattr(embedding, "segments", None))]
