"""More than one machine: what a worker of Ray Data does with a batch of URLs, at a rate that all workers share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from .client import AsyncTwelveLabs
from .models._table import installed
from .options import Limiter


class IndexUrls:
    """Indexes the column ``url``, for ``Dataset.map_batches``; nothing is created twice if rows are run again.

    Rows get ``asset_id``, ``indexed_asset_id``, ``status`` (``ready``, ``failed``) and ``error``. Column *key* tells
    them apart. *settings* are for `bulk.index`; what that raises, for a refused key or a used-up quota, ends the run.
    """

    def __init__(self, index_id: str, *, key: str = "url", limiter: Limiter | None = None, **settings: Any) -> None:
        self._client = AsyncTwelveLabs(limiter=limiter)
        self._index_id, self._key, self._settings = index_id, key, settings

    async def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Index a batch of rows, and return it with what became of them."""
        pyarrow = installed("pyarrow", "'twelvelabs_async[ray]'")
        keys = {str(url): f"{self._index_id} {key}" for url, key in zip(batch["url"], batch[self._key], strict=True)}
        sources: Any = [(url, {"bulk_token": uuid5(NAMESPACE_URL, key).hex}) for url, key in keys.items()]
        outcomes = {o.source: o async for o in self._client.bulk.index(self._index_id, sources, **self._settings)}
        for name in ("asset_id", "indexed_asset_id", "status", "error"):
            column = [getattr(outcomes[str(url)], name) for url in batch["url"]]
            batch[name] = pyarrow.array([value and str(value) for value in column], pyarrow.string())
        return batch


class SharedLimiter:
    """Keeps all workers of a cluster together below *per_minute* requests by category; one *name* for each account."""

    def __init__(self, per_minute: Mapping[str, float], *, name: str = "twelvelabs_async") -> None:
        actor = installed("ray", "'twelvelabs_async[ray]'").remote(_Diary)
        lasting = {"lifetime": "detached", "max_restarts": -1, "max_task_retries": -1, "num_cpus": 0}
        self._diary = actor.options(name=name, namespace=name, get_if_exists=True, **lasting).remote()
        self._per_minute, self._turns = per_minute, dict[str, asyncio.Lock]()

    async def __call__(self, category: str) -> None:
        """Wait until a request may be sent."""
        if rate := self._per_minute.get(category):
            async with self._turns.setdefault(category, asyncio.Lock()):
                await asyncio.sleep(await self._diary.book.remote(category, 60 / rate))


class _Diary(dict[str, float]):
    def book(self, category: str, seconds: float) -> float:
        """Book that much of a category's time; return how long it is until then."""
        wait = max(0.0, self.get(category, 0.0) - time.monotonic())
        self[category] = time.monotonic() + wait + seconds
        return wait
