"""Embed: from a source to an embedding task that is ready."""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Awaitable, Collection, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, ClassVar, Final

from attrs import define, field

from ..._response_values import optional_text
from ...errors import APIError, InvalidArgumentError, NotFoundError, TwelveLabsError
from ...media.types import MediaKind, kind_of, media_type_of
from ...models._base import models_of
from ...models._columns import Column, Columns, Kind, Vector
from ...models._wire import dumps
from ...models.assets import AssetDetail
from ...models.embed_v_2 import EmbeddingData, EmbeddingTaskResponse
from ...options import RequestOptions
from ...resources._api import AsyncAPI
from ..catalog import metadata_of, unless_missing
from ..estimates import Demand, refused_kinds
from ..exactly_once import Creation, exactly_once
from ..journal import Stage
from ..lookups import EmbeddingTaskLookup
from ..outcome import Outcome
from ..sinks.rows import SourceRows
from ..states import Activity, State
from ..task import BulkTask
from ..uninterrupted import uninterrupted
from .base import Operation
from .embedding_rules import PAGE, find_refusal, kinds_of, validate_model
from .upload import ensure_ready_asset
from .vectors import VectorTasks

log: Final = logging.getLogger("twelvelabs_async")


DIMENSIONS: Final[Mapping[str, int]] = {"marengo3.0": 512, "marengo3.5": 512}
"""Default lengths of vectors by model."""
FIELDS: Final[Mapping[str, tuple[Kind, str]]] = {
    "option": (str, "embedding_option"),
    "scope": (str, "embedding_scope"),
    "start": (float, "start_sec"),
    "end": (float, "end_sec"),
    "start_page": (int, "start_page_number"),
    "end_page": (int, "end_page_number"),
    "quadrant": (str, "quadrant"),
    "chunk": (int, "chunk_index"),
}
"""Kinds and fields of the API by column."""


