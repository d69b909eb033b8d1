"""Limits of requests, media and tokens at once, used up by three processes that do not know of each other.

The clocks of the client and of the emulator jump, so that minutes take seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import pytest

from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async.options import RateLimitCategory
from twelvelabs_async.testing import Emulator

from support.bulk import url
from support.clients import Connect
from support.clock import Clock
from support.samples import MODELS

pytestmark = pytest.mark.any_python

PROCESSES: Final = 3
WORKERS: Final = 4
"""Concurrent requests of each category in each process."""
REQUESTS: Final = 100
"""Requests that use up a window: a video has about 35 seconds, the answer about it 40 tokens."""
MINUTE: Final = 60.0
DAY: Final = (100_000.0, 86_400.0)
NARROWEST: Final[Mapping[RateLimitCategory, str]] = {
    "indexing": "request",
    "embed_video": "duration",
    "analyze": "outputtoken",
}
"""The quantity that is used up first, by category. Tokens are counted late: when a request has been processed."""
LIMITS: Final[Any] = {
    "indexing": {"request": [(REQUESTS, MINUTE), DAY], "duration": [(1e6, 3600)]},
    "embed_video": {"request": [(1000, MINUTE), DAY], "duration": [(35 * REQUESTS, MINUTE)]},
    "analyze": {"request": [(1000, MINUTE)], "duration": [(1e6, 3600)], "outputtoken": [(40 * REQUESTS, MINUTE)]},
}


class Process:
    """A limiter that limits nothing, and keeps what the responses to one process report.

    Attributes:
        used: What the account had used of the narrowest limit at the end of each window, by its category and reset.
        refused: Number of refusals, by the same keys.
    """

    def __init__(self) -> None:
        self.used = defaultdict[tuple[str, int], float](float)
        self.refused = defaultdict[tuple[str, int], int](int)

    async def __call__(self, category: RateLimitCategory) -> Callable[[Mapping[str, str]], object] | None:
        """Return a function for the headers of the response."""
        if category not in NARROWEST:
            return None
        prefix = f"x-ratelimit-{NARROWEST[category]}"

        def record(headers: Mapping[str, str]) -> None:
            if headers:
                window = category, int(headers[f"{prefix}-reset"])
                self.used[window] = max(self.used[window], float(headers[f"{prefix}-used"]))
                self.refused[window] += "retry-after" in headers

        return record


async def work(client: AsyncTwelveLabs, index_id: str, assets: dict[int, str], seed: int) -> None:
    """Index, embed and analyze as fast as the limits permit."""
    source = random.Random(seed)

    async def repeat(call: Callable[[int], Awaitable[object]]) -> None:
        while True:
            await asyncio.sleep(source.random())
            await call(source.choice([*assets]))

    def index(number: int) -> Awaitable[object]:
        return client.indexes.indexed_assets.create(index_id, asset_id=assets[number])

    def embed(number: int) -> Awaitable[object]:
        media: Any = {"media_source": {"url": url(number)}}
        return client.embed.v_2.create(input_type="video", model_name="marengo3.0", video=media)

    def analyze(number: int) -> Awaitable[object]:
        video: Any = {"type": "asset_id", "asset_id": assets[number]}
        return client.analyze(video=video, prompt="What happens?")

    async with asyncio.TaskGroup() as group:
        for call in [index, embed, analyze] * WORKERS:
            group.create_task(repeat(call))


async def test_no_request_is_refused_once_the_limits_are_known(connect: Connect, autojump_clock: Clock) -> None:
    """In each whole window after the first, at least 95 % of the narrowest limit is used, and nothing is refused."""
    processes = [Process() for _ in range(PROCESSES)]
    autojump_clock.stop()
    with Emulator(processing_time=0, speed=0, rate_limits=LIMITS) as emulator:
        async with contextlib.AsyncExitStack() as stack:
            clients = [
                await stack.enter_async_context(connect(emulator, timeout=600, limiter=process))
                for process in processes
            ]
            index = await clients[0].indexes.create(index_name="talks", models=MODELS)
            created = {number: await clients[0].assets.create(method="url", url=url(number)) for number in range(60)}
            assets = {
                number: str(asset.id)
                for number, asset in created.items()
                if 25 < (emulator.assets[str(asset.id)].media.duration or 0) < 45
            }
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(3.2 * MINUTE), asyncio.TaskGroup() as group:
                    for seed, client in enumerate(clients):
                        group.create_task(work(client, index.id, assets, seed))
    for category, quantity in NARROWEST.items():
        resets = sorted({reset for process in processes for name, reset in process.used if name == category})
        whole = resets[1:-1]
        assert len(whole) >= 2
        for reset in whole:
            limit, _ = LIMITS[category][quantity][0]
            assert max(process.used[category, reset] for process in processes) >= 0.95 * limit
            assert sum(process.refused[category, reset] for process in processes) == 0
