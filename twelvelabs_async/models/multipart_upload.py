"""Multipart uploads: sessions, parts and progress."""

from datetime import datetime
from typing import Literal, TypeAlias, TypedDict

from attrs import field

from ._base import Model, PageInfo

__all__ = [
    "ChunkInfo", "ChunkInfoStatus", "CompletedChunk", "CompletedChunkParams", "CreateAssetUploadResponse",
    "GetUploadStatusResponse", "IncompleteUploadSummary", "PresignedUrlChunk", "ReportChunkBatchResponse",
    "RequestAdditionalPresignedUrLsResponse", "UploadProgress", "UploadResult", "UploadSessionStatus", "UploadStatus",
    "UploadType",
]  # fmt: skip

UploadType: TypeAlias = Literal["video", "audio", "image"] | str
UploadSessionStatus: TypeAlias = Literal["active", "completed", "failed", "expired"] | str
ChunkInfoStatus: TypeAlias = Literal["completed", "pending", "failed"] | str


class PresignedUrlChunk(Model):
    """Presigned URL for one upload of a part.

    Attributes:
        chunk_index: Number of the part, from 1.
        url: The URL, which the repr does not show, since it permits to upload without a key.
        expires_at: Time at which the URL expires.
    """

    chunk_index: int | None = None
    url: str | None = field(repr=False, default=None)
    expires_at: datetime | None = None


class CreateAssetUploadResponse(Model):
    """A new upload session.

    Attributes:
        asset_id: Id of the new asset, which is usable when all parts are uploaded.
        upload_headers: Headers to send with each part.
        chunk_size: Bytes of each part except the last.
        expires_at: Time at which the session ends, 24 hours after its start.
    """

    upload_id: str
    asset_id: str
    upload_urls: list[PresignedUrlChunk] | None = None
    upload_headers: dict[str, str] | None = None
    chunk_size: int | None = None
    total_chunks: int | None = None
    expires_at: datetime | None = None


class IncompleteUploadSummary(Model):
    """An upload session that lacks parts. Sizes in bytes."""

    upload_id: str
    status: UploadSessionStatus
    chunk_size: int
    total_chunks: int
    total_size: int
    created_at: datetime | None = None
    expires_at: datetime | None = None


class ChunkInfo(Model):
    """Status of a part."""

    index: int | None = None
    status: ChunkInfoStatus | None = None
    error: str | None = None
    uploaded_at: datetime | None = None
    updated_at: datetime | None = None


class GetUploadStatusResponse(Model):
    """Status of an upload session. Sizes in bytes."""

    upload_id: str | None = None
    status: UploadSessionStatus | None = None
    chunks_completed: int | None = None
    chunks_pending: int | None = None
    chunks_failed: int | None = None
    uploaded_size: int | None = None
    total_size: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    uploaded_chunks: list[ChunkInfo] | None = None
    page_info: PageInfo | None = None


class CompletedChunk(Model):
    """A part that was uploaded.

    Attributes:
        chunk_index: Number of the part, from 1.
        chunk_size: Bytes.
        proof: ``ETag`` from the storage's response, without quotes.
    """

    chunk_index: int
    chunk_size: int
    proof: str
    proof_type: Literal["etag"] | str = "etag"


class CompletedChunkParams(TypedDict):
    """`CompletedChunk` as a plain dict."""

    chunk_index: int
    chunk_size: int
    proof: str
    proof_type: Literal["etag"] | str


class ReportChunkBatchResponse(Model):
    """Result of reporting parts.

    Attributes:
        processed_chunks: Number of parts accepted from this report.
        duplicate_chunks: Number of parts that had been reported before.
        total_completed: Number of parts that are complete.
        url: Location of the asset, when all its parts are complete.
    """

    asset_id: str | None = None
    processed_chunks: int | None = None
    duplicate_chunks: int | None = None
    total_completed: int | None = None
    url: str | None = None


class RequestAdditionalPresignedUrLsResponse(Model):
    """Fresh URLs for *count* parts, starting with *start_index*."""

    upload_id: str | None = None
    start_index: int | None = None
    count: int | None = None
    upload_urls: list[PresignedUrlChunk] | None = None
    generated_at: datetime | None = None
    expires_at: datetime | None = None


class UploadProgress(Model):
    """Progress of an upload.

    Attributes:
        total_chunks: Number of parts. 1 for an upload in one request.
        completed_chunks: Number of parts that were sent.
        percentage: Share of the bytes that were sent. 0 to 100.
        status: ``uploading``, then ``completed``.
        bytes_sent: Bytes passed to the network. Parts that were retried count once.
        total_bytes: Size of the file in bytes.
        upload_id: Id of the upload session, for resuming the upload. Known before the first part is sent.
        asset_id: Id of the new asset, if this call started the session.
    """

    total_chunks: int
    completed_chunks: int
    percentage: float
    status: str
    bytes_sent: int = 0
    total_bytes: int = 0
    upload_id: str | None = None
    asset_id: str | None = None


class UploadResult(Model):
    """An asset that was uploaded in parts. The asset still has to become ready."""

    asset_id: str
    asset_url: str


class UploadStatus(Model):
    """Number of completed parts of an upload."""

    status: str
    completed_chunks: int
    total_chunks: int
