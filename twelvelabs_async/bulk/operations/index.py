"""Index: from a source to an asset in an index."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from attrs import frozen

from ..._failures import is_missing
from ..._response_values import models_in
from ...errors import APIError, NotFoundError
from ...media.types import MediaKind
from ...models.indexed_assets import IndexedAsset
from ...options import MAX_PAGE_LIMIT, OMIT, RequestOptions
from ...resources._api import AsyncAPI
from ..exactly_once import Creation, exactly_once
from ..journal import Stage
from ..states import Activity
from ..task import BulkTask
from .base import Operation
from .upload import ensure_ready_asset


@frozen
class IndexOperation(Operation[IndexedAsset]):
    """Upload and index each source.

    Attributes:
        index_id: The index.
        enable_video_stream: Whether to store the videos for streaming by HLS.
    """

    index_id: str
    enable_video_stream: bool | None = OMIT

    activity: ClassVar[Activity | None] = "indexing"
    job_field: ClassVar[str | None] = "indexed_asset_id"
    kinds: ClassVar[Collection[MediaKind]] = frozenset({"video", "audio"})

    @property
    def job(self) -> str:
        """Name of the job."""
        return f"index {self.index_id}"

    async def prepare(self, api: AsyncAPI, request_options: RequestOptions | None) -> Sequence[str]:
        """Return the models of the index. Raise an `APIStatusError` if the index does not exist."""
        index = await api.indexes.retrieve(self.index_id, request_options=request_options)
        return [str(model.model_name) for model in models_in(f"GET /indexes/{self.index_id}", "models", index.models)]

    async def run(self, task: BulkTask[IndexedAsset]) -> IndexedAsset:
        """Return the indexed asset of a source, ready."""
        try:
            return await self._index(task)
        except APIError as error:
            if is_missing(error):
                await self._check_index(task)
            raise

    async def _index(self, task: BulkTask[IndexedAsset]) -> IndexedAsset:
        context = task.context
        if task.entry.job_id is None:
            await ensure_ready_asset(task)
        async with context.jobs:
            is_known_asset = task.source.kind == "asset" or task.source.token is not None
            creation = Creation(
                noun="indexed asset", column="job_id", find=self._find, create=self._create, delete=self._delete
            )
            job_id = await exactly_once(task, creation, find_first=is_known_asset)
            jobs = context.api.indexes.indexed_assets
            try:
                return await jobs.wait_until_ready(self.index_id, job_id, **context.options.waiting)
            except NotFoundError:  # deleted: the next attempt indexes the asset again
                task.entry.reset(Stage.JOB)
                raise

    async def _check_index(self, task: BulkTask[IndexedAsset]) -> None:
        """End the run if the index was deleted, before more is uploaded for it."""
        try:
            await self.prepare(task.context.api, task.context.options.request_options)
        except APIError as error:
            if is_missing(error):
                task.context.stop(error)

    async def _find(self, task: BulkTask[Any]) -> object | None:
        indexed_assets = task.context.api.indexes.indexed_assets.list_by_asset(
            str(task.entry.asset_id),
            page_limit=MAX_PAGE_LIMIT,
            request_options=task.context.options.request_options,
        )
        async for indexed_asset in indexed_assets:
            if getattr(indexed_asset.index, "id", None) == self.index_id:
                return indexed_asset.id
        return None

    async def _delete(self, task: BulkTask[Any], indexed_asset_id: str) -> None:
        indexed_assets, options = task.context.api.indexes.indexed_assets, task.context.options.request_options
        await indexed_assets.delete(self.index_id, indexed_asset_id, request_options=options)

    async def _create(self, task: BulkTask[Any]) -> object:
        created = await task.context.api.indexes.indexed_assets.create(
            self.index_id,
            asset_id=str(task.entry.asset_id),
            enable_video_stream=self.enable_video_stream,
            user_metadata=task.source.user_metadata or OMIT,
            request_options=task.context.options.request_options,
        )
        return created.id
