"""The blocking twins of both versions of embeddings."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from ..resources.embed import AsyncEmbed
from ..resources.embed_tasks import AsyncEmbedTasks
from ..resources.embed_v_2 import AsyncEmbedV2, AsyncEmbedV2Tasks
from ._pager import blocking_pager
from ._twin import Blocking, blocking, part


class EmbedV2Tasks(Blocking[AsyncEmbedV2Tasks]):
    """Embed files of any length: create tasks, wait for their vectors, list them."""

    create: Final = blocking(AsyncEmbedV2Tasks.create)
    create_and_wait: Final = blocking(AsyncEmbedV2Tasks.create_and_wait)
    list: Final = blocking_pager(AsyncEmbedV2Tasks.list)
    retrieve: Final = blocking(AsyncEmbedV2Tasks.retrieve)
    wait_until_ready: Final = blocking(AsyncEmbedV2Tasks.wait_until_ready)


class EmbedV2(Blocking[AsyncEmbedV2]):
    """Embed texts and files: `create` at once, `tasks` for long files."""

    create: Final = blocking(AsyncEmbedV2.create)

    tasks: cached_property[EmbedV2Tasks] = part("embed.EmbedV2Tasks")
    """Embeddings of files of any length."""


class EmbedTasks(Blocking[AsyncEmbedTasks]):
    """Embed videos: create tasks, wait for their vectors, list them."""

    create: Final = blocking(AsyncEmbedTasks.create)
    create_and_wait: Final = blocking(AsyncEmbedTasks.create_and_wait)
    create_bulk: Final = blocking(AsyncEmbedTasks.create_bulk)
    list: Final = blocking_pager(AsyncEmbedTasks.list)
    retrieve: Final = blocking(AsyncEmbedTasks.retrieve)
    status: Final = blocking(AsyncEmbedTasks.status)
    wait_for_done: Final = blocking(AsyncEmbedTasks.wait_for_done)
    wait_until_ready: Final = blocking(AsyncEmbedTasks.wait_until_ready)


class Embed(Blocking[AsyncEmbed]):
    """Embed texts, images and audio; `v_2` knows more, and newer models."""

    create: Final = blocking(AsyncEmbed.create)

    tasks: cached_property[EmbedTasks] = part("embed.EmbedTasks")
    """Embeddings of videos."""
    v_2: cached_property[EmbedV2] = part("embed.EmbedV2")
    """The second version."""
