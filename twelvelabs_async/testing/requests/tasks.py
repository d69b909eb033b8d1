"""Requests of video indexing tasks."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from ..converter import Moment, UploadedFile
from ..problem import Json, missing
from .common import EPOCH, SortedPage, user_metadata, within

TaskStatus = Literal["uploading", "validating", "pending", "queued", "indexing", "ready", "failed"]


@attrs.frozen(kw_only=True)
class CreateTask:
    index_id: str
    video_file: UploadedFile | None = None
    video_url: str | None = None
    enable_video_stream: bool = True
    user_metadata: Json = attrs.field(factory=dict[str, Any], validator=user_metadata)

    def __attrs_post_init__(self) -> None:
        if self.video_file is None and self.video_url is None:
            raise missing("video_file or video_url")


@attrs.frozen(kw_only=True)
class ListTasks(SortedPage):
    index_id: str | None = None
    filename: str | None = None
    status: list[TaskStatus] = attrs.field(factory=list[TaskStatus])
    duration: float | None = None
    width: int | None = attrs.field(default=None, validator=within(0, 1_000_000))
    height: int | None = attrs.field(default=None, validator=within(0, 1_000_000))
    created_at: Moment = EPOCH
    updated_at: Moment = EPOCH
