"""HTTP server on loopback, in a thread of its own."""

from __future__ import annotations

import asyncio
import concurrent.futures
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Self, TypeVar

from aiohttp import web

T = TypeVar("T")


class LoopbackServer:
    """Server of one application on loopback. It starts once.

    Args:
        app: The application.
        ports: Ports to listen on; 0 takes a free one.
        name: Name of the thread.

    Attributes:
        ports: Ports that it listens on, after `start`.
    """

    def __init__(self, app: web.Application, ports: Sequence[int], name: str) -> None:
        self.ports: Sequence[int] = ports
        self._app = app
        self._name = name
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Start to serve; return when requests are accepted.

        Raises:
            OSError: A port is taken.
        """
        started: concurrent.futures.Future[None] = concurrent.futures.Future()
        thread = threading.Thread(target=lambda: asyncio.run(self._run(started)), name=self._name, daemon=True)
        thread.start()
        started.result()
        self._thread = thread
        return self

    def stop(self) -> None:
        """Close all connections, and wait for the thread to end."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._stopped.set)
            self._thread.join()
            self._thread = None

    def call(self, function: Callable[[], T]) -> T:
        """Call a function in the server's thread, between two requests, and return its result."""

        async def call() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(call(), self._loop).result()

    async def _run(self, started: concurrent.futures.Future[None]) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=0.1)
        listeners: list[socket.socket] = []
        try:
            await runner.setup()
            for port in self.ports:
                listeners.append(socket.create_server(("127.0.0.1", port)))
                await web.SockSite(runner, listeners[-1], backlog=1024).start()
            self.ports = [listener.getsockname()[1] for listener in listeners]
        except Exception as error:
            started.set_exception(error)
        else:
            started.set_result(None)
            await self._stopped.wait()
        finally:
            # asyncio loses a connection whose server is closed between accepting it and handing it to the runner.
            for listener in listeners:
                with suppress(NotImplementedError):  # on Windows
                    self._loop.remove_reader(listener)
            for _ in range(3):
                await asyncio.sleep(0)
            await runner.cleanup()


def reset_connection(request: web.Request) -> web.Response:
    """Close the connection with a TCP reset."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return web.Response()
