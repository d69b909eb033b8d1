"""Embed API, version 1: embeddings of a text, an image and an audio file, and tasks for videos."""

from __future__ import annotations

from ...media.headers import read_media
from ..clock import plan
from ..content import Content, Kind, complete, embedding
from ..converter import UploadedFile
from ..problem import Json, invalid
from ..requests.embed import (
    CreateEmbedding,
    CreateVideoEmbeddingTask,
    ListEmbeddingTasks,
    OneEmbeddingTask,
    RetrieveVideoEmbeddingTask,
)
from ..requests.media import MediaSource
from ..state import EmbeddingInput, EmbeddingTask, State, duration
from ..state.embed import EMBEDDING_LIFETIME_SECONDS, Span
from ..views import embed as views
from ..views.page import page
from .media import find_content
from .operation import Context, operation
from .tables import find

MAX_FILE_BYTES = 2 * 1000**3
"""Largest file (docs: Create embeddings)."""


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
    now = context.now()
    found = [
        task
        for task in reversed(kept_tasks(context.state, version).values())
        if request.started_at < task.created_at
        and (request.ended_at is None or task.created_at < request.ended_at)
        and request.status in (None, task.status(now))
    ]
    return page(request, found, lambda task: views.task_v1(task, now))


def find_span(content: Content, start: float, end: float | None) -> Span:
    """Return the start and the end of the part of a file to embed.

    Raises:
        Problem: The part is not in the file.
    """
    length = content.media.duration or 0.0
    if start > length:
        raise invalid("start_sec", f"must be at most {length:g}, the file's duration; got {start:g}")
    if end is not None and not start <= end <= length:
        raise invalid("end_sec", f"must be from {start:g} to {length:g}; got {end:g}")
    return start, length if end is None else end


def _form_content(context: Context, kind: Kind, file: UploadedFile | None, url: str | None) -> tuple[Content, Json]:
    """Return a file of a form, or else of a URL, and its name as responses show it."""
    if file is None:
        return find_content(context, kind, MediaSource(url=url)), {"input_url": url}
    with file.path.open("rb") as opened:
        media = complete(read_media(opened), kind, file.name)
    file.path.unlink()
    return Content(file.name, media, context.state.script(file.name)), {"input_filename": file.name}


@operation("POST", "/embed", max_file_bytes=MAX_FILE_BYTES)
def create(context: Context, request: CreateEmbedding) -> Json:
    shown: Json = {"model_name": request.model_name}
    if request.text:
        shown["text_embedding"] = {"segments": [{"float": embedding(request.text)}]}
    if request.image_file or request.image_url:
        content, source = _form_content(context, "image", request.image_file, request.image_url)
        given = EmbeddingInput(
            kind="image",
            model_name=request.model_name,
            content=content,
            source=source,
            options=["visual"],
            scopes=["asset"],
        )
        shown["image_embedding"] = views.file_v1(given)
    if request.audio_file or request.audio_url:
        content, source = _form_content(context, "audio", request.audio_file, request.audio_url)
        given = EmbeddingInput(
            kind="audio",
            model_name=request.model_name,
            content=content,
            source=source,
            options=["audio", "transcription"],
            scopes=["clip"],
            is_separate=False,
            is_fused=True,
            span=find_span(content, request.audio_start_offset_sec, None),
        )
        shown["audio_embedding"] = views.file_v1(given)
    return shown


@operation("POST", "/embed/tasks", max_file_bytes=MAX_FILE_BYTES)
def create_task(context: Context, request: CreateVideoEmbeddingTask) -> Json:
    content, source = _form_content(context, "video", request.video_file, request.video_url)
    scopes = request.video_embedding_scope or ["clip"]
    given = EmbeddingInput(
        kind="video",
        model_name=request.model_name,
        content=content,
        source=source,
        options=["visual", "audio", "transcription"],
        scopes=["asset" if scope == "video" else scope for scope in scopes],
        clip_seconds=request.video_clip_length,
        fixed_clip_seconds=request.video_clip_length,
        span=find_span(content, request.video_start_offset_sec or 0.0, request.video_end_offset_sec),
    )
    return {"_id": add_task(context.state, 1, given).id}


@operation("GET", "/embed/tasks")
def list_(context: Context, request: ListEmbeddingTasks) -> Json:
    return list_tasks(context, request, 1)


@operation("GET", "/embed/tasks/{task_id}/status")
def retrieve_status(context: Context, request: OneEmbeddingTask) -> Json:
    shown = views.task_v1(find(kept_tasks(context.state, 1), request.task_id, "task"), context.now())
    return {name: shown[name] for name in ("_id", "status", "model_name", "video_embedding")}


@operation("GET", "/embed/tasks/{task_id}")
def retrieve(context: Context, request: RetrieveVideoEmbeddingTask) -> Json:
    task = find(kept_tasks(context.state, 1), request.task_id, "task")
    shown = views.task_v1(task, context.now())
    if shown["status"] == "ready":
        shown["video_embedding"]["segments"] = [
            views.segment_v1(segment)
            for segment in task.input.segments()
            if request.embedding_option is None or segment.option in request.embedding_option
        ]
    return shown
