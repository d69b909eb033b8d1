"""Priority: requests of a bulk run wait behind those that a user sends with the same client, but not for good."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from twelvelabs_async import AsyncTwelveLabs, BadRequestError
from twelvelabs_async.testing import Emulator

from support.bulk import finish
from support.clients import Connect
from support.until import until

pytestmark = pytest.mark.usefixtures("autojump_clock")

IDS = [f"{number:024x}" for number in range(20)]

SLOW = pytest.mark.emulator(latency=0.01)


def deletions(emulator: Emulator) -> list[bool]:
    """Return for each request of the category whether the bulk run sent it."""
    return [request.method == "DELETE" for request in emulator.requests]


@pytest.mark.emulator(speed=1, rate_limits={"other": (5, 10)})
async def test_a_call_goes_first_at_the_next_opening_of_the_rate_limit(
    client: AsyncTwelveLabs, emulator: Emulator
) -> None:
    """All requests of a bulk run wait for a slot when the user sends one."""
    await client.indexes.list()
    run = asyncio.create_task(finish(client.bulk.delete(IDS, concurrency=20)))
    await until(lambda: len(emulator.requests) == 5)
    await client.indexes.list()
    assert deletions(emulator)[:6] == [False, *[True] * 4, False]
    assert len(await run) == len(IDS)


@pytest.mark.emulator(speed=1, rate_limits={"other": (1, 1)})
async def test_calls_do_not_hold_up_a_bulk_run_for_good(client: AsyncTwelveLabs, emulator: Emulator) -> None:
    """Calls that use up the rate limit by themselves let a request of the run pass from time to time."""
    await client.indexes.list()
    run = asyncio.create_task(finish(client.bulk.delete(IDS[:2], concurrency=2)))
    await until(lambda: bool(emulator.requests))
    await asyncio.gather(*(client.indexes.list() for _ in range(25)))
    await run
    sent = [index for index, is_deletion in enumerate(deletions(emulator)) if is_deletion]
    assert 10 <= sent[0] <= 12
    assert 21 <= sent[1] <= 23


@pytest.fixture
async def narrow(emulator: Emulator, connect: Connect) -> AsyncIterator[AsyncTwelveLabs]:
    """A client with one connection for each kind of request."""
    async with connect(emulator, max_connections=1) as client:
        yield client


@SLOW
async def test_a_call_goes_first_at_the_next_free_connection(narrow: AsyncTwelveLabs, emulator: Emulator) -> None:
    run = asyncio.create_task(finish(narrow.bulk.delete(IDS, concurrency=20)))
    await until(lambda: len(emulator.requests) >= 2)
    before = len(emulator.requests)
    await narrow.indexes.list()
    assert deletions(emulator).index(False) <= before + 2
    assert len(await run) == len(IDS)


@SLOW
async def test_calls_leave_a_bulk_run_some_of_the_connections(narrow: AsyncTwelveLabs, emulator: Emulator) -> None:
    emulator.delay("DELETE", "/assets/*", 0.3)  # until all calls wait for the connection
    run = asyncio.create_task(finish(narrow.bulk.delete(IDS[:3], concurrency=3)))
    await until(lambda: bool(emulator.requests))
    await asyncio.gather(*(narrow.indexes.list() for _ in range(40)))
    await run
    sent = [index for index, is_deletion in enumerate(deletions(emulator)) if is_deletion]
    assert 10 <= sent[1] <= 12
    assert 21 <= sent[2] <= 23


@SLOW
async def test_cancelled_calls_leave_their_connections_to_the_others(
    narrow: AsyncTwelveLabs, emulator: Emulator
) -> None:
    run = asyncio.create_task(finish(narrow.bulk.delete(IDS, concurrency=20)))
    await until(lambda: bool(emulator.requests))
    calls = [asyncio.create_task(narrow.indexes.retrieve(IDS[0])) for _ in range(20)]
    await asyncio.sleep(0)
    for call in calls[::2]:
        call.cancel()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(result) for result in results] == [asyncio.CancelledError, BadRequestError] * 10
    assert {type(outcome.error) for outcome in (await run).values()} == {BadRequestError}
