"""Requests of entity collections and entities."""

from __future__ import annotations

from typing import Literal

import attrs

from .common import MAX_INTEGER, within
from .named import CreateNamed, ListNamed


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
