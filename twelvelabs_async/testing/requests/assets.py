"""Requests of assets and of multipart uploads."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from ..converter import UploadedFile
from ..problem import Json, invalid
from .common import Page, public_url, user_metadata, within

AssetKind = Literal["image", "video", "audio", "document"]
MAX_PARTS_PER_CALL = 50
"""Parts in one request: URLs or reports (docs: Multipart uploads)."""
MAX_FILE_BYTES = {"video": 10 * 1000**3, "audio": 10 * 1000**3, "image": 32 * 1000**2}
"""Largest file by type (docs: Multipart uploads)."""


@attrs.frozen(kw_only=True)
class CreateAsset:
    method: Literal["direct", "url"]
    url: str | None = attrs.field(default=None, validator=public_url)
    filename: str | None = None
    file: UploadedFile | None = None
    user_metadata: Json = attrs.field(factory=dict[str, Any], validator=user_metadata)
    enable_hls: bool = True
    enable_thumbnail: bool = False


@attrs.frozen(kw_only=True)
class ListAssets(Page):
    asset_ids: list[str] = attrs.field(factory=list[str])
    asset_types: list[AssetKind] = attrs.field(factory=list[AssetKind])
    filename: str = ""


@attrs.frozen(kw_only=True)
class DeleteAsset:
    force: bool = False


@attrs.frozen(kw_only=True)
class ChangeMetadata:
    user_metadata: Json = attrs.field(validator=user_metadata)


@attrs.frozen(kw_only=True)
class RetrieveTranscription:
    """Each item of `include` is one segmentation, or several with commas between."""

    include: list[str] = attrs.field(factory=lambda: ["words"])


@attrs.frozen(kw_only=True)
class CreateUpload:
    filename: str = attrs.field(validator=within(1, 255))
    type: Literal["video", "audio", "image"]
    total_size: int
    user_metadata: Json = attrs.field(factory=dict[str, Any], validator=user_metadata)
    enable_hls: bool = False
    enable_thumbnail: bool = False

    def __attrs_post_init__(self) -> None:
        most = MAX_FILE_BYTES[self.type]
        if not 1 <= self.total_size <= most:
            raise invalid("total_size", f"must be 1 to {most} for the type {self.type}; got {self.total_size}")


@attrs.frozen(kw_only=True)
class PresignParts:
    start: int
    count: int = attrs.field(validator=within(1, MAX_PARTS_PER_CALL))


@attrs.frozen(kw_only=True)
class PartReport:
    chunk_index: int
    chunk_size: int
    proof: str
    proof_type: Literal["etag"]


@attrs.frozen(kw_only=True)
class ReportParts:
    completed_chunks: list[PartReport] = attrs.field(validator=within(1, MAX_PARTS_PER_CALL))
