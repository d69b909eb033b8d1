"""Sources of videos: files on this machine, files at URLs, and streams."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO, Final, Self, TypeAlias, cast

from attrs import frozen

from .._threads import run_in_thread
from .._urls import is_url, web_url
from .._validators import require_regular_file
from ..errors import InvalidArgumentError, InvalidArgumentTypeError, MediaError
from ..models.moment import Moment, MomentVideo, text_of
from ..resources._api import AsyncAPI
from .downloads import Downloads, FreshUrl
from .remote_videos import RemoteVideo

VideoSource: TypeAlias = (
    str | PathLike[str] | Mapping[str, str | PathLike[str]] | Callable[[MomentVideo], str | PathLike[str] | None]
)
"""Places of videos: the path or URL of one file, those by id of the video or asset or by file name, or a function."""

MAX_OPEN_VIDEOS: Final = 50
"""Videos of other machines, at most, of which a call keeps what it has read: each is an open file."""


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
        source: Where the caller says that videos are. Default: `MomentVideo.file`, else the HLS stream.
    """

    def __init__(self, api: AsyncAPI, source: VideoSource | None) -> None:
        self._api = api
        self._source = source
        self._downloads = Downloads(api._transport)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        self._videos: dict[object, RemoteVideo] = {}  # the one that was used last is at the end
        self._opening = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        async with AsyncExitStack() as closing:
            for remote in self._videos.values():
                closing.push_async_callback(remote.close)

    def cancel(self) -> None:
        """Cancel the requests of threads that read: the call has failed, or is cancelled."""
        for remote in self._videos.values():
            remote.cancel()

    @asynccontextmanager
    async def open(self, moment: Moment) -> AsyncGenerator[MediaSource, None]:
        """Yield a source that has the time from the start to the end of *moment*.

        Raises:
            APIError: A download failed.
            MediaError: The video has no file and no stream, or ends before the moment.
            ValueError: It is unknown where the video is, or the path is not that of a regular file.
            OSError: The file cannot be reached.
        """
        video = moment.video or MomentVideo()
        given = _given_source(self._source, video) or video.file
        if given is not None and not is_url(os.fspath(given)):
            yield MediaSource(await run_in_thread(_local_file, given))
            return
        async with self._opening:
            remote = await self._remote_video(video, None if given is None else web_url(os.fspath(given)))
        async with remote.open(max(moment.start, 0.0), moment.end) as (file, offset):
            yield MediaSource(file, offset)

    async def _remote_video(self, video: MomentVideo, given: str | None) -> RemoteVideo:
        """Return the video at a URL: the caller's, that of the stream, or one that the API returns."""
        key = given or video.key
        if key not in self._videos:
            if given is not None:
                url = FreshUrl(given, None)
            elif video.asset_id is not None or (video.id is not None and video.index_id is not None):
                url = FreshUrl(video.hls_url, partial(self._stream_url, video))
            elif video.hls_url is not None:
                url = FreshUrl(video.hls_url, None)
            else:
                raise InvalidArgumentError(
                    (f"Video {video.key!r} has no file and no stream." if video.key else "The moment has no video.")
                    + " Pass source= with its path or URL, or a function that returns them."
                )
            await self._close_oldest()
            self._videos[key] = RemoteVideo(self._downloads, url)
        self._videos[key] = self._videos.pop(key)
        return self._videos[key]

    async def _close_oldest(self) -> None:
        """Close the video that was not used for longest, if there are many."""
        idle = [key for key, remote in self._videos.items() if not remote.is_in_use]
        if idle and len(self._videos) >= MAX_OPEN_VIDEOS:
            await self._videos.pop(idle[0]).close()

    async def _stream_url(self, video: MomentVideo) -> str:
        """Ask the API for the stream of a video.

        Raises:
            MediaError: The video has none.
        """
        if video.id is not None and video.index_id is not None:
            indexed = await self._api.indexes.indexed_assets.retrieve(video.index_id, video.id)
            if url := text_of(getattr(indexed.hls, "video_url", None)):
                return url
        if video.asset_id is not None:
            asset = await self._api.assets.retrieve(video.asset_id)
            if url := text_of(getattr(asset.hls, "manifest_url", None)):
                return url
        raise MediaError(
            f"Video {video.filename or video.key!r} has no stream. Pass source= with its file, or index it with "
            "enable_video_stream=True."
        )


def _local_file(given: str | PathLike[str]) -> str:
    """Return the path of a file.

    Raises:
        ValueError: The path is not that of a regular file.
        OSError: The file cannot be reached.
    """
    path = str(Path(given).expanduser())
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
    raise InvalidArgumentTypeError(
        f"source must be a path or URL, a mapping to them, or a function; got {source!r:.100}."
    )
