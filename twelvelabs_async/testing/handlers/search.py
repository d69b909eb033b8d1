"""Search: clips with words of the query, the nearest first.

No picture is decoded: an image stands for the words of its file name.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from ..content import matches, words
from ..converter import is_list, is_object
from ..problem import Json, invalid, missing
from ..requests import indexes as requests
from ..state import IndexedAsset, Search
from ..state.indexes import Hit
from ..views import indexes as views
from .indexed_assets import is_in_range
from .indexes import find_index
from .operation import Context, operation

MAX_IMAGE_BYTES = 32 * 1000**2
PAGE_LIFETIME_SECONDS = 3600.0
"""Lifetime of a page token. The documentation has no number; `page_expires_at` in the response is authoritative."""


@operation("POST", "/search", max_file_bytes=MAX_IMAGE_BYTES)
def create(context: Context, request: requests.CreateSearch) -> Json:
    state, now = context.state, context.now()
    for file in request.query_media_file:
        file.path.unlink()
    index = find_index(state, request.index_id)
    if not index.model("marengo"):
        raise invalid("index_id", "must name an index with a Marengo model")
    if not request.search_options:
        raise missing("search_options")
    by_video = request.group_by == "video"
    items = [item for item in index.ready(now) if all(_meets(item, *condition) for condition in request.filter.items())]
    search = Search(
        id=state.new_id(),
        index=index,
        revision=index.revision,
        groups=_grouped(_rank(request, items), by_video=by_video),
        by_video=by_video,
        page_limit=request.page_limit,
        expires_at=now + PAGE_LIFETIME_SECONDS,
    )
    state.add_search(search)
    return views.search_results(search, 1, now, context.storage, has_metadata=request.include_user_metadata)


@operation("GET", "/search/{page_token}")
def retrieve(context: Context, request: requests.RetrieveSearch, page_token: str) -> Json:
    identifier, _, number = page_token.partition("-")
    search, now = context.state.searches.get(identifier), context.now()
    if search is None or not number.isdecimal() or search.expires_at <= now:
        raise invalid("page_token", "is unknown or has expired")
    if search.revision != search.index.revision:
        raise invalid("page_token", "has expired, because assets were added to the index or deleted from it")
    return views.search_results(search, int(number), now, context.storage, has_metadata=request.include_user_metadata)


def _rank(request: requests.CreateSearch, items: list[IndexedAsset]) -> list[Hit]:
    """Return the clips that match, with their ranks."""
    images = [*request.query_media_url, *(file.name for file in request.query_media_file)]
    names = [PurePosixPath(unquote(urlsplit(image).path)).stem for image in images]
    query = {word for text in (request.query_text or "", *names) for word in words(text)}
    modalities: dict[str, list[str]] = {option: [option] for option in request.search_options}
    found = [
        (item, match)
        for item in items
        for match in matches(item.asset.content, query, modalities)
        if request.operator == "or" or match.nearness.keys() == modalities.keys()
    ]
    found.sort(key=lambda hit: (-hit[1].score, hit[0].asset.filename, hit[1].start, hit[0].id))
    return [(rank, item, match) for rank, (item, match) in enumerate(found, 1)]


def _grouped(hits: list[Hit], *, by_video: bool) -> list[list[Hit]]:
    """Group hits as pages count them: by video, or each on its own."""
    groups: dict[object, list[Hit]] = {}
    for rank, item, match in hits:
        groups.setdefault(item.id if by_video else rank, []).append((rank, item, match))
    return list(groups.values())


def _meets(item: IndexedAsset, name: str, condition: Any) -> bool:
    value: Any = {"id": item.id, **item.asset.facts}.get(name, item.user_metadata.get(name))
    if is_list(condition):
        return value in condition
    if is_object(condition):
        return is_in_range(value, condition)
    return bool(value == condition and isinstance(value, bool) == isinstance(condition, bool))
