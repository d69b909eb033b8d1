"""Clips, supercuts, audio and previews: sections of files, encoded one after the other.

They are exact: to the picture that is shown at the start of a section, and to the sample.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from typing import Any, BinaryIO

import av
from attrs import define, field

from .file_formats import ClipFormat
from .sections import OpenSection, Section, open_section
from .tracks import USUAL_RATE, AudioTrack, VideoTrack


@define
class ClipWriter:
    """A file of one section or several. The first one decides about size, rate and colors.

    Args:
        file: An empty file that can seek.
        format: Its format.
        joins_sections: True for several sections, of which each may have pictures, sound or both.
    """

    file: BinaryIO
    format: ClipFormat
    joins_sections: bool = False
    _output: Any = field(init=False)
    _video: VideoTrack | None = field(init=False, default=None)
    _audio: AudioTrack | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        self._output = open_output(self.file, self.format)

    def append(self, section: Section) -> Generator[float]:
        """Add a section, and yield the seconds of it that are written so far.

        Raises:
            OSError: A file cannot be read or written.
            MediaError: FFmpeg cannot read the file, or it does not have the section.
        """
        format = self.format
        with open_section(
            section, pictures=format.video_codec is not None, sound=format.audio_codec is not None
        ) as opened:
            picture = opened.begin()
            if self._video is None and self._audio is None:
                self._add_tracks(opened, picture)
            for time, frame in opened.frames():
                if isinstance(frame, av.AudioFrame):
                    if self._audio is not None:
                        self._audio.write(time, frame, section.duration)
                elif frame is not None and self._video is not None and opened.video is not None:
                    self._video.write(time, frame, opened.video.sample_aspect_ratio)
                yield max(0.0, min(time, section.duration))
            self._finish_section(opened.length, section.duration)

    def finish(self) -> None:
        """Write the rest of the file."""
        for track in self._tracks:
            self._output.mux(track.stream.encode(None))
        self.close()

    def close(self) -> None:
        """Close the output, which is incomplete without `finish`."""
        self._output.close()

    @property
    def _tracks(self) -> list[VideoTrack | AudioTrack]:
        return [track for track in (self._video, self._audio) if track is not None]

    def _add_tracks(self, opened: OpenSection, picture: av.VideoFrame | None) -> None:
        codec = self.format.audio_codec
        if opened.video is not None and picture is not None:
            self._video = VideoTrack.add_to(self._output, self.format, opened.video, picture)
        if codec is not None and self.joins_sections:
            self._audio = AudioTrack.add_to(self._output, codec, USUAL_RATE, channels=2)
        elif codec is not None and opened.audio is not None:
            self._audio = AudioTrack.add_to(self._output, codec, opened.audio.rate, opened.audio.channels)

    def _finish_section(self, length: float, duration: float) -> None:
        for track in self._tracks:
            track.flush_section()
        seconds = min(max(length, *(track.seconds for track in self._tracks)), duration)
        for track in self._tracks:
            track.finish_section(seconds)


def open_output(file: BinaryIO, format: ClipFormat) -> Any:
    """Return the container that is written to an empty file."""
    return av.open(file, "w", format=format.container, options=dict(format.options))


def write_clip(section: Section, *, file: BinaryIO, format: ClipFormat) -> Generator[float]:
    """Write a section to an empty file, and yield the seconds of it that are written so far.

    Raises:
        OSError: A file cannot be read or written.
        MediaError: FFmpeg cannot read the file, or it does not have the section.
    """
    with closing(ClipWriter(file, format)) as writer:
        yield from writer.append(section)
        writer.finish()
