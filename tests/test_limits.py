"""Rate limits: learned from responses, kept by waiting in order, and visible to the caller."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from typing import Any

import pytest

from twelvelabs_async import APITimeoutError, AsyncTwelveLabs, TooManyRequestsError, TwelveLabs
from twelvelabs_async.options import RateLimitCategory
from twelvelabs_async.testing import Emulator

from support.clients import Connect
from support.clock import Clock, Stopwatch
from support.raw_server import INDEX, KEY, OK, RESET, STALL, Connection, Reply, Server, respond
from support.samples import MODELS
from support.until import until

pytestmark = pytest.mark.usefixtures("autojump_clock")

FAR = int(time.time()) + 7200
"""The end of a window, in seconds since the epoch."""


def limited(remaining: object, reset: object, limit: object = 50, status: int = 200, ahead: int = -3600) -> Reply:
    """Return a reply that reports a rate limit: the requests left, the end of the window, and the requests per window.

    A *reset* that is a float counts from the time of the response, by the server's clock, which is an hour slow, or
    *ahead* by other seconds.
    """

    def reply(connection: Connection) -> None:
        now = int(time.time()) + ahead
        headers = {
            "Date": formatdate(now, usegmt=True),
            "x-ratelimit-request-remaining": remaining,
            "x-ratelimit-request-reset": now + reset if isinstance(reset, float) else reset,
            "x-ratelimit-request-limit": limit,
        }
        respond(status, {"data": [], **INDEX}, **headers)(connection)

    return reply


def after(event: threading.Event, reply: Reply) -> Reply:
    """Return a reply that is sent when *event* is set."""

    def late(connection: Connection) -> None:
        event.wait(5)
        reply(connection)

    return late


async def retrieve(client: AsyncTwelveLabs, index_id: str = "i1") -> None:
    await client.indexes.retrieve(index_id)


async def search(client: AsyncTwelveLabs, index_id: str = "i1") -> None:
    await client.search.create(index_id=index_id, search_options=["visual"], query_text="a goal")


async def test_limits_are_those_of_the_last_response(connect: Connect) -> None:
    """`client.limits` has an entry for each category that was used; copies of a client share it."""
    with Server(limited(49, FAR, 50), limited(7, FAR + 1, 60)) as server:
        async with connect(server) as client:
            assert dict(client.limits) == {}
            await search(client)
            await retrieve(client.with_options(timeout=5))
            search_limit, other = client.limits["search"], client.limits["other"]
    assert (search_limit.limit, search_limit.remaining, search_limit.reset) == (50, 49, FAR)
    assert (other.limit, other.remaining, other.reset) == (60, 7, FAR + 1)
    assert "remaining=49" in repr(client.limits)


def test_the_blocking_client_has_the_same_limits() -> None:
    with Server(limited(49, FAR, 50)) as server, TwelveLabs(api_key=KEY, base_url=server.url) as client:
        client.indexes.retrieve("i1")
        assert client.limits["other"].remaining == 49


@pytest.mark.parametrize("ahead", [-3600, 0, 62, 3600])
async def test_requests_wait_for_the_next_window_if_none_remain(connect: Connect, clock: Clock, ahead: int) -> None:
    """The wait does not depend on the clocks of client and server. Requests of other categories are not held back."""
    with Server(limited(0, 3.0, ahead=ahead), OK) as server:
        async with connect(server) as client:
            watch = Stopwatch(clock)
            await search(client)
            waiting = asyncio.create_task(search(client))
            await asyncio.sleep(0)
            await retrieve(client)
            assert watch.advanced < 2
            await waiting
            assert watch.seconds >= 3
            assert watch.advanced < 5
    assert [request.method for request in server.requests] == ["POST", "GET", "POST"]


@pytest.mark.parametrize("ahead", [-3600, 0, 3600])
@pytest.mark.parametrize("quantity", ["duration", "outputtoken", "input-tokens"])
async def test_requests_wait_while_minutes_or_tokens_are_used_up(
    connect: Connect, clock: Clock, quantity: str, ahead: int
) -> None:
    """Requests remain in the category, but none that the API would process."""
    now = int(time.time()) + ahead
    quantities = {f"x-ratelimit-{quantity}-remaining": 0, f"x-ratelimit-{quantity}-reset": now + 5}
    requests = {"x-ratelimit-request-remaining": 40, "x-ratelimit-request-reset": now + 60}
    used_up = respond(200, INDEX, Date=formatdate(now, usegmt=True), **quantities, **requests)
    with Server(used_up, OK) as server:
        async with connect(server) as client:
            watch = Stopwatch(clock)
            await retrieve(client)
            await search(client)
            assert watch.advanced < 2
            await asyncio.gather(*(retrieve(client) for _ in range(5)))
            assert watch.seconds >= 5
            assert watch.advanced < 7


async def test_a_refusal_that_names_dimensions_holds_back_all_requests_of_its_category(
    connect: Connect, clock: Clock
) -> None:
    """It says only when to continue. Without the name, its pause is that of one request."""
    refused = respond(429, Retry_After=5, X_Ratelimit_Dimensions="TPM")
    with Server(refused, OK) as server:
        async with connect(server, max_retries=0) as client:
            watch = Stopwatch(clock)
            with pytest.raises(TooManyRequestsError):
                await retrieve(client)
            await asyncio.gather(*(retrieve(client) for _ in range(5)))
            assert watch.seconds >= 5
            assert watch.advanced < 7
    assert server.attempts == 6


@pytest.mark.emulator(speed=1, rate_limits={"embed_video": {"duration": [(10, 60)]}, "embed": {"request": [(600, 60)]}})
async def test_a_used_up_limit_of_video_does_not_hold_back_texts(
    emulator: Emulator, connect: Connect, clock: Clock
) -> None:
    """Each modality has limits of its own (docs: Rate limits); `client.limits` shows all that they count."""
    video: Any = {"media_source": {"url": "https://example.com/talk.mp4"}, "end_sec": 10}
    async with connect(emulator) as client:
        watch = Stopwatch(clock)
        await client.embed.v_2.create(input_type="video", model_name="marengo3.0", video=video)
        waiting = asyncio.create_task(client.embed.v_2.create(input_type="video", model_name="marengo3.0", video=video))
        await asyncio.sleep(0)
        await client.embed.v_2.create(input_type="text", model_name="marengo3.0", text={"input_text": "a goal"})
        assert watch.advanced < 1
        assert client.limits["embed_video"].quantities["duration"].remaining == 0
        assert client.limits["embed"].remaining == 599
        await waiting
        assert watch.seconds >= 55
    assert [request.status for request in emulator.requests] == [200] * 3


@pytest.mark.parametrize(
    ("path", "category"),
    [
        ("/analyze", "analyze"),
        ("/analyze/tasks", "analyze_tasks"),
        ("/analyze/batches", "analyze_tasks"),
        ("/responses", "responses"),
        ("/embed/tasks", "embed_video"),
        ("/embed-v2", "embed_audio"),
    ],
)
async def test_requests_by_path_count_like_those_of_methods(connect: Connect, path: str, category: str) -> None:
    """The type of the input decides about embeddings."""
    with Server(limited(49, FAR)) as server:
        async with connect(server) as client:
            await client.request("POST", path, json={"input_type": "audio"})
            assert [*client.limits] == [category]


@pytest.mark.emulator(speed=1, rate_limits={"search": (20, 3)})
async def test_no_request_is_refused_once_the_limit_is_known(emulator: Emulator, connect: Connect) -> None:
    """50 concurrent requests are distributed over the windows."""
    async with connect(emulator, max_retries=0) as client:
        index = await client.indexes.create(index_name="talks", models=MODELS)
        await search(client, index.id)
        await asyncio.gather(*(search(client, index.id) for _ in range(50)))
    assert [request.status for request in emulator.requests if request.path == "/search"] == [200] * 51


@pytest.mark.emulator(speed=1, rate_limits={"search": (20, 3)})
async def test_requests_refused_before_the_limit_is_known_succeed_later(emulator: Emulator, connect: Connect) -> None:
    """Of 50 concurrent first requests, 30 are refused; each is retried once, when it fits into a window."""
    async with connect(emulator, max_retries=1) as client:
        index = await client.indexes.create(index_name="talks", models=MODELS)
        await asyncio.gather(*(search(client, index.id) for _ in range(50)))
    statuses = [request.status for request in emulator.requests if request.path == "/search"]
    assert statuses.count(200) == 50
    assert statuses.count(429) <= 30


async def test_a_request_does_not_wait_for_a_window_beyond_its_timeout(connect: Connect, clock: Clock) -> None:
    """It is sent at once, before those that wait, because the refusal says best how long to wait."""
    clock.autojump = False
    with Server(limited(0, 61.0), limited(0, 61.0, status=429)) as server:
        async with connect(server, timeout=100, max_retries=0) as client:
            await retrieve(client)
            patient = asyncio.create_task(retrieve(client))
            await asyncio.sleep(0)
            with pytest.raises(TooManyRequestsError, match=r"6[01] s"):
                await retrieve(client.with_options(timeout=5))
            assert not patient.done()
            patient.cancel()
            await asyncio.gather(patient, return_exceptions=True)


async def test_waiting_for_a_slot_ends_with_the_timeout(connect: Connect, clock: Clock) -> None:
    """The new window has one slot, whose request gets no response; the next request is never sent."""
    with Server(limited(0, 2.0, 1), STALL) as server:
        async with connect(server, timeout=100) as client:
            await retrieve(client)
            stalled = asyncio.create_task(retrieve(client))
            await until(lambda: server.attempts == 2)
            waiting = asyncio.create_task(retrieve(client.with_options(timeout=20)))
            await asyncio.sleep(0)
            clock.advance(20)
            with pytest.raises(APITimeoutError, match="rate limit"):
                await waiting
            stalled.cancel()
            await asyncio.gather(stalled, return_exceptions=True)
    assert server.attempts == 2


async def test_waiting_requests_are_sent_in_order(connect: Connect) -> None:
    """The order remains if some of the waiting requests are cancelled, the first included."""
    sent: list[str] = []

    async def limiter(category: str) -> None:
        task = asyncio.current_task()
        assert task is not None
        sent.append(task.get_name())

    with Server(limited(0, 2.0), OK) as server:
        async with connect(server, limiter=limiter) as client:
            await retrieve(client)
            sent.clear()
            waiting = [asyncio.create_task(retrieve(client), name=str(number)) for number in range(8)]
            await asyncio.sleep(0.01)
            waiting[0].cancel()
            waiting[5].cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
    assert sent == ["1", "2", "3", "4", "6", "7"]
    assert server.attempts == 7


async def test_a_new_request_does_not_overtake_waiting_ones(connect: Connect, clock: Clock) -> None:
    """When the window ends, the slot belongs to the request that waits, even if another one starts in that moment."""
    clock.autojump = False
    with Server(limited(0, 10.0, 1), limited(0, 20.0, 1)) as server:
        async with connect(server, timeout=100) as client:
            await retrieve(client)
            first = asyncio.create_task(retrieve(client, "first"))
            await asyncio.sleep(0.01)
            clock.advance(10)
            second = asyncio.create_task(retrieve(client, "second"))
            await first
            assert server.targets[1:] == ["GET /v1.3/indexes/first"]
            second.cancel()
            await asyncio.gather(second, return_exceptions=True)


@pytest.mark.parametrize("lost", [RESET, OK], ids=["no response", "no headers"])
async def test_a_limit_that_is_no_longer_reported_holds_nothing_back(
    connect: Connect, clock: Clock, lost: Reply
) -> None:
    """If the only response of a window says nothing about the limit, the next request is sent at once."""
    with Server(limited(0, 2.0, 1), lost, OK) as server:
        async with connect(server, timeout=1000, max_retries=0) as client:
            await retrieve(client)
            await asyncio.gather(retrieve(client), return_exceptions=True)
            watch = Stopwatch(clock)
            await retrieve(client)
            assert watch.advanced < 60
    assert server.attempts == 3


@pytest.mark.parametrize("first_counted", [0, 1])
@pytest.mark.parametrize(
    ("older", "remaining"), [(limited(40, FAR), 3), (limited(0, FAR - 60), 2)], ids=["same window", "window before"]
)
async def test_an_older_response_does_not_replace_a_newer_one(
    connect: Connect, first_counted: int, older: Reply, remaining: int
) -> None:
    """The API may count requests in another order than they were sent, and respond in yet another one.

    While the older response is missing, its request is subtracted; a response of the same window shows it was counted.
    """
    send_newer, send_older = threading.Event(), threading.Event()
    replies = [after(send_newer, limited(3, FAR)), after(send_newer, limited(3, FAR))]
    replies[first_counted] = after(send_older, older)
    with Server(*replies) as server:
        async with connect(server) as client:
            calls = [asyncio.create_task(retrieve(client))]
            await until(lambda: server.attempts == 1)
            calls.append(asyncio.create_task(retrieve(client)))
            send_newer.set()
            await calls[1 - first_counted]
            assert client.limits["other"].remaining == 2
            send_older.set()
            await asyncio.gather(*calls)
            assert client.limits["other"].remaining == remaining


@pytest.mark.parametrize("first_answered", [0, 1])
async def test_requests_in_flight_are_subtracted(connect: Connect, first_answered: int) -> None:
    """A response may not have counted the requests that were sent before or after its own."""
    both_sent = threading.Event()
    replies = [STALL, STALL]
    replies[first_answered] = after(both_sent, limited(10, FAR))
    with Server(*replies) as server:
        async with connect(server) as client:
            calls = [asyncio.create_task(retrieve(client))]
            await until(lambda: server.attempts == 1)
            calls.append(asyncio.create_task(retrieve(client)))
            await until(lambda: server.attempts == 2)
            both_sent.set()
            await calls[first_answered]
            assert client.limits["other"].remaining == 9
            calls[1 - first_answered].cancel()
            await asyncio.gather(*calls, return_exceptions=True)


async def test_a_waiting_request_is_sent_when_a_response_frees_a_slot(connect: Connect, clock: Clock) -> None:
    """A request in flight that turns out to be counted already leaves its slot to the next one, in the same window."""
    clock.autojump = False
    counted = threading.Event()
    end = int(time.time()) - 3600 + 60
    with Server(after(counted, limited(2, end)), limited(1, end), OK) as server:
        async with connect(server, timeout=100) as client:
            late = asyncio.create_task(retrieve(client))
            await until(lambda: server.attempts == 1)
            await retrieve(client)
            waiting = asyncio.create_task(retrieve(client))
            await asyncio.sleep(0)
            assert server.attempts == 2
            counted.set()
            async with asyncio.timeout(5):
                await asyncio.gather(late, waiting)


@pytest.mark.parametrize(
    "reset",
    [
        lambda end: end.timestamp(),
        lambda end: end.timestamp() * 1000,
        lambda end: end.isoformat(),
        lambda end: f"{end:%Y-%m-%dT%H:%M:%SZ}",
        lambda end: formatdate(end.timestamp(), usegmt=True),
        lambda _: 20,
    ],
    ids=["seconds since the epoch", "milliseconds", "ISO", "ISO in UTC", "HTTP date", "seconds left"],
)
async def test_the_end_of_a_window_has_many_forms(
    connect: Connect, clock: Clock, reset: Callable[[datetime], object]
) -> None:
    """Each is read by the ``Date`` of its response."""
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    dated = respond(
        200,
        INDEX,
        Date=formatdate(now.timestamp(), usegmt=True),
        x_ratelimit_remaining=0,
        x_ratelimit_reset=reset(now + timedelta(seconds=20)),
    )
    with Server(dated, OK) as server:
        async with connect(server) as client:
            watch = Stopwatch(clock)
            await retrieve(client)
            assert client.limits["other"].reset == now.timestamp() + 20
            await retrieve(client)
            assert watch.seconds >= 20
            assert watch.advanced < 22


@pytest.mark.parametrize("date", ["", "soon", "Thu, 99 Foo 9999 99:99:99 GMT"])
async def test_the_end_of_a_window_is_unknown_without_a_date(connect: Connect, clock: Clock, date: str) -> None:
    """Nothing tells the time of the server, so that no request is held back."""
    with Server(respond(200, INDEX, Date=date, x_ratelimit_remaining=0, x_ratelimit_reset=FAR), OK) as server:
        async with connect(server) as client:
            watch = Stopwatch(clock)
            for _ in range(3):
                await retrieve(client)
            assert watch.advanced < 2


async def test_a_window_that_ends_in_the_far_future_is_replaced_by_the_next_one(connect: Connect, clock: Clock) -> None:
    """An impossible end of a window does not outweigh all later ones."""
    with Server(limited(7, 1e15), limited(0, 3.0), OK) as server:
        async with connect(server) as client:
            watch = Stopwatch(clock)
            for _ in range(3):
                await retrieve(client)
            assert watch.seconds >= 3
            assert watch.advanced < 5


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "soon", "", "-1", "1e999"])
async def test_invalid_headers_are_ignored(connect: Connect, value: str) -> None:
    """Values other than finite numbers hold no request back."""
    with Server(limited(value, value, value)) as server:
        async with connect(server) as client:
            for _ in range(3):
                await retrieve(client)
    assert server.attempts == 3


def test_a_client_waits_in_one_event_loop_after_another() -> None:
    """Requests that waited in a loop that is closed do not hold back those of the next one."""
    with Server(limited(0, 0.1, 3)) as server:
        client = AsyncTwelveLabs(api_key=KEY, base_url=server.url)

        async def burst() -> None:
            await retrieve(client)
            await asyncio.gather(*(retrieve(client) for _ in range(3)))

        asyncio.run(burst())
        asyncio.run(burst())
        asyncio.run(client.close())
    assert server.attempts == 8


async def test_a_limiter_is_awaited_before_every_attempt(connect: Connect) -> None:
    """It receives the category of the request."""
    awaited: list[tuple[str, int]] = []

    with Server(respond(429), OK) as server:

        async def limiter(category: str) -> None:
            awaited.append((category, server.attempts))

        async with connect(server, limiter=limiter, max_retries=1) as client:
            await search(client)
            await client.indexes.indexed_assets.create("i1", asset_id="a1")
    assert awaited == [("search", 0), ("search", 1), ("indexing", 2)]


async def test_a_limiter_receives_the_headers_of_each_response(connect: Connect) -> None:
    """It returns a function for them, which is called without headers if no response arrives, as after a reset."""
    received: list[tuple[str, str | None]] = []

    async def limiter(category: RateLimitCategory) -> Callable[[Mapping[str, str]], None]:
        return lambda headers: received.append((category, headers.get("X-RateLimit-Request-Remaining")))

    with Server(limited(7, FAR), RESET, respond(429, x_ratelimit_request_remaining=0), OK) as server:
        async with connect(server, limiter=limiter, max_retries=2) as client:
            await retrieve(client)
            await retrieve(client)
    assert received == [("other", "7"), ("other", None), ("other", "0"), ("other", None)]


async def test_waiting_for_a_limiter_ends_with_the_timeout(connect: Connect) -> None:
    """Nothing is sent, and the error names the rate limit."""

    async def limiter(category: str) -> None:
        await asyncio.Event().wait()

    with Server(OK) as server:
        async with connect(server, limiter=limiter, timeout=20) as client:
            with pytest.raises(APITimeoutError, match="rate limit"):
                await retrieve(client)
    assert server.attempts == 0


async def test_an_error_of_a_limiter_is_raised_as_it_is(connect: Connect) -> None:
    """It is not retried."""

    async def limiter(category: str) -> None:
        raise LookupError("no bucket")

    with Server(OK) as server:
        async with connect(server, limiter=limiter, max_retries=2) as client:
            with pytest.raises(LookupError, match="no bucket"):
                await retrieve(client)
    assert server.attempts == 0
