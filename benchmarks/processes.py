"""New processes: imports, the first request, and the first call of each method."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

from .measure import Case, Row, children_time, clients, interleaved, process, spread
from .payloads import INDEX_ID

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
    """Imports, the help of the command line, and the first request, without the start of the interpreter."""
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
    started_at = time.thread_time()
    run(handle)
    longest = max(longest, time.thread_time() - started_at)

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
# Values of required arguments that are not strings.
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
# Optional arguments that some methods require.
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
    """Yield the methods that send one request, with arguments for the call."""
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
    """The first call of each method in a new process: the longest time that it blocks the event loop."""
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


CASES: Final[dict[str, Case]] = {"new-process": new_process, "first-call": first_call}
