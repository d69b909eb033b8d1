"""JSON of video indexing tasks."""

from __future__ import annotations

from ..clock import rfc3339
from ..problem import Json
from ..state import IndexingTask
from ..storage import Storage
from .indexed_assets import stream


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
