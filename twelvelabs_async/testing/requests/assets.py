"""Requests of assets."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from ..converter import UploadedFile
from ..problem import Json
from .common import Page, user_metadata

AssetKind = Literal["image", "video", "audio", "document"]


@attrs.frozen(kw_only=True)
class CreateAsset:
    method: Literal["direct", "url"]
    url: str | None = None
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
class ListByAsset(Page):
    asset_id: str
