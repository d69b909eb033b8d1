"""The blocking twins of both versions of embeddings."""

from __future__ import annotations

from typing import Final

from ..resources._base import resource
from ..resources._raw import Blocked
from ..resources.embed import AsyncEmbed, RawEmbed
from ..resources.embed_tasks import AsyncEmbedTasks, RawEmbedTasks
from ..resources.embed_v_2 import AsyncEmbedV2, AsyncEmbedV2Tasks, RawEmbedV2, RawEmbedV2Tasks
from ._pager import blocking_pager
from ._twin import BlockingResource, blocking


class EmbedV2Tasks(BlockingResource[AsyncEmbedV2Tasks]):
    """Embed files of any length: create tasks, wait for their embeddings, list them."""

    with_raw_response: RawEmbedV2Tasks[Blocked]

    create: Final = blocking(AsyncEmbedV2Tasks.create)
    create_and_wait: Final = blocking(AsyncEmbedV2Tasks.create_and_wait)
    list: Final = blocking_pager(AsyncEmbedV2Tasks.list)
    retrieve: Final = blocking(AsyncEmbedV2Tasks.retrieve)
    wait_until_ready: Final = blocking(AsyncEmbedV2Tasks.wait_until_ready)


class EmbedV2(BlockingResource[AsyncEmbedV2]):
    """Embed texts and files: `create` at once, `tasks` for long files."""

    with_raw_response: RawEmbedV2[Blocked]

    create: Final = blocking(AsyncEmbedV2.create)

    @resource
    def tasks(self) -> EmbedV2Tasks:
        """Embedding tasks of files of any length."""
        return EmbedV2Tasks(self._async.tasks, self._thread)


class EmbedTasks(BlockingResource[AsyncEmbedTasks]):
    """Embed videos: create tasks, wait for their embeddings, list them.

    The API will deprecate these endpoints. Use `v_2.tasks` instead.
    """

    with_raw_response: RawEmbedTasks[Blocked]

    create: Final = blocking(AsyncEmbedTasks.create)
    create_and_wait: Final = blocking(AsyncEmbedTasks.create_and_wait)
    create_bulk: Final = blocking(AsyncEmbedTasks.create_bulk)
    list: Final = blocking_pager(AsyncEmbedTasks.list)
    retrieve: Final = blocking(AsyncEmbedTasks.retrieve)
    status: Final = blocking(AsyncEmbedTasks.status)
    wait_for_done: Final = blocking(AsyncEmbedTasks.wait_for_done)
    wait_until_ready: Final = blocking(AsyncEmbedTasks.wait_until_ready)


class Embed(BlockingResource[AsyncEmbed]):
    """Embed texts, images and audio. `v_2` has more kinds of input and newer models."""

    with_raw_response: RawEmbed[Blocked]

    create: Final = blocking(AsyncEmbed.create)

    @resource
    def tasks(self) -> EmbedTasks:
        """Embedding tasks of videos."""
        return EmbedTasks(self._async.tasks, self._thread)

    @resource
    def v_2(self) -> EmbedV2:
        """Second version of the endpoints."""
        return EmbedV2(self._async.v_2, self._thread)
