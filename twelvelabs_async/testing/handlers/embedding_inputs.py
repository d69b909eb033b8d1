"""Files to embed: the settings that requests of both versions of the Embed API have, with their rules."""

from __future__ import annotations

import math
from itertools import product
from typing import Literal

import attrs

from ...media.types import MediaKind
from ..content import Content, Span
from ..converter import Mismatch
from ..parameters import within
from ..problem import Json, invalid, missing
from ..state import EmbeddingInput
from .documents import Document
from .media import MediaSource, NamedSource, referenced_names

EmbeddingModel = Literal["marengo3.0", "marengo3.5"]
EmbeddingType = Literal["separate_embedding", "fused_embedding"]

OPTIONS: dict[tuple[MediaKind, EmbeddingModel], list[str]] = {
    ("audio", "marengo3.0"): ["audio", "transcription"],
    ("audio", "marengo3.5"): ["audio"],
    ("image", "marengo3.0"): ["visual"],
    ("image", "marengo3.5"): ["visual"],
    ("video", "marengo3.0"): ["visual", "audio", "transcription"],
    ("video", "marengo3.5"): ["visual", "audio"],
}
"""Choices of `embedding_option`, all of which are the default (docs: Create an async embedding task)."""
SCOPES: dict[EmbeddingModel, list[str]] = {
    "marengo3.0": ["clip", "asset"],
    "marengo3.5": ["clip", "local", "asset"],
}
"""Choices of `embedding_scope` for audio and video."""
DOCUMENT_PAIRS = {
    True: [("visual", "local"), ("visual", "asset"), ("text", "asset")],
    False: [("text", "asset"), ("text", "local")],
}
"""Choices of option and scope for PDFs (true) and texts (docs: Create an async embedding task)."""
DOCUMENT_DEFAULTS = {True: (["visual"], ["local"]), False: (["text"], ["asset"])}
CLIP_SECONDS: dict[tuple[MediaKind, EmbeddingModel], float] = {
    ("audio", "marengo3.0"): 6.0,
    ("audio", "marengo3.5"): 2.0,
    ("video", "marengo3.0"): 4.0,
    ("video", "marengo3.5"): 2.0,
}
"""Default length of clips. Dynamic clips follow scenes, here of that length."""


@attrs.frozen(kw_only=True)
class Clips:
    duration_sec: int | None = attrs.field(default=None, validator=within(2, 10))
    min_duration_sec: int | None = attrs.field(default=None, validator=within(2, 5))


@attrs.frozen(kw_only=True)
class Pages:
    """Division of a PDF."""

    strategy: Literal["standard", "quadrants"] = "standard"


@attrs.frozen(kw_only=True)
class Chunks:
    """Division of a text."""

    strategy: Literal["sentence"]
    max_sentences: int = attrs.field(validator=within(1, 2**31 - 1))
    overlap_sentences: int = attrs.field(default=0, validator=within(0, 2**31 - 1))

    def __attrs_post_init__(self) -> None:
        if self.overlap_sentences >= self.max_sentences:
            raise invalid("overlap_sentences", f"must be less than max_sentences; got {self.overlap_sentences}")


@attrs.frozen(kw_only=True)
class Segmentation:
    """Division of a file: into clips, which Marengo 3.5 takes in `temporal`, pages or chunks."""

    strategy: Literal["fixed", "dynamic"] | None = None
    fixed: Clips | None = None
    dynamic: Clips | None = None
    temporal: Segmentation | None = None
    spatial: Pages | None = None
    sequential: Chunks | None = None

    def __attrs_post_init__(self) -> None:
        if not (self.temporal or self.spatial or self.sequential or (self.strategy and self.clip_seconds)):
            raise Mismatch(
                "must have a strategy with the duration of clips in fixed or dynamic, or spatial or sequential"
            )

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

    def __attrs_post_init__(self) -> None:
        if self.end < self.start:
            raise invalid("time_based_metadata.end", f"must be at least start; got {self.start:g} to {self.end:g}")


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
        for name in sorted(referenced_names(self.input_text) - {source.name for source in self.media_sources}):
            raise invalid("input_text", f"must name sources of media_sources; {name!r} is none")

    @property
    def types(self) -> list[EmbeddingType]:
        """Return the types of embeddings."""
        return self.embedding_type or ["separate_embedding"]


