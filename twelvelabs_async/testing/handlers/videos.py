"""Videos: the older view of indexed assets that are ready."""

from __future__ import annotations

from ..problem import Json
from ..requests import indexes as requests
from ..state import IndexedAsset
from ..views import indexes as views
from ..views.page import page
from .indexed_assets import details, edit, matching
from .indexes import find_index
from .operation import Context, operation
from .tables import find

PATH = "/indexes/{index_id}/videos"


def _find(context: Context, index_id: str, video_id: str, status: int = 400) -> IndexedAsset:
    index = find_index(context.state, index_id, status)
    return find({item.id: item for item in index.ready(context.now())}, video_id, "video", status)


@operation("GET", PATH)
def list_(context: Context, request: requests.ListIndexedAssets, index_id: str) -> Json:
    now, index = context.now(), find_index(context.state, index_id)
    found = matching(request, index.ready(now), now)
    return page(request, found, lambda item: views.video(views.indexed_asset(item, now)))


@operation("GET", f"{PATH}/{{video_id}}")
def retrieve(context: Context, request: requests.RetrieveIndexedAsset, index_id: str, video_id: str) -> Json:
    return views.video_details(details(context, request, _find(context, index_id, video_id, 404)))


@operation("PATCH", f"{PATH}/{{video_id}}", status=204)
def update(context: Context, request: requests.UpdateIndexedAsset, index_id: str, video_id: str) -> None:
    edit(context, request, _find(context, index_id, video_id))


@operation("DELETE", f"{PATH}/{{video_id}}", status=204)
def delete(context: Context, index_id: str, video_id: str) -> None:
    item = _find(context, index_id, video_id)
    item.index.remove(item)
