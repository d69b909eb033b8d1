"""Assets that sources of a run share: they have the same content, and parameters of their own."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import anyio
from attrs import define, field

MAX_REMEMBERED: Final = 10_000
"""Contents whose assets are remembered."""


@define(eq=False)
class SharedAssets:
    """Ids of the assets that a run has used last, by their contents."""

    _ids: OrderedDict[str, str] = field(factory=OrderedDict[str, str], init=False)
    _locks: dict[str, anyio.Lock] = field(factory=dict[str, anyio.Lock], init=False)

    @asynccontextmanager
    async def exclusive(self, content: str) -> AsyncGenerator[str | None, None]:
        """Yield the id of the asset with a content, if it is known. One source at a time uploads a content."""
        lock = self._locks.setdefault(content, anyio.Lock(fast_acquire=True))
        try:
            async with lock:
                yield self._ids.get(content)
        finally:
            if not lock.locked():  # else the next source has it
                self._locks.pop(content, None)

    def remember(self, content: str, asset_id: str) -> None:
        """Note the asset with a content."""
        self._ids[content] = asset_id
        if len(self._ids) > MAX_REMEMBERED:
            self._ids.popitem(last=False)

    def forget(self, content: str) -> None:
        """Remove an asset that is gone or has failed."""
        self._ids.pop(content, None)
