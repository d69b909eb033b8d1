"""Videos: the older view of indexed assets that are ready."""

from __future__ import annotations

from ..problem import Json
from ..state import IndexedAsset
from .indexed_assets import (
    ListIndexedAssets,
    RetrieveIndexedAsset,
    UpdateIndexedAsset,
    details_json,
    edit,
    indexed_asset_json,
    matching,
)
from .indexes import find_index
from .operation import Context, operation
from .tables import find, page

PATH = "/indexes/{index_id}/videos"


def _without(shown: Json, left_out: str) -> Json:
    return {name: value for name, value in shown.items() if name != left_out}


def _find(context: Context, index_id: str, video_id: str, status: int = 400) -> IndexedAsset:
    index = find_index(context.state, index_id, status)
    return find({item.id: item for item in index.ready(context.now())}, video_id, "video", status)


@operation("GET", PATH)
def list_(context: Context, request: ListIndexedAssets, index_id: str) -> Json:
    now, index = context.now(), find_index(context.state, index_id)
    found = matching(request, index.ready(now), now)
    return page(request, found, lambda item: _without(indexed_asset_json(item, now), "status"))


@operation("GET", f"{PATH}/{{video_id}}")
def retrieve(context: Context, request: RetrieveIndexedAsset, index_id: str, video_id: str) -> Json:
    shown = _without(details_json(context, request, _find(context, index_id, video_id, 404)), "status")
    return {**shown, "system_metadata": _without(shown["system_metadata"], "size")}  # only the list has the size


@operation("PATCH", f"{PATH}/{{video_id}}", status=204)
def update(context: Context, request: UpdateIndexedAsset, index_id: str, video_id: str) -> None:
    edit(context, request, _find(context, index_id, video_id))


@operation("DELETE", f"{PATH}/{{video_id}}", status=204)
def delete(context: Context, index_id: str, video_id: str) -> None:
    item = _find(context, index_id, video_id)
    item.index.remove(item)
