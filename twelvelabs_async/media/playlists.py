"""HLS playlists (RFC 8216): variants of a stream, and the segments that a part of a video is in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from attrs import evolve, field, frozen

from .._extras import require
from .._urls import without_credentials

SIGNATURE: Final = b"#EXTM3U"
"""The first bytes of a playlist."""
ROUNDING_SECONDS: Final = 0.001
"""Playlists state times in milliseconds or less: a segment that a moment touches by less is not in it."""

MAX_VERSIONS: Final = 1_000
"""Variants and sounds of a stream. The parser compares each with each."""
MAX_BYTE: Final = 2**63
"""Positions in files are smaller."""


@frozen
class Resource:
    """A file at a URL, or a range of its bytes.

    Attributes:
        url: The URL, whose query may be a secret.
        first: First byte.
        size: Number of bytes. Default: all that follow.
    """

    url: str = field(repr=False)
    first: int = 0
    size: int | None = None

    @property
    def last(self) -> int | None:
        """The last byte, if the range has an end."""
        return None if self.size is None else self.first + self.size - 1

    def __str__(self) -> str:
        return without_credentials(self.url.partition("?")[0])


@frozen
class Segment:
    """Part of a stream, from *start* to *end* in seconds.

    Attributes:
        index: Position in the playlist, from 0.
        content: Its bytes.
        header: Position in `Playlist.headers`, of a stream in fragmented MP4.
    """

    index: int
    start: float
    end: float
    content: Resource
    header: int | None


@frozen
class Variant:
    """A version of a stream.

    Attributes:
        playlist: Its playlist.
        audio: Playlist of its sound, unless it is part of the segments.
        bandwidth: Bits per second.
    """

    playlist: Resource
    audio: Resource | None
    bandwidth: int


@frozen
class Playlist:
    """A master playlist with variants, or a media playlist with segments.

    Attributes:
        headers: Bytes that files of segments begin with.
    """

    variants: Sequence[Variant] = ()
    segments: Sequence[Segment] = ()
    headers: Sequence[Resource] = ()

    @property
    def best(self) -> Variant | None:
        """The variant with the highest bandwidth; ``None`` if this is a media playlist."""
        return max(self.variants, key=lambda variant: variant.bandwidth, default=None)

    def between(self, start: float, end: float | None) -> list[Segment]:
        """Return the segments that contain a part of the stream."""
        return [
            segment
            for segment in self.segments
            if segment.end > start + ROUNDING_SECONDS and (end is None or segment.start < end - ROUNDING_SECONDS)
        ]


def parse_playlist(content: bytes, url: str) -> Playlist:
    """Parse a playlist.

    Args:
        content: The playlist.
        url: Its URL, to which its URLs are relative.

    Raises:
        ImportError: The package m3u8 is not installed.
        ValueError: The playlist is damaged, live, or encrypted.
    """
    m3u8 = require("m3u8", "twelvelabs_async[media]")
    if content.count(b"#EXT-X-STREAM-INF") + content.count(b"#EXT-X-MEDIA:") > MAX_VERSIONS:
        raise ValueError(f"the stream has more than {MAX_VERSIONS:,} versions")
    try:
        parsed = m3u8.loads(content.decode())
        sounds = _sounds(parsed.media)
        variants = [_variant(playlist, sounds, url) for playlist in parsed.playlists]
        playlist = _with_segments(parsed.segments, url)
    except Exception as error:  # the parser does not validate: attributes of a damaged playlist have other types
        raise ValueError(f"the playlist is damaged ({type(error).__name__}: {error})") from None
    if any(key is not None and key.method != "NONE" for key in parsed.keys):
        raise ValueError("the stream is encrypted. Pass source= with the video's file")
    if playlist.segments and not parsed.is_endlist and parsed.playlist_type != "vod":
        raise ValueError("the stream is live; expected one on demand, which has an end")
    if not variants and not playlist.segments:
        raise ValueError("the playlist has no segments")
    return evolve(playlist, variants=variants)


def _sounds(media: Any) -> Mapping[str, Any]:
    """Return the sound of each group: of several languages, the default one."""
    sounds: dict[str, Any] = {}
    for sound in media:
        if sound.type == "AUDIO" and (sound.group_id not in sounds or sound.default == "YES"):
            sounds[sound.group_id] = sound
    return sounds


def _variant(parsed: Any, sounds: Mapping[str, Any], url: str) -> Variant:
    sound = sounds.get(parsed.stream_info.audio)
    audio = _resource(sound.uri, None, url) if sound and sound.uri else None
    return Variant(_resource(parsed.uri, None, url), audio, int(parsed.stream_info.bandwidth or 0))


def _with_segments(parsed: Any, url: str) -> Playlist:
    segments: list[Segment] = []
    headers: dict[Resource, int] = {}
    start, next_byte = 0.0, 0
    for index, segment in enumerate(parsed):
        content = _resource(segment.uri, segment.byterange, url, next_byte)
        next_byte = 0 if content.last is None else content.last + 1
        header = segment.init_section
        position = headers.setdefault(_resource(header.uri, header.byterange, url), len(headers)) if header else None
        end = start + _seconds(segment.duration)
        segments.append(Segment(index, start, end, content, position))
        start = end
    return Playlist(segments=segments, headers=list(headers))


def _seconds(duration: float) -> float:
    if not (isfinite(duration) and duration >= 0):
        raise ValueError(f"a segment has {duration} seconds")
    return duration


def _resource(uri: str, byte_range: str | None, url: str, next_byte: int = 0) -> Resource:
    """Return a file or a range of it. A range without an offset follows the one before."""
    joined = urljoin(url, uri)
    scheme = urlsplit(joined).scheme
    if scheme != "https" and (scheme != "http" or url.startswith("https:")):
        raise ValueError(f"it has a URL with the scheme {scheme!r}; expected https, or http as its own")
    if not byte_range:
        return Resource(joined)
    size, _, first = byte_range.partition("@")
    resource = Resource(joined, int(first or next_byte), int(size))
    if not (0 <= resource.first <= MAX_BYTE and 0 < int(size) <= MAX_BYTE):
        raise ValueError(f"a segment has the range {byte_range:.50}")
    return resource
