"""Knowledge stores, the items in them, collections of items, and what a search of them finds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias, TypedDict

from ..options import OMIT
from ._base import Id, Model
from ._wire import Alias

__all__ = [
    "EnrichmentConfig", "EnrichmentConfigJsonSchemaJsonSchema", "EnrichmentConfigParams",
    "EnrichmentConfig_Description", "EnrichmentConfig_JsonSchema", "ImageSearchItemMetadata",
    "ImageSearchSystemMetadata", "IngestionConfig", "IngestionConfigParams", "ItemFilter", "ItemFilterParams",
    "KnowledgeStore", "KnowledgeStoreItem", "KnowledgeStoreItemAssetType", "KnowledgeStoreItemCollection",
    "KnowledgeStoreItemCollectionsListRequestSortBy", "KnowledgeStoreItemSystemMetadata",
    "KnowledgeStoreItemSystemMetadata_Image", "KnowledgeStoreItemSystemMetadata_Video",
    "KnowledgeStoreItemsListRequestStatusItem", "KnowledgeStoreMetadata", "KnowledgeStoreSearchQuery",
    "KnowledgeStoreSearchQueryParams", "KnowledgeStoresListRequestSortBy", "SearchKnowledgeStoreFilter",
    "SearchKnowledgeStoreFilterParams", "SearchKnowledgeStoreHit", "SearchKnowledgeStoreHit_Image",
    "SearchKnowledgeStoreHit_Video", "SearchKnowledgeStoreOptions", "SearchKnowledgeStoreOptionsParams",
    "SearchKnowledgeStoreRequestGroupBy", "SearchKnowledgeStoreResponse", "UnknownEnrichmentConfig",
    "UnknownKnowledgeStoreHit", "UnknownSystemMetadata", "VideoMatch", "VideoSearchItemMetadata", "VideoSearchOptions",
    "VideoSearchOptionsParams", "VideoSearchSystemMetadata",
]  # fmt: skip

KnowledgeStoresListRequestSortBy: TypeAlias = Literal["created_at", "updated_at"] | str
KnowledgeStoreItemsListRequestStatusItem: TypeAlias = (
    Literal["queued", "pending", "processing", "ready", "failed"] | str
)
"""How far an item has come, in this order; only ``ready`` and ``failed`` are final."""
KnowledgeStoreItemCollectionsListRequestSortBy: TypeAlias = Literal["created_at", "updated_at", "name"] | str
KnowledgeStoreItemAssetType: TypeAlias = Literal["video", "image"] | str
SearchKnowledgeStoreRequestGroupBy: TypeAlias = Literal["none", "item"] | str
VideoSearchModality: TypeAlias = Literal["visual", "audio"] | str

KnowledgeStoreMetadata: TypeAlias = dict[str, str | int | float | bool | list[str]]
"""Your own data: strings, numbers, booleans, and lists of strings, under keys of up to 128 characters.

