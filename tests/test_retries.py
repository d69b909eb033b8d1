"""Retries: which requests are sent again, how often, after which pause, and with which content."""

from __future__ import annotations

import asyncio
import hashlib
import io
import random
import threading
import time
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    AsyncTwelveLabs,
    BadRequestError,
    ConflictError,
    InternalServerError,
    NotFoundError,
    ServiceUnavailableError,
    TooManyRequestsError,
    UnauthorizedError,
)

from support.clients import Connect
from support.clock import Clock, Stopwatch
from support.raw_server import OK, RESET, STALL, Connection, Reply, Server, respond
from support.samples import MODELS
from support.until import until

pytestmark = pytest.mark.usefixtures("autojump_clock")

BUSY = respond(503)
LIMITED = respond(429)


async def retrieve(client: AsyncTwelveLabs, **options: Any) -> Any:
    return await client.indexes.retrieve("i1", **options)


async def create(client: AsyncTwelveLabs, **options: Any) -> Any:
    return await client.indexes.create(index_name="talks", models=MODELS, **options)


def loop_time() -> float:
    return asyncio.get_running_loop().time()


@pytest.mark.parametrize(
    ("replies", "attempts", "error"),
    [
        ([BUSY, BUSY, OK], 3, None),
        ([RESET, RESET, OK], 3, None),
        ([RESET, BUSY, OK], 3, None),
        ([LIMITED, BUSY, OK], 3, None),
        ([BUSY, BUSY, BUSY, OK], 3, ServiceUnavailableError),
        ([respond(500), OK], 2, None),
        ([respond(502, b"<html>"), OK], 2, None),
        ([respond(504), OK], 2, None),
        ([respond(408), OK], 2, None),
        ([respond(501), OK], 1, APIError),
        ([respond(400), OK], 1, BadRequestError),
        ([respond(401), OK], 1, UnauthorizedError),
        ([respond(404), OK], 1, NotFoundError),
        ([respond(409), OK], 1, ConflictError),
        ([BUSY, respond(400), OK], 2, BadRequestError),
        ([RESET, respond(401), OK], 2, UnauthorizedError),
    ],
)
async def test_a_get_is_retried_after_transient_failures(
    connect: Connect, replies: list[Reply], attempts: int, error: type[Exception] | None
) -> None:
    """There are at most ``max_retries`` retries (default: 2), and none after a failure that is not transient."""
    with Server(*replies) as server:
        async with connect(server) as client:
            if error is None:
                assert (await retrieve(client)).id == "i1"
            else:
                with pytest.raises(error):
                    await retrieve(client)
    assert server.attempts == attempts


@pytest.mark.parametrize(
    ("replies", "attempts", "error"),
    [
        ([LIMITED, LIMITED, OK], 3, None),
        ([BUSY, OK], 1, ServiceUnavailableError),
        ([respond(500), OK], 1, InternalServerError),
        ([RESET, OK], 1, APIConnectionError),
        ([LIMITED, RESET, OK], 2, APIConnectionError),
        ([LIMITED, respond(409), OK], 2, ConflictError),
    ],
)
async def test_a_creating_post_is_retried_only_if_it_was_not_processed(
    connect: Connect, replies: list[Reply], attempts: int, error: type[Exception] | None
) -> None:
    """Only a 429 says so; after any other failure a retry could create a second object."""
    with Server(*replies) as server:
        async with connect(server) as client:
            if error is None:
                assert (await create(client)).id == "i1"
            else:
                with pytest.raises(error):
                    await create(client)
    assert server.attempts == attempts


async def test_a_creating_post_is_retried_if_it_was_never_sent(connect: Connect) -> None:
    """A refused connection transmits nothing, so the request is sent as soon as the server accepts connections."""
    server = Server(OK)
    server.stop_listening()
    async with connect(server) as client:
        with pytest.raises(APIConnectionError, match="no connection"):
            await create(client, request_options={"max_retries": 0})
        creation = asyncio.create_task(create(client, request_options={"max_retries": 1000}))
        await asyncio.sleep(1)
        server.listen()
        with server:
            assert (await creation).id == "i1"
    assert server.attempts == 1


