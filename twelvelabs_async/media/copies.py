"""Clips and audio whose packets are copied, which is fast, but begins at the key frame before."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from fractions import Fraction
from typing import Any, BinaryIO

from av.error import FFmpegError

from ..errors import MediaError
from .clips import open_output
from .file_formats import ClipFormat
from .sections import Section, open_section


def copy_clip(section: Section, *, file: BinaryIO, format: ClipFormat) -> Generator[float]:
    """Copy a section to an empty file, and yield the seconds of it that are written so far.

    Raises:
        OSError: A file cannot be read or written.
        MediaError: FFmpeg cannot read the file, it does not have the section, or the format has no place for its
            codecs.
    """
    pictures, sound = format.video_codec is not None, format.audio_codec is not None
    with (
        open_section(section, pictures=pictures, sound=sound) as opened,
        closing(open_output(file, format)) as output,
    ):
        copies = {stream.index: _add_copy(output, stream, section, format) for stream in opened.streams}
        begin: Fraction | None = None
        for time, packet in opened.packets():
            begin = packet.pts * packet.time_base if begin is None else begin
            shift = round(begin / packet.time_base)
            packet.pts -= shift
            packet.dts = None if packet.dts is None else packet.dts - shift
            packet.stream = copies[packet.stream_index]
            try:
                output.mux(packet)
            except FFmpegError as error:
                raise _not_copied(section, packet.stream, format) from error
            yield max(0.0, min(time, section.duration))


def _add_copy(output: Any, stream: Any, section: Section, format: ClipFormat) -> Any:
    try:
        return output.add_stream_from_template(stream, opaque=True)
    except ValueError as error:
        raise _not_copied(section, stream, format) from error


def _not_copied(section: Section, stream: Any, format: ClipFormat) -> MediaError:
    codec = stream.codec_context.name
    return MediaError(
        f"{section.name} has {codec}, which cannot be copied to {format.container} here: pass exact=True to encode it."
    )
