"""Sessions and connectors that a caller gives, and the number of connections."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from twelvelabs_async import AsyncTwelveLabs, BadRequestError, RequestNotSentTimeoutError, TwelveLabs
from twelvelabs_async.testing import Emulator

from support.clients import Connect
from support.clock import Clock
from support.raw_server import KEY, OK, STALL, Connection, Server, send
from support.samples import MODELS
from support.until import until
from support.uploads import EMULATOR, write_video

VIDEO: Any = {"type": "asset_id", "asset_id": "a1"}


@pytest.mark.parametrize("as_function", [False, True])
@pytest.mark.emulator(**EMULATOR)
async def test_of_a_session_that_was_given_the_connector_alone_is_used(
    emulator: Emulator, tmp_path: Path, as_function: bool
) -> None:
    """All else that a session can have adds nothing to requests to the API and to the storage, and changes nothing."""
    used: list[object] = []
    trace = aiohttp.TraceConfig()

    async def note(*event: object) -> Any:
        used.append(event)

    trace.on_request_start.append(note)
    jar = aiohttp.CookieJar(unsafe=True)
    jar.update_cookies({"mine": "yes"}, URL(emulator.url))
    session = aiohttp.ClientSession(
        "http://elsewhere.invalid/path/",
        headers={"x-mine": "yes", "Authorization": "mine", "x-api-key": "mine"},
        skip_auto_headers=["User-Agent"],
        cookie_jar=jar,
        json_serialize=repr,
        trace_configs=[trace],
        middlewares=[note],
        timeout=aiohttp.ClientTimeout(total=0.0001),
        raise_for_status=True,
        auto_decompress=False,
        proxy="http://127.0.0.1:9",
        max_line_size=10,
    )
    async with AsyncTwelveLabs(
        api_key=emulator.api_key, base_url=emulator.url, session=(lambda: session) if as_function else session
    ) as client:
        await client.indexes.create(index_name="talks", models=MODELS)
        await client.multipart_upload.upload_file(write_video(tmp_path))
        with pytest.raises(BadRequestError):
            await client.indexes.retrieve("i1")
    assert session.closed is as_function
    await session.close()
    sent = [request.headers for request in emulator.requests]
    assert not [headers for headers in sent if {"x-mine", "cookie", "authorization"} & headers.keys()]
    assert {request.headers.get("x-api-key") for request in emulator.requests if request.method == "PUT"} == {None}
    assert all("user-agent" in headers for headers in sent)
    assert not used


async def test_a_closed_session_is_refused() -> None:
    """It has no connector to lend."""
    async with aiohttp.ClientSession() as session:
        pass
    with pytest.raises(ValueError, match="session is closed"):
        AsyncTwelveLabs(api_key=KEY, session=session)


async def test_a_session_that_is_closed_later_is_named() -> None:
    """The error is not one of the connection, and there is no retry."""
    with Server(OK) as server:
        async with aiohttp.ClientSession() as session:
            client = AsyncTwelveLabs(api_key=KEY, base_url=server.url, session=session)
            await client.indexes.retrieve("i1")
        with pytest.raises(RuntimeError, match="connector or session is closed"):
            await client.indexes.retrieve("i1")
        await client.close()


async def test_a_connector_that_was_given_is_used_and_left_open() -> None:
    """Several clients can share it."""
    with Server(OK) as server:
        async with aiohttp.TCPConnector(limit=1) as connector:
            for _ in range(2):
                async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, connector=connector) as client:
                    await client.indexes.retrieve("i1")
                assert not connector.closed


@pytest.mark.parametrize("kind", ["connector", "session"])
async def test_a_function_makes_a_connector_for_each_event_loop(kind: str) -> None:
    """What it returns is closed with the client, or with the event loop."""
    made: list[aiohttp.TCPConnector] = []

    def make() -> Any:
        made.append(aiohttp.TCPConnector())
        return made[-1] if kind == "connector" else aiohttp.ClientSession(connector=made[-1])

    with Server(OK) as server:
        settings: dict[str, Any] = {"api_key": KEY, "base_url": server.url, kind: make}
        async with AsyncTwelveLabs(**settings) as client:
            await client.indexes.retrieve("i1")
            await client.indexes.retrieve("i1")

            async def elsewhere() -> None:
                await client.indexes.retrieve("i1")

            await asyncio.to_thread(asyncio.run, elsewhere())
            assert [connector.closed for connector in made] == [False, True]
        assert made[0].closed
        with TwelveLabs(**settings) as blocking_client:
            blocking_client.indexes.retrieve("i1")
        assert made[2].closed
    assert (len(made), server.attempts) == (3, 4)


async def test_a_connector_of_another_event_loop_is_refused() -> None:
    """The error says what to pass instead."""
    with Server(OK) as server:
        async with (
            aiohttp.TCPConnector() as connector,
            AsyncTwelveLabs(api_key=KEY, base_url=server.url, connector=connector) as client,
        ):
            await client.indexes.retrieve("i1")

            async def elsewhere() -> None:
                with pytest.raises(RuntimeError, match=r"another event loop\. Pass a function"):
                    await client.indexes.retrieve("i1")

            await asyncio.to_thread(asyncio.run, elsewhere())


async def test_invalid_settings_of_connections_are_refused() -> None:
    """They are when the client is made; the result of a function when it is called."""
    wrong: Any
    async with aiohttp.ClientSession() as session, aiohttp.TCPConnector() as connector:
        given: dict[str, Any] = {"session": session, "connector": connector}
        with pytest.raises(ValueError, match="not both"):
            AsyncTwelveLabs(api_key=KEY, **given)
        for name, wrong in given.items():
            with pytest.raises(TypeError, match=f"{name} must be a function .*event loop"):
                TwelveLabs(api_key=KEY, **{name: wrong})
            with pytest.raises(TypeError, match=f"{name} must be an aiohttp"):
                AsyncTwelveLabs(api_key=KEY, **{name: "x"})
    for wrong in (0, -1, True):
        with pytest.raises(ValueError, match="max_connections must be"):
            AsyncTwelveLabs(api_key=KEY, max_connections=wrong)
    fractions: tuple[Any, ...] = (2.5, float("inf"))
    for fraction in fractions:
        with pytest.raises(TypeError, match="max_connections must be"):
            AsyncTwelveLabs(api_key=KEY, max_connections=fraction)
    wrong = list
    async with AsyncTwelveLabs(api_key=KEY, connector=wrong) as client:
        with pytest.raises(TypeError, match="one of aiohttp; got list"):
            await client.indexes.retrieve("i1")


async def start_five(call: Callable[[], Coroutine[Any, Any, Any]], server: Server) -> list[asyncio.Task[Any]]:
    """Start five calls, of which two are in flight when this returns."""
    attempts = server.attempts
    tasks = [asyncio.create_task(call()) for _ in range(5)]
    async with asyncio.timeout(5):
        await until(lambda: server.attempts >= attempts + 2)
    await asyncio.sleep(0.05)  # in which a third one would be sent
    assert server.attempts == attempts + 2
    return tasks


async def test_calls_of_one_kind_do_not_starve_others(connect: Connect) -> None:
    """Analyses and streams that wait for a connection hold no other call back, nor do they wait for each other."""
    released = threading.Event()

    def reply(connection: Connection) -> None:
        if connection.request.method == "POST":
            released.wait(30)
        OK(connection)

    with Server(reply) as server:
        async with connect(server, max_connections=2) as client:

            async def stream() -> None:
                async for _ in client.analyze_stream(video=VIDEO, prompt="?"):
                    pass

            try:
                calls = await start_five(lambda: client.analyze(video=VIDEO, prompt="?"), server)
                calls += await start_five(stream, server)
                async with asyncio.timeout(5):
                    assert (await client.indexes.retrieve("i1")).id == "i1"
                assert server.attempts == 5
            finally:
                released.set()
            await asyncio.gather(*calls, return_exceptions=True)
    assert server.attempts == 11


async def test_more_than_a_hundred_connections_are_a_setting(connect: Connect) -> None:
    """The default is 100. aiohttp's own limit does not count."""
    with Server(STALL) as server:
        async with connect(server, max_connections=120) as client:
            calls = [asyncio.create_task(client.indexes.retrieve("i1")) for _ in range(121)]
            await until(lambda: server.attempts == 120)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)


