"""HLS streams: the segments that a part of a video is in, each requested once."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from .._threads import run_in_thread
from ..errors import APIStatusError, MediaError
from ..media.playlists import Playlist, Resource, Segment, parse_playlist
from ..media.segments import concatenate, join_tracks, seconds_before_video
from .downloads import REFUSED, Downloads, FreshUrl

MAX_PLAYLIST_BYTES: Final = 16 * 1024 * 1024
"""Largest playlist: one of a hundred hours has 4 MB."""
CONCURRENCY: Final = 8
"""Segments of a stream that are downloaded at once."""

Tracks: TypeAlias = Sequence[Playlist]
"""The media playlist of a stream, and that of its sound if the segments of the picture do not contain it."""


class HlsStream:
    """A stream, of which the segments are downloaded that are needed.

    Args:
        downloads: Requests for media.
        url: URL of the playlist.
        folder: Folder for the segments, which exists.
    """

    def __init__(self, downloads: Downloads, url: FreshUrl, folder: Path) -> None:
        self._downloads = downloads
        self._url = url
        self._folder = folder
        self._tracks: Tracks = ()
        self._parts = 0
        self._saved: set[Path] = set()
        self._saving: defaultdict[Path, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._reloading = asyncio.Lock()
        self._slots = asyncio.Semaphore(CONCURRENCY)

    async def load(self, content: bytes, url: Resource) -> None:
        """Parse the playlist that was downloaded from *url*, and read the playlists of its tracks.

        Raises:
            APIError: The download of a playlist failed.
            MediaError: A playlist is damaged, or its stream is live or encrypted.
        """
        playlist = await run_in_thread(_parse, content, url)
        best = playlist.best
        if best is None:
            self._tracks = [playlist]
            return
        wanted = [resource for resource in (best.playlist, best.audio) if resource is not None]
        self._tracks = [await self._read_track(resource) for resource in wanted]

    async def _read_track(self, resource: Resource) -> Playlist:
        content, url = await self._downloads.read_whole(resource, MAX_PLAYLIST_BYTES)
        playlist = await run_in_thread(_parse, content, url)
        if not playlist.segments:
            raise MediaError(f"{url}: expected a playlist with segments; got one with variants.")
        return playlist

    @asynccontextmanager
    async def open(self, start: float, end: float | None) -> AsyncGenerator[tuple[Path, float]]:
        """Yield a file with a part of the stream, and the time in the stream at which the file starts.

        Raises:
            APIError: The download of a segment failed.
            MediaError: The stream ends before *start*, or a segment is damaged.
            OSError: A file cannot be written.
        """
        chosen = [playlist.between(start, end) for playlist in self._tracks]
        if not chosen[0]:
            raise MediaError(f"The video ends before {start:g} s. Expected a moment in it.")
        self._parts += 1
        path = self._folder / f"part{self._parts}"
        names = [path.with_name(f"{path.name}-{track}") for track, segments in enumerate(chosen) if segments]
        for track, name in enumerate(names):
            await self._save_track(track, chosen[track], name)
        await run_in_thread(join_tracks, names, path)
        try:
            yield path, chosen[0][0].start - await run_in_thread(seconds_before_video, path)
        finally:
            await run_in_thread(path.unlink)

    async def _save_track(self, track: int, segments: Sequence[Segment], path: Path) -> None:
        """Save segments of one track as one file. A header stands where another one begins."""
        wanted: dict[str, Callable[[Tracks], Resource]] = {}
        header = None
        for segment in segments:
            if segment.header is not None and segment.header != header:
                header = segment.header
                wanted[f"{track}-header{header}"] = partial(_header, track, header)
            wanted[f"{track}-{segment.index}"] = partial(_content, track, segment.index)
        try:
            async with asyncio.TaskGroup() as group:
                saving = [group.create_task(self._save_once(name, locate)) for name, locate in wanted.items()]
        except ExceptionGroup as failures:
            failure = failures.exceptions[0]
        else:
            await run_in_thread(concatenate, [saved.result() for saved in saving], path)
            return
        raise failure  # outside of `except`: the group would be its context

    async def _save_once(self, name: str, locate: Callable[[Tracks], Resource]) -> Path:
        """Save a file of the stream unless it is saved. If the storage refuses its URL, read the playlist again."""
        path = self._folder / name
        async with self._saving[path], self._slots:
            if path in self._saved:
                return path
            tracks = self._tracks
            try:
                await self._downloads.save(locate(tracks), path)
            except APIStatusError as error:
                if error.status_code not in REFUSED:
                    raise
                await self._reload(tracks)
                await self._downloads.save(locate(self._tracks), path)
            self._saved.add(path)
            return path

    async def _reload(self, stale: Tracks) -> None:
        """Read the playlist again, unless another task has done so."""
        async with self._reloading:
            if self._tracks is stale:
                await self.load(*await self._url.use(partial(self._downloads.read_whole, limit=MAX_PLAYLIST_BYTES)))
                if [len(track.segments) for track in self._tracks] != [len(track.segments) for track in stale]:
                    raise MediaError("The stream has changed while it was read. Try again.")


def _header(track: int, number: int, tracks: Tracks) -> Resource:
    return tracks[track].headers[number]


def _content(track: int, index: int, tracks: Tracks) -> Resource:
    return tracks[track].segments[index].content


def _parse(content: bytes, url: Resource) -> Playlist:
    """Parse a playlist.

    Raises:
        MediaError: It is damaged, or its stream is live or encrypted.
    """
    try:
        return parse_playlist(content, url.url)
    except ValueError as error:
        raise MediaError(f"{url}: {error}.") from None
