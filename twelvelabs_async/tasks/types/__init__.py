"""Official path of the classes of ``client.tasks``."""

from ...models.official_classes import TasksListResponse
from ...models.official_names import TasksListRequestStatusItem, TasksListResponsePageInfo, TasksRetrieveResponse
from ...models.tasks import TasksCreateResponse

__all__ = [
    "TasksCreateResponse", "TasksListRequestStatusItem", "TasksListResponse", "TasksListResponsePageInfo",
    "TasksRetrieveResponse",
]  # fmt: skip