@pytest.mark.parametrize("ahead", [-3600, 3600])
@pytest.mark.parametrize(
    "headers",
    [
        {"Retry_After": "20"},
        {"Retry_After": "20.5"},
        {"Retry_After": "NOW+20"},
        {"Retry_After": "{0:%a, %d %b %Y %H:%M:%S GMT}"},
        {"Retry_After": "{0:%A, %d-%b-%y %H:%M:%S GMT}"},
        {"Retry_After": "{0:%a %b %d %H:%M:%S %Y}"},
        {"Retry_After": "{0:%Y-%m-%dT%H:%M:%SZ}"},
        {"Retry_After_Ms": "20000", "Retry_After": "60"},
        {"Retry_After": "0", "x_ratelimit_request_reset": "NOW+20"},
        {"x_ratelimit_request_remaining": "0", "x_ratelimit_request_reset": "NOW+20"},
        {"x_ratelimit_request_reset": "NOW+20"},
        {"x_ratelimit_request_reset": "20"},
        {"x_ratelimit_duration_remaining": "9", "x_ratelimit_duration_reset": "NOW+60", "x_ratelimit_reset": "NOW+20"},
    ],
    ids=str,
)
async def test_a_retry_waits_for_as_long_as_the_response_asks(
    connect: Connect, clock: Clock, headers: dict[str, str], ahead: int
) -> None:
    """The pause is given in seconds, in milliseconds, as a time of any form, or as the end of the rate limit's window.

    The clock of the server is an hour slow or fast, which does not matter.
    """
    now = int(time.time()) + ahead
    later = datetime.fromtimestamp(now + 20, UTC)
    dated = {
        name: value.format(later).replace("NOW+20", str(now + 20)).replace("NOW+60", str(now + 60))
        for name, value in headers.items()
    }
    with Server(respond(429, Date=formatdate(now, usegmt=True), **dated), OK) as server:
        async with connect(server) as client:
            watch = Stopwatch(clock)
            await create(client)
            assert watch.seconds >= 20
            assert watch.advanced < 25
    assert server.attempts == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry_After": "0"},
        {"Retry_After": "0.001"},
        {"Retry_After": "-5"},
        {"Retry_After": "soon"},
        {"Retry_After": "nan"},
        {"Retry_After": "1e300"},
        {"Retry_After": "99999999999999"},
        {"Retry_After_Ms": "9" * 400},
        {"Retry_After_Ms": "1"},
        {"Retry_After": "Sun, 06 Nov 1994 08:49:37 GMT"},
        {"Retry_After": "Sun, 06 Nov 2094 08:49:37 GMT", "Date": ""},
        {"Retry_After": "Sun, 06 Nov 2094 08:49:37 GMT", "Date": "yesterday"},
        {"x_ratelimit_request_remaining": "0", "x_ratelimit_request_reset": "1000000000"},
        {"x_ratelimit_request_remaining": "0", "x_ratelimit_request_reset": "0"},
        {},
    ],
    ids=str,
)
async def test_a_retry_waits_for_the_backoff_at_least(connect: Connect, clock: Clock, headers: dict[str, str]) -> None:
    """A pause that is zero, tiny, over or not legible does not replace it. Backoffs are random, up to 39 s in all."""
    dated = {"Date": formatdate(time.time(), usegmt=True), **headers}
    with Server(respond(429, **dated)) as server:
        async with connect(server, max_retries=8) as client:
            watch = Stopwatch(clock)
            with pytest.raises(TooManyRequestsError):
                await retrieve(client)
            assert watch.seconds > 2
            assert watch.advanced < 48
    assert server.attempts == 9


@pytest.mark.parametrize(("pause", "timeout"), [(86400, None), (121, None), (8, 5)])
async def test_a_pause_that_is_too_long_is_left_to_the_caller(
    connect: Connect, clock: Clock, pause: int, timeout: float | None
) -> None:
    """A call pauses for at most 120 s, and only within its timeout; the error says how long to wait."""
    with Server(respond(429, Retry_After=pause)) as server:
        async with connect(server, timeout=timeout) as client:
            watch = Stopwatch(clock)
            with pytest.raises(TooManyRequestsError, match=f"{pause} s") as caught:
                await retrieve(client)
            assert watch.advanced < 2
    assert (server.attempts, caught.value.retry_after) == (1, pause)


@pytest.mark.parametrize("status", [400, 503])
async def test_the_end_of_the_window_is_ignored_in_other_errors(connect: Connect, status: int) -> None:
    """Every response names the end of the rate limit's window; only in a 429 it is the time of the next attempt."""
    reply = respond(status, x_ratelimit_request_remaining=7, x_ratelimit_request_reset=int(time.time()) + 50)
    with Server(reply) as server:
        async with connect(server, max_retries=0) as client:
            with pytest.raises(APIError) as caught:
                await retrieve(client)
    assert caught.value.retry_after is None


