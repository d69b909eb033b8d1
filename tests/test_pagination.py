"""Lists that come in pages: `AsyncPager` and its blocking twin."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from twelvelabs_async import AsyncPager, AsyncTwelveLabs, BadRequestError, InternalServerError, TwelveLabs
from twelvelabs_async.testing import Emulator


class Shelf:
    """A server with one list of items, counting what it is asked for; the tests say how it errs."""

    def __init__(self) -> None:
        self.count = 0
        self.asked: list[dict[str, str]] = []
        self.headers: list[Any] = []
        self.under_way = self.most_at_once = 0
        self.broken: set[int] = set()
        self.held: dict[int, asyncio.Event] = {}
        self.answer: Callable[[Shelf, int, int], dict[str, Any]] = Shelf.honest

    @property
    def numbers(self) -> list[int]:
        """The pages it was asked for."""
        return [int(query["page"]) for query in self.asked]

    def honest(self, page: int, limit: int) -> dict[str, Any]:
        first = (page - 1) * limit
        info = {"page": page, "limit_per_page": limit, "total_page": math.ceil(self.count / limit)}
        data = [{"_id": str(i)} for i in range(first, min(first + limit, self.count))]
        return {"data": data, "page_info": {**info, "total_results": self.count}}

    async def until(self, under_way: int) -> None:
        """Wait until so many requests are under way."""
        async with asyncio.timeout(5):
            while self.under_way != under_way:  # noqa: ASYNC110  (simpler than a condition)
                await asyncio.sleep(0)

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        self.headers.append(request.headers)
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            await asyncio.sleep(0)
            page = int(request.query["page"])
            if page in self.held:
                await self.held[page].wait()
            if page in self.broken:
                return web.json_response({"code": "internal", "message": f"page {page}"}, status=500)
            return web.json_response(self.answer(self, page, int(request.query.get("page_limit", 10))))
        finally:
            self.under_way -= 1


@pytest.fixture
async def shelf() -> Shelf:
    """The server's list."""
    return Shelf()


@pytest.fixture
async def client(shelf: Shelf) -> AsyncIterator[AsyncTwelveLabs]:
    """A client of the list's server; tasks left behind fail the test."""
    async with _client_of(web.get("/v1.3/assets", shelf.handle)) as client:
        yield client
        assert _client_tasks() == set()


@asynccontextmanager
async def _client_of(*routes: web.RouteDef) -> AsyncIterator[AsyncTwelveLabs]:
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        async with AsyncTwelveLabs(api_key="k", base_url=f"http://{host}:{port}/v1.3", max_retries=0) as client:
            yield client
    finally:
        await runner.cleanup()


def _client_tasks() -> set[asyncio.Task[Any]]:
    """The tasks that are neither this one nor the server's."""
    return {task for task in asyncio.all_tasks() - {asyncio.current_task()} if "RequestHandler" not in repr(task)}


async def _ids(pager: AsyncPager[Any]) -> list[str]:
    return [item.id async for item in pager]


def _on(pager: AsyncPager[Any]) -> list[str]:
    """The ids on a page, by the API's name for its items."""
    return [item.id for item in pager.data or []]


async def _collect(pager: AsyncPager[Any], found: list[str]) -> None:
    """Collect ids, or else ranks, as they come: those that come before an error, too."""
    async for item in pager:
        found.append(item.id if hasattr(item, "id") and item.id else str(item.rank))  # noqa: PERF401


def _numbers(count: int) -> list[str]:
    return [str(i) for i in range(count)]


async def test_nothing_is_asked_for_before_it_is_needed(client: AsyncTwelveLabs, shelf: Shelf) -> None:
    """A pager is only a promise: no request, no items, and a next page to come."""
    pager = client.assets.list()
    assert (pager.items, pager.page_info, pager.response, pager.has_next) == (None, None, None, True)
    assert pager.get_next is not None
    assert shelf.asked == []


async def test_n_pages_are_n_requests(client: AsyncTwelveLabs, shelf: Shelf) -> None:
    """Iterating yields every item in order, with one request a page, also when the last page is full."""
    shelf.count = 20
    assert await _ids(client.assets.list(page_limit=5)) == _numbers(20)
    assert shelf.numbers == [1, 2, 3, 4]


