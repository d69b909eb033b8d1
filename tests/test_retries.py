"""What is tried again, how often, after how long, and with what."""

from __future__ import annotations

import asyncio
import hashlib
import io
import random
import threading
import time
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

from support.raw_server import KEY, OK, RESET, STALL, Connection, Reply, Server, respond

MODELS: Any = [{"model_name": "marengo3.0", "model_options": ["visual"]}]
BUSY = respond(503, b"", Retry_After=0)
LIMITED = respond(429, b"", Retry_After=0)


@pytest.fixture(autouse=True)
def _short_backoff() -> None:
    """The first waits between tries are drawn from the lower end of their range."""
    random.seed(112983)


def client_of(server: Server, **settings: Any) -> AsyncTwelveLabs:
    return AsyncTwelveLabs(api_key=KEY, base_url=server.url, **{"timeout": 10, **settings})


async def read(client: AsyncTwelveLabs, **options: Any) -> Any:
    return await client.indexes.retrieve("i1", **options)


async def create(client: AsyncTwelveLabs, **options: Any) -> Any:
    return await client.indexes.create(index_name="talks", models=MODELS, **options)


@pytest.mark.parametrize(
    ("faults", "tries", "error"),
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
async def test_a_read_is_tried_again_until_an_answer_settles_it(
    faults: list[Reply], tries: int, error: type[Exception] | None
) -> None:
    """Passing faults are ridden out up to max_retries; an answer that will not change ends it."""
    with Server(*faults) as server:
        async with client_of(server) as client:
            if error is None:
                assert (await read(client)).id == "i1"
            else:
                with pytest.raises(error):
                    await read(client)
    assert server.attempts == tries


@pytest.mark.parametrize(
    ("faults", "tries", "error"),
    [
        ([LIMITED, LIMITED, OK], 3, None),
        ([BUSY, OK], 1, ServiceUnavailableError),
        ([respond(500), OK], 1, InternalServerError),
        ([RESET, OK], 1, APIConnectionError),
        ([LIMITED, RESET, OK], 2, APIConnectionError),
        ([LIMITED, respond(409), OK], 2, ConflictError),
    ],
)
async def test_a_creation_is_tried_again_only_if_it_was_not_carried_out(
    faults: list[Reply], tries: int, error: type[Exception] | None
) -> None:
    """Only a refusal by the rate limit says so; after any other fault a second try could create a second one."""
    with Server(*faults) as server:
        async with client_of(server) as client:
            if error is None:
                assert (await create(client)).id == "i1"
            else:
                with pytest.raises(error):
                    await create(client)
    assert server.attempts == tries


async def test_a_creation_that_never_connected_is_tried_again() -> None:
    """A refused connection carried nothing: the creation goes out as soon as somebody listens."""
    server = Server(OK)
    server.stop_listening()
    async with client_of(server) as client:
        with pytest.raises(APIConnectionError, match="no connection to 127"):
            await create(client, request_options={"max_retries": 0})
        creation = asyncio.create_task(create(client, request_options={"max_retries": 10}))
        await asyncio.sleep(0.05)
        server.listen()
        with server:
            assert (await creation).id == "i1"
    assert server.attempts == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry_After": "0.2"},
        {"Retry_After_Ms": "200", "Retry_After": "60"},
        {"x_ratelimit_request_remaining": "0", "x_ratelimit_request_reset": "NOW+0.2"},
        {"x_ratelimit_request_reset": "NOW+0.2"},
        {"x_ratelimit_duration_remaining": "9", "x_ratelimit_duration_reset": "NOW+60", "x_ratelimit_reset": "NOW+0.2"},
    ],
    ids=str,
)
async def test_a_refusal_by_the_rate_limit_is_waited_out(headers: dict[str, str]) -> None:
    """The next try comes when the answer said, in seconds, milliseconds, or by when the window ends."""
    now = time.time()
    told = {
        name: str(now + float(value.removeprefix("NOW+"))) if value.startswith("NOW+") else value
        for name, value in headers.items()
    }
    with Server(respond(429, b"", **told), OK) as server:
        async with client_of(server) as client:
            await create(client)
    assert 0.19 < time.time() - now < 5
    assert server.attempts == 2


async def test_a_date_says_when_to_try_again() -> None:
    """Retry-After may be an HTTP date; one in the past means now."""
    with Server(respond(429, b"", Retry_After=formatdate(time.time() - 5, usegmt=True)), OK) as server:
        async with client_of(server) as client:
            assert (await create(client)).id == "i1"
    with Server(respond(429, b"", Retry_After=formatdate(time.time() + 3600, usegmt=True))) as server:
        async with client_of(server, timeout=None) as client:
            with pytest.raises(TooManyRequestsError) as caught:
                await create(client)
    assert caught.value.retry_after == pytest.approx(3600, abs=5)


