"""Events that the platform sends to webhooks."""

from datetime import datetime
from typing import Literal, TypeAlias

from ._base import Model, UnknownType
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
    """Fields of all events.

    Attributes:
        id: Id of the event, which stays the same when the event is sent again.
        created_at: Time at which the event was first sent.
    """

    id: str
    created_at: datetime


class AnalyzeTaskWebhookDataBase(Model):
    """An analysis with a final status.

    `analyze_async.tasks.retrieve` returns its other fields.
    """

    id: str
    created_at: datetime
    custom_id: str | None = None
    video_source: AnalyzeTaskResponseVideoSource | None = None


class AnalyzeTaskReadyWebhookData(AnalyzeTaskWebhookDataBase):
    """An analysis that is ready.

    Attributes:
        error: Reason why the answer is incomplete.
    """

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
    """Event: an analysis is ready."""

    data: AnalyzeTaskReadyWebhookData
    type: Literal["analyze.task.ready"] = "analyze.task.ready"


class AnalyzeTaskFailedWebhookEvent(AnalyzeTaskWebhookEventBase):
    """Event: an analysis failed."""

    data: AnalyzeTaskFailedWebhookData
    type: Literal["analyze.task.failed"] = "analyze.task.failed"


class AnalyzeTaskCanceledWebhookEvent(AnalyzeTaskWebhookEventBase):
    """Event: an analysis was canceled."""

    data: AnalyzeTaskCanceledWebhookData
    type: Literal["analyze.task.canceled"] = "analyze.task.canceled"


class IndexTaskWebhookModel(Model):
    """Model that indexed a video, with its options."""

    name: str | None = None
    options: list[str] | None = None


class IndexTaskWebhookData(Model):
    """Indexing of a video, with a final status."""

    id: str
    status: str | None = None
    metadata: AnalyzeTaskResponseVideoSourceSystemMetadata | None = None
    models: list[IndexTaskWebhookModel] | None = None
    tags: list[str] | None = None


class IndexTaskReadyWebhookEvent(AnalyzeTaskWebhookEventBase):
    """Event: a video is indexed."""

    data: IndexTaskWebhookData
    type: Literal["index.task.ready"] = "index.task.ready"


class IndexTaskFailedWebhookEvent(AnalyzeTaskWebhookEventBase):
    """Event: the indexing of a video failed."""

    data: IndexTaskWebhookData
    type: Literal["index.task.failed"] = "index.task.failed"


class UnknownWebhookEvent(AnalyzeTaskWebhookEventBase):
    """Event of a type that this version does not know.

    Its other fields are in `extra`.
    """

    type: UnknownType


WebhookEvent: TypeAlias = (
    AnalyzeTaskReadyWebhookEvent
    | AnalyzeTaskFailedWebhookEvent
    | AnalyzeTaskCanceledWebhookEvent
    | IndexTaskReadyWebhookEvent
    | IndexTaskFailedWebhookEvent
    | UnknownWebhookEvent
)