@define(eq=False)
class EmbedOperation(Operation[EmbeddingTaskResponse]):
    """Upload and embed each source.

    Attributes:
        model: The model, and what holds for all embeddings.
        inputs: Parameters by type of input. ``None`` for kinds of files that are not embedded.
        vector_tasks: Embedding tasks as a sink takes them.
        lookup: Tasks of earlier runs.
    """

    model: Mapping[str, Any]
    inputs: Mapping[MediaKind, Mapping[str, Any] | None]
    vector_tasks: VectorTasks = field(init=False)
    lookup: EmbeddingTaskLookup = field(init=False, factory=EmbeddingTaskLookup)

    activity: ClassVar[Activity | None] = "embedding"
    job_field: ClassVar[str | None] = "task_id"
    results_expire: ClassVar[bool] = True

    def __attrs_post_init__(self) -> None:
        validate_model(self.model)
        for kind, given in self.inputs.items():
            if given is not None and (reason := find_refusal(self.model, kind, given)):
                raise InvalidArgumentError(reason)

    @property
    def kinds(self) -> Collection[MediaKind]:
        """Kinds of files that the model embeds, and the caller wants embedded."""
        return [kind for kind in kinds_of(self.model["model_name"]) if self.inputs.get(kind, {}) is not None]

    @property
    def job(self) -> str:
        """Name of the job."""
        parameters: Mapping[Any, Any] = self._given
        return f"embed {dumps({**self.model, **parameters}).decode()}"

    @property
    def demand(self) -> Demand:
        """Needs of the operation for each source."""
        refused = refused_kinds(self.kinds, PAGE)
        for kind in self.kinds:
            if reason := find_refusal(self.model, kind, self._given.get(kind, {})):
                refused[kind] = reason
        return Demand(
            category="embed",
            requests={"embed": 1, "other": 2},  # the others: id in the asset, result
            refused=refused,
            windows={kind: _window(given) for kind, given in self._given.items()},
        )

    @property
    def _given(self) -> Mapping[MediaKind, Mapping[str, Any]]:
        return {kind: given for kind, given in self.inputs.items() if given is not None}

    async def prepare(self, api: AsyncAPI, request_options: RequestOptions | None) -> Sequence[str]:
        """Return the model. Every account can embed."""
        self.vector_tasks = VectorTasks(api, request_options)
        return [self.model["model_name"]]

    async def check(self, task: BulkTask[EmbeddingTaskResponse]) -> bool:
        """Look the task up."""
        found = await self.lookup.retrieve(task.context.assets, str(task.entry.job_id))
        if isinstance(found, EmbeddingTaskResponse) and task.context.sink is None:
            task.result = found
        return bool(found)

    async def run(self, task: BulkTask[EmbeddingTaskResponse]) -> EmbeddingTaskResponse:
        """Return the embedding task of a source, ready."""
        asset = await ensure_ready_asset(task) if task.entry.job_id is None else None
        async with task.context.jobs:
            if asset is not None:
                await self._ensure_task(task, asset)
            task_id, options = str(task.entry.job_id), task.context.options
            try:
                if task.context.sink is None:
                    return await task.context.api.embed.v_2.tasks.wait_until_ready(task_id, **options.waiting)
                return await self.vector_tasks.wait_until_ready(
                    task_id, timeout=options.timeout, interval=options.interval
                )
            except NotFoundError:  # expired: the next attempt decides by its asset
                task.entry.reset(Stage.JOB)
                raise

    @property
    def columns(self) -> Columns:
        """Columns of an embedding."""
        name = self.model["model_name"]
        fields = [Column(column, kind, attrgetter(field)) for column, (kind, field) in FIELDS.items()]
        if self.model.get("embedding_uncertainty"):
            fields.append(Column("uncertainty", Vector(), attrgetter("embedding_uncertainty")))
        return [Column("model", str, lambda _: name), *fields, Column("vector", Vector(), attrgetter("embedding"))]

    @property
    def vector_size(self) -> int | None:
        """Length of an embedding."""
        size: int | None = self.model.get("embedding_dimension") or DIMENSIONS.get(self.model["model_name"])
        return size

    async def retrieve_result(
        self, api: AsyncAPI, outcome: Outcome[EmbeddingTaskResponse], request_options: RequestOptions | None
    ) -> EmbeddingTaskResponse:
        """Return the task with its embeddings."""
        request = api.embed.v_2.tasks.retrieve(str(outcome.task_id), request_options=request_options)
        return await _unless_expired(request, f"the asset {outcome.asset_id}")

    async def retrieve(self, task: BulkTask[EmbeddingTaskResponse]) -> EmbeddingTaskResponse:
        """Return the task of an earlier run."""
        return await self._retrieve(task, str(task.entry.job_id))

    def take_items(self, result: EmbeddingTaskResponse) -> Sequence[EmbeddingData]:
        """Take the embeddings out of the result."""
        segments, result.data = models_of(result.data), None
        return segments

    def size_of(self, rows: SourceRows) -> int:
        """Return the size of the embeddings as JSON."""
        vectors = (item.embedding for item in rows.items if isinstance(item, EmbeddingData))
        return super().size_of(rows) + sum(map(len, vectors))

    @property
    def _key(self) -> str:
        """Key in the metadata of an asset for the id of its task with the parameters of this job."""
        return f"bulk_embed_{hashlib.sha256(self.job.encode()).hexdigest()[:16]}"

    async def _ensure_task(self, task: BulkTask[Any], asset: AssetDetail) -> None:
        known = metadata_of(asset).get(self._key)
        if task.may_exist and task.entry.state is State.UPLOADED and isinstance(known, str):
            found = await self._retrieve(task, known)
            if found.status != "failed":
                task.entry.job_id = found.id
                await task.move_to(State.JOB_STARTED)
                return
        # The list of embedding tasks contains nothing by which a task could be found.
        create = partial(self._create, asset=asset)
        creation = Creation(noun="embedding task", column="job_id", find=None, create=create)
        task_id = await exactly_once(task, creation, find_first=False)
        try:
            await uninterrupted(
                task.context.api.assets.update_user_metadata(
                    str(task.entry.asset_id),
                    user_metadata={self._key: task_id},
                    request_options=task.context.options.request_options,
                )
            )
        except APIError as error:
            log.warning("A later run will not find the embeddings of %s: %s", task.source.label, error)

    async def _retrieve(self, task: BulkTask[Any], task_id: str) -> EmbeddingTaskResponse:
        return await _unless_expired(self.vector_tasks.retrieve(task_id), task.source.label)

    async def _create(self, task: BulkTask[Any], asset: AssetDetail) -> object:
        request = f"GET /assets/{task.entry.asset_id}"
        filename = optional_text(request, "filename", asset.filename) or task.source.filename
        media_type = optional_text(request, "file_type", asset.file_type) or media_type_of(filename)
        kind = kind_of(media_type) or "document"
        parameters: dict[str, Any] = {
            **self.model,
            kind: {**self._given.get(kind, {}), "media_source": {"asset_id": task.entry.asset_id}},
        }
        created = await task.context.api.embed.v_2.tasks.create(
            input_type=kind, request_options=task.context.options.request_options, **parameters
        )
        return created.id


def _window(given: Mapping[str, Any]) -> tuple[float, float]:
    """Return start and end in seconds of the part of a file that is embedded."""
    end = given.get("end_sec")
    return float(given.get("start_sec") or 0.0), math.inf if end is None else float(end)


async def _unless_expired(request: Awaitable[EmbeddingTaskResponse], label: str) -> EmbeddingTaskResponse:
    """Return an embedding task.

    Raises:
        TwelveLabsError: The platform has deleted its embeddings.
    """
    if (found := await unless_missing(request)) is not None:
        return found
    raise TwelveLabsError(
        f"The embeddings of {label} have expired: the platform keeps them for seven days. "
        'Run again with existing="again" to create them again.'
    )
