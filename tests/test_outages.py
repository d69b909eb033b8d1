"""Outages: what calls and bulk runs do while the API is unreachable."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import AsyncTwelveLabs, IndexSchema, RequestNotSentError, WaitTimeoutError
from twelvelabs_async.bulk import Event, outage
from twelvelabs_async.testing import Emulator

from support.bulk import created, finish, statuses, url
from support.clients import Connect
from support.clock import Clock, Stopwatch
from support.link import Link, linked
from support.samples import MODELS

pytestmark = [pytest.mark.usefixtures("autojump_clock"), pytest.mark.emulator(processing_time=2, indexing_time=15)]

SOURCES = [url(number) for number in range(9)]
WORKERS: dict[str, Any] = {"concurrency": 2, "upload_concurrency": 3, "interval": 2}
WORKING = 3 + 2 + 2 + 1
"""Sources in progress with these settings, and one that was read ahead."""


@pytest.fixture
async def link(emulator: Emulator, clock: Clock) -> AsyncIterator[Link]:
    """A link to the emulator, whose clock follows that of the event loop."""
    clock.drive(emulator.advance)
    async with linked(emulator) as link:
        yield link


@pytest.fixture
async def client(link: Link, connect: Connect) -> AsyncIterator[AsyncTwelveLabs]:
    """A client that reaches the emulator by the link."""
    async with connect(link) as client:
        yield client


@pytest.fixture
def events() -> list[Event]:
    """The events of a run."""
    return []


async def fail_for(seconds: float, link: Link) -> None:
    """Cut the link and restore it after *seconds*."""
    await link.cut()
    await asyncio.sleep(seconds)
    await link.join()


def when(condition: Callable[[Event], bool], events: list[Event]) -> tuple[Callable[[Event], None], asyncio.Event]:
    """Return a callback that records events, and an event that is set by the first that meets *condition*."""
    met = asyncio.Event()

    def record(event: Event) -> None:
        events.append(event)
        if condition(event):
            met.set()

    return record, met


def connection_events(events: list[Event]) -> list[Event]:
    """Return the events about the connection."""
    return [event for event in events if event.kind in ("unreachable", "reachable")]


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the warnings about the connection."""
    return [record.getMessage() for record in caplog.records if "reach" in record.getMessage() and record.levelno > 20]


@pytest.mark.parametrize("kind", ["uploaded", "ready"])
async def test_no_source_fails_in_a_long_outage(
    emulator: Emulator,
    client: AsyncTwelveLabs,
    link: Link,
    index: IndexSchema,
    events: list[Event],
    caplog: pytest.LogCaptureFixture,
    kind: str,
) -> None:
    """It is reported once. The waits of sources in progress outlast it, and other sources stay queued."""
    record, met = when(lambda event: event.kind == kind, events)
    run = asyncio.create_task(finish(client.bulk.index(index.id, SOURCES, **WORKERS, on_event=record, timeout=40)))
    await met.wait()
    before = datetime.now().astimezone()
    await fail_for(600, link)
    outcomes = await run
    assert statuses(outcomes) == {"ready": len(SOURCES)}
    assert created(emulator) == (len(SOURCES), len(SOURCES))
    unreachable, reachable = connection_events(events)
    assert (unreachable.kind, unreachable.source) == ("unreachable", "")
    assert (reachable.kind, reachable.source) == ("reachable", "")
    assert isinstance(unreachable.error, RequestNotSentError) or "broke" in str(unreachable.error)
    assert unreachable.since is not None
    assert abs((unreachable.since - before).total_seconds()) < 60
    lost, found = warnings(caplog)
    assert lost.startswith(f"Cannot reach the API since {unreachable.since:%H:%M}, retrying: ")
    assert found.startswith("The API is reachable again, after 6")
    during = events[events.index(unreachable) : events.index(reachable)]
    assert Counter(event.kind for event in during)["failed"] == 0


async def test_an_outage_is_reported_after_a_few_seconds(
    client: AsyncTwelveLabs, link: Link, index: IndexSchema, events: list[Event], clock: Clock
) -> None:
    """Between 5 and 10 seconds pass between the first failure and the event, in the middle of long polls as well."""
    record, met = when(lambda event: event.kind == "unreachable", events)
    run = client.bulk.index(index.id, SOURCES, **WORKERS, on_event=record)
    consuming = asyncio.create_task(finish(run))
    await asyncio.sleep(10)
    watch = Stopwatch(clock)
    await link.cut()
    await met.wait()
    assert watch.seconds >= 5
    assert watch.advanced < 10
    assert client.reachability.unreachable_since is not None
    await run.aclose()
    await consuming


async def test_a_connection_that_forwards_nothing_is_an_outage_as_well(
    client: AsyncTwelveLabs, link: Link, index: IndexSchema, events: list[Event], clock: Clock
) -> None:
    """Requests in flight do not fail then. A small request finds out that the API is silent."""
    record, met = when(lambda event: event.kind == "unreachable", events)
    run = client.bulk.index(index.id, SOURCES, **WORKERS, on_event=record)
    consuming = asyncio.create_task(finish(run))
    await asyncio.sleep(10)
    clock.autojump = False  # requests in flight would keep the clock from jumping
    link.is_silent = True
    for _ in range(120):
        clock.advance(1)
        await asyncio.sleep(0.005)
        if met.is_set():
            break
    assert met.is_set()
    await run.aclose()
    await consuming


