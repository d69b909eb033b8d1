"""Rate limits: learned from answers, kept before the API has to refuse, waited for in line."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest

from twelvelabs_async import APITimeoutError, AsyncTwelveLabs, TooManyRequestsError, TwelveLabs
from twelvelabs_async.testing import Emulator

from support.raw_server import INDEX, KEY, OK, STALL, Connection, Reply, Server, respond

MODELS: Any = [{"model_name": "marengo3.0", "model_options": ["visual"]}]
PREFIX = "x-ratelimit-request-"


def told(remaining: object, reset: object, limit: object = 50, status: int = 200, body: Any = None) -> Reply:
    """Answer, and tell the rate limit; *reset* counts from the time of the answer."""

    def fault(connection: Connection) -> None:
        end = time.time() + reset if isinstance(reset, float) else reset
        headers = {f"{PREFIX}remaining": remaining, f"{PREFIX}reset": end, f"{PREFIX}limit": limit}
        respond(status, {"data": [], **INDEX} if body is None else body, **headers)(connection)

    return fault


def client_of(server: Server, **settings: Any) -> AsyncTwelveLabs:
    return AsyncTwelveLabs(api_key=KEY, base_url=server.url, **{"timeout": 10, "max_retries": 0, **settings})


async def read(client: AsyncTwelveLabs) -> None:
    await client.indexes.retrieve("i1")


async def search(client: AsyncTwelveLabs, index_id: str = "i1") -> None:
    await client.search.create(index_id=index_id, search_options=["visual"], query_text="a goal")


async def test_what_is_left_can_be_looked_up() -> None:
    """client.limits holds what the last answer of each category told; with_options copies share it."""
    with Server(told(49, 2000000000, 50), told(7, 2000000001, 60)) as server:
        async with client_of(server) as client:
            assert dict(client.limits) == {}
            await search(client)
            await read(client.with_options(timeout=5))
            search_limit, other = client.limits["search"], client.limits["other"]
    assert (search_limit.limit, search_limit.remaining, search_limit.reset) == (50, 49, 2000000000)
    assert (other.limit, other.remaining, other.reset) == (60, 7, 2000000001)
    assert "remaining=49" in repr(client.limits)


def test_what_is_left_can_be_looked_up_by_blocking_code() -> None:
    """The twin has the same limits."""
    with Server(told(49, 2000000000, 50)) as server, TwelveLabs(api_key=KEY, base_url=server.url) as client:
        client.indexes.retrieve("i1")
        assert client.limits["other"].remaining == 49


async def test_nothing_is_sent_while_nothing_is_left() -> None:
    """After ``remaining: 0`` requests wait for the next window; other categories go on."""
    with Server(told(0, 0.4), OK) as server:
        async with client_of(server) as client:
            await search(client)
            began = time.time()
            reset = client.limits["search"].reset
            waiting = asyncio.create_task(search(client))
            await read(client)
            assert time.time() < began + 0.3
            await waiting
            assert time.time() >= (reset or 0)
    assert [request.method for request in server.requests] == ["POST", "GET", "POST"]


async def test_fifty_at_once_are_paced_without_a_refusal() -> None:
    """Once the limit is known, no request is sent that the API would have to refuse, window after window."""
    with Emulator(rate_limits={"search": (20, 0.3)}) as emulator:
        async with AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.url, max_retries=0) as client:
            index = await client.indexes.create(index_name="talks", models=MODELS)
            await search(client, index.id)
            await asyncio.gather(*(search(client, index.id) for _ in range(50)))
        statuses = [request.status for request in emulator.requests if request.path == "/search"]
    assert statuses == [200] * 51


async def test_a_burst_against_an_unknown_limit_is_paced_after_the_refusals() -> None:
    """The first requests cannot know the limit; the refused ones come back when there is room, and all succeed."""
    with Emulator(rate_limits={"search": (20, 0.3)}) as emulator:
        async with AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.url, max_retries=1) as client:
            index = await client.indexes.create(index_name="talks", models=MODELS)
            await asyncio.gather(*(search(client, index.id) for _ in range(50)))
        statuses = [request.status for request in emulator.requests if request.path == "/search"]
    assert statuses.count(200) == 50
    assert statuses.count(429) <= 30


async def test_a_window_that_ends_too_late_is_not_waited_for() -> None:
    """If the wait cannot end in time, the request goes out at once, past those who wait: the refusal says when."""
    with Server(told(0, 60.0), told(0, 60.0, status=429)) as server:
        async with client_of(server, timeout=100) as client:
            await read(client)
            patient = asyncio.create_task(read(client))
            await asyncio.sleep(0)
            began = time.monotonic()
            with pytest.raises(TooManyRequestsError, match=r"Retry in (59|60) s"):
                await read(client.with_options(timeout=5))
            assert time.monotonic() - began < 2
            assert not patient.done()
            patient.cancel()
            await asyncio.gather(patient, return_exceptions=True)


async def test_waiting_in_line_ends_with_the_deadline() -> None:
    """A new window has room for one, whose answer does not come: the next in line gives up in time, never sent."""
    with Server(told(0, 0.1, 1), STALL) as server:
        async with client_of(server, timeout=2) as client:
            await read(client)
            hanging = asyncio.create_task(read(client))
            await asyncio.sleep(0)
            began = time.monotonic()
            with pytest.raises(APITimeoutError, match="rate limit"):
                await read(client.with_options(timeout=0.5))
            assert 0.4 < time.monotonic() - began < 1.5
            hanging.cancel()
            await asyncio.gather(hanging, return_exceptions=True)
    assert server.attempts == 2


async def test_who_waits_first_goes_first() -> None:
    """The line is a line, also after somebody in it, even its first, has given up."""
    order: list[str] = []

    class Watch:
        async def __call__(self, category: str) -> None:
            task = asyncio.current_task()
            order.append(task.get_name() if task else "")

    with Server(told(0, 0.3), OK) as server:
        async with client_of(server, limiter=Watch()) as client:
            await read(client)
            order.clear()
            waiting = [asyncio.create_task(read(client), name=str(number)) for number in range(8)]
            await asyncio.sleep(0.01)
            waiting[0].cancel()
            waiting[5].cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
    assert order == ["1", "2", "3", "4", "6", "7"]
    assert server.attempts == 7


@pytest.mark.parametrize("first_to_be_counted", [0, 1])
async def test_an_older_answer_does_not_undo_a_newer_one(first_to_be_counted: int) -> None:
    """Requests may be counted in another order than they were sent, and answers come in yet another."""
    newer, older = threading.Event(), threading.Event()

    def reply(event: threading.Event, remaining: int) -> Reply:
        def fault(connection: Connection) -> None:
            event.wait(5)
            told(remaining, 2000000000)(connection)

        return fault

    faults = [reply(newer, 3), reply(newer, 3)]
    faults[first_to_be_counted] = reply(older, 40)
    with Server(*faults) as server:
        async with client_of(server) as client:
            reads = [asyncio.create_task(read(client))]
            await asyncio.to_thread(server.reached.wait, 5)
            reads.append(asyncio.create_task(read(client)))
            newer.set()
            await reads[1 - first_to_be_counted]
            older.set()
            await asyncio.gather(*reads)
            assert client.limits["other"].remaining == 3


@pytest.mark.parametrize("first_to_be_answered", [0, 1])
async def test_requests_under_way_are_taken_off(first_to_be_answered: int) -> None:
    """An answer may not have counted other requests, sent after this one or before."""
    both_under_way = threading.Event()

    def late(connection: Connection) -> None:
        both_under_way.wait(5)
        told(10, 2000000000)(connection)

    faults = [STALL, STALL]
    faults[first_to_be_answered] = late
    with Server(*faults) as server:
        async with client_of(server) as client:
            reads = [asyncio.create_task(read(client))]
            await asyncio.to_thread(server.reached.wait, 5)
            reads.append(asyncio.create_task(read(client)))
            await asyncio.sleep(0)
            both_under_way.set()
            await reads[first_to_be_answered]
            assert client.limits["other"].remaining == 9
            reads[1 - first_to_be_answered].cancel()
            await asyncio.gather(*reads, return_exceptions=True)


async def test_room_that_turns_out_to_be_there_is_used() -> None:
    """If a request under way was counted already, the next in line need not wait for a new window."""
    counted = threading.Event()
    reset = int(time.time()) + 60

    def late(connection: Connection) -> None:
        counted.wait(5)
        told(2, reset)(connection)

    with Server(late, told(1, reset), OK) as server:
        async with client_of(server, timeout=100) as client:
            late_read = asyncio.create_task(read(client))
            await asyncio.to_thread(server.reached.wait, 5)
            await read(client)
            waiting = asyncio.create_task(read(client))
            await asyncio.sleep(0)
            assert server.attempts == 2
            counted.set()
            async with asyncio.timeout(5):
                await asyncio.gather(late_read, waiting)


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "soon", "", "-1", "1e999"])
async def test_headers_that_make_no_sense_hold_nothing_up(value: str) -> None:
    """Numbers that are none are not believed."""
    with Server(told(value, value, value)) as server:
        async with client_of(server, timeout=2) as client:
            for _ in range(3):
                await read(client)
    assert server.attempts == 3


def test_lines_of_successive_event_loops_do_not_mix() -> None:
    """A client that has waited in one event loop can wait in the next."""
    with Server(told(0, 0.1, 3)) as server:
        client = client_of(server)

        async def burst() -> None:
            await read(client)
            await asyncio.gather(*(read(client) for _ in range(3)))

        asyncio.run(burst())
        asyncio.run(burst())
        asyncio.run(client.close())
    assert server.attempts == 8


async def test_a_limiter_is_asked_before_every_try() -> None:
    """It is told the category, and asked again for the second try."""
    asked: list[tuple[str, int]] = []

    with Server(respond(429, b"", Retry_After=0), OK) as server:

        class Watch:
            async def __call__(self, category: str) -> None:
                asked.append((category, server.attempts))

        async with client_of(server, limiter=Watch(), max_retries=1) as client:
            await search(client)
            await client.indexes.indexed_assets.create("i1", asset_id="a1")
    assert asked == [("search", 0), ("search", 1), ("indexing", 2)]


async def test_a_limiter_that_never_lets_go_ends_with_the_deadline() -> None:
    """Nothing is sent, and what is raised says so."""

    class Never:
        async def __call__(self, category: str) -> None:
            await asyncio.Event().wait()

    with Server(OK) as server:
        async with client_of(server, limiter=Never(), timeout=0.2) as client:
            with pytest.raises(APITimeoutError, match="rate limit"):
                await read(client)
    assert server.attempts == 0


async def test_what_a_limiter_raises_is_what_the_caller_gets() -> None:
    """Its errors are its own, and not tried again."""

    class Broken:
        async def __call__(self, category: str) -> None:
            raise LookupError("no bucket")

    with Server(OK) as server:
        async with client_of(server, limiter=Broken(), max_retries=2) as client:
            with pytest.raises(LookupError, match="no bucket"):
                await read(client)
    assert server.attempts == 0
