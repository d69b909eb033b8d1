"""Index: from a source to an asset in an index."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, ClassVar, Final

from attrs import Factory, define, evolve, field

from ..._class_fields import class_fields
from ..._failures import is_missing
from ..._response_values import models_in, optional_text, require_id
from ...errors import APIError, NotFoundError
from ...media.types import MediaKind
from ...models._columns import Columns, columns_of
from ...models.indexed_assets import IndexedAsset
from ...options import OMIT, RequestOptions
from ...resources._api import AsyncAPI
from ..catalog import IndexCatalog
from ..estimates import Demand, refused_kinds
from ..exactly_once import Creation, exactly_once, withdraw
from ..journal import Stage
from ..outcome import Outcome
from ..states import Activity, State
from ..task import BulkTask
from .base import Operation
from .upload import ensure_ready_asset, metadata_with_identity

FIELDS: Final = frozenset(field.name for field in class_fields(IndexedAsset))
"""Fields of an indexed asset in lists. What retrieves one has more."""


@define(eq=False)
class IndexOperation(Operation[IndexedAsset]):
    """Upload and index each source.

    Attributes:
        index_id: The index.
        enable_video_stream: Whether to store the videos for streaming by HLS.
        catalog: What is in the index already.
        index_name: Name of the index.
    """

    index_id: str
    enable_video_stream: bool | None = OMIT
    catalog: IndexCatalog = field(
        init=False, default=Factory(lambda self: IndexCatalog(self.index_id), takes_self=True)
    )

    index_name: str | None = field(init=False, default=None)

    activity: ClassVar[Activity | None] = "indexing"
    job_field: ClassVar[str | None] = "indexed_asset_id"

    @property
    def kinds(self) -> Collection[MediaKind]:
        """Videos and audio files."""
        return {"video", "audio"}

    @property
    def job(self) -> str:
        """Name of the job."""
        return f"index {self.index_id}"

    @property
    def title(self) -> str | None:
        """Name of the index."""
        return self.index_name

    @property
    def demand(self) -> Demand:
        """Needs of the operation for each source."""
        return Demand(category="indexing", requests={"indexing": 1}, refused=refused_kinds(self.kinds, "Index content"))

    @property
    def _creation(self) -> Creation:
        return Creation(
            noun="indexed asset", column="job_id", find=self._find, create=self._create, delete=self._delete
        )

    async def prepare(self, api: AsyncAPI, request_options: RequestOptions | None) -> Sequence[str]:
        """Return the models of the index. Raise an `APIStatusError` if the index does not exist."""
        index = await api.indexes.retrieve(self.index_id, request_options=request_options)
        self.index_name = optional_text(f"GET /indexes/{self.index_id}", "index_name", index.index_name)
        return [str(model.model_name) for model in models_in(f"GET /indexes/{self.index_id}", "models", index.models)]

    async def check(self, task: BulkTask[IndexedAsset]) -> bool:
        """Look the indexed asset up."""
        found = await self.catalog.retrieve(task.context.assets, task.entry)
        task.result = found and _as_listed(found)
        return found is not None

    async def run(self, task: BulkTask[IndexedAsset]) -> IndexedAsset:
        """Return the indexed asset of a source, ready."""
        try:
            return _as_listed(await self._index(task))
        except APIError as error:
            if is_missing(error):
                await self._check_index(task)
            raise

    @property
    def columns(self) -> Columns:
        """Columns of an indexed asset."""
        return [
            evolve(column, name=column.name.removeprefix("system_metadata_"))
            for column in columns_of(IndexedAsset)
            if column.name not in ("id", "asset_id")
        ]

    async def retrieve_result(
        self, api: AsyncAPI, outcome: Outcome[IndexedAsset], request_options: RequestOptions | None
    ) -> IndexedAsset:
        """Return the indexed asset."""
        indexed_assets, indexed_asset_id = api.indexes.indexed_assets, str(outcome.indexed_asset_id)
        return await indexed_assets.retrieve(self.index_id, indexed_asset_id, request_options=request_options)

    async def _index(self, task: BulkTask[IndexedAsset]) -> IndexedAsset:
        context = task.context
        found = await self._reuse(task)
        if found is not None and found.status == "ready":
            await task.move_to(State.JOB_STARTED)
            return found
        if task.entry.job_id is None:
            await ensure_ready_asset(task)
        async with context.jobs:
            # An asset that this run has created is in no index.
            is_known_asset = task.source.kind == "asset" or (task.may_exist and "asset_id" not in task.created)
            job_id = await exactly_once(task, self._creation, find_first=is_known_asset)
            job_id = await self._withdraw(task, job_id)
            jobs = context.api.indexes.indexed_assets
            try:
                return await jobs.wait_until_ready(self.index_id, job_id, **context.options.waiting)
            except NotFoundError:  # deleted: the next attempt indexes the asset again
                self.catalog.forget(str(task.entry.asset_id), job_id)
                task.entry.reset(Stage.JOB)
                raise

    async def _reuse(self, task: BulkTask[Any]) -> IndexedAsset | None:
        """Return the indexed asset with the content of a source that is still queued, and note its ids."""
        entry = task.entry
        if entry.state is not State.QUEUED or task.source.kind == "asset" or not task.may_exist:
            return None
        found = await self.catalog.find(task.context.assets, task.token, entry.digest)
        if found is not None:
            entry.asset_token, entry.filename = task.token, task.source.filename
            entry.asset_id = require_id(f"GET /indexes/{self.index_id}/indexed-assets", "asset_id", found.asset_id)
            entry.state = State.UPLOADED
            entry.job_id = require_id(f"GET /indexes/{self.index_id}/indexed-assets", "_id", found.id)
            entry.state = State.JOB_STARTED
        return found

    async def _withdraw(self, task: BulkTask[Any], indexed_asset_id: str) -> str:
        """Delete the indexed asset of this run if another machine has created one before, and return the older id."""
        asset_id, created_at = str(task.entry.asset_id), task.unchecked_since("job_id")
        if created_at is None:
            return indexed_asset_id
        older = await self.catalog.find_older(
            task.context.assets,
            asset_id,
            indexed_asset_id,
            not_before=created_at,
            pause=task.context.options.interval,
        )
        if older is None:
            self.catalog.forget(asset_id, indexed_asset_id)
            task.entry.unchecked = None
            return indexed_asset_id
        if not await withdraw(task, self._creation, indexed_asset_id):
            return indexed_asset_id
        task.entry.job_id = require_id(f"GET /indexes/{self.index_id}/indexed-assets", "_id", older)
        task.entry.unchecked = None
        await task.move_to(State.JOB_STARTED)
        return older

    async def _check_index(self, task: BulkTask[IndexedAsset]) -> None:
        """End the run if the index was deleted, before more is uploaded for it."""
        try:
            await self.prepare(task.context.api, task.context.options.request_options)
        except APIError as error:
            if is_missing(error):
                task.context.stop(error)

    async def _find(self, task: BulkTask[Any]) -> object | None:
        assets, asset_id = task.context.assets, str(task.entry.asset_id)
        if task.entry.state.is_requested:
            return await self.catalog.look_up(assets, asset_id)
        found = await self.catalog.find_by_asset(assets, asset_id)
        return found and found.id

    async def _delete(self, task: BulkTask[Any], indexed_asset_id: str) -> None:
        indexed_assets, options = task.context.api.indexes.indexed_assets, task.context.options.request_options
        await indexed_assets.delete(self.index_id, indexed_asset_id, request_options=options)

    async def _create(self, task: BulkTask[Any]) -> object:
        created = await task.context.api.indexes.indexed_assets.create(
            self.index_id,
            asset_id=str(task.entry.asset_id),
            enable_video_stream=self.enable_video_stream,
            user_metadata=metadata_with_identity(task) or OMIT,
            request_options=task.context.options.request_options,
        )
        return created.id


def _as_listed(found: IndexedAsset) -> IndexedAsset:
    """Return an indexed asset with the fields that lists have, so that results do not depend on the kind of poll."""
    return found if type(found) is IndexedAsset else IndexedAsset.from_dict(found.to_dict(include=FIELDS))
