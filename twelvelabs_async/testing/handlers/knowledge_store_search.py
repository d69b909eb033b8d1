"""Search of a knowledge store: images and clips of videos, those with words like the query's first."""

from __future__ import annotations

import math
import re
import zlib
from typing import Any, Literal

import attrs

from ..content import Location, Match, matches
from ..parameters import within
from ..problem import Json, Problem, invalid
from ..refusals import LOCATION_FILTER
from ..state import KnowledgeStoreItem
from .knowledge_stores import MAX_ITEM_IDS, find_store
from .operation import Context, operation
from .tables import only

Modality = Literal["visual", "audio"]
PERCEIVED_MODALITIES = {"visual": ["visual"], "audio": ["audio", "transcription"]}
"""Modalities of `Content.perceive` by which each modality of a search finds clips."""
TOKEN_LIFETIME_SECONDS = 3600.0
"""Lifetime of a page token. The documentation has no number."""
EARTH_RADIUS_METERS = 6_371_008.8
MAX_MATCHING_ITEMS = 10_000
"""Most items that a field of a filter may match (docs: Search a knowledge store)."""
Hit = tuple[KnowledgeStoreItem, list[Match]]


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
class GeoCircle:
    """Circle around a place of capture."""

    latitude: float = attrs.field(validator=within(-90, 90))
    longitude: float = attrs.field(validator=within(-180, 180))
    radius_meters: float = attrs.field(validator=within(0, 20_037_508))

    def __attrs_post_init__(self) -> None:
        if not self.radius_meters:
            raise invalid("filter.location.radius_meters", "must be more than 0")

    def contains(self, item: KnowledgeStoreItem) -> bool:
        """Return whether the file of an item was captured within the circle."""
        location = item.asset.content.location
        return location is not None and _meters_between((self.latitude, self.longitude), location) <= self.radius_meters


def _meters_between(one: Location, other: Location) -> float:
    """Return the great-circle distance, by the haversine formula."""
    (latitude, longitude), (other_latitude, other_longitude) = (map(math.radians, place) for place in (one, other))
    half = (
        math.sin((other_latitude - latitude) / 2) ** 2
        + math.cos(latitude) * math.cos(other_latitude) * math.sin((other_longitude - longitude) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_METERS * math.asin(math.sqrt(half))


@attrs.frozen(kw_only=True)
class SearchFilter:
    asset_type: Json | None = attrs.field(default=None, validator=condition)
    item_id: Json | None = attrs.field(default=None, validator=condition)
    location: GeoCircle | None = None


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


def hit_json(rank: int, found: KnowledgeStoreItem, matches: list[Match], *, has_metadata: bool) -> Json:
    """Return a hit of a search; those in videos have the clips that match."""
    shown: Json = {"rank": rank, "asset_type": found.asset.kind, "item_id": found.id}
    if found.asset.kind == "video":
        shown["matches"] = [_match_json(match) for match in matches]
    if has_metadata:
        timed = ("duration",) if found.asset.kind == "video" else ()
        system = only(found.asset.facts, "width", "height", "size", *timed)
        shown["metadata"] = {"system": system, "user": found.item_metadata}
    return shown


def _match_json(found: Match) -> Json:
    shown: Json = {"start_sec": found.start, "end_sec": found.end, "modalities": found.near}
    return shown | ({"transcription": found.transcription} if found.transcription else {})


@operation("POST", "/knowledge-stores/{store_id}/search")
def search(context: Context, request: Search, store_id: str) -> Json:
    store, now = find_store(context.state, store_id, 404), context.now()
    items = [
        item
        for item in _located(store.ready(now), request.filter.location)
        if item.asset.kind in request.kinds and (request.item_ids is None or item.id in request.item_ids)
    ]
    hits = sorted((hit for item in items for hit in _hits(item, request)), key=lambda hit: hit[1][0].order)
    checksum = f"{zlib.crc32(repr((store.id, request.query.text)).encode()):08x}"
    first = _first_hit(request.page_token, checksum, now)
    last = first + request.page_size
    shown = [
        hit_json(rank, item, found, has_metadata=request.include_metadata)
        for rank, (item, found) in enumerate(hits[first:last], first + 1)
    ]
    options = {"video": {"modalities": request.modalities}} if "video" in request.kinds else {}
    page: Json = {"data": shown, "effective_search_options": options}
    if last < len(hits):
        page["next_page_token"] = f"{checksum}-{last}-{int(now + TOKEN_LIFETIME_SECONDS)}"
    return page


def _located(items: list[KnowledgeStoreItem], circle: GeoCircle | None) -> list[KnowledgeStoreItem]:
    """Return the items captured within a circle, if there is one.

    Raises:
        Problem: More items were captured there than the API documents.
    """
    if circle is None:
        return items
    found = [item for item in items if circle.contains(item)]
    if len(found) > MAX_MATCHING_ITEMS:
        reason = f"filter.location matches more than {MAX_MATCHING_ITEMS} items. Use a smaller radius_meters."
        raise LOCATION_FILTER.problem(reason)
    return found


def _hits(item: KnowledgeStoreItem, request: Search) -> list[Hit]:
    """Return the hits in an item, each with its clips, nearest first. The modalities are those of videos only."""
    modalities = ["visual"] if item.asset.kind == "image" else request.modalities
    perceived = {modality: PERCEIVED_MODALITIES[modality] for modality in modalities}
    found = sorted(matches(item.asset.content, request.query.text, perceived), key=lambda one: one.order)
    if request.group_by == "item":
        return [(item, found)] if found else []
    return [(item, [match]) for match in found]


def _first_hit(page_token: str | None, checksum: str, now: float) -> int:
    """Return the number of hits on the pages before a page token.

    Raises:
        Problem: The token is malformed, of another search, or expired.
    """
    if page_token is None:
        return 0
    found = re.fullmatch(rf"{checksum}-(\d+)-(\d+)", page_token)
    if found is None:
        raise invalid("page_token", "must be a token of the same search")
    if int(found[2]) <= now:
        raise Problem(410, "page_token_expired", "The page token has expired. Search again.")
    return int(found[1])
