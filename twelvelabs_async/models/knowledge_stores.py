"""Knowledge stores, their items, collections of items, and results of searches."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias, TypedDict

from ..options import OMIT
from ._base import Id, Model, UnknownType, models_of
from ._wire import Alias
from .moment import MomentVideo, metadata_of, moment_of, seconds_of, text_of
from .moments import Moments

__all__ = [
    "EnrichmentConfig", "EnrichmentConfigJsonSchemaJsonSchema", "EnrichmentConfigParams",
    "EnrichmentConfig_Description", "EnrichmentConfig_JsonSchema", "GeoCircleFilter", "GeoCircleFilterParams",
    "ImageSearchItemMetadata", "ImageSearchSystemMetadata", "IngestionConfig", "IngestionConfigParams",
    "ItemCollectionSortBy", "ItemFilter", "ItemFilterParams", "KnowledgeStore", "KnowledgeStoreGroupBy",
    "KnowledgeStoreItem", "KnowledgeStoreItemAssetType", "KnowledgeStoreItemCollection", "KnowledgeStoreItemStatus",
    "KnowledgeStoreItemSystemMetadata", "KnowledgeStoreItemSystemMetadata_Image",
    "KnowledgeStoreItemSystemMetadata_Video", "KnowledgeStoreMetadata", "KnowledgeStoreSearchQuery",
    "KnowledgeStoreSearchQueryParams", "KnowledgeStoreSortBy", "SearchKnowledgeStoreFilter",
    "SearchKnowledgeStoreFilterParams", "SearchKnowledgeStoreHit", "SearchKnowledgeStoreHit_Image",
    "SearchKnowledgeStoreHit_Video", "SearchKnowledgeStoreOptions", "SearchKnowledgeStoreOptionsParams",
    "SearchKnowledgeStoreResponse", "UnknownEnrichmentConfig", "UnknownKnowledgeStoreHit", "UnknownSystemMetadata",
    "VideoMatch", "VideoSearchItemMetadata", "VideoSearchModality", "VideoSearchOptions", "VideoSearchOptionsParams",
    "VideoSearchSystemMetadata",
]  # fmt: skip

KnowledgeStoreSortBy: TypeAlias = Literal["created_at", "updated_at"] | str
KnowledgeStoreItemStatus: TypeAlias = Literal["queued", "pending", "processing", "ready", "failed"] | str
"""Status of an item, in this order. ``ready`` and ``failed`` are final."""
ItemCollectionSortBy: TypeAlias = Literal["created_at", "updated_at", "name"] | str
KnowledgeStoreItemAssetType: TypeAlias = Literal["video", "image"] | str
KnowledgeStoreGroupBy: TypeAlias = Literal["none", "item"] | str
VideoSearchModality: TypeAlias = Literal["visual", "audio"] | str

KnowledgeStoreMetadata: TypeAlias = dict[str, str | int | float | bool | list[str]]
"""User-defined metadata: strings, numbers, booleans, and lists of strings.

