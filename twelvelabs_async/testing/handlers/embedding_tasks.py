"""Embedding tasks of both versions of the Embed API."""

from __future__ import annotations

from typing import Literal

import attrs

from ..clock import plan
from ..converter import Moment
from ..parameters import EPOCH, Page
from ..problem import Json
from ..state import EmbeddingInput, EmbeddingTask, State, duration
from ..state.embed import EMBEDDING_LIFETIME_SECONDS
from .operation import Context
from .tables import attributes, page


@attrs.frozen(kw_only=True)
class ListEmbeddingTasks(Page):
    started_at: Moment = EPOCH
    ended_at: Moment | None = None
    status: Literal["processing", "ready", "failed"] | None = None


def listed_task_json(found: EmbeddingTask, now: float) -> Json:
    """Return a task (version 1, and lists of both versions)."""
    given = found.input
    scopes = ["video" if scope == "asset" else scope for scope in given.scopes]
    shown: Json = {
        f"{given.kind}_embedding_option": given.options,
        f"{given.kind}_embedding_scope": scopes,
        **given.source,
    }
    if given.kind == "video" and given.fixed_clip_seconds:
        shown["video_clip_length"] = int(given.fixed_clip_seconds)
    if given.is_timed:
        shown["duration"] = given.content.media.duration
    return {**status_json(found, now), "model_name": given.model_name, f"{given.kind}_embedding": {"metadata": shown}}


def status_json(found: EmbeddingTask, now: float) -> Json:
    return {"_id": found.id, **attributes(found, "status", "created_at", "updated_at", now=now)}


def add_task(state: State, version: int, given: EmbeddingInput, failure: str | None = None) -> EmbeddingTask:
    """Create an embedding task, which fails for the reason *failure* or that of the file's script."""
    reason = given.content.failure("embedding") or failure
    seconds = duration(state.settings.embedding_time, given.content.filename)
    stages = plan(state.now(), seconds, {"processing": 0.0}, "failed" if reason else "ready")
    task = EmbeddingTask(id=state.new_id(), stages=stages, version=version, input=given, failure=reason)
    state.embedding_tasks[task.id] = task
    return task


def kept_tasks(state: State, version: int) -> dict[str, EmbeddingTask]:
    """Return the tasks of a version that have not expired."""
    since = state.now() - EMBEDDING_LIFETIME_SECONDS
    tasks = state.embedding_tasks.values()
    return {task.id: task for task in tasks if task.version == version and task.created_at > since}


def list_tasks(context: Context, request: ListEmbeddingTasks, version: int) -> Json:
    """Return a page of the tasks of a version."""
    now = context.now()
    found = [
        task
        for task in reversed(kept_tasks(context.state, version).values())
        if request.started_at < task.created_at
        and (request.ended_at is None or task.created_at < request.ended_at)
        and request.status in (None, task.status(now))
    ]
    return page(request, found, lambda task: listed_task_json(task, now))
