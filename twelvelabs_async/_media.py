"""What the header of a media file says: container, duration, picture size, frame rate, audio.

Reads MP4 and MOV, WAV, PNG and JPEG by itself, and other containers through PyAV where that is installed. Only headers
are read; the rest of the file is skipped. A file that is truncated, damaged or of an unknown kind is no error: what
cannot be told is `None`.
"""

from __future__ import annotations

import importlib
import io
import math
import struct
from typing import Any, BinaryIO, TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Media", "read_media"]

# A damaged file may hold millions of tiny boxes; an honest one needs far fewer before the last track.
_MAX_BOXES = 10_000


@attrs.frozen
class Media:
    """Facts read from a media file's header. A field is `None` where the header does not tell.

    Attributes:
        container: `mp4`, `mov`, `wav`, `png`, `jpeg`, or the name PyAV gives.
        duration: Seconds.
        width: Pixels, as coded.
        height: Pixels, as coded.
        fps: Frames per second, averaged over the file.
        has_audio: Whether there is an audio stream.
    """

    container: str | None = None
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    has_audio: bool | None = None


def read_media(source: BinaryIO | bytes) -> Media:
    """Read the header of a media file.

    Args:
        source: A seekable binary file, whose position is moved, or the bytes themselves.
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        size = file.seek(0, io.SEEK_END)
        start = _read(file, 0, 12)
        if start[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
            return _read_mp4(file, size, start)
        if start[:4] in (b"RIFF", b"RF64") and start[8:12] == b"WAVE":
            return _read_wav(file, size)
        if start[:8] == b"\x89PNG\r\n\x1a\n":
            width, height = struct.unpack(">II", _read(file, 16, 8))
            return Media("png", width=width, height=height, has_audio=False)
        if start[:3] == b"\xff\xd8\xff":
            return _read_jpeg(file, size)
        return _read_with_pyav(file)
    except (struct.error, OSError, OverflowError, ValueError):
        return Media()


def _read(file: BinaryIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    return file.read(size)


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The type, content start and end of each ISO-BMFF box between two offsets (ISO/IEC 14496-12, 4.2)."""
    for _ in range(_MAX_BOXES):
        header = _read(file, start, 16)
        if start + 8 > end or len(header) < 8:
            return
        size, kind = struct.unpack(">I4s", header[:8])
        content = start + 8
        if size == 1:
            (size,) = struct.unpack(">Q", header[8:])
            content = start + 16
        elif size == 0:
            size = end - start
        if size < content - start:
            return
        yield kind, content, min(start + size, end)
        start += size


def _duration(file: BinaryIO, header: int) -> float | None:
    """Seconds told by an `mvhd` or `mdhd` box."""
    (version,) = _read(file, header, 1)
    timescale, ticks = (
        struct.unpack(">IQ", _read(file, header + 20, 12))
        if version == 1
        else struct.unpack(">II", _read(file, header + 12, 8))
    )
    unknown = 2**64 - 1 if version == 1 else 2**32 - 1
    return ticks / timescale if timescale and 0 < ticks < unknown else None


def _read_mp4(file: BinaryIO, size: int, start: bytes) -> Media:
    container = "mp4" if start[4:8] == b"ftyp" and start[8:12] != b"qt  " else "mov"
    media = Media(container)
    for kind, content, end in _boxes(file, 0, size):
        if kind == b"moov":
            media = attrs.evolve(media, has_audio=False)
            for child, child_content, child_end in _boxes(file, content, end):
                if child == b"mvhd":
                    media = attrs.evolve(media, duration=_duration(file, child_content))
                elif child == b"trak":
                    media = _add_track(file, media, child_content, child_end)
            break
    return media


def _add_track(file: BinaryIO, media: Media, start: int, end: int) -> Media:
    handler, duration, frames, picture = b"", None, 0, (0, 0)
    pending = list(_boxes(file, start, end))
    for kind, content, box_end in pending:
        if kind in (b"mdia", b"minf", b"stbl"):
            pending.extend(_boxes(file, content, box_end))
        elif kind == b"tkhd":
            width, height = struct.unpack(
                ">II", _read(file, content + (88 if _read(file, content, 1) == b"\1" else 76), 8)
            )
            picture = (width >> 16, height >> 16)
        elif kind == b"mdhd":
            duration = _duration(file, content)
        elif kind == b"hdlr":
            handler = _read(file, content + 8, 4)
        elif kind == b"stsz":
            (frames,) = struct.unpack(">I", _read(file, content + 8, 4))
    if handler == b"soun":
        return attrs.evolve(media, has_audio=True, duration=media.duration or duration)
    if handler != b"vide" or media.width:
        return media
    return attrs.evolve(
        media,
        duration=media.duration or duration,
        width=picture[0] or None,
        height=picture[1] or None,
        fps=round(frames / duration, 3) if frames and duration else None,
    )


def _read_wav(file: BinaryIO, size: int) -> Media:
    offset, byte_rate = 12, 0
    for _ in range(_MAX_BOXES):
        kind, length = struct.unpack("<4sI", _read(file, offset, 8))
        if kind == b"fmt ":
            (byte_rate,) = struct.unpack("<I", _read(file, offset + 16, 4))
        elif kind == b"data":
            # RF64 files and files written to a pipe say 0xFFFFFFFF here: the data then runs to the end.
            seconds = min(length, size - offset - 8) / byte_rate if byte_rate else 0
            return Media("wav", duration=seconds or None, has_audio=True)
        offset += 8 + length + length % 2
    return Media("wav", has_audio=True)


def _read_jpeg(file: BinaryIO, size: int) -> Media:
    offset = 2
    while offset < min(size, 1 << 20):
        marker, length = struct.unpack(">HH", _read(file, offset, 4))
        if 0xFFC0 <= marker <= 0xFFCF and marker not in (0xFFC4, 0xFFC8, 0xFFCC):
            height, width = struct.unpack(">HH", _read(file, offset + 5, 4))
            return Media("jpeg", width=width or None, height=height or None, has_audio=False)
        offset += 2 + max(length, 2)
    return Media("jpeg", has_audio=False)


def _read_with_pyav(file: BinaryIO) -> Media:
    try:
        av: Any = importlib.import_module("av")
    except ImportError:
        return Media()
    file.seek(0)
    try:
        with av.open(file) as opened:
            video = next(iter(opened.streams.video), None)
            rate = float(video.average_rate) if video and video.average_rate else None
            return Media(
                container=str(opened.format.name),
                duration=opened.duration / av.time_base if opened.duration and opened.duration > 0 else None,
                width=int(video.width) or None if video else None,
                height=int(video.height) or None if video else None,
                fps=rate if rate and math.isfinite(rate) else None,
                has_audio=bool(opened.streams.audio),
            )
    except Exception:  # PyAV raises a class of its own for each FFmpeg error
        return Media()
