"""Sources of a run, found ahead of their processing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection
from functools import partial
from typing import Final, Self

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from attrs import define

from .folders import FileSelection
from .sources import AnalyzeSources, BulkSource, is_single, read_sources

MAX_AHEAD: Final = 10_000
"""Sources that are found ahead of their processing."""


@define
class FoundSources:
    """Number of sources that a run has found so far. Folders are read up to 10,000 files ahead of their processing.

    Attributes:
        number: Number of sources, without the files that are skipped.
        bytes: Total size of their files.
        is_complete: Whether these are all sources.
    """

    number: int = 0
    bytes: int = 0
    is_complete: bool = False


class SourceReader:
    """Asynchronous iterator of sources.

    Args:
        read: Function that reads the sources, at the pace of the iteration.
        least: Least number of sources that is known before they are read.
        reads_ahead: Whether to read up to 10,000 sources ahead of the iteration.

    Attributes:
        read: Function that reads the sources, once more than this iterator does.
        found: Number of sources found so far.
        reads_ahead: Whether sources are read ahead. If not, they can be read only once.
    """

    def __init__(
        self, read: Callable[[], AsyncGenerator[BulkSource, None]], *, least: int = 0, reads_ahead: bool = False
    ) -> None:
        self.read: Final = read
        self.found: Final = FoundSources()
        self._sources = read()
        self._least = least
        self.reads_ahead: Final = reads_ahead
        self._reading: asyncio.Task[None] | None = None
        self._is_ahead = asyncio.Event()
        self._received: MemoryObjectReceiveStream[BulkSource]

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> BulkSource:
        if not self.reads_ahead:
            async for source in self._sources:
                self._count(source)
                return source
            self.found.is_complete = True
            raise StopAsyncIteration
        reading = self._start()
        try:
            return await self._received.receive()
        except anyio.EndOfStream:
            await reading  # raises the error of the sources
            raise StopAsyncIteration from None

    async def count(self) -> int:
        """Return the number of sources as far as it is known without reading an iterator."""
        if self.reads_ahead:
            self._start()
            await self._is_ahead.wait()
        return max(self._least, self.found.number)

    async def aclose(self) -> None:
        """Read no more sources."""
        if self._reading is not None:
            self._reading.cancel()
            with anyio.CancelScope(shield=True), self._received:
                await asyncio.gather(self._reading, return_exceptions=True)
        await self._sources.aclose()

    def _start(self) -> asyncio.Task[None]:
        if self._reading is None:
            send, self._received = anyio.create_memory_object_stream[BulkSource](MAX_AHEAD)
            self._reading = asyncio.create_task(self._read_ahead(send))
        return self._reading

    async def _read_ahead(self, send: MemoryObjectSendStream[BulkSource]) -> None:
        try:
            with send:
                async for source in self._sources:
                    self._count(source)
                    if send.statistics().current_buffer_used == MAX_AHEAD:
                        self._is_ahead.set()
                    await send.send(source)
            self.found.is_complete = True
        finally:
            self._is_ahead.set()

    def _count(self, source: BulkSource) -> None:
        if source.skipped is None:
            self.found.number += 1
            self.found.bytes += source.size or 0


def create_reader(
    sources: AnalyzeSources, selection: FileSelection, validate: Callable[[BulkSource], None]
) -> SourceReader:
    """Return a reader of a caller's sources. What an iterator yields is not read ahead of its processing.

    Args:
        sources: The sources.
        selection: Files that are taken from folders.
        validate: Function that raises `ValueError` if a source is invalid.
    """
    least = 1 if is_single(sources) else len(sources) if isinstance(sources, Collection) else None
    read = partial(read_sources, sources, selection, validate)
    return SourceReader(read, least=least or 0, reads_ahead=least is not None)
