"""Analyses in the background: tasks, and batches of tasks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import attrs

from ..clock import plan
from ..problem import Json, Problem
from ..requests import analyze as requests
from ..state import AnalyzeBatch, AnalyzeTask, State, duration
from ..views import analyze as views
from ..views.page import page
from ..views.pieces import pieces
from .analyze import answer_question, find_subject
from .operation import Context, Stream, operation
from .segments import analyzed_window, answer_with_segments
from .tables import find

TASK_SHARES = {"queued": 0.0, "pending": 0.1, "processing": 0.2}
"""Share of the analysis time at which each status starts."""
BATCH_SHARES = {"queued": 0.0, "processing": 0.2}
"""Share of the analysis time at which each status of a batch's task starts; these tasks are never pending."""
MAX_ACTIVE_BATCHES = 5
"""Most batches that have not ended (docs: Create a batch)."""
PIECE_BYTES = 100
"""Bytes of a piece of a batch's results, so that pieces end inside lines."""
PARAMETERS = (
    *("analysis_mode", "prompt", "prompt_v2", "image", "response_format", "temperature", "max_tokens"),
    *("min_segment_duration", "max_segment_duration", "start_time", "end_time"),
)
"""Parameters that tasks show."""


def start_task(context: Context, request: requests.CreateAnalyzeTask, shares: Mapping[str, float]) -> AnalyzeTask:
    """Create a task, without adding it to the state."""
    content = find_subject(context, request, status=400)
    analyzed_window(request, content)
    if request.analysis_mode == "general":
        answer, failure = answer_question(context, request, content), content.failure("analysis")
    else:
        answer, failure = answer_with_segments(context, request, content), content.failure("analysis")
        if answer.is_truncated:
            failure = "analysis failed: the output reached max_tokens before a complete result was produced."
    seconds = duration(context.state.settings.analysis_time, content.filename)
    given = attrs.asdict(request, filter=_is_shown)
    if "image" in given:
        given["image"] = [{"media_type": "image", **image} for image in given["image"]]
    return AnalyzeTask(
        id=context.state.new_id(),
        stages=plan(context.now(), seconds, shares, "failed" if failure else "ready"),
        content=content,
        answer=answer,
        custom_id=request.custom_id,
        analysis_mode=request.analysis_mode,
        video=given.get("video"),
        parameters={name: given[name] for name in PARAMETERS if name in given},
        error={"message": failure},
    )


def _is_shown(field: attrs.Attribute[Any], value: Any) -> bool:
    """Return whether tasks show a parameter: the bytes of a file are not kept."""
    return value is not None and field.name != "base64_string"


def find_task(state: State, task_id: str) -> AnalyzeTask:
    return find(state.analyze_tasks, task_id, "task", 404)


@operation("POST", "/analyze/tasks", status=202)
def create(context: Context, request: requests.CreateAnalyzeTask, idempotency_key: str) -> Json:
    state = context.state
    task = state.idempotent_analyze_tasks.get(idempotency_key)
    if task is None:
        task = start_task(context, request, TASK_SHARES)
        state.analyze_tasks[task.id] = task
        if idempotency_key:
            state.idempotent_analyze_tasks[idempotency_key] = task
    return {"task_id": task.id, "status": task.status(context.now())}


@operation("GET", "/analyze/tasks")
def list_(context: Context, request: requests.ListAnalyzeTasks) -> Json:
    now = context.now()
    found = [
        task
        for task in reversed(context.state.analyze_tasks.values())
        if request.status in (None, task.status(now))
        and request.analysis_mode in (None, task.analysis_mode)
        and request.video_url in (None, (task.video or {}).get("url"))
        and request.asset_id in (None, (task.video or {}).get("asset_id"))
    ]
    return page(request, found, lambda task: views.task(task, now, is_listed=True))


@operation("GET", "/analyze/tasks/{task_id}")
def retrieve(context: Context, task_id: str) -> Json:
    return views.task(find_task(context.state, task_id), context.now())


