"""aiohttp sessions, one pair per event loop."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import weakref
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from math import ceil
from typing import Any, Final, TypeAlias

import aiohttp
from attrs import field, frozen

from ._api_key import ApiKey
from ._background import MAX_OVERTAKING, background_work
from ._certificates import trusting_context
from ._proxies import Proxies
from ._resolver import Resolver
from .options import CONNECT_TIMEOUT, MAX_CONNECTIONS

Trust: TypeAlias = ssl.SSLContext | aiohttp.Fingerprint | bool
"""Settings of TLS, as aiohttp takes them. ``True`` trusts the certificate authorities of the system."""

ConnectorFactory: TypeAlias = Callable[[], aiohttp.BaseConnector]
SessionFactory: TypeAlias = Callable[[], aiohttp.ClientSession]
"""Functions that are called in the event loop that the result is for. What they return is closed with the client."""

Lender: TypeAlias = aiohttp.BaseConnector | aiohttp.ClientSession | ConnectorFactory | SessionFactory

KEEPALIVE: Final = {
    "TCP_KEEPIDLE": 60,  # Linux, Windows
    "TCP_KEEPALIVE": 60,  # macOS
    "TCP_KEEPINTVL": 10,
    "TCP_KEEPCNT": 6,
}
"""Probes on silent connections, in seconds and in number.