async def test_an_empty_list_is_one_request(client: AsyncTwelveLabs, shelf: Shelf) -> None:
    """A list without items yields nothing, as one page."""
    assert await _ids(client.assets.list()) == []
    assert [page.items async for page in client.assets.list().iter_pages()] == [[]]
    assert shelf.numbers == [1, 1]


async def test_the_first_page_by_await(client: AsyncTwelveLabs, shelf: Shelf) -> None:
    """Awaiting fetches one page, once; iterating then goes on from there, and again asks for the later ones only."""
    shelf.count = 7
    pager = await client.assets.list(page_limit=3)
    assert [item.id for item in pager.items or []] == _on(pager) == ["0", "1", "2"]
    assert (pager.page_info.total_page, pager.has_next) == (3, True)
    assert pager.response is not None
    assert pager.response.status_code == 200
    assert pager.response.headers["content-type"].startswith("application/json")
    assert await pager is pager
    assert shelf.numbers == [1]
    assert await _ids(pager) == _numbers(7)
    assert shelf.numbers == [1, 2, 3]
    assert await _ids(pager) == _numbers(7)
    assert shelf.numbers == [1, 2, 3, 2, 3]


async def test_iterating_again_asks_again(client: AsyncTwelveLabs, shelf: Shelf) -> None:
    """A pager that was not awaited keeps nothing: what has changed meanwhile is seen."""
    shelf.count = 3
    pager = client.assets.list(page_limit=2)
    assert await _ids(pager) == _numbers(3)
    shelf.count = 5
    assert await _ids(pager) == _numbers(5)
    assert shelf.numbers == [1, 2, 1, 2, 3]


async def test_page_by_page(client: AsyncTwelveLabs, shelf: Shelf) -> None:
    """`next_page` and `get_next` go from page to page and end with ``None``, without a request."""
    shelf.count = 5
    first = await client.assets.list(page_limit=2).next_page()
    assert first is not None
    second = await first.next_page()
    assert second is not None
    assert second.get_next is not None
    third = await second.get_next()
    assert third is not None
    assert [_on(page) for page in (first, second, third)] == [["0", "1"], ["2", "3"], ["4"]]
    assert (third.has_next, third.get_next, await third.next_page()) == (False, None, None)
    assert shelf.numbers == [1, 2, 3]


async def test_pages_from_the_middle(client: AsyncTwelveLabs, shelf: Shelf) -> None:
    """``page=`` is where it begins; `iter_pages` yields pages that know their place."""
    shelf.count = 9
    pages = [page async for page in client.assets.list(page=2, page_limit=3).iter_pages()]
    assert [(page.page_info.page, _on(page)) for page in pages] == [(2, ["3", "4", "5"]), (3, ["6", "7", "8"])]
    assert shelf.numbers == [2, 3]


@pytest.mark.parametrize("ahead", [1, 3])
async def test_every_page_is_asked_for_with_all_that_was_said(
    client: AsyncTwelveLabs, shelf: Shelf, ahead: int
) -> None:
    """Filters, limits and request options hold for every page, fetched ahead or not."""
    shelf.count = 8
    pager = client.assets.list(
        page_limit=2,
        filename="talk",
        asset_types=["video"],
        request_options={"additional_headers": {"x-team": "red"}, "additional_query_parameters": {"flavour": "mild"}},
    )
    assert await _ids(pager.prefetch(ahead)) == _numbers(8)
    said = {"page_limit": "2", "filename": "talk", "asset_types": "video", "flavour": "mild"}
    assert shelf.asked == [{**said, "page": str(page)} for page in (1, 2, 3, 4)]
    assert {headers["x-team"] for headers in shelf.headers} == {"red"}


def _repeats(shelf: Shelf, page: int, limit: int) -> dict[str, Any]:
    return {**shelf.honest(1, limit), "page_info": {"page": page, "total_page": page + 1}}


def _clamps(shelf: Shelf, page: int, limit: int) -> dict[str, Any]:
    answer = shelf.honest(min(page, 2), limit)
    answer["page_info"]["total_page"] = 1000
    return answer


def _starts_again(shelf: Shelf, page: int, limit: int) -> dict[str, Any]:
    answer = shelf.honest(page if page < 3 else 1, limit)
    answer["page_info"]["total_page"] = 1000
    return answer


def _promises_too_much(shelf: Shelf, page: int, limit: int) -> dict[str, Any]:
    answer = shelf.honest(page, limit)
    answer["page_info"]["total_page"] = 1000
    return answer


