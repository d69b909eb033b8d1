"""Entity collections and entities."""

from __future__ import annotations

import attrs

from ..clock import Job
from .named import Named


@attrs.define(eq=False, kw_only=True)
class Entity(Named):
    """Person or thing, and the assets that show it.

    Attributes:
        processing: Job that starts anew whenever the assets change.
    """

    collection_id: str
    processing: Job
    asset_ids: list[str]

    def status(self, now: float) -> str:
        """Return the status at a time."""
        return self.processing.status(now)

    def updated_at(self, now: float) -> float:
        """Return the time of the latest change before a time."""
        return max(self.processing.updated_at(now), self.edited_at)


@attrs.define(eq=False, kw_only=True)
class EntityCollection(Named):
    """Collection of entities."""

    entities: dict[str, Entity] = attrs.field(factory=dict[str, Entity])