async def test_waiting_for_a_connection_ends_with_the_timeout(connect: Connect, clock: Clock) -> None:
    """Nothing is sent, and the error says how to get more connections. A cancelled call frees its connection."""
    with Server(STALL) as server:
        async with connect(server, max_connections=1, timeout=60) as client:
            first = asyncio.create_task(client.indexes.create(index_name="talks", models=MODELS))
            await until(lambda: server.attempts == 1)
            second = asyncio.create_task(
                client.with_options(timeout=20, max_retries=0).indexes.create(index_name="speeches", models=MODELS)
            )
            await asyncio.sleep(0)
            clock.advance(21)
            with pytest.raises(RequestNotSentTimeoutError, match=r"no connection was free in time.*max_connections="):
                await second
            assert server.attempts == 1
            first.cancel()
            third = asyncio.create_task(client.indexes.retrieve("i1"))
            await until(lambda: server.attempts == 2)
            third.cancel()
            await asyncio.gather(first, third, return_exceptions=True)


async def test_a_wait_for_a_connection_is_logged(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    """The line names the setting."""
    caplog.set_level("INFO", "twelvelabs_async")
    with Server(OK) as server:
        async with connect(server, max_connections=1) as client:
            await asyncio.gather(*(client.indexes.retrieve(name) for name in ("i1", "i2")))
    lines = [record.getMessage() for record in caplog.records if "max_connections" in record.getMessage()]
    assert lines == ["GET /indexes/i2: waits for a connection; max_connections= sets their number"]


async def test_a_stream_keeps_its_connection_until_it_ends(connect: Connect) -> None:
    """A stream that is left early frees it."""
    event = b'{"event_type":"text_generation","text":"a"}\n'
    endless = send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(event), event), STALL)

    with Server(endless) as server:
        async with connect(server, max_connections=1) as client:

            async def first_event() -> None:
                async with aclosing(aiter(client.analyze_stream(video=VIDEO, prompt="?"))) as events:  # type: ignore[type-var]
                    await anext(events)

            async with aclosing(aiter(client.analyze_stream(video=VIDEO, prompt="?"))) as events:  # type: ignore[type-var]
                await anext(events)
                waiting = asyncio.create_task(first_event())
                await asyncio.sleep(0.05)  # in which the second request would be sent
                assert server.attempts == 1
            await waiting
            await first_event()
    assert server.attempts == 3


@pytest.mark.skipif(not hasattr(socket, "TCP_KEEPIDLE"), reason="The option has another name here.")
async def test_silent_connections_are_probed(connect: Connect) -> None:
    """Routers do not forget the connection of a long analysis, and a change of the network is noticed."""
    options: list[int] = []
    noted = threading.Event()

    async def note(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        response = await handler(request)
        assert response.connection is not None
        assert response.connection.transport is not None
        connected = response.connection.transport.get_extra_info("socket")
        options.append(connected.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
        options.append(connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE))
        noted.set()
        return response

    def reply(connection: Connection) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n")
        noted.wait(5)  # the connection belongs to the response until its body has come
        connection.send(b'{"_id":"i1"}')

    with Server(reply) as server:
        async with connect(server, middlewares=[note]) as client:
            await client.indexes.retrieve("i1")
    assert options == [1, 60]
