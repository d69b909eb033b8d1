"""``/indexes/{index_id}/videos``: the older view of what is indexed in an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from .._pagination import AsyncPager
from .._transport import path
from ..models.common import UserMetadata
from ..models.indexed_assets import Range, RangeParams
from ..models.videos import (
    VideosListRequestUserMetadataValue,
    VideosRetrieveRequestEmbeddingOptionItem,
    VideosRetrieveResponse,
    VideoVector,
)
from ..options import OMIT, RequestOptions
from ._base import AsyncResource, with_metadata

VIDEOS: Final = "/indexes/{index_id}/videos"
VIDEO: Final = "/indexes/{index_id}/videos/{video_id}"


class AsyncVideos(AsyncResource):
    """List, describe, change and remove videos. The API will drop it: use indexed assets, which have the same ids."""

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
        user_metadata: Mapping[str, VideosListRequestUserMetadataValue | None] | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[VideoVector]:
        """List the videos in an index.

        A number filters for exactly that number, ``{"gte": 30, "lte": 120}`` for a range with its bounds.

        Args:
            index_id: The index.
            page: The page to begin with. Default: 1.
            page_limit: Videos on a page, 1 to 50. Default: 10.
            sort_by: ``created_at`` or ``updated_at``. Default: ``created_at``.
            sort_option: ``asc`` or ``desc``. Default: ``desc``, the newest first.
            filename: Only videos with this file name.
            duration: Length in seconds, a number or a range.
            fps: Frames per second, a number or a range.
            width: Pixels, a number or a range.
            height: Pixels, a number or a range.
            size: Bytes, a number or a range.
            created_at: Only videos whose indexing was asked for at this time or later, RFC 3339.
            updated_at: Only videos changed by `update` at this time or later, RFC 3339.
            user_metadata: Only videos with these values in their own data.
            request_options: Settings for every request of the list.

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
        return self._list(
            path(VIDEOS, index_id), VideoVector, page, request_options, **with_metadata(query, user_metadata)
        )

    async def retrieve(
        self,
        index_id: str,
        video_id: str,
        *,
        embedding_option: VideosRetrieveRequestEmbeddingOptionItem
        | Sequence[VideosRetrieveRequestEmbeddingOptionItem]
        | None = None,
        transcription: bool | None = None,
        request_options: RequestOptions | None = None,
    ) -> VideosRetrieveResponse:
        """Describe a video.

        Args:
            index_id: The index.
            video_id: The video.
            embedding_option: Also return embeddings of these: ``visual``, ``audio``, ``transcription`` (Marengo 3.0),
                or ``visual-text``, ``audio`` (Marengo 2.7).
            transcription: Whether to return the spoken words, too. Default: no.
            request_options: Settings for this call.

        Raises:
            NotFoundError: There is no such video.
        """
        return await self._get(
            path(VIDEO, index_id, video_id),
            VideosRetrieveResponse,
            request_options,
            query={"embedding_option": embedding_option, "transcription": transcription},
        )

    async def update(
        self,
        index_id: str,
        video_id: str,
        *,
        user_metadata: UserMetadata | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> None:
        """Change your own data about a video.

        Args:
            index_id: The index.
            video_id: The video.
            user_metadata: The keys to set; ``None`` deletes a key, keys not named stay.
            request_options: Settings for this call.
        """
        await self._do("PATCH", path(VIDEO, index_id, video_id), request_options, json={"user_metadata": user_metadata})

    async def delete(self, index_id: str, video_id: str, *, request_options: RequestOptions | None = None) -> None:
        """Remove a video from an index, with all that was found out about it."""
        await self._do("DELETE", path(VIDEO, index_id, video_id), request_options)
