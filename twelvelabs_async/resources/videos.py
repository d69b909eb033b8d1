"""``/indexes/{index_id}/videos``: the older view of what is indexed in an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from .._pagination import AsyncPager
from .._transport import path
from ..models._base import UserMetadata
from ..models.indexed_assets import (
    IndexedAssetsListRequestUserMetadataValue,
    IndexedAssetsRetrieveRequestEmbeddingOptionItem,
    Range,
    RangeParams,
)
from ..models.videos import VideosRetrieveResponse, VideoVector
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
        user_metadata: Mapping[str, IndexedAssetsListRequestUserMetadataValue | None] | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[VideoVector]:
        """List the videos in an index; takes what `indexed_assets.list` takes, but no *status*.

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
        embedding_option: IndexedAssetsRetrieveRequestEmbeddingOptionItem
        | Sequence[IndexedAssetsRetrieveRequestEmbeddingOptionItem]
        | None = None,
        transcription: bool | None = None,
        request_options: RequestOptions | None = None,
    ) -> VideosRetrieveResponse:
        """Describe a video; takes what `indexed_assets.retrieve` takes.

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
        """Change your own data about a video; ``None`` deletes a key, keys not named stay."""
        await self._do("PATCH", path(VIDEO, index_id, video_id), request_options, json={"user_metadata": user_metadata})

    async def delete(self, index_id: str, video_id: str, *, request_options: RequestOptions | None = None) -> None:
        """Remove a video from an index, with all that was found out about it."""
        await self._do("DELETE", path(VIDEO, index_id, video_id), request_options)
