"""Version 2 of the Embed API: embeddings of texts and files, at once and by tasks."""

from __future__ import annotations

from typing import ClassVar, Literal

import attrs

from ...media.types import MediaKind
from ..content import Content
from ..parameters import within
from ..problem import Json, invalid, missing
from ..state import EmbeddingInput, EmbeddingTask
from ..vectors import EMBEDDING_SIZE, embedding
from .analyze import count_tokens
from .embedding_tasks import (
    OPTIONS,
    Input,
    ListEmbeddingTasks,
    add_task,
    embedding_input,
    kept_tasks,
    list_tasks,
    status_json,
)
from .media import MediaSource, find_content
from .operation import Context, operation
from .tables import find

MAX_TOKENS = {"marengo3.0": 500, "marengo3.5": 2_000}
"""Most tokens of a text (docs: Create embeddings)."""
MAX_SECONDS = 600.0
"""Longest part of a file that is embedded without a task (docs: Create embeddings)."""
TIMED_SCOPES = ["clip", "local", "asset"]
SCOPES = {"audio": TIMED_SCOPES, "document": ["local", "asset"], "image": ["asset"], "video": TIMED_SCOPES}


@attrs.frozen(kw_only=True)
class CreateEmbeddings:
    """Request for embeddings. The input stands in the field that `input_type` names."""

    TYPES: ClassVar[dict[str, tuple[str, ...]]] = {
        "marengo3.0": ("text", "image", "text_image", "audio", "video", "multi_input"),
        "marengo3.5": ("multi_input",),
    }

    model_name: Literal["marengo3.0", "marengo3.5"]
    input_type: Literal["text", "image", "text_image", "audio", "video", "document", "multi_input"]
    text: Input | None = None
    image: Input | None = None
    text_image: Input | None = None
    audio: Input | None = None
    video: Input | None = None
    document: Input | None = None
    multi_input: Input | None = None
    embedding_dimension: int | None = attrs.field(default=None, validator=within(1, EMBEDDING_SIZE))
    embedding_uncertainty: bool | None = None
    auto_truncate: bool | None = None

    def __attrs_post_init__(self) -> None:
        types = self.TYPES[self.model_name]
        if self.input_type not in types:
            raise invalid(
                "input_type", f"must be one of {', '.join(types)} for {self.model_name}; got {self.input_type}"
            )
        for name in ("embedding_dimension", "embedding_uncertainty", "auto_truncate"):
            if self.model_name == "marengo3.0" and getattr(self, name) is not None:
                raise invalid(name, "requires marengo3.5")
        self._require_fields()
        self._check_choices("embedding_option", OPTIONS)
        self._check_choices("embedding_scope", SCOPES)
        self._check_segmentation()

    @property
    def input(self) -> Input:
        """Return the input."""
        return getattr(self, self.input_type) or Input()

    @property
    def source(self) -> MediaSource:
        """Return the location of the input's file."""
        if self.input.media_source is None:
            raise missing(f"{self.input_type}.media_source")
        return self.input.media_source

    def _require_fields(self) -> None:
        given = self.input
        if self.input_type in ("text", "text_image") and not given.input_text:
            raise missing(f"{self.input_type}.input_text")
        if self.input_type == "multi_input":
            if not given.input_text and not given.media_sources:
                raise missing("input_text or media_sources")
            kinds = ("image",) if self.model_name == "marengo3.0" else OPTIONS
            if any(source.media_type not in kinds for source in given.media_sources):
                raise invalid("media_type", f"must be one of {', '.join(kinds)} for {self.model_name}")

    def _check_choices(self, name: str, choices: dict[str, list[str]]) -> None:
        allowed = choices.get(self.input_type, [])
        if wrong := set(getattr(self.input, name) or ()).difference(allowed):
            raise invalid(name, f"must be some of {', '.join(allowed)} for {self.input_type}; got {', '.join(wrong)}")

    def _check_segmentation(self) -> None:
        segmentation = self.input.segmentation
        if segmentation is None:
            return
        if (segmentation.temporal is None) != (self.model_name == "marengo3.0"):
            raise invalid("segmentation", "must stand in temporal for marengo3.5, and only for marengo3.5")
        if self.input_type == "audio" and (self.model_name, segmentation.strategy) == ("marengo3.0", "dynamic"):
            raise invalid("segmentation", "must have the strategy fixed for audio with marengo3.0")


