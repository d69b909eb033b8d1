"""Search of a knowledge store: images and clips of videos, ranked by the words they share with the query."""

from __future__ import annotations

import re
import zlib

from ..content import Match, matches, words
from ..problem import Json, Problem, invalid
from ..requests.knowledge_stores import Search
from ..state import KnowledgeStoreItem
from ..views import knowledge_stores as views
from .knowledge_stores import find_store
from .operation import Context, operation

PERCEIVED_MODALITIES = {"visual": ["visual"], "audio": ["audio", "transcription"]}
"""Modalities of `Content.perceive` by which each modality of a search finds clips."""
TOKEN_LIFETIME_SECONDS = 3600.0
"""Lifetime of a page token. The documentation has no number."""

Hit = tuple[KnowledgeStoreItem, list[Match]]


@operation("POST", "/knowledge-stores/{store_id}/search")
def search(context: Context, request: Search, store_id: str) -> Json:
    store, now = find_store(context.state, store_id, 404), context.now()
    items = [
        item
        for item in store.ready(now)
        if item.asset.kind in request.kinds and (request.item_ids is None or item.id in request.item_ids)
    ]
    hits = sorted((hit for item in items for hit in _hits(item, request)), key=lambda hit: -hit[1][0].score)
    checksum = f"{zlib.crc32(repr((store.id, request.query.text)).encode()):08x}"
    first = _first_hit(request.page_token, checksum, now)
    last = first + request.page_size
    shown = [
        views.hit(rank, item, found, has_metadata=request.include_metadata)
        for rank, (item, found) in enumerate(hits[first:last], first + 1)
    ]
    options = {"video": {"modalities": request.modalities}} if "video" in request.kinds else {}
    page: Json = {"data": shown, "effective_search_options": options}
    if last < len(hits):
        page["next_page_token"] = f"{checksum}-{last}-{int(now + TOKEN_LIFETIME_SECONDS)}"
    return page


def _hits(item: KnowledgeStoreItem, request: Search) -> list[Hit]:
    """Return the hits in an item, each with its clips, nearest first. The modalities are those of videos only."""
    modalities = ["visual"] if item.asset.kind == "image" else request.modalities
    perceived = {modality: PERCEIVED_MODALITIES[modality] for modality in modalities}
    found = sorted(matches(item.asset.content, {*words(request.query.text)}, perceived), key=lambda one: -one.score)
    if request.group_by == "item":
        return [(item, found)] if found else []
    return [(item, [match]) for match in found]


def _first_hit(page_token: str | None, checksum: str, now: float) -> int:
    """Return the number of hits on the pages before a page token.

    Raises:
        Problem: The token is malformed, of another search, or expired.
    """
    if page_token is None:
        return 0
    found = re.fullmatch(rf"{checksum}-(\d+)-(\d+)", page_token)
    if found is None:
        raise invalid("page_token", "must be a token of the same search")
    if int(found[2]) <= now:
        raise Problem(410, "page_token_expired", "The page token has expired. Search again.")
    return int(found[1])
