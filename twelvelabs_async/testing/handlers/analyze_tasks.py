"""Analyze tasks: analyses in the background."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Literal

import attrs

from ..clock import plan, rfc3339
from ..content import Content
from ..parameters import Page, public_url, within
from ..problem import Json, Problem, invalid, missing
from ..state import AnalyzeTask, Answer, State, duration
from .analyze import MAX_TOKENS, Analysis, answer_question, ending_json, find_subject, new_answer, usage_json
from .operation import Context, operation
from .segments import Span, segments
from .tables import attributes, find, only, page

MIN_SEGMENTATION_TOKENS = 2_048
MIN_SEGMENT_SECONDS = 2.0
MIN_WINDOW_SECONDS, MAX_WINDOW_SECONDS = 1.0, 2 * 3600.0
DEFAULT_SEGMENTATION_TOKENS = 32_768
AnalysisMode = Literal["general", "time_based_metadata"]
TaskStatus = Literal["queued", "pending", "processing", "ready", "failed", "canceled"]
LISTED_PROMPT_CHARACTERS = 30
"""Characters of a prompt that lists show (docs: List async analysis tasks)."""
TASK_SHARES = {"queued": 0.0, "pending": 0.1, "processing": 0.2}
"""Share of the analysis time at which each status starts."""
PARAMETERS = (
    *("analysis_mode", "prompt", "prompt_v2", "image", "response_format", "temperature", "max_tokens"),
    *("min_segment_duration", "max_segment_duration", "start_time", "end_time"),
)
"""Parameters that tasks show."""


@attrs.frozen(kw_only=True)
class CreateAnalyzeTask(Analysis):
    custom_id: str | None = None
    analysis_mode: AnalysisMode = "general"
    min_segment_duration: float | None = attrs.field(default=None, validator=within(MIN_SEGMENT_SECONDS, math.inf))
    max_segment_duration: float | None = None

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.custom_id is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", self.custom_id):
            raise invalid("custom_id", "must be 1 to 64 letters, digits, hyphens and underscores")
        if self.analysis_mode == "general":
            self.check_general()
        else:
            self.check_segmentation()

    @property
    def segment_seconds(self) -> Span:
        """Return the shortest and the longest duration of a segment."""
        return self.min_segment_duration or MIN_SEGMENT_SECONDS, self.max_segment_duration or math.inf

    def check_segmentation(self) -> None:
        """Check the parameters of time-based metadata."""
        if self.model_name == "pegasus1.2":
            raise invalid("model_name", "must be pegasus1.5 or pegasus1.6 for time_based_metadata")
        if self.prompt or self.prompt_v2:
            raise invalid("prompt", "must be absent for time_based_metadata")
        if self.response_format is None:
            raise missing("response_format")
        if self.response_format.type != "segment_definitions":
            raise invalid("response_format", "must have the type segment_definitions for time_based_metadata")
        shortest, longest = self.segment_seconds
        if longest < shortest:
            raise invalid("max_segment_duration", f"must be at least {shortest:g}; got {longest:g}")
        if (self.model_name, self.max_tokens) != ("pegasus1.6", "unlimited"):
            self.check_tokens(MIN_SEGMENTATION_TOKENS, MAX_TOKENS[self.model_name][1])


@attrs.frozen(kw_only=True)
class ListAnalyzeTasks(Page):
    status: TaskStatus | None = None
    analysis_mode: AnalysisMode | None = None
    video_url: str | None = attrs.field(default=None, validator=public_url)
    asset_id: str | None = None


def task_json(found: AnalyzeTask, now: float, *, is_listed: bool = False) -> Json:
    """Return a task; lists shorten its parameters."""
    duration = {"system_metadata": {"duration": found.content.media.duration}}
    shown: Json = {
        "task_id": found.id,
        **attributes(found, "batch_id", "status", "created_at", now=now),
        "completed_at": rfc3339(found.ends_at) if now >= found.ends_at else None,
        "video_source": {**found.video, **duration} if found.video else None,
        "request_params": _shortened(found.parameters) if is_listed else found.parameters,
        **outcome_json(found, now),
    }
    return {"custom_id": found.custom_id, **{name: value for name, value in shown.items() if value is not None}}


def outcome_json(found: AnalyzeTask, now: float) -> Json:
    """Return the result and the error of a task, if it has any."""
    status = found.status(now)
    if status in ("failed", "canceled"):
        return {"error": found.error}
    if status != "ready":
        return {}
    end = ending_json(found.answer)
    error = end.pop("error", None)
    result = {"generation_id": found.answer.id, "data": found.answer.text, **end, "usage": usage_json(found.answer)}
    return {"error": error, "result": result}


def _shortened(parameters: Json) -> Json:
    """Return the parameters of a task as lists show them."""
    shown = dict(parameters)
    if "prompt" in shown:
        shown["prompt"] = shown["prompt"][:LISTED_PROMPT_CHARACTERS]
    if "prompt_v2" in shown:
        text = shown["prompt_v2"]["input_text"][:LISTED_PROMPT_CHARACTERS]
        shown["prompt_v2"] = {**shown["prompt_v2"], "input_text": text}
    if "response_format" in shown:
        shown["response_format"] = {**shown["response_format"], "json_schema": None}
    return shown


def analyzed_window(request: CreateAnalyzeTask, content: Content) -> Span:
    """Return start and end of the part of a video that is analyzed.

    Raises:
        Problem: The part is too short or too long.
    """
    start = request.start_time or 0.0
    end = (content.media.duration or 0.0) if request.end_time is None else request.end_time
    if request.video is not None and not MIN_WINDOW_SECONDS <= end - start <= MAX_WINDOW_SECONDS:
        raise invalid("end_time", f"must be 1 second to 2 hours after start_time; got {end - start:g} seconds")
    return start, end


def answer_with_segments(context: Context, request: CreateAnalyzeTask, content: Content) -> Answer:
    """Return the requested segments as JSON, or the scripted text of the file if that is JSON."""
    given = request.response_format
    time_format = (given and given.segment_time_format) or "seconds"
    window, seconds = analyzed_window(request, content), request.segment_seconds
    found = {
        one.id: [*segments(one, window, seconds=seconds, time_format=time_format, description=content.description)]
        for one in (given and given.segment_definitions) or ()
    }
    text = json.dumps(found)
    with suppress(ValueError):
        text = json.dumps(json.loads(content.script.text or ""))
    limit = request.max_tokens or DEFAULT_SEGMENTATION_TOKENS
    return new_answer(context, "", text, len(text) if limit == "unlimited" else limit)


def start_task(context: Context, request: CreateAnalyzeTask, shares: Mapping[str, float]) -> AnalyzeTask:
    """Create a task, without adding it to the state."""
    content = find_subject(context, request, status=400)
    analyzed_window(request, content)
    generate = answer_question if request.analysis_mode == "general" else answer_with_segments
    answer, failure = generate(context, request, content), content.failure("analysis")
    if answer.is_truncated and request.analysis_mode != "general":
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
        parameters=only(given, *PARAMETERS),
        error={"message": failure},
    )


def _is_shown(field: attrs.Attribute[Any], value: Any) -> bool:
    """Return whether tasks show a parameter: the bytes of a file are not kept."""
    return value is not None and field.name != "base64_string"


def find_task(state: State, task_id: str) -> AnalyzeTask:
    return find(state.analyze_tasks, task_id, "task", 404)


@operation("POST", "/analyze/tasks", status=202)
def create(context: Context, request: CreateAnalyzeTask, idempotency_key: str) -> Json:
    state = context.state
    task = state.idempotent_analyze_tasks.get(idempotency_key)
    if task is None:
        task = start_task(context, request, TASK_SHARES)
        state.analyze_tasks[task.id] = task
        if idempotency_key:
            state.idempotent_analyze_tasks[idempotency_key] = task
    return {"task_id": task.id, "status": task.status(context.now())}


@operation("GET", "/analyze/tasks")
def list_(context: Context, request: ListAnalyzeTasks) -> Json:
    now = context.now()
    found = [
        task
        for task in reversed(context.state.analyze_tasks.values())
        if request.status in (None, task.status(now))
        and request.analysis_mode in (None, task.analysis_mode)
        and request.video_url in (None, (task.video or {}).get("url"))
        and request.asset_id in (None, (task.video or {}).get("asset_id"))
    ]
    return page(request, found, lambda task: task_json(task, now, is_listed=True))


@operation("GET", "/analyze/tasks/{task_id}")
def retrieve(context: Context, task_id: str) -> Json:
    return task_json(find_task(context.state, task_id), context.now())


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
