"""Indexed assets: the indexing job of an asset, its states, its metadata, what the index knows of it."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable
from typing import Any

import attrs
from aiohttp import web

from ._assets import Asset, find_asset, ready_asset
from ._clock import Job, Lifecycle, lifecycle, rfc3339
from ._content import clips, embedding
from ._http import order, page, read_json
from ._indexes import Index, find_index, indexed_assets
from ._input import Json, boolean, find, invalid, moment, number, texts
from ._metadata import merge_metadata, metadata, new_metadata
from ._platform import PLATFORM, seconds

routes = web.RouteTableDef()
tables = ()

_STATES = ("validating", "pending", "queued", "indexing", "ready", "failed")
# The share of the indexing time, which begins when the asset is processed, at which each state begins.
_SCHEDULE = {"validating": 0.0, "pending": 0.05, "queued": 0.1, "indexing": 0.2}
_EMBEDDING_OPTIONS = ("visual", "audio", "transcription", "visual-text")
_RANGES = ("duration", "fps", "width", "height", "size")
_BOUNDS: dict[str, Callable[[float, float], bool]] = {"": operator.eq, "gte": operator.ge, "lte": operator.le}
_OTHERS = ("page", "page_limit", "sort_by", "sort_option", "status", "filename", "created_at", "updated_at")


@attrs.define(eq=False)
class IndexedAsset(Job):
    """An asset in an index."""

    index: Index
    asset: Asset
    enable_video_stream: bool
    user_metadata: Json
    edited_at: float = -math.inf

    def updated_at(self, now: float) -> float:
        return max(Job.updated_at(self, now), self.edited_at)

    def show(self, now: float) -> Json:
        since, status = self.lifecycle.at(now)
        shown: Json = {
            "_id": self.id,
            "asset_id": self.asset.id,
            "status": status,
            "created_at": rfc3339(self.created_at),
            "updated_at": rfc3339(self.updated_at(now)),
            "system_metadata": self.asset.facts,
        }
        return shown | ({"indexed_at": rfc3339(since)} if status == "ready" else {})

    def show_details(self, now: float, options: list[str], transcription: bool) -> Json:
        shown, ready = self.show(now), self.status(now) == "ready"
        if self.user_metadata:
            shown["user_metadata"] = self.user_metadata
        if self.enable_video_stream:
            shown["hls"] = self.show_stream(now)
        if options and ready:
            embeddings = {"segments": self._segments(options)}
            shown["embedding"] = {"model_name": self.index.model("marengo"), "video_embedding": embeddings}
        if transcription and ready:
            shown["transcription"] = self.asset.content.sentences or None
        return shown

    def show_stream(self, now: float) -> Json:
        since, status = self.lifecycle.at(now)
        if status != "ready":
            return {"status": "PROCESSING", "updated_at": rfc3339(since)}
        url = f"{self.asset.platform.storage_url}/storage/hls/{self.id}"
        return {
            "status": "COMPLETE",
            "updated_at": rfc3339(since),
            "video_url": f"{url}/stream.m3u8",
            "thumbnail_urls": [f"{url}/thumbnail.jpg"],
        }

    def _segments(self, options: list[str]) -> list[Json]:
        content = self.asset.content
        stretches = [(*clip, content.perceive(*clip)) for clip in clips(content.media.duration)]
        return [
            {
                "float": embedding(words["visual" if option == "visual-text" else option]),
                "embedding_option": option,
                "embedding_scope": "clip",
                "start_offset_sec": start,
                "end_offset_sec": end,
            }
            for start, end, words in stretches
            for option in options
        ]


def _find(request: web.Request, *, status: int = 400) -> IndexedAsset:
    index = find_index(request, request.match_info["index_id"], status=status)
    return find(index.indexed_assets, request.match_info["indexed_asset_id"], "indexed asset", status=status)


def index_asset(index: Index, asset: Asset, *, enable_video_stream: bool, user_metadata: Json) -> IndexedAsset:
    """Start to index an asset, as soon as it is processed."""
    platform, now = asset.platform, asset.platform.now()
    begin, time = max(now, asset.ends_at), seconds(platform.indexing_time, asset.filename)
    if asset.status(asset.ends_at) == "failed":
        later = lifecycle(begin, 0.0, {}, "failed")
    else:
        later = lifecycle(begin, time, _SCHEDULE, "failed" if asset.content.failure("indexing") else "ready")
    states = Lifecycle(((now, "validating"), *later.stages))
    item = IndexedAsset(platform.new_id(), states, index, asset, enable_video_stream, user_metadata)
    index.indexed_assets[item.id] = item
    index.changes += 1
    return item


@routes.post("/indexes/{index_id}/indexed-assets")
async def create(request: web.Request) -> web.Response:
    index = find_index(request, request.match_info["index_id"], status=404)
    body = await read_json(request)
    asset = ready_asset(request, body, status=404)
    item = index_asset(
        index,
        asset,
        enable_video_stream=boolean(body, "enable_video_stream"),
        user_metadata=new_metadata(body.get("user_metadata")),
    )
    return web.json_response({"_id": item.id, "asset_id": asset.id}, status=202)


@routes.get("/indexes/{index_id}/indexed-assets")
async def list_(request: web.Request) -> web.Response:
    items = find_index(request, request.match_info["index_id"]).indexed_assets.values()
    return page(request, listed(request, items), IndexedAsset.show)


def listed(request: web.Request, items: Iterable[IndexedAsset]) -> list[IndexedAsset]:
    """The indexed assets that the query asks for, in its order."""
    query, now = request.query, request.app[PLATFORM].now()
    states = texts(query.getall("status", _STATES), "status", _STATES)
    # The page of this method says that only items changed by the update method can match `updated_at`.
    created, edited = moment(query, "created_at"), moment(query, "updated_at")
    tests = [test for key, value in query.items() if (test := _test(key, value))]
    found = [
        item
        for item in items
        if item.created_at >= created
        and item.edited_at >= edited
        and query.get("filename") in (None, item.asset.filename)
        and item.status(now) in states
        and all(test(item) for test in tests)
    ]
    return order(request, found)


def _test(key: str, value: str) -> Callable[[IndexedAsset], bool] | None:
    """What a parameter of a query asks of the facts and the metadata of an indexed asset."""
    name, bound = _split(key)
    if name in _RANGES:
        if bound not in _BOUNDS:
            raise invalid(key, "a range has gte and lte only")
        holds, limit = _BOUNDS[bound], number(value, key)
        return lambda item: name in item.asset.facts and holds(item.asset.facts[name], limit)
    if name in _OTHERS:
        return None
    own = bound if name == "user_metadata" and bound else key
    return lambda item: own in item.user_metadata and is_same(item.user_metadata[own], value)


def _split(key: str) -> tuple[str, str]:
    """`duration[gte]` → `duration`, `gte`."""
    match = re.fullmatch(r"([^\[]+)\[([^\]]*)\]", key)
    return (match[1], match[2]) if match else (key, "")


def is_same(stored: Any, asked: str) -> bool:
    """Whether a metadata value is the one a query names: `true`, `5` and `5.0` are texts there."""
    if isinstance(stored, bool):
        return asked == str(stored).lower()
    if isinstance(stored, int | float):
        try:
            return float(asked) == stored
        except ValueError:
            return False
    return asked == stored or (isinstance(stored, list) and asked in stored)


@routes.get("/indexes/{index_id}/indexed-assets/{indexed_asset_id}")
async def retrieve(request: web.Request) -> web.Response:
    return web.json_response(details(request, _find(request, status=404)))


def details(request: web.Request, item: IndexedAsset) -> Json:
    """What the query asks for of an indexed asset."""
    query = request.query
    options = texts(query.getall("embedding_option", []), "embedding_option", _EMBEDDING_OPTIONS)
    if options and not item.index.model("marengo"):
        raise invalid("embedding_option", "the index has no Marengo model")
    transcription = boolean(query, "transcription")
    return item.show_details(request.app[PLATFORM].now(), options, transcription)


@routes.patch("/indexes/{index_id}/indexed-assets/{indexed_asset_id}")
async def update(request: web.Request) -> web.Response:
    return await edit(request, _find(request))


async def edit(request: web.Request, item: IndexedAsset) -> web.Response:
    """Change the metadata of an indexed asset as the body says."""
    body = await read_json(request)
    merge_metadata(item.user_metadata, metadata(body.get("user_metadata", {})))
    item.edited_at = request.app[PLATFORM].now()
    return web.Response(status=204)


@routes.delete("/indexes/{index_id}/indexed-assets/{indexed_asset_id}")
async def delete(request: web.Request) -> web.Response:
    return remove(_find(request))


def remove(item: IndexedAsset) -> web.Response:
    """Take an indexed asset out of its index."""
    del item.index.indexed_assets[item.id]
    item.index.changes += 1
    return web.Response(status=204)


@routes.get("/assets/{asset_id}/indexed-assets")
async def list_by_asset(request: web.Request) -> web.Response:
    asset = find_asset(request)
    items = sorted(indexed_assets(request).values(), key=lambda item: item.id, reverse=True)
    return page(
        request,
        [item for item in items if item.asset is asset],
        lambda item, _: {"_id": item.id, "index": {"_id": item.index.id, "name": item.index.name}},
    )
