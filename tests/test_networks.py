"""Networks and servers of all kinds: name look-ups, addresses, connections that end, and unusual responses."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest

from twelvelabs_async import APIConnectionError, RequestNotSentError

from support.clients import Connect
from support.clock import Clock
from support.raw_server import CLOSE, OK, RESET, STALL, Reply, Server, respond, send
from support.samples import MODELS
from support.until import until

pytestmark = pytest.mark.usefixtures("autojump_clock")

BODY = b'{"_id":"i1"}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n"


def then_close(data: bytes) -> Reply:
    """Return a reply of *data* that is followed by the end of the connection."""
    return send(data, CLOSE)


def raw(data: bytes) -> Reply:
    """Return a reply of *data*, which keeps the connection open."""
    return lambda connection: connection.send(data)


COMPLETE: dict[str, Reply] = {
    "HTTP/1.0": then_close(b"HTTP/1.0 200 OK\r\n\r\n" + BODY),
    "HTTP/1.0 with a length": then_close(b"HTTP/1.0 200 OK\r\nContent-Length: 12\r\n\r\n" + BODY),
    "until the end of the connection": then_close(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + BODY),
    "Connection: close": then_close(HEAD + b"Connection: close\r\n\r\n" + BODY),
    "100 Continue": raw(b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"\r\n" + BODY),
    "103 Early Hints": raw(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + HEAD + b"\r\n" + BODY),
    "trailers": raw(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc\r\n" + BODY + b"\r\n0\r\nx-sum: 1\r\n\r\n"
    ),
    "no date": raw(HEAD + b"\r\n" + BODY),
    "odd date": raw(
        HEAD + b"Date: yesterday\r\nx-ratelimit-remaining: 0\r\nx-ratelimit-reset: 9999999999\r\n\r\n" + BODY
    ),
    "no reason": raw(b"HTTP/1.1 200\r\nContent-Length: 12\r\n\r\n" + BODY),
}


@pytest.mark.parametrize("kind", COMPLETE)
async def test_a_complete_response_of_any_form_is_accepted(connect: Connect, kind: str) -> None:
    """One attempt each is enough, also for requests that must not be sent twice."""
    with Server(COMPLETE[kind]) as server:
        async with connect(server, max_retries=0) as client:
            for _ in range(3):
                assert (await client.indexes.retrieve("i1")).id == "i1"
                assert (await client.indexes.create(index_name="talks", models=MODELS)).id == "i1"
    assert server.attempts == 6


@pytest.mark.parametrize("status", [421, 425])
async def test_a_request_that_a_server_refuses_to_process_is_retried(connect: Connect, status: int) -> None:
    """Misdirected and early requests were not processed, so that creating ones are retried as well."""
    with Server(respond(status), OK) as server:
        async with connect(server) as client:
            assert (await client.indexes.create(index_name="talks", models=MODELS)).id == "i1"
    assert server.attempts == 2


@pytest.fixture
def look_up(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[Any]], None]:
    """A function that sets the results of look-ups of names, one after the other: addresses, or exceptions."""

    def set_results(results: list[Any]) -> None:
        def getaddrinfo(host: str, port: int, *_: object, **__: object) -> Any:
            result = results.pop(0) if len(results) > 1 else results[0]
            if isinstance(result, Exception):
                raise result
            return [
                (
                    family,
                    socket.SOCK_STREAM,
                    socket.IPPROTO_TCP,
                    "",
                    (address, port, 0, 0)[: 4 if ":" in address else 2],
                )
                for family, address in result
            ]

        monkeypatch.setattr("twelvelabs_async._resolver.socket.getaddrinfo", getaddrinfo)

    return set_results


UNKNOWN = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
IPV4 = (socket.AF_INET, "127.0.0.1")


def named(server: Server) -> str:
    return server.url.replace("127.0.0.1", "api.example.com")


async def test_a_name_that_cannot_be_looked_up_for_a_while(
    connect: Connect, look_up: Callable[[list[Any]], None]
) -> None:
    """Nothing was sent, so that creating requests are retried as well."""
    look_up([UNKNOWN, UNKNOWN, [IPV4]])
    with Server(OK) as server:
        async with connect(server, base_url=named(server)) as client:
            assert (await client.indexes.create(index_name="talks", models=MODELS)).id == "i1"
        look_up([UNKNOWN])
        async with connect(server, base_url=named(server), max_retries=1) as client:
            with pytest.raises(RequestNotSentError, match=r"no connection to api\.example\.com: Temporary"):
                await client.indexes.create(index_name="talks", models=MODELS)
    assert server.attempts == 1


@pytest.mark.parametrize("address", ["::1", "100::1"])
async def test_an_address_that_does_not_respond_is_passed_over(
    connect: Connect, look_up: Callable[[list[Any]], None], address: str
) -> None:
    """IPv6 is often announced where it does not work."""
    look_up([[(socket.AF_INET6, address), IPV4]])
    with Server(OK) as server:
        async with connect(server, base_url=named(server), max_retries=0) as client:
            assert (await client.indexes.create(index_name="talks", models=MODELS)).id == "i1"


async def test_a_get_survives_a_reset_of_its_idle_connection(connect: Connect) -> None:
    """The server resets the connection when a request arrives, as for a machine that has slept."""
    with Server(OK, RESET, OK) as server:
        async with connect(server) as client:
            await client.indexes.retrieve("i1")
            assert (await client.indexes.retrieve("i1")).id == "i1"
    assert server.attempts == 3


async def test_a_creating_request_on_a_dead_idle_connection_is_not_sent_twice(connect: Connect) -> None:
    """The server may have processed it. The error says so."""
    with Server(OK, RESET, OK) as server:
        async with connect(server) as client:
            await client.indexes.retrieve("i1")
            with pytest.raises(APIConnectionError, match="may have processed"):
                await client.indexes.create(index_name="talks", models=MODELS)
    assert server.attempts == 2


async def test_a_machine_that_sleeps_during_a_call(connect: Connect, clock: Clock) -> None:
    """The call ends, and the next one uses a new connection. A clock that has stopped changes nothing."""
    clock.autojump = False
    with Server(STALL, OK) as server:
        async with connect(server, timeout=600) as client:
            call = asyncio.create_task(client.indexes.retrieve("i1"))
            await until(lambda: server.attempts == 1)
            clock.advance(8 * 3600)
            with pytest.raises(APIConnectionError, match="in time"):
                await call
            assert (await client.indexes.retrieve("i1")).id == "i1"


async def test_a_machine_that_sleeps_during_a_pause(connect: Connect, clock: Clock) -> None:
    """A retry whose pause has ended during the sleep is made within the timeout, else the last failure is raised."""
    clock.autojump = False
    with Server(respond(503, Retry_After=60), OK) as server:
        async with connect(server, timeout=600) as client:
            call = asyncio.create_task(client.indexes.retrieve("i1"))
            await until(lambda: server.attempts == 1)
            await asyncio.sleep(0.05)
            clock.advance(300)
            assert (await call).id == "i1"
