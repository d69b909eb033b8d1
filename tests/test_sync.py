"""The blocking client, called from threads, event loops and callbacks."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from traceback import walk_tb
from typing import Any

import aiohttp
import pytest

from twelvelabs_async import APIConnectionError, AssetDetail, Limiter, SyncPager, TwelveLabs
from twelvelabs_async.testing import Emulator, sample_clip

from support import faults, raw_server
from support.samples import MODELS

VIDEO = {"type": "asset_id", "asset_id": "a1"}
FAST = {"interval": 0.01}
TEXT = b'{"event_type":"text_generation","text":"Once"}\n'


@pytest.fixture
def indexes(sync_client: TwelveLabs) -> list[str]:
    """Names of five indexes, the newest first."""
    names = [f"index {number}" for number in range(5)]
    for name in names:
        sync_client.indexes.create(index_name=name, models=MODELS)
    return names[::-1]


def loop_threads() -> list[threading.Thread]:
    """Return the event-loop threads of blocking clients."""
    return [thread for thread in threading.enumerate() if thread.name == "twelvelabs_async"]


def test_a_pager_has_its_documented_attributes_and_methods(sync_client: TwelveLabs, indexes: list[str]) -> None:
    """The attributes describe the first page. Iteration yields all items."""
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


def test_a_pager_can_be_iterated_again_and_prefetches(sync_client: TwelveLabs, indexes: list[str]) -> None:
    """Every iteration yields the same items, also with pages fetched ahead."""
    pager = sync_client.indexes.list(page_limit=1)
    assert list(pager) == list(pager) == list(pager.prefetch(3))
    assert repr(pager).startswith("SyncPager(items=[IndexSchema(")


async def test_calls_work_while_an_event_loop_runs(sync_client: TwelveLabs, indexes: list[str]) -> None:
    """In a notebook or a coroutine, calls and iteration work without ``await``."""
    assert asyncio.get_running_loop().is_running()
    assert [index.index_name for index in sync_client.indexes.list(page_limit=2)] == indexes


def test_many_threads_share_one_event_loop_thread(emulator: Emulator, indexes: list[str]) -> None:
    """Each of 32 threads that start at once gets its own results."""
    barrier = threading.Barrier(32)
    before = len(loop_threads())
    with TwelveLabs(api_key=emulator.api_key, base_url=emulator.url) as client:

        def list_names(_: int) -> list[str | None]:
            barrier.wait()
            return [index.index_name for index in client.indexes.list(page_limit=3)]

        with ThreadPoolExecutor(32) as threads:
            results = list(threads.map(list_names, range(32)))
        assert len(loop_threads()) == before + 1
    assert results == [indexes] * 32
    assert len(loop_threads()) == before


def test_code_in_the_event_loop_reads_the_context_variables_of_the_caller(emulator: Emulator) -> None:
    """A limiter reads the values that context variables have in the calling thread."""
    user: ContextVar[str] = ContextVar("user", default="nobody")
    seen: Counter[str] = Counter()

    class CountingLimiter(Limiter):
        async def __call__(self, category: str) -> None:
            seen[user.get()] += 1

    with TwelveLabs(api_key=emulator.api_key, base_url=emulator.url, limiter=CountingLimiter()) as client:
        client.indexes.list()
        user.set("Ada")
        client.indexes.list()
    assert seen == {"nobody": 1, "Ada": 1}


def test_leaving_a_stream_early_closes_its_connection() -> None:
    """A ``break`` in a ``for`` over a stream ends the response."""
    chunk = b"%x\r\n%s\r\n" % (len(TEXT), TEXT)
    with (
        raw_server.Server(raw_server.send(faults.CHUNKED + chunk, raw_server.STALL)) as server,
        TwelveLabs(api_key=raw_server.KEY, base_url=server.url) as client,
    ):
        for event in client.analyze_stream(video=VIDEO, prompt="What happens?"):
            assert event.event_type == "text_generation"
            break
        assert server.closed.wait(10)
        assert len(server.requests) == 1


def test_leaving_a_list_early_requests_no_further_page(
    sync_client: TwelveLabs, emulator: Emulator, indexes: list[str]
) -> None:
    """A ``break`` in a ``for`` over a list sends no request for the next page."""
    emulator.drop("GET", "/indexes", skip=1)
    for index in sync_client.with_options(max_retries=0).indexes.list(page_limit=1):
        assert index.index_name == indexes[0]
        break
    with pytest.raises(APIConnectionError):  # this is the second request
        sync_client.with_options(max_retries=0).indexes.list()


def test_a_closed_client_raises_an_error_that_says_so(emulator: Emulator) -> None:
    """It does not matter whether the client was used. It can be closed again."""
    for was_used in (True, False):
        client = TwelveLabs(api_key=emulator.api_key, base_url=emulator.url)
        if was_used:
            client.indexes.list()
        client.close()
        client.close()
        with pytest.raises(RuntimeError, match="The client is closed"):
            client.indexes.list()
        with pytest.raises(RuntimeError, match="The client is closed"):
            next(client.analyze_stream(video=VIDEO, prompt="?"))


def test_closing_a_client_ends_the_calls_of_other_threads() -> None:
    """A call in one thread raises an error when another thread closes the client."""
    with raw_server.Server(raw_server.STALL) as server, ThreadPoolExecutor(1) as threads:
        client = TwelveLabs(api_key=raw_server.KEY, base_url=server.url)
        call = threads.submit(client.indexes.retrieve, "i1")
        assert server.reached.wait(10)
        client.close()
        assert isinstance(call.exception(10), RuntimeError)
        assert "closed" in str(call.exception())
        assert server.closed.wait(10)


@pytest.fixture
def index_id(sync_client: TwelveLabs) -> str:
    """The id of an index."""
    return str(sync_client.indexes.create(index_name="talks", models=MODELS).id)


@pytest.fixture
def asset_id(sync_client: TwelveLabs, emulator: Emulator) -> str:
    """The id of an asset that is ready."""
    asset = sync_client.assets.upload(sample_clip())
    emulator.advance(60)
    return str(asset.id)


@pytest.mark.parametrize(
    "call",
    [
        lambda client, _, asset_id, callback: client.assets.wait_until_ready(asset_id, callback=callback),
        lambda client, index_id, _, callback: client.tasks.wait_for_done(
            client.tasks.create(index_id=index_id, video_url="https://example.com/a.mp4").id, callback=callback
        ),
        lambda client, *_, callback: client.assets.upload(sample_clip(), on_progress=callback),
        lambda client, *_, callback: client.assets.create_and_wait(sample_clip(), **FAST, callback=callback),
        lambda client, *_, callback: client.multipart_upload.upload_file(sample_clip(), progress_callback=callback),
        lambda client, index_id, asset_id, callback: client.indexes.indexed_assets.create_and_wait(
            index_id, asset_id=asset_id, **FAST, callback=callback
        ),
        lambda client, _, asset_id, callback: client.assets.with_raw_response.wait_until_ready(
            asset_id, callback=callback
        ),
    ],
    ids=["wait", "official wait", "upload", "create", "parts", "shared wait", "raw"],
)
def test_callbacks_run_in_the_calling_thread_and_can_call_the_client(
    sync_client: TwelveLabs, emulator: Emulator, index_id: str, asset_id: str, call: Callable[..., Any]
) -> None:
    """So can the callbacks of such calls."""
    threads: list[threading.Thread] = []

    def callback(_: object) -> None:
        threads.append(threading.current_thread())
        emulator.advance(600)
        sync_client.assets.wait_until_ready(asset_id, callback=lambda _: threads.append(threading.current_thread()))

    call(sync_client, index_id, asset_id, callback=callback)
    assert len(threads) >= 2
    assert set(threads) == {threading.current_thread()}


def test_an_event_loop_serves_others_while_a_callback_blocks(sync_client: TwelveLabs, asset_id: str) -> None:
    def callback(_: AssetDetail) -> None:
        with ThreadPoolExecutor(1) as threads:
            assert threads.submit(sync_client.assets.retrieve, asset_id).result(10).id == asset_id

    sync_client.assets.wait_until_ready(asset_id, callback=callback)


def test_coroutine_functions_and_callbacks_of_bulk_runs_cannot_call_the_client(
    sync_client: TwelveLabs, asset_id: str
) -> None:
    """They run in the event loop. The call raises an error instead of a deadlock, and the client stays usable."""

    async def callback(_: AssetDetail) -> None:
        sync_client.assets.retrieve(asset_id)

    with pytest.raises(RuntimeError, match="use asynchronous code there"):
        sync_client.assets.wait_until_ready(asset_id, callback=callback)
    with pytest.raises(RuntimeError, match="use asynchronous code there"):
        next(sync_client.bulk.delete([asset_id], on_event=lambda _: sync_client.assets.list()))
    assert sync_client.assets.retrieve(asset_id).status == "ready"


def test_a_callback_can_close_the_client(sync_client: TwelveLabs, asset_id: str) -> None:
    with pytest.raises(RuntimeError, match="closed during the call"):
        sync_client.assets.wait_until_ready(asset_id, callback=lambda _: sync_client.close())


@pytest.mark.parametrize("is_coroutine", [False, True], ids=["function", "coroutine function"])
@pytest.mark.parametrize("error", [SystemExit(7), KeyboardInterrupt(7), LookupError(7)], ids=repr)
def test_what_a_callback_raises_ends_the_call(
    sync_client: TwelveLabs, asset_id: str, error: BaseException, is_coroutine: bool
) -> None:
    """The client stays usable."""

    def function(_: object) -> None:
        raise error

    async def coroutine_function(_: object) -> None:
        raise error

    callback = coroutine_function if is_coroutine else function
    for call in (
        lambda: sync_client.assets.wait_until_ready(asset_id, callback=callback),
        lambda: sync_client.assets.upload(sample_clip(), on_progress=callback),
        lambda: sync_client.multipart_upload.upload_file(sample_clip(), progress_callback=callback),
    ):
        with pytest.raises(type(error), match="7") as caught:
            call()
        assert caught.value is error
    assert sync_client.assets.retrieve(asset_id).status == "ready"


def test_a_copy_with_other_options_shares_connections_and_thread(emulator: Emulator) -> None:
    """Closing the client or its copy closes both."""
    opened = 0

    async def count(*_: object) -> None:
        nonlocal opened
        opened += 1

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(count)
    client = TwelveLabs(api_key=emulator.api_key, base_url=emulator.url, trace_configs=[trace])
    copy = client.with_options(timeout=5, headers={"x-team": "red"})
    for each in (client, copy, client, copy):
        each.indexes.list()
    assert opened == 1
    assert len(loop_threads()) == 1
    copy.close()
    with pytest.raises(RuntimeError, match="The client is closed"):
        client.indexes.list()


def test_an_invalid_setting_does_not_disclose_the_api_key() -> None:
    """No local variable in the traceback of the constructor's error contains it."""
    with pytest.raises(ValueError, match="base_url") as caught:
        TwelveLabs(api_key=raw_server.KEY, base_url="localhost")
    variables = [value for frame, _ in walk_tb(caught.tb) for value in frame.f_locals.values()]
    assert raw_server.KEY not in variables
    assert [raw_server.KEY] not in variables


@pytest.fixture
def no_garbage() -> Iterator[None]:
    """No garbage of earlier tests."""
    gc.collect()
    yield
    gc.collect()


@pytest.mark.usefixtures("no_garbage")
def test_garbage_collected_clients_leave_no_thread_and_no_open_file(emulator: Emulator) -> None:
    """20 clients that were used and never closed are closed by the garbage collector."""

    def use_client() -> None:
        client = TwelveLabs(api_key=emulator.api_key, base_url=emulator.url)
        client.indexes.list()
        client.bulk  # noqa: B018  (refers to the client)

    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        use_client()
    gc.collect()
    for thread in loop_threads():
        thread.join(10)
    assert not loop_threads()
    deadline = time.monotonic() + 10
    while len(os.listdir("/proc/self/fd")) > before:  # until the emulator has closed its ends of the connections
        assert time.monotonic() < deadline


def test_a_resource_works_after_its_client_is_dropped(emulator: Emulator, indexes: list[str]) -> None:
    """It keeps the event-loop thread alive."""
    resource = TwelveLabs(api_key=emulator.api_key, base_url=emulator.url).indexes
    gc.collect()
    assert [index.index_name for index in resource.list()] == indexes
