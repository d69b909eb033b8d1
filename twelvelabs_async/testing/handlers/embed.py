"""Both versions of the Embed API: embeddings of texts and files, at once and by tasks."""

from __future__ import annotations

import attrs

from ...media.headers import read_media
from ..content import EMBEDDING_SIZE, Content, Kind, complete, embedding
from ..converter import UploadedFile
from ..problem import Json, invalid
from ..requests import embed as requests
from ..requests.media import MediaSource
from ..state import EmbeddingInput
from ..views import embed as views
from .analyze import count_tokens
from .embedding_tasks import add_task, embedding_input, kept_tasks, list_tasks
from .media import find_content
from .operation import Context, operation
from .tables import find

MAX_FILE_BYTES = 2 * 1000**3
"""Largest file of a form (docs: Create embeddings)."""
MODEL_NAME_V1 = "marengo3.0"
MAX_TOKENS = {"marengo3.0": 500, "marengo3.5": 2_000}
"""Most tokens of a text (docs: Create embeddings)."""
MAX_SECONDS = 600.0
"""Longest part of a file that is embedded without a task (docs: Create embeddings)."""


@operation("POST", "/embed", max_file_bytes=MAX_FILE_BYTES)
def create(context: Context, request: requests.CreateEmbedding) -> Json:
    shown: Json = {"model_name": MODEL_NAME_V1}
    if request.text:
        shown["text_embedding"] = {"segments": [{"float": embedding(request.text)}]}
    if request.image_file or request.image_url:
        image = _form_input(context, "image", request.image_file, request.image_url, requests.Input())
        shown["image_embedding"] = views.file_v1(image)
    if request.audio_file or request.audio_url:
        settings = requests.Input(
            start_sec=request.audio_start_offset_sec, embedding_scope=["clip"], embedding_type=["fused_embedding"]
        )
        audio = _form_input(context, "audio", request.audio_file, request.audio_url, settings)
        shown["audio_embedding"] = views.file_v1(audio)
    return shown


def _form_input(
    context: Context, kind: Kind, file: UploadedFile | None, url: str | None, settings: requests.Input
) -> EmbeddingInput:
    """Return the file of a form, or else of a URL, with the settings of its embeddings."""
    if file is None:
        content, source = find_content(context, kind, MediaSource(url=url)), {"input_url": url}
    else:
        with file.path.open("rb") as opened:
            media = complete(read_media(opened), kind, file.name)
        file.path.unlink()
        content, source = Content(file.name, media, context.state.script(file.name)), {"input_filename": file.name}
    return embedding_input(kind, MODEL_NAME_V1, content, source, settings)


@operation("POST", "/embed/tasks", max_file_bytes=MAX_FILE_BYTES)
def create_task(context: Context, request: requests.CreateVideoEmbeddingTask) -> Json:
    settings = requests.Input(
        start_sec=request.video_start_offset_sec or 0.0,
        end_sec=request.video_end_offset_sec,
        segmentation=requests.Segmentation(
            strategy="fixed", fixed=requests.Clips(duration_sec=request.video_clip_length)
        ),
        embedding_scope=["asset" if scope == "video" else scope for scope in request.video_embedding_scope],
    )
    video = _form_input(context, "video", request.video_file, request.video_url, settings)
    return {"_id": add_task(context.state, 1, video).id}


@operation("GET", "/embed/tasks")
def list_(context: Context, request: requests.ListEmbeddingTasks) -> Json:
    return list_tasks(context, request, 1)


@operation("GET", "/embed/tasks/{task_id}/status")
def retrieve_status(context: Context, task_id: str) -> Json:
    shown = views.task_v1(find(kept_tasks(context.state, 1), task_id, "task"), context.now())
    return {name: shown[name] for name in ("_id", "status", "model_name", "video_embedding")}


