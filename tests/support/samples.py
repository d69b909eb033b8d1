"""Media and settings that many tests use."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import Any, NoReturn

from twelvelabs_async import IndexSchema, JobFailedError

MEDIA = Path(__file__).parents[2] / "examples" / "media"
MODELS: Any = [{"model_name": "marengo3.0", "model_options": ["visual", "audio"]}]


def video(seed: object = "", size: int = 0) -> bytes:
    """Return what the emulator takes for a video: a file type and a seed, filled up with zeros to *size* bytes."""
    return (b"\0\0\0\x10ftypisom\0\0\0\0" + str(seed).encode()).ljust(size, b"\0")


def content_of(filename: str) -> bytes:
    """Return what the emulator takes for the content of a file with this name, different for each name."""
    match PurePath(filename).suffix:
        case ".pdf":
            return b"%PDF-1.7 " + filename.encode()
        case ".md" | ".txt":
            return filename.encode()
        case _:
            return video(filename)


def random_video(size: int) -> bytes:
    """Return what the emulator takes for a video, with random content."""
    return video() + os.urandom(size - len(video()))


def fail_job() -> NoReturn:
    """Raise an error that has a model, as a function that another process can import."""
    raise JobFailedError("It failed.", job=IndexSchema(id="i1"))
