"""Knowledge stores, their items, collections of items, and sessions about them."""

from __future__ import annotations

from typing import Any

import attrs

from ..clock import Job
from .assets import Asset, Metadata
from .named import Named


@attrs.define(eq=False, kw_only=True)
class KnowledgeStoreItem(Job):
    """Asset in a knowledge store."""

    store: KnowledgeStore
    asset: Asset
    item_metadata: Metadata = attrs.field(factory=dict[str, Any])


@attrs.define(eq=False, kw_only=True)
class ItemCollection(Named):
    """Items of a knowledge store, in the order in which they were added."""

    store: KnowledgeStore
    item_ids: list[str] = attrs.field(factory=list[str])

    @property
    def items(self) -> list[KnowledgeStoreItem]:
        """Return the items that were not deleted."""
        return [self.store.items[item_id] for item_id in self.item_ids if item_id in self.store.items]


@attrs.define(eq=False, kw_only=True)
class KnowledgeStore(Named):
    """Knowledge store."""

    ingestion_config: dict[str, Any] | None = None
    items: dict[str, KnowledgeStoreItem] = attrs.field(factory=dict[str, KnowledgeStoreItem])
    collections: dict[str, ItemCollection] = attrs.field(factory=dict[str, ItemCollection])

    def ready(self, now: float) -> list[KnowledgeStoreItem]:
        """Return the items that are ready."""
        return [item for item in self.items.values() if item.status(now) == "ready"]


@attrs.define(eq=False, kw_only=True)
class Session:
    """Conversation about a knowledge store.

    Attributes:
        selected: Ids of the items that the caller selected; none means all.
    """

    id: str
    store: KnowledgeStore
    questions: list[str] = attrs.field(factory=list[str])
    selected: list[str] = attrs.field(factory=list[str])

    def items(self, now: float) -> list[KnowledgeStoreItem]:
        """Return the ready items that the conversation is about."""
        ready = self.store.ready(now)
        return [item for item in ready if item.id in self.selected] or ready
