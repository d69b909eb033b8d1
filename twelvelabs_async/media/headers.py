"""What the header of a media file says: container, duration, picture size, frame rate, audio.

MP4, MOV, WAV, PNG and JPEG are read here, other containers by PyAV or ffprobe where they are installed. Only headers
are read. A truncated, damaged or unknown file is no error: what cannot be told is `None`.
"""

from __future__ import annotations

import importlib
import io
import json
import shutil
import struct
import subprocess
from collections.abc import Iterator
from typing import Any, BinaryIO

import attrs

# A damaged file may hold millions of tiny boxes; an honest one needs far fewer before the last track.
_MAX_BOXES = 10_000
_FFPROBE_SECONDS = 10
_ENTRIES = (
    "format=format_name,duration:stream=codec_type,width,height,sample_aspect_ratio,avg_frame_rate"
    ":stream_disposition=attached_pic"
)


@attrs.frozen
class Media:
    """Facts from a header: seconds, pixels as shown, frames per second on average.

    Attributes:
        stored: Width and height as stored, if they are not as shown.
    """

    container: str | None = None
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    has_audio: bool | None = None
    stored: tuple[int, int] | None = None


def read_file(path: str) -> Media:
    """Read the header of a media file.

    Raises:
        OSError: The file cannot be opened.
    """
    with open(path, "rb") as file:
        return read_media(file, path)


def read_media(source: BinaryIO | bytes, path: str | None = None) -> Media:
    """Read the header of a media file.

    Args:
        source: Its bytes, or a seekable binary file whose position is moved.
        path: Where it is, which makes it possible to ask ffprobe.
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    media = _read_header(file)
    if media.duration is not None or media.container in ("png", "jpeg"):
        return media
    return _read_with_pyav(file) or (_read_with_ffprobe(path) if path else None) or media


def _read_header(file: BinaryIO) -> Media:
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
    except (struct.error, OSError, OverflowError, ValueError):
        pass
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
        elif kind == b"stsd" and track.get("handler") == b"vide":
            track["stored"] = struct.unpack(">HH", _read(file, content + 40, 4))
        elif kind == b"hdlr":
            track.setdefault("handler", _read(file, content + 8, 4))  # QuickTime has a second one, deeper down
        elif kind == b"stsz":
            (track["frames"],) = struct.unpack(">I", _read(file, content + 8, 4))
        elif kind == b"mvex":
            movie["goes_on"] = True  # in fragments, of whose length this header says nothing
    video = next((track for track in tracks if track.get("handler") == b"vide"), dict[str, Any]())
    width, height = video.get("size", (0, 0))
    stored = video.get("stored", (0, 0))
    frames, seconds = video.get("frames"), video.get("duration")
    told = movie.get("duration") or next((track["duration"] for track in tracks if track.get("duration")), None)
    return Media(
        container,
        None if movie.get("goes_on") else told,
        width or None,
        height or None,
        round(frames / seconds, 3) if frames and seconds else None,
        any(track.get("handler") == b"soun" for track in tracks) if tracks else None,
        stored if all(stored) and stored != (width, height) else None,
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


def _read_with_pyav(file: BinaryIO) -> Media | None:
    try:
        av: Any = importlib.import_module("av")
        file.seek(0)
        # As ffprobe does by itself: no connections to where a playlist leads.
        with av.open(file, options={"protocol_whitelist": "file"}) as opened:
            covers = av.stream.Disposition.attached_pic
            video = next((video for video in opened.streams.video if not video.disposition & covers), None)
            return _from_ffmpeg(
                opened.format.name,
                (opened.duration or 0) / av.time_base,
                bool(opened.streams.audio),
                video and (video.width, video.height, video.sample_aspect_ratio, video.average_rate),
            )
    except Exception:  # not installed, or one of FFmpeg's many errors
        return None


def _read_with_ffprobe(path: str) -> Media | None:
    program = shutil.which("ffprobe")
    if program is None:
        return None
    try:
        answer = subprocess.run(  # noqa: S603
            [program, "-v", "error", "-show_entries", _ENTRIES, "-of", "json", f"file:{path}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_FFPROBE_SECONDS,
            check=True,
        )
        told = json.loads(answer.stdout)
        streams = told["streams"]
        videos = (stream for stream in streams if stream["codec_type"] == "video")
        video = next((video for video in videos if not video["disposition"]["attached_pic"]), None)
        return _from_ffmpeg(
            told["format"]["format_name"],
            float(told["format"].get("duration", 0)),
            any(stream["codec_type"] == "audio" for stream in streams),
            video
            and (
                video["width"],
                video["height"],
                _ratio(video.get("sample_aspect_ratio", "1:1")),
                _ratio(video["avg_frame_rate"]),
            ),
        )
    except Exception:  # it fails, hangs, or leaves out what it does not know
        return None


def _ratio(text: str) -> float:
    numerator, _, denominator = text.replace("/", ":").partition(":")
    return float(numerator) / float(denominator) if float(denominator) else 0


def _from_ffmpeg(
    container: str, seconds: float, has_audio: bool, video: tuple[int, int, Any, Any] | None
) -> Media | None:
    """Facts by FFmpeg. Those of the video: its width and height as stored, the shape of a pixel, frames per second."""
    if container == "tty":  # that is any text
        return None
    width, height, shape, fps = video or (0, 0, 1, 0)
    shown = round(width * (shape or 1))
    return Media(
        container,
        seconds if seconds > 0 else None,
        shown or None,
        height or None,
        round(float(fps), 3) if fps else None,
        has_audio,
        (width, height) if shown != width else None,
    )
