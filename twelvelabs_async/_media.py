"""`client.media`: moments as files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from os import PathLike
from pathlib import Path
from typing import Literal, TypeAlias

from attrs import frozen

from ._media_sources import VideoSource
from ._process_bound import ProcessBound
from .models.moment import Moment
from .resources._api import AsyncAPI

__all__ = ["AsyncMedia", "MediaFormat", "MediaProgress", "OnMediaProgress"]

MediaFormat: TypeAlias = Literal["mp4", "m4a", "mp3", "wav", "jpg", "png", "gif", "webp"]
"""Formats of saved moments: clips, audio alone, pictures of the first frame, and previews without sound."""


@frozen(kw_only=True)
class MediaProgress:
    """Progress of a call of `AsyncMedia`.

    Attributes:
        done: Moments that are finished.
        total: Moments of the call.
        seconds: Seconds of video that were processed.
        total_seconds: Seconds of all moments. ``None`` if the end of one is unknown.
    """

    done: int
    total: int
    seconds: float
    total_seconds: float | None


OnMediaProgress: TypeAlias = Callable[[MediaProgress], object]
"""Function or coroutine function that is called when a part of a moment was processed."""


class AsyncMedia(ProcessBound):
    """Moments as files: clips, audio, pictures, contact sheets and supercuts. They need the extra ``media``.

    The work is done in threads. Memory does not grow with the length of a video, and a cancelled call leaves no
    incomplete file behind.
    """

    def __init__(self, api: AsyncAPI) -> None:
        self._api = api

    async def save(
        self,
        moments: Moment | Iterable[Moment],
        target: str | PathLike[str],
        *,
        format: MediaFormat | None = None,
        exact: bool = True,
        source: VideoSource | None = None,
        on_progress: OnMediaProgress | None = None,
    ) -> list[Path]:
        """Save moments as clips, audio or pictures, and return the paths of the files.

        The suffix of *target* decides: ``.mp4`` is a clip, ``.m4a``, ``.mp3`` and ``.wav`` are audio alone, ``.jpg``
        and ``.png`` the first frame, and ``.gif`` and ``.webp`` a preview without sound. Existing files are replaced.

        Args:
            moments: One moment or several.
            target: Path of a file for one moment, or a folder, which is created. In a folder, files are named by
                rank, file name and start.
            format: Format of the files in a folder. Default: ``"mp4"``.
            exact: ``True`` encodes again, so that clips begin and end at the frame, and audio at the sample.
                ``False`` copies, which is fast, but begins at the key frame before.
            source: Path of the video, or paths by id of the video, id of the asset or file name, or a function that
                returns the path of a `MomentVideo`. Default: `MomentVideo.file`.
            on_progress: Called in the event loop when a part was processed; may be a coroutine function.

        Raises:
            ImportError: PyAV is not installed.
            TypeError: An argument has another type.
            ValueError: The format is unknown, a moment ends before it starts, or its video is unknown.
            MediaError: A video cannot be read, or does not have the moment.
            OSError: A file cannot be read or written.

        Example:
            ::

                results = client.search.query(index_id=index.id, search_options=["visual"], query_text="a goal")
                await client.media.save(await results.moments(), "goals/", source="match.mp4")
        """
        raise NotImplementedError

    async def contact_sheet(
        self,
        moments: Iterable[Moment],
        target: str | PathLike[str],
        *,
        columns: int | None = None,
        source: VideoSource | None = None,
        on_progress: OnMediaProgress | None = None,
    ) -> Path:
        """Save one picture with the first frames of moments and their times, and return its path.

        Args:
            moments: At most 400 moments.
            target: Path of a ``.jpg`` or ``.png`` file.
            columns: Frames in a row. Default: about as many as rows.
            source: Where the videos are; see `save`.
            on_progress: Called in the event loop when a frame was read; may be a coroutine function.

        Raises:
            ImportError: PyAV is not installed.
            TypeError: An argument has another type.
            ValueError: There are no moments or too many, or an argument is invalid.
            MediaError: A video cannot be read, or does not have the moment.
            OSError: A file cannot be read or written.
        """
        raise NotImplementedError

    async def supercut(
        self,
        moments: Iterable[Moment],
        target: str | PathLike[str],
        *,
        source: VideoSource | None = None,
        on_progress: OnMediaProgress | None = None,
    ) -> Path:
        """Save all moments one after the other as one video, and return its path.

        The video has the size and the frame rate of the first moment. Frames of another shape get black bars.

        Args:
            moments: Moments of one video or several.
            target: Path of an ``.mp4`` file.
            source: Where the videos are; see `save`.
            on_progress: Called in the event loop when a part was processed; may be a coroutine function.

        Raises:
            ImportError: PyAV is not installed.
            TypeError: An argument has another type.
            ValueError: There are no moments, or an argument is invalid.
            MediaError: A video cannot be read, or does not have the moment.
            OSError: A file cannot be read or written.
        """
        raise NotImplementedError
