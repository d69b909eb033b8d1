"""JSON of indexes."""

from __future__ import annotations

from collections.abc import Sequence

from ..clock import rfc3339
from ..problem import Json
from ..state import Index, IndexedAsset


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
