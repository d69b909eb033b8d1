"""Knowledge stores, the assets in them, collections of these items, and search by words."""

from __future__ import annotations

import re
import zlib
from typing import Any

import attrs
from aiohttp import web

from ._assets import Asset, ready_asset
from ._clock import Job, lifecycle, rfc3339
from ._content import words
from ._http import answer, order, page, read_json, serve
from ._input import Json, Refused, a_list, an_object, boolean, find, ids, integer, invalid, pick, required, text, texts
from ._metadata import own_metadata
from ._named import Named, begin, serve_named
from ._platform import PLATFORM, seconds
from ._search import matches

routes = web.RouteTableDef()

_STATES = ("queued", "pending", "processing", "ready", "failed")
# The share of an item's time at which each state begins.
_SCHEDULE = {"queued": 0.0, "pending": 0.1, "processing": 0.2}
_KINDS = ("video", "image")
# What each modality finds clips by.
_MODALITIES = {"visual": ["visual"], "audio": ["audio", "transcription"]}
# docs: The item collection object. Ids in a request.
_MOST_IDS = 500
# docs: Search a knowledge store. Page tokens expire; no page says when.
_TOKEN_LIFETIME = 3600.0


@attrs.define(eq=False)
class Item(Job):
    """An asset in a knowledge store."""

    asset: Asset
    metadata: Json

    def show(self, now: float) -> Json:
        names = ("filename", "width", "height", "size", *(("duration", "fps") if self.asset.kind == "video" else ()))
        return {
            "_id": self.id,
            "asset_type": self.asset.kind,
            "asset_id": self.asset.id,
            "status": self.status(now),
            "system_metadata": {"asset_type": self.asset.kind, **pick(self.asset.facts, *names)},
            "metadata": self.metadata,
            "created_at": rfc3339(self.created_at),
            "updated_at": rfc3339(self.updated_at(now)),
        }


@attrs.define(eq=False, kw_only=True)
class Collection(Named):
    """Some items of a store, in the order they were added."""

    store: Store
    member_ids: list[str] = attrs.field(factory=list[str])

    @property
    def members(self) -> list[Item]:
        return [self.store.items[member] for member in self.member_ids if member in self.store.items]

    def edit(self, body: Json, now: float) -> None:
        others = [other.name for other in self.store.collections.values() if other is not self]
        if body.get("name") in others:
            raise invalid("name", "another item collection of the store has it")
        Named.edit(self, body, now)

    def show(self, now: float) -> Json:
        return Named.show(self, now) | {"knowledge_store_id": self.store.id, "member_count": len(self.members)}


@attrs.define(eq=False, kw_only=True)
class Store(Named):
    """A knowledge store."""

    ingestion_config: Json | None = None
    items: dict[str, Item] = attrs.field(factory=dict[str, Item])
    collections: dict[str, Collection] = attrs.field(factory=dict[str, Collection])

    def show(self, now: float) -> Json:
        config = {"ingestion_config": self.ingestion_config} if self.ingestion_config else {}
        return Named.show(self, now) | {"item_count": len(self.items)} | config


STORES = web.AppKey("knowledge_stores", dict[str, Store])
tables = (STORES,)


_PATH = "/knowledge-stores"
_STORE = f"{_PATH}/{{store_id}}"
_ITEMS = f"{_STORE}/items"
_COLLECTIONS = f"{_STORE}/item-collections"
_COLLECTION = f"{_COLLECTIONS}/{{collection_id}}"
_store = serve_named(routes, _STORE, "knowledge store", lambda request: request.app[STORES])
_collection = serve_named(routes, _COLLECTION, "item collection", lambda request: _store(request).collections)
serve(routes, f"{_ITEMS}/{{item_id}}", "knowledge store item", lambda request: _store(request).items)


@routes.post(_PATH)
async def create(request: web.Request) -> web.Response:
    body = await read_json(request)
    store = begin(request, Store, body, prefix="ks_")
    if body.get("ingestion_config") is not None:
        store.ingestion_config = an_object(body["ingestion_config"], "ingestion_config")
        enrichment = an_object(store.ingestion_config.get("enrichment_config"), "enrichment_config")
        required(enrichment, text(enrichment, "type", ["json_schema", "description"]))
    request.app[STORES][store.id] = store
    return answer(request, store, status=201)


@routes.get(_ITEMS)
async def list_items(request: web.Request) -> web.Response:
    now, states = request.app[PLATFORM].now(), texts(request.query.getall("status", _STATES), "status", _STATES)
    items = [item for item in _store(request).items.values() if item.status(now) in states]
    return page(request, order(request, items), Item.show)


@routes.post(_ITEMS)
async def create_item(request: web.Request) -> web.Response:
    platform, store, body = request.app[PLATFORM], _store(request), await read_json(request)
    asset = ready_asset(request, body)
    text({"asset_type": asset.kind}, "asset_type", _KINDS)
    text({"asset_type": asset.kind, **body}, "asset_type", [asset.kind])
    time = seconds(platform.indexing_time, asset.filename)
    states = lifecycle(platform.now(), time, _SCHEDULE, "failed" if asset.content.failure("knowledge") else "ready")
    own = own_metadata(body.get("metadata") or {}, 50, 8_192)
    item = Item(f"ksi_{platform.new_id()}", states, asset, own)
    store.items[item.id] = item
    return answer(request, item, status=202)


