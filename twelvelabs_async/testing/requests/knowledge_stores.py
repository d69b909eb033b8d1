"""Requests of knowledge stores, their items and collections of items."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from ..problem import Json, invalid, missing
from .common import Page, SortedPage, within
from .named import CreateNamed, ListNamed, UpdateNamed, own_metadata

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
class OneKnowledgeStore:
    store_id: str


@attrs.frozen(kw_only=True)
class UpdateKnowledgeStore(UpdateNamed):
    store_id: str


@attrs.frozen(kw_only=True)
class CreateItem(OneKnowledgeStore):
    asset_id: str
    asset_type: ItemKind | None = None
    metadata: Json = attrs.field(factory=dict[str, Any], validator=own_metadata(pairs=50, characters=8_192))


@attrs.frozen(kw_only=True)
class ListItems(SortedPage):
    store_id: str
    status: list[ItemStatus] | None = None


@attrs.frozen(kw_only=True)
class OneItem(OneKnowledgeStore):
    item_id: str


@attrs.frozen(kw_only=True)
class CreateItemCollection(CreateNamed):
    store_id: str


@attrs.frozen(kw_only=True)
class ListItemCollections(ListNamed):
    store_id: str


@attrs.frozen(kw_only=True)
class OneItemCollection(OneKnowledgeStore):
    collection_id: str


@attrs.frozen(kw_only=True)
class UpdateItemCollection(UpdateNamed):
    store_id: str
    collection_id: str


@attrs.frozen(kw_only=True)
class ListCollectionItems(Page):
    store_id: str
    collection_id: str


@attrs.frozen(kw_only=True)
class ChangeCollectionItems(OneItemCollection):
    item_ids: list[str] = attrs.field(validator=within(1, MAX_ITEM_IDS))


@attrs.frozen(kw_only=True)
class SearchQuery:
    text: str


@attrs.frozen(kw_only=True)
class SearchFilter:
    """Values that pass, for each fact of an item; `None` passes all."""

    asset_type: list[ItemKind] | None = attrs.field(default=None, validator=within(1, MAX_ITEM_IDS))
    item_id: list[str] | None = attrs.field(default=None, validator=within(1, MAX_ITEM_IDS))


@attrs.frozen(kw_only=True)
class VideoSearchOptions:
    modalities: list[Modality] = attrs.field(validator=within(1, 2))


@attrs.frozen(kw_only=True)
class SearchOptions:
    video: VideoSearchOptions | None = None


@attrs.frozen(kw_only=True)
class SearchKnowledgeStore(OneKnowledgeStore):
    query: SearchQuery
    filter: SearchFilter = SearchFilter()
    search_options: SearchOptions | None = None
    group_by: Literal["none", "item"] = "none"
    page_size: int = attrs.field(default=10, validator=within(1, 50))
    page_token: str | None = None
    include_metadata: bool = False

    def __attrs_post_init__(self) -> None:
        if self.search_options and "video" not in self.kinds:
            raise invalid("search_options", "must be absent if the filter excludes videos")

    @classmethod
    def gather(cls, body: Json) -> Json:
        """Replace each condition of the filter by the list of values that pass."""
        given = body.get("filter") or {}
        if not isinstance(given, dict):
            raise invalid("filter", "must be an object")
        return {**body, "filter": {name: _passing(name, given.get(name)) for name in ("asset_type", "item_id")}}

    @property
    def kinds(self) -> list[ItemKind]:
        """Return the kinds of items to search."""
        return self.filter.asset_type or ["video", "image"]

    @property
    def modalities(self) -> list[Modality]:
        """Return the modalities of videos to search."""
        video = self.search_options and self.search_options.video
        return video.modalities if video else ["visual"]


def _passing(name: str, condition: Any) -> Any:
    match condition:
        case None:
            return None
        case {"eq": value, **others} if not others:
            return [value]
        case {"in": values, **others} if not others:
            return values
        case _:
            raise invalid(f"filter.{name}", "must have exactly one of eq and in")
