"""Video indexing tasks: an upload and its indexing in one job."""

from typing import Literal, TypeAlias

from ._base import HlsObject, Id, Model
from .indexed_assets import IndexedAssetSystemMetadata

__all__ = [
    "TasksCreateResponse", "TasksListRequestStatusItem", "VideoIndexingTask",
]  # fmt: skip

TasksListRequestStatusItem: TypeAlias = (
    Literal["uploading", "validating", "pending", "queued", "indexing", "ready", "failed"] | str
)
"""How far a task has come, in this order; only ``ready`` and ``failed`` are final."""


class VideoIndexingTask(Model):
    """A video on its way into an index; times are RFC 3339.

    Attributes:
        video_id: The id of the video, which is that of the indexed asset.
        hls: The video's stream, if it is stored for streaming; lists leave it out.
    """

    id: Id
    video_id: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    status: TasksListRequestStatusItem | None = None
    index_id: str | None = None
    system_metadata: IndexedAssetSystemMetadata | None = None
    hls: HlsObject | None = None


class TasksCreateResponse(Model):
    """The ids of a new task, and of the video it indexes."""

    id: Id
    video_id: str | None = None
