"""Requests: a small GET, streams and lists."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Any, Final

import aiohttp
import httpx
import msgspec
import twelvelabs

import twelvelabs_async

from .measure import Case, Row, clients, concurrently, interleaved
from .payloads import INDEX_ID, PAGE_LIMIT, PAGES
from .server import SLOW


class SystemMetadata(msgspec.Struct):
    filename: str
    duration: float
    fps: float
    width: int
    height: int
    size: int


class IndexedAsset(msgspec.Struct):
    """The detail of `payloads`, as a program would declare it that needs nothing else."""

    asset_id: str
    created_at: str
    updated_at: str
    indexed_at: str
    status: str
    system_metadata: SystemMetadata
    user_metadata: dict[str, Any]
    hls: dict[str, Any]
    id: str = msgspec.field(name="_id")


async def small_get(address: str) -> AsyncIterator[Row]:
    """Ten concurrent small GETs."""
    url = f"{address}/v1.3/indexes/{INDEX_ID}/indexed-assets/detail"
    decoder = msgspec.json.Decoder(IndexedAsset)
    async with clients(address) as (ours, official), aiohttp.ClientSession() as session:

        async def bare() -> Any:
            async with session.get(url, headers={"x-api-key": "key"}) as response:
                return json.loads(await response.read())

        async def bare_struct() -> IndexedAsset:
            async with session.get(url, headers={"x-api-key": "key"}) as response:
                return decoder.decode(await response.read())

        got = await interleaved(
            rounds=31,
            repeat={"ours": 3, "bare": 3, "struct": 3},
            ours=lambda: concurrently(200, 10, lambda: ours.indexes.indexed_assets.retrieve(INDEX_ID, "detail")),
            official=lambda: concurrently(
                200, 10, lambda: official.indexes.indexed_assets.retrieve(INDEX_ID, "detail")
            ),
            bare=lambda: concurrently(200, 10, bare),
            struct=lambda: concurrently(200, 10, bare_struct),
        )
    yield Row("small GET, 10 at once, CPU: official / ours", got.ratio("official", "ours"), at_least=10)
    yield Row("small GET, 10 at once, CPU: ours / aiohttp and json.loads", got.ratio("ours", "bare"), at_most=1.2)
    yield Row("small GET, 10 at once, CPU: ours / aiohttp and a msgspec struct", got.ratio("ours", "struct"))


async def analyze_stream(address: str) -> AsyncIterator[Row]:
    """A streamed analysis of 2,000 events, from the request to its end."""
    async with clients(address) as (ours, official):

        async def read_ours() -> None:
            video = twelvelabs_async.VideoContext_AssetId(asset_id="asset")
            assert sum([1 async for _ in ours.analyze_stream(video=video, prompt="What happens?")]) == 2002

        async def read_official() -> None:
            video = twelvelabs.VideoContext_AssetId(asset_id="asset")
            assert sum([1 async for _ in official.analyze_stream(video=video, prompt="What happens?")]) == 2002

        got = await interleaved(rounds=9, repeat={"ours": 10}, ours=read_ours, official=read_official)
    yield Row("analyze stream of 2,000 events, CPU: official / ours", got.ratio("official", "ours"), at_least=60)


async def listing(address: str) -> AsyncIterator[Row]:
    """A list of 10,000 items on 200 pages, without latency and at 50 ms a request."""

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


CASES: Final[dict[str, Case]] = {
    "small-get": small_get,
    "blocking-get": blocking_get,
    "analyze-stream": analyze_stream,
    "listing": listing,
}
