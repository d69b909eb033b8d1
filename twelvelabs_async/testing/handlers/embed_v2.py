"""Embed API, version 2: embeddings of all kinds of input, at once and by tasks."""

from __future__ import annotations

import attrs

from ..content import EMBEDDING_SIZE, Content, Kind
from ..problem import Json, invalid
from ..requests.embed import ListEmbeddingTasks, OneEmbeddingTask
from ..requests.embed_v2 import (
    AudioInput,
    CreateEmbeddingTask,
    DocumentInput,
    DynamicClips,
    Embed,
    EmbedBase,
    FileInput,
    FixedClips,
    ImageInput,
    MultiInput,
    TextImageInput,
    TextInput,
    TimedInput,
    VideoInput,
)
from ..requests.media import MediaSource
from ..state import EmbeddingInput
from ..views import embed as views
from .analyze import count_tokens
from .embed import add_task, find_span, kept_tasks, list_tasks
from .media import find_content
from .operation import Context, operation
from .tables import find

MAX_TOKENS = {"marengo3.0": 500, "marengo3.5": 2_000}
"""Most tokens of a text (docs: Create embeddings)."""
MAX_SECONDS = 600.0
"""Longest part of a file that is embedded without a task (docs: Create embeddings)."""
DEFAULT_CLIP_SECONDS: dict[tuple[str, Kind], float] = {
    ("marengo3.0", "audio"): 6.0,
    ("marengo3.0", "video"): 4.0,
    ("marengo3.5", "audio"): 2.0,
    ("marengo3.5", "video"): 2.0,
}


@operation("POST", "/embed-v2")
def create(context: Context, request: Embed) -> Json:
    given = request.input
    if isinstance(given, AudioInput | VideoInput):
        file = _file_input(context, request, "video" if isinstance(given, VideoInput) else "audio", given)
        start, end = file.span
        if end - start > MAX_SECONDS:
            raise invalid("end_sec", f"must be at most {MAX_SECONDS:g} seconds after start_sec. Create a task instead")
        return {"data": views.segments(file), "metadata": views.metadata(file)}
    size = request.embedding_dimension or EMBEDDING_SIZE
    words = given.input_text if isinstance(given, TextInput | MultiInput) else ""
    usage, metadata = (
        _usage(request, words),
        {"input_type": request.input_type, **views.dimension(request.model_name, size)},
    )
    if isinstance(given, ImageInput | TextImageInput):
        content = find_content(context, "image", given.media_source)
        words, metadata = f"{words} {_all_words(content)}", metadata | _shown_source(given.media_source, content)
    if isinstance(given, MultiInput):
        contents = [find_content(context, source.media_type or "image", source) for source in given.media_sources]
        words = " ".join([words, *map(_all_words, contents)])
    return {
        "data": [views.vector(words, size, has_uncertainty=bool(request.embedding_uncertainty))],
        **({} if request.input_type == "text" else {"metadata": metadata}),
        **({"usage": usage} if request.model_name == "marengo3.5" else {}),
    }


def _usage(request: Embed, text: str) -> Json:
    """Return the tokens of a text.

    Raises:
        Problem: The text is too long and must not be truncated.
    """
    tokens, limit = count_tokens(text), MAX_TOKENS[request.model_name]
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


def _file_input(context: Context, request: EmbedBase, kind: Kind, given: FileInput) -> EmbeddingInput:
    """Return a file and the settings of its embeddings, with the defaults of the model.

    Raises:
        Problem: The file is unknown, or the settings do not fit it.
    """
    content = find_content(context, kind, given.media_source)
    default_options, default_scopes = _defaults(given, request.model_name, content)
    options, types = given.embedding_option or default_options, given.embedding_type or ["separate_embedding"]
    if "fused_embedding" in types and len(options) == 1:
        raise invalid("embedding_type", "must not have fused_embedding for a single embedding_option")
    file = EmbeddingInput(
        kind=kind,
        model_name=request.model_name,
        content=content,
        source=_shown_source(given.media_source, content),
        options=options,
        scopes=given.embedding_scope or default_scopes,
        is_separate="separate_embedding" in types,
        is_fused="fused_embedding" in types,
        size=request.embedding_dimension or EMBEDDING_SIZE,
        has_uncertainty=bool(request.embedding_uncertainty),
    )
    return _with_clips(file, given) if isinstance(given, TimedInput) else file


def _defaults(given: FileInput, model_name: str, content: Content) -> tuple[list[str], list[str]]:
    """Return the default options and scopes."""
    match given:
        case ImageInput():
            return ["visual"], ["asset"]
        case DocumentInput():
            is_pdf = content.filename.lower().endswith(".pdf")
            return (["visual"], ["local"]) if is_pdf else (["text"], ["asset"])
        case AudioInput():
            options = ["audio"]
        case VideoInput():
            options = ["visual", "audio"]
    return [*options, "transcription"] if model_name == "marengo3.0" else options, ["clip", "asset"]


def _with_clips(file: EmbeddingInput, given: TimedInput) -> EmbeddingInput:
    """Set the part of a file to embed and the length of its clips. The emulator has no scenes to cut at."""
    clips = given.segmentation and given.segmentation.clips
    fixed_seconds = clips.duration_sec if isinstance(clips, FixedClips) else None
    if isinstance(clips, DynamicClips):
        seconds = float(clips.min_duration_sec)
    else:
        seconds = fixed_seconds or DEFAULT_CLIP_SECONDS[file.model_name, file.kind]
    return attrs.evolve(
        file,
        clip_seconds=seconds,
        fixed_clip_seconds=fixed_seconds,
        notes=[(note.start, note.end, note.text) for note in given.time_based_metadata or ()],
        span=find_span(file.content, given.start_sec, given.end_sec),
    )


@operation("GET", "/embed-v2/tasks")
def list_(context: Context, request: ListEmbeddingTasks) -> Json:
    return list_tasks(context, request, 2)


@operation("POST", "/embed-v2/tasks", status=202)
def create_task(context: Context, request: CreateEmbeddingTask) -> Json:
    file = _file_input(context, request, request.input_type, request.input)
    if file.has_uncertainty and file.kind != "image" and "asset" in file.scopes:
        raise invalid("embedding_uncertainty", "must be absent for the scope asset")
    shown: Json = {"_id": add_task(context.state, 2, file).id, "status": "processing", "data": None}
    metadata = views.dimension(file.model_name, file.size)
    return shown | ({"metadata": metadata} if metadata else {})


@operation("GET", "/embed-v2/tasks/{task_id}")
def retrieve(context: Context, request: OneEmbeddingTask) -> Json:
    return views.task(find(kept_tasks(context.state, 2), request.task_id, "task", 404), context.now())
