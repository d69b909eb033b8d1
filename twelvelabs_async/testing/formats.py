"""Formats of files by their content: media, documents, and manifests of streams."""

from __future__ import annotations

import re
from typing import Any, BinaryIO

from ..media.facts import Media
from ..media.images import READERS

START_BYTES = 1_000_000
"""Bytes at the beginning of a file in which its format is looked for."""

# Media.

_IMAGES = b"|".join(READERS)
_IMAGE = re.compile(_IMAGES, re.DOTALL)
_MEDIA = re.compile(
    b"|".join(
        (
            rb"....(ftyp|moov|mdat|wide|free|skip|styp)",  # MP4, MOV
            rb"(RIFF|RF64|RIFX)....(AVI |WAVE)",
            rb"\x1a\x45\xdf\xa3",  # Matroska, WebM
            rb"OggS|fLaC|FLV\1|FORM....AIF[FC]|caff|\.snd|DKIF|MAC |TTA1|wvpk|#!AMR|\.RMF|nut/multimedia",
            rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11",  # ASF, WMV, WMA
            rb"\xb7\xd8\x00",  # WTV
            rb"\x47.{187}\x47|.{4}\x47.{191}\x47",  # transport streams, without and with time codes
            rb"\x00\x00\x01[\xb0-\xbf\xe0-\xef]",  # MPEG
            rb"\x06\x0e\x2b\x34",  # MXF
            rb"\x00\x00\x00\x00\x01\xbc",  # GXF
            rb"\x1f\x07\x00",  # DV
            rb"ID3|\xff[\xe2-\xff]|\x0b\x77|\x7f\xfe\x80\x01",  # MP3, AAC, AC-3, DTS
            _IMAGES,
        )
    ),
    re.DOTALL,
)


def is_media(first_bytes: bytes) -> bool:
    """Return whether the first bytes of a file are those of an audio, video or image format.

    The rest of the file may be damaged all the same.
    """
    return _MEDIA.match(first_bytes) is not None


def is_image(first_bytes: bytes) -> bool:
    """Return whether the first bytes of a file are those of a JPEG, PNG, WebP, GIF or BMP."""
    return _IMAGE.match(first_bytes) is not None


# Documents.

PAGE = re.compile(rb"/Type\s*/Page\b")
"""Mark of a page in a PDF. Pages in compressed objects are not counted."""
PDF_START_BYTES = 1024
"""Bytes at the beginning of a PDF in which readers look for its signature."""
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


# Manifests of HLS.

MANIFEST = b"#EXTM3U"


def read_manifest(file: BinaryIO) -> Media | None:
    """Return the facts of an HLS stream by its manifest; `None` if the file is none."""
    if file.read(len(MANIFEST)) != MANIFEST:
        return None
    seconds = sum(float(found) for found in re.findall(rb"#EXTINF:\s*(\d+\.?\d*)", file.read(START_BYTES)))
    return Media(container="hls", duration=seconds or None)


def is_live(content: bytes) -> bool:
    """Return whether a manifest is of a live stream: it has segments, and no mark of the end."""
    return content.startswith(MANIFEST) and b"#EXTINF" in content and b"#EXT-X-ENDLIST" not in content
