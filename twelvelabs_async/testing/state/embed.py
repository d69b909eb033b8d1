"""Files to embed, and embedding tasks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, product
from typing import Any

import attrs

from ...media.types import MediaKind
from ..clock import Job
from ..content import CLIP_SECONDS, Content, Segment, Span
from ..vectors import EMBEDDING_SIZE

EMBEDDING_LIFETIME_SECONDS = 7 * 86_400.0
"""Lifetime of an embedding task (docs: Create embeddings)."""


@attrs.frozen(kw_only=True)
class EmbeddedSegment:
    """Part of a file with an embedding of its own.

    Attributes:
        span: Start and end in seconds; `None` for images and documents.
        place: Place in a document, as responses show it.
    """

    embedding: list[float]
    option: str
    scope: str
    span: Span | None = None
    place: Mapping[str, Any] = attrs.field(factory=dict[str, Any])


@attrs.frozen
class DocumentPart:
    """Page, quarter of a page, or chunk of a document.

    Attributes:
        place: Numbers of pages or of the chunk, as responses show them.
    """

    scope: str
    words: str
    place: Mapping[str, Any]


@attrs.frozen(kw_only=True)
class EmbeddingInput:
    """File to embed, and the settings of its embeddings.

    Attributes:
        source: URL or file name, as responses show it.
        options: Modalities.
        scopes: Scopes as requests name them.
        is_separate: Make an embedding of each modality.
        is_fused: Make one embedding of all modalities.
        span: Start and end of the part to embed, in seconds.
        clip_seconds: Length of a clip.
        fixed_clip_seconds: Length of a clip if the request set it.
        notes: Texts about parts of the file.
        parts: Parts of a document for the scope `local`.
        size: Numbers of an embedding.
        has_uncertainty: Add the uncertainty to each embedding.
    """

    kind: MediaKind
    model_name: str
    content: Content
    source: dict[str, Any]
    options: Sequence[str]
    scopes: Sequence[str]
    is_separate: bool = True
    is_fused: bool = False
    span: Span = (0.0, 0.0)
    clip_seconds: float = CLIP_SECONDS
    fixed_clip_seconds: float | None = None
    notes: Sequence[Segment] = ()
    parts: Sequence[DocumentPart] = ()
    size: int = EMBEDDING_SIZE
    has_uncertainty: bool = False

    @property
    def is_timed(self) -> bool:
        """Return whether the file has a duration."""
        return self.kind in ("audio", "video")

    def segments(self) -> Iterator[EmbeddedSegment]:
        """Return the parts of the file that have an embedding, by scope and modality."""
        for scope in self.scopes:
            if self.kind == "document" and scope == "local":
                yield from self._parts()
                continue
            for start, end in self._spans(scope):
                for option, words in self._words(start, end):
                    span = (start, end) if self.is_timed else None
                    embedding = self.content.embedding(words, option, span)[: self.size]
                    shown = "asset" if scope == "asset" else "clip"
                    yield EmbeddedSegment(embedding=embedding, option=option, scope=shown, span=span)

    def _spans(self, scope: str) -> list[Span]:
        """Cut the file into clips, the last of which may be shorter; the scope `asset` is not cut."""
        if scope == "asset" or not self.is_timed:
            return [self.span]
        start, end = self.span
        count = max(1, math.ceil(round((end - start) / self.clip_seconds, 6)))
        return list(pairwise([*(start + part * self.clip_seconds for part in range(count)), end]))

    def _parts(self) -> Iterator[EmbeddedSegment]:
        for part, option in product(self.parts, self.options):
            embedding = self.content.embedding(f"{self.content.name} {part.words}", option, None)[: self.size]
            yield EmbeddedSegment(embedding=embedding, option=option, scope=part.scope, place=part.place)

    def _words(self, start: float, end: float) -> Iterator[tuple[str, str]]:
        """Return the words of a part of the file, by modality and fused."""
        perceived = self.content.perceive(start, end)
        words = {option: perceived["visual" if option == "text" else option] for option in self.options}
        if self.is_separate:
            yield from words.items()
        if self.is_fused:
            notes = [text for first, last, text in self.notes if first < end and last >= start]
            yield "fused", " ".join([*words.values(), *notes])


@attrs.define(eq=False, kw_only=True)
class EmbeddingTask(Job):
    """Embedding task. Its embeddings are computed for each response that shows them.

    Attributes:
        version: Version of the Embed API, 1 or 2.
        failure: Reason why the task fails.
    """

    version: int
    input: EmbeddingInput
    failure: str | None = None
