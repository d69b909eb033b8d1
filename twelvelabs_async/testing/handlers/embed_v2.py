"""Version 2 of the Embed API: embeddings of texts and files at once."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar, Literal

import attrs

from ...media.types import MediaKind
from ...options import EMBED_CATEGORIES
from ..content import Content
from ..problem import Json, invalid, missing
from ..refusals import CONTENT_TOO_LARGE
from ..state import EmbeddingInput
from ..vectors import EMBEDDING_SIZE, embedding
from .analyze import count_tokens
from .documents import Document, read_document
from .embedding_inputs import EmbeddingModel, Input, file_input
from .media import MediaSource, find_content
from .operation import Context, operation

SIZES = ("128", "256", "512")
MAX_TOKENS = {"marengo3.0": 500, "marengo3.5": 2_000}
"""Most tokens of a text (docs: Create embeddings)."""
MAX_SECONDS = {"marengo3.0": 600.0, "marengo3.5": 30.0}
"""Longest part of a file that is embedded without a task (docs: Create embeddings)."""
MEGABYTE = 1000**2
MAX_INLINE_BYTES = {"image": 32 * MEGABYTE, "audio": 36 * MEGABYTE, "video": 36 * MEGABYTE, "document": 512 * MEGABYTE}
"""Largest file in a request, after decoding (docs: Create embeddings)."""
MAX_SOURCE_BYTES = 32 * MEGABYTE
"""Largest source of an input of several (docs: Create embeddings)."""
PAGES_PER_MEGABYTE = 16
TOKENS = {"image": 256, "audio": 25, "video": 100, "document": 512}
"""Tokens of an image, a second of audio or video, and a page: made up."""


@attrs.frozen(kw_only=True)
class CreateEmbeddings:
    """Request for embeddings. The input stands in the field that `input_type` names.

    Attributes:
        embedding_dimension: An integer, as the official SDK sends it, or a string, as the API's OpenAPI file has it.
    """

    TYPES: ClassVar[dict[str, tuple[str, ...]]] = {
        "marengo3.0": ("text", "image", "text_image", "audio", "video", "multi_input"),
        "marengo3.5": ("multi_input",),
    }

    model_name: EmbeddingModel
    input_type: Literal["text", "image", "text_image", "audio", "video", "document", "multi_input"]
    text: Input | None = None
    image: Input | None = None
    text_image: Input | None = None
    audio: Input | None = None
    video: Input | None = None
    document: Input | None = None
    multi_input: Input | None = None
    embedding_dimension: Any = None
    embedding_uncertainty: bool = False
    auto_truncate: bool = False

    def __attrs_post_init__(self) -> None:
        types = self.TYPES[self.model_name]
        if self.input_type not in types:
            raise invalid(
                "input_type", f"must be one of {', '.join(types)} for {self.model_name}; got {self.input_type}"
            )
        for name in ("embedding_dimension", "embedding_uncertainty", "auto_truncate"):
            if self.model_name == "marengo3.0" and getattr(self, name):
                raise invalid(name, "requires marengo3.5")
        if self.embedding_dimension is not None and str(self.embedding_dimension) not in SIZES:
            raise invalid("embedding_dimension", f"must be one of {', '.join(SIZES)}; got {self.embedding_dimension!r}")
        given = self.input
        if self.input_type in ("text", "text_image") and not given.input_text:
            raise missing(f"{self.input_type}.input_text")
        if self.input_type == "multi_input":
            self._check_sources(given)

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

    @property
    def size(self) -> int:
        """Return the length of the embeddings."""
        return int(self.embedding_dimension or EMBEDDING_SIZE)

    def _check_sources(self, given: Input) -> None:
        """Check the combination of a text and files (docs: Create embeddings)."""
        if not given.input_text and not given.media_sources:
            raise missing("input_text or media_sources")
        kinds = {source.media_type for source in given.media_sources}
        allowed = {"image"} if self.model_name == "marengo3.0" else MAX_INLINE_BYTES.keys()
        if not kinds <= allowed:
            raise invalid("media_type", f"must be one of {', '.join(allowed)} for {self.model_name}")
        if self.embedding_uncertainty and (("document" in kinds) or (kinds and given.input_text)):
            raise invalid("embedding_uncertainty", "must be absent for documents, and for texts together with files")


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
            **segment.place,
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


@operation("POST", "/embed-v2")
def create(context: Context, request: CreateEmbeddings) -> Json:
    if request.input_type == "audio" or request.input_type == "video":
        file = request_file(context, request, request.input_type)
        start, end = file.span
        _require_seconds(context, end - start, request.model_name)
        context.rate_limits.charge(EMBED_CATEGORIES[request.input_type], "duration", end - start)
        return {"data": segments_json(file), "metadata": metadata_json(file)}
    given = request.input
    tokens, is_truncated = _text_tokens(request)
    words, own, counts = [given.input_text], "", Counter({"text": tokens} if given.input_text else {})
    for content, kind, count in _sources(context, request):
        words.append(_all_words(content))
        counts[kind] += count
    metadata: Json = {"input_type": request.input_type, **dimension_json(request.model_name, request.size)}
    if request.input_type == "image" or request.input_type == "text_image":
        image = find_file(context, "image", request.source)
        words.append(_all_words(image))
        own = image.filename
        metadata |= shown_source(request.source, image)
    context.rate_limits.charge("embed", "inputtoken", counts.total(), is_late=True)
    vector = embedding(" ".join(words), own)[: request.size]
    usage: Json = {"input_tokens": counts, "truncated": is_truncated}
    usage |= {"truncation_reason": "model_context_window"} if is_truncated else {}
    return {
        "data": [vector_json(vector, has_uncertainty=request.embedding_uncertainty)],
        **({} if request.input_type == "text" else {"metadata": metadata}),
        **({"usage": usage} if request.model_name == "marengo3.5" else {}),
    }


def _text_tokens(request: CreateEmbeddings) -> tuple[int, bool]:
    """Return the number of tokens of a request's text, and whether it is truncated.

    Raises:
        Problem: The text is too long and must not be truncated.
    """
    tokens, limit = count_tokens(request.input.input_text), MAX_TOKENS[request.model_name]
    if tokens > limit and not request.auto_truncate:
        raise invalid("input_text", f"must have at most {limit} tokens; got {tokens}")
    return min(tokens, limit), tokens > limit


def _sources(context: Context, request: CreateEmbeddings) -> list[tuple[Content, str, int]]:
    """Return the files of an input of several, each with the kind and the number of its tokens.

    Raises:
        Problem: A file is too large, or the files do not go together.
    """
    found: list[tuple[Content, str, int]] = []
    documents: list[Document] = []
    for source in request.input.media_sources:
        kind = source.media_type or "image"
        content = find_file(context, kind, source, MAX_SOURCE_BYTES)
        seconds = content.media.duration or 0.0 if kind in ("audio", "video") else 0.0
        if source.asset_id:  # the emulator makes up the duration of a file that it does not have
            _require_seconds(context, seconds, request.model_name)
        count, counted = round(TOKENS[kind] * (seconds or 1)), str(kind)
        if kind == "document":
            documents.append(document := read_document(context, source, content))
            if excess := document.excess(PAGES_PER_MEGABYTE):
                context.refuse(CONTENT_TOO_LARGE, excess)
            count = TOKENS["document"] * document.pages or count_tokens(" ".join(document.sentences))
            counted = "document" if document.is_pdf else "text"
        found.append((content, counted, count))
    _check_documents(request.input, documents)
    kinds = {kind for _, kind, _ in found}
    if len(kinds - {"text"}) > 1 and not (request.input.input_text or "text" in kinds):
        raise invalid("input_text", "must be there for files of different types")
    return found


def _check_documents(given: Input, documents: list[Document]) -> None:
    """Check that a PDF is alone, and that a text document is not combined with text only."""
    others = len(given.media_sources) - len(documents)
    if any(one.is_pdf for one in documents) and (len(given.media_sources) > 1 or given.input_text):
        raise invalid("media_sources", "must have a PDF alone, without input_text")
    if documents and not others and (len(documents) > 1 or given.input_text):
        raise invalid("media_sources", "must have an image, audio or a video beside several texts")


def _require_seconds(context: Context, seconds: float, model_name: str) -> None:
    limit = MAX_SECONDS[model_name]
    if seconds > limit:
        message = f"The content is {seconds:g} seconds long; the limit is {limit:g}. Create a task instead."
        context.refuse(CONTENT_TOO_LARGE, message)


def find_file(context: Context, kind: MediaKind, source: MediaSource, max_bytes: int | None = None) -> Content:
    """Return what the platform understands of a file.

    Args:
        max_bytes: Largest file. Default: the limit of files in the request.
    """
    content, limit = find_content(context, kind, source), max_bytes or MAX_INLINE_BYTES[kind]
    asset = context.state.assets.get(source.asset_id or "") if max_bytes else None
    size = (asset.size or 0) if asset else len(source.decoded())
    if size > limit:
        context.refuse(CONTENT_TOO_LARGE, f"The file has {size} bytes; the limit is {limit}.")
    return content


def _all_words(content: Content) -> str:
    return " ".join(content.perceive(0.0, content.media.duration or 0.0).values())


def shown_source(source: MediaSource, content: Content) -> Json:
    """Return the location of a file as responses show it."""
    return {"input_url": source.url} if source.url else {"input_filename": content.filename}


def request_file(context: Context, request: CreateEmbeddings, kind: MediaKind) -> EmbeddingInput:
    """Return the file of a request that is no document, with the settings of its embeddings."""
    content = find_file(context, kind, request.source)
    file = file_input(kind, request.model_name, content, shown_source(request.source, content), request.input)
    return attrs.evolve(file, size=request.size, has_uncertainty=request.embedding_uncertainty)