async def test_each_retry_is_logged(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    """The line has the request, the pause, the reason, and the request's id for the API's support."""
    caplog.set_level("INFO", "twelvelabs_async")
    with Server(respond(503, b"maintenance", Retry_After=20, X_Request_Id="r1"), RESET, OK) as server:
        async with connect(server) as client:
            await retrieve(client)
    first, second = [record.getMessage() for record in caplog.records if "retry" in record.getMessage()]
    assert first == (
        "GET /indexes/i1: retry 1 of 2 in 20.0 s after: "
        "GET /indexes/i1: status 503: maintenance. Retry in 20 s. (request id: r1)"
    )
    assert second.startswith("GET /indexes/i1: retry 2 of 2 in ")
    assert "the connection broke" in second


@pytest.mark.parametrize(
    ("reply", "is_unknown"),
    [
        (RESET, True),
        (BUSY, True),
        (respond(200, b"<html>"), True),
        (respond(504), True),
        (LIMITED, False),
        (respond(400), False),
    ],
    ids=["reset", "503", "not JSON", "504", "429", "400"],
)
async def test_an_error_states_whether_a_creating_post_may_have_been_processed(
    connect: Connect, reply: Reply, is_unknown: bool
) -> None:
    """The caller then knows to look for what may have been created. Errors of a GET do not state it."""
    with Server(reply) as server:
        async with connect(server, max_retries=0) as client:
            with pytest.raises(APIError) as created:
                await create(client)
            with pytest.raises(APIError) as retrieved:
                await retrieve(client)
    assert ("The API may have processed the request" in str(created.value)) is is_unknown
    assert "may have processed" not in str(retrieved.value)


async def test_backoffs_end_with_the_timeout(connect: Connect, clock: Clock) -> None:
    """A backoff takes at most half of the time that is left, so that many attempts fit into any timeout."""
    with Server(BUSY) as server:
        async with connect(server, timeout=60, max_retries=1000) as client:
            watch = Stopwatch(clock)
            with pytest.raises((ServiceUnavailableError, APITimeoutError)):
                await retrieve(client)
            assert watch.advanced <= 61
    assert server.attempts > 8  # backoffs of at most 8 s, and shorter ones towards the end


async def test_all_attempts_share_one_timeout(connect: Connect, clock: Clock) -> None:
    """A retry has the time that the first attempt left, and no more."""
    with Server(BUSY, STALL) as server:
        async with connect(server, timeout=60) as client:
            began = loop_time()
            call = asyncio.create_task(retrieve(client))
            await until(lambda: server.attempts == 2)
            clock.advance(began + 61 - loop_time())  # aiohttp rounds timeouts up to whole seconds
            with pytest.raises(APITimeoutError, match="in time"):
                await call
    assert server.attempts == 2


@pytest.mark.parametrize("first", [RESET, BUSY], ids=["reset", "503"])
@pytest.mark.parametrize("gone", [respond(404), respond(400, {"code": "resource_not_exist"})], ids=["404", "400"])
async def test_a_retried_delete_succeeds_if_the_object_is_gone(connect: Connect, first: Reply, gone: Reply) -> None:
    """The first attempt may have deleted it."""
    with Server(first, gone) as server:
        async with connect(server) as client:
            await client.indexes.delete("i1")
    assert server.attempts == 2


@pytest.mark.parametrize("first", [[], [LIMITED]], ids=["first attempt", "after a 429"])
async def test_a_delete_of_a_missing_object_fails(connect: Connect, first: list[Reply]) -> None:
    """A 404 is an error if no earlier attempt can have deleted the object."""
    with Server(*first, respond(404)) as server:
        async with connect(server) as client:
            with pytest.raises(NotFoundError):
                await client.indexes.delete("i1")


async def test_a_retried_removal_of_assets_returns_the_entity(connect: Connect) -> None:
    """If the assets are no longer part of the entity, the entity is retrieved as it is."""
    with Server(RESET, respond(404), OK) as server:
        async with connect(server) as client:
            entity = await client.entity_collections.entities.delete_assets("c1", "e1", asset_ids=["a1"])
    assert entity.id == "i1"
    assert server.attempts == 3


@pytest.mark.parametrize(
    ("status", "error"), [("canceled", None), ("completed", ConflictError), ("expired", ConflictError)]
)
async def test_a_retried_cancellation_succeeds_if_the_batch_is_canceled(
    connect: Connect, status: str, error: type[Exception] | None
) -> None:
    """A batch that an earlier attempt canceled is returned; one that ended by itself is a conflict."""
    conflict = respond(409, {"error": {"code": f"batch_{status}", "message": "It has ended."}})
    with Server(RESET, conflict, respond(200, {"batch_id": "b1", "status": status})) as server:
        async with connect(server) as client:
            if error is None:
                assert (await client.analyze_async.batches.cancel("b1")).status == "canceled"
            else:
                with pytest.raises(error):
                    await client.analyze_async.batches.cancel("b1")


async def test_options_of_a_call_override_those_of_the_client(connect: Connect, clock: Clock) -> None:
    """``request_options`` hold for one call, `with_options` for a copy of the client."""
    with Server(BUSY) as server:
        async with connect(server) as client:
            for copy, attempts in [(client, 3), (client.with_options(max_retries=1), 2)]:
                with pytest.raises(ServiceUnavailableError):
                    await retrieve(copy)
                assert server.attempts == attempts
                server.requests.clear()
            with pytest.raises(ServiceUnavailableError):
                await retrieve(client, request_options={"max_retries": 0})
            assert server.attempts == 1
    with Server(STALL) as server:
        async with connect(server, timeout=1000) as client:
            calls = [
                asyncio.create_task(retrieve(client, request_options={"timeout_in_seconds": 10})),
                asyncio.create_task(retrieve(client.with_options(timeout=10))),
            ]
            await until(lambda: server.attempts == 2)
            clock.advance(11)
            for call in calls:
                with pytest.raises(APITimeoutError):
                    await call


def _digests(server: Server) -> list[str]:
    """Return hashes of the bodies received, without the boundary, which each form has anew."""
    found: list[str] = []
    for request in server.requests:
        boundary = request.headers["content-type"].partition("boundary=")[2].encode()
        found.append(hashlib.sha256(request.body.replace(boundary, b"") if boundary else request.body).hexdigest())
    return found


@pytest.mark.parametrize("source", ["path", "file", "bytes"])
async def test_every_attempt_sends_the_same_file(connect: Connect, source: str, tmp_path: Path) -> None:
    """The form is built anew for each attempt, and its file read from where it began."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(random.randbytes(1_500_000))
    with Server(LIMITED, LIMITED, respond(201, {"_id": "a1"})) as server, path.open("rb") as file:
        given: Any = {"path": path, "file": file, "bytes": ("clip.mp4", io.BytesIO(path.read_bytes()))}[source]
        async with connect(server) as client:
            await client.assets.create(method="direct", file=given, user_metadata={"a": 1})
    assert [len(server.requests), len(set(_digests(server)))] == [3, 1]
    assert path.read_bytes() in server.requests[2].body


async def test_every_attempt_sends_the_same_fields(connect: Connect) -> None:
    """JSON bodies and forms without files do not change; a search is idempotent."""
    with Server(BUSY, RESET, respond(200, {"data": []})) as server:
        async with connect(server) as client:
            await client.search.create(index_id="i1", search_options=["visual"], query_text="a goal")
    assert [len(server.requests), len(set(_digests(server)))] == [3, 1]
    with Server(BUSY, RESET, respond(200)) as server:
        async with connect(server) as client:
            await client.indexes.update("i1", index_name="speeches")
    assert [request.body for request in server.requests] == [b'{"index_name":"speeches"}'] * 3


async def test_a_get_survives_a_closed_idle_connection(connect: Connect) -> None:
    """If the server closes a pooled connection, the request is sent on a new one."""

    def respond_and_close(connection: Connection) -> None:
        OK(connection)
        connection.close()

    with Server(respond_and_close) as server:
        async with connect(server) as client:
            for _ in range(5):
                assert (await retrieve(client)).id == "i1"


async def test_a_creating_post_avoids_a_closed_idle_connection(connect: Connect) -> None:
    """Once the end of a connection was received, no request is sent on it, even if the event loop was blocked."""
    idle = threading.Event()

    def respond_and_close(connection: Connection) -> None:
        OK(connection)
        idle.wait(5)
        connection.close()

    with Server(respond_and_close) as server:
        async with connect(server, max_retries=0) as client:
            for _ in range(5):
                await create(client)
                server.closed.clear()
                idle.set()
                server.closed.wait(5)  # blocks the event loop, which cannot notice the end of the connection
                idle.clear()
            idle.set()
    assert server.attempts == 5


async def test_cancelling_a_call_closes_its_connection(connect: Connect) -> None:
    """The server sees the end of the connection, and there is no retry."""
    with Server(STALL) as server:
        async with connect(server) as client:
            call = asyncio.create_task(retrieve(client))
            await asyncio.to_thread(server.reached.wait, 5)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert await asyncio.to_thread(server.closed.wait, 5)
    assert server.attempts == 1


async def test_a_call_can_be_cancelled_between_attempts(connect: Connect, clock: Clock) -> None:
    """Cancellation ends the pause before a retry."""
    clock.autojump = False
    with Server(respond(503, Retry_After=5)) as server:
        async with connect(server) as client:
            call = asyncio.create_task(retrieve(client))
            await asyncio.to_thread(server.reached.wait, 5)
            await asyncio.sleep(0.05)  # until the response is read
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
    assert server.attempts == 1
