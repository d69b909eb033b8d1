"""JSON of searches."""

from __future__ import annotations

from ..clock import rfc3339
from ..content import Match
from ..problem import Json
from ..state import IndexedAsset, Search
from ..storage import Storage
from .indexes import total_duration


def results(found: Search, number: int, now: float, storage: Storage, *, has_metadata: bool) -> Json:
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
