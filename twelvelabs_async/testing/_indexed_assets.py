"""Indexed assets: the indexing job of an asset, its states, its metadata, what the index knows of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import attrs
from aiohttp import web

from ._assets import ASSETS, Asset, find_asset
from ._clock import Lifecycle, rfc3339
from ._content import clips, embedding, perceive
from ._http import (
    Json,
    boolean,
    find,
    invalid,
    merge_metadata,
    metadata,
    moment,
    new_metadata,
    number,
    order,
    page,
    read_json,
    text,
)
from ._indexes import Index, find_index
from ._platform import PLATFORM, Platform, seconds

routes = web.RouteTableDef()
tables = ()

_STATES = ("validating", "pending", "queued", "indexing", "ready", "failed")
# The share of the indexing time at which each state begins.
_SCHEDULE = (("validating", 0.0), ("pending", 0.05), ("queued", 0.1), ("indexing", 0.2))
_EMBEDDING_OPTIONS = ("visual", "audio", "transcription", "visual-text")
_RANGES = ("duration", "fps", "width", "height", "size")
_OTHERS = ("page", "page_limit", "sort_by", "sort_option", "status", "filename", "created_at", "updated_at")


@attrs.define(eq=False)
class IndexedAsset:
    """An asset in an index."""

    id: str
    index: Index
    asset: Asset
    enable_video_stream: bool
    user_metadata: Json
    lifecycle: Lifecycle
    edited_at: float | None = None

    @property
    def created_at(self) -> float:
        return self.lifecycle.stages[0][0]

    def status(self, now: float) -> str:
        return self.lifecycle.at(now)[1]

    def updated_at(self, now: float) -> float:
        return max(self.lifecycle.at(now)[0], self.edited_at or 0.0)

    @property
    def system_metadata(self) -> Json:
        media = self.asset.media
        facts = {"duration": media.duration, "fps": media.fps, "width": media.width, "height": media.height}
        known = {name: value for name, value in facts.items() if value is not None}
        return {"filename": self.asset.filename, **known, "size": self.asset.size}

    def show(self, platform: Platform) -> Json:
        now = platform.now()
        since, status = self.lifecycle.at(now)
        shown: Json = {
            "_id": self.id,
            "asset_id": self.asset.id,
            "status": status,
            "created_at": rfc3339(self.created_at),
            "updated_at": rfc3339(self.created_at if platform.freeze_updated_at else self.updated_at(now)),
            "system_metadata": self.system_metadata,
        }
        return shown | ({"indexed_at": rfc3339(since)} if status == "ready" else {})

    def show_details(self, platform: Platform, options: list[str], transcription: bool) -> Json:
        shown, ready = self.show(platform), self.status(platform.now()) == "ready"
        if self.user_metadata:
            shown["user_metadata"] = self.user_metadata
        if self.enable_video_stream:
            shown["hls"] = self.show_stream(platform)
        if options and ready:
            embeddings = {"segments": self._segments(options)}
            shown["embedding"] = {"model_name": self.index.model("marengo"), "video_embedding": embeddings}
        if transcription and ready:
            spoken = [{"start": start, "end": end, "value": value} for start, end, value in self.asset.transcription]
            shown["transcription"] = spoken or None
        return shown

    def show_stream(self, platform: Platform) -> Json:
        since, status = self.lifecycle.at(platform.now())
        if status != "ready":
            return {"status": "PROCESSING", "updated_at": rfc3339(since)}
        url = f"{platform.storage_url}/storage/hls/{self.id}"
        return {
            "status": "COMPLETE",
            "updated_at": rfc3339(since),
            "video_url": f"{url}/stream.m3u8",
            "thumbnail_urls": [f"{url}/thumbnail.jpg"],
        }

    def _segments(self, options: list[str]) -> list[Json]:
        asset, shown = self.asset, list[Json]()
        for start, end in clips(asset.media.duration):
            words = perceive(asset.filename, asset.media, asset.script, start, end)
            shown += [
                {
                    "float": embedding(words["visual" if option == "visual-text" else option]),
                    "embedding_option": option,
                    "embedding_scope": "clip",
                    "start_offset_sec": start,
                    "end_offset_sec": end,
                }
                for option in options
            ]
        return shown


def _find(request: web.Request, *, status: int = 400) -> IndexedAsset:
    index = find_index(request, request.match_info["index_id"], status=status)
    return find(index.indexed_assets, request.match_info["indexed_asset_id"], "indexed asset", status=status)


def index_asset(
    platform: Platform, index: Index, asset: Asset, *, enable_video_stream: bool, user_metadata: Json
) -> IndexedAsset:
    """Start to index an asset, as soon as it is processed."""
    now = platform.now()
    done, outcome = asset.lifecycle.stages[-1]
    begin, time = max(now, done), seconds(platform.indexing_time, asset.filename)
    if outcome == "failed":
        stages = [(begin, outcome)]
    else:
        stages = [(begin + share * time, state) for state, share in _SCHEDULE]
        stages.append((begin + time, "failed" if "indexing" in asset.script.failures else "ready"))
    lifecycle = Lifecycle(((now, _STATES[0]), *stages))
    item = IndexedAsset(platform.new_id(), index, asset, enable_video_stream, user_metadata, lifecycle)
    index.indexed_assets[item.id] = asset.indexed_assets[item.id] = item
    index.changes += 1
    return item


@routes.post("/indexes/{index_id}/indexed-assets")
async def create(request: web.Request) -> web.Response:
    platform, now = request.app[PLATFORM], request.app[PLATFORM].now()
    index = find_index(request, request.match_info["index_id"], status=404)
    body = await read_json(request)
    asset = find(request.app[ASSETS], text(body, "asset_id"), "asset", status=404)
    if asset.status(now) != "ready":
        raise invalid("asset_id", f"the asset {asset.id} is {asset.status(now)}; wait until it is ready")
    item = index_asset(
        platform,
        index,
        asset,
        enable_video_stream=boolean(body.get("enable_video_stream"), "enable_video_stream"),
        user_metadata=new_metadata(body.get("user_metadata")),
    )
    return web.json_response({"_id": item.id, "asset_id": asset.id}, status=202)


@routes.get("/indexes/{index_id}/indexed-assets")
async def list_(request: web.Request) -> web.Response:
    items = find_index(request, request.match_info["index_id"]).indexed_assets.values()
    return page(request, listed(request, items), lambda item: item.show(request.app[PLATFORM]))


def listed(request: web.Request, items: Iterable[IndexedAsset]) -> list[IndexedAsset]:
    """The indexed assets that the query asks for, in its order."""
    platform, now = request.app[PLATFORM], request.app[PLATFORM].now()
    for wanted in _filters(request, now):
        items = [item for item in items if wanted(item)]
    frozen = platform.freeze_updated_at
    return order(
        request,
        list(items),
        lambda item: item.created_at,
        lambda item: item.created_at if frozen else item.updated_at(now),
    )


def _filters(request: web.Request, now: float) -> list[Callable[[IndexedAsset], bool]]:
    """One test for each filter in the query."""
    query, wanted = request.query, list[Callable[[IndexedAsset], bool]]()
    if states := query.getall("status", []):
        for state in states:
            text({"status": state}, "status", _STATES)
        wanted.append(lambda item: item.status(now) in states)
    if "filename" in query:
        wanted.append(lambda item: item.asset.filename == query["filename"])
    if "created_at" in query:
        since = moment(query["created_at"], "created_at")
        wanted.append(lambda item: item.created_at >= since)
    if "updated_at" in query:
        # The page of this method says that only items changed by the update method can match.
        edited_since = moment(query["updated_at"], "updated_at")
        wanted.append(lambda item: item.edited_at is not None and item.edited_at >= edited_since)
    for key, value in query.items():
        name, bound = _split(key)
        if name in _RANGES:
            wanted.append(_in_range(name, bound, number(value, key)))
        elif name == "user_metadata" and bound:
            wanted.append(_has_metadata(bound, value))
        elif name not in _OTHERS:
            wanted.append(_has_metadata(key, value))
    return wanted


def _split(key: str) -> tuple[str, str]:
    """`duration[gte]` → `duration`, `gte`."""
    match = re.fullmatch(r"([^\[]+)\[([^\]]*)\]", key)
    return (match[1], match[2]) if match else (key, "")


def _in_range(name: str, bound: str, limit: float) -> Callable[[IndexedAsset], bool]:
    if bound not in ("", "gte", "lte"):
        raise invalid(f"{name}[{bound}]", "a range has gte and lte only")

    def wanted(item: IndexedAsset) -> bool:
        value = item.system_metadata.get(name)
        if value is None:
            return False
        return bool(value >= limit if bound == "gte" else value <= limit if bound == "lte" else value == limit)

    return wanted


def _has_metadata(key: str, value: str) -> Callable[[IndexedAsset], bool]:
    return lambda item: key in item.user_metadata and is_same(item.user_metadata[key], value)


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
    options = query.getall("embedding_option", [])
    for option in options:
        text({"embedding_option": option}, "embedding_option", _EMBEDDING_OPTIONS)
    if options and not item.index.model("marengo"):
        raise invalid("embedding_option", "the index has no Marengo model")
    transcription = boolean(query.get("transcription"), "transcription")
    return item.show_details(request.app[PLATFORM], options, transcription)


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
    item.asset.indexed_assets.pop(item.id, None)
    item.index.changes += 1
    return web.Response(status=204)


@routes.get("/assets/{asset_id}/indexed-assets")
async def list_by_asset(request: web.Request) -> web.Response:
    items = list(reversed(find_asset(request).indexed_assets.values()))
    return page(request, items, lambda item: {"_id": item.id, "index": {"_id": item.index.id, "name": item.index.name}})
