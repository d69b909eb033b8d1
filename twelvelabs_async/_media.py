"""What the header of a media file says: container, duration, picture size, frame rate, audio.

MP4, MOV, WAV, PNG and JPEG are read here, other containers through PyAV where that is installed. Only headers are read.
A truncated, damaged or unknown file is no error: what cannot be told is `None`.
"""

from __future__ import annotations

import importlib
import io
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

import attrs

# A damaged file may hold millions of tiny boxes; an honest one needs far fewer before the last track.
_MAX_BOXES = 10_000


@attrs.frozen
class Media:
    """Facts from a header: seconds, pixels as shown, frames per second on average."""

    container: str | None = None
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    has_audio: bool | None = None


def read_media(source: BinaryIO | bytes) -> Media:
    """Read the header of a media file: its bytes, or a seekable binary file whose position is moved."""
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        size = file.seek(0, io.SEEK_END)
        start = _read(file, 0, 12)
        if start[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
            return _read_mp4(file, size, "mp4" if start[4:8] == b"ftyp" and start[8:] != b"qt  " else "mov")
        if start[:4] in (b"RIFF", b"RF64") and start[8:] == b"WAVE":
            return _read_wav(file, size)
        if start[:8] == b"\x89PNG\r\n\x1a\n":
            width, height = struct.unpack(">II", _read(file, 16, 8))
            return Media("png", width=width or None, height=height or None, has_audio=False)
        if start[:3] == b"\xff\xd8\xff":
            return _read_jpeg(file, size)
        return _read_with_pyav(file)
    except (struct.error, OSError, OverflowError, ValueError):
        return Media()


def _read(file: BinaryIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    return file.read(size)


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int]]:
    """The type and the content's offset of each ISO-BMFF box that may tell something (ISO/IEC 14496-12, 4.2)."""
    pending = [(start, end)]
    for _ in range(_MAX_BOXES):
        while pending and pending[-1][0] + 8 > pending[-1][1]:
            pending.pop()
        header = _read(file, pending[-1][0], 16) if pending else b""
        if len(header) < 8:
            return
        start, end = pending.pop()
        size, kind = struct.unpack(">I4s", header[:8])
        content = start + 8
        if size == 1:
            (size,) = struct.unpack(">Q", header[8:])
            content = start + 16
        elif size == 0:
            size = end - start
        if size < content - start:
            return
        pending.append((start + size, end))
        if kind in (b"moov", b"trak", b"mdia", b"minf", b"stbl"):
            pending.append((content, min(start + size, end)))
        yield kind, content


def _duration(file: BinaryIO, content: int) -> float | None:
    """Seconds told by an `mvhd` or `mdhd` box; ticks of all ones mean that they are unknown."""
    long = _read(file, content, 1) == b"\1"
    form, offset, unknown = (">IQ", 20, 2**64 - 1) if long else (">II", 12, 2**32 - 1)
    timescale, ticks = struct.unpack(form, _read(file, content + offset, struct.calcsize(form)))
    return ticks / timescale if timescale and 0 < ticks < unknown else None


def _read_mp4(file: BinaryIO, size: int, container: str) -> Media:
    movie, tracks = dict[str, Any](), list[dict[str, Any]]()
    for kind, content in _boxes(file, 0, size):
        track = tracks[-1] if tracks else movie
        if kind == b"mvhd":
            movie["duration"] = _duration(file, content)
        elif kind == b"trak":
            tracks.append({})
        elif kind == b"tkhd":
            offset = 88 if _read(file, content, 1) == b"\1" else 76
            track["size"] = struct.unpack(">HxxHxx", _read(file, content + offset, 8))
        elif kind == b"mdhd":
            track["duration"] = _duration(file, content)
        elif kind == b"hdlr":
            track.setdefault("handler", _read(file, content + 8, 4))  # QuickTime has a second one, deeper down
        elif kind == b"stsz":
            (track["frames"],) = struct.unpack(">I", _read(file, content + 8, 4))
    video = next((track for track in tracks if track.get("handler") == b"vide"), dict[str, Any]())
    width, height = video.get("size", (0, 0))
    frames, seconds = video.get("frames"), video.get("duration")
    return Media(
        container,
        movie.get("duration") or next((track["duration"] for track in tracks if track.get("duration")), None),
        width or None,
        height or None,
        round(frames / seconds, 3) if frames and seconds else None,
        any(track.get("handler") == b"soun" for track in tracks) if tracks else None,
    )


def _read_wav(file: BinaryIO, size: int) -> Media:
    offset, byte_rate = 12, 0
    for _ in range(_MAX_BOXES):
        kind, length = struct.unpack("<4sI", _read(file, offset, 8))
        if kind == b"fmt ":
            (byte_rate,) = struct.unpack("<I", _read(file, offset + 16, 4))
        elif kind == b"data":
            # RF64 files and files written to a pipe say 0xFFFFFFFF: the data then runs to the end.
            seconds = min(length, size - offset - 8) / byte_rate if byte_rate else 0
            return Media("wav", seconds or None, has_audio=True)
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
        file.seek(0)
        with av.open(file) as opened:
            video = next(iter(opened.streams.video), None)
            return Media(
                str(opened.format.name),
                opened.duration / av.time_base if (opened.duration or 0) > 0 else None,
                int(video.width) or None if video else None,
                int(video.height) or None if video else None,
                round(float(video.average_rate), 3) if video and video.average_rate else None,
                bool(opened.streams.audio),
            )
    except Exception:  # not installed, or one of FFmpeg's many errors
        return Media()
