"""Video indexing tasks: an upload and its indexing in one job."""

from typing import Literal, TypeAlias

from ._base import HlsObject, Id, Model
from .indexed_assets import IndexedAssetSystemMetadata

__all__ = [
    "TasksCreateResponse", "VideoIndexingTask", "VideoIndexingTaskStatus",
]  # fmt: skip

VideoIndexingTaskStatus: TypeAlias = (
    Literal["uploading", "validating", "pending", "queued", "indexing", "ready", "failed"] | str
)
"""Status of a task, in this order. ``ready`` and ``failed`` are final."""


class VideoIndexingTask(Model):
    """A video that is being indexed. Times in RFC 3339.

    Attributes:
        video_id: Id of the video, which is the id of the indexed asset.
        hls: HLS stream, if the video is stored for streaming. Absent in lists.
    """

    id: Id
    video_id: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    status: VideoIndexingTaskStatus | None = None
    index_id: str | None = None
    system_metadata: IndexedAssetSystemMetadata | None = None
    hls: HlsObject | None = None


class TasksCreateResponse(Model):
    """Ids of a new task and of its video."""

    id: Id
    video_id: str | None = None
