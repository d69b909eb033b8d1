"""JSON of knowledge stores, their items and collections of items."""

from __future__ import annotations

from ..clock import rfc3339
from ..content import Match
from ..problem import Json
from ..state import ItemCollection, KnowledgeStore, KnowledgeStoreItem
from .named import named


def store(found: KnowledgeStore, now: float) -> Json:
    config = {"ingestion_config": found.ingestion_config} if found.ingestion_config else {}
    return {**named(found, now), "item_count": len(found.items), **config}


def collection(found: ItemCollection, now: float) -> Json:
    return {**named(found, now), "knowledge_store_id": found.store.id, "member_count": len(found.items)}


def item(found: KnowledgeStoreItem, now: float) -> Json:
    asset = found.asset
    timed = ("duration", "fps") if asset.kind == "video" else ()
    return {
        "_id": found.id,
        "asset_type": asset.kind,
        "asset_id": asset.id,
        "status": found.status(now),
        "system_metadata": {"asset_type": asset.kind, **_facts(found, "filename", "width", "height", "size", *timed)},
        "metadata": found.metadata,
        "created_at": rfc3339(found.created_at),
        "updated_at": rfc3339(found.updated_at(now)),
    }


def hit(rank: int, found: KnowledgeStoreItem, matches: list[Match], *, has_metadata: bool) -> Json:
    """Return a hit of a search; those in videos have the clips that match."""
    shown: Json = {"rank": rank, "asset_type": found.asset.kind, "item_id": found.id}
    if found.asset.kind == "video":
        shown["matches"] = [_match(match) for match in matches]
    if has_metadata:
        timed = ("duration",) if found.asset.kind == "video" else ()
        system = _facts(found, "width", "height", "size", *timed)
        shown["metadata"] = {"system": system, "user": found.metadata}
    return shown


def _match(found: Match) -> Json:
    shown: Json = {"start_sec": found.start, "end_sec": found.end, "modalities": list(found.nearness)}
    return shown | ({"transcription": found.transcription} if found.transcription else {})


def _facts(found: KnowledgeStoreItem, *names: str) -> Json:
    facts = found.asset.facts
    return {name: facts[name] for name in names if name in facts}