@routes.post(_COLLECTIONS)
async def create_collection(request: web.Request) -> web.Response:
    store = _store(request)
    collection = begin(request, Collection, await read_json(request), prefix="ksic_", store=store)
    store.collections[collection.id] = collection
    return answer(request, collection, status=201)


@routes.get(f"{_COLLECTION}/items")
async def list_members(request: web.Request) -> web.Response:
    return page(request, _collection(request).members, Item.show)


@routes.post(f"{_COLLECTION}/items/add")
async def add_items(request: web.Request) -> web.Response:
    store, collection, body = _store(request), _collection(request), await read_json(request)
    added = [find(store.items, item, "knowledge store item").id for item in ids(body, "item_ids", _MOST_IDS)]
    collection.member_ids = list(dict.fromkeys([*collection.member_ids, *added]))
    return answer(request, collection)


@routes.post(f"{_COLLECTION}/items/remove")
async def remove_items(request: web.Request) -> web.Response:
    collection, body = _collection(request), await read_json(request)
    gone = ids(body, "item_ids", _MOST_IDS)
    collection.member_ids = [member for member in collection.member_ids if member not in gone]
    return web.Response(status=204)


@routes.post(f"{_STORE}/search")
async def search(request: web.Request) -> web.Response:
    store = find(request.app[STORES], request.match_info["store_id"], "knowledge store", status=404)
    body, now = await read_json(request), request.app[PLATFORM].now()
    asked = {*words(text(an_object(body.get("query"), "query"), "text"))}
    filters = {name: _wanted(body, name) for name in ("asset_type", "item_id")}
    options = an_object(body.get("search_options") or {}, "search_options")
    kinds = filters["asset_type"] or list(_KINDS)
    if options and "video" not in kinds:
        raise invalid("search_options", "the filter leaves no videos")
    video = an_object(options.get("video") or {"modalities": ["visual"]}, "search_options.video")
    modalities = texts(a_list(video.get("modalities"), "modalities", 1, 2), "modalities", list(_MODALITIES))
    by_item = text({"group_by": "none", **body}, "group_by", ["none", "item"]) == "item"
    size = integer(body.get("page_size", 10), "page_size", 1, 50)
    include = boolean(body, "include_metadata")
    hits = [
        hit
        for item in store.items.values()
        if item.status(now) == "ready" and item.asset.kind in kinds and item.id in (filters["item_id"] or [item.id])
        for hit in _hits(item, asked, modalities, by_item=by_item)
    ]
    hits.sort(key=lambda hit: -hit[0])
    check = f"{zlib.crc32(repr((store.id, body.get('query'))).encode()):08x}"
    first = _place(body.get("page_token"), check, now)
    shown = [
        {"rank": rank, **hit, **({"metadata": _both(item)} if include else {})}
        for rank, (_, item, hit) in enumerate(hits[first : first + size], first + 1)
    ]
    effective = {"video": {"modalities": modalities}} if "video" in kinds else {}
    found: Json = {"data": shown, "effective_search_options": effective}
    if first + size < len(hits):
        found["next_page_token"] = f"{check}-{first + size}-{int(now + _TOKEN_LIFETIME)}"
    return web.json_response(found)


def _wanted(body: Json, name: str) -> list[Any]:
    """The values that a filter lets pass; none means any."""
    filter_ = an_object(body.get("filter") or {}, "filter")
    given = an_object(filter_.get(name) or {}, name)
    if filter_.get(name) is not None and given.keys() not in ({"eq"}, {"in"}):
        raise invalid(f"filter.{name}", "it takes exactly one of eq and in")
    return a_list(given["in"], name, 1, _MOST_IDS) if "in" in given else list(given.values())


def _hits(item: Item, asked: set[str], modalities: list[str], *, by_item: bool) -> list[tuple[float, Item, Json]]:
    """What matches in an item: how well, and how it is shown."""
    base: Json = {"asset_type": item.asset.kind, "item_id": item.id}
    if item.asset.kind == "image":  # whatever the modalities, which are of videos
        return [(match.score, item, base) for match in matches(item.asset.content, asked, {"visual": ["visual"]})]
    places = {modality: _MODALITIES[modality] for modality in modalities}
    found = sorted(matches(item.asset.content, asked, places), key=lambda match: -match.score)
    shown = [
        {"start_sec": match.start, "end_sec": match.end, "modalities": list(match.nearness)}
        | ({"transcription": match.transcription} if match.transcription else {})
        for match in found
    ]
    if by_item:
        return [(found[0].score, item, base | {"matches": shown})] if found else []
    return [(match.score, item, base | {"matches": [one]}) for match, one in zip(found, shown, strict=True)]


def _both(item: Item) -> Json:
    names = ("width", "height", "size", *(("duration",) if item.asset.kind == "video" else ()))
    return {"system": pick(item.asset.facts, *names), "user": item.metadata}


def _place(token: Any, check: str, now: float) -> int:
    """How many matches the pages before a token hold."""
    if token is None:
        return 0
    found = re.fullmatch(rf"{check}-(\d+)-(\d+)", str(token))
    if found is None:
        raise invalid("page_token", "it is malformed, or of another search")
    if int(found[2]) <= now:
        raise Refused(410, "page_token_expired", "The page token has expired. Search again.")
    return int(found[1])
