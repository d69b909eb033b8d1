"""aiohttp sessions: one per event loop, none of which outlives its loop or a fork."""

from __future__ import annotations

import asyncio
import os
import weakref
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from typing import Any
from urllib.request import getproxies

import aiohttp
from attrs import frozen


class _Connector(aiohttp.TCPConnector):
    """A connector that can be closed at once, and that a forked child leaves alone.

    Closing it there would take the sockets out of the parent's epoll.
    """

    def __init__(self) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType]
        self._pid = os.getpid()

    def __del__(self, *_: Any) -> None:
        if self._pid == os.getpid():
            self.drop()

    def drop(self) -> None:
        """Close all connections without waiting for anything."""
        self._close(abort_ssl=True)


@frozen
class _Opened:
    """A session, and what closes it.

    Attributes:
        session: The session.
        closing: Closes it when it is closed itself, by us or by the end of the event loop.
        dropping: Closes it when the `Connections` are garbage, and until then keeps it from being garbage with them.
    """

    session: aiohttp.ClientSession
    closing: AsyncGenerator[None, None]
    dropping: weakref.finalize[..., Any]


class Connections:
    """The sessions of one client."""

    def __init__(
        self,
        session: aiohttp.ClientSession | None = None,
        connector: aiohttp.BaseConnector | None = None,
        trace_configs: Sequence[aiohttp.TraceConfig] = (),
        middlewares: Sequence[aiohttp.ClientMiddlewareType] = (),
    ) -> None:
        self._given = session
        self._connector = connector
        self._trace_configs = list(trace_configs)
        self._middlewares = tuple(middlewares)
        self._closed = False
        self._open: dict[asyncio.AbstractEventLoop, _Opened] = {}

    async def session(self) -> aiohttp.ClientSession:
        """The running loop's session, opened on first use."""
        if self._closed:
            raise RuntimeError("The client is closed.")
        if self._given is not None:
            return self._given
        loop = asyncio.get_running_loop()
        opened = self._open.get(loop)
        if opened is None or opened.session.closed:
            self._forget_closed()
            session = aiohttp.ClientSession(
                connector=self._connector or _Connector(),
                connector_owner=self._connector is None,
                cookie_jar=aiohttp.DummyCookieJar(),
                trace_configs=self._trace_configs,
                middlewares=self._middlewares,
                timeout=aiohttp.ClientTimeout(total=None),
                trust_env=bool(getproxies()),  # looked up once: aiohttp would ask a thread before every request
            )
            # It would repeat a GET once by itself; tries are counted here.
            session._retry_connection = False  # pyright: ignore[reportPrivateUsage]
            closing = _close_at_end(session)
            await anext(closing)
            dropping = weakref.finalize(self, _drop_soon, loop, session, closing)
            dropping.atexit = False
            opened = self._open[loop] = _Opened(session, closing, dropping)
        return opened.session

    async def close(self) -> None:
        """Close the running loop's session; the client cannot be used any more."""
        self._closed = True
        opened = self._open.get(asyncio.get_running_loop())
        if opened is not None:
            await opened.closing.aclose()
        self._forget_closed()

    def _forget_closed(self) -> None:
        for loop, opened in list(self._open.items()):
            if loop.is_closed() or opened.session.closed:
                opened.dropping.detach()
                del self._open[loop]


async def _close_at_end(session: aiohttp.ClientSession) -> AsyncGenerator[None, None]:
    # An event loop that ends, as in asyncio.run, closes its async generators, and so this session.
    try:
        yield
    finally:
        await session.close()


def _drop_soon(
    loop: asyncio.AbstractEventLoop, session: aiohttp.ClientSession, closing: AsyncGenerator[None, None]
) -> None:
    """Close a session in its loop, from whatever thread the garbage collector runs in."""
    try:
        loop.call_soon_threadsafe(_drop, session, closing)
    except RuntimeError:  # the loop is closed
        session.detach()


def _drop(session: aiohttp.ClientSession, closing: AsyncGenerator[None, None]) -> None:
    # At once, because the loop may be about to end, which a task would not live to see.
    if not session.closed:
        if isinstance(session.connector, _Connector):
            session.connector.drop()
        session.detach()
        with suppress(StopIteration):
            closing.aclose().send(None)
