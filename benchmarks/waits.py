"""Many waits at once: memory, and how long their start holds up the event loop."""

from __future__ import annotations

import asyncio
import gc
import time
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any, Final

from aiohttp import web

from .measure import Case, Row, clients, spread
from .payloads import INDEX_ID, indexed_asset
from .server import running

PARKED: Final = 1_000
STARTED: Final = 10_000
PAGE_LIMIT: Final = 50


async def longest_stall() -> float:
    """Return the longest CPU time in seconds between two turns of the event loop, until cancelled."""
    longest = 0.0
    try:
        while True:
            started_at = time.thread_time()
            await asyncio.sleep(0.005)
            longest = max(longest, time.thread_time() - started_at)
    except asyncio.CancelledError:
        return longest


async def waits(_: str) -> AsyncIterator[Row]:
    """Waits for indexed assets of one index, parked and started at once."""
    memory, stalls = [], []
    with running(__spec__.name) as address:
        for _round in range(3):
            async with clients(address) as (ours, _official):
                wait = ours.indexes.indexed_assets.wait_until_ready
                warm_up = (wait(INDEX_ID, f"{number:024x}", timeout=0.2) for number in range(5))
                await asyncio.gather(*warm_up, return_exceptions=True)  # imports
                gc.collect()
                tracemalloc.start()
                before = tracemalloc.get_traced_memory()[0]
                parked = [asyncio.create_task(wait(INDEX_ID, f"{number:024x}")) for number in range(PARKED)]
                await asyncio.sleep(4)
                gc.collect()
                memory.append((tracemalloc.get_traced_memory()[0] - before) / PARKED / 1000)
                tracemalloc.stop()
                await cancelled(parked)

                watching = asyncio.create_task(longest_stall())
                await asyncio.sleep(0.05)
                started = [asyncio.create_task(wait(INDEX_ID, f"{number:024x}")) for number in range(STARTED)]
                await asyncio.sleep(8)
                watching.cancel()
                stalls.append(await watching)
                await cancelled(started)
    yield Row("parked wait, one of 1,000 on an index: kB", spread(memory), at_most=4)
    yield Row("10,000 waits started at once, longest stall of the loop: s", spread(stalls), at_most=0.4)


async def cancelled(tasks: list[asyncio.Task[Any]]) -> None:
    """Cancel *tasks* and wait for their end."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _list(request: web.Request) -> web.Response:
    count = STARTED if "indexing" in request.query.getall("status", ["indexing"]) else 0
    size, page = int(request.query.get("page_limit", 10)), int(request.query.get("page", 1))
    numbers = range(min((page - 1) * size, count), min(page * size, count))
    info = {"limit_per_page": size, "page": page, "total_page": -(-count // size), "total_results": count}
    return web.json_response({"data": [_job(number) for number in numbers], "page_info": info})


async def _retrieve(request: web.Request) -> web.Response:
    return web.json_response(_job(int(request.match_info["id"], 16)))


def _job(number: int) -> dict[str, Any]:
    return indexed_asset(number) | {"_id": f"{number:024x}", "status": "indexing"}


async def _serve() -> None:
    """Serve an index with 10,000 indexed assets that never become ready."""
    app = web.Application()
    app.router.add_get("/v1.3/indexes/{index}/indexed-assets", _list)
    app.router.add_get("/v1.3/indexes/{index}/indexed-assets/{id}", _retrieve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    print(f"http://{host}:{port}", flush=True)
    await asyncio.Event().wait()


CASES: Final[dict[str, Case]] = {"waits": waits}

if __name__ == "__main__":
    asyncio.run(_serve())
