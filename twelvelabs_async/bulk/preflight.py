"""Documented limits of files, checked before an upload."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import frozen

from .._validators import require_regular_file
from ..media.headers import Media, read_file
from ..media.images import CONTAINERS as IMAGE_CONTAINERS
from ..media.types import MediaKind, kind_of, media_type_of


@frozen
class Limit:
    """Range of a fact about a file.

    Where the documents disagree, the range is the widest one they state, and a GB or MB is one of 1024.

    Attributes:
        fact: Name of the fact.
        minimum: Smallest value.
        maximum: Largest value.
        kinds: Kinds of files that have the limit. Without kinds, it holds for all files.
        page: Page of the documents.
        models: Models that have the limit. Without models, it holds for all uploads.
    """

    fact: str
    minimum: float
    maximum: float
    kinds: tuple[MediaKind, ...]
    page: str
    models: tuple[str, ...] = ()


DOCUMENTS: Final[tuple[MediaKind, ...]] = ("document",)
IMAGES: Final[tuple[MediaKind, ...]] = ("image",)
VIDEOS: Final[tuple[MediaKind, ...]] = ("video",)
TIMED: Final[tuple[MediaKind, ...]] = ("video", "audio")
MARENGO: Final = ("marengo3.0",)
EMBEDDING: Final = ("marengo3.5",)
PEGASUS: Final = ("pegasus1.2", "pegasus1.5", "pegasus1.6")
IMAGE_ANALYSIS: Final = ("pegasus1.6",)

LIMITS: Final = (
    Limit("size in bytes", 1, 10 * 2**30, (), "Multipart uploads"),
    Limit("size in bytes", 0, 32 * 2**20, IMAGES, "Direct uploads"),
    Limit("size in bytes", 0, 200 * 2**20, DOCUMENTS, "Direct uploads"),
    Limit("size in bytes", 0, 20 * 2**20, IMAGES, "Create an analysis task", IMAGE_ANALYSIS),
    Limit("number of pixels", 1, 16_777_216, IMAGES, "Create an analysis task", IMAGE_ANALYSIS),
    Limit("length in seconds", 4, 4 * 60 * 60, TIMED, "Marengo", MARENGO),
    Limit("length in seconds", 4, 4 * 60 * 60, TIMED, "Create an async embedding task", EMBEDDING),
    Limit("length in seconds", 1, 4 * 60 * 60, TIMED, "Analyze videos", PEGASUS),
    Limit("shorter side in pixels", 360, 2160, VIDEOS, "Marengo; Analyze videos", MARENGO + PEGASUS),
    Limit("longer side in pixels", 360, 5184, VIDEOS, "Marengo; Analyze videos", MARENGO + PEGASUS),
    Limit("aspect ratio", 1, 2.4, VIDEOS, "Marengo; Analyze videos", MARENGO + PEGASUS),
)

CONTAINERS_WITH_DURATION: Final = frozenset({"mp4", "mov", "wav", "flac", "avi", "matroska,webm"})
"""Containers that state their duration. For others, FFmpeg may estimate it."""
DIVISIBLE: Final = ("length in seconds", "size in bytes")
SPLIT: Final = " Split it with client.media.split()."
PDF: Final = "application/pdf"
PDF_SIGNATURE: Final = b"%PDF-"
SIGNATURE_BYTES: Final = 1024
"""Bytes at the beginning of a PDF in which readers look for its signature."""


@frozen
class ExaminedFile:
    """A file whose header was read.

    Attributes:
        media: Facts in the header.
        media_type: Media type by its name.
        size: Size in bytes.
        violations: Documented limits that the file exceeds.
    """

    media: Media
    media_type: str
    size: int
    violations: list[str]

    @property
    def exact_duration(self) -> float | None:
        """Duration in seconds, if the file states it."""
        return _durations(self.media)[0] if _durations(self.media) else None

    @property
    def has_other_content(self) -> bool:
        """True if header and name are those of different kinds of files."""
        kind, is_picture = kind_of(self.media_type), self.media.container in IMAGE_CONTAINERS
        if kind == "image":
            return self.media.container is not None and not is_picture
        return is_picture or (kind == "audio" and self.media.width is not None)


def find_violations(media: Media, media_type: str, size: int, models: Sequence[str]) -> list[str]:
    """Return one sentence for each documented limit that a file certainly exceeds.

    Args:
        media: Facts from the file's header. A fact that is unknown violates nothing.
        media_type: Media type, such as ``video/mp4``.
        size: Size in bytes.
        models: Models that the file is for, such as ``marengo3.0``. Models that are unknown here have no limits.
    """
    facts, kind = _facts(media, size), kind_of(media_type)
    violations: list[str] = []
    for limit in LIMITS:
        values = facts[limit.fact] if not limit.kinds or kind in limit.kinds else ()
        owners = [model for model in models if model in limit.models] if limit.models else ["an upload"]
        if values and owners and not any(limit.minimum <= value <= limit.maximum for value in values):
            expected = f"{limit.minimum:,} to {limit.maximum:,} for {' and '.join(owners)}"
            advice = SPLIT if kind in TIMED and limit.fact in DIVISIBLE and values[0] > limit.maximum else ""
            violations.append(f"The {limit.fact} is {values[0]:,}; expected {expected} (docs: {limit.page}).{advice}")
    return violations


def _facts(media: Media, size: int) -> Mapping[str, Sequence[float]]:
    """Return the possible values of each fact, as exact as the documents are. There are none if it is unknown.

    The sides of pixels that are not square may count as displayed or as stored, and those of any video track: no
    document says which.
    """
    dimensions = ((media.width or 0, media.height or 0), *media.sizes)
    is_picture = media.container in IMAGE_CONTAINERS  # whatever the name of the file says
    sides = [sorted(pair) for pair in dimensions if all(pair) and not is_picture]
    return {
        "size in bytes": [size],
        "number of pixels": [width * height for width, height in dimensions if is_picture and width and height],
        "length in seconds": [round(seconds) for seconds in _durations(media)],
        "shorter side in pixels": [shorter for shorter, _ in sides],
        "longer side in pixels": [longer for _, longer in sides],
        "aspect ratio": [round(longer / shorter, 1) for shorter, longer in sides],
    }


def _durations(media: Media) -> Sequence[float]:
    """Return the duration that a file states. There is none if it may be an estimate."""
    return [media.duration] if media.duration and media.container in CONTAINERS_WITH_DURATION else []


def examine_file(path: str | os.PathLike[str], models: Sequence[str]) -> ExaminedFile:
    """Read the header of a file, and find the limits that it exceeds.

    Args:
        path: The file.
        models: Models that the file is for.

    Raises:
        OSError: The file cannot be read.
    """
    name = os.fspath(path)
    media_type = media_type_of(name)
    is_document = kind_of(media_type) == "document"
    media, size = Media() if is_document else read_file(name), os.path.getsize(name)
    violations = find_violations(media, media_type, size, models)
    if is_document and size and (violation := _document_violation(name, media_type)):
        violations.append(violation)
    return ExaminedFile(media, media_type, size, violations)


def _document_violation(name: str, media_type: str) -> str | None:
    """Return a sentence if the content of a document does not fit its name (docs: Direct uploads)."""
    require_regular_file(name)
    with open(name, "rb") as file:
        start = file.read(SIGNATURE_BYTES)
    if media_type == PDF and PDF_SIGNATURE not in start:
        return "The content is no PDF although the name is that of one (docs: Direct uploads)."
    if media_type != PDF and start.startswith(PDF_SIGNATURE):
        return "The content is a PDF although the name is that of a text (docs: Direct uploads)."
    return None
