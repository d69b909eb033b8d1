"""Errors that callers get for faults of the connection and of the response."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
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

from support.clients import Connect
from support.clock import Clock
from support.disclosure import disclosed_text
from support.faults import INCOMPLETE, NOT_FROM_THE_API, SLOW
from support.raw_server import CLOSE, KEY, OK, STALL, Reply, Server, respond, send
from support.samples import MODELS
from support.until import until

CALLS: dict[str, Callable[[Any], Any]] = {
    "retrieve": lambda client: client.indexes.retrieve("i1"),
    "create": lambda client: client.indexes.create(index_name="talks", models=MODELS),
}


@pytest.fixture(autouse=True)
def _everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The API key is in no log message."""
    caplog.set_level(logging.DEBUG)
    yield
    assert KEY not in caplog.text


Outcome = tuple[type[BaseException] | None, int]
"""The class of the error, and the number of attempts."""

Outcomes = Callable[..., Awaitable[dict[str, Outcome]]]


def checked(error: Exception) -> type[Exception]:
    """Return the class of *error*, whose text must be short and without the API key."""
    assert KEY not in disclosed_text(error)
    assert len(str(error)) < 300
    return type(error)


@pytest.fixture
def outcomes(connect: Connect, autojump_clock: Clock) -> Outcomes:
    """A function that returns the outcome of each call; with *timeout*, the responses of the server are too late."""

    async def outcome(call: str, replies: Sequence[Reply], timeout: float | None) -> Outcome:
        with Server(*replies) as server:
            async with connect(server, max_retries=1, timeout=timeout or 600) as client:
                task = asyncio.ensure_future(CALLS[call](client))
                if timeout:
                    await until(lambda: server.attempts == 1)
                    autojump_clock.advance(timeout + 1)  # aiohttp rounds timeouts up to whole seconds
                try:
                    await task
                except Exception as error:
                    return checked(error), server.attempts
                return None, server.attempts

    async def outcomes(*replies: Reply, timeout: float | None = None) -> dict[str, Outcome]:
        return {call: await outcome(call, replies, timeout) for call in CALLS}

    return outcomes


@pytest.mark.parametrize("fault", INCOMPLETE)
async def test_an_incomplete_response_is_a_connection_error(outcomes: Outcomes, fault: str) -> None:
    """A GET is retried. A creating POST is not, because it may have been processed."""
    assert await outcomes(INCOMPLETE[fault]) == {"retrieve": (APIConnectionError, 2), "create": (APIConnectionError, 1)}


@pytest.mark.parametrize("fault", ["closed before the headers", "reset in the body", "not HTTP"])
async def test_a_get_succeeds_after_one_incomplete_response(outcomes: Outcomes, fault: str) -> None:
    """The retry uses another connection."""
    assert (await outcomes(INCOMPLETE[fault], OK))["retrieve"] == (None, 2)


@pytest.mark.parametrize("fault", SLOW)
async def test_a_slow_response_ends_with_the_timeout_of_the_call(outcomes: Outcomes, fault: str) -> None:
    """The timeout is for the whole call: data that trickles in does not extend it, and no retry follows."""
    expected = (APITimeoutError, 1)
    assert await outcomes(SLOW[fault], timeout=60) == {"retrieve": expected, "create": expected}


@pytest.mark.parametrize("fault", NOT_FROM_THE_API)
async def test_a_complete_response_that_is_not_a_json_object_is_not_retried(outcomes: Outcomes, fault: str) -> None:
    """The server is probably not the API."""
    expected = (APIResponseError, 1)
    assert await outcomes(NOT_FROM_THE_API[fault]) == {"retrieve": expected, "create": expected}


async def test_an_error_status_is_reported_even_if_its_body_stalls(outcomes: Outcomes) -> None:
    """The status decides the class of the error."""
    stalled = send(b"HTTP/1.1 503 Busy\r\nContent-Length: 1000\r\n\r\n{", STALL)
    expected = (ServiceUnavailableError, 1)
    assert await outcomes(stalled, timeout=60) == {"retrieve": expected, "create": expected}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_to_another_origin_is_refused(outcomes: Outcomes, status: int) -> None:
    """The other server receives no request, and so no API key."""
    with Server(OK, host="127.0.0.2") as other:
        redirect = respond(status, Location=f"{other.origin}/v1.3/indexes/i1?key=KEY")
        expected = (APIResponseError, 1)
        assert await outcomes(redirect) == {"retrieve": expected, "create": expected}
    assert not other.requests


@pytest.mark.parametrize("location", ["http://[", "mailto:me", "http://:0/", None])
async def test_a_redirect_without_a_usable_location_is_refused(outcomes: Outcomes, location: str | None) -> None:
    """The location is missing, or is not a URL of HTTP."""
    expected = (APIResponseError, 1)
    redirect = respond(302, Location=location) if location else respond(304)
    assert await outcomes(redirect) == {"retrieve": expected, "create": expected}


async def test_a_get_follows_a_redirect_within_the_origin(outcomes: Outcomes) -> None:
    """A creating POST does not, because it may have been processed."""
    found = await outcomes(respond(307, Location="/v1.3/elsewhere"), OK)
    assert found == {"retrieve": (None, 2), "create": (APIResponseError, 1)}


@pytest.mark.parametrize(
    ("reply", "timeout", "error"),
    [(CLOSE, 60, APIConnectionError), (STALL, 0.1, APITimeoutError), (respond(200, b"<h1>KEY"), 60, APIResponseError)],
    ids=["incomplete", "slow", "not from the API"],
)
def test_the_blocking_client_raises_the_same_errors(reply: Reply, timeout: float, error: type[Exception]) -> None:
    with (
        Server(reply) as server,
        TwelveLabs(api_key=KEY, base_url=server.url, timeout=timeout, max_retries=0) as client,
    ):
        for call in CALLS.values():
            with pytest.raises(error) as caught:
                call(client)
            assert checked(caught.value) is error
    assert server.attempts <= len(CALLS)  # on a loaded machine, the time is up before a request is sent


async def test_at_most_five_redirects_are_followed() -> None:
    with Server(respond(302, Location="/v1.3/indexes/i1")) as server:
        async with AsyncTwelveLabs(api_key=KEY, base_url=server.url) as client:
            with pytest.raises(APIResponseError, match="more than 5 times"):
                await client.indexes.retrieve("i1")
    assert server.attempts == 6


async def test_a_failed_name_lookup_is_a_connection_error() -> None:
    """The error names the host."""
    async with AsyncTwelveLabs(api_key=KEY, base_url="http://x.invalid", max_retries=1) as client:
        with pytest.raises(APIConnectionError, match=r"no connection to x\.invalid"):
            await CALLS["create"](client)
