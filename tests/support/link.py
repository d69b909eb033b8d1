"""A link to a server, which a test can cut: a TCP forwarder in the event loop of the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Self

from yarl import URL

from twelvelabs_async.testing import Emulator


class Link:
    """A link to an emulator, used by a client in its place.

    Attributes:
        api_key: Key for the clients of the emulator.
        port: Port of the link.
        is_silent: Whether the link takes connections and bytes and forwards none, as a dead route does.
    """

    def __init__(self, emulator: Emulator) -> None:
        self.api_key = emulator.api_key
        self.port = 0
        self.is_silent = False
        self._target = URL(emulator.url)
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return str(self._target.with_port(self.port))

    async def join(self) -> Self:
        """Accept connections, again at the same port after `cut`."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def cut(self) -> None:
        """Break all connections and refuse new ones."""
        if self._server is not None:
            for listener in self._server.sockets:
                asyncio.get_running_loop().remove_reader(listener.fileno())
            for _ in range(3):
                await asyncio.sleep(0)  # accepted connections get their tasks, which the end of the server would lose
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        while self._connections:
            await asyncio.wait(self._connections)
        await asyncio.sleep(0)  # transports close in the next iteration of the loop

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        try:
            there, back = await asyncio.open_connection(self._target.host, self._target.port)
            try:
                await asyncio.gather(self._pass_on(reader, back), self._pass_on(there, writer))
            finally:
                back.transport.abort()
        except asyncio.CancelledError:
            pass  # the link was cut
        finally:
            writer.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(1 << 16):
                if not self.is_silent:
                    writer.write(data)
        writer.close()


@asynccontextmanager
async def linked(emulator: Emulator) -> AsyncIterator[Link]:
    """A link to *emulator* that is cut at the end."""
    link = await Link(emulator).join()
    try:
        yield link
    finally:
        await link.cut()
