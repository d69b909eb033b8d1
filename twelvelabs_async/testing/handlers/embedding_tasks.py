"""Files to embed, and embedding tasks, of both versions of the Embed API."""

from __future__ import annotations

import math
import re
from typing import Literal

import attrs

from ...media.types import MediaKind
from ..clock import plan
from ..content import Content, Span
from ..converter import Mismatch, Moment
from ..parameters import EPOCH, Page, within
from ..problem import Json, invalid
from ..state import EmbeddingInput, EmbeddingTask, State, duration
from ..state.embed import EMBEDDING_LIFETIME_SECONDS
from .media import MediaSource, NamedSource
from .operation import Context
from .tables import attributes, page

EmbeddingType = Literal["separate_embedding", "fused_embedding"]

# Choices of `embedding_option` and of `embedding_scope` for each kind of file.
OPTIONS = {
    "audio": ["audio", "transcription"],
    "document": ["visual", "text"],
    "image": ["visual"],
    "video": ["visual", "audio", "transcription"],
}


@attrs.frozen(kw_only=True)
class ListEmbeddingTasks(Page):
    started_at: Moment = EPOCH
    ended_at: Moment | None = None
    status: Literal["processing", "ready", "failed"] | None = None


@attrs.frozen(kw_only=True)
class Clips:
    duration_sec: float | None = attrs.field(default=None, validator=within(2, 10))
    min_duration_sec: int | None = attrs.field(default=None, validator=within(2, 5))


@attrs.frozen(kw_only=True)
class Segmentation:
    """Division of a file into clips. Marengo 3.5 takes it in `temporal`."""

    strategy: Literal["fixed", "dynamic"] | None = None
    fixed: Clips | None = None
    dynamic: Clips | None = None
    temporal: Segmentation | None = None

    def __attrs_post_init__(self) -> None:
        if self.temporal is None and (self.strategy is None or self.clip_seconds is None):
            raise Mismatch("must have a strategy, and the duration of clips in fixed or dynamic")

    @property
    def clip_seconds(self) -> float | None:
        """Return the length of a clip, or the minimum of a dynamic clip."""
        if self.strategy == "fixed":
            return self.fixed.duration_sec if self.fixed else None
        return self.dynamic.min_duration_sec if self.dynamic else None


@attrs.frozen(kw_only=True)
class TimedText:
    """Text about a part of a file, in seconds."""

    start: float
    end: float
    text: str


@attrs.frozen(kw_only=True)
class Input:
    """Input of any type. Each type has some of the fields."""

    input_text: str = ""
    media_source: MediaSource | None = None
    media_sources: list[NamedSource] = attrs.field(factory=list[NamedSource], validator=within(0, 10))
    start_sec: float = attrs.field(default=0.0, validator=within(0, math.inf))
    end_sec: float | None = attrs.field(default=None, validator=within(0, math.inf))
    segmentation: Segmentation | None = None
    embedding_option: list[str] | None = attrs.field(default=None, validator=within(1, 3))
    embedding_scope: list[str] | None = attrs.field(default=None, validator=within(1, 3))
    embedding_type: list[EmbeddingType] | None = attrs.field(default=None, validator=within(1, 2))
    time_based_metadata: list[TimedText] = attrs.field(factory=list[TimedText], validator=within(0, 10_000))

    def __attrs_post_init__(self) -> None:
        names = {source.name for source in self.media_sources}
        for name in re.findall(r"<@([^>]+)>", self.input_text):
            if name not in names:
                raise invalid("input_text", f"must name sources of media_sources; {name!r} is none")


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


def embedding_input(kind: MediaKind, model_name: str, content: Content, source: Json, given: Input) -> EmbeddingInput:
    """Return a file and the settings of its embeddings, with the defaults of the model.

    Args:
        source: URL or name of the file, as responses show it.

    Raises:
        Problem: The settings do not fit the file.
    """
    default_options, default_scopes, default_seconds = _defaults(kind, model_name, content)
    options, types = given.embedding_option or default_options, given.embedding_type or ["separate_embedding"]
    if "fused_embedding" in types and len(options) == 1:
        raise invalid("embedding_type", "must not have fused_embedding for a single embedding_option")
    segmentation = given.segmentation and (given.segmentation.temporal or given.segmentation)
    seconds = segmentation.clip_seconds if segmentation else None
    return EmbeddingInput(
        kind=kind,
        model_name=model_name,
        content=content,
        source=source,
        options=options,
        scopes=given.embedding_scope or default_scopes,
        is_separate="separate_embedding" in types,
        is_fused="fused_embedding" in types,
        span=_span(content, given),
        clip_seconds=seconds or default_seconds,
        fixed_clip_seconds=seconds if segmentation and segmentation.strategy == "fixed" else None,
        notes=[(note.start, note.end, note.text) for note in given.time_based_metadata],
    )


def _defaults(kind: MediaKind, model_name: str, content: Content) -> tuple[list[str], list[str], float]:
    """Return the default options, scopes and length of clips. Marengo 3.5 finds scenes, here of equal length."""
    if kind == "image":
        return ["visual"], ["asset"], 0.0
    if kind == "document":
        is_pdf = content.filename.lower().endswith(".pdf")
        return (["visual"], ["local"], 0.0) if is_pdf else (["text"], ["asset"], 0.0)
    if model_name == "marengo3.0":
        return OPTIONS[kind], ["clip", "asset"], 4.0 if kind == "video" else 6.0
    return [name for name in OPTIONS[kind] if name != "transcription"], ["clip", "asset"], 2.0


def _span(content: Content, given: Input) -> Span:
    """Return the start and the end of the part of a file to embed.

    Raises:
        Problem: The part is not in the file.
    """
    length = content.media.duration or 0.0
    start, end = given.start_sec, length if given.end_sec is None else given.end_sec
    if not 0 <= start <= end <= length:
        raise invalid("end_sec", f"must be from start_sec to {length:g}, the file's duration; got {start:g} to {end:g}")
    return start, end


def add_task(state: State, version: int, given: EmbeddingInput) -> EmbeddingTask:
    """Create an embedding task."""
    seconds = duration(state.settings.embedding_time, given.content.filename)
    outcome = "failed" if given.content.failure("embedding") else "ready"
    stages = plan(state.now(), seconds, {"processing": 0.0}, outcome)
    task = EmbeddingTask(id=state.new_id(), stages=stages, version=version, input=given)
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