def _says_nothing(shelf: Shelf, page: int, limit: int) -> dict[str, Any]:
    return {"data": shelf.honest(page, limit)["data"]}


def _repeats_and_says_nothing(shelf: Shelf, page: int, limit: int) -> dict[str, Any]:
    return {"data": shelf.honest(min(page, 2), limit)["data"]}


def _says_odd_things(shelf: Shelf, page: int, limit: int) -> dict[str, Any]:
    return {**shelf.honest(page, limit), "page_info": {"page": page, "total_page": "many"} if page % 2 else "odd"}


@pytest.mark.parametrize("ahead", [1, 4])
@pytest.mark.parametrize(
    ("answer", "count", "requests"),
    [
        (_repeats, 4, 2),
        (_clamps, 8, 3),
        (_starts_again, 8, 3),
        (_promises_too_much, 8, 3),
        (_says_nothing, 6, 2),
        (_says_nothing, 8, 3),
        (_repeats_and_says_nothing, 8, 3),
        (_says_odd_things, 6, 2),
    ],
)
async def test_a_server_that_errs_cannot_keep_a_list_from_ending(
    client: AsyncTwelveLabs,
    shelf: Shelf,
    answer: Callable[[Shelf, int, int], dict[str, Any]],
    count: int,
    requests: int,
    ahead: int,
) -> None:
    """Pages repeated, clamped, promised or not counted: each item comes once, and one request too many at most."""
    shelf.count, shelf.answer = count, answer
    pages = [_on(page) async for page in client.assets.list(page_limit=4).prefetch(ahead).iter_pages()]
    assert all(pages)
    assert [item for page in pages for item in page] == _numbers(count)
    assert requests <= len(shelf.asked) <= requests + ahead - 1


def _grows(shelf: Shelf, page: int, limit: int) -> dict[str, Any]:
    if page == 1:
        return shelf.honest(page, limit)
    answer = shelf.honest(page - 1, limit)
    answer["page_info"] |= {"page": page, "total_page": 4, "total_results": shelf.count + limit}
    return answer


@pytest.mark.parametrize("ahead", [1, 2, 4])
async def test_growing(client: AsyncTwelveLabs, shelf: Shelf, ahead: int) -> None:
    """A list that grows by just a page while it is read, as lists do at their beginning, is read to its end."""
    shelf.count, shelf.answer = 12, _grows
    assert set(await _ids(client.assets.list(page_limit=4).prefetch(ahead))) == set(_numbers(12))
    assert len(shelf.asked) == 4


async def test_leaving_early_asks_for_nothing_more(client: AsyncTwelveLabs, shelf: Shelf) -> None:
    """After a ``break`` there is no request and no task."""
    shelf.count = 100
    async for item in client.assets.list(page_limit=5):
        if item.id == "6":
            break
    await asyncio.sleep(0)
    assert shelf.numbers == [1, 2]


async def test_prefetching_is_faster_and_otherwise_the_same(client: AsyncTwelveLabs, shelf: Shelf) -> None:
    """Items keep their order, requests their number, and never are more under way than asked for."""
    shelf.count, shelf.held = 23, {page: asyncio.Event() for page in (5, 4, 3, 2)}
    reading = asyncio.create_task(_ids(client.assets.list(page_limit=2).prefetch(4)))
    await shelf.until(4)
    for page in shelf.held.values():  # the later ones are there first
        page.set()
        await asyncio.sleep(0.01)
    assert await reading == _numbers(23)
    assert sorted(shelf.numbers) == list(range(1, 13))
    assert shelf.most_at_once == 4


async def test_prefetching_leaves_nothing_behind(client: AsyncTwelveLabs, shelf: Shelf) -> None:
    """Leaving early cancels the requests under way."""
    shelf.count = 100
    shelf.held = {page: asyncio.Event() for page in range(3, 11)}
    async with aclosing(client.assets.list(page_limit=10).prefetch(3).iter_pages()) as pages:
        assert _on(await anext(pages))[0] == "0"
        assert _on(await anext(pages))[0] == "10"
    await shelf.until(0)
    assert max(shelf.numbers) <= 5


