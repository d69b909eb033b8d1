"""Analyze tasks: analyses in the background."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from ..clock import plan
from ..problem import Json, Problem
from ..requests import analyze as requests
from ..state import AnalyzeTask, State, duration
from ..views import analyze as views
from ..views.page import page
from .analyze import answer_question, find_subject
from .operation import Context, operation
from .segments import analyzed_window, answer_with_segments
from .tables import find

TASK_SHARES = {"queued": 0.0, "pending": 0.1, "processing": 0.2}
"""Share of the analysis time at which each status starts."""
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


def find_task(state: State, request: requests.OneAnalyzeTask) -> AnalyzeTask:
    return find(state.analyze_tasks, request.task_id, "task", 404)


@operation("POST", "/analyze/tasks", status=202)
def create(context: Context, request: requests.CreateAnalyzeTask) -> Json:
    state = context.state
    task = state.idempotent_analyze_tasks.get(request.idempotency_key)
    if task is None:
        task = start_task(context, request, TASK_SHARES)
        state.analyze_tasks[task.id] = task
        if request.idempotency_key:
            state.idempotent_analyze_tasks[request.idempotency_key] = task
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
def retrieve(context: Context, request: requests.OneAnalyzeTask) -> Json:
    return views.task(find_task(context.state, request), context.now())


@operation("DELETE", "/analyze/tasks/{task_id}", status=204)
def delete(context: Context, request: requests.OneAnalyzeTask) -> None:
    task = find_task(context.state, request)
    if task.status(context.now()) == "processing":
        raise Problem(409, "task_in_progress", f"The task {task.id} is being processed. Wait until it is ready.")
    del context.state.analyze_tasks[task.id]


@operation("POST", "/analyze/tasks/{task_id}/cancel", parameters="query")
def cancel(context: Context, request: requests.OneAnalyzeTask) -> Json:
    task, now = find_task(context.state, request), context.now()
    status = task.status(now)
    if task.batch_id is not None or status in ("ready", "failed"):
        raise Problem(409, "task_not_cancelable", f"The task {task.id} is {status}, or it belongs to a batch.")
    if status != "canceled":
        task.stop(now, "canceled", "user_canceled")
    return {"task_id": task.id, "status": "canceled"}
