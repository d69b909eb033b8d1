"""Look-ups by id: whether the platform still has what an earlier run has created.

Nothing counts as missing before a request for its id has reported so. That a list does not show it is no evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import anyio
from attrs import define, field

from ..errors import BadRequestError
from ..models.analyze_async import AnalyzeTaskResponse
from ..models.assets import AssetDetail
from ..models.embed import MediaEmbeddingTask
from ..models.embed_v_2 import EmbeddingTaskResponse
from ..options import MAX_PAGE_LIMIT, RequestOptions
from ..resources._api import AsyncAPI
from .catalog import AssetCatalog, is_content_of, unless_missing
from .journal import JournalEntry
from .shared_list import MAX_AGE_SECONDS, SharedList, now

BATCH_SECONDS: Final = 0.2
"""Time in which ids are collected to be looked up by one request."""


@define(eq=False)
class AssetLookup:
    """Assets by their ids, a page of them with each request.

    Attributes:
        api: The resources of the API.
        request_options: Options of every request.
    """

    api: AsyncAPI
    request_options: RequestOptions | None
    _wanted: dict[str, None] = field(factory=dict[str, None], init=False)
    _found: dict[str, AssetDetail] = field(factory=dict[str, AssetDetail], init=False)
    _lock: anyio.Lock = field(factory=lambda: anyio.Lock(fast_acquire=True), init=False)

    async def retrieve(self, entry: JournalEntry) -> AssetDetail | None:
        """Return the asset of an entry, or ``None`` if it does not exist."""
        asset_id = str(entry.asset_id)
        self._wanted[asset_id] = None
        async with self._lock:
            if asset_id in self._wanted:
                await self._read_batch()
        found = self._found.pop(asset_id, None)
        if found is None:
            found = await unless_missing(self.api.assets.retrieve(asset_id, request_options=self.request_options))
        return found if found is not None and is_content_of(found, entry) else None

    async def _read_batch(self) -> None:
        if len(self._wanted) < MAX_PAGE_LIMIT:
            await anyio.sleep(BATCH_SECONDS)
        batch = list(self._wanted)[:MAX_PAGE_LIMIT]
        for asset_id in batch:
            del self._wanted[asset_id]
        with suppress(BadRequestError):  # one invalid id fails a whole batch
            page = await self.api.assets.list(
                asset_ids=batch, page_limit=MAX_PAGE_LIMIT, request_options=self.request_options
            )
            self._found.update((asset.id, asset) for asset in page.items or ())


@define(eq=False)
class EmbeddingTaskLookup:
    """Embedding tasks by their ids: in the list of all tasks, unless it has more pages than tasks are looked up."""

    _lookups: int = field(default=0, init=False)
    _ids: set[str] = field(factory=set[str], init=False)
    _list: SharedList[MediaEmbeddingTask] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._list = SharedList(lambda task: self._ids.add(task.id), self._ids.clear)

    async def retrieve(self, assets: AssetCatalog, task_id: str) -> EmbeddingTaskResponse | bool:
        """Return a task, or whether it exists: the list does not have the embeddings.

        Args:
            assets: Assets of the account.
            task_id: Id of the task.
        """
        self._lookups += 1
        tasks, options = assets.api.embed.v_2.tasks, assets.request_options
        await self._list.refresh(
            lambda: tasks.list(page_limit=MAX_PAGE_LIMIT, request_options=options),
            not_before=now() - MAX_AGE_SECONDS,
            max_pages=max(assets.expected, self._lookups),
        )
        return task_id in self._ids or await unless_missing(tasks.retrieve(task_id, request_options=options)) or False


@define(eq=False)
class ImageAnalysisLookup:
    """Analyses of images by their tokens, in the list of all analyses, unless it has more pages than are looked up.

    Attributes:
        prefix_length: Number of characters with which the tokens of the same analysis begin.
    """

    prefix_length: int
    _lookups: int = field(default=0, init=False)
    _tasks: dict[str, dict[str, AnalyzeTaskResponse]] = field(
        factory=dict[str, dict[str, AnalyzeTaskResponse]], init=False
    )
    _list: SharedList[AnalyzeTaskResponse] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._list = SharedList(self._add, self._tasks.clear)

    async def find(self, assets: AssetCatalog, prefix: str) -> Sequence[AnalyzeTaskResponse]:
        """Return the analyses whose tokens begin with *prefix*.

        Args:
            assets: Assets of the account.
            prefix: Beginning of a token.
        """
        self._lookups += 1
        tasks, options = assets.api.analyze_async.tasks, assets.request_options
        await self._list.refresh(
            lambda: tasks.list(page_limit=MAX_PAGE_LIMIT, request_options=options),
            not_before=now() - MAX_AGE_SECONDS,
            max_pages=max(assets.expected, self._lookups),
        )
        return [*self._tasks.get(prefix, {}).values()]

    def _add(self, task: AnalyzeTaskResponse) -> None:
        token = str(task.custom_id)
        self._tasks.setdefault(token[: self.prefix_length], {})[token] = task
