"""Bulk runs: many small files, many URLs, and large uploads that are killed and resumed."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
import time
import wave
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import twelvelabs

import twelvelabs_async

from .emulated import Emulated, emulated
from .measure import Case, Row, Spread, clients, lag, spread
from .payloads import CHUNK_SIZE
from .uploads import MEGABYTE, WORKERS, large_file

ASSETS: Final = 500
CONCURRENCY: Final = 50
SOURCES: Final = 100_000
PER_MINUTE: Final = 12_000
LARGE: Final = 1000 * MEGABYTE
MODELS: Final = [{"model_name": "marengo3.0", "model_options": ["visual"]}]


async def new_index(client: twelvelabs_async.AsyncTwelveLabs) -> str:
    return str((await client.indexes.create(index_name=f"benchmark {time.time_ns()}", models=MODELS)).id)


@contextmanager
def small_files() -> Iterator[list[str]]:
    """Create 500 different recordings of 10 s and 10 kB."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [f"{folder}/{number}.wav" for number in range(ASSETS)]
        for path in paths:
            with wave.open(path, "wb") as file:
                file.setparams((1, 1, 1000, 0, "NONE", ""))
                file.writeframes(random.randbytes(10_000))
        yield paths


async def index_with_ours(
    client: twelvelabs_async.AsyncTwelveLabs, index_id: str, paths: list[str], interval: float
) -> None:
    run = client.bulk.index(index_id, paths, concurrency=CONCURRENCY, upload_concurrency=CONCURRENCY, interval=interval)
    assert [outcome.status async for outcome in run] == ["ready"] * ASSETS


async def index_with_official(
    client: twelvelabs.AsyncTwelveLabs, index_id: str, paths: list[str], interval: float
) -> None:
    semaphore, indexed = asyncio.Semaphore(CONCURRENCY), client.indexes.indexed_assets

    async def index(path: str) -> None:
        async with semaphore:
            with open(path, "rb") as file:  # noqa: ASYNC230
                asset_id = str((await client.assets.create(method="direct", file=file)).id)
            while (await client.assets.retrieve(asset_id)).status != "ready":  # noqa: ASYNC110
                await asyncio.sleep(interval)
            indexed_asset_id = str((await indexed.create(index_id, asset_id=asset_id)).id)
            while (await indexed.retrieve(index_id, indexed_asset_id)).status != "ready":  # noqa: ASYNC110
                await asyncio.sleep(interval)

    await asyncio.gather(*map(index, paths))


async def indexing(job: float, interval: float) -> dict[str, Spread]:
    """Index with both clients, with jobs of *job* seconds, and return the ratios official / ours."""
    rounds = []
    with small_files() as paths, emulated(processing_time=job, indexing_time=job) as platform:
        async with clients(platform.address) as (ours, official):

            async def measured(index: Callable[..., Awaitable[None]], client: Any) -> tuple[float, float, float]:
                index_id = await new_index(ours)
                platform.counts()
                wall, cpu = time.perf_counter(), time.process_time()
                await index(client, index_id, paths, interval)
                wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
                return wall, cpu, platform.counts().total()

            await measured(index_with_ours, ours)  # imports
            for _ in range(3):
                runs = [(index_with_ours, ours), (index_with_official, official)]
                got = {index: await measured(index, client) for index, client in random.sample(runs, 2)}
                rounds.append([b / a for a, b in zip(got[index_with_ours], got[index_with_official], strict=True)])
    ratios = map(list, zip(*rounds, strict=True))
    return {what: spread(figures) for what, figures in zip(("wall", "CPU", "requests"), ratios, strict=True)}


async def bulk(_: str) -> AsyncIterator[Row]:
    """500 small files, 50 at once: with jobs so short that only the clients count, and with jobs of 2 s."""
    got = await indexing(job=0.02, interval=0.02)
    yield Row("index 500, 50 at once, no jobs, wall: official / ours", got["wall"], at_least=5)
    yield Row("index 500, 50 at once, no jobs, CPU: official / ours", got["CPU"])
    yield Row("index 500, 50 at once, no jobs, requests: official / ours", got["requests"])
    got = await indexing(job=2, interval=0.2)
    yield Row("index 500, 50 at once, jobs of 2 s, wall: official / ours", got["wall"])
    yield Row("index 500, 50 at once, jobs of 2 s, CPU: official / ours", got["CPU"], at_least=12)
    yield Row("index 500, 50 at once, jobs of 2 s, requests: official / ours", got["requests"], at_least=3)


