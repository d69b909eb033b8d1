"""What a search finds."""

from collections.abc import Iterable, Iterator
from copy import copy
from typing import Literal, TypeAlias

from ._base import Model, UserMetadata
from ._table import Table

__all__ = [
    "SearchCreateRequestGroupBy", "SearchCreateRequestOperator", "SearchCreateRequestQueryMediaType",
    "SearchCreateRequestSearchOptionsItem", "SearchCreateRequestTranscriptionOptionsItem", "SearchItem",
    "SearchItemClipsItem", "SearchPool", "SearchResults", "SearchResultsPageInfo", "SearchRetrieveResponse",
    "SearchRetrieveResponsePageInfo",
]  # fmt: skip

SearchCreateRequestQueryMediaType: TypeAlias = Literal["image"] | str
SearchCreateRequestSearchOptionsItem: TypeAlias = Literal["visual", "audio", "transcription"] | str
SearchCreateRequestTranscriptionOptionsItem: TypeAlias = Literal["lexical", "semantic"] | str
SearchCreateRequestGroupBy: TypeAlias = Literal["clip", "video"] | str
SearchCreateRequestOperator: TypeAlias = Literal["or", "and"] | str


class SearchItemClipsItem(Model):
    """A stretch of a video that matches, from *start* to *end* in seconds; rank 1 is the best."""

    start: float | None = None
    end: float | None = None
    rank: int | None = None
    thumbnail_url: str | None = None
    transcription: str | None = None
    video_id: str | None = None
    user_metadata: UserMetadata | None = None


class SearchItem(SearchItemClipsItem):
    """A match: a stretch of a video, or a video with its stretches in *clips* if grouped by video.

    Attributes:
        video_id: The indexed asset it is in.
        thumbnail_url: A picture of it; the URL expires.
        user_metadata: Your own data about the video, if asked for.
        id: The indexed asset, if grouped by video.
        clips: Its matching stretches, if grouped by video.
    """

    id: str | None = None
    clips: list[SearchItemClipsItem] | None = None


class SearchPool(Model):
    """What was searched: number of videos, and their length together in seconds."""

    index_id: str | None = None
    total_count: int | None = None
    total_duration: float | None = None


class SearchResultsPageInfo(Model):
    """Where a page of matches stands.

    Attributes:
        total_results: Number of matches, or of videos if grouped by video.
        total_inner_matches: Number of stretches, if grouped by video.
        next_page_token: What `search.retrieve` takes for the next page; absent on the last one.
        page_expires_at: Until when the token is good, RFC 3339.
    """

    limit_per_page: int | None = None
    total_results: int | None = None
    total_inner_matches: int | None = None
    next_page_token: str | None = None
    page_expires_at: str | None = None


class Matches(Table):
    """A table of matches: a row for each stretch of video, however they are grouped."""

    __slots__ = ()

    _row = SearchItemClipsItem
    data: list[SearchItem] | None

    def _items(self) -> Iterable[SearchItemClipsItem]:
        return stretches(self.data or ())


def stretches(matches: Iterable[SearchItem]) -> Iterator[SearchItemClipsItem]:
    """The stretches of video among matches; those of a video know which one, and your own data about it."""
    for match in matches:
        if match.clips is None:
            yield match
        for clip in map(copy, match.clips or ()):
            clip.video_id = clip.video_id or match.id
            clip.user_metadata = clip.user_metadata or match.user_metadata
            yield clip


class SearchResults(Model, Matches):
    """The first page of matches."""

    data: list[SearchItem] | None = None
    page_info: SearchResultsPageInfo | None = None
    search_pool: SearchPool | None = None


class SearchRetrieveResponsePageInfo(SearchResultsPageInfo):
    """Where a later page of matches stands; *prev_page_token* leads back."""

    prev_page_token: str | None = None


class SearchRetrieveResponse(Model, Matches):
    """A later page of matches."""

    data: list[SearchItem] | None = None
    page_info: SearchRetrieveResponsePageInfo | None = None
    search_pool: SearchPool | None = None
