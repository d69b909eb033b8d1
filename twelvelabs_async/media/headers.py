"""Headers of media files: container, duration, picture size, frame rate, audio.

MP4, MOV, WAV, PNG and JPEG are read here, other containers by PyAV or ffprobe if one of them is installed. Only headers
are read. A truncated, damaged or unknown file is not an error: the facts that its header lacks are ``None``.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final

import attrs

from .._extras import require

MAX_BOXES: Final = 10_000
"""Boxes or chunks that are read of a file. A damaged file may have millions of tiny ones."""
MAX_JPEG_BYTES: Final = 1 << 20
FFPROBE_SECONDS: Final = 10


@attrs.frozen(kw_only=True)
class Media:
    """Facts from a header: seconds, pixels as displayed, frames per second on average.

    Attributes:
        stored: Width and height as stored, if the picture is displayed in another size.
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
        source: The content as bytes, or a seekable binary file, whose position changes.
        path: The path of the file, which ffprobe needs. Default: ffprobe is not used.
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
        for signature, read in READERS.items():
            if re.match(signature, start, re.DOTALL):
                return read(file, size)
    except (struct.error, OSError, OverflowError, ValueError):
        pass
    return Media()


def _read(file: BinaryIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    return file.read(size)


def _unpack(file: BinaryIO, offset: int, layout: str) -> tuple[Any, ...]:
    return struct.unpack(layout, _read(file, offset, struct.calcsize(layout)))


# MP4 and MOV (ISO/IEC 14496-12).

CONTAINER_BOXES: Final = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
FIELDS: Final = {
    (b"mvhd", 0): (12, ">II"),  # ticks per second, ticks
    (b"mvhd", 1): (20, ">IQ"),
    (b"mdhd", 0): (12, ">II"),
    (b"mdhd", 1): (20, ">IQ"),
    (b"tkhd", 0): (76, ">HxxHxx"),  # width and height as displayed
    (b"tkhd", 1): (88, ">HxxHxx"),
    (b"hdlr", 0): (8, ">4s"),  # kind of the track
    (b"stsd", 0): (40, ">HH"),  # width and height as stored
    (b"stsz", 0): (8, ">I"),  # number of frames
}
"""Offset and layout of the fields in a box, by its type and version. Boxes without version 1 have one layout."""
VIDEO: Final = (b"vide",)
AUDIO: Final = (b"soun",)
UNKNOWN_TICKS: Final = (2**32 - 1, 2**64 - 1)


def _read_mp4(file: BinaryIO, size: int) -> Media:
    movie: dict[bytes, Any] = {}
    tracks: list[dict[bytes, Any]] = []
    fragmented = False
    for kind, content in _boxes(file, size):
        if kind == b"trak":
            tracks.append({})
        elif kind == b"mvex":
            fragmented = True
        elif (kind, 0) in FIELDS:
            facts = tracks[-1] if tracks and kind != b"mvhd" else movie
            if kind == b"stsd" and facts.get(b"hdlr") != VIDEO:
                continue  # other tracks have other fields there
            version = 1 if _read(file, content, 1) == b"\1" else 0
            offset, layout = FIELDS.get((kind, version), FIELDS[kind, 0])
            facts.setdefault(kind, _unpack(file, content + offset, layout))  # QuickTime has another `hdlr` further down
    video = next((track for track in tracks if track.get(b"hdlr") == VIDEO), dict[bytes, Any]())
    width, height = video.get(b"tkhd", (0, 0))
    stored = video.get(b"stsd", (0, 0))
    [frames] = video.get(b"stsz", (0,))
    seconds = _seconds(video.get(b"mdhd"))
    durations = [_seconds(movie.get(b"mvhd")), *(_seconds(track.get(b"mdhd")) for track in tracks)]
    return Media(
        container="mov" if _read(file, 4, 8) == b"ftypqt  " or _read(file, 4, 4) != b"ftyp" else "mp4",
        # The header of a fragmented movie has the duration of the first fragment at most.
        duration=None if fragmented else next(filter(None, durations), None),
        width=width or None,
        height=height or None,
        fps=round(frames / seconds, 3) if frames and seconds else None,
        has_audio=any(track.get(b"hdlr") == AUDIO for track in tracks) if tracks else None,
        stored=stored if all(stored) and stored != (width, height) else None,
    )


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    """Yield the type and the offset of the content of each box, those in containers included."""
    pending = [(0, size)]
    for _ in range(MAX_BOXES):
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
        if kind in CONTAINER_BOXES:
            pending.append((content, min(start + size, end)))
        yield kind, content


def _seconds(time: tuple[int, int] | None) -> float | None:
    timescale, ticks = time or (0, 0)
    return ticks / timescale if timescale and ticks and ticks not in UNKNOWN_TICKS else None


# WAV, PNG and JPEG.


def _read_wav(file: BinaryIO, size: int) -> Media:
    offset, byte_rate = 12, 0
    for _ in range(MAX_BOXES):
        kind, length = _unpack(file, offset, "<4sI")
        if kind == b"fmt ":
            [byte_rate] = _unpack(file, offset + 16, "<I")
        elif kind == b"data":
            # RF64 files and files written to a pipe have the length 0xFFFFFFFF: the data ends with the file.
            seconds = min(length, size - offset - 8) / byte_rate if byte_rate else 0
            return Media(container="wav", duration=seconds or None, has_audio=True)
        offset += 8 + length + length % 2
    return Media(container="wav", has_audio=True)


def _read_png(file: BinaryIO, _: int) -> Media:
    width, height = _unpack(file, 16, ">II")
    return Media(container="png", width=width or None, height=height or None, has_audio=False)


def _read_jpeg(file: BinaryIO, size: int) -> Media:
    offset = 2
    while offset < min(size, MAX_JPEG_BYTES):
        marker, length = _unpack(file, offset, ">HH")
        if 0xFFC0 <= marker <= 0xFFCF and marker not in (0xFFC4, 0xFFC8, 0xFFCC):  # a frame, not a table
            height, width = _unpack(file, offset + 5, ">HH")
            return Media(container="jpeg", width=width or None, height=height or None, has_audio=False)
        offset += 2 + max(length, 2)
    return Media(container="jpeg", has_audio=False)


READERS: Final[dict[bytes, Callable[[BinaryIO, int], Media]]] = {
    rb"....(ftyp|moov|mdat|wide|free|skip)": _read_mp4,
    rb"(RIFF|RF64)....WAVE": _read_wav,
    rb"\x89PNG\r\n\x1a\n": _read_png,
    rb"\xff\xd8\xff": _read_jpeg,
}
"""Readers by the first 12 bytes of a file."""


# Other containers.


def _read_with_pyav(file: BinaryIO) -> Media | None:
    try:
        av = require("av", "twelvelabs_async[media]")
        file.seek(0)
        # Like ffprobe's default: no connections to the addresses in a playlist.
        with av.open(file, options={"protocol_whitelist": "file"}) as opened:
            cover = av.stream.Disposition.attached_pic
            video = next((stream for stream in opened.streams.video if not stream.disposition & cover), None)
            return _from_ffmpeg(
                opened.format.name,
                (opened.duration or 0) / av.time_base,
                bool(opened.streams.audio),
                video and (video.width, video.height, video.sample_aspect_ratio, video.average_rate),
            )
    except Exception:  # not installed, or one of the many errors of FFmpeg
        return None


def _read_with_ffprobe(path: str) -> Media | None:
    program = shutil.which("ffprobe")
    if program is None:
        return None
    entries = (
        "format=format_name,duration:stream=codec_type,width,height,sample_aspect_ratio,avg_frame_rate"
        ":stream_disposition=attached_pic"
    )
    try:
        process = subprocess.run(  # noqa: S603
            [program, "-v", "error", "-show_entries", entries, "-of", "json", f"file:{path}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=FFPROBE_SECONDS,
            check=True,
        )
        output = json.loads(process.stdout)
        streams = output["streams"]
        videos = (stream for stream in streams if stream["codec_type"] == "video")
        video = next((stream for stream in videos if not stream["disposition"]["attached_pic"]), None)
        return _from_ffmpeg(
            output["format"]["format_name"],
            float(output["format"].get("duration", 0)),
            any(stream["codec_type"] == "audio" for stream in streams),
            video
            and (
                video["width"],
                video["height"],
                _ratio(video.get("sample_aspect_ratio", "1:1")),
                _ratio(video["avg_frame_rate"]),
            ),
        )
    except Exception:  # the program fails, does not end in time, or leaves out a field
        return None


def _ratio(text: str) -> float:
    """Return the value of ``16:9`` or ``30000/1001``; 0 if it is undefined."""
    numerator, _, denominator = text.replace("/", ":").partition(":")
    return float(numerator) / float(denominator) if float(denominator) else 0


def _from_ffmpeg(
    container: str, seconds: float, has_audio: bool, video: tuple[int, int, Any, Any] | None
) -> Media | None:
    """Return the facts that FFmpeg reports; *video* is width and height as stored, aspect ratio of a pixel, and fps."""
    if container == "tty":  # any text is a film for terminals to FFmpeg
        return None
    width, height, pixel_ratio, fps = video or (0, 0, 1, 0)
    displayed = round(width * (pixel_ratio or 1))
    return Media(
        container=container,
        duration=seconds if seconds > 0 else None,
        width=displayed or None,
        height=height or None,
        fps=round(float(fps), 3) if fps else None,
        has_audio=has_audio,
        stored=(width, height) if displayed != width else None,
    )
