"""Bulk indexing by the workers of Ray Data, at a request rate that they share."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from ._client import AsyncTwelveLabs
from ._extras import require
from .bulk.sources import TOKEN_KEY
from .options import Limiter


class IndexUrls:
    """A class for ``Dataset.map_batches`` that indexes the URLs in a column.

    The column is ``url``. Rows get the columns ``asset_id``, ``indexed_asset_id``, ``status`` (``ready`` or ``failed``)
    and ``error``. Nothing is created twice when Ray runs rows again. The workers mostly wait, so give them no CPU
    (``num_cpus=0``): if too little is left for the tasks that read the URLs, these never start.

    Args:
        index_id: Index of the videos.
        key: Column whose values identify rows. Default: ``url``.
        limiter: Awaited before every request, such as a `SharedLimiter`.
        settings: Further arguments of `bulk.index`.
    """

    def __init__(self, index_id: str, *, key: str = "url", limiter: Limiter | None = None, **settings: Any) -> None:
        self._client = AsyncTwelveLabs(limiter=limiter)
        self._index_id, self._key, self._settings = index_id, key, settings

    async def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Index a batch of rows and return it with the new columns.

        Raises:
            TwelveLabsError: The key is refused or a quota is exhausted. This ends the run.
        """
        pyarrow = require("pyarrow", "twelvelabs_async[ray]")
        keys = {str(url): f"{self._index_id} {key}" for url, key in zip(batch["url"], batch[self._key], strict=True)}
        sources: Any = [(url, {TOKEN_KEY: uuid5(NAMESPACE_URL, key).hex}) for url, key in keys.items()]
        run = self._client.bulk.index(self._index_id, sources, **self._settings)
        outcomes = {outcome.source: outcome async for outcome in run}
        for name in ("asset_id", "indexed_asset_id", "status", "error"):
            column = [getattr(outcomes[str(url)], name) for url in batch["url"]]
            batch[name] = pyarrow.array([value and str(value) for value in column], pyarrow.string())
        return batch


class SharedLimiter:
    """A limiter that keeps all workers of a cluster together below a request rate.

    Args:
        per_minute: Maximum requests per minute, by rate-limit category. Other categories are not limited.
        name: Name of the Ray actor that the workers share. Use one name for each account.
    """

    def __init__(self, per_minute: Mapping[str, float], *, name: str = "twelvelabs_async") -> None:
        ray = require("ray", "twelvelabs_async[ray]")
        survive = {"lifetime": "detached", "max_restarts": -1, "max_task_retries": -1}
        actor = ray.remote(_Schedule).options(name=name, namespace=name, get_if_exists=True, num_cpus=0, **survive)
        self._schedule = actor.remote()
        self._per_minute = per_minute
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def __call__(self, category: str) -> None:
        """Wait until a request may be sent."""
        if rate := self._per_minute.get(category):
            async with self._locks[category]:
                await asyncio.sleep(await self._schedule.reserve.remote(category, 60 / rate))


class _Schedule:
    """Times of the next request of each category, for all workers of a cluster."""

    def __init__(self) -> None:
        self._next = dict[str, float]()

    def reserve(self, category: str, seconds: float) -> float:
        """Reserve the next *seconds* of a category. Return seconds until they begin."""
        now = time.monotonic()
        start = max(now, self._next.get(category, now))
        self._next[category] = start + seconds
        return start - now
