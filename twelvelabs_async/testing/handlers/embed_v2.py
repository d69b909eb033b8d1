"""Embed API, version 2: embeddings of all types of input, at once and by tasks."""

from __future__ import annotations

import attrs

from ..content import EMBEDDING_SIZE, Content, Kind
from ..problem import Json, invalid
from ..requests.embed import ListEmbeddingTasks, OneEmbeddingTask
from ..requests.embed_v2 import CreateEmbeddingTask, Embed
from ..requests.media import MediaSource
from ..state import EmbeddingInput
from ..views import embed as views
from .analyze import count_tokens
from .embedding_tasks import add_task, embedding_input, kept_tasks, list_tasks
from .media import find_content
from .operation import Context, operation
from .tables import find

MAX_TOKENS = {"marengo3.0": 500, "marengo3.5": 2_000}
"""Most tokens of a text (docs: Create embeddings)."""
MAX_SECONDS = 600.0
"""Longest part of a file that is embedded without a task (docs: Create embeddings)."""


@operation("POST", "/embed-v2")
def create(context: Context, request: Embed) -> Json:
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


def _usage(request: Embed) -> Json:
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


def _file_input(context: Context, request: Embed, kind: Kind) -> EmbeddingInput:
    """Return the file of a request, with the settings of its embeddings."""
    content = find_content(context, kind, request.source)
    source = _shown_source(request.source, content)
    return attrs.evolve(
        embedding_input(kind, request.model_name, content, source, request.input),
        size=request.embedding_dimension or EMBEDDING_SIZE,
        has_uncertainty=bool(request.embedding_uncertainty),
    )


@operation("GET", "/embed-v2/tasks")
def list_(context: Context, request: ListEmbeddingTasks) -> Json:
    return list_tasks(context, request, 2)


@operation("POST", "/embed-v2/tasks", status=202)
def create_task(context: Context, request: CreateEmbeddingTask) -> Json:
    file = _file_input(context, request, request.input_type)
    if file.has_uncertainty and file.kind != "image" and "asset" in file.scopes:
        raise invalid("embedding_uncertainty", "must be absent for the scope asset")
    shown: Json = {"_id": add_task(context.state, 2, file).id, "status": "processing", "data": None}
    metadata = views.dimension(file.model_name, file.size)
    return shown | ({"metadata": metadata} if metadata else {})


@operation("GET", "/embed-v2/tasks/{task_id}")
def retrieve(context: Context, request: OneEmbeddingTask) -> Json:
    return views.task(find(kept_tasks(context.state, 2), request.task_id, "task", 404), context.now())
