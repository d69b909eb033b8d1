"""Media types of files by their suffix: everything that the platform's documents name.

The standard library's ``mimetypes`` reads tables of the machine, so that its answers differ between machines.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias

MediaKind: TypeAlias = Literal["audio", "document", "image", "video"]
"""Kind of asset that the platform makes of a file."""

UNKNOWN: Final = "application/octet-stream"

MEDIA_TYPES: Final[Mapping[str, str]] = {
    # Video: containers that FFmpeg reads.
    ".3g2": "video/3gpp2",
    ".3gp": "video/3gpp",
    ".3gpp": "video/3gpp",
    ".asf": "video/x-ms-asf",
    ".avi": "video/x-msvideo",
    ".divx": "video/x-msvideo",
    ".dv": "video/x-dv",
    ".f4v": "video/x-f4v",
    ".flv": "video/x-flv",
    ".gxf": "application/gxf",
    ".ivf": "video/x-ivf",
    ".m1v": "video/mpeg",
    ".m2t": "video/mp2t",
    ".m2ts": "video/mp2t",
    ".m2v": "video/mpeg",
    ".m4v": "video/x-m4v",
    ".mj2": "video/mj2",
    ".mkv": "video/x-matroska",
    ".mov": "video/quicktime",
    ".mp4": "video/mp4",
    ".mpe": "video/mpeg",
    ".mpeg": "video/mpeg",
    ".mpg": "video/mpeg",
    ".mts": "video/mp2t",
    ".mxf": "application/mxf",
    ".nut": "video/x-nut",
    ".ogm": "video/ogg",
    ".ogv": "video/ogg",
    ".qt": "video/quicktime",
    ".rm": "application/vnd.rn-realmedia",
    ".rmvb": "application/vnd.rn-realmedia-vbr",
    ".ts": "video/mp2t",
    ".vob": "video/mpeg",
    ".webm": "video/webm",
    ".wmv": "video/x-ms-wmv",
    ".wtv": "video/x-wtv",
    # Audio: containers that FFmpeg reads.
    ".aac": "audio/aac",
    ".ac3": "audio/ac3",
    ".aif": "audio/aiff",
    ".aifc": "audio/aiff",
    ".aiff": "audio/aiff",
    ".amr": "audio/amr",
    ".ape": "audio/x-ape",
    ".au": "audio/basic",
    ".caf": "audio/x-caf",
    ".dts": "audio/vnd.dts",
    ".eac3": "audio/eac3",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".m4b": "audio/mp4",
    ".mka": "audio/x-matroska",
    ".mp2": "audio/mpeg",
    ".mp3": "audio/mpeg",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".spx": "audio/ogg",
    ".tta": "audio/x-tta",
    ".wav": "audio/wav",
    ".weba": "audio/webm",
    ".wma": "audio/x-ms-wma",
    ".wv": "audio/x-wavpack",
    # Images (docs: Analyze videos).
    ".bmp": "image/bmp",
    ".gif": "image/gif",
    ".jfif": "image/jpeg",
    ".jpe": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    # Documents (docs: Direct uploads).
    ".markdown": "text/markdown",
    ".md": "text/markdown",
    ".pdf": "application/pdf",
    ".txt": "text/plain",
}
"""Media types by suffix in lower case."""

OTHER_KINDS: Final[Mapping[str, MediaKind]] = {
    "application/gxf": "video",
    "application/mxf": "video",
    "application/pdf": "document",
    "application/vnd.rn-realmedia": "video",
    "application/vnd.rn-realmedia-vbr": "video",
    "text/markdown": "document",
    "text/plain": "document",
}
"""Kinds of media types that do not begin with their kind."""


def media_type_of(filename: str) -> str:
    """Return the media type of a file name; ``application/octet-stream`` if it is unknown."""
    return MEDIA_TYPES.get(Path(filename).suffix.lower(), UNKNOWN)


def kind_of(media_type: str) -> MediaKind | None:
    """Return the kind of a media type, or ``None`` if it is unknown. Parameters of the type are ignored.

    Example:
        >>> kind_of("application/mxf")
        'video'
    """
    essence = media_type.partition(";")[0].strip().lower()
    for kind in ("audio", "image", "video"):
        if essence.startswith(f"{kind}/"):
            return kind
    return OTHER_KINDS.get(essence)
