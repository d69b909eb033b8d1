"""Official path of the client of embeddings."""

from ..options import OMIT
from ..resources.embed import AsyncEmbed as AsyncEmbedClientWrapper
from ..resources.embed_tasks import AsyncEmbedTasks as AsyncEmbedTasksClientWrapper
from ..resources.embed_tasks import CreateEmbeddingsTaskVideoParams
from ..sync.embed import Embed as EmbedClientWrapper
from ..sync.embed import EmbedTasks as EmbedTasksClientWrapper

__all__ = [
    "OMIT", "AsyncEmbedClientWrapper", "AsyncEmbedTasksClientWrapper", "CreateEmbeddingsTaskVideoParams",
    "EmbedClientWrapper", "EmbedTasksClientWrapper",
]  # fmt: skip
