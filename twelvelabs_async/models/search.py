"""Results of searches."""

from collections.abc import Iterable, Iterator
from copy import copy
from typing import ClassVar, Literal, TypeAlias

from ._base import Model, UserMetadata, models_of
from .moment import NO_VIDEO, MomentRow, MomentVideo, metadata_of, moment_of, text_of
from .moments import Moments
from .tables import Table, rows_of

__all__ = [
    "NamedSearchItem", "QueryMediaType", "SearchGroupBy", "SearchItem", "SearchItemClipsItem", "SearchOperator",
    "SearchOption", "SearchPool", "SearchResults", "SearchResultsPageInfo", "SearchRetrieveResponse",
    "SearchRetrieveResponsePageInfo", "TranscriptionOption",
]  # fmt: skip

# As if this were a package: imports of names that version 0 of the official SDK had here then ask the finder, which
# says what replaces them.
__path__: list[str] = []

QueryMediaType: TypeAlias = Literal["image"] | str
SearchOption: TypeAlias = Literal["visual", "audio", "transcription"] | str
TranscriptionOption: TypeAlias = Literal["lexical", "semantic"] | str
SearchGroupBy: TypeAlias = Literal["clip", "video"] | str
SearchOperator: TypeAlias = Literal["or", "and"] | str


class SearchItemClipsItem(Model):
    """Segment of a video that matches, from *start* to *end* in seconds.

    Attributes:
        rank: Rank of the match. 1 is the best.
    """

    start: float | None = None
    end: float | None = None
    rank: int | None = None
    thumbnail_url: str | None = None
    transcription: str | None = None
    video_id: str | None = None
    user_metadata: UserMetadata | None = None


class SearchItem(SearchItemClipsItem, Table):
    """A match: a segment of a video, or a video with its segments. As a table, it has a row for each segment.

    Attributes:
        video_id: Id of the indexed asset.
        thumbnail_url: URL of a picture. The URL expires.
        user_metadata: Metadata of the video, if requested.
        id: Id of the indexed asset, if the matches are grouped by video.
        clips: Matching segments, if the matches are grouped by video.
    """

    id: str | None = None
    clips: list[SearchItemClipsItem] | None = None

    __row__: ClassVar[type] = SearchItemClipsItem

    def __rows__(self) -> Iterable[object]:
        return self._segments()

    def _segments(self) -> Iterator[SearchItemClipsItem]:
        if self.clips is None:
            yield self
        for clip in map(copy, models_of(self.clips)):
            clip.video_id = clip.video_id or self.id  # the video's, if the matches are grouped
            clip.user_metadata = clip.user_metadata or self.user_metadata
            yield clip

    def moments(self) -> Moments:
        """Return the matching segments as moments, with the words that are spoken in them."""
        return self._moments(
            MomentVideo(id=text_of(self.video_id or self.id), user_metadata=metadata_of(self.user_metadata))
        )

    def _moments(self, video: MomentVideo) -> Moments:
        return Moments(
            moment_of(
                clip.start,
                clip.end,
                video=video,
                rank=clip.rank,
                text=text_of(clip.transcription),
                origin="search",
                thumbnail_url=text_of(clip.thumbnail_url),
            )
            for clip in self._segments()
        )


class NamedSearchItem(SearchItem):
    """A match with its video. As a table, it has a row for each moment.

    Attributes:
        video: The video. Of one that was deleted, it has the id alone.
    """

    video: MomentVideo = NO_VIDEO

    __row__: ClassVar[type] = MomentRow

    def __rows__(self) -> Iterable[object]:
        return self.moments()

    def moments(self) -> Moments:
        """Return the matching segments as moments of the video."""
        return self._moments(self.video)


class SearchPool(Model):
    """The videos that were searched.

    Attributes:
        total_count: Number of videos.
        total_duration: Total duration of the videos in seconds.
    """

    index_id: str | None = None
    total_count: int | None = None
    total_duration: float | None = None


class SearchResultsPageInfo(Model):
    """Position of a page of matches.

    Attributes:
        total_results: Number of matches, or of videos if the matches are grouped by video.
        total_inner_matches: Number of segments, if the matches are grouped by video.
        next_page_token: Argument of `search.retrieve` for the next page. Absent on the last page.
        page_expires_at: Time at which the token expires, in RFC 3339.
    """

    limit_per_page: int | None = None
    total_results: int | None = None
    total_inner_matches: int | None = None
    next_page_token: str | None = None
    page_expires_at: str | None = None


class MatchTable(Table):
    """Table of matches, with a row for each segment of a video."""

    __slots__ = ()

    __row__ = SearchItemClipsItem
    data: list[SearchItem] | None

    def __rows__(self) -> Iterable[object]:
        return rows_of(models_of(self.data))

    def moments(self) -> Moments:
        """Return the matching segments as moments. `AsyncSearchPager.moments` also names their videos."""
        return Moments(moment for item in models_of(self.data) for moment in item.moments())


class SearchResults(Model, MatchTable):
    """The first page of matches."""

    data: list[SearchItem] | None = None
    page_info: SearchResultsPageInfo | None = None
    search_pool: SearchPool | None = None


class SearchRetrieveResponsePageInfo(SearchResultsPageInfo):
    """Position of a later page of matches.

    Attributes:
        prev_page_token: Argument of `search.retrieve` for the previous page.
    """

    prev_page_token: str | None = None


class SearchRetrieveResponse(Model, MatchTable):
    """A later page of matches."""

    data: list[SearchItem] | None = None
    page_info: SearchRetrieveResponsePageInfo | None = None
    search_pool: SearchPool | None = None
