"""Pagination: `AsyncPager`, its blocking twin, and searches whose pages have tokens."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from twelvelabs_async import (
    APIResponseError,
    AsyncPager,
    AsyncTwelveLabs,
    BadRequestError,
    InternalServerError,
    TwelveLabs,
)
from twelvelabs_async.testing import Emulator

from support.app_server import serve
from support.clients import Connect
from support.until import until

Body = dict[str, Any]


def body_of_page(count: int, page: int, limit: int) -> Body:
    """Return the body of one page of a list with *count* items."""
    first = (page - 1) * limit
    return {
        "data": [{"_id": str(number)} for number in range(first, min(first + limit, count))],
        "page_info": {
            "page": page,
            "limit_per_page": limit,
            "total_page": math.ceil(count / limit),
            "total_results": count,
        },
    }


class AssetServer:
    """A server of one list.

    Attributes:
        count: The number of items in the list.
        body: Makes the body of a page from the count, the page's number and its size.
        failing: The pages whose response is an error.
        held: The pages whose response waits for an event.
        requests: The requests received.
        in_flight: The number of requests without a response.
        most_in_flight: The largest number of requests in flight at the same time.
    """

    def __init__(self) -> None:
        self.count = 0
        self.body: Callable[[int, int, int], Body] = body_of_page
        self.failing: set[int] = set()
        self.held: dict[int, asyncio.Event] = {}
        self.requests: list[web.Request] = []
        self.in_flight = self.most_in_flight = 0

    @property
    def pages(self) -> list[int]:
        """The numbers of the requested pages."""
        return [int(request.query["page"]) for request in self.requests]

    async def handle(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(0)
            page = int(request.query["page"])
            if page in self.held:
                await self.held[page].wait()
            if page in self.failing:
                return web.json_response({"code": "internal", "message": f"page {page}"}, status=500)
            return web.json_response(self.body(self.count, page, int(request.query.get("page_limit", 10))))
        finally:
            self.in_flight -= 1


@pytest.fixture
async def server() -> AssetServer:
    """A server of one list of assets."""
    return AssetServer()


@pytest.fixture
async def client(server: AssetServer, connect: Connect) -> AsyncIterator[AsyncTwelveLabs]:
    """A client of the server; tasks left behind fail the test."""
    async with serve(web.get("/v1.3/assets", server.handle)) as app, connect(app, max_retries=0) as client:
        yield client
        assert {task for task in asyncio.all_tasks() if "RequestHandler" not in repr(task)} == {asyncio.current_task()}


async def ids(pager: AsyncPager[Any]) -> list[str]:
    return [item.id async for item in pager]


async def append_items(found: list[Any], pager: AsyncPager[Any]) -> None:
    """Append the items to *found* one by one, so that it has those before an error."""
    async for item in pager:
        found.append(item)  # noqa: PERF401


def ids_on_page(pager: AsyncPager[Any]) -> list[str]:
    return [item.id for item in pager.data or []]


def numbers(count: int) -> list[str]:
    return [str(number) for number in range(count)]


async def test_a_pager_sends_no_request_before_it_is_used(client: AsyncTwelveLabs, server: AssetServer) -> None:
    """Until then it has no items, and a next page."""
    pager = client.assets.list()
    assert (pager.items, pager.page_info, pager.response, pager.has_next) == (None, None, None, True)
    assert pager.get_next is not None
    assert not server.requests


async def test_iterating_sends_one_request_per_page(client: AsyncTwelveLabs, server: AssetServer) -> None:
    """Items are in order, and there is no request after a last page that is full."""
    server.count = 20
    assert await ids(client.assets.list(page_limit=5)) == numbers(20)
    assert server.pages == [1, 2, 3, 4]


async def test_an_empty_list_is_one_empty_page(client: AsyncTwelveLabs, server: AssetServer) -> None:
    assert await ids(client.assets.list()) == []
    assert [page.items async for page in client.assets.list().iter_pages()] == [[]]
    assert server.pages == [1, 1]


async def test_awaiting_a_pager_fetches_its_first_page(client: AsyncTwelveLabs, server: AssetServer) -> None:
    """The first page is requested once; iterating requests the later pages, each time anew."""
    server.count = 7
    pager = await client.assets.list(page_limit=3)
    assert [item.id for item in pager.items or []] == ids_on_page(pager) == ["0", "1", "2"]
    assert (pager.page_info.total_page, pager.has_next) == (3, True)
    assert pager.response is not None
    assert pager.response.status_code == 200
    assert pager.response.headers["content-type"].startswith("application/json")
    assert await pager is pager
    assert server.pages == [1]
    assert await ids(pager) == numbers(7)
    assert server.pages == [1, 2, 3]
    assert await ids(pager) == numbers(7)
    assert server.pages == [1, 2, 3, 2, 3]


async def test_iterating_again_requests_the_pages_again(client: AsyncTwelveLabs, server: AssetServer) -> None:
    """A pager that was not awaited keeps no page, so changes of the list are seen."""
    server.count = 3
    pager = client.assets.list(page_limit=2)
    assert await ids(pager) == numbers(3)
    server.count = 5
    assert await ids(pager) == numbers(5)
    assert server.pages == [1, 2, 1, 2, 3]


async def test_next_page_returns_none_at_the_end(client: AsyncTwelveLabs, server: AssetServer) -> None:
    """`next_page` and `get_next` send one request for each page, and none at the end."""
    server.count = 5
    first = await client.assets.list(page_limit=2).next_page()
    assert first is not None
    second = await first.next_page()
    assert second is not None
    assert second.get_next is not None
    third = await second.get_next()
    assert third is not None
    assert [ids_on_page(page) for page in (first, second, third)] == [["0", "1"], ["2", "3"], ["4"]]
    assert (third.has_next, third.get_next, await third.next_page()) == (False, None, None)
    assert server.pages == [1, 2, 3]


async def test_a_list_can_start_at_any_page(client: AsyncTwelveLabs, server: AssetServer) -> None:
    """`iter_pages` yields the page ``page=`` and those behind it, with their numbers."""
    server.count = 9
    pages = [page async for page in client.assets.list(page=2, page_limit=3).iter_pages()]
    assert [(page.page_info.page, ids_on_page(page)) for page in pages] == [(2, ["3", "4", "5"]), (3, ["6", "7", "8"])]
    assert server.pages == [2, 3]


@pytest.mark.parametrize("ahead", [1, 3])
async def test_every_page_is_requested_with_all_arguments(
    client: AsyncTwelveLabs, server: AssetServer, ahead: int
) -> None:
    """Filters, page size and request options hold for every page, prefetched or not."""
    server.count = 8
    pager = client.assets.list(
        page_limit=2,
        filename="talk",
        asset_types=["video"],
        request_options={"additional_headers": {"x-team": "red"}, "additional_query_parameters": {"flavour": "mild"}},
    )
    assert await ids(pager.prefetch(ahead)) == numbers(8)
    arguments = {"page_limit": "2", "filename": "talk", "asset_types": "video", "flavour": "mild"}
    assert [dict(request.query) for request in server.requests] == [
        {**arguments, "page": str(page)} for page in (1, 2, 3, 4)
    ]
    assert {request.headers["x-team"] for request in server.requests} == {"red"}


def first_page_repeated(count: int, page: int, limit: int) -> Body:
    return {**body_of_page(count, 1, limit), "page_info": {"page": page, "total_page": page + 1}}


def last_page_repeated(count: int, page: int, limit: int) -> Body:
    body = body_of_page(count, min(page, 2), limit)
    body["page_info"]["total_page"] = 1000
    return body


def first_page_after_the_last(count: int, page: int, limit: int) -> Body:
    body = body_of_page(count, page if page < 3 else 1, limit)
    body["page_info"]["total_page"] = 1000
    return body


def total_too_large(count: int, page: int, limit: int) -> Body:
    body = body_of_page(count, page, limit)
    body["page_info"]["total_page"] = 1000
    return body


def no_page_info(count: int, page: int, limit: int) -> Body:
    return {"data": body_of_page(count, page, limit)["data"]}


def no_page_info_and_last_page_repeated(count: int, page: int, limit: int) -> Body:
    return {"data": body_of_page(count, min(page, 2), limit)["data"]}


def total_smaller_than_the_list(count: int, page: int, limit: int) -> Body:
    body = body_of_page(count, page, limit)
    body["page_info"]["total_page"] = page - 1
    return body


def items_that_are_no_objects(count: int, page: int, limit: int) -> Body:
    body = body_of_page(count, page, limit)
    return {**body, "data": [None, *body["data"], 5, [], "x"]}


def page_info_of_wrong_types(count: int, page: int, limit: int) -> Body:
    info = {"page": page, "total_page": "many"} if page % 2 else "odd"
    return {**body_of_page(count, page, limit), "page_info": info}


@pytest.mark.parametrize("ahead", [1, 4])
@pytest.mark.parametrize(
    ("body", "count", "requests"),
    [
        (first_page_repeated, 4, 2),
        (last_page_repeated, 8, 3),
        (first_page_after_the_last, 8, 3),
        (total_too_large, 8, 3),
        (no_page_info, 6, 2),
        (no_page_info, 8, 3),
        (no_page_info_and_last_page_repeated, 8, 3),
        (page_info_of_wrong_types, 6, 2),
        (total_smaller_than_the_list, 6, 2),
        (items_that_are_no_objects, 8, 2),
    ],
)
async def test_a_list_ends_even_if_the_server_never_says_so(
    client: AsyncTwelveLabs,
    server: AssetServer,
    body: Callable[[int, int, int], Body],
    count: int,
    requests: int,
    ahead: int,
) -> None:
    """Each item is yielded once, with at most one request too many, besides those that were sent ahead."""
    server.count, server.body = count, body
    pages = [ids_on_page(page) async for page in client.assets.list(page_limit=4).prefetch(ahead).iter_pages()]
    assert all(pages)
    assert [item for page in pages for item in page] == numbers(count)
    assert requests <= len(server.requests) <= requests + ahead - 1


async def test_the_first_page_may_have_another_number(client: AsyncTwelveLabs, server: AssetServer) -> None:
    """Only a later page that the server calls by another number is taken for the end of the list."""

    def counted_from_zero(count: int, page: int, limit: int) -> Body:
        body = body_of_page(count, page, limit)
        body["page_info"]["page"] = page - 1
        return body

    server.count, server.body = 3, counted_from_zero
    assert await ids(client.assets.list(page_limit=3)) == numbers(3)


@pytest.mark.parametrize("ahead", [1, 2, 4])
async def test_a_list_that_grows_while_it_is_read_is_read_to_its_end(
    client: AsyncTwelveLabs, server: AssetServer, ahead: int
) -> None:
    """New items at the beginning push a whole page into the next one."""

    def grown_by_a_page(count: int, page: int, limit: int) -> Body:
        if page == 1:
            return body_of_page(count, page, limit)
        body = body_of_page(count, page - 1, limit)
        body["page_info"] |= {"page": page, "total_page": 4, "total_results": count + limit}
        return body

    server.count, server.body = 12, grown_by_a_page
    assert set(await ids(client.assets.list(page_limit=4).prefetch(ahead))) == set(numbers(12))
    assert len(server.requests) == 4


async def test_leaving_early_sends_no_further_request(client: AsyncTwelveLabs, server: AssetServer) -> None:
    server.count = 100
    async for item in client.assets.list(page_limit=5):
        if item.id == "6":
            break
    await asyncio.sleep(0)
    assert server.pages == [1, 2]


async def test_prefetching_keeps_the_order_and_the_number_of_requests(
    client: AsyncTwelveLabs, server: AssetServer
) -> None:
    """The pages come in order even if the responses do not, and at most four requests are in flight."""
    server.count, server.held = 23, {page: asyncio.Event() for page in (5, 4, 3, 2)}
    reading = asyncio.create_task(ids(client.assets.list(page_limit=2).prefetch(4)))
    await until(lambda: server.in_flight == 4)
    for page in server.held.values():  # the last one first
        page.set()
        await asyncio.sleep(0.01)  # until the client has the response
    assert await reading == numbers(23)
    assert sorted(server.pages) == list(range(1, 13))
    assert server.most_in_flight == 4


async def test_leaving_early_cancels_prefetched_requests(client: AsyncTwelveLabs, server: AssetServer) -> None:
    server.count = 100
    server.held = {page: asyncio.Event() for page in range(3, 11)}
    async with aclosing(client.assets.list(page_limit=10).prefetch(3).iter_pages()) as pages:
        assert ids_on_page(await anext(pages))[0] == "0"
        assert ids_on_page(await anext(pages))[0] == "10"
    await until(lambda: server.in_flight == 0)
    assert max(server.pages) <= 5


async def test_cancelling_the_reader_cancels_prefetched_requests(client: AsyncTwelveLabs, server: AssetServer) -> None:
    server.count = 100
    server.held = {page: asyncio.Event() for page in range(2, 11)}
    reading = asyncio.create_task(ids(client.assets.list(page_limit=10).prefetch(3)))
    await until(lambda: server.in_flight == 3)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert reading.cancelled()
    await until(lambda: server.in_flight == 0)


@pytest.mark.parametrize("ahead", [1, 3])
async def test_an_error_on_a_later_page_is_raised_after_the_items_before_it(
    client: AsyncTwelveLabs, server: AssetServer, ahead: int
) -> None:
    """The requests for the pages behind it are cancelled."""
    server.count, server.failing = 40, {3}
    server.held = {4: asyncio.Event()}
    found: list[Any] = []
    with pytest.raises(InternalServerError, match="page 3"):
        await append_items(found, client.assets.list(page_limit=5).prefetch(ahead))
    assert [item.id for item in found] == numbers(10)
    await until(lambda: server.in_flight == 0)
    assert max(server.pages) <= 2 + ahead


@pytest.mark.parametrize("pages", [0, -1])
async def test_prefetching_less_than_one_page_is_refused(client: AsyncTwelveLabs, pages: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        client.assets.list().prefetch(pages)


async def test_any_list_is_read_completely(client: AsyncTwelveLabs, server: AssetServer) -> None:
    """The items and the number of requests do not depend on the page size or on prefetching."""
    cases: list[tuple[int, int, int]] = []

    @settings(max_examples=60)
    @given(count=st.integers(0, 120), size=st.integers(1, 50), ahead=st.integers(1, 5))
    def collect(count: int, size: int, ahead: int) -> None:
        cases.append((count, size, ahead))

    collect()
    for count, size, ahead in cases:
        server.count, server.requests = count, []
        assert await ids(client.assets.list(page_limit=size).prefetch(ahead)) == numbers(count)
        assert sorted(server.pages) == list(range(1, max(1, math.ceil(count / size)) + 1))


@pytest.fixture
def blocking_client(emulator: Emulator, sync_client: TwelveLabs) -> TwelveLabs:
    """A blocking client of an emulator with seven assets."""
    for number in range(7):
        sync_client.assets.create(method="url", url=f"https://example.com/{number}.mp4")
    emulator.requests.clear()
    return sync_client


def test_a_blocking_pager_has_its_first_page_at_once(blocking_client: TwelveLabs, emulator: Emulator) -> None:
    """The other pages are requested when they are needed."""
    pager = blocking_client.assets.list(page_limit=3)
    assert len(emulator.requests) == 1
    assert len(pager.items or []) == len(pager.data or []) == 3
    assert (pager.has_next, pager.page_info.total_page) == (True, 3)
    assert pager.response is not None
    assert pager.response.status_code == 200
    names = [asset.filename for asset in pager]
    assert names == [f"{number}.mp4" for number in reversed(range(7))]
    assert len(emulator.requests) == 3
    assert [asset.filename for asset in pager] == names
    assert [asset.filename for asset in pager.prefetch(2)] == names
    assert [len(page.items or []) for page in pager.iter_pages()] == [3, 3, 1]


def test_blocking_next_page_returns_none_at_the_end(blocking_client: TwelveLabs, emulator: Emulator) -> None:
    first = blocking_client.assets.list(page_limit=4)
    assert first.get_next is not None
    second = first.get_next()
    assert second is not None
    assert len(second.items or []) == 3
    assert (second.has_next, second.get_next, second.next_page()) == (False, None, None)
    assert len(emulator.requests) == 2


def test_leaving_a_blocking_list_early_sends_no_further_request(
    blocking_client: TwelveLabs, emulator: Emulator
) -> None:
    """The client can be used as before."""
    for _ in blocking_client.assets.list(page_limit=2):
        break
    assert len(emulator.requests) == 1
    assert len(list(blocking_client.assets.list(page_limit=2))) == 7


async def test_the_parts_of_an_upload_are_a_list(emulator: Emulator, connect: Connect) -> None:
    """`get_status` iterates over the parts, which the API does not call ``data``."""
    async with connect(emulator) as client:
        made = await client.multipart_upload.create(filename="a.mp4", type="video", total_size=23 * 5 * 1024 * 1024)
        emulator.requests.clear()
        assert made.upload_id is not None
        parts = [part.index async for part in client.multipart_upload.get_status(made.upload_id, page_limit=10)]
    assert parts == list(range(1, 24))
    assert len(emulator.requests) == 3


class SearchServer:
    """A server of one search, whose pages have tokens.

    Attributes:
        pages: Status and body by the token of the page; the first page has none.
        requests: The requests received.
    """

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, Body]] = {}
        self.requests: list[web.Request] = []

    @property
    def targets(self) -> list[str]:
        return [request.path_qs.removeprefix("/v1.3") for request in self.requests]

    async def handle(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        await request.read()
        status, body = self.pages[request.match_info.get("token", "")]
        return web.json_response(body, status=status)


@pytest.fixture
async def search_server() -> SearchServer:
    """A server of one search."""
    return SearchServer()


@pytest.fixture
async def search_client(search_server: SearchServer, connect: Connect) -> AsyncIterator[AsyncTwelveLabs]:
    """A client of the search server."""
    handle = search_server.handle
    async with (
        serve(web.post("/v1.3/search", handle), web.get("/v1.3/search/{token:.+}", handle)) as app,
        connect(app, max_retries=0) as client,
    ):
        yield client


def hits(*ranks: int, token: str | None = None) -> tuple[int, Body]:
    info = {"next_page_token": token} if token else {}
    return 200, {"data": [{"rank": rank, "video_id": "v"} for rank in ranks], "page_info": info}


def search(client: AsyncTwelveLabs, **arguments: Any) -> AsyncPager[Any]:
    return client.search.query(index_id="i", search_options=["visual"], query_text="goal", **arguments)


async def test_each_page_of_a_search_has_the_token_of_the_next(
    search_client: AsyncTwelveLabs, search_server: SearchServer
) -> None:
    """Later pages are requested with the request options of the search, and with user metadata if it asked for them."""
    search_server.pages = {"": hits(1, 2, token="a/b"), "a/b": hits(3, token="c"), "c": hits(4)}
    pager = search(search_client, include_user_metadata=True, request_options={"additional_headers": {"x-team": "red"}})
    assert [item.rank async for item in pager] == [1, 2, 3, 4]
    assert search_server.targets == [
        "/search",
        "/search/a%2Fb?include_user_metadata=true",
        "/search/c?include_user_metadata=true",
    ]
    assert {request.headers["x-team"] for request in search_server.requests} == {"red"}
    first = await pager
    assert (first.response and first.response.status_code, first.has_next) == (200, True)
    assert [item.rank async for item in first.prefetch(3)] == [1, 2, 3, 4]


async def test_an_error_on_a_later_page_of_a_search_is_raised(
    search_client: AsyncTwelveLabs, search_server: SearchServer
) -> None:
    """An incomplete result is never taken for a complete one."""
    search_server.pages = {"": hits(1, token="old"), "old": (400, {"code": "token_expired", "message": "expired"})}
    found: list[Any] = []
    with pytest.raises(BadRequestError, match="expired"):
        await append_items(found, search(search_client))
    assert [item.rank for item in found] == [1]


async def test_a_search_ends_if_a_token_repeats(search_client: AsyncTwelveLabs, search_server: SearchServer) -> None:
    """A page that has its own token as the next one is the last."""
    search_server.pages = {"": hits(1, token="a"), "a": hits(2, token="a")}
    assert [item.rank async for item in search(search_client)] == [1, 2]
    assert search_server.targets == ["/search", "/search/a"]


async def test_a_search_continues_after_an_empty_page(
    search_client: AsyncTwelveLabs, search_server: SearchServer
) -> None:
    """An empty page can have a next one; a token that was used before ends the search."""
    search_server.pages = {
        "": hits(token="a"),
        "a": hits(token="b"),
        "b": hits(1, token="c"),
        "c": hits(2, token="a"),
    }
    assert [item.rank async for item in search(search_client)] == [1, 2]
    assert search_server.targets == ["/search", "/search/a", "/search/b", "/search/c"]


async def test_an_empty_token_is_the_end_of_a_search(emulator: Emulator, connect: Connect) -> None:
    """A request with an empty token would start the search again."""
    body = hits(1)[1]
    emulator.fail("POST", "/search", status=200, body={**body, "page_info": {"next_page_token": ""}})
    emulator.fail("POST", "/knowledge-stores/k/search", status=200, body={**body, "next_page_token": ""})
    async with connect(emulator) as client:
        for pager in (search(client), client.knowledge_stores.search_all("k", query={"text": "goal"})):
            assert [item.rank async for item in pager] == [1]
    assert len(emulator.requests) == 2


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"data": 5}, "a list as 'data' of the response; got 5"),
        ({"data": {"a": 1}}, "a list as 'data'"),
        ({"next_page_token": 5}, "a string as 'next_page_token' of the response; got 5"),
        ({"next_page_token": ["t"]}, "a string as 'next_page_token'"),
    ],
)
async def test_an_unusable_page_of_a_search_is_an_error(
    emulator: Emulator, connect: Connect, change: Body, expected: str
) -> None:
    """It is raised before the page is yielded."""
    emulator.fail("POST", "/search", status=200, body={"data": [], "page_info": change, **change})
    emulator.fail("POST", "/knowledge-stores/k/search", status=200, body={"data": [], **change})
    async with connect(emulator) as client:
        for pager in (search(client), client.knowledge_stores.search_all("k", query={"text": "goal"})):
            with pytest.raises(APIResponseError, match=f"search: expected {expected}"):
                await pager


async def test_items_of_a_search_that_are_no_objects_are_skipped(emulator: Emulator, connect: Connect) -> None:
    emulator.fail("POST", "/search", status=200, body={"data": [None, {"rank": 1}, 5, []]})
    async with connect(emulator) as client:
        assert [item.rank async for item in search(client)] == [1]


async def test_a_search_of_empty_pages_ends_with_an_error(
    search_client: AsyncTwelveLabs, search_server: SearchServer
) -> None:
    """A server may send new tokens for ever."""
    search_server.pages = {"": hits(1, token="0"), **{f"{page}": hits(token=f"{page + 1}") for page in range(200)}}
    with pytest.raises(APIResponseError, match="The list does not end: 100 pages were read"):
        await append_items([], search(search_client))
