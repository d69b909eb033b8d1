"""Video indexing tasks: each uploads a file and indexes it."""

from __future__ import annotations

from typing import Any

from ..problem import Json, Problem
from ..requests import indexes as requests
from ..state import IndexingTask
from ..views import indexes as views
from ..views.page import page
from .assets import add_file, add_url, without_empty
from .indexes import find_index
from .operation import Context, operation
from .tables import find, ordered

MAX_FILE_BYTES = 2 * 1000**3
"""Largest video file (docs: Create a video indexing task)."""


@operation("POST", "/tasks", max_file_bytes=MAX_FILE_BYTES)
def create(context: Context, request: requests.CreateTask) -> Json:
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
def list_(context: Context, request: requests.ListTasks) -> Json:
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
    return page(request, ordered(request, found, now), lambda task: views.task(task, now))


def _expected_facts(request: requests.ListTasks) -> dict[str, Any]:
    names = ("filename", "duration", "width", "height")
    return {name: value for name in names if (value := getattr(request, name)) is not None}


@operation("GET", "/tasks/{task_id}")
def retrieve(context: Context, task_id: str) -> Json:
    task = find(context.state.indexing_tasks, task_id, "task")
    return views.task_details(task, context.now(), context.storage)


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