During a long analysis, they keep routers from forgetting the connection, and notice within two minutes that the
network has changed.
"""


@lru_cache(maxsize=64)
def _timeout(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_TIMEOUT)


def timeout_of(seconds: float) -> aiohttp.ClientTimeout:
    """Return a timeout of *seconds*. Above 5 s, aiohttp rounds them up itself, so requests share the object."""
    return _timeout(ceil(seconds)) if seconds > 5 else aiohttp.ClientTimeout(total=max(seconds, 0.001))


def choose_lender(
    session: aiohttp.ClientSession | SessionFactory | None, connector: aiohttp.BaseConnector | ConnectorFactory | None
) -> Lender | None:
    """Validate arguments of a client; return the one that is given.

    Raises:
        TypeError: An argument is neither one of aiohttp nor a function.
        ValueError: Both are given, or *session* is closed.
    """
    for name, lent, cls in (
        ("session", session, aiohttp.ClientSession),
        ("connector", connector, aiohttp.BaseConnector),
    ):
        if not (lent is None or isinstance(lent, cls) or callable(lent)):
            raise TypeError(
                f"{name} must be an aiohttp.{cls.__name__}, or a function that returns one; got {type(lent).__name__}."
            )
    if session is not None and connector is not None:
        raise ValueError("Pass session= or connector=, not both: of a session, the connector alone is used.")
    if isinstance(session, aiohttp.ClientSession) and session.closed:
        raise ValueError("session is closed. Pass an open session, or leave it out.")
    return connector if session is None else session


class _Connector(aiohttp.TCPConnector):
    """A connector that can be closed at once, and that a forked child leaves alone.

    Closing it there would take the sockets out of the parent's epoll.
    """

    def __init__(self) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]
            limit=0, resolver=Resolver(), socket_factory=_keepalive_socket
        )
        self._pid = os.getpid()

    def __del__(self, *_: Any) -> None:
        if self._pid == os.getpid():
            self.drop()

    def drop(self) -> None:
        """Close all connections without waiting.

        The public `close` needs a running event loop, where it starts a task.
        """
        self._close(abort_ssl=True)


def _keepalive_socket(address: tuple[Any, ...]) -> socket.socket:
    created = socket.socket(*address[:3])  # family, type and protocol
    created.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE.items():
        if (option := getattr(socket, name, None)) is not None:
            created.setsockopt(socket.IPPROTO_TCP, option, value)
    return created


class ConnectionSlots:
    """The connections for one kind of request: a semaphore that is cheap as long as nothing waits for it.

    Background work waits behind other callers.

    Attributes:
        free: Connections that no request has.
    """

    def __init__(self, free: int) -> None:
        self.free = free
        self._callers: dict[asyncio.Future[None], None] = {}
        self._background: dict[asyncio.Future[None], None] = {}
        self._overtaken = 0

    def acquire_nowait(self) -> bool:
        """Take a connection if one is free; return whether one was."""
        if is_free := self.free > 0:
            self.free -= 1
        return is_free

    async def acquire(self) -> None:
        """Wait for a connection that another request releases."""
        queue = self._callers if background_work.get() is None else self._background
        turn = asyncio.get_running_loop().create_future()
        queue[turn] = None
        try:
            await turn
        except asyncio.CancelledError:
            queue.pop(turn, None)
            if not turn.cancelled():  # it has a connection already
                self.release()
            raise

    def release(self) -> None:
        """Give a connection to the request whose turn it is, or keep it."""
        while self._callers or self._background:
            is_overdue = self._background and self._overtaken >= MAX_OVERTAKING
            queue = self._background if is_overdue or not self._callers else self._callers
            turn = next(iter(queue))
            del queue[turn]
            if not turn.done():  # else it was cancelled a moment ago
                self._overtaken = 0 if queue is self._background else self._overtaken + bool(self._background)
                turn.set_result(None)
                return
        self.free += 1


@frozen
class Sessions:
    """The sessions of one event loop, on one connector.

    Attributes:
        api: Sends the API key with each request, as a default header, so that no request carries it through our code.
        bare: Has no default headers, so that the storage cannot receive the API key. It also sends the requests of
            `with_options` with another key, and of keys that a function returns; see `attach_headers`.
        middlewares: The middlewares of both sessions.
        proxies: The proxies that requests take.
        slots: The connections for each kind of request.
    """

    api: aiohttp.ClientSession
    bare: aiohttp.ClientSession
    middlewares: Sequence[aiohttp.ClientMiddlewareType]
    proxies: Proxies
    slots: Mapping[Hashable, ConnectionSlots] = field(repr=False)

    async def close(self) -> None:
        """Close both sessions."""
        await self.bare.close()
        await self.api.close()

    def drop(self) -> None:
        """Close both sessions without waiting."""
        if isinstance(self.api.connector, _Connector):
            self.api.connector.drop()
        self.detach()

    def detach(self) -> None:
        """Mark both sessions as closed, and leave their connector alone."""
        self.bare.detach()
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

    Nothing of the environment reaches a request but the proxy and the certificate authorities: aiohttp's ``trust_env``
    would send the credentials of ``.netrc`` as well.

    Args:
        key: The API key and the headers of each request to the API.
        lender: The caller's connector, or session with a connector, which is not closed; or a function that returns
            one, which is. Default: a connector of our own.
        trust: Settings of TLS.
        proxies: The proxies that requests take. Default: those of the environment, read when a session is opened.
        max_connections: Connections at once for each kind of request.
        trace_configs: aiohttp trace configs.
        middlewares: aiohttp client middlewares.

    Attributes:
        key: The API key that is a default header.
    """

    def __init__(
        self,
        key: ApiKey,
        *,
        lender: Lender | None = None,
        trust: Trust = True,
        proxies: Proxies | None = None,
        max_connections: int = MAX_CONNECTIONS,
        trace_configs: Sequence[aiohttp.TraceConfig] = (),
        middlewares: Sequence[aiohttp.ClientMiddlewareType] = (),
    ) -> None:
        self.key: Final = key
        self._lender = lender
        self._trust = trust
        self._proxies = proxies
        self._max_connections = max_connections
        self._trace_configs = list(trace_configs)
        self._middlewares = tuple(middlewares)
        self._is_closed = False
        self._loop_of_lender: asyncio.AbstractEventLoop | None = None
        self._opened: dict[asyncio.AbstractEventLoop, _Opened] = {}

    async def sessions(self) -> Sessions:
        """Return the sessions of the running loop, opened on first use.

        Raises:
            RuntimeError: The client is closed, or the given connector is closed or belongs to another event loop.
        """
        if self._is_closed:
            raise RuntimeError("The client is closed. Make a new client.")
        loop = asyncio.get_running_loop()
        opened = self._opened.get(loop)
        if opened is None or opened.sessions.api.closed:
            self._forget_closed()
            connector = self._connector(loop)
            proxies = Proxies.of_environment() if self._proxies is None else self._proxies
            middlewares = (*self._middlewares, _hide_headers_from_proxy) if proxies.by_scheme else self._middlewares
            sessions = Sessions(
                self._session(connector, middlewares, is_owner=self._lender is None or callable(self._lender)),
                self._session(connector, middlewares, is_owner=False),
                middlewares,
                proxies,
                defaultdict(partial(ConnectionSlots, self._max_connections)),  # keeps no reference to this object
            )
            sessions.api.headers.update(self.key.headers())  # not by its constructor, whose frames would show them
            closing = _close_with_loop(sessions)
            await anext(closing)
            dropping = weakref.finalize(self, _drop_soon, loop, sessions, closing)
            dropping.atexit = False
            opened = self._opened[loop] = _Opened(sessions, closing, dropping)
        return opened.sessions

    def _connector(self, loop: asyncio.AbstractEventLoop) -> aiohttp.BaseConnector:
        """Return the connector for an event loop.

        Raises:
            RuntimeError: The given connector is closed, or belongs to another event loop.
            TypeError: The caller's function returned something else.
        """
        lender = self._lender
        if lender is None:
            return _Connector()
        if callable(lender):
            lent = lender()
        else:
            lent = lender
            self._loop_of_lender = self._loop_of_lender or loop
            if self._loop_of_lender is not loop:
                raise RuntimeError(
                    "The given connector or session belongs to another event loop. Pass a function that returns one, "
                    "such as connector=lambda: aiohttp.TCPConnector(), which is called in each event loop."
                )
        connector = lent.connector if isinstance(lent, aiohttp.ClientSession) else lent
        if not isinstance(connector, aiohttp.BaseConnector | None):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"session= and connector= must return one of aiohttp; got {type(lent).__name__}.")
        if connector is None or connector.closed:
            raise RuntimeError("The given connector or session is closed. Make a new client with an open one.")
        if callable(lender) and isinstance(lent, aiohttp.ClientSession):
            lent.detach()  # its connector is closed with the client
        return connector

    def _session(
        self,
        connector: aiohttp.BaseConnector,
        middlewares: Sequence[aiohttp.ClientMiddlewareType],
        *,
        is_owner: bool,
    ) -> aiohttp.ClientSession:
        session = aiohttp.ClientSession(
            connector=connector,
            connector_owner=is_owner,
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=self._trace_configs,
            middlewares=middlewares,
            timeout=aiohttp.ClientTimeout(total=None),
            trust_env=False,
        )
        _disable_hidden_retry(session)
        return session

    async def trust_for(self, url: str) -> Trust:
        """Return the settings of TLS for a request to *url*. A given connector has settings of its own."""
        if self._trust is True and self._lender is None and url.startswith("https:"):
            self._trust = await trusting_context()
        return self._trust

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


async def _hide_headers_from_proxy(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Send no default header of the session to the proxy: aiohttp would, in a CONNECT request, and so the API key."""
    request.proxy_headers = None
    return await handler(request)


def attach_headers(key: ApiKey, given: Iterable[str]) -> aiohttp.ClientMiddlewareType:
    """Return a middleware of one request, which adds the headers of *key*.

    No frame of our own has them, but for that of the middleware, which is below those of aiohttp and cut off with them.

    Args:
        key: The API key of the request.
        given: Names of the headers that the request has already, which are kept.
    """
    kept = {name.lower() for name in given}

    async def attach(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        request.headers.update((name, value) for name, value in key.headers().items() if name.lower() not in kept)
        return await handler(request)

    return attach


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
