"""Uploads in parts."""

from datetime import datetime
from typing import Literal, TypeAlias, TypedDict

from ._base import Model, PageInfo

__all__ = [
    "ChunkInfo", "ChunkInfoStatus", "CompletedChunk", "CompletedChunkParams", "CreateAssetUploadRequestType",
    "CreateAssetUploadResponse", "GetUploadStatusResponse", "IncompleteUploadSummary", "PresignedUrlChunk",
    "ReportChunkBatchResponse", "RequestAdditionalPresignedUrLsResponse", "UploadProgress", "UploadResult",
    "UploadSessionStatus", "UploadStatus",
]  # fmt: skip

CreateAssetUploadRequestType: TypeAlias = Literal["video", "audio", "image"] | str
UploadSessionStatus: TypeAlias = Literal["active", "completed", "failed", "expired"] | str
ChunkInfoStatus: TypeAlias = Literal["completed", "pending", "failed"] | str


class PresignedUrlChunk(Model):
    """Where to send a part: the URL takes it once, until *expires_at*. Parts count from 1."""

    chunk_index: int | None = None
    url: str | None = None
    expires_at: datetime | None = None


class CreateAssetUploadResponse(Model):
    """A new upload session.

    Attributes:
        asset_id: The id the asset will have; it cannot be used before all parts are there.
        upload_headers: Headers to send with every part.
        chunk_size: Bytes in each part but the last.
        expires_at: When the session ends, a day after it began.
    """

    upload_id: str
    asset_id: str
    upload_urls: list[PresignedUrlChunk] | None = None
    upload_headers: dict[str, str] | None = None
    chunk_size: int | None = None
    total_chunks: int | None = None
    expires_at: datetime | None = None


class IncompleteUploadSummary(Model):
    """An upload session that lacks parts: sizes in bytes."""

    upload_id: str
    status: UploadSessionStatus
    chunk_size: int
    total_chunks: int
    total_size: int
    created_at: datetime | None = None
    expires_at: datetime | None = None


class ChunkInfo(Model):
    """How a part fares."""

    index: int | None = None
    status: ChunkInfoStatus | None = None
    error: str | None = None
    uploaded_at: datetime | None = None
    updated_at: datetime | None = None


class GetUploadStatusResponse(Model):
    """How an upload session fares: sizes in bytes."""

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
    """A part that was sent, counted from 1; its *proof* is the ``ETag`` that the storage answered, without quotes."""

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
    """What the API made of a report.

    Attributes:
        processed_chunks: Parts taken from this report.
        duplicate_chunks: Parts that had been reported before.
        total_completed: Parts there by now.
        url: Where the asset is, once all its parts are there.
    """

    asset_id: str | None = None
    processed_chunks: int | None = None
    duplicate_chunks: int | None = None
    total_completed: int | None = None
    url: str | None = None


class RequestAdditionalPresignedUrLsResponse(Model):
    """Fresh URLs for *count* parts from *start_index* on."""

    upload_id: str | None = None
    start_index: int | None = None
    count: int | None = None
    upload_urls: list[PresignedUrlChunk] | None = None
    generated_at: datetime | None = None
    expires_at: datetime | None = None


class UploadProgress(Model):
    """How far an upload has come.

    Attributes:
        total_chunks: Number of parts; 1 for an upload in one request.
        completed_chunks: Parts sent.
        percentage: 0 to 100, by bytes.
        status: ``uploading``, then ``completed``.
        bytes_sent: Bytes handed to the network, those of repeated parts once.
        total_bytes: Size of the file.
        upload_id: The session of an upload in parts, by which it can go on later; known before the first part is sent.
        asset_id: The asset it makes, if the session was begun by this call.
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
    """An asset that was uploaded in parts, and where it is; it still has to become ready."""

    asset_id: str
    asset_url: str


class UploadStatus(Model):
    """How many parts of an upload are there."""

    status: str
    completed_chunks: int
    total_chunks: int
