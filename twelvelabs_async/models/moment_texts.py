"""Moments as texts: subtitles, chapters and timelines for editors."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from .._replaced_files import Target, TargetFile
from ..errors import InvalidArgumentError
from .moment import Moment


class MomentTexts:
    """The methods of moments that return a text, and write it to a file.

    The texts are UTF-8. A file at a path appears when it is complete, in the place of an existing one. Subtitles and
    chapters belong to one video; `Moments.by_video` divides the moments of several.
    """

    __slots__ = ()

    def __moments__(self) -> Sequence[Moment]:
        raise NotImplementedError

    def to_srt(self, file: Target | None = None) -> str:
        """Return subtitles in the SubRip format, and write them to *file* if it is given.

        Cues have at most 2 lines of 42 characters, and never overlap. Long texts become several cues, by the times of
        their words if these are known. Cues stay until they can be read, up to the next one. If there
        are several speakers, the name of one precedes the text. Moments without text have their title, or are left out.

        Args:
            file: Path, or an open binary file.

        Raises:
            ValueError: The moments are of several videos.
            OSError: The file cannot be written.

        Example:
            ::

                transcription = await client.assets.retrieve_transcription(
                    asset.id, include=["words", "sentences", "utterances"]
                )
                transcription.moments().to_srt("interview.srt")
        """
        from ._texts.subtitles import srt

        return _write(file, srt(self._of_one_video()))

    def to_vtt(self, file: Target | None = None) -> str:
        """Return subtitles in the WebVTT format, and write them to *file* if it is given.

        The cues are those of `to_srt`, with speakers as voices (``<v Anna>``), and with the times of words if these are
        known.

        Args:
            file: Path, or an open binary file.

        Raises:
            ValueError: The moments are of several videos.
            OSError: The file cannot be written.
        """
        from ._texts.subtitles import vtt

        return _write(file, vtt(self._of_one_video()))

    def to_txt(self, file: Target | None = None) -> str:
        """Return the texts without times, and write them to *file* if it is given.

        Each sentence or description is a line, and each of several speakers begins a paragraph.

        Args:
            file: Path, or an open binary file.

        Raises:
            ValueError: The moments are of several videos.
            OSError: The file cannot be written.
        """
        from ._texts.subtitles import plain

        return _write(file, plain(self._of_one_video()))

    def to_json(self, file: Target | None = None) -> str:
        """Return the moments as JSON, one on each line of a list, and write them to *file* if it is given.

        Fields that are ``None`` are left out. ``Moments(map(Moment.from_dict, json.loads(text)))`` reads them.

        Args:
            file: Path, or an open binary file.

        Raises:
            OSError: The file cannot be written.
        """
        from ._columns import json_text

        lines = [json_text(moment.to_dict(mode="json", exclude_none=True)) for moment in self.__moments__()]
        return _write(file, "[{}]\n".format(",\n ".join(lines)))

    def to_chapters(self, file: Target | None = None) -> str:
        """Return chapters for the description of a video on YouTube, and write them to *file* if it is given.

        The first chapter begins at 0:00, if needed with the title ``Intro``. Chapters of less than 10 seconds are
        joined with the one before. The rules are `YouTube's <https://support.google.com/youtube/answer/9884579>`_.

        Args:
            file: Path, or an open binary file.

        Raises:
            ValueError: There are fewer than 3 chapters of 10 seconds, or the moments are of several videos.
            OSError: The file cannot be written.
        """
        from ._texts.chapters import youtube

        return _write(file, youtube(self._of_one_video()))

    def to_ffmetadata(self, file: Target | None = None) -> str:
        """Return chapters in FFmpeg's format of metadata, and write them to *file* if it is given.

        ``ffmpeg -i talk.mp4 -i chapters.txt -map_chapters 1 -codec copy new.mp4`` puts them into a file.

        Args:
            file: Path, or an open binary file.

        Raises:
            ValueError: The moments are of several videos.
            OSError: The file cannot be written.
        """
        from ._texts.chapters import ffmetadata

        return _write(file, ffmetadata(self._of_one_video()))

    def to_edl(self, file: Target | None = None, *, fps: float | None = None) -> str:
        """Return an edit decision list in the CMX 3600 format, and write it to *file* if it is given.

        The moments follow each other in their order. Times are rounded to frames, from the start of each file.

        Args:
            file: Path, or an open binary file.
            fps: Frames per second of the timeline, such as 25 or 29.97. 1 to 60. Timecodes drop frames at 29.97 and
                59.94. Default: that of the videos.

        Raises:
            ValueError: *fps* is needed, or out of range; a moment has no known end; there are more than 999 moments; or
                a time is past 24 hours.
            OSError: The file cannot be written.
        """
        from ._texts.timelines import edl

        return _write(file, edl(self.__moments__(), fps, _title(file)))

    def to_otio(self, file: Target | None = None, *, fps: float | None = None) -> str:
        """Return a timeline in the format of OpenTimelineIO, and write it to *file* if it is given.

        The moments follow each other in their order, with a marker for each text.

        Args:
            file: Path, or an open binary file.
            fps: Frames per second of the timeline, such as 25 or 29.97. 1 to 60. Default: that of the videos.

        Raises:
            ImportError: opentimelineio is not installed.
            ValueError: *fps* is needed, or out of range; or a moment has no known end.
            OSError: The file cannot be written.
        """
        from ._texts.timelines import otio

        return _write(file, otio(self.__moments__(), fps, _title(file)))

    def _of_one_video(self) -> Sequence[Moment]:
        moments = self.__moments__()
        videos = {moment.video and moment.video.key for moment in moments}
        if len(videos) > 1:
            raise InvalidArgumentError(
                f"Subtitles and chapters are those of one video; got moments of {len(videos)} videos. "
                "Write a file for each of by_video()."
            )
        return moments


def _write(file: Target | None, text: str) -> str:
    if file is not None:
        with closing(TargetFile(file)) as opened:
            opened.file.write(text.encode())
            opened.commit()
    return text


def _title(file: Target | None) -> str:
    return Path(file).stem if isinstance(file, str | os.PathLike) else "Moments"
