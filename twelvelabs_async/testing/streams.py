"""HLS streams of stored files: a playlist and segments of fragmented MP4, cut at key frames. They need PyAV."""

from __future__ import annotations

import re
import threading
from pathlib import Path

from .._extras import require
from ..media.headers import open_with_pyav
from .content import CLIP_SECONDS

PLAYLIST = "manifest.m3u8"
SEGMENT = r"init\.mp4|part\d+\.m4s"
STREAM_FILES = rf"{re.escape(PLAYLIST)}|{SEGMENT}"
"""Pattern of the names of a stream's files."""
_writing = threading.Lock()


def stream(source: Path, folder: Path) -> bool:
    """Write the stream of a file to a folder, unless it is there. Return whether it is.

    Nothing is decoded: packets are copied. For codecs that MP4 does not take, there is no stream.
    """
    with _writing:  # several players may ask at once
        if not folder.exists():
            folder.mkdir()
            try:
                _write(source, folder)
            except Exception:  # one of the many errors of FFmpeg
                (folder / PLAYLIST).unlink(missing_ok=True)
        return (folder / PLAYLIST).exists()


def _write(source: Path, folder: Path) -> None:
    options = {
        "hls_time": f"{CLIP_SECONDS:g}",
        "hls_list_size": "0",
        "hls_playlist_type": "vod",
        "hls_segment_type": "fmp4",
        "hls_segment_filename": str(folder / "part%d.m4s"),
        "hls_fmp4_init_filename": "init.mp4",
    }
    av = require("av", "twelvelabs_async[media]")
    with (
        source.open("rb") as file,
        open_with_pyav(file) as given,
        av.open(str(folder / PLAYLIST), "w", format="hls", options=options) as made,
    ):
        taken = [*given.streams.video[:1], *given.streams.audio[:1]]
        copies = {stream.index: made.add_stream_from_template(stream) for stream in taken}
        for packet in given.demux(taken):
            if packet.dts is not None:
                packet.stream = copies[packet.stream.index]
                made.mux(packet)


def signed(playlist: str, query: str) -> str:
    """Return a playlist with the query of a presigned URL at each of its files."""
    return re.sub(SEGMENT, rf"\g<0>?{query}", playlist)
