"""aiohttp sessions, one pair per event loop."""

from __future__ import annotations

import asyncio
import os
import weakref
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from math import ceil
from typing import Any, Final
from urllib.request import getproxies, proxy_bypass

import aiohttp
from attrs import field, frozen
from yarl import URL

from ._api_key import ApiKey
from ._reachability import Reachability
from ._resolver import Resolver
from .options import CONNECT_TIMEOUT


@lru_cache(maxsize=64)
def _timeout(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_TIMEOUT)


def timeout_of(seconds: float) -> aiohttp.ClientTimeout:
    """Return a timeout of *seconds*. Above 5 s, aiohttp rounds them up itself, so requests share the object."""
    return _timeout(ceil(seconds)) if seconds > 5 else aiohttp.ClientTimeout(total=max(seconds, 0.001))


class _Connector(aiohttp.TCPConnector):
    """A connector that can be closed at once, and that a forked child leaves alone.

    Closing it there would take the sockets out of the parent's epoll.
    """

    def __init__(self) -> None:
        super().__init__(resolver=Resolver())  # pyright: ignore[reportUnknownMemberType]
        self._pid = os.getpid()

    def __del__(self, *_: Any) -> None:
        if self._pid == os.getpid():
            self.drop()

    def drop(self) -> None:
        """Close all connections without waiting.

        The public `close` needs a running event loop, where it starts a task.
        """
        self._close(abort_ssl=True)


@frozen
class Sessions:
    """The sessions of one event loop, on one connector.

    Attributes:
        api: Sends the API key with each request, as a default header, so that no request carries it through our code.
        storage: Has no default headers, so that the storage cannot receive the API key.
        proxies: The proxies that the environment names, by scheme. They may contain passwords.
    """

    api: aiohttp.ClientSession
    storage: aiohttp.ClientSession
    proxies: Mapping[str, str] = field(repr=False)

    def proxy_for(self, url: URL) -> str | None:
        """Return the proxy that the environment names for *url*."""
        if not self.proxies or proxy_bypass(url.host or ""):
            return None
        return self.proxies.get(url.scheme)

    async def close(self) -> None:
        """Close both sessions."""
        await self.storage.close()
        await self.api.close()

    def drop(self) -> None:
        """Close both sessions without waiting."""
        if isinstance(self.api.connector, _Connector):
            self.api.connector.drop()
        self.detach()

    def detach(self) -> None:
        """Mark both sessions as closed, and leave their connector alone."""
        self.storage.detach()
        self.api.detach()


@frozen
class _Opened:
    """The sessions of one event loop, and what closes them.

    Attributes:
        sessions: The sessions.
        closing: Closes the sessions when it is closed itself, by us or by the end of the event loop.
        dropping: Closes the sessions when the `Connections` are garbage, and keeps them alive until then.
    """

    sessions: Sessions
    closing: AsyncGenerator[None, None]
    dropping: weakref.finalize[..., Any]


class Connections:
    """The sessions of one client.

    Nothing of the environment reaches a request but the proxy: aiohttp's ``trust_env`` would send the credentials of
    ``.netrc`` as well.

    Args:
        key: The API key and the headers of each request to the API.
        connector: The caller's connector, which is not closed. Default: one of our own.
        trace_configs: aiohttp trace configs.
        middlewares: aiohttp client middlewares.

    Attributes:
        reachability: Whether the API responds.
    """

    def __init__(
        self,
        key: ApiKey,
        connector: aiohttp.BaseConnector | None = None,
        trace_configs: Sequence[aiohttp.TraceConfig] = (),
        middlewares: Sequence[aiohttp.ClientMiddlewareType] = (),
    ) -> None:
        self.reachability: Final = Reachability()
        self._key = key
        self._connector = connector
        self._trace_configs = list(trace_configs)
        self._middlewares = tuple(middlewares)
        self._is_closed = False
        self._opened: dict[asyncio.AbstractEventLoop, _Opened] = {}

    async def sessions(self) -> Sessions:
        """Return the sessions of the running loop, opened on first use.

        Raises:
            RuntimeError: The client is closed.
        """
        if self._is_closed:
            raise RuntimeError("The client is closed. Make a new client.")
        loop = asyncio.get_running_loop()
        opened = self._opened.get(loop)
        if opened is None or opened.sessions.api.closed:
            self._forget_closed()
            connector = self._connector or _Connector()
            sessions = Sessions(
                self._session(connector, is_owner=self._connector is None),
                self._session(connector, is_owner=False),
                getproxies(),
            )
            sessions.api.headers.update(self._key.headers())  # not by its constructor, whose frames would show them
            closing = _close_with_loop(sessions)
            await anext(closing)
            dropping = weakref.finalize(self, _drop_soon, loop, sessions, closing)
            dropping.atexit = False
            opened = self._opened[loop] = _Opened(sessions, closing, dropping)
        return opened.sessions

    def _session(self, connector: aiohttp.BaseConnector, *, is_owner: bool) -> aiohttp.ClientSession:
        session = aiohttp.ClientSession(
            connector=connector,
            connector_owner=is_owner,
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=self._trace_configs,
            middlewares=self._middlewares,
            timeout=aiohttp.ClientTimeout(total=None),
            trust_env=False,
        )
        _disable_hidden_retry(session)
        return session

    async def close(self) -> None:
        """Close the sessions of the running loop. Afterwards, the client raises `RuntimeError`."""
        self._is_closed = True
        opened = self._opened.get(asyncio.get_running_loop())
        if opened is not None:
            await opened.closing.aclose()
        self._forget_closed()

    def _forget_closed(self) -> None:
        for loop, opened in list(self._opened.items()):
            if loop.is_closed() or opened.sessions.api.closed:
                opened.dropping.detach()
                del self._opened[loop]


def _disable_hidden_retry(session: aiohttp.ClientSession) -> None:
    """Keep aiohttp from retrying idempotent requests once by itself: attempts are counted in one place, here."""
    session._retry_connection = False  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


async def notice_closed_connections() -> None:
    """Let aiohttp drop idle connections that the server has closed, before a request that must not be sent twice.

    The event loop reads the end of a connection in one iteration, and drops it from the pool in the next.
    """
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def _close_with_loop(sessions: Sessions) -> AsyncGenerator[None, None]:
    # An event loop that ends, as in asyncio.run, closes its async generators, and so these sessions.
    try:
        yield
    finally:
        await sessions.close()


def _drop_soon(loop: asyncio.AbstractEventLoop, sessions: Sessions, closing: AsyncGenerator[None, None]) -> None:
    """Close sessions in their loop, from the thread that the garbage collector runs in."""
    try:
        loop.call_soon_threadsafe(_drop, sessions, closing)
    except RuntimeError:  # the loop is closed
        sessions.detach()


def _drop(sessions: Sessions, closing: AsyncGenerator[None, None]) -> None:
    # Without a task, which a loop that is about to end would not run.
    if not sessions.api.closed:
        sessions.drop()
        with suppress(StopIteration):
            closing.aclose().send(None)