async def test_a_short_break_is_not_reported(
    client: AsyncTwelveLabs,
    link: Link,
    index: IndexSchema,
    events: list[Event],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Three seconds without a connection are covered by retries."""
    record, met = when(lambda event: event.kind == "uploaded", events)
    run = asyncio.create_task(finish(client.bulk.index(index.id, SOURCES, **WORKERS, on_event=record)))
    await met.wait()
    await fail_for(3, link)
    assert statuses(await run) == {"ready": len(SOURCES)}
    assert not connection_events(events)
    assert not warnings(caplog)


@pytest.mark.parametrize("begins_with_a_request", [True, False])
async def test_an_api_that_was_never_reached_ends_a_run_at_once(
    client: AsyncTwelveLabs, link: Link, events: list[Event], clock: Clock, begins_with_a_request: bool
) -> None:
    """The base URL may be wrong."""
    await link.cut()
    watch = Stopwatch(clock)
    bulk = client.with_options(max_retries=0).bulk  # retries may take longer than the time until an outage
    sources: Any = (SOURCES,) if not begins_with_a_request else ("0" * 24, SOURCES)
    method: Any = bulk.index if begins_with_a_request else bulk.upload
    with pytest.raises(RequestNotSentError, match="no connection to"):
        await finish(method(*sources, on_event=events.append))
    assert watch.advanced < 20
    assert not connection_events(events)


async def test_sources_that_come_during_an_outage_are_not_attempted(
    client: AsyncTwelveLabs, link: Link, index: IndexSchema, events: list[Event], caplog: pytest.LogCaptureFixture
) -> None:
    """They wait with the others, and are attempted when the API is reachable again."""
    caplog.set_level(logging.INFO, "twelvelabs_async")
    record, met = when(lambda event: event.kind == "unreachable", events)

    async def sources() -> AsyncGenerator[str, None]:
        yield SOURCES[0]
        await met.wait()
        for source in SOURCES[1:]:
            yield source

    run = asyncio.create_task(finish(client.bulk.index(index.id, sources(), **WORKERS, on_event=record)))
    await asyncio.sleep(10)
    await fail_for(60, link)
    assert statuses(await run) == {"ready": len(SOURCES)}
    assert sum(event.kind == "queued" for event in events[: events.index(connection_events(events)[1])]) > 1
    assert not any("POST /assets: RequestNotSent" in record.getMessage() for record in caplog.records)


async def test_a_run_can_be_ended_during_an_outage(
    client: AsyncTwelveLabs, link: Link, index: IndexSchema, journal: Path, events: list[Event]
) -> None:
    """`stop` fails the sources in progress, and the journal keeps them for the next run."""
    record, met = when(lambda event: event.kind == "unreachable", events)
    run = client.bulk.index(index.id, SOURCES, **WORKERS, on_event=record, journal=journal, timeout=40)
    consuming = asyncio.create_task(finish(run))
    await asyncio.sleep(10)
    await link.cut()
    await met.wait()
    run.stop()
    outcomes = await consuming
    assert len(outcomes) < len(SOURCES)
    for outcome in outcomes.values():
        assert outcome.error is None or isinstance(outcome.error, RequestNotSentError | WaitTimeoutError)
    await link.join()
    again = await finish(client.bulk.index(index.id, SOURCES, **WORKERS, journal=journal))
    assert statuses(again) == {"ready": len(SOURCES)}


async def test_an_outage_that_does_not_end_ends_the_run(
    client: AsyncTwelveLabs,
    link: Link,
    index: IndexSchema,
    events: list[Event],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only the sources in progress fail, and the run raises the failure."""
    assert outage.MAX_OUTAGE_SECONDS == 24 * 3600
    monkeypatch.setattr(outage, "MAX_OUTAGE_SECONDS", 600)
    record, met = when(lambda event: event.kind == "uploaded", events)
    running = asyncio.create_task(finish(client.bulk.index(index.id, SOURCES, **WORKERS, on_event=record, timeout=40)))
    await met.wait()
    await link.cut()
    with pytest.raises(RequestNotSentError):
        await running
    assert Counter(event.kind for event in events)["failed"] <= WORKING


async def test_a_wait_logs_an_outage_once(
    client: AsyncTwelveLabs, link: Link, index: IndexSchema, caplog: pytest.LogCaptureFixture
) -> None:
    """A wait goes on after an outage."""
    asset = await client.assets.create(method="url", url=url(1))
    waiting = asyncio.create_task(client.assets.wait_until_ready(asset.id))
    await fail_for(60, link)
    assert (await waiting).status == "ready"
    assert len(warnings(caplog)) == 2


async def test_attempts_of_a_source_are_logged_with_reason_pause_and_request_id(
    emulator: Emulator, client: AsyncTwelveLabs, caplog: pytest.LogCaptureFixture
) -> None:
    """The client's own retries are logged in the same form."""
    caplog.set_level(logging.INFO, "twelvelabs_async")
    emulator.fail("POST", "/assets", status=503)
    index = await client.indexes.ensure("tests", models=MODELS)
    await finish(client.bulk.index(index.id, SOURCES[0]))
    [line] = [record.getMessage() for record in caplog.records if "retry 1 of" in record.getMessage()]
    assert line.startswith(f"{SOURCES[0]}: retry 1 of 5 in 1.0 s after: POST /assets: status 503")
    assert "(request id: req_" in line
