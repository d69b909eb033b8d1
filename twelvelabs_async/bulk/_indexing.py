"""From a source to an asset in an index, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
from attrs import define

from .._failures import is_missing, was_not_processed
from ..errors import APIError, NotFoundError
from ..models.indexed_assets import IndexedAsset
from ..options import MAX_PAGE_LIMIT, OMIT, RequestOptions
from ._engine import Engine, Work
from ._uploading import Ingesting, look_again

if TYPE_CHECKING:
    from ..client import AsyncTwelveLabs


@define(eq=False)
class Indexing:
    """Uploads and indexes.

    Attributes:
        client: What sends.
        index_id: The index.
        ingest: Brings a source to an asset that is ready.
        places: Room for the assets that are being indexed at once.
        enable_video_stream: Whether to store the videos for streaming by HLS.
        timeout: Seconds that an asset may take to be indexed.
        interval: Seconds between looks.
        options: Settings for every request.
    """

    client: AsyncTwelveLabs
    index_id: str
    ingest: Ingesting
    places: anyio.Semaphore
    enable_video_stream: bool | None
    timeout: float
    interval: float
    options: RequestOptions | None

    async def begin(self) -> None:
        """Look whether there is such an index, and which models it has."""
        index = await self.client.indexes.retrieve(self.index_id, request_options=self.options)
        self.ingest.upload.models = [str(model.model_name) for model in index.models or ()]

    async def __call__(self, work: Work[IndexedAsset]) -> IndexedAsset:
        """Return the indexed asset of a source, ready."""
        try:
            return await self._index(work)
        except APIError as error:
            if is_missing(error):
                await self._look_for_index(work.engine)
            raise

    async def _look_for_index(self, engine: Engine[IndexedAsset]) -> None:
        """End the run if the index is gone: there is nothing to upload for any more."""
        try:
            await self.begin()
        except APIError as error:
            if is_missing(error):
                engine.stop(error)

    async def _index(self, work: Work[IndexedAsset]) -> IndexedAsset:
        entry = work.entry
        if entry.indexed_asset_id is None:
            await self.ingest(work)
        async with self.places:
            if entry.indexed_asset_id is None:
                asset_id = str(entry.asset_id)
                entry.indexed_asset_id = await self._recalled(work, asset_id) or await self._create(work, asset_id)
                await work.save()
            await work.tell("indexing")
            try:
                return await self.client.indexes.indexed_assets.wait_until_ready(
                    self.index_id,
                    entry.indexed_asset_id,
                    timeout=self.timeout,
                    interval=self.interval,
                    request_options=self.options,
                )
            except NotFoundError:  # it was deleted; the next run goes on from the asset
                entry.reopen()
                raise

    async def _create(self, work: Work[IndexedAsset], asset_id: str) -> str:
        await work.intend("indexing")
        try:
            created = await self.client.indexes.indexed_assets.create(
                self.index_id,
                asset_id=asset_id,
                enable_video_stream=self.enable_video_stream,
                user_metadata=work.item.user_metadata or OMIT,
                request_options=self.options,
            )
        except APIError as error:
            if was_not_processed(error):  # nothing was created that would have to be looked for
                work.entry.state = "uploaded"
            raise
        return created.id

    async def _recalled(self, work: Work[IndexedAsset], asset_id: str) -> str | None:
        """The id that the asset has in the index already, if an earlier try or somebody else has put it there."""

        async def look() -> str | None:
            places = self.client.indexes.indexed_assets.list_by_asset(
                asset_id, page_limit=MAX_PAGE_LIMIT, request_options=self.options
            )
            async for place in places:
                if place.index is not None and place.index.id == self.index_id:
                    return place.id
            return None

        if work.entry.state == "indexing":
            return await look_again(look, self.interval)
        is_known = work.item.kind == "asset" and work.entry.state == "queued"
        return await look() if is_known or work.item.token is not None else None
