"""Headers of media files: container, duration, picture size, frame rate, audio.

MP4, MOV, WAV and images are read here, other containers by PyAV or ffprobe if one of them is installed. Only headers
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

from .._extras import require
from .._validators import require_regular_file
from .facts import Media as Media
from .facts import read_at, unpack_at
from .images import CONTAINERS as IMAGE_CONTAINERS
from .images import READERS as IMAGE_READERS

MAX_BOXES: Final = 10_000
"""Boxes or chunks that are read of a file. A damaged file may have millions of tiny ones."""
DISAGREEMENT: Final = 0.05
"""Part by which two durations in a header may differ: tracks begin and end at different times."""
FFMPEG_SECONDS: Final = 10
FFMPEG_FORMATS: Final = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dts,dv,eac3,flac,flv,gxf,ivf,m4v,matroska,mov,mp3,mpeg,mpegts,mpegvideo,mxf,"
    "nut,ogg,rm,tta,wav,wtv,wv"
)
"""Formats that FFmpeg may find. It opens other files, pipes and addresses for playlists, which are not among them."""


def read_file(path: str) -> Media:
    """Read the header of a media file.

    Raises:
        OSError: The file cannot be opened.
        ValueError: The path is that of something else than a regular file.
    """
    if not require_regular_file(path).st_size:  # the system's own files may have no size and no end
        return Media()
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
    if media.duration is not None or media.container in (*IMAGE_CONTAINERS, "wav"):  # FFmpeg knows no more, or guesses
        return media
    return _read_with_pyav(file) or (_read_with_ffprobe(path) if path else None) or media


def _read_header(file: BinaryIO) -> Media:
    try:
        size = file.seek(0, io.SEEK_END)
        start = read_at(file, 0, 12)
        for signature, read in READERS.items():
            if re.match(signature, start, re.DOTALL):
                return read(file, size)
    except (struct.error, OSError, OverflowError, ValueError):
        pass
    return Media()


def _agreed(*durations: float) -> float | None:
    """Return the first duration that is known, or ``None`` if another one contradicts it."""
    known = [seconds for seconds in durations if seconds > 0]
    is_certain = known and max(known) - min(known) <= max(1, DISAGREEMENT * max(known))
    return known[0] if is_certain else None


def _sizes(sizes: list[tuple[int, int]]) -> dict[str, Any]:
    """Return the first width and height that are known, and the others, as fields of `Media`."""
    known = [*dict.fromkeys(size for size in sizes if all(size))]
    width, height = known[0] if known else (None, None)
    return {"width": width, "height": height, "sizes": tuple(known[1:])}


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
            version = 1 if read_at(file, content, 1) == b"\1" else 0
            offset, layout = FIELDS.get((kind, version), FIELDS[kind, 0])
            facts.setdefault(kind, unpack_at(file, content + offset, layout))  # QuickTime has a second `hdlr`
    videos = [track for track in tracks if track.get(b"hdlr") == VIDEO]
    [frames] = videos[0].get(b"stsz", (0,)) if videos else (0,)
    seconds = _seconds(videos[0].get(b"mdhd")) if videos else 0
    longest = max((_seconds(track.get(b"mdhd")) for track in tracks), default=0)
    return Media(
        container="mov" if read_at(file, 4, 8) == b"ftypqt  " or read_at(file, 4, 4) != b"ftyp" else "mp4",
        # The header of a fragmented movie has the duration of the first fragment at most.
        duration=None if fragmented else _agreed(_seconds(movie.get(b"mvhd")), longest),
        fps=round(frames / seconds, 3) if frames and seconds else None,
        has_audio=any(track.get(b"hdlr") == AUDIO for track in tracks) if tracks else None,
        **_sizes([track.get(box, (0, 0)) for track in videos for box in (b"tkhd", b"stsd")]),
    )


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    """Yield the type and the offset of the content of each box, those in containers included."""
    pending = [(0, size)]
    for _ in range(MAX_BOXES):
        while pending and pending[-1][0] + 8 > pending[-1][1]:
            pending.pop()
        header = read_at(file, pending[-1][0], 16) if pending else b""
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


def _seconds(time: tuple[int, int] | None) -> float:
    """Return the duration in a box; 0 if it is unknown."""
    timescale, ticks = time or (0, 0)
    return ticks / timescale if timescale and ticks not in UNKNOWN_TICKS else 0


# WAV, PNG and JPEG.

UNCOMPRESSED: Final = (1, 3, 0xFFFE)
"""Codecs of a WAV file with a constant byte rate: integers, floats, and either of them with more channels."""


def _read_wav(file: BinaryIO, size: int) -> Media:
    offset, rate, byte_rate, frame_bytes, samples = 12, 0, 0, 0, 0
    for _ in range(MAX_BOXES):
        kind, length = unpack_at(file, offset, "<4sI")
        if kind == b"fmt ":
            codec, rate, byte_rate, frame_bytes = unpack_at(file, offset + 8, "<HxxIIH")
            if codec not in UNCOMPRESSED:
                byte_rate = frame_bytes = 0  # an average, and the size of many samples
        elif kind == b"fact":
            [samples] = unpack_at(file, offset + 8, "<I")
        elif kind == b"data":
            # RF64 files and files written to a pipe have the length 0xFFFFFFFF: the data ends with the file.
            content = min(length, size - offset - 8)
            durations = (
                content / byte_rate if byte_rate else 0,
                content / (rate * frame_bytes) if rate and frame_bytes else 0,
                samples / rate if rate and samples not in UNKNOWN_TICKS else 0,
            )
            return Media(container="wav", duration=_agreed(*durations), has_audio=True)
        offset += 8 + length + length % 2
    return Media(container="wav", has_audio=True)


READERS: Final[dict[bytes, Callable[[BinaryIO, int], Media]]] = {
    rb"....(ftyp|moov|mdat|wide|free|skip)": _read_mp4,
    rb"(RIFF|RF64)....WAVE": _read_wav,
    **IMAGE_READERS,
}
"""Readers by the first 12 bytes of a file."""


# Other containers.


def open_with_pyav(file: BinaryIO, *, timeout: float | None = FFMPEG_SECONDS) -> Any:
    """Open a media file. It cannot make FFmpeg open any other file or URL.

    Args:
        file: The file.
        timeout: Seconds for opening it, and for reading each packet. Default: 10.

    Raises:
        ImportError: PyAV is not installed.
        OSError, ValueError: FFmpeg cannot read the file; it has many more errors.
    """
    av = require("av", "twelvelabs_async[media]")
    file.seek(0)
    options = {"format_whitelist": FFMPEG_FORMATS, "protocol_whitelist": "none"}
    container = av.open(file, options=options, timeout=timeout)
    for stream in container.streams.audio:
        _replace_custom_layout(stream.codec_context)
    return container


_kept_layouts: Final[list[Any]] = []


def _replace_custom_layout(codec: Any) -> None:
    """Give a decoder of sound a usual order of channels, in the place of one that may be the file's own.

    PyAV frees orders of a file's own with each object that refers to them, and so more than once. Such an order may
    have a usual name.
    """
    layout = codec.layout
    name = layout.name
    if name not in ("mono", "stereo"):
        _kept_layouts.append(layout)
        is_named = "channels" not in name  # unlike "3 channels (FL+FR+LFE)"
        codec.layout = name if is_named else f"{layout.nb_channels}{'c' if layout.nb_channels <= 8 else ' channels'}"


def _read_with_pyav(file: BinaryIO) -> Media | None:
    try:
        av = require("av", "twelvelabs_async[media]")
        with open_with_pyav(file) as opened:
            cover = av.stream.Disposition.attached_pic
            return _from_ffmpeg(
                opened.format.name,
                (opened.duration or 0) / av.time_base,
                [float((stream.duration or 0) * (stream.time_base or 0)) for stream in opened.streams],
                bool(opened.streams.audio),
                [
                    (stream.width, stream.height, stream.sample_aspect_ratio, stream.average_rate)
                    for stream in opened.streams.video
                    if not stream.disposition & cover
                ],
            )
    except Exception:  # not installed, or one of the many errors of FFmpeg
        return None


def _read_with_ffprobe(path: str) -> Media | None:
    program = shutil.which("ffprobe")
    if program is None:
        return None
    entries = (
        "format=format_name,duration:stream=codec_type,duration,width,height,sample_aspect_ratio,avg_frame_rate"
        ":stream_disposition=attached_pic"
    )
    limits = ["-format_whitelist", FFMPEG_FORMATS, "-protocol_whitelist", "file"]
    try:
        process = subprocess.run(  # noqa: S603
            [program, "-v", "error", *limits, "-show_entries", entries, "-of", "json", f"file:{path}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=FFMPEG_SECONDS,
            check=True,
        )
        output = json.loads(process.stdout)
        streams = output["streams"]
        return _from_ffmpeg(
            output["format"]["format_name"],
            float(output["format"].get("duration", 0)),
            [float(stream.get("duration", 0)) for stream in streams],
            any(stream["codec_type"] == "audio" for stream in streams),
            [
                (
                    stream["width"],
                    stream["height"],
                    _ratio(stream.get("sample_aspect_ratio", "1:1")),
                    _ratio(stream["avg_frame_rate"]),
                )
                for stream in streams
                if stream["codec_type"] == "video" and not stream["disposition"]["attached_pic"]
            ],
        )
    except Exception:  # the program fails, does not end in time, or leaves out a field
        return None


def _ratio(text: str) -> float:
    """Return the value of ``16:9`` or ``30000/1001``; 0 if it is undefined."""
    numerator, _, denominator = text.replace("/", ":").partition(":")
    return float(numerator) / float(denominator) if float(denominator) else 0


def _from_ffmpeg(
    container: str, seconds: float, tracks: list[float], has_audio: bool, videos: list[tuple[int, int, Any, Any]]
) -> Media:
    """Return the facts that FFmpeg reports.

    Args:
        container: Name of the format.
        seconds: Duration; 0 if it is unknown.
        tracks: Duration of each track; 0 if it is unknown.
        has_audio: Whether there is a sound track.
        videos: Width and height as stored, aspect ratio of a pixel, and frames per second of each video track.
    """
    sizes = [
        size
        for width, height, pixel_ratio, _ in videos
        for size in ((round(width * (pixel_ratio or 1)), height), (width, height))
    ]
    fps = videos[0][3] if videos else None
    return Media(
        container=container,
        duration=_agreed(seconds, max(tracks, default=0)),
        has_audio=has_audio,
        fps=round(float(fps), 3) if fps else None,
        **_sizes(sizes),
    )
