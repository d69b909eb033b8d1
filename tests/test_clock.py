"""The clock that tests turn: it passes for real time, and never gets ahead of a response."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from twelvelabs_async import APITimeoutError, AsyncTwelveLabs
from twelvelabs_async._threads import submit

from support.clients import Connect
from support.clock import Clock
from support.raw_server import OK, STALL, Connection, Server

HOUR = 3600.0


async def test_advancing_the_clock_ends_a_sleep(clock: Clock) -> None:
    """A sleep of an hour ends when the clock is advanced by an hour, and not before."""
    sleep = asyncio.create_task(asyncio.sleep(HOUR))
    await asyncio.sleep(0)
    clock.advance(HOUR - 60)
    await asyncio.sleep(0.01)
    assert not sleep.done()
    clock.advance(60)
    await sleep


async def test_advancing_the_clock_ends_a_request_whose_response_is_late(clock: Clock, connect: Connect) -> None:
    """The timeout of a request is measured by the clock."""
    with Server(STALL) as server:
        async with connect(server, timeout=HOUR, max_retries=0) as client:
            call = asyncio.create_task(client.indexes.retrieve("i1"))
            await asyncio.to_thread(server.reached.wait)
            clock.advance(HOUR + 1)  # aiohttp rounds long timeouts up to whole seconds
            with pytest.raises(APITimeoutError):
                await call


async def test_the_clock_jumps_from_timer_to_timer(autojump_clock: Clock) -> None:
    """Timers run in their order, and take no real time."""
    began, ends = time.monotonic(), list[str]()

    async def end(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        ends.append(name)

    async with asyncio.TaskGroup() as group:
        group.create_task(end("day", 24 * HOUR))
        group.create_task(end("hour", HOUR))
    assert ends == ["hour", "day"]
    assert autojump_clock.offset == pytest.approx(24 * HOUR, abs=1)
    assert time.monotonic() - began < 10


async def test_the_clock_counts_the_calls_that_threads_make(autojump_clock: Clock) -> None:
    """Those of the package, and those of the event loop's own pool."""
    proceed = threading.Event()
    calls = [submit(proceed.wait), asyncio.get_running_loop().run_in_executor(None, proceed.wait)]
    assert autojump_clock.calls_in_threads == 2
    proceed.set()
    await asyncio.gather(*calls)
    await asyncio.sleep(0)
    assert autojump_clock.calls_in_threads == 0


async def test_the_clock_does_not_jump_while_a_request_is_in_flight(autojump_clock: Clock, connect: Connect) -> None:
    """Neither the headers nor the body of a response have to come at once; with the response, the jumps begin again."""
    jumped: list[bool] = []

    def slow(connection: Connection) -> None:
        loop.call_soon_threadsafe(loop.call_later, HOUR, jumped.append, True)
        time.sleep(0.05)
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n")
        time.sleep(0.05)
        connection.send(b'{"_id":"x"}')

    loop = asyncio.get_running_loop()
    with Server(slow, OK) as server:
        async with connect(server) as client:
            assert (await client.indexes.retrieve("i1")).id == "x"
            assert not jumped
            await asyncio.sleep(HOUR)
            assert jumped
            await client.indexes.retrieve("i1")


@pytest.mark.emulator(processing_time=HOUR)
async def test_a_wait_for_the_emulator_takes_no_real_time(client: AsyncTwelveLabs, autojump_clock: Clock) -> None:
    """The emulator's clock follows the clock of its clients, so the job is done after the polls of an hour."""
    began = time.monotonic()
    asset = await client.assets.create_and_wait("https://example.com/a.mp4", interval=60, timeout=2 * HOUR)
    assert asset.status == "ready"
    assert autojump_clock.offset == pytest.approx(HOUR, abs=120)
    assert time.monotonic() - began < 10
