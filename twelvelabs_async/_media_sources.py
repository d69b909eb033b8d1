"""Where the bytes of a video come from."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from os import PathLike
from typing import Any, BinaryIO, Self, TypeAlias, cast

from attrs import frozen

from ._threads import run_in_thread
from ._validators import require_regular_file
from .errors import InvalidArgumentError, InvalidArgumentTypeError
from .models.moment import Moment, MomentVideo
from .resources._api import AsyncAPI

__all__ = ["VideoSource"]

VideoSource: TypeAlias = (
    str | PathLike[str] | Mapping[str, str | PathLike[str]] | Callable[[MomentVideo], str | PathLike[str] | None]
)
"""Where videos are: the path of one file, paths by id of the video, id of the asset or file name, or a function."""


@frozen
class MediaSource:
    """An opened source.

    Attributes:
        file: A path, or a file that can seek, and whose methods block.
        offset: Time in the video, in seconds, of the beginning of the file.
    """

    file: str | BinaryIO
    offset: float = 0.0


class MediaSources:
    """The sources of the moments of one call, which share what was read until the context ends.

    Args:
        api: The resources of the API.
        source: Where the caller says that videos are. Default: `MomentVideo.file`.
    """

    def __init__(self, api: AsyncAPI, source: VideoSource | None) -> None:
        self._api = api
        self._source = source
        self._opened = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._opened.aclose()

    @asynccontextmanager
    async def open(self, moment: Moment) -> AsyncGenerator[MediaSource, None]:
        """Yield a source that has the time from the start to the end of *moment*.

        Raises:
            ValueError: It is unknown where the video is, or the path is not that of a regular file.
            OSError: The file cannot be reached.
        """
        video = moment.video or MomentVideo()
        given = _given_source(self._source, video) or video.file
        if given is None:
            raise InvalidArgumentError(
                f"Video {video.key!r} has no file. Pass source= with its path, or a function that returns paths."
            )
        yield MediaSource(await run_in_thread(_local_file, given))


def _local_file(given: str | PathLike[str]) -> str:
    """Return the path of a file.

    Raises:
        ValueError: The path is not that of a regular file.
        OSError: The file cannot be reached.
    """
    path = os.path.expanduser(os.fspath(given))
    require_regular_file(path)
    return path


def _given_source(source: Any, video: MomentVideo) -> str | PathLike[str] | None:
    """Return what the caller's *source* says about a video; ``None`` if it says nothing.

    Raises:
        TypeError: *source* is none of the types of `VideoSource`.
    """
    if isinstance(source, Mapping):
        paths = cast("Mapping[str | None, str | PathLike[str]]", source)
        return next((paths[key] for key in (video.id, video.asset_id, video.filename) if key in paths), None)
    if callable(source):
        return cast("str | PathLike[str] | None", source(video))
    if isinstance(source, str | PathLike | None):
        return cast("str | PathLike[str] | None", source)
    raise InvalidArgumentTypeError(f"source must be a path, a mapping to paths or a function; got {source!r:.100}.")
