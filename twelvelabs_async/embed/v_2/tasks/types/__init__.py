"""Official path of the classes of ``client.embed.v_2.tasks``."""

from .....models.embed_v_2 import EmbedV2TasksCreateResponse as TasksCreateResponse
from .....models.embed_v_2 import TasksCreateResponseMetadata
from .....models.official_classes import EmbedTasksListResponse as TasksListResponse
from .....models.official_names import (
    CreateAsyncEmbeddingRequestInputType,
    CreateAsyncEmbeddingRequestModelName,
    TasksCreateResponseStatus,
    TasksListResponsePageInfo,
)

__all__ = [
    "CreateAsyncEmbeddingRequestInputType", "CreateAsyncEmbeddingRequestModelName", "TasksCreateResponse",
    "TasksCreateResponseMetadata", "TasksCreateResponseStatus", "TasksListResponse", "TasksListResponsePageInfo",
]  # fmt: skip
