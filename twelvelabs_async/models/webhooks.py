"""Events that the platform posts to webhooks."""

from datetime import datetime
from typing import Literal, TypeAlias

from ._base import Model
from .analyze import AnalyzeTaskError
from .analyze_async import AnalyzeTaskResponseVideoSource, AnalyzeTaskResponseVideoSourceSystemMetadata

__all__ = [
    "AnalyzeTaskCanceledWebhookData", "AnalyzeTaskCanceledWebhookEvent", "AnalyzeTaskFailedWebhookData",
    "AnalyzeTaskFailedWebhookEvent", "AnalyzeTaskReadyWebhookData", "AnalyzeTaskReadyWebhookEvent",
    "AnalyzeTaskWebhookDataBase", "AnalyzeTaskWebhookEventBase", "IndexTaskFailedWebhookEvent",
    "IndexTaskReadyWebhookEvent", "IndexTaskWebhookData", "IndexTaskWebhookModel", "UnknownWebhookEvent",
    "WebhookEvent",
]  # fmt: skip


class AnalyzeTaskWebhookEventBase(Model):
    """What all events have: an *id*, which stays the same when the event is sent again, and when it was first sent."""

    id: str
    created_at: datetime


class AnalyzeTaskWebhookDataBase(Model):
    """An analysis that has ended; `analyze_async.tasks.retrieve` has the rest of it."""

    id: str
    created_at: datetime
    custom_id: str | None = None
    video_source: AnalyzeTaskResponseVideoSource | None = None


class AnalyzeTaskReadyWebhookData(AnalyzeTaskWebhookDataBase):
    """An analysis that is ready; *error* says if its answer is not all of it."""

    status: Literal["ready"] | str | None = None
    error: AnalyzeTaskError | None = None


class AnalyzeTaskFailedWebhookData(AnalyzeTaskWebhookDataBase):
    """An analysis that failed."""

    status: Literal["failed"] | str | None = None
    error: AnalyzeTaskError | None = None


class AnalyzeTaskCanceledWebhookData(AnalyzeTaskWebhookDataBase):
    """An analysis that was canceled."""

    status: Literal["canceled"] | str | None = None


class AnalyzeTaskReadyWebhookEvent(AnalyzeTaskWebhookEventBase):
    """An analysis is ready."""

    data: AnalyzeTaskReadyWebhookData
    type: Literal["analyze.task.ready"] = "analyze.task.ready"


class AnalyzeTaskFailedWebhookEvent(AnalyzeTaskWebhookEventBase):
    """An analysis failed."""

    data: AnalyzeTaskFailedWebhookData
    type: Literal["analyze.task.failed"] = "analyze.task.failed"


class AnalyzeTaskCanceledWebhookEvent(AnalyzeTaskWebhookEventBase):
    """An analysis was canceled."""

    data: AnalyzeTaskCanceledWebhookData
    type: Literal["analyze.task.canceled"] = "analyze.task.canceled"


class IndexTaskWebhookModel(Model):
    """A model that indexed a video, and what it looked at."""

    name: str | None = None
    options: list[str] | None = None


class IndexTaskWebhookData(Model):
    """The indexing of a video that has ended."""

    id: str
    status: str | None = None
    metadata: AnalyzeTaskResponseVideoSourceSystemMetadata | None = None
    models: list[IndexTaskWebhookModel] | None = None
    tags: list[str] | None = None


class IndexTaskReadyWebhookEvent(AnalyzeTaskWebhookEventBase):
    """A video is indexed."""

    data: IndexTaskWebhookData
    type: Literal["index.task.ready"] = "index.task.ready"


class IndexTaskFailedWebhookEvent(AnalyzeTaskWebhookEventBase):
    """A video could not be indexed."""

    data: IndexTaskWebhookData
    type: Literal["index.task.failed"] = "index.task.failed"


class UnknownWebhookEvent(AnalyzeTaskWebhookEventBase):
    """An event of a type that this version does not know; the rest of it is in `extra`."""

    type: str


WebhookEvent: TypeAlias = (
    AnalyzeTaskReadyWebhookEvent
    | AnalyzeTaskFailedWebhookEvent
    | AnalyzeTaskCanceledWebhookEvent
    | IndexTaskReadyWebhookEvent
    | IndexTaskFailedWebhookEvent
    | UnknownWebhookEvent
)
