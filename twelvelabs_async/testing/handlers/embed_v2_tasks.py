"""Version 2 of the Embed API: tasks that embed files."""

from __future__ import annotations

from typing import ClassVar

import attrs

from ...media.types import MediaKind
from ...options import EMBED_CATEGORIES
from ..problem import Json, invalid
from ..state import EmbeddingInput, EmbeddingTask
from .documents import read_document
from .embed_v2 import (
    TOKENS,
    CreateEmbeddings,
    dimension_json,
    find_file,
    metadata_json,
    request_file,
    segments_json,
    shown_source,
)
from .embedding_inputs import document_input
from .embedding_tasks import ListEmbeddingTasks, add_task, kept_tasks, list_tasks, status_json
from .operation import Context, operation
from .tables import find

PAGES_PER_MEGABYTE = 64
"""Pages of a PDF for each megabyte of its size (docs: Create an async embedding task)."""


@attrs.frozen(kw_only=True)
class CreateEmbeddingTask(CreateEmbeddings):
    TYPES: ClassVar[dict[str, tuple[str, ...]]] = {
        "marengo3.0": ("audio", "video"),
        "marengo3.5": ("audio", "video", "image", "document"),
    }

    input_type: MediaKind


def task_json(found: EmbeddingTask, now: float) -> Json:
    """Return a task."""
    status, given = found.status(now), found.input
    shown: Json = {**status_json(found, now), "data": None, "metadata": metadata_json(given)}
    if status == "ready":
        shown["data"] = segments_json(given)
        if given.model_name == "marengo3.5":
            shown["usage"] = {"input_tokens": _file_tokens(given), "truncated": False}
    if status == "failed":
        shown["error"] = {"message": found.failure}
    return shown


def _file_tokens(given: EmbeddingInput) -> Json:
    """Return the tokens of a file."""
    start, end = given.span
    amount = {"image": 1.0, "document": max(1, len(given.parts))}.get(given.kind, end - start)
    return {given.kind: round(TOKENS[given.kind] * amount)}


@operation("GET", "/embed-v2/tasks")
def list_(context: Context, request: ListEmbeddingTasks) -> Json:
    return list_tasks(context, request, 2)


@operation("POST", "/embed-v2/tasks", status=202)
def create_task(context: Context, request: CreateEmbeddingTask) -> Json:
    failure = None
    if request.input_type == "document":
        content = find_file(context, "document", request.source)
        document = read_document(context, request.source, content)
        file = document_input(content, document, shown_source(request.source, content), request.input)
        per_page = len(file.parts) // max(1, document.pages)
        failure = document.excess(PAGES_PER_MEGABYTE, embeddings_per_page=per_page)
        file = attrs.evolve(file, size=request.size, has_uncertainty=request.embedding_uncertainty)
        has_no_uncertainty = document.is_pdf or "asset" in file.scopes
    else:
        file = request_file(context, request, request.input_type)
        has_no_uncertainty = file.is_timed and "asset" in file.scopes
    if request.embedding_uncertainty and has_no_uncertainty:
        raise invalid("embedding_uncertainty", "must be absent for the scope asset, and for PDFs")
    if file.is_timed:
        start, end = file.span
        context.rate_limits.charge(EMBED_CATEGORIES[request.input_type], "duration", end - start)
    shown: Json = {"_id": add_task(context.state, 2, file, failure).id, "status": "processing", "data": None}
    metadata = dimension_json(file.model_name, file.size)
    return shown | ({"metadata": metadata} if metadata else {})


@operation("GET", "/embed-v2/tasks/{task_id}")
def retrieve(context: Context, task_id: str) -> Json:
    return task_json(find(kept_tasks(context.state, 2), task_id, "task", 404), context.now())