@operation("DELETE", "/analyze/tasks/{task_id}", status=204)
def delete(context: Context, task_id: str) -> None:
    task = find_task(context.state, task_id)
    if task.status(context.now()) == "processing":
        raise Problem(409, "task_in_progress", f"The task {task.id} is being processed. Wait until it is ready.")
    del context.state.analyze_tasks[task.id]


@operation("POST", "/analyze/tasks/{task_id}/cancel")
def cancel(context: Context, task_id: str) -> Json:
    task, now = find_task(context.state, task_id), context.now()
    status = task.status(now)
    if task.batch_id is not None or status in ("ready", "failed"):
        raise Problem(409, "task_not_cancelable", f"The task {task.id} is {status}, or it belongs to a batch.")
    if status != "canceled":
        task.stop(now, "canceled", "user_canceled")
    return {"task_id": task.id, "status": "canceled"}


def find_batch(state: State, batch_id: str) -> AnalyzeBatch:
    return find(state.analyze_batches, batch_id, "batch", 404)


@operation("POST", "/analyze/batches", status=201)
def create_batch(context: Context, request: requests.CreateAnalyzeBatch) -> Json:
    state, now, tasks = context.state, context.now(), request.tasks()
    for item in tasks:
        asset = find(state.assets, (item.video and item.video.asset_id) or "", "asset", 404)
        if asset.status(now) != "ready":
            message = f"The asset {asset.id} is {asset.status(now)}. Wait until it is ready."
            raise Problem(409, "asset_not_ready", message)
    if sum(now < batch.ends_at for batch in state.analyze_batches.values()) >= MAX_ACTIVE_BATCHES:
        message = f"There are {MAX_ACTIVE_BATCHES} active batches already. Wait until one of them ends."
        raise Problem(429, "too_many_requests", message)
    batch = AnalyzeBatch(
        id=state.new_id(), model_name=request.model_name, analysis_mode=request.analysis_mode, created_at=now
    )
    for item in tasks:
        batch.add(start_task(context, item, BATCH_SHARES))
    state.analyze_batches[batch.id] = batch
    state.analyze_tasks.update({task.id: task for task in batch.tasks})
    return views.created_batch(batch, now)


@operation("GET", "/analyze/batches")
def list_batches(context: Context, request: requests.ListAnalyzeBatches) -> Json:
    now = context.now()
    found = [
        batch
        for batch in reversed(context.state.analyze_batches.values())
        if (request.status is None or batch.status(now) in request.status)
        and (request.analysis_mode is None or batch.analysis_mode in request.analysis_mode)
    ]
    return page(request, found, lambda batch: views.batch(batch, now))


@operation("GET", "/analyze/batches/{batch_id}")
def retrieve_batch(context: Context, batch_id: str) -> Json:
    return views.batch(find_batch(context.state, batch_id), context.now())


@operation("DELETE", "/analyze/batches/{batch_id}", status=204)
def delete_batch(context: Context, batch_id: str) -> None:
    batch = find_batch(context.state, batch_id)
    if context.now() < batch.ends_at:
        raise Problem(409, "batch_not_terminal", f"The batch {batch.id} has not ended. Cancel it first.")
    context.state.remove_analyze_batch(batch)


@operation("POST", "/analyze/batches/{batch_id}/cancel", status=202)
def cancel_batch(context: Context, batch_id: str) -> Json:
    batch, now = find_batch(context.state, batch_id), context.now()
    if now >= batch.ends_at:
        status = batch.status(now)
        raise Problem(409, f"batch_{status}", f"The batch {batch.id} is {status}.")
    batch.cancel(now)
    return views.batch(batch, now)


@operation("GET", "/analyze/batches/{batch_id}/results")
def batch_results(context: Context, batch_id: str) -> Stream:
    """Stream the results of a batch, cut anywhere."""
    batch, now = find_batch(context.state, batch_id), context.now()
    lines = [json.dumps(views.batch_result(task, now), ensure_ascii=False) for task in batch.tasks]
    body = "".join(f"{line}\n" for line in lines).encode()
    return Stream("application/jsonl", pieces(body, PIECE_BYTES))