@operation("GET", "/embed/tasks/{task_id}")
def retrieve(context: Context, request: requests.RetrieveVideoEmbeddingTask, task_id: str) -> Json:
    task = find(kept_tasks(context.state, 1), task_id, "task")
    shown = views.task_v1(task, context.now())
    if shown["status"] == "ready":
        segments = (one for one in task.input.segments() if one.option in request.embedding_option)
        shown["video_embedding"]["segments"] = [views.segment_v1(segment) for segment in segments]
    return shown


@operation("POST", "/embed-v2")
def create_v2(context: Context, request: requests.CreateEmbeddingsV2) -> Json:
    if request.input_type == "audio" or request.input_type == "video":
        file = _file_input(context, request, request.input_type)
        start, end = file.span
        if end - start > MAX_SECONDS:
            raise invalid("end_sec", f"must be at most {MAX_SECONDS:g} seconds after start_sec. Create a task instead")
        return {"data": views.segments(file), "metadata": views.metadata(file)}
    size, given = request.embedding_dimension or EMBEDDING_SIZE, request.input
    contents = [find_content(context, source.media_type or "image", source) for source in given.media_sources]
    usage, words = _usage(request), [given.input_text, *map(_all_words, contents)]
    metadata: Json = {"input_type": request.input_type, **views.dimension(request.model_name, size)}
    if request.input_type == "image" or request.input_type == "text_image":
        image = find_content(context, "image", request.source)
        words.append(_all_words(image))
        metadata |= _shown_source(request.source, image)
    return {
        "data": [views.vector(" ".join(words), size, has_uncertainty=bool(request.embedding_uncertainty))],
        **({} if request.input_type == "text" else {"metadata": metadata}),
        **({"usage": usage} if request.model_name == "marengo3.5" else {}),
    }


def _usage(request: requests.CreateEmbeddingsV2) -> Json:
    """Return the number of tokens of a request's text.

    Raises:
        Problem: The text is too long and must not be truncated.
    """
    tokens, limit = count_tokens(request.input.input_text), MAX_TOKENS[request.model_name]
    usage: Json = {"input_tokens": {"text": tokens}, "truncated": tokens > limit}
    if tokens <= limit:
        return usage
    if not request.auto_truncate:
        raise invalid("input_text", f"must have at most {limit} tokens; got {tokens}")
    return usage | {"truncation_reason": "model_context_window"}


def _all_words(content: Content) -> str:
    return " ".join(content.perceive(0.0, content.media.duration or 0.0).values())


def _shown_source(source: MediaSource, content: Content) -> Json:
    """Return the location of a file as responses show it."""
    return {"input_url": source.url} if source.url else {"input_filename": content.filename}


def _file_input(context: Context, request: requests.CreateEmbeddingsV2, kind: Kind) -> EmbeddingInput:
    """Return the file of a request, with the settings of its embeddings."""
    content = find_content(context, kind, request.source)
    source = _shown_source(request.source, content)
    return attrs.evolve(
        embedding_input(kind, request.model_name, content, source, request.input),
        size=request.embedding_dimension or EMBEDDING_SIZE,
        has_uncertainty=bool(request.embedding_uncertainty),
    )


@operation("GET", "/embed-v2/tasks")
def list_v2(context: Context, request: requests.ListEmbeddingTasks) -> Json:
    return list_tasks(context, request, 2)


@operation("POST", "/embed-v2/tasks", status=202)
def create_task_v2(context: Context, request: requests.CreateEmbeddingTaskV2) -> Json:
    file = _file_input(context, request, request.input_type)
    if file.has_uncertainty and file.kind != "image" and "asset" in file.scopes:
        raise invalid("embedding_uncertainty", "must be absent for the scope asset")
    shown: Json = {"_id": add_task(context.state, 2, file).id, "status": "processing", "data": None}
    metadata = views.dimension(file.model_name, file.size)
    return shown | ({"metadata": metadata} if metadata else {})


@operation("GET", "/embed-v2/tasks/{task_id}")
def retrieve_v2(context: Context, task_id: str) -> Json:
    return views.task(find(kept_tasks(context.state, 2), task_id, "task", 404), context.now())
