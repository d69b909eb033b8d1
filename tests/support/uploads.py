"""A file to upload in eight parts, and the parts that an emulator has received."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from twelvelabs_async.testing import Emulator, Request

from .samples import video

PART: Final = 10_000
"""Bytes of a part."""
SESSIONS: Final = "/assets/multipart-uploads"
EMULATOR: Final = {
    "speed": 0,
    "chunk_size": PART,
    "urls_per_session": 3,
    "upload_headers": {"x-amz-meta-upload": "emulated"},
}
"""Settings of an emulator with small parts that need a header, whose clock only tests advance."""


def content(parts: float) -> bytes:
    """Return a video that fills so many parts, no two of which are equal."""
    return (video() + hashlib.shake_128(str(parts).encode()).digest(int(parts * PART)))[: int(parts * PART)]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


VIDEO: Final = content(7.5)


def write_video(folder: Path) -> Path:
    """Write `VIDEO`, a file of eight parts, the last of which is half as long."""
    path = folder / "talk.mp4"
    path.write_bytes(VIDEO)
    return path


def sent_parts(emulator: Emulator) -> list[Request]:
    return [request for request in emulator.requests if request.method == "PUT"]


def sent_part_numbers(emulator: Emulator) -> list[int]:
    return [int(request.path.rpartition("/")[2]) for request in sent_parts(emulator)]
