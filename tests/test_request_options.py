"""Request options: they hold for every request of a call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from twelvelabs_async import APIStatusError, APITimeoutError, AsyncTwelveLabs, RequestOptions

from support import official
from support.clients import Connect
from support.clock import Clock
from support.recorder import Recorder
from support.samples import video
from support.three_clients import METHODS, Clients, required_arguments
from support.until import until

pytestmark = pytest.mark.usefixtures("autojump_clock")


@pytest.fixture
async def client(recorder: Recorder, connect: Connect) -> AsyncIterator[AsyncTwelveLabs]:
    """A client of the recorder."""
    async with connect(recorder) as client:
        yield client


def test_request_options_replace_headers_and_parameters(clients: Clients) -> None:
    """The case of the name of a header does not matter."""
    options: RequestOptions = {
        "additional_headers": {"X-API-Key": "other"},
        "additional_query_parameters": {"page_limit": 5},
    }
    [request] = clients.async_requests("indexes.list", {"page_limit": 10, "request_options": options})
    assert request.query == [("page", "1"), ("page_limit", "5")]
    assert request.headers["x-api-key"] == "other"


EXTRA: RequestOptions = {"additional_headers": {"x-own": "1"}, "additional_query_parameters": {"own": "1"}}


@pytest.mark.parametrize("name", [name for name in METHODS if ".list" in name or name == "multipart_upload.get_status"])
async def test_later_pages_have_the_options_of_the_call(recorder: Recorder, client: AsyncTwelveLabs, name: str) -> None:
    """They have its other arguments, too."""
    items = "uploaded_chunks" if name == "multipart_upload.get_status" else "data"
    for number in (1, 2):
        recorder.respond_next({items: [{"_id": str(number)}], "page_info": {"page": number, "total_page": 2}})
    pager = official.find(client, name)(**required_arguments(name), page_limit=1, request_options=EXTRA)
    assert len([item async for item in pager]) == 2
    assert [dict(request.query) for request in recorder.requests] == [
        {"page": page, "page_limit": "1", "own": "1"} for page in ("1", "2")
    ]
    assert all(request.headers["x-own"] == "1" for request in recorder.requests)


async def test_later_pages_of_a_search_have_the_options_of_the_call(
    recorder: Recorder, client: AsyncTwelveLabs
) -> None:
    """User metadata is requested again."""
    recorder.respond_next({"data": [{"rank": 1}], "page_info": {"next_page_token": "a/b"}})
    recorder.respond_next({"data": [{"rank": 2}], "page_info": {}})
    search = client.search.query(
        index_id="i", search_options=["visual"], include_user_metadata=True, request_options=EXTRA
    )
    assert [item.rank async for item in search] == [1, 2]
    first, second = recorder.requests
    assert (second.method, second.path) == ("GET", "/v1.3/search/a%2Fb")
    assert dict(second.query) == {"own": "1", "include_user_metadata": "true"}
    assert first.headers["x-own"] == second.headers["x-own"] == "1"


async def test_later_pages_of_a_knowledge_store_search_have_the_options_of_the_call(
    recorder: Recorder, client: AsyncTwelveLabs
) -> None:
    """The body is that of the first page, with a token."""
    for rank, token in ((1, "t"), (2, None)):
        recorder.respond_next({"data": [{"asset_type": "image", "rank": rank}], "next_page_token": token})
    found = client.knowledge_stores.search_all("k", query={"text": "x"}, group_by="item", request_options=EXTRA)
    assert len([hit async for hit in found]) == 2
    first, second = recorder.requests
    assert first.json == {"query": {"text": "x"}, "group_by": "item"}
    assert second.json == first.json | {"page_token": "t"}
    assert first.headers["x-own"] == second.headers["x-own"] == "1"


async def test_all_requests_of_a_wait_have_the_options_of_the_call(recorder: Recorder, client: AsyncTwelveLabs) -> None:
    ready = {"_id": "x", "task_id": "x", "status": "ready", "data": [{"_id": "x", "status": "ready"}]}
    for _ in range(17):
        recorder.respond_next(ready | {"page_info": {"page": 1, "total_page": 1}})
    await client.assets.wait_until_ready("x", request_options=EXTRA)
    await client.assets.create_and_wait(video(), request_options=EXTRA)
    await client.indexes.indexed_assets.wait_until_ready("i", "x", request_options=EXTRA)
    await client.indexes.indexed_assets.create_and_wait("i", asset_id="x", request_options=EXTRA)
    await client.knowledge_store_items.wait_until_ready("k", "x", request_options=EXTRA)
    await client.knowledge_store_items.create_and_wait("k", asset_id="x", request_options=EXTRA)
    await client.analyze_async.tasks.create_and_wait(
        **required_arguments("analyze_async.tasks.create"), request_options=EXTRA
    )
    await client.tasks.wait_for_done("x", request_options=EXTRA)
    await client.tasks.create_and_wait(**required_arguments("tasks.create"), request_options=EXTRA)
    await client.imports.import_files_and_wait("c", items=[{"source_id": "a"}], request_options=EXTRA)
    for _ in range(2):
        recorder.respond_next({"batch_id": "x", "status": "completed"})
    await client.analyze_async.batches.create_and_wait(
        **required_arguments("analyze_async.batches.create"), request_options=EXTRA
    )
    assert len(recorder.requests) == 19
    assert all(request.headers["x-own"] == "1" for request in recorder.requests)


async def test_max_retries_holds_for_later_pages(recorder: Recorder, client: AsyncTwelveLabs) -> None:
    recorder.respond_next({"data": [{}], "page_info": {"page": 1, "total_page": 2}})
    for _ in range(4):
        recorder.respond_next({}, status=503)
    pager = await client.indexes.list(request_options={"max_retries": 3})
    with pytest.raises(APIStatusError):
        await pager.next_page()
    assert [request.query for request in recorder.requests] == [[("page", "1")]] + 4 * [[("page", "2")]]


@pytest.mark.parametrize("name", ["indexes.list", "search.query"])
async def test_the_timeout_holds_for_later_pages(
    recorder: Recorder, client: AsyncTwelveLabs, clock: Clock, name: str
) -> None:
    recorder.respond_next({"data": [{}], "page_info": {"page": 1, "total_page": 2, "next_page_token": "t"}})
    recorder.respond_next(None)
    options: RequestOptions = {"timeout_in_seconds": 60, "max_retries": 0}
    pager = await official.find(client, name)(**required_arguments(name), request_options=options)
    next_page = asyncio.create_task(pager.next_page())
    await until(lambda: len(recorder.requests) == 2)
    clock.advance(61)  # aiohttp rounds timeouts up to whole seconds
    with pytest.raises(APITimeoutError):
        await next_page
