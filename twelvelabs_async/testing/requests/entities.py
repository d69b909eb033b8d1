"""Requests of entity collections and entities."""

from __future__ import annotations

from typing import Literal

import attrs

from .common import MAX_INTEGER, within
from .named import CreateNamed, ListNamed, UpdateNamed


@attrs.frozen(kw_only=True)
class OneEntityCollection:
    collection_id: str


@attrs.frozen(kw_only=True)
class UpdateEntityCollection(UpdateNamed):
    collection_id: str


@attrs.frozen(kw_only=True)
class NewEntity(CreateNamed):
    asset_ids: list[str] = attrs.field(validator=within(1, MAX_INTEGER))


@attrs.frozen(kw_only=True)
class CreateEntity(NewEntity):
    collection_id: str


@attrs.frozen(kw_only=True)
class CreateEntities(OneEntityCollection):
    entities: list[NewEntity] = attrs.field(validator=within(1, MAX_INTEGER))


@attrs.frozen(kw_only=True)
class ListEntities(ListNamed):
    collection_id: str
    status: Literal["processing", "ready"] | None = None


@attrs.frozen(kw_only=True)
class OneEntity(OneEntityCollection):
    entity_id: str


@attrs.frozen(kw_only=True)
class UpdateEntity(UpdateNamed):
    collection_id: str
    entity_id: str


@attrs.frozen(kw_only=True)
class ChangeEntityAssets(OneEntity):
    asset_ids: list[str] = attrs.field(validator=within(1, MAX_INTEGER))
