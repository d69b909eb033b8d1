"""Indexed assets: indexing jobs, filters of their list, metadata and embeddings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..problem import Json, invalid
from ..requests import indexes as requests
from ..requests.common import Page
from ..state import IndexedAsset, State
from ..views import indexes as views
from ..views.page import page
from .assets import find_asset, find_ready_asset, merge, without_empty
from .indexes import find_index
from .operation import Context, operation
from .tables import find, ordered

PATH = "/indexes/{index_id}/indexed-assets"


def _find(state: State, index_id: str, indexed_asset_id: str, status: int = 400) -> IndexedAsset:
    return find(find_index(state, index_id, status).indexed_assets, indexed_asset_id, "indexed asset", status)


@operation("POST", PATH, status=202)
def create(context: Context, request: requests.CreateIndexedAsset, index_id: str) -> Json:
    index = find_index(context.state, index_id, 404)
    asset = find_ready_asset(context, request.asset_id, 404)
    item = context.state.index_asset(
        index,
        asset,
        enable_video_stream=request.enable_video_stream,
        user_metadata=without_empty(request.user_metadata),
    )
    return {"_id": item.id, "asset_id": asset.id}


@operation("GET", PATH)
def list_(context: Context, request: requests.ListIndexedAssets, index_id: str) -> Json:
    now, index = context.now(), find_index(context.state, index_id)
    found = matching(request, index.indexed_assets.values(), now)
    return page(request, found, lambda item: views.indexed_asset(item, now))


def matching(request: requests.ListIndexedAssets, items: Iterable[IndexedAsset], now: float) -> list[IndexedAsset]:
    """Return the indexed assets that a query matches, in its order."""
    found = [
        item
        for item in items
        if item.created_at >= request.created_at
        # The page of this method: only items changed by the update method match `updated_at`.
        and (request.updated_at is None or item.edited_at >= request.updated_at)
        and request.filename in (None, item.asset.filename)
        and (not request.status or item.status(now) in request.status)
        and all(is_in_range(item.asset.facts.get(name), bounds) for name, bounds in request.ranges.items())
        and all(is_same(item.user_metadata.get(name), text) for name, text in request.user_metadata.items())
    ]
    return ordered(request, found, now)


def is_in_range(value: Any, bounds: dict[str, float]) -> bool:
    """Return whether a number is in a range; anything else is in none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return bool(bounds.get("gte", value) <= value <= bounds.get("lte", value))


def is_same(stored: Any, text: str) -> bool:
    """Return whether a metadata value equals a text of a query, such as ``true``, ``5`` or ``5.0``."""
    if isinstance(stored, bool):
        return text == str(stored).lower()
    if isinstance(stored, int | float):
        try:
            return float(text) == stored
        except ValueError:
            return False
    return text == stored or (isinstance(stored, list) and text in stored)


@operation("GET", f"{PATH}/{{indexed_asset_id}}")
def retrieve(context: Context, request: requests.RetrieveIndexedAsset, index_id: str, indexed_asset_id: str) -> Json:
    return details(context, request, _find(context.state, index_id, indexed_asset_id, 404))


def details(context: Context, request: requests.RetrieveIndexedAsset, item: IndexedAsset) -> Json:
    """Return an indexed asset with the details that a query asks for."""
    if request.embedding_option and not item.index.model("marengo"):
        raise invalid("embedding_option", "requires an index with a Marengo model")
    return views.indexed_asset_details(
        item, context.now(), context.storage, request.embedding_option, has_transcription=request.transcription
    )


@operation("PATCH", f"{PATH}/{{indexed_asset_id}}", status=204)
def update(context: Context, request: requests.UpdateIndexedAsset, index_id: str, indexed_asset_id: str) -> None:
    edit(context, request, _find(context.state, index_id, indexed_asset_id))


def edit(context: Context, request: requests.UpdateIndexedAsset, item: IndexedAsset) -> None:
    """Change the metadata of an indexed asset."""
    merge(item.user_metadata, request.user_metadata or {})
    item.edited_at = context.now()


@operation("DELETE", f"{PATH}/{{indexed_asset_id}}", status=204)
def delete(context: Context, index_id: str, indexed_asset_id: str) -> None:
    item = _find(context.state, index_id, indexed_asset_id)
    item.index.remove(item)


@operation("GET", "/assets/{asset_id}/indexed-assets")
def list_by_asset(context: Context, request: Page, asset_id: str) -> Json:
    asset = find_asset(context.state, asset_id)
    items = sorted(context.state.indexed_assets.values(), key=lambda item: item.id, reverse=True)
    found = [item for item in items if item.asset is asset]
    return page(request, found, lambda item: {"_id": item.id, "index": {"_id": item.index.id, "name": item.index.name}})
