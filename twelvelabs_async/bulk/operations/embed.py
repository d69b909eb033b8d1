"""Embed: from a source to an embedding task that is ready."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from attrs import frozen

from ..._response_values import optional_text
from ...media.types import kind_of, media_type_of
from ...models._wire import dumps
from ...models.assets import AssetDetail
from ...models.embed_v_2 import EmbeddingTaskResponse
from ...options import RequestOptions
from ...resources._api import AsyncAPI
from ..exactly_once import Creation, exactly_once
from ..states import Activity
from ..task import BulkTask
from .base import Operation
from .upload import ensure_ready_asset


@frozen(eq=False)
class EmbedOperation(Operation[EmbeddingTaskResponse]):
    """Upload and embed each source.

    Attributes:
        model: The model, and what holds for all embeddings.
        inputs: Parameters by type of input.
    """

    model: Mapping[str, Any]
    inputs: Mapping[str, Any]

    activity: ClassVar[Activity | None] = "embedding"
    job_field: ClassVar[str | None] = "task_id"

    @property
    def job(self) -> str:
        """Name of the job."""
        return f"embed {dumps({**self.model, **self.inputs}).decode()}"

    async def prepare(self, api: AsyncAPI, request_options: RequestOptions | None) -> Sequence[str]:
        """Return the model. Every account can embed."""
        return [self.model["model_name"]]

    async def run(self, task: BulkTask[EmbeddingTaskResponse]) -> EmbeddingTaskResponse:
        """Return the embedding task of a source, ready."""
        asset = await ensure_ready_asset(task) if task.entry.job_id is None else None
        async with task.context.jobs:
            if asset is not None:
                # The list of embedding tasks contains nothing by which a task could be found.
                create = partial(self._create, asset=asset)
                creation = Creation(noun="embedding task", column="job_id", find=None, create=create)
                await exactly_once(task, creation, find_first=False)
            tasks = task.context.api.embed.v_2.tasks
            return await tasks.wait_until_ready(str(task.entry.job_id), **task.context.options.waiting)

    async def _create(self, task: BulkTask[Any], asset: AssetDetail) -> object:
        request = f"GET /assets/{task.entry.asset_id}"
        filename = optional_text(request, "filename", asset.filename) or task.source.filename
        media_type = optional_text(request, "file_type", asset.file_type) or media_type_of(filename)
        kind = kind_of(media_type) or "document"
        parameters: dict[str, Any] = {
            **self.model,
            kind: {**self.inputs.get(kind, {}), "media_source": {"asset_id": task.entry.asset_id}},
        }
        created = await task.context.api.embed.v_2.tasks.create(
            input_type=kind, request_options=task.context.options.request_options, **parameters
        )
        return created.id
