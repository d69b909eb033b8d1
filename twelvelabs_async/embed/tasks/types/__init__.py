"""Official path of the classes of ``client.embed.tasks``."""

from ....models.embed import EmbedTasksCreateResponse as TasksCreateResponse
from ....models.embed import EmbedTasksRetrieveResponse as TasksRetrieveResponse
from ....models.embed import (
    TasksRetrieveResponseVideoEmbedding,
    TasksStatusResponse,
)
from ....models.official_classes import EmbedTasksListResponse as TasksListResponse
from ....models.official_names import (
    TasksCreateRequestVideoEmbeddingScopeItem,
    TasksListResponsePageInfo,
    TasksRetrieveRequestEmbeddingOptionItem,
    TasksStatusResponseVideoEmbedding,
)

__all__ = [
    "TasksCreateRequestVideoEmbeddingScopeItem", "TasksCreateResponse", "TasksListResponse",
    "TasksListResponsePageInfo", "TasksRetrieveRequestEmbeddingOptionItem", "TasksRetrieveResponse",
    "TasksRetrieveResponseVideoEmbedding", "TasksStatusResponse", "TasksStatusResponseVideoEmbedding",
]  # fmt: skip
