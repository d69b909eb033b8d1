"""Entities: collections of people and things, and the assets that show them."""

from __future__ import annotations

import attrs
from aiohttp import web

from ._assets import ASSETS, find_asset
from ._clock import Lifecycle, lifecycle
from ._http import answer, page, read_json
from ._input import Json, Refused, a_list, an_object, find, ids, invalid, pick, text
from ._named import Named, begin, serve_named
from ._platform import PLATFORM, seconds

routes = web.RouteTableDef()

_ANY_NUMBER = 2**53
_STATES = ("processing", "ready")


@attrs.define(eq=False, kw_only=True)
class Entity(Named):
    """A person or thing, and the assets that show it."""

    collection_id: str
    lifecycle: Lifecycle
    asset_ids: list[str] = attrs.field(factory=list[str])

    def updated_at(self, now: float) -> float:
        return max(self.lifecycle.at(now)[0], self.edited_at)

    def show(self, now: float) -> Json:
        status = self.lifecycle.at(now)[1]
        more = {"entity_collection_id": self.collection_id, "asset_ids": self.asset_ids, "status": status}
        return Named.show(self, now) | more

    def take(self, request: web.Request, asset_ids: list[str]) -> None:
        """Be processed anew if the assets are others than before."""
        if asset_ids != self.asset_ids:
            platform, assets = request.app[PLATFORM], request.app[ASSETS]
            names = [assets[asset].filename for asset in asset_ids if asset in assets]
            time = max((seconds(platform.processing_time, name) for name in names), default=0.0)
            self.asset_ids = asset_ids
            self.lifecycle = lifecycle(platform.now(), time, {"processing": 0.0}, "ready")


@attrs.define(eq=False, kw_only=True)
class Collection(Named):
    """A collection of entities."""

    entities: dict[str, Entity] = attrs.field(factory=dict[str, Entity])


COLLECTIONS = web.AppKey("entity_collections", dict[str, Collection])
tables = (COLLECTIONS,)

_PATH = "/entity-collections"
_ENTITIES = f"{_PATH}/{{collection_id}}/entities"
_ENTITY = f"{_ENTITIES}/{{entity_id}}"
_collection = serve_named(
    routes, f"{_PATH}/{{collection_id}}", "entity collection", lambda request: request.app[COLLECTIONS]
)
_entity = serve_named(routes, _ENTITY, "entity", lambda request: _collection(request).entities, _STATES)


@routes.post(_PATH)
async def create_collection(request: web.Request) -> web.Response:
    collection = begin(request, Collection, await read_json(request))
    request.app[COLLECTIONS][collection.id] = collection
    return answer(request, collection, status=201)


def _assets(request: web.Request, body: Json) -> list[str]:
    """The assets in a body; they have to exist."""
    return [find(request.app[ASSETS], asset, "asset").id for asset in ids(body, "asset_ids", _ANY_NUMBER)]


def _create(request: web.Request, body: Json) -> Entity:
    collection, ready = _collection(request), Lifecycle(((request.app[PLATFORM].now(), "ready"),))
    entity = begin(request, Entity, body, collection_id=collection.id, lifecycle=ready)
    entity.take(request, _assets(request, body))
    collection.entities[entity.id] = entity
    return entity


@routes.post(_ENTITIES)
async def create(request: web.Request) -> web.Response:
    return answer(request, _create(request, await read_json(request)), status=201)


@routes.post(f"{_ENTITIES}/bulk")
async def create_bulk(request: web.Request) -> web.Response:
    body, now = await read_json(request), request.app[PLATFORM].now()
    made: list[Json] = []
    errors: list[Json] = []
    entities = [an_object(item, "entities") for item in a_list(body.get("entities"), "entities", 1, _ANY_NUMBER)]
    for given in entities:  # only what is wrong with its assets spoils one alone
        text(given, "name")
        ids(given, "asset_ids", _ANY_NUMBER)
    for place, given in enumerate(entities):
        try:
            made.append(pick(_create(request, given).show(now), "_id", "name", "status"))
        except Refused as refused:
            errors.append({"entity_index": place, "entity_name": given["name"], "error_reason": str(refused)})
    counts = {"success_count": len(made), "failed_count": len(errors)}
    return web.json_response({**counts, "entities": made, "errors": errors}, status=201)


@routes.post(f"{_ENTITY}/assets")
async def create_assets(request: web.Request) -> web.Response:
    entity, added = _entity(request), _assets(request, await read_json(request))
    entity.take(request, list(dict.fromkeys([*entity.asset_ids, *added])))
    return answer(request, entity)


@routes.delete(f"{_ENTITY}/assets")
async def delete_assets(request: web.Request) -> web.Response:
    entity, body = _entity(request), await read_json(request)
    gone = ids(body, "asset_ids", _ANY_NUMBER)
    kept = [asset for asset in entity.asset_ids if asset not in gone]
    if not kept:
        raise invalid("asset_ids", "an entity keeps at least one asset")
    entity.take(request, kept)
    return answer(request, entity)


@routes.get("/assets/{asset_id}/entities")
async def list_by_asset(request: web.Request) -> web.Response:
    asset = find_asset(request)
    entities = [entity for item in request.app[COLLECTIONS].values() for entity in item.entities.values()]
    return page(request, [entity for entity in entities if asset.id in entity.asset_ids], Entity.show)
