"""JSON of indexes and of what is in them: indexed assets, videos, video indexing tasks and searches."""

from __future__ import annotations

from collections.abc import Sequence

from ..clock import rfc3339
from ..content import Match, clips, embedding
from ..problem import Json
from ..state import Index, IndexedAsset, IndexingTask, Search
from ..storage import Storage


def index(found: Index, now: float) -> Json:
    ready = found.ready(now)
    return {
        "_id": found.id,
        "index_name": found.name,
        "models": [{"model_name": name, "model_options": options} for name, options in found.models],
        "addons": found.addons,
        "video_count": len(ready),
        "total_duration": total_duration(ready),
        "created_at": rfc3339(found.created_at),
        "updated_at": rfc3339(found.edited_at),
        "expires_at": rfc3339(found.expires_at),
    }


def total_duration(items: Sequence[IndexedAsset]) -> float:
    return round(sum(item.asset.media.duration or 0.0 for item in items), 3)


def indexed_asset(found: IndexedAsset, now: float) -> Json:
    since, status = found.stage(now)
    shown: Json = {
        "_id": found.id,
        "asset_id": found.asset.id,
        "status": status,
        "created_at": rfc3339(found.created_at),
        "updated_at": rfc3339(found.updated_at(now)),
        "system_metadata": found.asset.facts,
    }
    return shown | ({"indexed_at": rfc3339(since)} if status == "ready" else {})


def indexed_asset_details(
    found: IndexedAsset, now: float, storage: Storage, embedding_options: Sequence[str], *, has_transcription: bool
) -> Json:
    shown, is_ready = indexed_asset(found, now), found.status(now) == "ready"
    if found.user_metadata:
        shown["user_metadata"] = found.user_metadata
    if found.enable_video_stream:
        shown["hls"] = stream(found, now, storage)
    if embedding_options and is_ready:
        embeddings = {"segments": _segments(found, embedding_options)}
        shown["embedding"] = {"model_name": found.index.model("marengo"), "video_embedding": embeddings}
    if has_transcription and is_ready:
        shown["transcription"] = found.asset.content.sentences or None
    return shown


def stream(found: IndexedAsset, now: float, storage: Storage) -> Json:
    since, status = found.stage(now)
    if status != "ready":
        return {"status": "PROCESSING", "updated_at": rfc3339(since)}
    return {
        "status": "COMPLETE",
        "updated_at": rfc3339(since),
        "video_url": storage.url(f"hls/{found.id}/stream.m3u8"),
        "thumbnail_urls": [storage.url(f"hls/{found.id}/thumbnail.jpg")],
    }


def _segments(found: IndexedAsset, options: Sequence[str]) -> list[Json]:
    content = found.asset.content
    return [
        {
            "float": embedding(words["visual" if option == "visual-text" else option]),
            "embedding_option": option,
            "embedding_scope": "clip",
            "start_offset_sec": start,
            "end_offset_sec": end,
        }
        for start, end in clips(content.media.duration)
        for words in [content.perceive(start, end)]
        for option in options
    ]


def video(shown: Json) -> Json:
    """Return an indexed asset as the older view shows it: it has no status."""
    return {name: value for name, value in shown.items() if name != "status"}


def video_details(shown: Json) -> Json:
    """Return a video with its details; only the list has the size."""
    facts = {name: value for name, value in shown["system_metadata"].items() if name != "size"}
    return {**video(shown), "system_metadata": facts}


def task(found: IndexingTask, now: float) -> Json:
    facts = found.item.asset.facts
    return {
        "_id": found.id,
        "video_id": found.item.id,
        "index_id": found.item.index.id,
        "status": found.status(now),
        "created_at": rfc3339(found.created_at),
        "updated_at": rfc3339(found.updated_at(now)),
        "system_metadata": {name: facts[name] for name in ("filename", "duration", "width", "height") if name in facts},
    }


def task_details(found: IndexingTask, now: float, storage: Storage) -> Json:
    return task(found, now) | ({"hls": stream(found.item, now, storage)} if found.item.enable_video_stream else {})


def search_results(found: Search, number: int, now: float, storage: Storage, *, has_metadata: bool) -> Json:
    """Return a page of hits, grouped by video if the search asked for it."""
    first = (number - 1) * found.page_limit
    data: list[Json] = []
    for group in found.groups[first : first + found.page_limit]:
        clips = [_hit(rank, item, match, storage, has_metadata=has_metadata) for rank, item, match in group]
        data.append({"id": group[0][1].id, "clips": clips} if found.by_video else clips[0])
    info: Json = {
        "limit_per_page": found.page_limit,
        "total_results": len(found.groups),
        "page_expires_at": rfc3339(found.expires_at),
    }
    if found.by_video:
        info["total_inner_matches"] = sum(map(len, found.groups))
    if first + found.page_limit < len(found.groups):
        info["next_page_token"] = f"{found.id}-{number + 1}"
    if number > 1:
        info["prev_page_token"] = f"{found.id}-{number - 1}"
    ready = found.index.ready(now)
    pool = {"index_id": found.index.id, "total_count": len(ready), "total_duration": total_duration(ready)}
    return {"data": data, "page_info": info, "search_pool": pool}


def _hit(rank: int, item: IndexedAsset, match: Match, storage: Storage, *, has_metadata: bool) -> Json:
    shown: Json = {"start": match.start, "end": match.end, "video_id": item.id, "rank": rank}
    if match.transcription:
        shown["transcription"] = match.transcription
    if item.index.addons:
        shown["thumbnail_url"] = storage.url(f"thumbnails/{item.id}-{match.start:g}.jpg")
    if has_metadata and item.user_metadata:
        shown["user_metadata"] = item.user_metadata
    return shown