async def test_cancelling_a_prefetching_reader_cancels_its_requests(client: AsyncTwelveLabs, shelf: Shelf) -> None:
    """A reader that is cancelled in the middle of a page takes its requests with it."""
    shelf.count = 100
    shelf.held = {page: asyncio.Event() for page in range(2, 11)}
    reading = asyncio.create_task(_ids(client.assets.list(page_limit=10).prefetch(3)))
    await shelf.until(3)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert reading.cancelled()
    await shelf.until(0)


@pytest.mark.parametrize("ahead", [1, 3])
async def test_an_error_on_a_later_page_comes_in_its_place(client: AsyncTwelveLabs, shelf: Shelf, ahead: int) -> None:
    """The items before it are yielded, it is raised, and the requests behind it are cancelled."""
    shelf.count, shelf.broken = 40, {3}
    shelf.held = {4: asyncio.Event()}
    found: list[str] = []
    with pytest.raises(InternalServerError, match="page 3"):
        await _collect(client.assets.list(page_limit=5).prefetch(ahead), found)
    assert found == _numbers(10)
    await shelf.until(0)
    assert max(shelf.numbers) <= 2 + ahead


@pytest.mark.parametrize("pages", [0, -1])
async def test_prefetching_no_pages_is_refused(client: AsyncTwelveLabs, pages: int) -> None:
    """At least one page has to be under way."""
    with pytest.raises(ValueError, match="at least 1"):
        client.assets.list().prefetch(pages)


async def test_any_list_is_read_whole(client: AsyncTwelveLabs, shelf: Shelf) -> None:
    """For any number of items, page size and prefetch: exactly the items, with exactly as many requests as pages."""

    async def check(count: int, size: int, ahead: int) -> None:
        shelf.count, shelf.asked = count, []
        assert await _ids(client.assets.list(page_limit=size).prefetch(ahead)) == _numbers(count)
        assert sorted(shelf.numbers) == list(range(1, max(1, math.ceil(count / size)) + 1))

    cases: list[tuple[int, int, int]] = []

    @settings(max_examples=60, deadline=None, database=None)
    @given(count=st.integers(0, 120), size=st.integers(1, 50), ahead=st.integers(1, 5))
    def collect(count: int, size: int, ahead: int) -> None:
        cases.append((count, size, ahead))

    collect()
    for case in cases:
        await check(*case)


@pytest.fixture
def assets(emulator: Emulator) -> Iterator[TwelveLabs]:
    """A blocking client of an emulator with seven assets."""
    with TwelveLabs(api_key=emulator.api_key, base_url=emulator.url) as client:
        for number in range(7):
            client.assets.create(method="url", url=f"https://example.com/{number}.mp4")
        emulator.requests.clear()
        yield client


def test_blocking_pages(assets: TwelveLabs, emulator: Emulator) -> None:
    """The blocking pager has its first page at once, and asks for the others as they are needed."""
    pager = assets.assets.list(page_limit=3)
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


def test_blocking_page_by_page(assets: TwelveLabs, emulator: Emulator) -> None:
    """`next_page` and `get_next` block, and end with ``None``."""
    first = assets.assets.list(page_limit=4)
    assert first.get_next is not None
    second = first.get_next()
    assert second is not None
    assert len(second.items or []) == 3
    assert (second.has_next, second.get_next, second.next_page()) == (False, None, None)
    assert len(emulator.requests) == 2


def test_leaving_a_blocking_list_early(assets: TwelveLabs, emulator: Emulator) -> None:
    """After a ``break`` nothing more is asked for, and the client still works."""
    for _ in assets.assets.list(page_limit=2):
        break
    assert len(emulator.requests) == 1
    assert len(list(assets.assets.list(page_limit=2))) == 7


async def test_parts_of_an_upload_are_a_list_too(emulator: Emulator) -> None:
    """`get_status` pages through the parts, which have a name of their own in the answer."""
    async with AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.url) as client:
        made = await client.multipart_upload.create(filename="a.mp4", type="video", total_size=23 * 5 * 1024 * 1024)
        emulator.requests.clear()
        assert made.upload_id is not None
        parts = [part.index async for part in client.multipart_upload.get_status(made.upload_id, page_limit=10)]
    assert parts == list(range(1, 24))
    assert len(emulator.requests) == 3


SEARCH = "/v1.3/search"
Answer = Callable[[web.Request], Awaitable[web.Response]]


