"""What a caller gets when something goes wrong on the way: over real sockets, from both clients."""

from __future__ import annotations

import asyncio
import logging
import random
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import (
    APIConnectionError,
    APIResponseError,
    APITimeoutError,
    AsyncTwelveLabs,
    ServiceUnavailableError,
    TwelveLabs,
)

from support.disclosure import disclosed_text
from support.faults import INCOMPLETE, NOT_FROM_THE_API, SLOW
from support.raw_server import KEY, OK, STALL, Connection, Reply, Server, respond, send

MODELS: Any = [{"model_name": "marengo3.0", "model_options": ["visual"]}]
CALLS: dict[str, Callable[[Any], Any]] = {
    "read": lambda client: client.indexes.retrieve("i1"),
    "create": lambda client: client.indexes.create(index_name="talks", models=MODELS),
}


@pytest.fixture(autouse=True)
def _short_backoff() -> None:
    """The first waits between tries are drawn from the lower end of their range."""
    random.seed(112983)


@pytest.fixture(autouse=True)
def _everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever is logged, the API key is not."""
    caplog.set_level(logging.DEBUG)
    yield
    assert KEY not in caplog.text


async def _outcome(faults: Sequence[Reply], call: str, *, sync: bool, timeout: float) -> tuple[type, int]:
    """What a call comes to, and after how many tries."""
    began = time.monotonic()
    with Server(*faults) as server:
        error = await (_blocking_error if sync else _error)(server, call, timeout)
    assert time.monotonic() - began < timeout + 2
    if error is not None:
        assert KEY not in disclosed_text(error)
        assert len(str(error)) < 280  # a text to read, whatever came in
    return type(error), server.attempts


async def _error(server: Server, call: str, timeout: float) -> Exception | None:
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, timeout=timeout, max_retries=1) as client:
        try:
            await CALLS[call](client)
        except Exception as error:
            return error
    return None


async def _blocking_error(server: Server, call: str, timeout: float) -> Exception | None:
    with TwelveLabs(api_key=KEY, base_url=server.url, timeout=timeout, max_retries=1) as client:
        try:
            await asyncio.to_thread(CALLS[call], client)
        except Exception as error:
            return error
    return None


async def _outcomes(*faults: Reply, timeout: float = 10.0) -> dict[str, tuple[type, int]]:
    """What each call comes to, after it was seen that both clients agree."""
    found: dict[str, tuple[type, int]] = {}
    for call in CALLS:
        found[call], blocking = await asyncio.gather(
            _outcome(faults, call, sync=False, timeout=timeout),
            _outcome(faults, call, sync=True, timeout=timeout),
        )
        assert found[call] == blocking
    return found


@pytest.mark.parametrize("fault", INCOMPLETE)
async def test_a_broken_connection_is_tried_again_only_by_calls_that_create_nothing(fault: str) -> None:
    """No whole answer: a connection error; the read was tried twice, the creation, which may have happened, once."""
    assert await _outcomes(INCOMPLETE[fault]) == {"read": (APIConnectionError, 2), "create": (APIConnectionError, 1)}


@pytest.mark.parametrize("fault", ["closed before the headers", "reset in the body", "not HTTP"])
async def test_a_read_survives_one_broken_connection(fault: str) -> None:
    """The second try is a fresh one, and its answer counts."""
    assert (await _outcomes(INCOMPLETE[fault], OK))["read"] == (type(None), 2)


@pytest.mark.parametrize("fault", SLOW)
async def test_a_slow_answer_ends_with_the_total_timeout(fault: str) -> None:
    """The deadline is for the whole call: nothing that trickles in extends it, and no try comes after it."""
    expected = (APITimeoutError, 1)
    assert await _outcomes(SLOW[fault], timeout=0.3) == {"read": expected, "create": expected}


@pytest.mark.parametrize("fault", NOT_FROM_THE_API)
async def test_a_whole_answer_that_makes_no_sense_is_not_asked_for_again(fault: str) -> None:
    """Another try would bring the same: a response error, which names the base URL as a likely cause."""
    expected = (APIResponseError, 1)
    assert await _outcomes(NOT_FROM_THE_API[fault]) == {"read": expected, "create": expected}


async def test_an_error_whose_body_stalls_is_still_that_error() -> None:
    """The status of an answer says enough when its body does not arrive in time."""
    stalled = send(b"HTTP/1.1 503 Busy\r\nContent-Length: 1000\r\n\r\n{", STALL)
    expected = (ServiceUnavailableError, 1)
    assert await _outcomes(stalled, timeout=0.3) == {"read": expected, "create": expected}


async def test_an_answer_that_unpacks_without_end_is_given_up_in_bounded_memory() -> None:
    """A decompression bomb is cut at the documented size."""
    pack = zlib.compressobj(9, wbits=31)
    start = pack.compress(bytes(1 << 20)) + pack.flush(zlib.Z_FULL_FLUSH)
    more = pack.compress(bytes(1 << 20)) + pack.flush(zlib.Z_FULL_FLUSH)  # can be repeated for ever

    def bomb(connection: Connection) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 99999999\r\n\r\n" + start)
        while True:
            connection.send(more)

    with Server(bomb) as server:
        async with AsyncTwelveLabs(api_key=KEY, base_url=server.url) as client:
            peak = before = _resident()
            call = asyncio.create_task(client.indexes.retrieve("i1"))
            while not call.done():
                peak = max(peak, _resident())
                await asyncio.sleep(0.005)
            with pytest.raises(APIResponseError, match="longer than 256 MiB"):
                await call
    assert peak - before < 300 << 20


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_to_another_origin_is_refused(status: int) -> None:
    """The other server sees no request, and so no API key."""
    with Server(OK, host="127.0.0.2") as other:
        redirect = respond(status, Location=f"{other.origin}/v1.3/indexes/i1?key=KEY")
        expected = (APIResponseError, 1)
        assert await _outcomes(redirect) == {"read": expected, "create": expected}
    assert not other.requests


@pytest.mark.parametrize("location", ["http://[", "mailto:me", "http://:0/", None])
async def test_a_redirect_to_nowhere_is_refused(location: str | None) -> None:
    """A location that is no place to send a request to is an answer that makes no sense."""
    expected = (APIResponseError, 1)
    redirect = respond(302, Location=location) if location else respond(304)
    assert await _outcomes(redirect) == {"read": expected, "create": expected}


async def test_a_read_follows_a_redirect_within_the_origin() -> None:
    """A creation does not: nobody knows whether it has happened."""
    found = await _outcomes(respond(307, Location="/v1.3/elsewhere"), OK)
    assert found == {"read": (type(None), 2), "create": (APIResponseError, 1)}


async def test_redirects_in_circles_end() -> None:
    """Five redirects are followed, not a sixth."""
    with Server(respond(302, Location="/v1.3/indexes/i1")) as server:
        async with AsyncTwelveLabs(api_key=KEY, base_url=server.url) as client:
            with pytest.raises(APIResponseError, match="more than 5 times"):
                await client.indexes.retrieve("i1")
    assert server.attempts == 6


async def test_a_host_that_does_not_exist_is_never_reached() -> None:
    """Name look-up fails: a connection error that names the host; a creation may be tried again, as it never began."""
    async with AsyncTwelveLabs(api_key=KEY, base_url="http://x.invalid", max_retries=1) as client:
        with pytest.raises(APIConnectionError, match=r"no connection to x\.invalid"):
            await CALLS["create"](client)
