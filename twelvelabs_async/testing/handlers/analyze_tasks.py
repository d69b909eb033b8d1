"""Analyze tasks: analyses in the background."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

import attrs

from ..clock import plan, rfc3339
from ..content import Content, Span
from ..parameters import Page, public_url, within
from ..problem import Json, Problem, invalid, missing
from ..refusals import VIDEO_TOO_LONG
from ..schema import first_fitting
from ..state import AnalyzeTask, Answer, State, duration
from .analyze import (
    Analysis,
    answer_question,
    ending_json,
    find_subject,
    new_answer,
    usage_json,
)
from .operation import Context, operation
from .segments import DAY_SECONDS, PARAMETER, SegmentDefinition, require_different, segments
from .tables import attributes, find, only, page

MIN_SEGMENTATION_TOKENS = 2_048
MIN_SEGMENT_SECONDS = 2.0
HOUR_SECONDS = 3600.0
DEFAULT_SEGMENTATION_TOKENS = 32_768
AnalysisMode = Literal["general", "time_based_metadata"]
TaskStatus = Literal["queued", "pending", "processing", "ready", "failed", "canceled"]
UNCANCELABLE = {"ready": "task_completed", "failed": "task_failed"}
"""Final statuses with the codes of their errors (docs: Cancel an async analysis task)."""
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
    MAX_VIDEO_SECONDS: ClassVar[float] = 4 * HOUR_SECONDS
    MAX_WINDOW_SECONDS: ClassVar[float] = 2 * HOUR_SECONDS

    custom_id: str | None = None
    analysis_mode: AnalysisMode = "general"
    min_segment_duration: float | None = attrs.field(default=None, validator=within(MIN_SEGMENT_SECONDS, DAY_SECONDS))
    max_segment_duration: float | None = attrs.field(default=None, validator=within(MIN_SEGMENT_SECONDS, DAY_SECONDS))

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.custom_id is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", self.custom_id):
            raise invalid("custom_id", "must be 1 to 64 letters, digits, hyphens and underscores")
        if self.analysis_mode == "general":
            self.check_general()
        else:
            self.check_segmentation()

    @property
    def definitions(self) -> list[SegmentDefinition]:
        """Return the kinds of segments to find."""
        return (self.response_format and self.response_format.segment_definitions) or []

    @property
    def segment_seconds(self) -> Span:
        """Return the shortest and the longest duration of a segment."""
        return self.min_segment_duration or MIN_SEGMENT_SECONDS, self.max_segment_duration or math.inf

    def check_general(self) -> None:
        """Check the parameters of a general analysis."""
        super().check_general()
        for name in ("min_segment_duration", "max_segment_duration"):
            if getattr(self, name) is not None:
                raise invalid(name, "requires the analysis_mode time_based_metadata")

    def check_segmentation(self) -> None:
        """Check the parameters of time-based metadata."""
        for name in ("prompt", "prompt_v2", "image"):
            if getattr(self, name) is not None:
                raise invalid(name, "must be absent for time_based_metadata")
        if self.response_format is None:
            raise missing("response_format")
        if self.response_format.type != "segment_definitions":
            raise invalid("response_format", "must have the type segment_definitions for time_based_metadata")
        shortest, longest = self.segment_seconds
        if longest < shortest:
            raise invalid("max_segment_duration", f"must be at least {shortest:g}; got {longest:g}")
        require_different(f"{PARAMETER}.id", [one.id for one in self.definitions])
        has_ranges = any(one.time_ranges for one in self.definitions)
        for name in ("start_time", "end_time", "min_segment_duration", "max_segment_duration"):
            if has_ranges and getattr(self, name) is not None:
                raise invalid(name, "must be absent if a segment definition has time_ranges")
        if self.model_name != "pegasus1.6" and any(
            field.type == "time_array" for one in self.definitions for field in one.fields
        ):
            raise invalid(f"{PARAMETER}.fields.type", f"must not be time_array for {self.model_name}. Use pegasus1.6")
        if self.max_tokens != "unlimited":
            self.check_tokens(MIN_SEGMENTATION_TOKENS)
        elif self.model_name != "pegasus1.6" or has_ranges:
            raise invalid("max_tokens", "must not be unlimited without pegasus1.6, or with time_ranges")

    def window(self, context: Context, content: Content) -> Span:
        """Return start and end of the part of a file that is analyzed; streams and inline videos have lower limits."""
        start, end = super().window(context, content)
        length, source = max(content.media.duration or 0.0, end), self.video
        is_limited = source and (source.base64_string or urlsplit(source.url or "").path.lower().endswith(".m3u8"))
        if is_limited and length > self.MAX_WINDOW_SECONDS:
            expected = f"expected at most {self.MAX_WINDOW_SECONDS:g}"
            context.refuse(VIDEO_TOO_LONG, f"The video is {length:g} seconds long; {expected}.")
        for part in (part for one in self.definitions for part in one.time_ranges or ()):
            if source and source.asset_id and part.end_time > end:
                raise invalid(f"{PARAMETER}.time_ranges", f"must be within {end:g} seconds; got {part.end_time:g}")
        return start, end


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
        definitions = shown["response_format"].get("segment_definitions", [])[:1] or None
        form = {**shown["response_format"], "json_schema": None, "segment_definitions": definitions}
        shown["response_format"] = form
    return shown


def answer_with_segments(context: Context, request: CreateAnalyzeTask, content: Content, window: Span) -> Answer:
    """Return the requested segments as JSON, or the scripted answer if it has all of them.

    The question of a script is what the definitions say.
    """
    given, seconds = request.response_format, request.segment_seconds
    time_format = (given and given.segment_time_format) or "seconds"
    found = {
        one.id: [*segments(one, window, seconds=seconds, time_format=time_format, content=content)]
        for one in request.definitions
    }
    schema = {"type": "object", "properties": {key: {"type": "array"} for key in found}, "required": [*found]}
    question = " ".join(one.description for one in request.definitions)
    text = first_fitting(content.answers(question), schema, found)
    limit = request.max_tokens or DEFAULT_SEGMENTATION_TOKENS
    return new_answer(context, "", text, len(text) if limit == "unlimited" else limit)


def start_task(
    context: Context, request: CreateAnalyzeTask, shares: Mapping[str, float], *, is_batched: bool = False
) -> AnalyzeTask:
    """Create a task, without adding it to the state. In a batch, a video that is too long fails alone."""
    content, window, error = find_subject(context, request, status=400), (0.0, 0.0), Json()
    try:
        window = request.window(context, content)
    except Problem as problem:
        if not (is_batched and problem.code == VIDEO_TOO_LONG.code):
            raise
        error = {"code": problem.code, "message": str(problem)}
    if request.analysis_mode == "general":
        answer = answer_question(context, request, content)
    else:
        answer = answer_with_segments(context, request, content, window)
        if answer.is_truncated:
            error = {"message": "analysis failed: the output reached max_tokens before a complete result was produced."}
    if failure := content.failure("analysis"):
        error = {"message": failure}
    seconds = duration(context.state.settings.analysis_time, content.filename)
    given = attrs.asdict(request, filter=_is_shown)
    if "image" in given:
        given["image"] = [{"media_type": "image", **image} for image in given["image"]]
    return AnalyzeTask(
        id=context.state.new_id(),
        stages=plan(context.now(), seconds, shares, "failed" if error else "ready"),
        content=content,
        answer=answer,
        custom_id=request.custom_id,
        analysis_mode=request.analysis_mode,
        video=given.get("video"),
        parameters=only(given, *PARAMETERS),
        error=error,
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
        context.rate_limits.charge("analyze_tasks", "duration", task.content.media.duration or 0.0)
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
    if not re.fullmatch("[0-9a-fA-F]{24}", task_id):
        raise invalid("task_id", "must have 24 hexadecimal digits")
    task, now = find_task(context.state, task_id), context.now()
    status = task.status(now)
    if task.batch_id is not None:
        raise Problem(409, "task_owned_by_batch", f"The task {task.id} is canceled with its batch {task.batch_id}.")
    if status in UNCANCELABLE:
        raise Problem(409, UNCANCELABLE[status], f"The task {task.id} is {status}, which is final.")
    if status != "canceled":
        task.stop(now, "canceled", "user_canceled")
    return {"task_id": task.id, "status": "canceled"}