# Programs for processes of their own, so that nothing else counts in their figures.
MEASURED: Final = """
import asyncio, itertools, json, sys, time
from array import array

def kilobytes(name, of="status"):
    with open(f"/proc/self/{of}") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name))

def report(**figures):
    print(json.dumps({"peak": kilobytes("VmHWM") / 1000, "written": kilobytes("write_bytes", "io"), **figures}))
"""
MANY: Final = """
from twelvelabs_async import AsyncTwelveLabs

async def main(address, index_id, number, journal):
    late, growth = array("f"), array("f")

    async def tick():
        while True:
            started_at = time.perf_counter()
            await asyncio.sleep(0.001)
            late.append(time.perf_counter() - started_at - 0.001)

    ticking = asyncio.create_task(tick())
    ready = 0
    async with AsyncTwelveLabs(api_key="key", base_url=address + "/v1.3") as client:
        started_at = time.perf_counter()
        sources = (f"https://example.com/{position}.mp4" for position in range(int(number)))
        settings = dict(journal=journal or None, concurrency=400, upload_concurrency=16, interval=0.5)
        async for outcome in client.bulk.index(index_id, sources, **settings):
            ready += outcome.status == "ready"
            if ready * 10 in (int(number), int(number) * 10):
                growth.append(kilobytes("VmRSS"))
        seconds = time.perf_counter() - started_at
    late = sorted(late)
    report(ready=ready, seconds=seconds, late=1000 * late[int(len(late) * 0.99)], growth=growth[-1] / growth[0])

asyncio.run(main(*sys.argv[1:]))
"""
LARGE_UPLOAD: Final = """
from {package} import AsyncTwelveLabs

async def main(address, path, concurrency):
    client = AsyncTwelveLabs(api_key="key", base_url=address + "/v1.3")
    started_at = time.perf_counter()
    await client.multipart_upload.upload_file(path, max_workers=int(concurrency))
    report(seconds=time.perf_counter() - started_at)

asyncio.run(main(*sys.argv[1:]))
"""
RESUMABLE_UPLOAD: Final = """
from twelvelabs_async import AsyncTwelveLabs

async def main(address, path, journal):
    async with AsyncTwelveLabs(api_key="key", base_url=address + "/v1.3") as client:
        async for outcome in client.bulk.upload(path, journal=journal, interval=0.1):
            report(status=outcome.status, asset_id=outcome.asset_id)

asyncio.run(main(*sys.argv[1:]))
"""


async def start(program: str, *arguments: object) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-B", "-c", MEASURED + program, *map(str, arguments), stdout=PIPE
    )


async def result_of(process: Process) -> dict[str, Any]:
    """Wait for the end of a process and return the figures that it reports."""
    output, _ = await process.communicate()
    assert process.returncode == 0
    figures: dict[str, Any] = json.loads(output)
    return figures


async def many_sources(_: str) -> AsyncIterator[Row]:
    """100,000 URLs from a generator, on a platform that accepts 12,000 a minute."""
    least_seconds = 60 * ((SOURCES - 1) // PER_MINUTE)
    for variant in ("", ", journal"):
        limits = dict.fromkeys(("assets", "indexing"), (PER_MINUTE, 60))
        with (
            emulated(processing_time=0.1, indexing_time=0.1, rate_limits=limits) as platform,
            tempfile.TemporaryDirectory() as folder,
        ):
            async with clients(platform.address) as (ours, _):
                index_id = await new_index(ours)
            process = await start(MANY, platform.address, index_id, SOURCES, variant and f"{folder}/journal.db")
            ended = asyncio.create_task(result_of(process))
            idle = await lag(ended)
            got, counts = await ended, platform.counts()
        assert got["ready"] == SOURCES
        refused = sum(number for kind, number in counts.items() if kind.endswith("429"))
        yield Row(f"100,000 URLs{variant}, peak of memory: MB", spread([got["peak"]]), at_most=150)
        yield Row(f"100,000 URLs{variant}, memory at the end / after a tenth", spread([got["growth"]]), at_most=1.1)
        yield Row(f"100,000 URLs{variant}, event loop late, 99th percentile: ms", spread([got["late"]]), at_most=20)
        yield Row("the same, an idle event loop: ms", spread([idle]))
        yield Row(f"100,000 URLs{variant}, refused with 429: %", spread([100 * refused / counts.total()]), at_most=1)
        yield Row(f"100,000 URLs{variant}, requests / URL", spread([counts.total() / SOURCES]))
        yield Row(
            f"100,000 URLs{variant}, time / minimum of the rate limit",
            spread([got["seconds"] / least_seconds]),
            at_most=1.1,
        )


async def killed(platform: Emulated, file: Path, journal: Path) -> float:
    """Kill an upload at a random part, resume it, and return the number of parts that were stored twice."""
    parts = -(-LARGE // CHUNK_SIZE)
    until, stored = random.randrange(parts // 10, parts * 9 // 10), 0
    process = await start(RESUMABLE_UPLOAD, platform.address, file, journal)
    while stored < until:
        stored += platform.counts()["PUT 200"]
    process.kill()
    await process.wait()
    assert (await result_of(await start(RESUMABLE_UPLOAD, platform.address, file, journal)))["status"] == "ready"
    return stored + platform.counts()["PUT 200"] - parts


async def large_upload(address: str) -> AsyncIterator[Row]:
    """1 GB in parts of 5 MB, five at once, in processes of their own; and killed and resumed."""
    with large_file(LARGE) as file, tempfile.TemporaryDirectory() as folder:
        taken: dict[str, list[dict[str, Any]]] = {"twelvelabs_async": [], "twelvelabs": []}
        for _ in range(3):
            for package in random.sample(list(taken), 2):
                program = LARGE_UPLOAD.format(package=package)
                taken[package].append(await result_of(await start(program, address, file, WORKERS)))
        ours, official = taken.values()
        rates = [b["seconds"] / a["seconds"] for a, b in zip(ours, official, strict=True)]
        yield Row("upload 1 GB in parts, bytes per second: ours / official", spread(rates), at_least=1.5)
        yield Row("upload 1 GB in parts, peak of memory: MB", spread([run["peak"] for run in ours]), at_most=120)
        yield Row("the same, official: MB", spread([run["peak"] for run in official]))
        yield Row("upload 1 GB in parts, written to disk: bytes", spread([run["written"] for run in ours]), at_most=0)
        yield Row("the same, official: bytes", spread([run["written"] for run in official]))
        with emulated(processing_time=0.1, chunk_size=CHUNK_SIZE) as platform:
            twice = [await killed(platform, file, Path(folder, f"{number}.db")) for number in range(5)]
        yield Row("upload 1 GB, killed: parts that are stored twice", spread(twice), at_most=WORKERS - 1)


CASES: Final[dict[str, Case]] = {case.__name__.replace("_", "-"): case for case in (bulk, many_sources, large_upload)}
