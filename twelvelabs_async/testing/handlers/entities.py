"""Entity collections, and entities: people and things that assets show."""

from __future__ import annotations

from typing import Literal

import attrs

from ..clock import Job, plan
from ..parameters import MAX_INTEGER, Page, within
from ..problem import Json, Problem, invalid
from ..state import Entity, EntityCollection, State, duration
from .assets import find_asset
from .named import CreateNamed, ListNamed, UpdateNamed, edit, list_named, named_json, new_fields
from .operation import Context, operation
from .tables import find, page

COLLECTION = "/entity-collections/{collection_id}"
ENTITY = f"{COLLECTION}/entities/{{entity_id}}"


@attrs.frozen(kw_only=True)
class CreateEntity(CreateNamed):
    asset_ids: list[str] = attrs.field(validator=within(1, MAX_INTEGER))


@attrs.frozen(kw_only=True)
class CreateEntities:
    entities: list[CreateEntity] = attrs.field(validator=within(1, MAX_INTEGER))


@attrs.frozen(kw_only=True)
class ListEntities(ListNamed):
    status: Literal["processing", "ready"] | None = None


@attrs.frozen(kw_only=True)
class ChangeAssets:
    asset_ids: list[str] = attrs.field(validator=within(1, MAX_INTEGER))


def entity_json(found: Entity, now: float) -> Json:
    return {
        **named_json(found, now),
        "entity_collection_id": found.collection_id,
        "asset_ids": found.asset_ids,
        "status": found.status(now),
    }


def find_collection(state: State, collection_id: str) -> EntityCollection:
    return find(state.entity_collections, collection_id, "entity collection")


def find_entity(state: State, collection_id: str, entity_id: str) -> Entity:
    return find(find_collection(state, collection_id).entities, entity_id, "entity")


@operation("POST", "/entity-collections", status=201)
def create_collection(context: Context, request: CreateNamed) -> Json:
    collection = EntityCollection(**new_fields(context, request))
    context.state.entity_collections[collection.id] = collection
    return named_json(collection, context.now())


@operation("GET", "/entity-collections")
def list_collections(context: Context, request: ListNamed) -> Json:
    return list_named(request, context.state.entity_collections.values(), named_json, context.now())


@operation("GET", COLLECTION)
def retrieve_collection(context: Context, collection_id: str) -> Json:
    return named_json(find_collection(context.state, collection_id), context.now())


@operation("PATCH", COLLECTION)
def update_collection(context: Context, request: UpdateNamed, collection_id: str) -> Json:
    collection = find_collection(context.state, collection_id)
    edit(context, collection, request)
    return named_json(collection, context.now())


@operation("DELETE", COLLECTION, status=204)
def delete_collection(context: Context, collection_id: str) -> None:
    del context.state.entity_collections[find_collection(context.state, collection_id).id]


@operation("POST", f"{COLLECTION}/entities", status=201)
def create(context: Context, request: CreateEntity, collection_id: str) -> Json:
    return entity_json(_add_entity(context, find_collection(context.state, collection_id), request), context.now())


@operation("POST", f"{COLLECTION}/entities/bulk", status=201)
def create_bulk(context: Context, request: CreateEntities, collection_id: str) -> Json:
    """Create entities. An unknown asset is an error of its entity alone."""
    collection, now = find_collection(context.state, collection_id), context.now()
    created: list[Json] = []
    errors: list[Json] = []
    for index, given in enumerate(request.entities):
        try:
            entity = _add_entity(context, collection, given)
        except Problem as problem:
            errors.append({"entity_index": index, "entity_name": given.name, "error_reason": str(problem)})
        else:
            created.append({"_id": entity.id, "name": entity.name, "status": entity.status(now)})
    return {"success_count": len(created), "failed_count": len(errors), "entities": created, "errors": errors}


def _add_entity(context: Context, collection: EntityCollection, request: CreateEntity) -> Entity:
    """Create an entity and start its processing.

    Raises:
        Problem: An asset is unknown.
    """
    asset_ids, fields = _known_assets(context.state, request.asset_ids), new_fields(context, request)
    job = _processing(context, fields["id"], asset_ids)
    entity = Entity(**fields, collection_id=collection.id, asset_ids=asset_ids, processing=job)
    collection.entities[entity.id] = entity
    return entity


def _known_assets(state: State, asset_ids: list[str]) -> list[str]:
    """Return ids of assets, each once.

    Raises:
        Problem: An asset is unknown.
    """
    return list(dict.fromkeys(find_asset(state, asset_id).id for asset_id in asset_ids))


def _processing(context: Context, entity_id: str, asset_ids: list[str]) -> Job:
    """Return the processing of an entity, which takes as long as that of its slowest asset."""
    setting, assets = context.state.settings.processing_time, context.state.assets
    names = [assets[asset_id].filename for asset_id in asset_ids if asset_id in assets]
    seconds = max((duration(setting, name) for name in names), default=0.0)
    return Job(entity_id, plan(context.now(), seconds, {"processing": 0.0}, "ready"))


def _change_assets(context: Context, entity: Entity, asset_ids: list[str]) -> Json:
    """Set the assets of an entity and process it anew, unless they are the same."""
    if asset_ids != entity.asset_ids:
        entity.asset_ids = asset_ids
        entity.processing = _processing(context, entity.id, asset_ids)
    return entity_json(entity, context.now())


@operation("GET", f"{COLLECTION}/entities")
def list_(context: Context, request: ListEntities, collection_id: str) -> Json:
    now, entities = context.now(), find_collection(context.state, collection_id).entities.values()
    found = (entity for entity in entities if request.status in (None, entity.status(now)))
    return list_named(request, found, entity_json, now)


@operation("GET", ENTITY)
def retrieve(context: Context, collection_id: str, entity_id: str) -> Json:
    return entity_json(find_entity(context.state, collection_id, entity_id), context.now())


@operation("PATCH", ENTITY)
def update(context: Context, request: UpdateNamed, collection_id: str, entity_id: str) -> Json:
    entity = find_entity(context.state, collection_id, entity_id)
    edit(context, entity, request)
    return entity_json(entity, context.now())


@operation("DELETE", ENTITY, status=204)
def delete(context: Context, collection_id: str, entity_id: str) -> None:
    entity = find_entity(context.state, collection_id, entity_id)
    del context.state.entity_collections[collection_id].entities[entity.id]


@operation("POST", f"{ENTITY}/assets")
def create_assets(context: Context, request: ChangeAssets, collection_id: str, entity_id: str) -> Json:
    entity = find_entity(context.state, collection_id, entity_id)
    added = _known_assets(context.state, request.asset_ids)
    return _change_assets(context, entity, list(dict.fromkeys([*entity.asset_ids, *added])))


@operation("DELETE", f"{ENTITY}/assets", parameters="json")
def delete_assets(context: Context, request: ChangeAssets, collection_id: str, entity_id: str) -> Json:
    entity = find_entity(context.state, collection_id, entity_id)
    kept = [asset_id for asset_id in entity.asset_ids if asset_id not in request.asset_ids]
    if not kept:
        raise invalid("asset_ids", "must leave the entity at least one asset")
    return _change_assets(context, entity, kept)


@operation("GET", "/assets/{asset_id}/entities")
def list_by_asset(context: Context, request: Page, asset_id: str) -> Json:
    asset, now = find_asset(context.state, asset_id), context.now()
    entities = [entity for item in context.state.entity_collections.values() for entity in item.entities.values()]
    return page(request, [one for one in entities if asset.id in one.asset_ids], lambda one: entity_json(one, now))
