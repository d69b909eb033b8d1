"""What the documents ask of a file, and what of that it certainly does not meet."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import frozen

from .._files import media_type_of
from ..media.headers import Media, read_file


@frozen
class Limit:
    """What a fact about a file may be at least and at most.

    Where the documents disagree it is the laxest of what they say, and a GB or MB is one of 1024.

    Attributes:
        types: How the media types begin for which it holds.
        page: Where it is documented.
        models: For which it holds; without any it holds for all uploads.
    """

    fact: str
    least: float
    most: float
    types: tuple[str, ...]
    page: str
    models: tuple[str, ...] = ()


DOCUMENTS: Final = ("application/pdf",)
IMAGES: Final = ("image/",)
VIDEOS: Final = ("video/",)
PLAYED: Final = ("video/", "audio/")
MARENGO: Final = ("marengo3.0",)
PEGASUS: Final = ("pegasus1.2", "pegasus1.5", "pegasus1.6")

LIMITS: Final = (
    Limit("size in bytes", 1, 10 * 2**30, ("",), "Multipart uploads"),
    Limit("size in bytes", 0, 32 * 2**20, IMAGES, "Direct uploads"),
    Limit("size in bytes", 0, 200 * 2**20, DOCUMENTS, "Direct uploads"),
    Limit("length in seconds", 4, 4 * 60 * 60, PLAYED, "Marengo", MARENGO),
    Limit("length in seconds", 1, 4 * 60 * 60, PLAYED, "Analyze videos", PEGASUS),
    Limit("shorter side in pixels", 360, 2160, VIDEOS, "Marengo; Analyze videos", MARENGO + PEGASUS),
    Limit("longer side in pixels", 360, 5184, VIDEOS, "Marengo; Analyze videos", MARENGO + PEGASUS),
    Limit("aspect ratio", 1, 2.4, VIDEOS, "Marengo; Analyze videos", MARENGO + PEGASUS),
)

STATE_LENGTH: Final = frozenset({"mp4", "mov", "wav", "flac", "avi", "matroska,webm"})
"""Containers that say how long they are; with others, FFmpeg may guess."""


def violations(media: Media, media_type: str, size: int, models: Sequence[str]) -> list[str]:
    """Say in a sentence each which documented limits a file is certainly beyond.

    Args:
        media: What its header says; of what it does not say, nothing is thought.
        media_type: Such as ``video/mp4``.
        size: Its bytes.
        models: The models that it is for, such as ``marengo3.0``; those that are not known have no limits.
    """
    facts = _facts(media, size)
    found: list[str] = []
    for limit in LIMITS:
        values = facts[limit.fact] if media_type.startswith(limit.types) else ()
        whose = [model for model in models if model in limit.models] if limit.models else ["an upload"]
        if values and whose and not any(limit.least <= value <= limit.most for value in values):
            allowed = f"{limit.least:,} to {limit.most:,} for {' and '.join(whose)}"
            found.append(f"Its {limit.fact} is {values[0]:,}, and may be {allowed} (docs: {limit.page}).")
    return found


def _facts(media: Media, size: int) -> Mapping[str, Sequence[float]]:
    """What each fact may be, as exact as the documents are; nothing if it is not known.

    The sides of pixels that are not square may count as shown or as stored, since no document says how they do.
    """
    told = ((media.width or 0, media.height or 0), media.stored or (0, 0))
    sizes = [sorted(sides) for sides in told if all(sides)]
    return {
        "size in bytes": [size],
        "length in seconds": [round(media.duration)] if media.duration and media.container in STATE_LENGTH else [],
        "shorter side in pixels": [shorter for shorter, _ in sizes],
        "longer side in pixels": [longer for _, longer in sizes],
        "aspect ratio": [round(longer / shorter, 1) for shorter, longer in sizes],
    }


def examine(path: str | os.PathLike[str], models: Sequence[str]) -> tuple[Media, int, list[str]]:
    """Read a file's header and size, and say what is certainly wrong with it.

    Raises:
        OSError: The file cannot be read.
    """
    media_type = media_type_of(os.fspath(path))
    media = Media() if media_type in DOCUMENTS else read_file(os.fspath(path))
    size = os.path.getsize(path)
    return media, size, violations(media, media_type, size, models)


async def inspect(path: str | os.PathLike[str], models: Sequence[str]) -> tuple[Media, list[str]]:
    """Read a file's header in a worker thread, and say what is certainly wrong with the file.

    Raises:
        OSError: The file cannot be read.
    """
    media, _, found = await asyncio.to_thread(examine, path, models)
    return media, found