Keys have at most 128 characters. A store or a collection has at most 10 pairs, with strings of at most 2,048
characters. An item has at most 50 pairs, with strings of at most 8,192 characters. Send integers beyond ±(2**53 - 1)
as strings. An update of a store or a collection replaces all pairs: ``{}`` removes them.
"""


class EnrichmentConfigJsonSchemaJsonSchema(Model):
    """JSON schema of the data to extract, as `json_schema` makes it of a class.

    Attributes:
        properties: Schemas of the properties. Each requires a ``description``. Its ``granularity`` states how often it
            is extracted: once per ``shot`` of a video, the default; per ``video``; or per ``image``.
    """

    type: Literal["object"] | str
    properties: dict[str, Any]


class EnrichmentConfig_JsonSchema(Model):
    """Extraction of data from shots, videos and images, by a JSON schema.

    Attributes:
        json_schema: Schema, as a model or as a plain dict with any keywords.
    """

    json_schema: EnrichmentConfigJsonSchemaJsonSchema | Mapping[str, Any]
    type: Literal["json_schema"] = "json_schema"


class EnrichmentConfig_Description(Model):
    """Extraction of data from each shot of a video, by a description in words."""

    description: str
    type: Literal["description"] = "description"


class UnknownEnrichmentConfig(Model):
    """Extraction of a type that this version does not know.

    Its fields are in `extra`.
    """

    type: UnknownType


EnrichmentConfig: TypeAlias = EnrichmentConfig_JsonSchema | EnrichmentConfig_Description | UnknownEnrichmentConfig


class EnrichmentConfigParams(TypedDict, total=False):
    """`EnrichmentConfig` as a plain dict: ``type``, and the field of that name."""

    type: Literal["json_schema", "description"] | str
    json_schema: EnrichmentConfigJsonSchemaJsonSchema | Mapping[str, Any]
    description: str


class IngestionConfig(Model):
    """Settings for items that are added to a knowledge store."""

    enrichment_config: EnrichmentConfig


class IngestionConfigParams(TypedDict):
    """`IngestionConfig` as a plain dict."""

    enrichment_config: EnrichmentConfig | EnrichmentConfigParams


class KnowledgeStore(Model):
    """A store of videos and images, and of the data extracted from them."""

    id: Id
    name: str | None = None
    description: str | None = None
    ingestion_config: IngestionConfig | None = None
    item_count: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    metadata: KnowledgeStoreMetadata | None = None


class KnowledgeStoreItemSystemMetadata_Video(Model):
    """Properties of a video: seconds, pixels, bytes."""

    filename: str | None = None
    duration: float | None = None
    fps: float | None = None
    width: int | None = None
    height: int | None = None
    codec_name: str | None = None
    size: int | None = None
    asset_type: Literal["video"] = "video"


class KnowledgeStoreItemSystemMetadata_Image(Model):
    """Properties of an image: pixels, bytes."""

    filename: str | None = None
    width: int | None = None
    height: int | None = None
    codec_name: str | None = None
    size: int | None = None
    asset_type: Literal["image"] = "image"


class UnknownSystemMetadata(Model):
    """Properties of an asset of another type. Its fields are in `extra`."""

    asset_type: UnknownType


KnowledgeStoreItemSystemMetadata: TypeAlias = (
    KnowledgeStoreItemSystemMetadata_Video | KnowledgeStoreItemSystemMetadata_Image | UnknownSystemMetadata
)


class KnowledgeStoreItem(Model):
    """An asset in a knowledge store.

    Attributes:
        metadata: User metadata of the asset, as `client.assets.update_user_metadata` changes it.
        item_metadata: User-defined metadata of this item alone. A key may have another value in *metadata*.
        enriched_metadata: Data extracted from the item as a whole, by property: those whose granularity is ``video``
            or ``image``. Absent until the item is ready, and without such data.
    """

    id: Id
    asset_type: KnowledgeStoreItemAssetType | None = None
    asset_id: str | None = None
    status: KnowledgeStoreItemStatus | None = None
    system_metadata: KnowledgeStoreItemSystemMetadata | None = None
    metadata: KnowledgeStoreMetadata | None = None
    item_metadata: KnowledgeStoreMetadata | None = None
    enriched_metadata: dict[str, Any] | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class KnowledgeStoreItemCollection(Model):
    """A named collection of items of a knowledge store."""

    id: Id
    knowledge_store_id: str | None = None
    name: str | None = None
    description: str | None = None
    metadata: KnowledgeStoreMetadata | None = None
    member_count: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class KnowledgeStoreSearchQuery(Model):
    """Query of a search, in natural language."""

    text: str


class KnowledgeStoreSearchQueryParams(TypedDict):
    """`KnowledgeStoreSearchQuery` as a plain dict."""

    text: str


class ItemFilter(Model):
    """Condition of a search. Requires exactly one of *eq* and *in_*.

    Attributes:
        eq: The value.
        in_: Any of these values.
    """

    eq: str | None = OMIT
    in_: Annotated[Sequence[str] | None, Alias("in")] = OMIT


class ItemFilterParams(TypedDict, total=False):
    """`ItemFilter` as a plain dict."""

    eq: str
    in_: Sequence[str]


class GeoCircleFilter(Model):
    """Circle in which the files of the items to search were captured.

    The platform reads the coordinates from the file, and shows them in the asset's ``technical_metadata``. Items
    without coordinates never match.

    Attributes:
        latitude: Latitude of the center in degrees. -90 to 90.
        longitude: Longitude of the center in degrees. -180 to 180.
        radius_meters: Radius in meters. More than 0, at most 20,037,508.
    """

    latitude: float
    longitude: float
    radius_meters: float


class GeoCircleFilterParams(TypedDict):
    """`GeoCircleFilter` as a plain dict."""

    latitude: float
    longitude: float
    radius_meters: float


class SearchKnowledgeStoreFilter(Model):
    """Filter of the items to search. An item has to meet all conditions.

    Attributes:
        asset_type: ``video`` or ``image``.
        item_id: Ids of items.
        location: Place of capture.
    """

    asset_type: ItemFilter | ItemFilterParams | None = OMIT
    item_id: ItemFilter | ItemFilterParams | None = OMIT
    location: GeoCircleFilter | GeoCircleFilterParams | None = OMIT


class SearchKnowledgeStoreFilterParams(TypedDict, total=False):
    """`SearchKnowledgeStoreFilter` as a plain dict."""

    asset_type: ItemFilter | ItemFilterParams
    item_id: ItemFilter | ItemFilterParams
    location: GeoCircleFilter | GeoCircleFilterParams


class VideoSearchOptions(Model):
    """Options for videos in a search.

    Attributes:
        modalities: ``visual``, ``audio`` (speech and other sounds), or both.
    """

    modalities: Sequence[VideoSearchModality]


class VideoSearchOptionsParams(TypedDict):
    """`VideoSearchOptions` as a plain dict."""

    modalities: Sequence[VideoSearchModality]


class SearchKnowledgeStoreOptions(Model):
    """Options of a search. Images are always searched by their visual content."""

    video: VideoSearchOptions | None = None


class SearchKnowledgeStoreOptionsParams(TypedDict, total=False):
    """`SearchKnowledgeStoreOptions` as a plain dict."""

    video: VideoSearchOptions | VideoSearchOptionsParams


class ImageSearchSystemMetadata(Model):
    """Properties of a file that was found: pixels, bytes."""

    width: int | None = None
    height: int | None = None
    size: int | None = None


class VideoSearchSystemMetadata(ImageSearchSystemMetadata):
    """Properties of a video that was found: pixels, bytes, and seconds."""

    duration: float | None = None


class ImageSearchItemMetadata(Model):
    """Metadata of an image that was found: the platform's and the user's."""

    system: ImageSearchSystemMetadata | None = None
    user: KnowledgeStoreMetadata | None = None


class VideoSearchItemMetadata(Model):
    """Metadata of a video that was found: the platform's and the user's."""

    system: VideoSearchSystemMetadata | None = None
    user: KnowledgeStoreMetadata | None = None


class VideoMatch(Model):
    """Segment of a video that matches. Times in seconds.

    Attributes:
        modalities: Modalities that match.
        transcription: Spoken words of the segment.
    """

    start_sec: float | None = None
    end_sec: float | None = None
    modalities: list[VideoSearchModality] | None = None
    transcription: str | None = None


class SearchKnowledgeStoreHit_Video(Model):
    """Video that matches.

    Attributes:
        rank: Rank of the hit. 1 is the best.
        matches: One segment, or all matching segments with the best first if the hits are grouped by item.
    """

    rank: int | None = None
    item_id: str | None = None
    metadata: VideoSearchItemMetadata | None = None
    matches: list[VideoMatch] | None = None
    asset_type: Literal["video"] = "video"

    def moments(self) -> Moments:
        """Return the segments that match as moments."""
        system, user = (getattr(self.metadata, name, None) for name in ("system", "user"))
        video = MomentVideo(
            id=text_of(self.item_id),
            duration=seconds_of(getattr(system, "duration", None)),
            user_metadata=metadata_of(user),
        )
        return Moments(
            moment_of(
                match.start_sec,
                match.end_sec,
                video=video,
                rank=self.rank,
                text=text_of(match.transcription),
                origin="search",
                metadata={"modalities": match.modalities} if match.modalities else None,
            )
            for match in models_of(self.matches)
        )


class SearchKnowledgeStoreHit_Image(Model):
    """Image that matches.

    Attributes:
        rank: Rank of the hit. 1 is the best.
    """

    rank: int | None = None
    item_id: str | None = None
    metadata: ImageSearchItemMetadata | None = None
    asset_type: Literal["image"] = "image"


class UnknownKnowledgeStoreHit(Model):
    """Item of another type that matches. Its other fields are in `extra`."""

    asset_type: UnknownType
    rank: int | None = None
    item_id: str | None = None


SearchKnowledgeStoreHit: TypeAlias = (
    SearchKnowledgeStoreHit_Video | SearchKnowledgeStoreHit_Image | UnknownKnowledgeStoreHit
)


class SearchKnowledgeStoreResponse(Model):
    """A page of hits, the best first.

    Attributes:
        next_page_token: Argument of `search` for the next page. Absent on the last page.
        effective_search_options: Options for videos, including defaults. Empty if no videos were searched.
    """

    data: list[SearchKnowledgeStoreHit] | None = None
    next_page_token: str | None = None
    effective_search_options: SearchKnowledgeStoreOptions | None = None

    def moments(self) -> Moments:
        """Return the segments of the videos that match as moments."""
        hits = [hit for hit in models_of(self.data) if isinstance(hit, SearchKnowledgeStoreHit_Video)]
        return Moments(moment for hit in hits for moment in hit.moments())


def video_of_item(item: KnowledgeStoreItem) -> MomentVideo:
    """Return an item as the video of moments."""
    return MomentVideo(
        id=text_of(item.id),
        asset_id=text_of(item.asset_id),
        filename=text_of(getattr(item.system_metadata, "filename", None)),
        duration=seconds_of(getattr(item.system_metadata, "duration", None)),
        fps=seconds_of(getattr(item.system_metadata, "fps", None)),
    )
