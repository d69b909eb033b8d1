"""Embedding tasks whose vectors stay JSON, so that their numbers become float32 without Python's floats."""

from __future__ import annotations

from functools import partial
from typing import Any

from attrs import Factory, define, field

from ..._jobs import EMBEDDING_TASK
from ..._list_polls import PollSummaries
from ..._request import url_path
from ..._shared_poller import SharedPoller
from ..._waiting import WaitOptions
from ...errors import APIResponseError
from ...models._base import models_of
from ...models._wire import loads, structure
from ...models.embed_v_2 import EmbeddingTaskResponse
from ...options import MAX_PAGE_LIMIT, RequestOptions
from ...resources._api import AsyncAPI
from ..sinks.rows import cut_vectors


@define(eq=False)
class VectorTasks:
    """Embedding tasks. The vectors of those that are ready are the JSON of their numbers, as bytes.

    Attributes:
        api: The resources of the API.
        request_options: Options of every request.
    """

    api: AsyncAPI
    request_options: RequestOptions | None
    _poller: SharedPoller[EmbeddingTaskResponse] = field(
        init=False, default=Factory(lambda self: self._make_poller(), takes_self=True)
    )

    def _make_poller(self) -> SharedPoller[EmbeddingTaskResponse]:
        tasks, options = self.api.embed.v_2.tasks, self.request_options
        list_newest: Any = partial(tasks.list, page_limit=MAX_PAGE_LIMIT, request_options=options)
        return SharedPoller(EMBEDDING_TASK, self.retrieve, PollSummaries(list_newest))

    async def wait_until_ready(self, task_id: str, *, timeout: float, interval: float) -> EmbeddingTaskResponse:
        """Wait until a file is embedded; see `AsyncEmbedV2Tasks.wait_until_ready`."""
        return await self._poller.wait(task_id, WaitOptions(timeout=timeout, interval=interval))

    async def retrieve(self, task_id: str) -> EmbeddingTaskResponse:
        """Retrieve a task.

        Raises:
            NotFoundError: No task has this id.
            APIResponseError: The response is not a task.
        """
        path = url_path("/embed-v2/tasks/{task_id}", task_id=task_id)
        body: Any = await self.api.request("GET", path, into=bytes, request_options=self.request_options)
        rest, vectors = cut_vectors(body)
        try:
            task: Any = structure(loads(rest), EmbeddingTaskResponse)
        except (ValueError, RecursionError) as error:
            task = error
        if not isinstance(task, EmbeddingTaskResponse):
            raise APIResponseError(f"The response to GET {path} is not an embedding task. Check base_url.")
        for segment in models_of(task.data):
            for name in ("embedding", "embedding_uncertainty"):
                position: Any = getattr(segment, name)
                if type(position) is int and position < len(vectors):
                    setattr(segment, name, vectors[position])
        return task
