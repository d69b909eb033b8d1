"""Videos of an account that responses have named."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Container
from typing import Final
from weakref import WeakValueDictionary

from attrs import define, field

from .models.moment import MomentVideo

MAX_VIDEOS: Final = 100_000
"""Limit of the remembered videos, in about 60 MB. Videos that a caller names are added beyond it."""
URL_SECONDS: Final = 300.0
"""Responses with URLs are reused for so long: the URLs expire."""


@define
class Listing:
    """The list of an index, of which the first page was read.

    Attributes:
        pages_left: Number of the other pages.
        retrieved: Number of videos that were retrieved one by one instead.
    """

    pages_left: int
    retrieved: int = 0


@define
class VideoCache:
    """Videos by their ids.

    Attributes:
        listings: The lists that were read in part, by the id of the index.
    """

    listings: dict[str, Listing] = field(init=False, factory=dict[str, Listing])
    _locks: WeakValueDictionary[tuple[object, str], asyncio.Lock] = field(
        init=False, factory=WeakValueDictionary["tuple[object, str]", asyncio.Lock]
    )
    _named: dict[str, MomentVideo | None] = field(init=False, factory=dict[str, MomentVideo | None])
    _detailed: dict[str, tuple[float, MomentVideo]] = field(init=False, factory=dict[str, tuple[float, MomentVideo]])

    def lock(self, index_id: str) -> asyncio.Lock:
        """Return the lock of those who read the list of an index, in this event loop."""
        return self._locks.setdefault((asyncio.get_running_loop(), index_id), asyncio.Lock())

    def get(self, video_id: str) -> MomentVideo | None:
        """Return what is known about a video."""
        return self._recent(video_id) or self._named.get(video_id)

    def knows(self, video_id: str, *, in_detail: bool = False) -> bool:
        """Return whether a video needs no request: it is known, or known not to exist."""
        if video_id not in self._named:
            return False
        return not in_detail or self._named[video_id] is None or self._recent(video_id) is not None

    def add(self, video_id: str, video: MomentVideo | None, wanted: Container[str]) -> None:
        """Remember a video as lists show it, or that there is none."""
        if len(self._named) < MAX_VIDEOS or video_id in wanted:
            self._named[video_id] = video

    def add_detailed(self, video_id: str, video: MomentVideo) -> None:
        """Remember a video that was retrieved. Its details are forgotten soon."""
        self._detailed[video_id] = time.monotonic(), video
        self._named[video_id] = video.copy(user_metadata=None, hls_url=None, thumbnail_url=None)

    def _recent(self, video_id: str) -> MomentVideo | None:
        received, video = self._detailed.get(video_id, (0.0, None))
        return video if time.monotonic() - received < URL_SECONDS else None
