"""``/indexes/{index_id}/videos``: the older view of indexed assets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from .._pagination import AsyncPager
from .._request import url_path
from ..models._base import UserMetadata
from ..models.indexed_assets import (
    MetadataFilterValue,
    Range,
    RangeParams,
    VideoEmbeddingOption,
)
from ..models.videos import VideosRetrieveResponse, VideoVector
from ..options import OMIT, RequestOptions
from ._base import AsyncResource, with_metadata_filters
from ._raw import Awaited, Mode, Raw, raw, raw_pager, raw_responses_of

__all__ = ["AsyncVideos"]


class AsyncVideos(AsyncResource):
    """List, retrieve, update and delete videos.

    The API will remove these endpoints. Use `indexed_assets` instead: its ids are the same.
    """

    with_raw_response: RawVideos[Awaited]

    def list(
        self,
        index_id: str,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        sort_by: str | None = None,
        sort_option: str | None = None,
        filename: str | None = None,
        duration: float | Range | RangeParams | None = None,
        fps: float | Range | RangeParams | None = None,
        width: float | Range | RangeParams | None = None,
        height: float | Range | RangeParams | None = None,
        size: float | Range | RangeParams | None = None,
        created_at: str | None = None,
        updated_at: str | None = None,
        user_metadata: Mapping[str, MetadataFilterValue | None] | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[VideoVector]:
        """List the videos of an index.

        The arguments are those of `indexed_assets.list`, without *status*.

        Raises:
            ValueError: A key of *user_metadata* is the name of another filter.
        """
        query = {
            "page_limit": page_limit,
            "sort_by": sort_by,
            "sort_option": sort_option,
            "filename": filename,
            "duration": duration,
            "fps": fps,
            "width": width,
            "height": height,
            "size": size,
            "created_at": created_at,
            "updated_at": updated_at,
        }
        path = url_path("/indexes/{index_id}/videos", index_id=index_id)
        return self._list(path, VideoVector, page, request_options, **with_metadata_filters(query, user_metadata))

    async def retrieve(
        self,
        index_id: str,
        video_id: str,
        *,
        embedding_option: VideoEmbeddingOption | Sequence[VideoEmbeddingOption] | None = None,
        transcription: bool | None = None,
        request_options: RequestOptions | None = None,
    ) -> VideosRetrieveResponse:
        """Retrieve a video. The arguments are those of `indexed_assets.retrieve`.

        Raises:
            NotFoundError: No index or no video has this id.
        """
        path = url_path("/indexes/{index_id}/videos/{video_id}", index_id=index_id, video_id=video_id)
        query = {"embedding_option": embedding_option, "transcription": transcription}
        return await self._get(path, VideosRetrieveResponse, request_options, query=query)

    async def update(
        self,
        index_id: str,
        video_id: str,
        *,
        user_metadata: UserMetadata | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> None:
        """Update fields of the user metadata of a video.

        Args:
            user_metadata: Fields to set. ``None`` as a value deletes a field; other fields keep their values.
        """
        path = url_path("/indexes/{index_id}/videos/{video_id}", index_id=index_id, video_id=video_id)
        await self._send("PATCH", path, request_options, json={"user_metadata": user_metadata})

    async def delete(self, index_id: str, video_id: str, *, request_options: RequestOptions | None = None) -> None:
        """Delete a video and everything that indexing found. The asset itself remains."""
        path = url_path("/indexes/{index_id}/videos/{video_id}", index_id=index_id, video_id=video_id)
        await self._send("DELETE", path, request_options)


@raw_responses_of(AsyncVideos)
class RawVideos(Raw[Mode]):
    """The methods of `AsyncVideos`, which return the whole response."""

    list: Final = raw_pager(AsyncVideos.list)
    retrieve: Final = raw(AsyncVideos.retrieve)
    update: Final = raw(AsyncVideos.update)
    delete: Final = raw(AsyncVideos.delete)