A store and a collection have up to 10 pairs with strings of up to 2,048 characters, an item up to 50 with 8,192. Send
integers beyond ±(2**53 - 1) as strings. An update replaces all of it; ``{}`` empties it."""


class EnrichmentConfigJsonSchemaJsonSchema(Model):
    """The JSON schema of what to extract, an object; each of its *properties* needs a ``description``."""

    type: Literal["object"] | str
    properties: dict[str, Any]


class EnrichmentConfig_JsonSchema(Model):
    """What to extract from each shot of a video, as a JSON schema: a model of it, or a plain dict with any keyword."""

    json_schema: EnrichmentConfigJsonSchemaJsonSchema | Mapping[str, Any]
    type: Literal["json_schema"] = "json_schema"


class EnrichmentConfig_Description(Model):
    """What to extract from each shot of a video, in words."""

    description: str
    type: Literal["description"] = "description"


class UnknownEnrichmentConfig(Model):
    """A way to extract that this version does not know; its fields are in `extra`."""

    type: str


EnrichmentConfig: TypeAlias = EnrichmentConfig_JsonSchema | EnrichmentConfig_Description | UnknownEnrichmentConfig


class EnrichmentConfigParams(TypedDict, total=False):
    """`EnrichmentConfig` as a plain dict: ``type``, and the field of that name."""

    type: Literal["json_schema", "description"] | str
    json_schema: EnrichmentConfigJsonSchemaJsonSchema | Mapping[str, Any]
    description: str


class IngestionConfig(Model):
    """How a knowledge store treats what is added to it."""

    enrichment_config: EnrichmentConfig


class IngestionConfigParams(TypedDict):
    """`IngestionConfig` as a plain dict."""

    enrichment_config: EnrichmentConfig | EnrichmentConfigParams


class KnowledgeStore(Model):
    """A knowledge store: videos and images, and what the platform understands of them."""

    id: Id
    name: str | None = None
    description: str | None = None
    ingestion_config: IngestionConfig | None = None
    item_count: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    metadata: KnowledgeStoreMetadata | None = None


class KnowledgeStoreItemSystemMetadata_Video(Model):
    """What the platform found out about a video: seconds, pixels, bytes."""

    filename: str | None = None
    duration: float | None = None
    fps: float | None = None
    width: int | None = None
    height: int | None = None
    codec_name: str | None = None
    size: int | None = None
    asset_type: Literal["video"] = "video"


class KnowledgeStoreItemSystemMetadata_Image(Model):
    """What the platform found out about an image: pixels, bytes."""

    filename: str | None = None
    width: int | None = None
    height: int | None = None
    codec_name: str | None = None
    size: int | None = None
    asset_type: Literal["image"] = "image"


class UnknownSystemMetadata(Model):
    """What the platform found out about an asset of another kind; its fields are in `extra`."""

    asset_type: str


KnowledgeStoreItemSystemMetadata: TypeAlias = (
    KnowledgeStoreItemSystemMetadata_Video | KnowledgeStoreItemSystemMetadata_Image | UnknownSystemMetadata
)


class KnowledgeStoreItem(Model):
    """An asset in a knowledge store."""

    id: Id
    asset_type: KnowledgeStoreItemAssetType | None = None
    asset_id: str | None = None
    status: KnowledgeStoreItemsListRequestStatusItem | None = None
    system_metadata: KnowledgeStoreItemSystemMetadata | None = None
    metadata: KnowledgeStoreMetadata | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class KnowledgeStoreItemCollection(Model):
    """Some of the items in a knowledge store, under a name."""

    id: Id
    knowledge_store_id: str | None = None
    name: str | None = None
    description: str | None = None
    metadata: KnowledgeStoreMetadata | None = None
    member_count: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class KnowledgeStoreSearchQuery(Model):
    """What to look for, in natural language."""

    text: str


class KnowledgeStoreSearchQueryParams(TypedDict):
    """`KnowledgeStoreSearchQuery` as a plain dict."""

    text: str


class ItemFilter(Model):
    """What an item must have: exactly one of this value, *eq*, and one of these, *in_*."""

    eq: str | None = OMIT
    in_: Annotated[Sequence[str] | None, Alias("in")] = OMIT


class ItemFilterParams(TypedDict, total=False):
    """`ItemFilter` as a plain dict."""

    eq: str
    in_: Sequence[str]


class SearchKnowledgeStoreFilter(Model):
    """Which items to search, by ``video`` or ``image``, by id, or both."""

    asset_type: ItemFilter | ItemFilterParams | None = OMIT
    item_id: ItemFilter | ItemFilterParams | None = OMIT


class SearchKnowledgeStoreFilterParams(TypedDict, total=False):
    """`SearchKnowledgeStoreFilter` as a plain dict."""

    asset_type: ItemFilter | ItemFilterParams
    item_id: ItemFilter | ItemFilterParams


class VideoSearchOptions(Model):
    """What of videos to search: ``visual``, ``audio`` (speech and other sounds), or both."""

    modalities: Sequence[VideoSearchModality]


class VideoSearchOptionsParams(TypedDict):
    """`VideoSearchOptions` as a plain dict."""

    modalities: Sequence[VideoSearchModality]


class SearchKnowledgeStoreOptions(Model):
    """How items are matched; images always by what they show."""

    video: VideoSearchOptions | None = None


class SearchKnowledgeStoreOptionsParams(TypedDict, total=False):
    """`SearchKnowledgeStoreOptions` as a plain dict."""

    video: VideoSearchOptions | VideoSearchOptionsParams


class ImageSearchSystemMetadata(Model):
    """Facts about a file that was found: pixels, bytes."""

    width: int | None = None
    height: int | None = None
    size: int | None = None


class VideoSearchSystemMetadata(ImageSearchSystemMetadata):
    """Facts about a video that was found: pixels, bytes, and *duration* in seconds."""

    duration: float | None = None


class ImageSearchItemMetadata(Model):
    """Data about an image that was found: the platform's and your own."""

    system: ImageSearchSystemMetadata | None = None
    user: KnowledgeStoreMetadata | None = None


class VideoSearchItemMetadata(Model):
    """Data about a video that was found: the platform's and your own."""

    system: VideoSearchSystemMetadata | None = None
    user: KnowledgeStoreMetadata | None = None


class VideoMatch(Model):
    """A stretch of a video that matches, in seconds, and how; *transcription* is what is said in it."""

    start_sec: float | None = None
    end_sec: float | None = None
    modalities: list[VideoSearchModality] | None = None
    transcription: str | None = None


class SearchKnowledgeStoreHit_Video(Model):
    """A video that matches: one stretch of it, or all if grouped by item, the best first. Rank 1 is the best."""

    rank: int | None = None
    item_id: str | None = None
    metadata: VideoSearchItemMetadata | None = None
    matches: list[VideoMatch] | None = None
    asset_type: Literal["video"] = "video"


class SearchKnowledgeStoreHit_Image(Model):
    """An image that matches. Rank 1 is the best."""

    rank: int | None = None
    item_id: str | None = None
    metadata: ImageSearchItemMetadata | None = None
    asset_type: Literal["image"] = "image"


class UnknownKnowledgeStoreHit(Model):
    """An item of another kind that matches; more about it is in `extra`."""

    asset_type: str
    rank: int | None = None
    item_id: str | None = None


SearchKnowledgeStoreHit: TypeAlias = (
    SearchKnowledgeStoreHit_Video | SearchKnowledgeStoreHit_Image | UnknownKnowledgeStoreHit
)


class SearchKnowledgeStoreResponse(Model):
    """A page of what a search found, best first.

    Attributes:
        next_page_token: What `search` takes for the next page; absent on the last one.
        effective_search_options: How videos were matched, defaults included; empty if none were searched.
    """

    data: list[SearchKnowledgeStoreHit] | None = None
    next_page_token: str | None = None
    effective_search_options: SearchKnowledgeStoreOptions | None = None
