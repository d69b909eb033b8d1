"""Documents to embed: the pages of PDFs, and the sentences of plain text and Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import attrs

from ..content import Content
from ..formats import PAGE
from ..problem import invalid
from ..state import DocumentPart
from .media import MediaSource
from .operation import Context

TEXT_SUFFIXES = (".txt", ".md", ".markdown")
DERIVED_PAGES = 3
"""Pages of a PDF whose bytes the emulator does not have."""
QUADRANTS = ("top_left", "top_right", "bottom_left", "bottom_right")
MEGABYTE = 1000**2


@attrs.frozen
class Document:
    """Document as the emulated platform reads it.

    Attributes:
        pages: Number of a PDF's pages; 0 for text.
        sentences: Sentences of a text; none for a PDF.
        size: Size in bytes; 0 if the emulator does not have the bytes.
    """

    pages: int
    sentences: Sequence[str]
    size: int

    @property
    def is_pdf(self) -> bool:
        """Return whether the document has pages."""
        return self.pages > 0

    def excess(self, pages_per_megabyte: int, *, embeddings_per_page: int = 1) -> str | None:
        """Return what is wrong if a PDF has too many pages for its size. The size is rounded up to whole megabytes."""
        allowed, pages = -(-self.size // MEGABYTE) * pages_per_megabyte, self.pages * embeddings_per_page
        if not self.size or pages <= allowed:
            return None
        return f"The document counts as {pages} pages; at most {allowed} are allowed for its size."

    def page_parts(self, *, has_quadrants: bool) -> list[DocumentPart]:
        """Return the pages, each followed by its quarters if there are any."""
        return [
            DocumentPart(
                "page",
                f"page {number} {quadrant}",
                {"start_page_number": number, "end_page_number": number, "quadrant": quadrant or None},
            )
            for number in range(1, self.pages + 1)
            for quadrant in ("", *(QUADRANTS if has_quadrants else ()))
        ]

    def chunk_parts(self, max_sentences: int, overlap: int) -> list[DocumentPart]:
        """Return the chunks of a text; each starts with some of the sentences that end the previous one."""
        starts = range(0, max(1, len(self.sentences) - overlap), max_sentences - overlap)
        texts = [" ".join(self.sentences[start : start + max_sentences]) for start in starts]
        return [DocumentPart("chunk", text, {"chunk_index": index}) for index, text in enumerate(texts)]


def read_document(context: Context, source: MediaSource, content: Content) -> Document:
    """Return the document at a location, whose understanding is *content*.

    Raises:
        Problem: The file is neither a PDF nor a text.
    """
    data, suffix = _bytes(context, source), PurePosixPath(content.filename).suffix.lower()
    if data.startswith(b"%PDF") if source.base64_string else suffix == ".pdf":
        return Document(max(1, len(PAGE.findall(data))) if data else DERIVED_PAGES, (), len(data))
    if suffix not in TEXT_SUFFIXES and source.base64_string is None:
        raise invalid("media_source", f"must be a PDF, a plain text or a Markdown file; got {content.filename}")
    text = data.decode("utf-8", "replace") or content.description
    return Document(0, re.split(r"(?<=[.!?])\s+", text.strip()), len(data))


def _bytes(context: Context, source: MediaSource) -> bytes:
    """Return the bytes of a file, as far as the emulator has them."""
    asset, served = context.state.assets.get(source.asset_id or ""), context.state.served.get(source.url or "", b"")
    if asset is not None:
        return asset.path.read_bytes() if asset.path else b""
    if isinstance(served, Path):
        return served.read_bytes()
    return served or source.decoded()
