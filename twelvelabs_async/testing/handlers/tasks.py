"""Video indexing tasks: each uploads a file and indexes it."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from ..converter import Moment, UploadedFile
from ..parameters import EPOCH, SortedPage, public_url, user_metadata, within
from ..problem import Json, Problem, missing
from ..state import IndexingTask
from .assets import create_asset, without_empty
from .indexed_assets import stream_json
from .indexes import find_open_index
from .operation import Context, operation
from .tables import attributes, find, only, ordered, page

MAX_FILE_BYTES = 2 * 1000**3
"""Largest video file (docs: Create a video indexing task)."""
FACTS = ("filename", "duration", "width", "height")
"""Facts of a video that tasks show, and by which they are listed."""
TaskStatus = Literal["uploading", "validating", "pending", "queued", "indexing", "ready", "failed"]


@attrs.frozen(kw_only=True)
class CreateTask:
    index_id: str
    video_file: UploadedFile | None = None
    video_url: str | None = attrs.field(default=None, validator=public_url)
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


def task_json(found: IndexingTask, now: float) -> Json:
    return {
        "_id": found.id,
        "video_id": found.item.id,
        "index_id": found.item.index.id,
        **attributes(found, "status", "created_at", "updated_at", now=now),
        "system_metadata": only(found.item.asset.facts, *FACTS),
    }


@operation("POST", "/tasks", max_file_bytes=MAX_FILE_BYTES)
def create(context: Context, request: CreateTask) -> Json:
    state, index = context.state, find_open_index(context, request.index_id)
    asset, metadata = create_asset(state, request.video_file, request.video_url), without_empty(request.user_metadata)
    context.rate_limits.charge("indexing", "duration", asset.media.duration or 0.0, is_late=True)
    item = state.index_asset(index, asset, user_metadata=metadata, enable_video_stream=request.enable_video_stream)
    return {"_id": state.add_indexing_task(item).id, "video_id": item.id}


@operation("GET", "/tasks")
def list_(context: Context, request: ListTasks) -> Json:
    now = context.now()
    expected = {name: value for name in FACTS if (value := getattr(request, name)) is not None}
    found = [
        task
        for task in context.state.indexing_tasks.values()
        if request.index_id in (None, task.item.index.id)
        and expected.items() <= task.item.asset.facts.items()
        and task.created_at >= request.created_at
        and task.updated_at(now) >= request.updated_at
        and (not request.status or task.status(now) in request.status)
    ]
    return page(request, ordered(request, found, now), lambda task: task_json(task, now))


@operation("GET", "/tasks/{task_id}")
def retrieve(context: Context, task_id: str) -> Json:
    task, now = find(context.state.indexing_tasks, task_id, "task"), context.now()
    hls = {"hls": stream_json(task.item, now, context.storage)} if task.item.enable_video_stream else {}
    return {**task_json(task, now), **hls}


@operation("DELETE", "/tasks/{task_id}", status=204)
def delete(context: Context, task_id: str) -> None:
    task = find(context.state.indexing_tasks, task_id, "task")
    status = task.status(context.now())
    if status != "failed" and (status != "ready" or task.item.id in context.state.indexed_assets):
        reason = f"The task {task.id} is {status}. Wait until it is ready, then delete its video, then the task."
        raise Problem(400, "task_cannot_be_deleted", reason)
    del context.state.indexing_tasks[task.id]
