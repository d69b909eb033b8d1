"""Segments of streams, joined to files without decoding."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from heapq import merge
from pathlib import Path
from typing import Any, BinaryIO

from .._extras import require
from .headers import open_with_pyav


def concatenate(parts: Sequence[Path], target: Path) -> None:
    """Write the bytes of files to one, as segments of a stream are joined.

    Raises:
        OSError: A file cannot be read or written.
    """
    with target.open("wb") as file:
        for part in parts:
            with part.open("rb") as opened:
                shutil.copyfileobj(opened, file, 1 << 20)


def join_tracks(parts: Sequence[Path], target: Path) -> None:
    """Make one file of files whose tracks have the same clock, such as picture and sound of a stream.

    Raises:
        OSError, ValueError: FFmpeg cannot read a file; it has many more errors.
    """
    if len(parts) == 1:
        parts[0].rename(target)
        return
    av = require("av", "twelvelabs_async[media]")
    with ExitStack() as files, av.open(str(target), "w", format="matroska") as made:
        tracks = [_packets(made, files.enter_context(part.open("rb")), files) for part in parts]
        for packet in merge(*tracks, key=lambda packet: packet.dts * packet.time_base):
            made.mux(packet)
    for part in parts:
        part.unlink()


def _packets(made: Any, file: BinaryIO, files: ExitStack) -> Iterator[Any]:
    given = files.enter_context(open_with_pyav(file))
    copies = {stream.index: made.add_stream_from_template(stream) for stream in given.streams}

    def packets() -> Iterator[Any]:
        for packet in given.demux():
            if packet.dts is not None:
                packet.stream = copies[packet.stream.index]
                yield packet

    return packets()


def seconds_before_video(path: Path) -> float:
    """Return how much earlier than its picture a file begins; 0 if it has no picture.

    Raises:
        OSError, ValueError: FFmpeg cannot read the file; it has many more errors.
    """
    from .sections import origin_of

    with path.open("rb") as file, open_with_pyav(file) as opened:
        for video in opened.streams.video:
            if video.start_time is not None:
                return round(float(video.start_time * video.time_base) - origin_of(opened, video), 6)
        return 0.0
