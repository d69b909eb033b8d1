"""JSON of entities."""

from __future__ import annotations

from ..problem import Json
from ..state import Entity
from .named import named


def entity(found: Entity, now: float) -> Json:
    return {
        **named(found, now),
        "entity_collection_id": found.collection_id,
        "asset_ids": found.asset_ids,
        "status": found.status(now),
    }
