"""Group commit of rows: those of many sources are written together, in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Container
from contextlib import asynccontextmanager, closing
from typing import Final

import anyio
from attrs import define, field

from ..._threads import ThreadPool
from ...errors import APIResponseError, SinkError, TwelveLabsError
from ..uninterrupted import uninterrupted
from .base import Sink
from .rows import RowFormat, SourceRows, make_table

MAX_BYTES: Final = 2 * 1024 * 1024
"""Bytes of rows that are written together, and that may wait while others are written."""
MAX_SOURCES: Final = 1000
COMMIT_SECONDS: Final = 5.0
"""Longest time that rows wait for others."""
IDLE_SECONDS: Final = 0.05
"""Time that rows wait for others if no source is in progress. The next source may begin in it."""


@define(eq=False)
class SinkCommitter:
    """Writer of a run's rows.

    Attributes:
        sink: The caller's sink.
        row_format: Columns of the table.
        keys: Keys that the table has.
        is_idle: Function that returns whether no source is in progress.
    """

    sink: Sink
    row_format: RowFormat
    keys: Container[str]
    is_idle: Callable[[], bool]
    _thread: ThreadPool
    _waiting: dict[str, tuple[SourceRows, asyncio.Future[None]]] = field(
        factory=dict[str, "tuple[SourceRows, asyncio.Future[None]]"], init=False
    )
    _bytes: int = field(default=0, init=False)
    _first_at: float = field(default=0.0, init=False)
    _changed: anyio.Event = field(factory=anyio.Event, init=False)
    _taken: anyio.Event = field(factory=anyio.Event, init=False)

    async def add(self, rows: SourceRows, size: int) -> asyncio.Future[None]:
        """Add the rows of a source, as soon as there is memory for them, and return the future of their commit.

        Args:
            rows: The rows.
            size: Their approximate size in bytes.

        The future raises `APIResponseError` if the rows do not fit the table.
        """
        while self._is_full or rows.key in self._waiting:
            await self._taken.wait()
        loop = asyncio.get_running_loop()
        if not self._waiting:
            self._first_at = loop.time()
        committed: asyncio.Future[None] = loop.create_future()
        self._waiting[rows.key] = rows, committed
        self._bytes += size
        self.notify()
        return committed

    def notify(self) -> None:
        """Check whether the rows should be written now."""
        self._changed.set()

    async def commit_rows(self) -> None:
        """Write rows until cancelled.

        Raises:
            SinkError: They cannot be written.
        """
        while True:
            await self._wait_for_rows()
            waiting = list(self._waiting.values())
            self._waiting, self._bytes = {}, 0
            self._taken.set()
            self._taken = anyio.Event()
            writing = self._thread.submit(self._write, [rows for rows, _ in waiting])
            try:
                failures = await uninterrupted(writing)
            except Exception as error:
                raise sink_error(self.sink, "written", error) from error
            for rows, committed in waiting:
                if committed.done():
                    continue
                if rows.key in failures:
                    committed.set_exception(failures[rows.key])
                else:
                    committed.set_result(None)

    @property
    def _is_full(self) -> bool:
        return self._bytes >= MAX_BYTES or len(self._waiting) >= MAX_SOURCES

    async def _wait_for_rows(self) -> None:
        """Wait until the rows that are waiting should be written."""
        loop = asyncio.get_running_loop()
        while not self._is_full:
            self._changed = anyio.Event()
            if not self._waiting:
                await self._changed.wait()
                continue
            age = loop.time() - self._first_at
            if age >= COMMIT_SECONDS or (age >= IDLE_SECONDS and self.is_idle()):
                return
            with anyio.move_on_after(IDLE_SECONDS if self.is_idle() else COMMIT_SECONDS - age):
                await self._changed.wait()

    def _write(self, sources: list[SourceRows]) -> dict[str, Exception]:
        """Write the rows of sources, and return the errors of those whose rows do not fit the table."""
        failures: dict[str, Exception] = {}
        try:
            table = make_table(self.row_format, sources)
        except APIResponseError:
            for rows in sources:
                try:
                    make_table(self.row_format, [rows])
                except APIResponseError as error:
                    failures[rows.key] = error
            sources = [rows for rows in sources if rows.key not in failures]
            table = make_table(self.row_format, sources)
        if sources:
            self.sink.write([rows.key for rows in sources], table)
        return failures


@asynccontextmanager
async def open_sink(
    sink: Sink, row_format: RowFormat, is_idle: Callable[[], bool]
) -> AsyncGenerator[SinkCommitter, None]:
    """Open a sink in a thread of its own.

    Raises:
        SinkError: The sink cannot be opened.
    """
    with closing(ThreadPool(1)) as thread:
        try:
            keys = await thread.run(sink.open, row_format.schema)
        except Exception as error:
            raise sink_error(sink, "opened", error) from error
        yield SinkCommitter(sink, row_format, keys, is_idle, thread)


def sink_error(sink: Sink, action: str, error: Exception) -> TwelveLabsError | ImportError:
    """Return the error that ends a run because of the failure of its sink."""
    if isinstance(error, TwelveLabsError | ImportError):
        return error
    return SinkError(
        f"The sink {sink!r:.200} cannot be {action}: {type(error).__name__}: {error}. The sources whose rows are not "
        "written are not done. Remove the cause and run again."
    )
