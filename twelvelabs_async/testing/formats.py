"""Formats of files: content of documents, facts that the platform shows of a PDF, and manifests of streams."""

from __future__ import annotations

import re
from typing import Any, BinaryIO

from ..media.facts import Media

PAGE = re.compile(rb"/Type\s*/Page\b")
"""Mark of a page in a PDF. Pages in compressed objects are not counted."""
PDF_START_BYTES = 1024
"""Bytes at the beginning of a PDF in which readers look for its signature."""
MANIFEST = b"#EXTM3U"
MAX_MANIFEST_BYTES = 1_000_000
PDF_TEXTS = {
    "title": "Title",
    "author": "Author",
    "subject": "Subject",
    "keywords": "Keywords",
    "creator_tool": "Creator",
    "producer": "Producer",
}
"""Technical metadata by the keys of a PDF's information dictionary. Texts with escapes or in UTF-16 are not read."""


def fits(file_type: str, content: bytes) -> bool:
    """Return whether the content of a document fits its MIME type. No content fits; what counts as text is a guess."""
    if not content:
        return True
    is_pdf = b"%PDF-" in content[:PDF_START_BYTES]
    return is_pdf if file_type == "application/pdf" else not is_pdf and b"\0" not in content


def pdf_facts(content: bytes) -> dict[str, Any]:
    """Return the technical metadata of a PDF."""
    version = re.search(rb"%PDF-(\d\.\d)", content[:PDF_START_BYTES])
    facts: dict[str, Any] = {
        "page_count": len(PAGE.findall(content)) or None,
        "pdf_version": version and version[1].decode(),
        "is_encrypted": b"/Encrypt" in content,
        "is_tagged": b"/MarkInfo" in content,
    }
    for name, key in PDF_TEXTS.items():
        found = re.search(rb"/%s\s*\(([\x20-\x27\x2a-\x5b\x5d-\x7e]*)\)" % key.encode(), content)
        facts[name] = found and found[1].decode()
    return {f"document_{name}": value for name, value in facts.items()}


def read_manifest(file: BinaryIO) -> Media | None:
    """Return the facts of an HLS stream by its manifest; `None` if the file is none."""
    if file.read(len(MANIFEST)) != MANIFEST:
        return None
    seconds = sum(float(found) for found in re.findall(rb"#EXTINF:\s*(\d+\.?\d*)", file.read(MAX_MANIFEST_BYTES)))
    return Media(container="hls", duration=seconds or None)


def is_live(content: bytes) -> bool:
    """Return whether a manifest is of a live stream: it has segments, and no mark of the end."""
    return content.startswith(MANIFEST) and b"#EXTINF" in content and b"#EXT-X-ENDLIST" not in content