@attrs.frozen(kw_only=True)
class CreateEmbeddingTask(CreateEmbeddings):
    TYPES: ClassVar[dict[str, tuple[str, ...]]] = {
        "marengo3.0": ("audio", "video"),
        "marengo3.5": ("audio", "video", "image", "document"),
    }

    input_type: MediaKind


def vector_json(vector: list[float], *, has_uncertainty: bool) -> Json:
    shown: Json = {"embedding": vector}
    return shown | ({"embedding_uncertainty": [abs(number) for number in vector]} if has_uncertainty else {})


def dimension_json(model_name: str, size: int) -> Json:
    """Return the length of vectors, which only Marengo 3.5 shows."""
    return {"embedding_dimension": size} if model_name == "marengo3.5" else {}


def segments_json(given: EmbeddingInput) -> list[Json]:
    """Return the embeddings of a file."""
    return [
        {
            **vector_json(segment.embedding, has_uncertainty=given.has_uncertainty),
            "embedding_option": segment.option,
            "embedding_scope": segment.scope,
            **({"start_sec": segment.span[0], "end_sec": segment.span[1]} if segment.span else {}),
        }
        for segment in given.segments()
    ]


def metadata_json(given: EmbeddingInput) -> Json:
    """Return the facts of a file and the settings of its embeddings."""
    shown: Json = {
        "input_type": given.kind,
        **given.source,
        "embedding_options": given.options,
        "embedding_scopes": given.scopes,
    }
    if given.is_timed:
        start, end = given.span
        shown |= {"duration": given.content.media.duration, "start_offset_sec": start, "end_offset_sec": end}
    if given.kind == "video" and given.fixed_clip_seconds:
        shown["clip_length"] = int(given.fixed_clip_seconds)
    return shown | dimension_json(given.model_name, given.size)


def task_json(found: EmbeddingTask, now: float) -> Json:
    """Return a task."""
    status = found.status(now)
    is_ready, failure = status == "ready", found.input.content.failure("embedding")
    return {
        **status_json(found, now),
        "data": segments_json(found.input) if is_ready else None,
        "metadata": metadata_json(found.input),
        **({"error": {"message": failure}} if status == "failed" else {}),
    }


@operation("POST", "/embed-v2")
def create(context: Context, request: CreateEmbeddings) -> Json:
    if request.input_type == "audio" or request.input_type == "video":
        file = _file_input(context, request, request.input_type)
        start, end = file.span
        if end - start > MAX_SECONDS:
            raise invalid("end_sec", f"must be at most {MAX_SECONDS:g} seconds after start_sec. Create a task instead")
        return {"data": segments_json(file), "metadata": metadata_json(file)}
    size, given = request.embedding_dimension or EMBEDDING_SIZE, request.input
    contents = [find_content(context, source.media_type or "image", source) for source in given.media_sources]
    usage, words, own = _usage(request), [given.input_text, *map(_all_words, contents)], ""
    metadata: Json = {"input_type": request.input_type, **dimension_json(request.model_name, size)}
    if request.input_type == "image" or request.input_type == "text_image":
        image = find_content(context, "image", request.source)
        words.append(_all_words(image))
        own = image.filename
        metadata |= _shown_source(request.source, image)
    vector = embedding(" ".join(words), own)[:size]
    return {
        "data": [vector_json(vector, has_uncertainty=bool(request.embedding_uncertainty))],
        **({} if request.input_type == "text" else {"metadata": metadata}),
        **({"usage": usage} if request.model_name == "marengo3.5" else {}),
    }


def _usage(request: CreateEmbeddings) -> Json:
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


def _file_input(context: Context, request: CreateEmbeddings, kind: MediaKind) -> EmbeddingInput:
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
    metadata = dimension_json(file.model_name, file.size)
    return shown | ({"metadata": metadata} if metadata else {})


@operation("GET", "/embed-v2/tasks/{task_id}")
def retrieve(context: Context, task_id: str) -> Json:
    return task_json(find(kept_tasks(context.state, 2), task_id, "task", 404), context.now())
