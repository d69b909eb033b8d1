"""Knowledge stores, the assets in them, collections of these items, and search by words."""

from __future__ import annotations

import re
import zlib
from typing import Any

import attrs
from aiohttp import web

from ._assets import ASSETS, Asset
from ._clock import Lifecycle, rfc3339
from ._content import kind_of, words
from ._http import (
    Json,
    Refused,
    a_list,
    an_object,
    boolean,
    find,
    ids,
    integer,
    invalid,
    order,
    page,
    read_json,
    required,
    text,
)
from ._named import Named, answer, own_metadata, serve_named
from ._platform import PLATFORM, seconds
from ._search import clip_words

routes = web.RouteTableDef()

_STATES = ("queued", "pending", "processing", "ready", "failed")
# The share of an item's time at which each state begins.
_SCHEDULE = (("queued", 0.0), ("pending", 0.1), ("processing", 0.2))
_KINDS = ("video", "image")
# docs: The item collection object. Ids in a request.
_MOST_IDS = 500
# docs: Search a knowledge store. Page tokens expire; no page says when.
_TOKEN_LIFETIME = 3600.0


@attrs.define(eq=False)
class Item:
    """An asset in a knowledge store."""

    id: str
    asset: Asset
    metadata: Json
    lifecycle: Lifecycle

    @property
    def kind(self) -> str:
        return kind_of(self.asset.file_type)

    @property
    def created_at(self) -> float:
        return self.lifecycle.stages[0][0]

    def facts(self, *names: str) -> Json:
        media = self.asset.media
        known: Json = {"duration": media.duration, "fps": media.fps, "width": media.width, "height": media.height}
        known |= {"filename": self.asset.filename, "size": self.asset.size}
        return {name: known[name] for name in names if known[name] is not None}

    def show(self, now: float) -> Json:
        names = ("filename", "width", "height", "size", *(("duration", "fps") if self.kind == "video" else ()))
        changed_at, status = self.lifecycle.at(now)
        return {
            "_id": self.id,
            "asset_type": self.kind,
            "asset_id": self.asset.id,
            "status": status,
            "system_metadata": {"asset_type": self.kind, **self.facts(*names)},
            "metadata": self.metadata,
            "created_at": rfc3339(self.created_at),
            "updated_at": rfc3339(changed_at),
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
_ITEMS = f"{_PATH}/{{store_id}}/items"
_COLLECTIONS = f"{_PATH}/{{store_id}}/item-collections"
_store = serve_named(routes, _PATH, "store_id", "knowledge store", lambda request: request.app[STORES])
_collection = serve_named(
    routes, _COLLECTIONS, "collection_id", "item collection", lambda request: _store(request).collections
)


def _item(request: web.Request) -> Item:
    return find(_store(request).items, request.match_info["item_id"], "knowledge store item")


@routes.post(_PATH)
async def create(request: web.Request) -> web.Response:
    platform, body = request.app[PLATFORM], await read_json(request)
    store = Store(id=f"ks_{platform.new_id()}", created_at=platform.now())
    store.edit(body, platform.now())
    if body.get("ingestion_config") is not None:
        store.ingestion_config = an_object(body["ingestion_config"], "ingestion_config")
        enrichment = an_object(store.ingestion_config.get("enrichment_config"), "enrichment_config")
        required(enrichment, text(enrichment, "type", ["json_schema", "description"]))
    request.app[STORES][store.id] = store
    return answer(request, store, status=201)


@routes.get(_ITEMS)
async def list_items(request: web.Request) -> web.Response:
    now, items = request.app[PLATFORM].now(), list(_store(request).items.values())
    if states := request.query.getall("status", []):
        for state in states:
            text({"status": state}, "status", _STATES)
        items = [item for item in items if item.lifecycle.at(now)[1] in states]
    ordered = order(request, items, lambda item: item.created_at, lambda item: item.lifecycle.at(now)[0])
    return page(request, ordered, lambda item: item.show(now))


@routes.post(_ITEMS)
async def create_item(request: web.Request) -> web.Response:
    platform, store, body = request.app[PLATFORM], _store(request), await read_json(request)
    now, asset = platform.now(), find(request.app[ASSETS], text(body, "asset_id"), "asset")
    if asset.status(now) != "ready":
        raise invalid("asset_id", f"the asset {asset.id} is {asset.status(now)}; wait until it is ready")
    text({"asset_type": kind_of(asset.file_type)}, "asset_type", _KINDS)
    text({"asset_type": kind_of(asset.file_type), **body}, "asset_type", [kind_of(asset.file_type)])
    time = seconds(platform.indexing_time, asset.filename)
    outcome = (now + time, "failed" if "knowledge" in asset.script.failures else "ready")
    stages = (*((now + share * time, state) for state, share in _SCHEDULE), outcome)
    own = own_metadata(body.get("metadata") or {}, 50, 8_192)
    item = Item(f"ksi_{platform.new_id()}", asset, own, Lifecycle(stages))
    store.items[item.id] = item
    return web.json_response(item.show(now), status=202)


@routes.get(f"{_ITEMS}/{{item_id}}")
async def retrieve_item(request: web.Request) -> web.Response:
    return web.json_response(_item(request).show(request.app[PLATFORM].now()))


@routes.delete(f"{_ITEMS}/{{item_id}}")
async def delete_item(request: web.Request) -> web.Response:
    del _store(request).items[_item(request).id]
    return web.Response(status=204)


@routes.post(_COLLECTIONS)
async def create_collection(request: web.Request) -> web.Response:
    platform, store = request.app[PLATFORM], _store(request)
    collection = Collection(id=f"ksic_{platform.new_id()}", created_at=platform.now(), store=store)
    collection.edit(await read_json(request), platform.now())
    store.collections[collection.id] = collection
    return answer(request, collection, status=201)


@routes.get(f"{_COLLECTIONS}/{{collection_id}}/items")
async def list_members(request: web.Request) -> web.Response:
    now = request.app[PLATFORM].now()
    return page(request, _collection(request).members, lambda item: item.show(now))


@routes.post(f"{_COLLECTIONS}/{{collection_id}}/items/add")
async def add_items(request: web.Request) -> web.Response:
    store, collection, body = _store(request), _collection(request), await read_json(request)
    added = [find(store.items, item, "knowledge store item").id for item in ids(body, "item_ids", _MOST_IDS)]
    collection.member_ids = list(dict.fromkeys([*collection.member_ids, *added]))
    return answer(request, collection)


@routes.post(f"{_COLLECTIONS}/{{collection_id}}/items/remove")
async def remove_items(request: web.Request) -> web.Response:
    collection, body = _collection(request), await read_json(request)
    gone = ids(body, "item_ids", _MOST_IDS)
    collection.member_ids = [member for member in collection.member_ids if member not in gone]
    return web.Response(status=204)


@routes.post(f"{_PATH}/{{store_id}}/search")
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
    modalities = a_list(video.get("modalities"), "modalities", 1, 2)
    for modality in modalities:
        text({"modalities": modality}, "modalities", ["visual", "audio"])
    by_item = text({"group_by": "none", **body}, "group_by", ["none", "item"]) == "item"
    size = integer(body.get("page_size", 10), "page_size", 1, 50)
    include = boolean(body.get("include_metadata"), "include_metadata")
    hits = [
        hit
        for item in store.items.values()
        if item.lifecycle.at(now)[1] == "ready" and item.kind in kinds and item.id in (filters["item_id"] or [item.id])
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


def _hits(item: Item, asked: set[str], modalities: list[str], *, by_item: bool) -> list[tuple[int, Item, Json]]:
    """What matches in an item: how well, and how it is shown."""
    base: Json = {"asset_type": item.kind, "item_id": item.id}
    matches: list[tuple[int, Json]] = []
    for start, end, spoken, known in clip_words(item.asset):
        known["audio"] = known["audio"] | known["transcription"]
        scores = {modality: len(asked & known[modality]) for modality in modalities if asked & known[modality]}
        if item.kind == "image" and asked & known["visual"]:
            return [(len(asked & known["visual"]), item, base)]
        match: Json = {"start_sec": start, "end_sec": end, "modalities": list(scores)}
        if scores and item.kind == "video":
            matches.append((sum(scores.values()), match | ({"transcription": spoken} if spoken else {})))
    matches.sort(key=lambda match: -match[0])
    if by_item and matches:
        return [(matches[0][0], item, base | {"matches": [match for _, match in matches]})]
    return [(score, item, base | {"matches": [match]}) for score, match in matches]


def _both(item: Item) -> Json:
    names = ("width", "height", "size", *(("duration",) if item.kind == "video" else ()))
    return {"system": item.facts(*names), "user": item.metadata}


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
