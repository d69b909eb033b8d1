"""Videos: the older view of the indexed assets that are ready."""

from __future__ import annotations

from aiohttp import web

from ._http import page
from ._indexed_assets import IndexedAsset, details, edit, listed, remove
from ._indexes import find_index
from ._input import Json, find
from ._platform import PLATFORM

routes = web.RouteTableDef()
tables = ()


def _videos(request: web.Request, *, status: int = 400) -> dict[str, IndexedAsset]:
    index = find_index(request, request.match_info["index_id"], status=status)
    return {item.id: item for item in index.ready(request.app[PLATFORM].now())}


def _find(request: web.Request, *, status: int = 400) -> IndexedAsset:
    return find(_videos(request, status=status), request.match_info["video_id"], "video", status=status)


def _show(shown: Json) -> Json:
    return {name: value for name, value in shown.items() if name != "status"}


@routes.get("/indexes/{index_id}/videos")
async def list_(request: web.Request) -> web.Response:
    items = listed(request, _videos(request).values())
    return page(request, items, lambda item, now: _show(item.show(now)))


@routes.get("/indexes/{index_id}/videos/{video_id}")
async def retrieve(request: web.Request) -> web.Response:
    shown = _show(details(request, _find(request, status=404)))
    del shown["system_metadata"]["size"]  # told by the list only
    return web.json_response(shown)


@routes.patch("/indexes/{index_id}/videos/{video_id}")
async def update(request: web.Request) -> web.Response:
    return await edit(request, _find(request))


@routes.delete("/indexes/{index_id}/videos/{video_id}")
async def delete(request: web.Request) -> web.Response:
    return remove(_find(request))
