"""From an asset to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
from attrs import define

from .._failures import is_missing, was_not_processed
from ..errors import APIError
from ..options import RequestOptions
from ._engine import Work

if TYPE_CHECKING:
    from ..client import AsyncTwelveLabs


@define(eq=False)
class Deleting:
    """Deletes assets, with *force* also those that are indexed."""

    client: AsyncTwelveLabs
    force: bool | None
    places: anyio.Semaphore
    options: RequestOptions | None

    async def begin(self) -> None:
        """Every account can delete."""

    async def __call__(self, work: Work[None]) -> None:
        """Delete an asset, unless an earlier try has."""
        entry = work.entry
        may_be_done = entry.state == "deleting"
        entry.asset_id = work.item.source
        async with self.places:
            await work.intend("deleting")
            await work.tell("deleting")
            try:
                await self.client.assets.delete(entry.asset_id, force=self.force, request_options=self.options)
            except APIError as error:
                if may_be_done and is_missing(error):
                    return
                if was_not_processed(error):
                    entry.state = "queued"
                raise
