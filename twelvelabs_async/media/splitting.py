"""Long files, copied to parts without encoding."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from fractions import Fraction
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, Final

import av
from attrs import define, evolve, frozen
from av.container import InputContainer
from av.error import FFmpegError

from .._replaced_files import ReplacedFile
from ..errors import MediaError
from .cut_points import (
    START,
    CutPoint,
    FileIndex,
    PartLimits,
    best_cut,
    media_streams,
    origin_of_file,
    plan_cuts,
    time_of,
)
from .headers import open_with_pyav

FORMATS: Final = {
    ".aac": "adts",
    ".flac": "flac",
    ".m4a": "ipod",
    ".m4v": "mp4",
    ".mka": "matroska",
    ".mkv": "matroska",
    ".mov": "mov",
    ".mp3": "mp3",
    ".mp4": "mp4",
    ".oga": "ogg",
    ".ogg": "ogg",
    ".opus": "ogg",
    ".ts": "mpegts",
    ".wav": "wav",
    ".webm": "webm",
}
"""Containers of parts, by the suffix of the file. Others become Matroska, which takes nearly all codecs."""
OTHER_SUFFIX: Final = ".mkv"
HEADER_BYTES: Final = 4096
"""Size of the header that each part has, however short it is."""


@frozen
class FilePart:
    """Part of a split file, from *start* to *end* in seconds of the whole.

    Attributes:
        path: The part.
        digest: Identifies the content of the whole.
        duration: Duration of the whole.
    """

    path: Path
    start: float
    end: float
    digest: str
    duration: float


def split_file(path: Path, folder: Path, limits: PartLimits) -> Generator[float, None, list[FilePart]]:
    """Copy a file to parts within *limits*, and return the parts. Yield the percentage that is done.

    A file that is within the limits is its own only part. The parts appear when all of them are complete.

    Raises:
        OSError: A file cannot be read or written.
        MediaError: FFmpeg cannot read the file, or has no place for a cut within the limits.
    """
    suffix = path.suffix.lower() if path.suffix.lower() in FORMATS else OTHER_SUFFIX
    with path.open("rb") as file, _readable(path), open_with_pyav(file) as container, ExitStack() as made:
        index = FileIndex()
        total = (container.duration or 0) / av.time_base
        for seconds in index.read(container):  # half of the work
            yield 50 * min(seconds / total, 1) if total else 0.0
        overhead = os.fstat(file.fileno()).st_size / max(index.end.position, 1)  # bytes of the file by bytes of packets
        limits = evolve(limits, size=max(limits.size - HEADER_BYTES, 1) / max(overhead, 1))
        cuts = plan_cuts(index, limits, partial(best_cut, container))
        times = [float(point.time) for point in (START, *cuts, index.end)]
        paths = [path]
        if cuts:
            folder.mkdir(parents=True, exist_ok=True)
            paths = [folder / f"{path.stem}-{number:03}{suffix}" for number in range(1, len(times))]
            parts = [made.enter_context(closing(ReplacedFile(path))) for path in paths]
            for seconds in write_parts(container, cuts, [part.file for part in parts], FORMATS[suffix]):
                yield 50 + 50 * min(seconds / times[-1], 1)
            for part in parts:
                part.commit()
        return [
            FilePart(path, start, end, index.digest, times[-1])
            for path, (start, end) in zip(paths, pairwise(times), strict=True)
        ]


@contextmanager
def _readable(path: Path) -> Generator[None, None, None]:
    try:
        yield
    except FFmpegError as error:
        raise MediaError(f"{path.name} cannot be split: {error.strerror}.") from error


@define
class _Part:
    """A part that is being written."""

    output: Any
    copies: dict[int, Any]

    def write(self, packet: Any, start: Fraction) -> None:
        """Write a packet, whose time counts from *start* on."""
        ticks = round(start / packet.time_base)
        packet.pts = (packet.dts if packet.pts is None else packet.pts) - ticks
        packet.dts = None if packet.dts is None else packet.dts - ticks
        packet.stream = self.copies[packet.stream_index]
        self.output.mux(packet)


def write_parts(
    container: InputContainer, cuts: Sequence[CutPoint], files: Sequence[BinaryIO], format: str
) -> Iterator[float]:
    """Write the parts between *cuts* to files, and yield the seconds that are written so far.

    Every packet is in one part. The pictures of a part begin with a key frame, whose time is 0.

    Raises:
        OSError: A file cannot be read or written.
        av.FFmpegError: The container of the parts does not take a codec, or the file is damaged.
    """
    origin, streams = origin_of_file(container), media_streams(container)
    starts = [cut.time + origin for cut in (START, *cuts)]
    current = dict.fromkeys((stream.index for stream in streams), 0)
    container.seek(0)
    with ExitStack() as opened:
        parts: list[_Part] = []
        for packet in container.demux(streams):
            time = time_of(packet)
            if time is None:
                continue
            index = packet.stream_index
            is_start = packet.is_keyframe or packet.stream is not streams[0]
            while is_start and current[index] < len(cuts) and time >= starts[current[index] + 1]:
                current[index] += 1
            if current[index] == len(parts):
                parts.append(_open_part(opened, files[len(parts)], streams, format, is_first=not parts))
            parts[current[index]].write(packet, starts[current[index]])
            yield float(time - origin)


def _open_part(opened: ExitStack, file: BinaryIO, streams: Sequence[Any], format: str, *, is_first: bool) -> _Part:
    options: dict[str, str] = {}
    if format in ("matroska", "webm"):  # which store no decoding times, so that nothing has to be shifted for these
        options["avoid_negative_ts"] = "disabled"
    if format == "mp3" and not is_first:  # whose header would state that the encoder had added the first samples
        options["write_xing"] = "0"
    output: Any = opened.enter_context(av.open(file, "w", format=format, options=options))
    return _Part(output, {stream.index: output.add_stream_from_template(stream) for stream in streams})
