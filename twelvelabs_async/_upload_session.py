"""Upload sessions: start one for a file, or find one to resume."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from attrs import field, frozen

from ._files import UploadFile
from ._pagination import AsyncPager
from .errors import UploadError
from .models._base import UserMetadata
from .models.multipart_upload import (
    ChunkInfo,
    CompletedChunk,
    CreateAssetUploadResponse,
    GetUploadStatusResponse,
    IncompleteUploadSummary,
    PresignedUrlChunk,
    ReportChunkBatchResponse,
    RequestAdditionalPresignedUrLsResponse,
    UploadType,
)
from .options import MAX_PAGE_LIMIT, OMIT, RequestOptions


@frozen(kw_only=True)
class AssetFields:
    """Fields of the asset that an upload creates."""

    type: UploadType
    enable_hls: bool | None = OMIT
    enable_thumbnail: bool | None = OMIT
    user_metadata: UserMetadata | None = OMIT


class MultipartEndpoints(Protocol):
    """The endpoints that an upload uses; `AsyncMultipartUpload` has them."""

    async def create(
        self,
        *,
        filename: str,
        type: UploadType,
        total_size: int,
        enable_hls: bool | None,
        enable_thumbnail: bool | None,
        user_metadata: UserMetadata | None,
        request_options: RequestOptions | None,
    ) -> CreateAssetUploadResponse: ...

    async def get_additional_presigned_urls(
        self, upload_id: str, *, start: int, count: int, request_options: RequestOptions | None
    ) -> RequestAdditionalPresignedUrLsResponse: ...

    async def report_chunk_batch(
        self, upload_id: str, *, completed_chunks: Sequence[CompletedChunk], request_options: RequestOptions | None
    ) -> ReportChunkBatchResponse: ...

    async def retrieve(self, upload_id: str, *, request_options: RequestOptions | None) -> GetUploadStatusResponse: ...

    def get_status(
        self, upload_id: str, *, page_limit: int, request_options: RequestOptions | None
    ) -> AsyncPager[ChunkInfo]: ...

    def list_incomplete_uploads(
        self, *, page_limit: int, request_options: RequestOptions | None
    ) -> AsyncPager[IncompleteUploadSummary]: ...


@frozen(kw_only=True)
class UploadSession:
    """An upload session that was started or found.

    Attributes:
        asset_id: The asset; unknown for a resumed session until its last report.
        part_size: Bytes in each part except the last.
        urls: Presigned URLs that the API has sent already.
        headers: Headers to send with every part.
        completed: Numbers of the parts that have been reported.
    """

    upload_id: str
    part_size: int
    asset_id: str | None = None
    urls: Sequence[PresignedUrlChunk] = ()
    headers: Mapping[str, str] = field(factory=dict[str, str])
    completed: frozenset[int] = frozenset()


async def start_session(
    endpoints: MultipartEndpoints, file: UploadFile, asset: AssetFields, options: RequestOptions | None
) -> UploadSession:
    """Start an upload session for a file.

    Raises:
        UploadError: The response has no id or no part size.
    """
    created = await endpoints.create(
        filename=file.name,
        type=asset.type,
        total_size=file.size,
        enable_hls=asset.enable_hls,
        enable_thumbnail=asset.enable_thumbnail,
        user_metadata=asset.user_metadata,
        request_options=options,
    )
    if not created.upload_id or not created.chunk_size:
        raise UploadError(
            f"The API started no upload session: expected upload_id and chunk_size; got {created.upload_id!r} and "
            f"{created.chunk_size!r}.",
            upload_id=created.upload_id,
        )
    return UploadSession(
        upload_id=created.upload_id,
        part_size=created.chunk_size,
        asset_id=created.asset_id,
        urls=created.upload_urls or (),
        headers=created.upload_headers or {},
    )


async def find_session(
    endpoints: MultipartEndpoints, file: UploadFile, upload_id: str, options: RequestOptions | None
) -> UploadSession:
    """Find the upload session to resume.

    Raises:
        UploadError: No incomplete session has this id.
        ValueError: The session is for a file of another size.
    """
    async for session in endpoints.list_incomplete_uploads(page_limit=MAX_PAGE_LIMIT, request_options=options):
        if session.upload_id == upload_id:
            break
    else:
        raise UploadError(f"The upload {upload_id} is complete or has expired. Start a new upload without upload_id.")
    if session.total_size != file.size:
        raise ValueError(
            f"{file.name} has {file.size} bytes, but the upload {upload_id} is for {session.total_size}. The file was "
            "changed, or is another file: start a new upload without upload_id."
        )
    chunks = endpoints.get_status(upload_id, page_limit=MAX_PAGE_LIMIT, request_options=options)
    completed = {chunk.index async for chunk in chunks if chunk.status == "completed" and chunk.index is not None}
    return UploadSession(upload_id=upload_id, part_size=session.chunk_size, completed=frozenset(completed))
