"""Videos: the older view of indexed assets that are ready."""

from __future__ import annotations

from ..problem import Json
from ..requests.indexed_assets import ListIndexedAssets, OneVideo, RetrieveVideo, UpdateVideo
from ..state import IndexedAsset
from ..views import indexed_assets as views
from ..views.page import page
from .indexed_assets import details, edit, matching
from .indexes import find_index
from .operation import Context, operation
from .tables import find

PATH = "/indexes/{index_id}/videos"


def _find(context: Context, request: OneVideo, status: int = 400) -> IndexedAsset:
    index = find_index(context.state, request.index_id, status)
    return find({item.id: item for item in index.ready(context.now())}, request.video_id, "video", status)


@operation("GET", PATH)
def list_(context: Context, request: ListIndexedAssets) -> Json:
    now, index = context.now(), find_index(context.state, request.index_id)
    found = matching(request, index.ready(now), now)
    return page(request, found, lambda item: views.video(views.indexed_asset(item, now)))


@operation("GET", f"{PATH}/{{video_id}}")
def retrieve(context: Context, request: RetrieveVideo) -> Json:
    return views.video_details(details(context, request, _find(context, request, 404)))


@operation("PATCH", f"{PATH}/{{video_id}}", status=204)
def update(context: Context, request: UpdateVideo) -> None:
    edit(context, _find(context, request), request.user_metadata)


@operation("DELETE", f"{PATH}/{{video_id}}", status=204)
def delete(context: Context, request: OneVideo) -> None:
    item = _find(context, request)
    item.index.remove(item)
