"""The blocking client in every place it is called from: threads, event loops, callbacks."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

import aiohttp
import pytest

from twelvelabs_async import APIConnectionError, AssetDetail, Limiter, SyncPager, TwelveLabs
from twelvelabs_async.testing import Emulator

from support import faults
from support.samples import MODELS

VIDEO = {"type": "asset_id", "asset_id": "a1"}
TEXT = b'{"event_type":"text_generation","text":"Once"}\n'


@pytest.fixture
def indexes(sync_client: TwelveLabs) -> list[str]:
    """The names of five indexes, the newest first."""
    names = [f"index {number}" for number in range(5)]
    for name in names:
        sync_client.indexes.create(index_name=name, models=MODELS)
    return names[::-1]


def loop_threads() -> list[threading.Thread]:
    """The event-loop threads of blocking clients."""
    return [thread for thread in threading.enumerate() if thread.name == "twelvelabs_async"]


def test_pager_has_all_that_is_documented(sync_client: TwelveLabs, indexes: list[str]) -> None:
    """A ``SyncPager`` has items, has_next, get_next, response, next_page() and iter_pages(), and yields all items."""
    pager = sync_client.indexes.list(page_limit=2)
    assert isinstance(pager, SyncPager)
    assert [index.index_name for index in pager.items or ()] == indexes[:2]
    assert pager.has_next
    assert pager.response is not None
    assert pager.response.status_code == 200
    assert "content-type" in pager.response.headers
    assert [index.index_name for index in pager] == indexes
    assert [len(page.items or ()) for page in pager.iter_pages()] == [2, 2, 1]

    assert pager.get_next is not None
    second = pager.get_next()
    assert second is not None
    third = second.next_page()
    assert third is not None
    assert [index.index_name for index in third.items or ()] == indexes[4:]
    assert not third.has_next
    assert third.get_next is None
    assert third.next_page() is None


def test_pager_repeats_and_prefetches(sync_client: TwelveLabs, indexes: list[str]) -> None:
    """A pager can be iterated again, and with pages fetched ahead it yields the same."""
    pager = sync_client.indexes.list(page_limit=1)
    assert list(pager) == list(pager) == list(pager.prefetch(3))
    assert repr(pager).startswith("SyncPager(items=[IndexSchema(")


async def test_works_while_an_event_loop_runs(sync_client: TwelveLabs, indexes: list[str]) -> None:
    """In a notebook or a coroutine, calls and iteration work without ``await``."""
    assert asyncio.get_running_loop().is_running()
    assert [index.index_name for index in sync_client.indexes.list(page_limit=2)] == indexes


def test_serves_many_threads_with_one_of_its_own(emulator: Emulator, indexes: list[str]) -> None:
    """32 threads that begin at once share one event-loop thread, and each gets its own answers."""
    barrier = threading.Barrier(32)
    before = len(loop_threads())
    with TwelveLabs(api_key=emulator.api_key, base_url=emulator.url) as client:

        def use(_: int) -> list[str | None]:
            barrier.wait()
            return [index.index_name for index in client.indexes.list(page_limit=3)]

        with ThreadPoolExecutor(32) as threads:
            results = list(threads.map(use, range(32)))
        assert len(loop_threads()) == before + 1
    assert results == [indexes] * 32
    assert len(loop_threads()) == before


def test_sees_the_callers_context_variables(emulator: Emulator) -> None:
    """What is called in the event loop sees the context variables of the calling thread."""
    user: ContextVar[str] = ContextVar("user", default="nobody")
    seen: Counter[str] = Counter()

    class Noting(Limiter):
        async def __call__(self, category: str) -> None:
            seen[user.get()] += 1

    with TwelveLabs(api_key=emulator.api_key, base_url=emulator.url, limiter=Noting()) as client:
        client.indexes.list()
        user.set("Ada")
        client.indexes.list()
    assert seen == {"nobody": 1, "Ada": 1}


def test_stopping_early_closes_the_stream() -> None:
    """Leaving a ``for`` over a stream closes its connection, although the answer has not ended."""
    chunk = b"%x\r\n%s\r\n" % (len(TEXT), TEXT)
    with (
        faults.Server(faults.says(faults.CHUNKED + chunk, faults.WAIT)) as server,
        TwelveLabs(api_key=faults.KEY, base_url=server.url) as client,
    ):
        for event in client.analyze_stream(video=VIDEO, prompt="What happens?"):
            assert event.event_type == "text_generation"
            break
        assert server.closed.wait(10)
        assert server.tries == 1


def test_stopping_early_requests_no_more_pages(sync_client: TwelveLabs, emulator: Emulator, indexes: list[str]) -> None:
    """Leaving a ``for`` over a list asks for no page that nobody looks at."""
    emulator.drop("GET", "/indexes", skip=1)
    for index in sync_client.with_options(max_retries=0).indexes.list(page_limit=1):
        assert index.index_name == indexes[0]
        break
    with pytest.raises(APIConnectionError):  # the second request of all, which came only now
        sync_client.with_options(max_retries=0).indexes.list()


def test_use_after_close_says_so(emulator: Emulator) -> None:
    """A closed client, used before or not, says that it is closed, and can be closed again."""
    for used in (True, False):
        client = TwelveLabs(api_key=emulator.api_key, base_url=emulator.url)
        if used:
            client.indexes.list()
        client.close()
        client.close()
        with pytest.raises(RuntimeError, match="The client is closed"):
            client.indexes.list()
        with pytest.raises(RuntimeError, match="The client is closed"):
            next(client.analyze_stream(video=VIDEO, prompt="?"))


def test_closing_ends_calls_of_other_threads() -> None:
    """A call that waits in one thread while another closes the client ends with an error that says why."""
    with faults.Server(faults.WAIT) as server, ThreadPoolExecutor(1) as threads:
        client = TwelveLabs(api_key=faults.KEY, base_url=server.url)
        call = threads.submit(client.indexes.retrieve, "i1")
        while not server.tries:
            assert not call.done()
        client.close()
        assert isinstance(call.exception(10), RuntimeError)
        assert "closed" in str(call.exception())
        assert server.closed.wait(10)


def test_calls_from_its_own_loop_are_refused(sync_client: TwelveLabs, emulator: Emulator) -> None:
    """A callback that calls the client it is called by gets an error that says so; nothing hangs."""
    asset = sync_client.assets.upload(b"not much of a video", filename="clip.mp4")
    emulator.advance(60)

    def callback(_: AssetDetail) -> None:
        sync_client.assets.retrieve(asset.id or "")

    with pytest.raises(RuntimeError, match="use async code there"):
        sync_client.assets.wait_until_ready(asset.id or "", callback=callback)
    assert sync_client.assets.retrieve(asset.id or "").status == "ready"


def test_copies_share_connections_and_thread(emulator: Emulator) -> None:
    """``with_options`` makes a client of the same thread and connections; closing one closes both."""
    opened = Counter[str]()

    async def count(*_: object) -> None:
        opened["connections"] += 1

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(count)
    client = TwelveLabs(api_key=emulator.api_key, base_url=emulator.url, trace_configs=[trace])
    copy = client.with_options(timeout=5, headers={"x-team": "red"})
    for each in (client, copy, client, copy):
        each.indexes.list()
    assert opened["connections"] == 1
    assert len(loop_threads()) == 1
    copy.close()
    with pytest.raises(RuntimeError, match="The client is closed"):
        client.indexes.list()


@pytest.fixture
def no_garbage() -> Iterator[None]:
    """No garbage from before."""
    gc.collect()
    yield
    gc.collect()


@pytest.mark.usefixtures("no_garbage")
def test_dropped_clients_leave_nothing_behind(emulator: Emulator) -> None:
    """20 clients that were used and dropped without ``close`` leave no thread and no open file."""

    def use() -> None:
        client = TwelveLabs(api_key=emulator.api_key, base_url=emulator.url)
        client.indexes.list()
        client.bulk  # noqa: B018  (refers back to the client)

    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        use()
    gc.collect()
    for thread in loop_threads():
        thread.join(10)
    assert not loop_threads()
    deadline = time.monotonic() + 10
    while len(os.listdir("/proc/self/fd")) > before:  # the emulator's ends, which it closes when it notices
        assert time.monotonic() < deadline


def test_resource_outlives_the_clients_variable(emulator: Emulator, indexes: list[str]) -> None:
    """A resource goes on working after the last reference to its client is gone."""
    resource = TwelveLabs(api_key=emulator.api_key, base_url=emulator.url).indexes
    gc.collect()
    assert [index.index_name for index in resource.list()] == indexes