def file_input(
    kind: MediaKind, model_name: EmbeddingModel, content: Content, source: Json, given: Input
) -> EmbeddingInput:
    """Return a file that is no document and the settings of its embeddings, with the defaults of the model.

    Args:
        source: URL or name of the file, as responses show it.

    Raises:
        Problem: The settings do not fit the file or the model.
    """
    options = _chosen("embedding_option", given.embedding_option, OPTIONS[kind, model_name], model_name)
    scopes = ["asset"] if kind == "image" else SCOPES[model_name]
    default_scopes = [scope for scope in scopes if scope != "local"]
    chosen_scopes = _chosen("embedding_scope", given.embedding_scope, scopes, model_name, default_scopes)
    _check_types(kind, model_name, options, given)
    clips = _clips(kind, model_name, given.segmentation)
    seconds = clips.clip_seconds if clips else None
    return EmbeddingInput(
        kind=kind,
        model_name=model_name,
        content=content,
        source=source,
        options=options,
        scopes=chosen_scopes,
        is_separate="separate_embedding" in given.types,
        is_fused="fused_embedding" in given.types,
        span=(0.0, 0.0) if kind == "image" else _span(content, given),
        clip_seconds=seconds or CLIP_SECONDS.get((kind, model_name), 0.0),
        fixed_clip_seconds=seconds if clips and clips.strategy == "fixed" else None,
        notes=[(note.start, note.end, note.text) for note in given.time_based_metadata],
    )


def document_input(content: Content, document: Document, source: Json, given: Input) -> EmbeddingInput:
    """Return a document and the settings of its embeddings.

    Raises:
        Problem: The settings do not fit the document.
    """
    kind, pairs = "PDF" if document.is_pdf else "text", DOCUMENT_PAIRS[document.is_pdf]
    default_options, default_scopes = DOCUMENT_DEFAULTS[document.is_pdf]
    options, scopes = given.embedding_option or default_options, given.embedding_scope or default_scopes
    for pair in product(options, scopes):
        if pair not in pairs:
            allowed = ", ".join("+".join(pair) for pair in pairs)
            raise invalid("embedding_option", f"must be, with embedding_scope, one of {allowed}; got {'+'.join(pair)}")
    if "fused_embedding" in given.types:
        raise invalid("embedding_type", "must be separate_embedding for a document")
    segmentation = given.segmentation or Segmentation(spatial=Pages())
    spatial, sequential = segmentation.spatial, segmentation.sequential
    if given.segmentation and (sequential if document.is_pdf else spatial):
        raise invalid("segmentation", f"must be {'spatial' if document.is_pdf else 'sequential'} for a {kind}")
    if given.segmentation and "local" not in scopes:
        raise invalid("segmentation", "requires the embedding_scope local")
    if "local" in scopes and not document.is_pdf and sequential is None:
        raise missing("segmentation.sequential")
    if sequential:
        parts = document.chunk_parts(sequential.max_sentences, sequential.overlap_sentences)
    else:
        parts = document.page_parts(has_quadrants=spatial is not None and spatial.strategy == "quadrants")
    return EmbeddingInput(
        kind="document",
        model_name="marengo3.5",
        content=content,
        source=source,
        options=options,
        scopes=scopes,
        parts=parts,
    )


def _chosen(
    name: str, given: list[str] | None, choices: list[str], model_name: str, default: list[str] | None = None
) -> list[str]:
    """Return the values of a parameter, or else its default."""
    if wrong := [value for value in given or () if value not in choices]:
        raise invalid(name, f"must be some of {', '.join(choices)} for {model_name}; got {', '.join(wrong)}")
    return given or default or choices


def _check_types(kind: MediaKind, model_name: EmbeddingModel, options: list[str], given: Input) -> None:
    """Check that there is something to fuse."""
    is_fused = "fused_embedding" in given.types
    if kind == "image" and is_fused:
        raise invalid("embedding_type", "must be separate_embedding for an image")
    if model_name == "marengo3.0" and given.time_based_metadata:
        raise invalid("time_based_metadata", "requires marengo3.5")
    if model_name == "marengo3.0" and is_fused and len(options) == 1:
        raise invalid("embedding_type", "must not have fused_embedding for a single embedding_option")
    if model_name == "marengo3.5" and is_fused != bool(given.time_based_metadata):
        raise invalid("embedding_type", "must have fused_embedding with time_based_metadata, and only with it")


def _clips(kind: MediaKind, model_name: EmbeddingModel, segmentation: Segmentation | None) -> Segmentation | None:
    """Return the division into clips, in the form that the model takes."""
    if segmentation is None:
        return None
    if segmentation.spatial or segmentation.sequential:
        raise invalid("segmentation", f"must be temporal for {kind}")
    if (segmentation.temporal is None) != (model_name == "marengo3.0"):
        raise invalid("segmentation", "must stand in temporal for marengo3.5, and only for marengo3.5")
    if (kind, model_name, segmentation.strategy) == ("audio", "marengo3.0", "dynamic"):
        raise invalid("segmentation", "must have the strategy fixed for audio with marengo3.0")
    return segmentation.temporal or segmentation


def _span(content: Content, given: Input) -> Span:
    """Return the start and the end of the part of a file to embed.

    Raises:
        Problem: The part is not in the file.
    """
    length = content.media.duration or 0.0
    start, end = given.start_sec, length if given.end_sec is None else given.end_sec
    if not 0 <= start < end <= length:
        raise invalid("end_sec", f"must be after start_sec and within {length:g} seconds; got {start:g} to {end:g}")
    return start, end
