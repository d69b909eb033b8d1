"""JSON of embeddings and embedding tasks, as both versions of the Embed API show them."""

from __future__ import annotations

from ..clock import rfc3339
from ..content import embedding
from ..problem import Json
from ..state import EmbeddedSegment, EmbeddingInput, EmbeddingTask


def vector(words: str, size: int, *, has_uncertainty: bool) -> Json:
    shown: Json = {"embedding": embedding(words, size)}
    return shown | ({"embedding_uncertainty": [1 / (1 + len(words))] * size} if has_uncertainty else {})


def dimension(model_name: str, size: int) -> Json:
    """Return the length of vectors, which only Marengo 3.5 shows."""
    return {"embedding_dimension": size} if model_name == "marengo3.5" else {}


def segments(given: EmbeddingInput) -> list[Json]:
    """Return the embeddings of a file (version 2)."""
    return [
        {
            **vector(segment.words, given.size, has_uncertainty=given.has_uncertainty),
            "embedding_option": segment.option,
            "embedding_scope": segment.scope,
            **({"start_sec": segment.span[0], "end_sec": segment.span[1]} if segment.span else {}),
        }
        for segment in given.segments()
    ]


def metadata(given: EmbeddingInput) -> Json:
    """Return the facts of a file and the settings of its embeddings (version 2)."""
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
    return shown | dimension(given.model_name, given.size)


def task(found: EmbeddingTask, now: float) -> Json:
    """Return a task (version 2)."""
    status = found.status(now)
    is_ready, failure = status == "ready", found.input.content.failure("embedding")
    return {
        **_status(found, now),
        "data": segments(found.input) if is_ready else None,
        "metadata": metadata(found.input),
        **({"error": {"message": failure}} if status == "failed" else {}),
    }


def _status(found: EmbeddingTask, now: float) -> Json:
    times = {"created_at": rfc3339(found.created_at), "updated_at": rfc3339(found.updated_at(now))}
    return {"_id": found.id, "status": found.status(now), **times}


def segment_v1(segment: EmbeddedSegment) -> Json:
    return {
        "float": embedding(segment.words),
        "embedding_option": segment.option,
        "embedding_scope": segment.scope.replace("asset", "video"),
        **_offsets(segment),
    }


def file_v1(given: EmbeddingInput) -> Json:
    """Return the embeddings of an image or an audio file (version 1)."""
    segments = [{"float": embedding(segment.words), **_offsets(segment)} for segment in given.segments()]
    return {"segments": segments, "metadata": given.source}


def _offsets(segment: EmbeddedSegment) -> Json:
    return {"start_offset_sec": segment.span[0], "end_offset_sec": segment.span[1]} if segment.span else {}


def task_v1(found: EmbeddingTask, now: float) -> Json:
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
    return {**_status(found, now), "model_name": given.model_name, f"{given.kind}_embedding": {"metadata": shown}}