@pytest.fixture
async def search() -> AsyncIterator[tuple[AsyncTwelveLabs, list[tuple[str, str]], dict[str, Any]]]:
    """A client of a server whose searches have pages by token: what was asked, and what each token answers."""
    asked: list[tuple[str, str]] = []
    pages: dict[str, Any] = {}

    async def answer(request: web.Request) -> web.Response:
        asked.append((request.path.removeprefix("/v1.3"), request.query_string + request.headers.get("x-team", "")))
        await request.read()
        status, body = pages[request.match_info.get("token", "")]
        return web.json_response(body, status=status)

    async with _client_of(web.post(SEARCH, answer), web.get(SEARCH + "/{token:.+}", answer)) as client:
        yield client, asked, pages


def _found(*ranks: int, token: str | None = None) -> tuple[int, dict[str, Any]]:
    info = {"next_page_token": token} if token else {}
    return 200, {"data": [{"rank": rank, "video_id": "v"} for rank in ranks], "page_info": info}


async def test_a_search_goes_from_token_to_token(
    search: tuple[AsyncTwelveLabs, list[tuple[str, str]], dict[str, Any]],
) -> None:
    """Each page comes by the token of the one before, with the options that hold for every page."""
    client, asked, pages = search
    pages |= {"": _found(1, 2, token="a/b"), "a/b": _found(3, token="c"), "c": _found(4)}
    pager = client.search.query(
        index_id="i",
        search_options=["visual"],
        query_text="goal",
        include_user_metadata=True,
        request_options={"additional_headers": {"x-team": "red"}},
    )
    assert [item.rank async for item in pager] == [1, 2, 3, 4]
    assert asked == [
        ("/search", "red"),
        ("/search/a/b", "include_user_metadata=truered"),
        ("/search/c", "include_user_metadata=truered"),
    ]
    first = await pager
    assert (first.response and first.response.status_code, first.has_next) == (200, True)
    assert [item.rank async for item in first.prefetch(3)] == [1, 2, 3, 4]


async def test_a_search_does_not_end_quietly_at_an_error(
    search: tuple[AsyncTwelveLabs, list[tuple[str, str]], dict[str, Any]],
) -> None:
    """An error on a later page is raised: a short result is never taken for a whole one."""
    client, _, pages = search
    pages |= {"": _found(1, token="old"), "old": (400, {"code": "token_expired", "message": "expired"})}
    found: list[str] = []
    with pytest.raises(BadRequestError, match="expired"):
        await _collect(client.search.query(index_id="i", search_options=["visual"], query_text="goal"), found)
    assert found == ["1"]


async def test_a_search_whose_token_repeats_ends(
    search: tuple[AsyncTwelveLabs, list[tuple[str, str]], dict[str, Any]],
) -> None:
    """A page that names itself as the next one is the last."""
    client, asked, pages = search
    pages |= {"": _found(1, token="a"), "a": _found(2, token="a")}
    pager = client.search.query(index_id="i", search_options=["visual"], query_text="goal")
    assert [item.rank async for item in pager] == [1, 2]
    assert len(asked) == 2
    assert "include_user_metadata" not in json.dumps(asked)


async def test_a_search_goes_on_behind_an_empty_page(
    search: tuple[AsyncTwelveLabs, list[tuple[str, str]], dict[str, Any]],
) -> None:
    """A page may have no items and yet a next page; only a token that comes twice ends it then."""
    client, asked, pages = search
    pages |= {"": _found(token="a"), "a": _found(token="b"), "b": _found(1, token="c"), "c": _found(2, token="a")}
    pager = client.search.query(index_id="i", search_options=["visual"], query_text="goal")
    assert [item.rank async for item in pager] == [1, 2]
    assert [path for path, _ in asked] == ["/search", "/search/a", "/search/b", "/search/c"]


async def test_an_empty_token_is_the_end(emulator: Emulator) -> None:
    """Some servers write "no token" so; asking with it would begin anew."""
    found = _found(1)[1]
    emulator.fail("POST", "/search", status=200, body={**found, "page_info": {"next_page_token": ""}})
    emulator.fail("POST", "/knowledge-stores/k/search", status=200, body={**found, "next_page_token": ""})
    async with AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.url) as client:
        pagers: tuple[AsyncPager[Any], ...] = (
            client.search.query(index_id="i", search_options=["visual"], query_text="goal"),
            client.knowledge_stores.search_all("k", query={"text": "goal"}),
        )
        for pager in pagers:
            assert [item.rank async for item in pager] == [1]
    assert len(emulator.requests) == 2
