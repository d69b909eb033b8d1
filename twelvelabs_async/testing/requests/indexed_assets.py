"""Requests of indexed assets, and of videos, the older view of them."""

from __future__ import annotations

import re
from typing import Any, Literal

import attrs

from ..converter import Moment
from ..problem import Json, invalid
from .common import EPOCH, SortedPage, not_null, user_metadata

IndexingStatus = Literal["validating", "pending", "queued", "indexing", "ready", "failed"]
EmbeddingOption = Literal["visual", "audio", "transcription", "visual-text"]
RANGES = ("duration", "fps", "width", "height", "size")
QUERY_NAMES = {*attrs.fields_dict(SortedPage), "filename", "status", "created_at", "updated_at"}
"""Names that are never keys of user metadata in a query."""


@attrs.frozen(kw_only=True)
class CreateIndexedAsset:
    asset_id: str
    enable_video_stream: bool = False
    user_metadata: Json = attrs.field(factory=dict[str, Any], validator=user_metadata)


@attrs.frozen(kw_only=True)
class ListIndexedAssets(SortedPage):
    """Query with filters by metadata.

    Attributes:
        ranges: Lowest and highest value of each fact, from ``duration[gte]=…`` and the like.
        user_metadata: Value of each key, from the names that no other field has.
    """

    filename: str | None = None
    status: list[IndexingStatus] = attrs.field(factory=list[IndexingStatus])
    created_at: Moment = EPOCH
    updated_at: Moment | None = None
    ranges: Json = attrs.field(factory=dict[str, Any])
    user_metadata: Json = attrs.field(factory=dict[str, Any])

    @classmethod
    def gather(cls, query: dict[str, list[str]]) -> dict[str, Any]:
        """Gather ranges, and unknown names as `user_metadata`."""
        ranges: dict[str, dict[str, float]] = {}
        own: Json = {}
        for key, values in query.items():
            match = re.fullmatch(r"([^\[]+)\[([^\]]*)\]", key)
            name, bound = match.groups() if match else (key, "")
            if name in RANGES:
                if bound not in ("", "gte", "lte"):
                    raise invalid(key, "must have the bounds gte and lte only")
                limit = _number(key, values[-1])
                ranges.setdefault(name, {}).update({bound: limit} if bound else {"gte": limit, "lte": limit})
            elif key not in QUERY_NAMES:
                own[bound if name == "user_metadata" and bound else key] = values[-1]
        return {**query, "ranges": [ranges], "user_metadata": [own]}


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise invalid(name, f"must be a number; got {text!r}") from None


@attrs.frozen(kw_only=True)
class RetrieveIndexedAsset:
    embedding_option: list[EmbeddingOption] = attrs.field(factory=list[EmbeddingOption])
    transcription: bool = False


@attrs.frozen(kw_only=True)
class UpdateIndexedAsset:
    user_metadata: Json | None = attrs.field(factory=dict[str, Any], validator=[not_null, user_metadata])