@pytest.mark.parametrize(("wait", "timeout"), [(86400, None), (121, None), (8, 5)])
async def test_a_wait_that_is_too_long_is_left_to_the_caller(wait: int, timeout: float | None) -> None:
    """Two minutes, or the time that is left, is what a call waits at most; beyond that it says at once how long."""
    with Server(respond(429, b"", Retry_After=wait)) as server:
        async with client_of(server, timeout=timeout) as client:
            began = time.monotonic()
            with pytest.raises(TooManyRequestsError, match=f"Retry in {wait} s") as caught:
                await read(client)
    assert time.monotonic() - began < 2
    assert (server.attempts, caught.value.retry_after) == (1, wait)


@pytest.mark.parametrize("status", [400, 503])
async def test_the_end_of_the_window_means_nothing_to_other_errors(status: int) -> None:
    """Every answer tells when the rate limit's window ends; only a 429 is about it."""
    told = {"x_ratelimit_request_remaining": 7, "x_ratelimit_request_reset": int(time.time()) + 50}
    with Server(respond(status, b"", **told)) as server:
        async with client_of(server, max_retries=0) as client:
            with pytest.raises(APIError) as caught:
                await read(client)
    assert caught.value.retry_after is None
    assert "tried again" not in str(caught.value)


async def test_no_wait_between_tries_outlasts_the_deadline() -> None:
    """A wait takes half of the time that is left at most, however long the backoff has become."""
    random.seed(139169)  # the first waits are drawn from the upper end of their range
    with Server(respond(503)) as server:
        async with client_of(server, timeout=0.5, max_retries=50) as client:
            began = time.monotonic()
            with pytest.raises((ServiceUnavailableError, APITimeoutError)):
                await read(client)
            assert time.monotonic() - began < 0.8
    assert 3 < server.attempts < 50


async def test_the_deadline_holds_over_all_tries() -> None:
    """A second try gets the time that the first one left, not the whole of it again."""
    with Server(BUSY, STALL) as server:
        async with client_of(server, timeout=0.3) as client:
            began = time.monotonic()
            with pytest.raises(APITimeoutError, match="in time"):
                await read(client)
            assert time.monotonic() - began < 1.5
    assert server.attempts == 2


@pytest.mark.parametrize("first", [RESET, BUSY], ids=["reset", "503"])
@pytest.mark.parametrize("gone", [respond(404), respond(400, {"code": "resource_not_exist"})], ids=["404", "400"])
async def test_a_deletion_whose_first_try_may_have_worked_takes_nothing_there_as_done(
    first: Reply, gone: Reply
) -> None:
    """The answer was lost, the index is gone: that is what was asked for."""
    with Server(first, gone) as server:
        async with client_of(server) as client:
            await client.indexes.delete("i1")
    assert server.attempts == 2


@pytest.mark.parametrize("first", [[], [LIMITED]], ids=["at once", "after a refusal"])
async def test_a_deletion_of_nothing_is_an_error(first: list[Reply]) -> None:
    """A 404 counts if no earlier try can have deleted anything."""
    with Server(*first, respond(404)) as server:
        async with client_of(server) as client:
            with pytest.raises(NotFoundError):
                await client.indexes.delete("i1")


async def test_a_removal_whose_first_try_may_have_worked_tells_what_is_left() -> None:
    """The assets are no longer there to be taken from the entity, which is described as it is then."""
    with Server(RESET, respond(404), OK) as server:
        async with client_of(server) as client:
            entity = await client.entity_collections.entities.delete_assets("c1", "e1", asset_ids=["a1"])
    assert entity.id == "i1"
    assert server.attempts == 3


@pytest.mark.parametrize(
    ("status", "error"), [("canceled", None), ("completed", ConflictError), ("expired", ConflictError)]
)
async def test_what_is_canceled_already_need_not_be_canceled(status: str, error: type[Exception] | None) -> None:
    """A batch that an earlier try canceled is described; one that has ended by itself could not be canceled."""
    conflict = respond(409, {"error": {"code": f"batch_{status}", "message": "It has ended."}})
    with Server(RESET, conflict, respond(200, {"batch_id": "b1", "status": status})) as server:
        async with client_of(server) as client:
            if error is None:
                assert (await client.analyze_async.batches.cancel("b1")).status == "canceled"
            else:
                with pytest.raises(error):
                    await client.analyze_async.batches.cancel("b1")


