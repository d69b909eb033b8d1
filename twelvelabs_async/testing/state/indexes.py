"""Indexes, the assets in them, video indexing tasks and searches."""

from __future__ import annotations

from typing import Any

import attrs

from ..clock import Job
from ..content import Match
from .assets import Asset, Metadata

INDEX_LIFETIME_SECONDS = 90 * 86_400.0
"""Lifetime of an index on the Free plan (docs: Retrieve an index)."""


@attrs.define(eq=False, kw_only=True)
class IndexedAsset(Job):
    """Asset in an index."""

    index: Index
    asset: Asset
    enable_video_stream: bool = False
    user_metadata: Metadata = attrs.field(factory=dict[str, Any])


@attrs.define(eq=False, kw_only=True)
class Index:
    """Index and the assets in it.

    Attributes:
        models: Name and options of each model.
        revision: Number of assets that were added or deleted.
    """

    id: str
    name: str
    models: list[tuple[str, list[str]]]
    addons: list[str]
    created_at: float
    edited_at: float
    indexed_assets: dict[str, IndexedAsset] = attrs.field(factory=dict[str, IndexedAsset])
    revision: int = 0

    @property
    def expires_at(self) -> float:
        """Return the time at which the index expires."""
        return self.created_at + INDEX_LIFETIME_SECONDS

    def updated_at(self, now: float) -> float:
        """Return the time of the latest change of the index itself."""
        return self.edited_at

    def model(self, family: str) -> str | None:
        """Return the index's model of a family, ``marengo`` or ``pegasus``."""
        return next((name for name, _ in self.models if name.startswith(family)), None)

    def ready(self, now: float) -> list[IndexedAsset]:
        """Return the indexed assets that are ready."""
        return [item for item in self.indexed_assets.values() if item.status(now) == "ready"]

    def add(self, item: IndexedAsset) -> None:
        """Add an indexed asset."""
        self.indexed_assets[item.id] = item
        self.revision += 1

    def remove(self, item: IndexedAsset) -> None:
        """Delete an indexed asset."""
        del self.indexed_assets[item.id]
        self.revision += 1


@attrs.define(eq=False, kw_only=True)
class IndexingTask(Job):
    """Video indexing task: uploads a file and indexes it."""

    item: IndexedAsset


Hit = tuple[int, IndexedAsset, Match]
"""Rank, indexed asset and clip of a match in an index."""


@attrs.frozen(eq=False, kw_only=True)
class Search:
    """Hits of a search, kept for its page tokens.

    Attributes:
        revision: Revision of the index when the search was made.
        groups: Hits by entry of a page: those of one video, or a single one.
    """

    id: str
    index: Index
    revision: int
    groups: list[list[Hit]]
    by_video: bool
    page_limit: int
    expires_at: float
