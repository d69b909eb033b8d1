"""What is measured, and the goals. Each case yields rows of the table."""

from __future__ import annotations

import asyncio
import inspect
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias

import aiohttp
import httpx
import twelvelabs
from attrs import frozen
from twelvelabs.core.pydantic_utilities import parse_obj_as

import twelvelabs_async
from twelvelabs_async import structure
from twelvelabs_async._transport import Call
from twelvelabs_async.models._base import PageInfo
from twelvelabs_async.models._wire import loads

from . import payloads
from .measure import PeakMemory, Spread, children_time, interleaved, process, spread
from .payloads import CHUNK_SIZE, INDEX_ID, PAGE_LIMIT, PAGES
from .server import SLOW

MEGABYTE: Final = 1_000_000
UPLOAD_SIZE: Final = 200 * MEGABYTE
WORKERS: Final = 5


@frozen
class Row:
    """A line of the table; a goal of ``None`` is a figure given for information."""

    what: str
    measured: Spread
    at_least: float | None = None
    at_most: float | None = None

    @property
    def goal(self) -> str:
        if self.at_least is not None:
            return f">= {self.at_least:g}"
        return "" if self.at_most is None else f"<= {self.at_most:g}"

    @property
    def met(self) -> str:
        if self.at_least is not None:
            return "yes" if self.measured.median >= self.at_least else "no"
        return "" if self.at_most is None else "yes" if self.measured.median <= self.at_most else "no"


Case: TypeAlias = Callable[[str], AsyncIterator[Row]]


@asynccontextmanager
async def clients(address: str) -> AsyncIterator[tuple[twelvelabs_async.AsyncTwelveLabs, twelvelabs.AsyncTwelveLabs]]:
    """Our client and the official one."""
    base_url = f"{address}/v1.3"
    async with (
        twelvelabs_async.AsyncTwelveLabs(api_key="key", base_url=base_url) as ours,
        httpx.AsyncClient(timeout=60) as http,
    ):
        yield ours, twelvelabs.AsyncTwelveLabs(api_key="key", base_url=base_url, httpx_client=http)


