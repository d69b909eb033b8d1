"""Video indexing tasks: each uploads a file and indexes it."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from ..clock import rfc3339
from ..converter import Moment, UploadedFile
from ..parameters import EPOCH, SortedPage, public_url, user_metadata, within
from ..problem import Json, Problem, missing
from ..state import IndexingTask
from ..storage import Storage
from .assets import add_file, add_url, without_empty
from .indexed_assets import stream_json
from .indexes import find_index
from .operation import Context, operation
from .tables import find, ordered, page

MAX_FILE_BYTES = 2 * 1000**3
"""Largest video file (docs: Create a video indexing task)."""
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
    facts = found.item.asset.facts
    return {
        "_id": found.id,
        "video_id": found.item.id,
        "index_id": found.item.index.id,
        "status": found.status(now),
        "created_at": rfc3339(found.created_at),
        "updated_at": rfc3339(found.updated_at(now)),
        "system_metadata": {name: facts[name] for name in ("filename", "duration", "width", "height") if name in facts},
    }


def task_details_json(found: IndexingTask, now: float, storage: Storage) -> Json:
    return task_json(found, now) | (
        {"hls": stream_json(found.item, now, storage)} if found.item.enable_video_stream else {}
    )


@operation("POST", "/tasks", max_file_bytes=MAX_FILE_BYTES)
def create(context: Context, request: CreateTask) -> Json:
    state, index = context.state, find_index(context.state, request.index_id)
    if request.video_file is not None:
        asset = add_file(state, request.video_file)
    else:
        asset = add_url(state, request.video_url or "")
    item = state.index_asset(
        index,
        asset,
        enable_video_stream=request.enable_video_stream,
        user_metadata=without_empty(request.user_metadata),
    )
    return {"_id": state.add_indexing_task(item).id, "video_id": item.id}


@operation("GET", "/tasks")
def list_(context: Context, request: ListTasks) -> Json:
    now, expected = context.now(), _expected_facts(request)
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


def _expected_facts(request: ListTasks) -> dict[str, Any]:
    names = ("filename", "duration", "width", "height")
    return {name: value for name in names if (value := getattr(request, name)) is not None}


@operation("GET", "/tasks/{task_id}")
def retrieve(context: Context, task_id: str) -> Json:
    task = find(context.state.indexing_tasks, task_id, "task")
    return task_details_json(task, context.now(), context.storage)


@operation("DELETE", "/tasks/{task_id}", status=204)
def delete(context: Context, task_id: str) -> None:
    task = find(context.state.indexing_tasks, task_id, "task")
    _require_deletable(task, context.now())
    del context.state.indexing_tasks[task.id]


def _require_deletable(task: IndexingTask, now: float) -> None:
    status = task.status(now)
    if status != "failed" and (status != "ready" or task.item.id in task.item.index.indexed_assets):
        reason = f"The task {task.id} is {status}. Wait until it is ready, then delete its video, then the task."
        raise Problem(400, "task_cannot_be_deleted", reason)