async def test_settings_of_a_call_beat_those_of_the_client() -> None:
    """max_retries and timeout_in_seconds hold for one call, with_options for a copy."""
    with Server(BUSY) as server:
        async with client_of(server) as client:
            for patient, tries in [(client, 3), (client.with_options(max_retries=1), 2)]:
                with pytest.raises(ServiceUnavailableError):
                    await read(patient)
                assert server.attempts == tries
                server.requests.clear()
            with pytest.raises(ServiceUnavailableError):
                await read(client, request_options={"max_retries": 0})
            assert server.attempts == 1
    with Server(STALL) as server:
        async with client_of(server) as client:
            began = time.monotonic()
            with pytest.raises(APITimeoutError):
                await read(client, request_options={"timeout_in_seconds": 0.1})
            with pytest.raises(APITimeoutError):
                await read(client.with_options(timeout=0.1))
            assert time.monotonic() - began < 2


def _digest(server: Server) -> list[str]:
    """Hashes of the bodies received, without the boundary that is new in each form."""
    found: list[str] = []
    for request in server.requests:
        boundary = request.headers["content-type"].partition("boundary=")[2].encode()
        found.append(hashlib.sha256(request.body.replace(boundary, b"") if boundary else request.body).hexdigest())
    return found


@pytest.mark.parametrize("source", ["path", "file", "bytes"])
async def test_every_try_sends_the_same_file(source: str, tmp_path: Path) -> None:
    """A form is made anew for each try, and its file read from where it began."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(random.randbytes(1_500_000))
    with Server(LIMITED, LIMITED, respond(201, {"_id": "a1"})) as server, path.open("rb") as file:
        given: Any = {"path": path, "file": file, "bytes": ("clip.mp4", io.BytesIO(path.read_bytes()))}[source]
        async with client_of(server) as client:
            await client.assets.create(method="direct", file=given, user_metadata={"a": 1})
    assert [len(server.requests), len(set(_digest(server)))] == [3, 1]
    assert path.read_bytes() in server.requests[2].body


async def test_every_try_sends_the_same_fields() -> None:
    """JSON and forms without files arrive the same each time, from a search that may be repeated after any fault."""
    with Server(BUSY, RESET, respond(200, {"data": []})) as server:
        async with client_of(server) as client:
            await client.search.create(index_id="i1", search_options=["visual"], query_text="a goal")
    assert [len(server.requests), len(set(_digest(server)))] == [3, 1]
    with Server(BUSY, RESET, respond(200)) as server:
        async with client_of(server) as client:
            await client.indexes.update("i1", index_name="speeches")
    assert [request.body for request in server.requests] == [b'{"index_name":"speeches"}'] * 3


async def test_a_closed_idle_connection_costs_a_read_nothing() -> None:
    """The server closed a kept connection unannounced: the read is tried on a fresh one."""

    def once(connection: Connection) -> None:
        OK(connection)
        connection.close()

    with Server(once) as server:
        async with client_of(server) as client:
            for _ in range(5):
                assert (await read(client)).id == "i1"


async def test_a_creation_does_not_use_an_idle_connection_that_was_closed() -> None:
    """Once the server's closing has arrived, it is noticed before the creation is sent, even by a busy event loop."""
    idle = threading.Event()

    def once(connection: Connection) -> None:
        OK(connection)
        idle.wait(5)
        connection.close()

    with Server(once) as server:
        async with client_of(server, max_retries=0) as client:
            for _ in range(5):
                await create(client)
                server.closed.clear()
                idle.set()
                server.closed.wait(5)  # blocks the event loop, which cannot see the connection end
                idle.clear()
            idle.set()
    assert server.attempts == 5


async def test_a_call_given_up_closes_its_connection() -> None:
    """Cancellation in mid-flight reaches the server as the end of the connection, and is not tried again."""
    with Server(STALL) as server:
        async with client_of(server) as client:
            call = asyncio.create_task(read(client))
            await asyncio.to_thread(server.reached.wait, 5)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert await asyncio.to_thread(server.closed.wait, 5)
    assert server.attempts == 1


async def test_a_call_can_be_given_up_between_tries() -> None:
    """Cancellation works while a call waits for its next try."""
    with Server(respond(503, b"", Retry_After=5)) as server:
        async with client_of(server) as client:
            call = asyncio.create_task(read(client))
            await asyncio.to_thread(server.reached.wait, 5)
            await asyncio.sleep(0.05)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
