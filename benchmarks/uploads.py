"""Uploads of large files."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from .measure import Case, PeakMemory, Row, clients, interleaved, lag, spread
from .payloads import CHUNK_SIZE

MEGABYTE: Final = 1_000_000
UPLOAD_SIZE: Final = 200 * MEGABYTE
WORKERS: Final = 5


@contextmanager
def large_file(size: int = UPLOAD_SIZE) -> Iterator[Path]:
    """Create a file of 200 MB, or of another size, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "video.mp4")
        with path.open("wb") as file:
            for _ in range(0, size, MEGABYTE):
                file.write(bytes(range(250)) * (MEGABYTE // 250))
        yield path


async def uploads(address: str) -> AsyncIterator[Row]:
    """200 MB in parts of 5 MB, five at once, and in one request."""
    with large_file() as file:
        async with clients(address) as (ours, official):

            async def in_parts(client: Any) -> None:
                await client.multipart_upload.upload_file(str(file), max_workers=WORKERS)

            async def direct(client: Any) -> None:
                with file.open("rb") as opened:
                    await client.assets.create(method="direct", file=opened)

            memory: list[float] = []
            for _ in range(3):  # first, because the official client leaves free memory that would be reused
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
    yield Row("the same, an idle event loop: ms", spread([idle for _, idle in lags]))
    yield Row("the same, official: ms", spread(lags_official))
    yield Row("upload direct, wall: official / ours", wall.ratio("direct_official", "direct"))
    yield Row("upload direct, CPU: official / ours", cpu.ratio("direct_official", "direct"))


CASES: Final[dict[str, Case]] = {"uploads": uploads}