async def at_once(times: int, workers: int, request: Callable[[], Awaitable[object]]) -> None:
    """Do *request* so many times, so many at once."""

    async def work() -> None:
        for _ in range(times // workers):
            await request()

    await asyncio.gather(*(work() for _ in range(workers)))


async def small_get(address: str) -> AsyncIterator[Row]:
    """A small GET, 10 at once."""
    url = f"{address}/v1.3/indexes/{INDEX_ID}/indexed-assets/detail"
    async with clients(address) as (ours, official), aiohttp.ClientSession() as session:

        async def bare() -> Any:
            async with session.get(url, headers={"x-api-key": "key"}) as response:
                return json.loads(await response.read())

        got = await interleaved(
            rounds=31,
            repeat={"ours": 3, "bare": 3},
            ours=lambda: at_once(200, 10, lambda: ours.indexes.indexed_assets.retrieve(INDEX_ID, "detail")),
            official=lambda: at_once(200, 10, lambda: official.indexes.indexed_assets.retrieve(INDEX_ID, "detail")),
            bare=lambda: at_once(200, 10, bare),
        )
    yield Row("small GET, 10 at once, CPU: official / ours", got.ratio("official", "ours"), at_least=10)
    yield Row("small GET, 10 at once, CPU: ours / bare aiohttp", got.ratio("ours", "bare"), at_most=1.25)


class IndexedAssetPage(twelvelabs_async.Model):
    data: list[twelvelabs_async.IndexedAsset] | None = None
    page_info: PageInfo | None = None


async def decoding(address: str) -> AsyncIterator[Row]:
    """Models from bodies, without a request."""
    from twelvelabs.indexes.indexed_assets.types.indexed_assets_list_response import IndexedAssetsListResponse

    detailed = twelvelabs_async.IndexedAssetDetailed, twelvelabs.IndexedAssetDetailed
    for what, data, (ours, official), times in (
        ("page of 50 assets", payloads.page(1), (IndexedAssetPage, IndexedAssetsListResponse), 100),
        (
            "search page of 50",
            payloads.search(),
            (twelvelabs_async.SearchResults, twelvelabs.SearchResults),
            100,
        ),
        ("2,000 transcript segments", payloads.transcription(), detailed, 20),
        ("600 x 512 embeddings", payloads.embeddings(), detailed, 1),
    ):
        body = payloads.encoded(data)

        async def msgspec(body: bytes = body, ours: Any = ours) -> None:
            structure(loads(body), ours)

        async def stdlib(body: bytes = body, ours: Any = ours) -> None:
            structure(json.loads(body), ours)

        async def theirs(body: bytes = body, official: Any = official) -> None:
            parse_obj_as(official, httpx.Response(200, content=body).json())

        got = await interleaved(
            rounds=9,
            repeat={"msgspec": times, "stdlib": times, "theirs": -(-times // 20)},
            msgspec=msgspec,
            stdlib=stdlib,
            theirs=theirs,
        )
        yield Row(f"decode {what}, msgspec: official / ours", got.ratio("theirs", "msgspec"), at_least=40)
        yield Row(f"decode {what}, json: official / ours", got.ratio("theirs", "stdlib"), at_least=20)


async def analyze_stream(address: str) -> AsyncIterator[Row]:
    """A streamed answer of 2,000 events, from the request to its end."""
    video = twelvelabs.VideoContext_AssetId(asset_id="asset")
    async with clients(address) as (ours, official):

        async def read_ours() -> None:
            video = twelvelabs_async.VideoContext_AssetId(asset_id="asset")
            assert sum([1 async for _ in ours.analyze_stream(video=video, prompt="What happens?")]) == 2002

        async def read_official() -> None:
            assert sum([1 async for _ in official.analyze_stream(video=video, prompt="What happens?")]) == 2002

        got = await interleaved(rounds=9, repeat={"ours": 10}, ours=read_ours, official=read_official)
    yield Row("analyze stream of 2,000 events, CPU: official / ours", got.ratio("official", "ours"), at_least=60)


async def listing(address: str) -> AsyncIterator[Row]:
    """A list of 10,000 items on 200 pages, at once and at 50 ms a request."""

    async def count(client: Any, prefetch: int = 1) -> None:
        pager = client.indexes.indexed_assets.list(INDEX_ID, page_limit=PAGE_LIMIT)
        pager = pager.prefetch(prefetch) if prefetch > 1 else pager if hasattr(pager, "prefetch") else await pager
        assert sum([1 async for _ in pager]) == PAGES * PAGE_LIMIT

    async with clients(address) as (ours, official):
        got = await interleaved(rounds=5, ours=lambda: count(ours), official=lambda: count(official))
    yield Row("list 10,000, CPU: official / ours", got.ratio("official", "ours"), at_least=20)
    async with clients(address + SLOW) as (ours, official):
        got = await interleaved(
            rounds=2,
            clock=time.perf_counter,
            ours=lambda: count(ours),
            ahead=lambda: count(ours, prefetch=8),
            official=lambda: count(official),
        )
    yield Row("list 10,000 at 50 ms, prefetch(8), wall: official / ours", got.ratio("official", "ahead"), at_least=6)
    yield Row("list 10,000 at 50 ms, one by one, wall: official / ours", got.ratio("official", "ours"))


async def blocking_get(address: str) -> AsyncIterator[Row]:
    """A small GET by the blocking clients."""
    base_url = f"{address}/v1.3"
    with twelvelabs_async.TwelveLabs(api_key="key", base_url=base_url) as ours, httpx.Client(timeout=60) as http:
        official = twelvelabs.TwelveLabs(api_key="key", base_url=base_url, httpx_client=http)

        async def get_ours() -> None:
            for _ in range(200):
                ours.indexes.indexed_assets.retrieve(INDEX_ID, "detail")

        async def get_official() -> None:
            for _ in range(200):
                official.indexes.indexed_assets.retrieve(INDEX_ID, "detail")

        got = await interleaved(rounds=15, repeat={"ours": 2}, ours=get_ours, official=get_official)
    yield Row("blocking GET, CPU: official / ours", got.ratio("official", "ours"), at_least=3)


FIRST_REQUEST: Final = """
import asyncio, sys
from twelvelabs_async import AsyncTwelveLabs

async def main():
    async with AsyncTwelveLabs(api_key="key", base_url=sys.argv[1] + "/v1.3") as client:
        await client.indexes.indexed_assets.retrieve(sys.argv[2], "detail")

asyncio.run(main())
"""
FIRST_REQUEST_BARE: Final = """
import aiohttp, asyncio, json, sys

async def main():
    async with aiohttp.ClientSession(headers={"x-api-key": "key"}) as session:
        async with session.get(f"{sys.argv[1]}/v1.3/indexes/{sys.argv[2]}/indexed-assets/detail") as response:
            json.loads(await response.read())

asyncio.run(main())
"""
FIRST_REQUEST_OFFICIAL: Final = FIRST_REQUEST.replace("twelvelabs_async", "twelvelabs")


HELP: Final = """
import os, sys
sys.argv[1:], sys.stdout = ["--help"], open(os.devnull, "w")
from twelvelabs_async.cli import main
main()
"""


async def new_process(address: str) -> AsyncIterator[Row]:
    """Imports, help on the command line, and a first request, net of the interpreter's own start."""
    got = await interleaved(
        rounds=11,
        clock=children_time,
        nothing=process("pass"),
        ours=process("import twelvelabs_async"),
        bare=process("import aiohttp"),
        official=process("import twelvelabs"),
        click=process("import click"),
        help=process(HELP),
        first=process(FIRST_REQUEST, address, INDEX_ID),
        first_bare=process(FIRST_REQUEST_BARE, address, INDEX_ID),
        first_official=process(FIRST_REQUEST_OFFICIAL, address, INDEX_ID),
    )
    got = got.without("nothing")
    yield Row("import, CPU: ours / aiohttp", got.ratio("ours", "bare"), at_most=0.3)
    yield Row("import, CPU: official / aiohttp", got.ratio("official", "bare"))
    yield Row("--help of the command line, CPU: ours / import of click", got.ratio("help", "click"), at_most=1.5)
    yield Row("first request of a process, CPU: ours / bare aiohttp", got.ratio("first", "first_bare"), at_most=1.3)
    yield Row("first request of a process, CPU: official / ours", got.ratio("first_official", "first"))


FIRST_CALL: Final = """
import asyncio, json, sys, time
from contextlib import suppress
from functools import reduce
from twelvelabs_async import APIError, AsyncTwelveLabs

longest = 0.0
run = asyncio.Handle._run

def timed(handle):
    global longest
    began = time.thread_time()
    run(handle)
    longest = max(longest, time.thread_time() - began)

async def main():
    async with AsyncTwelveLabs(api_key="key", base_url=sys.argv[1] + "/v1.3", max_retries=0) as client:
        with suppress(APIError):
            await client.indexes.retrieve("warm")
        await asyncio.sleep(0)
        asyncio.Handle._run = timed
        await asyncio.sleep(0)
        with suppress(APIError):
            called = reduce(getattr, sys.argv[2].split("."), client)(**json.loads(sys.argv[3]))
            await (anext(called, None) if hasattr(called, "asend") else called)

asyncio.run(main())
print(longest)
"""
# Values of required arguments that are not texts.
ARGUMENTS: Final[dict[str, Any]] = {
    "models": [{"model_name": "a", "model_options": ["visual"]}],
    "search_options": ["visual"],
    "total_size": 1,
    "start": 1,
    "count": 1,
    "completed_chunks": [],
    "requests": [{"custom_id": "a", "video": {"type": "asset_id", "asset_id": "a"}}],
    "user_metadata": {},
    "asset_ids": ["a"],
    "item_ids": ["a"],
    "items": [{"source_id": "a"}],
    "query": {"text": "a"},
    "input": [{"type": "message", "role": "user", "content": "a"}],
}
# Optional arguments that some methods cannot do without.
VIDEO: Final[dict[str, Any]] = {"video": {"type": "asset_id", "asset_id": "a"}, "prompt": "a"}
MORE_ARGUMENTS: Final[dict[str, dict[str, Any]]] = {
    "analyze": VIDEO,
    "analyze_stream": VIDEO,
    "analyze_async.tasks.create": VIDEO,
    "assets.create": {"url": "a"},
    "embed.create": {"text": "a"},
    "embed.tasks.create": {"video_url": "a"},
    "tasks.create": {"video_url": "a"},
}


def methods(client: object, prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """The methods that make one request, with arguments to call them with."""
    for name in dir(type(client)):
        if name.startswith(("_", "wait_", "with_")) or name.endswith(("_and_wait", "_bulk")) or name in LONG_CALLS:
            continue
        value = getattr(client, name)
        if inspect.ismethod(value):
            required = [
                parameter.name
                for parameter in inspect.signature(value).parameters.values()
                if parameter.default is parameter.empty
            ]
            given = {parameter: ARGUMENTS.get(parameter, "a") for parameter in required}
            yield prefix + name, given | MORE_ARGUMENTS.get(prefix + name, {})
        elif type(value).__module__.startswith("twelvelabs_async.resources"):
            yield from methods(value, f"{prefix}{name}.")


LONG_CALLS: Final = {"close", "ensure", "upload", "upload_file", "index"}


async def first_call(address: str) -> AsyncIterator[Row]:
    """How long the event loop is held up at most by the first call of a method, each in a process of its own."""
    async with clients(address) as (ours, _):
        slowest = {}
        for name, arguments in methods(ours):
            times = []
            for _ in range(3):
                command = [sys.executable, "-c", FIRST_CALL, address, name, json.dumps(arguments)]
                times.append(1000 * float(subprocess.run(command, check=True, capture_output=True).stdout))  # noqa: ASYNC221
            slowest[name] = spread(times)
    worst = max(slowest, key=lambda name: slowest[name].median)
    yield Row(f"first call, slowest ({worst}): ms", slowest[worst], at_most=20)


async def retrying(address: str) -> AsyncIterator[Row]:
    """What being ready to repeat a request costs when there is no need."""
    async with clients(address) as (ours, _):
        transport = ours._transport
        call = Call("GET", "/", safe=True)
        times = 20_000

        async def attempt(timeout: float) -> None:
            pass

        async def with_retries() -> None:
            for _ in range(times):
                await transport._persist(call, attempt, None)

        async def without() -> None:
            for _ in range(times):
                await attempt(1.0)

        got = (await interleaved(rounds=15, with_retries=with_retries, without=without)).without("without")
    cost = spread([taken / times * 1e6 for taken in got.seconds["with_retries"]])
    yield Row("retries, for a request that succeeds at once: us", cost, at_most=1)


async def lag(work: Awaitable[object]) -> float:
    """How late, in ms, one of a hundred timers was while *work* kept the event loop busy."""
    late: list[float] = []

    async def tick() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            late.append(time.perf_counter() - began - 0.001)

    ticking = asyncio.create_task(tick())
    await work
    ticking.cancel()
    return 1000 * sorted(late)[int(len(late) * 0.99)]


@contextmanager
def large_file(size: int = UPLOAD_SIZE) -> Iterator[Path]:
    """A file of 200 MB, or another size, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "video.mp4")
        with path.open("wb") as file:
            for _ in range(0, size, MEGABYTE):
                file.write(bytes(range(250)) * (MEGABYTE // 250))
        yield path


async def uploads(address: str) -> AsyncIterator[Row]:
    """200 MB in parts of 5 MB, five at once; and in one request."""
    with large_file() as file:
        async with clients(address) as (ours, official):

            async def in_parts(client: Any) -> None:
                await client.multipart_upload.upload_file(str(file), max_workers=WORKERS)

            async def direct(client: Any) -> None:
                with file.open("rb") as opened:
                    await client.assets.create(method="direct", file=opened)

            memory: list[float] = []
            for _ in range(3):  # before the official client leaves free memory to be used again
                with PeakMemory() as peak:
                    await in_parts(ours)
                memory.append(peak.size / (WORKERS * CHUNK_SIZE))
            lags = [(await lag(in_parts(ours)), await lag(asyncio.sleep(0.5))) for _ in range(7)]
            lags_official = [await lag(in_parts(official)) for _ in range(3)]
            wall = await interleaved(
                rounds=7,
                clock=time.perf_counter,
                ours=lambda: in_parts(ours),
                official=lambda: in_parts(official),
                direct=lambda: direct(ours),
                direct_official=lambda: direct(official),
            )
            cpu = await interleaved(
                rounds=5,
                ours=lambda: in_parts(ours),
                official=lambda: in_parts(official),
                direct=lambda: direct(ours),
                direct_official=lambda: direct(official),
            )
    yield Row("upload in parts, wall: official / ours", wall.ratio("official", "ours"), at_least=5)
    yield Row("upload in parts, CPU: official / ours", cpu.ratio("official", "ours"))
    yield Row("upload in parts, more memory / (parts at once x size)", spread(memory), at_most=1)
    yield Row("upload in parts, event loop late, 99th percentile: ms", spread([ours for ours, _ in lags]), at_most=10)
    yield Row("the same, an event loop with nothing to do: ms", spread([idle for _, idle in lags]))
    yield Row("the same, official: ms", spread(lags_official))
    yield Row("upload direct, wall: official / ours", wall.ratio("direct_official", "direct"))
    yield Row("upload direct, CPU: official / ours", cpu.ratio("direct_official", "direct"))


CASES: Final[dict[str, Case]] = {
    case.__name__.replace("_", "-"): case
    for case in (small_get, decoding, analyze_stream, listing, blocking_get, new_process, first_call, retrying, uploads)
}
