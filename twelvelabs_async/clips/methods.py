"""`client.media`: moments as files."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from os import PathLike
from pathlib import Path
from typing import BinaryIO, Final

from .._clock_times import clock_time
from .._extras import require
from .._process_bound import ProcessBound
from .._replaced_files import ReplacedFile
from .._validators import require_between
from ..media.file_formats import CLIP_FORMATS, PICTURE_FORMATS
from ..models._base import UserMetadata
from ..models.moment import Moment
from ..options import MAX_ANALYZED_SECONDS, MAX_UPLOAD
from ..resources._api import AsyncAPI
from .progress import OnMediaProgress, ProgressReport
from .sources import MediaSources, VideoSource
from .splitting import split
from .targets import MediaFormat, format_of, listed_moments, plan_files, require_length
from .work import MediaWork, media_threads

MAX_CELLS: Final = 400
"""Pictures of a contact sheet, all of which are in memory."""


class AsyncMedia(ProcessBound):
    """Moments as files: clips, audio, pictures, contact sheets and supercuts; and parts of long files.

    The extra ``media`` is needed. The work is done in threads. Memory does not grow with the length of a video, and a
    cancelled call leaves no incomplete file behind.
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
        progress: bool = False,
    ) -> list[Path]:
        """Save moments as clips, audio or pictures, and return the paths of the files.

        The suffix of *target* decides: ``.mp4`` is a clip, ``.m4a``, ``.mp3`` and ``.wav`` are audio alone, ``.jpg``
        and ``.png`` the first frame, and ``.gif`` and ``.webp`` a preview without sound. Existing files are replaced.
        Moments that end later than their video end with it.

        Args:
            moments: One moment or several.
            target: Path of a file for one moment, or of a folder, which is created. In a folder, files are named by
                rank, name of the video and start.
            format: Format of the files in a folder. Default: ``"mp4"``.
            exact: ``True`` encodes again, so that clips begin and end at the frame, and audio at the sample.
                ``False`` copies, which is fast, but begins at the key frame before.
            source: Path or URL of the video, or those by id of the video, id of the asset or file name, or a function
                that returns them for a `MomentVideo`. Default: `MomentVideo.file`, else the HLS stream.
            on_progress: Called in the event loop when a part was processed; may be a coroutine function.
            progress: True to show a bar.

        Raises:
            ImportError: PyAV is not installed, or tqdm for *progress*.
            TypeError: An argument has another type.
            ValueError: The format is unknown, a moment ends before it starts, or its video is unknown.
            MediaError: A video cannot be read, or does not have the moment.
            OSError: A file cannot be read or written.

        Example:
            ::

                moments = await client.search.query(
                    index_id=index.id, search_options=["visual"], query_text="a goal"
                ).moments()
                await client.media.save(moments, "goals/", source="match.mp4")
        """
        chosen = listed_moments(moments)
        report = ProgressReport(Path(target).name, len(chosen), on_progress, progress)
        files = await media_threads.run(plan_files, chosen, target, format)

        async def save(file: tuple[Moment, Path, str]) -> Path:
            moment, path, kind = file
            async with _replaced(path) as opened:
                if kind in PICTURE_FORMATS:
                    await _save_picture(work, moment, opened, kind, exact=exact)
                else:
                    await _save_clip(work, moment, opened, kind, exact=exact)
            return path

        async with self._work(source, report) as work:
            return await work.each(files, save)

    async def contact_sheet(
        self,
        moments: Iterable[Moment],
        target: str | PathLike[str],
        *,
        columns: int | None = None,
        source: VideoSource | None = None,
        on_progress: OnMediaProgress | None = None,
        progress: bool = False,
    ) -> Path:
        """Save one picture with the first frames of moments and their times, and return its path.

        Args:
            moments: 1 to 400 moments.
            target: Path of a ``.jpg`` or ``.png`` file.
            columns: Frames in a row. Default: about as many as rows.
            source: Where the videos are; see `save`.
            on_progress: Called in the event loop when a frame was read; may be a coroutine function.
            progress: True to show a bar.

        Raises:
            ImportError: PyAV is not installed, or tqdm for *progress*.
            TypeError: An argument has another type.
            ValueError: There are no moments or too many, or an argument is invalid.
            MediaError: A video cannot be read, or does not have the moment.
            OSError: A file cannot be read or written.
        """
        chosen = listed_moments(moments)
        path = Path(target)
        report = ProgressReport(path.name, len(chosen), on_progress, progress)
        kind = format_of(path, PICTURE_FORMATS)
        require_between("the number of moments", len(chosen), 1, MAX_CELLS)
        if columns is not None:
            require_between("columns", columns, 1, MAX_CELLS, is_whole=True)
        async with self._work(source, report) as work:
            from ..media.pictures import CELL_WIDTH, contact_sheet, read_picture, write_picture

            read = partial(read_picture, width=CELL_WIDTH)
            pictures = await work.each(chosen, lambda moment: work.process(_start_of(moment), read))
            captions = [clock_time(moment.start) for moment in chosen]
            async with _replaced(path) as file:
                sheet = await media_threads.run(contact_sheet, pictures, captions, columns)
                await media_threads.run(write_picture, sheet, file, PICTURE_FORMATS[kind])
        return path

    async def supercut(
        self,
        moments: Iterable[Moment],
        target: str | PathLike[str],
        *,
        source: VideoSource | None = None,
        on_progress: OnMediaProgress | None = None,
        progress: bool = False,
    ) -> Path:
        """Save all moments one after the other as one video, and return its path.

        The video has the size of the first moment. Frames of another shape get black bars. Frames keep their times.

        Args:
            moments: Moments of one video or several.
            target: Path of an ``.mp4`` file.
            source: Where the videos are; see `save`.
            on_progress: Called in the event loop when a part was processed; may be a coroutine function.
            progress: True to show a bar.

        Raises:
            ImportError: PyAV is not installed, or tqdm for *progress*.
            TypeError: An argument has another type.
            ValueError: There are no moments, or an argument is invalid.
            MediaError: A video cannot be read, or does not have the moment.
            OSError: A file cannot be read or written.
        """
        chosen = require_length(listed_moments(moments))
        path = Path(target)
        report = ProgressReport(path.name, len(chosen), on_progress, progress)
        kind = format_of(path, ["mp4"])
        require_between("the number of moments", len(chosen), 1)
        async with self._work(source, report) as work:
            from ..media.clips import ClipWriter

            create = partial(ClipWriter, format=CLIP_FORMATS[kind], joins_sections=True)
            async with _replaced(path) as file, media_threads.open(create, file) as writer:
                for moment in chosen:
                    await work.process(moment, writer.append)
                await media_threads.run(writer.finish)
        return path

    async def split(
        self,
        file: str | PathLike[str],
        folder: str | PathLike[str],
        *,
        max_seconds: float = MAX_ANALYZED_SECONDS,
        max_bytes: int = MAX_UPLOAD,
        on_progress: OnMediaProgress | None = None,
        progress: bool = False,
    ) -> list[tuple[Path, UserMetadata]]:
        """Split a long file before its upload, and return the parts, each with user metadata.

        Parts are copied without encoding, and are of similar length. They begin with a key frame, where it is quiet or
        the picture changes. `Moments.whole` maps moments of the parts to the times of the whole file, by the user
        metadata of the parts.

        Args:
            file: Path of a video or audio file. If it is within the limits, it is the only part, without metadata.
            folder: Folder for the parts, which is created. A part is named like the file, with a number. Existing
                files are replaced.
            max_seconds: Longest part in seconds, at least 8. Default: 7,200, which all models take (docs: Analyze
                videos). Marengo takes 14,400.
            max_bytes: Largest part in bytes. Default: 10 GiB (docs: Multipart uploads), which is the maximum.
            on_progress: Called in the event loop while the file is read and copied; may be a coroutine function.
            progress: True to show a bar.

        Raises:
            ImportError: PyAV is not installed, or tqdm for *progress*.
            TypeError: An argument has another type.
            ValueError: A limit is out of range, or *file* is not a regular file.
            MediaError: The file cannot be read, or has too few key frames.
            OSError: A file cannot be read or written.

        Example:
            ::

                parts = await client.media.split("conference.mp4", "parts/")
                async for outcome in client.bulk.index(index.id, parts):
                    print(outcome.source, outcome.status)
        """
        report = ProgressReport(Path(file).name, 1, on_progress, progress)
        return await split(file, folder, max_seconds, max_bytes, report)

    @asynccontextmanager
    async def _work(self, source: VideoSource | None, report: ProgressReport) -> AsyncGenerator[MediaWork]:
        await media_threads.run(require, "av", "twelvelabs_async[media]")  # its import takes a while
        async with report.show(), MediaSources(self._api, source) as sources:
            yield MediaWork(sources, report)


@asynccontextmanager
async def _replaced(path: Path) -> AsyncGenerator[BinaryIO]:
    """Yield an empty file that takes the place of *path* if the context ends without an error."""
    async with media_threads.open(ReplacedFile, path) as replaced:
        yield replaced.file
        await media_threads.run(replaced.commit)


async def _save_clip(work: MediaWork, moment: Moment, file: BinaryIO, kind: str, *, exact: bool) -> None:
    from ..media.clips import write_clip
    from ..media.copies import copy_clip

    is_copied = not exact and kind not in ("gif", "webp")
    await work.process(moment, partial(copy_clip if is_copied else write_clip, file=file, format=CLIP_FORMATS[kind]))


async def _save_picture(work: MediaWork, moment: Moment, file: BinaryIO, kind: str, *, exact: bool) -> None:
    from ..media.pictures import read_picture, write_picture

    picture = await work.process(_start_of(moment), partial(read_picture, exact=exact))
    await media_threads.run(write_picture, picture, file, PICTURE_FORMATS[kind])


def _start_of(moment: Moment) -> Moment:
    """Return a moment of which the first picture is enough."""
    return moment.copy(end=moment.start + 0.1)
