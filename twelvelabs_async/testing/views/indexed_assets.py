"""JSON of indexed assets, and of videos, the older view of them."""

from __future__ import annotations

from collections.abc import Sequence

from ..clock import rfc3339
from ..content import clips, embedding
from ..problem import Json
from ..state import IndexedAsset
from ..storage import Storage


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
