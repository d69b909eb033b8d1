"""Requests of knowledge stores, their items and collections of items."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from ..problem import Json, invalid, missing
from .common import SortedPage, within
from .named import CreateNamed, own_metadata

MAX_ITEM_IDS = 500
"""Ids in a request (docs: The item collection object)."""

ItemKind = Literal["video", "image"]
ItemStatus = Literal["queued", "pending", "processing", "ready", "failed"]
Modality = Literal["visual", "audio"]


@attrs.frozen(kw_only=True)
class EnrichmentConfig:
    type: Literal["json_schema", "description"]
    json_schema: Json | None = None
    description: str | None = None

    def __attrs_post_init__(self) -> None:
        if not getattr(self, self.type):
            raise missing(self.type)


@attrs.frozen(kw_only=True)
class IngestionConfig:
    enrichment_config: EnrichmentConfig


@attrs.frozen(kw_only=True)
class CreateKnowledgeStore(CreateNamed):
    ingestion_config: IngestionConfig | None = None


@attrs.frozen(kw_only=True)
class CreateItem:
    asset_id: str
    asset_type: ItemKind | None = None
    metadata: Json = attrs.field(factory=dict[str, Any], validator=own_metadata(pairs=50, characters=8_192))


@attrs.frozen(kw_only=True)
class ListItems(SortedPage):
    status: list[ItemStatus] | None = None


@attrs.frozen(kw_only=True)
class ChangeItems:
    item_ids: list[str] = attrs.field(validator=within(1, MAX_ITEM_IDS))


@attrs.frozen(kw_only=True)
class SearchQuery:
    text: str


def condition(_: Any, field: attrs.Attribute[Any], value: Json | None) -> None:
    """Require a value in `eq`, or a list of values in `in`."""
    if value is None:
        return
    if value.keys() not in ({"eq"}, {"in"}):
        raise invalid(f"filter.{field.name}", "must have exactly one of eq and in")
    if "in" in value and not (isinstance(value.get("in"), list) and 1 <= len(value["in"]) <= MAX_ITEM_IDS):
        raise invalid(f"filter.{field.name}.in", f"must be a list of 1 to {MAX_ITEM_IDS} items")


@attrs.frozen(kw_only=True)
class SearchFilter:
    asset_type: Json | None = attrs.field(default=None, validator=condition)
    item_id: Json | None = attrs.field(default=None, validator=condition)


@attrs.frozen(kw_only=True)
class VideoSearchOptions:
    modalities: list[Modality] = attrs.field(validator=within(1, 2))


@attrs.frozen(kw_only=True)
class SearchOptions:
    video: VideoSearchOptions | None = None


@attrs.frozen(kw_only=True)
class Search:
    query: SearchQuery
    filter: SearchFilter = SearchFilter()
    search_options: SearchOptions | None = None
    group_by: Literal["none", "item"] = "none"
    page_size: int = attrs.field(default=10, validator=within(1, 50))
    page_token: str | None = None
    include_metadata: bool = False

    def __attrs_post_init__(self) -> None:
        if self.search_options and self.search_options.video and "video" not in self.kinds:
            raise invalid("search_options", "must be absent if the filter excludes videos")

    @property
    def kinds(self) -> list[str]:
        """Return the kinds of items to search."""
        return _values(self.filter.asset_type) or ["video", "image"]

    @property
    def item_ids(self) -> list[str] | None:
        """Return the ids of the items to search; `None` means all items."""
        return _values(self.filter.item_id)

    @property
    def modalities(self) -> list[Modality]:
        """Return the modalities of videos to search."""
        video = self.search_options and self.search_options.video
        return video.modalities if video else ["visual"]


def _values(given: Json | None) -> list[str] | None:
    """Return the values that meet a condition; `None` means all values."""
    if given is None:
        return None
    return given["in"] if "in" in given else [given["eq"]]
