"""Indexed assets: indexing jobs, filters of their list, metadata and embeddings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import attrs

from ..clock import rfc3339
from ..content import clips
from ..converter import Moment
from ..parameters import EPOCH, Page, SortedPage, not_null, user_metadata
from ..problem import Json, invalid
from ..state import IndexedAsset, State
from ..storage import Storage
from .assets import find_asset, find_ready_asset, merge, without_empty
from .indexes import find_index, find_open_index
from .operation import Context, operation
from .tables import attributes, find, ordered, page

PATH = "/indexes/{index_id}/indexed-assets"
IndexingStatus = Literal["validating", "pending", "queued", "indexing", "ready", "failed"]
EmbeddingOption = Literal["visual", "audio", "transcription", "visual-text"]
RANGES = ("duration", "fps", "width", "height", "size")
QUERY_NAMES = {*attrs.fields_dict(SortedPage), "filename", "status", "created_at", "updated_at"}
"""Names that are never keys of user metadata in a query."""


@attrs.frozen(kw_only=True)
class CreateIndexedAsset:
    asset_id: str
    enable_video_stream: bool = False
    user_metadata: Json = attrs.field(factory=dict[str, Any], validator=user_metadata)


@attrs.frozen(kw_only=True)
class ListIndexedAssets(SortedPage):
    """Query with filters by metadata.

    Attributes:
        ranges: Lowest and highest value of each fact, from ``duration[gte]=…`` and the like.
        user_metadata: Value of each key, from the names that no other field has.
    """

    filename: str | None = None
    status: list[IndexingStatus] = attrs.field(factory=list[IndexingStatus])
    created_at: Moment = EPOCH
    updated_at: Moment | None = None
    ranges: Json = attrs.field(factory=dict[str, Any])
    user_metadata: Json = attrs.field(factory=dict[str, Any])

    @classmethod
    def gather(cls, query: dict[str, list[str]]) -> dict[str, Any]:
        """Gather ranges, and unknown names as `user_metadata`."""
        ranges: dict[str, dict[str, float]] = {}
        own: Json = {}
        for key, values in query.items():
            match = re.fullmatch(r"([^\[]+)\[([^\]]*)\]", key)
            name, bound = match.groups() if match else (key, "")
            if name in RANGES:
                if bound not in ("", "gte", "lte"):
                    raise invalid(key, "must have the bounds gte and lte only")
                limit = _number(key, values[-1])
                ranges.setdefault(name, {}).update({bound: limit} if bound else {"gte": limit, "lte": limit})
            elif key not in QUERY_NAMES:
                own[bound if name == "user_metadata" and bound else key] = values[-1]
        return {**query, "ranges": [ranges], "user_metadata": [own]}


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise invalid(name, f"must be a number; got {text!r}") from None


@attrs.frozen(kw_only=True)
class RetrieveIndexedAsset:
    embedding_option: list[EmbeddingOption] = attrs.field(factory=list[EmbeddingOption])
    transcription: bool = False


@attrs.frozen(kw_only=True)
class UpdateIndexedAsset:
    user_metadata: Json | None = attrs.field(factory=dict[str, Any], validator=[not_null, user_metadata])


def indexed_asset_json(found: IndexedAsset, now: float) -> Json:
    since, status = found.stage(now)
    return {
        "_id": found.id,
        "asset_id": found.asset.id,
        **attributes(found, "status", "created_at", "updated_at", now=now),
        "system_metadata": found.asset.facts,
        **({"indexed_at": rfc3339(since)} if status == "ready" else {}),
    }


def details_json(context: Context, request: RetrieveIndexedAsset, found: IndexedAsset) -> Json:
    """Return an indexed asset with the details that a query asks for."""
    if request.embedding_option and not found.index.model("marengo"):
        raise invalid("embedding_option", "requires an index with a Marengo model")
    now = context.now()
    shown, is_ready = indexed_asset_json(found, now), found.status(now) == "ready"
    if found.user_metadata:
        shown["user_metadata"] = found.user_metadata
    if found.enable_video_stream:
        shown["hls"] = stream_json(found, now, context.storage)
    if request.embedding_option and is_ready:
        embeddings = {"segments": _segments_json(found, request.embedding_option)}
        shown["embedding"] = {"model_name": found.index.model("marengo"), "video_embedding": embeddings}
    if request.transcription and is_ready:
        shown["transcription"] = found.asset.content.sentences or None
    return shown


def stream_json(found: IndexedAsset, now: float, storage: Storage) -> Json:
    since, status = found.stage(now)
    if status != "ready":
        return {"status": "PROCESSING", "updated_at": rfc3339(since)}
    return {
        "status": "COMPLETE",
        "updated_at": rfc3339(since),
        "video_url": storage.stream_url(found.asset),
        "thumbnail_urls": [storage.thumbnail_url(found.asset)],
    }


def _segments_json(found: IndexedAsset, options: Sequence[str]) -> list[Json]:
    content = found.asset.content
    return [
        {
            "float": content.embedding(words["visual" if option == "visual-text" else option], option, (start, end)),
            "embedding_option": option,
            "embedding_scope": "clip",
            "start_offset_sec": start,
            "end_offset_sec": end,
        }
        for start, end in clips(content.media.duration)
        for words in [content.perceive(start, end)]
        for option in options
    ]


def _find(state: State, index_id: str, indexed_asset_id: str, status: int = 400) -> IndexedAsset:
    return find(find_index(state, index_id, status).indexed_assets, indexed_asset_id, "indexed asset", status)


@operation("POST", PATH, status=202)
def create(context: Context, request: CreateIndexedAsset, index_id: str) -> Json:
    state, index = context.state, find_open_index(context, index_id, 404)
    asset, metadata = find_ready_asset(context, request.asset_id, 404), without_empty(request.user_metadata)
    context.rate_limits.charge("indexing", "duration", asset.media.duration or 0.0)
    item = state.index_asset(index, asset, user_metadata=metadata, enable_video_stream=request.enable_video_stream)
    return {"_id": item.id, "asset_id": asset.id}


@operation("GET", PATH)
def list_(context: Context, request: ListIndexedAssets, index_id: str) -> Json:
    now, index = context.now(), find_index(context.state, index_id)
    found = matching(request, index.indexed_assets.values(), now)
    return page(request, found, lambda item: indexed_asset_json(item, now))


def matching(request: ListIndexedAssets, items: Iterable[IndexedAsset], now: float) -> list[IndexedAsset]:
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
def retrieve(context: Context, request: RetrieveIndexedAsset, index_id: str, indexed_asset_id: str) -> Json:
    return details_json(context, request, _find(context.state, index_id, indexed_asset_id, 404))


@operation("PATCH", f"{PATH}/{{indexed_asset_id}}", status=204)
def update(context: Context, request: UpdateIndexedAsset, index_id: str, indexed_asset_id: str) -> None:
    edit(context, request, _find(context.state, index_id, indexed_asset_id))


def edit(context: Context, request: UpdateIndexedAsset, item: IndexedAsset) -> None:
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
