"""From a source to its embeddings, once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import anyio
from attrs import define

from .._failures import was_not_processed
from .._files import media_type_of
from ..errors import APIError, TwelveLabsError
from ..models.assets import AssetDetail
from ..models.embed_v_2 import EmbeddingTaskResponse
from ..options import RequestOptions
from ._engine import Work
from ._uploading import Ingesting

if TYPE_CHECKING:
    from ..client import AsyncTwelveLabs

UNKNOWN: Final = (
    "No answer came when its embedding task was created, and the API tells nothing that such a task could be found by. "
    "To embed it again, perhaps for a second time, run again with retry_failed=True."
)


@define(eq=False)
class Embedding:
    """Uploads and embeds.

    Attributes:
        model: The model, and what else holds for all vectors.
        inputs: What is asked of a file, by type of input.
        ingest: Brings a source to an asset that is ready.
        places: Room for the assets that are being embedded at once.
        retry: Whether to create a task anew where nobody knows how that went in an earlier run.
        timeout: Seconds that an asset may take to be embedded.
    """

    client: AsyncTwelveLabs
    model: Mapping[str, Any]
    inputs: Mapping[str, Any]
    ingest: Ingesting
    places: anyio.Semaphore
    retry: bool
    timeout: float
    interval: float
    options: RequestOptions | None

    async def begin(self) -> None:
        """Every account can embed."""

    async def __call__(self, work: Work[EmbeddingTaskResponse]) -> EmbeddingTaskResponse:
        """Return the embedding task of a source, ready."""
        entry = work.entry
        if entry.task_id is None and entry.state == "embedding" and not self.retry:
            raise TwelveLabsError(UNKNOWN)
        asset = await self.ingest(work) if entry.task_id is None else None
        async with self.places:
            if asset is not None:
                entry.task_id = await self._create(work, asset)
                await work.save()
                await work.tell("embedding")
            return await self.client.embed.v_2.tasks.wait_until_ready(
                str(entry.task_id), timeout=self.timeout, interval=self.interval, request_options=self.options
            )

    async def _create(self, work: Work[EmbeddingTaskResponse], asset: AssetDetail) -> str:
        media_type = asset.file_type or media_type_of(asset.filename or work.item.filename)
        kind = media_type.partition("/")[0]
        kind = kind if kind in ("audio", "image", "video") else "document"
        fields: dict[str, Any] = {
            **self.model,
            kind: {**self.inputs.get(kind, {}), "media_source": {"asset_id": asset.id}},
        }
        await work.intend("embedding")
        try:
            created = await self.client.embed.v_2.tasks.create(input_type=kind, request_options=self.options, **fields)
        except APIError as error:
            if not was_not_processed(error):
                raise TwelveLabsError(UNKNOWN) from error
            work.entry.state = "uploaded"
            raise
        return created.id
