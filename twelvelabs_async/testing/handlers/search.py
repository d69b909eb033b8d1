"""Search: the clips of an index, those with words like the query's first.

No picture is decoded: an image stands for the words of its file name.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import attrs

from ..clock import rfc3339
from ..content import Match, matches
from ..converter import UploadedFile, is_list, is_object
from ..parameters import within
from ..problem import Json, invalid, missing
from ..refusals import SEARCH_INDEX, SEARCH_PAGE, TRANSCRIPTION_OPTION
from ..state import IndexedAsset, Search, State
from ..state.indexes import Hit
from ..storage import Storage
from .indexed_assets import is_in_range
from .indexes import find_index, total_duration
from .operation import Context, operation
from .search_checks import check_options, check_query, read_filter

TranscriptionOption = Literal["lexical", "semantic"]
MAX_HITS = 1_000
"""Most clips of one search. The documentation has no number."""
MAX_QUERY_IMAGES = 10
MAX_IMAGE_BYTES = 32 * 1000**2
PAGE_LIFETIME_SECONDS = 3600.0
"""Lifetime of a page token. The documentation has no number; `page_expires_at` in the response is authoritative."""


@attrs.frozen(kw_only=True)
class CreateSearch:
    index_id: str
    search_options: list[str]
    query_text: str | None = None
    query_media_type: Literal["image"] | None = None
    query_media_url: list[str] = attrs.field(factory=list[str])
    query_media_file: list[UploadedFile] = attrs.field(factory=list[UploadedFile])
    transcription_options: list[TranscriptionOption] = attrs.field(factory=list[TranscriptionOption])
    operator: Literal["or", "and"] = "or"
    group_by: Literal["clip", "video"] = "clip"
    sort_option: str | None = None
    page_limit: int = attrs.field(default=10, validator=within(1, 50))
    filter: str = "{}"
    include_user_metadata: bool = False

    def __attrs_post_init__(self) -> None:
        if self.transcription_options and "transcription" not in self.search_options:
            raise TRANSCRIPTION_OPTION.problem("The transcription_options require the search option transcription.")
        images = len(self.query_media_url) + len(self.query_media_file)
        if images and self.query_media_type is None:
            raise missing("query_media_type")
        if self.query_media_type and not images:
            raise missing("query_media_url or query_media_file")
        if images > MAX_QUERY_IMAGES:
            raise invalid("query_media_url", f"must have at most {MAX_QUERY_IMAGES} images; got {images}")
        if not images and not self.query_text:
            raise missing("query_text")


@attrs.frozen(kw_only=True)
class RetrieveSearch:
    include_user_metadata: bool = False


def results_json(found: Search, number: int, now: float, storage: Storage, *, has_metadata: bool) -> Json:
    """Return a page of hits, grouped by video if the search asked for it."""
    first = (number - 1) * found.page_limit
    data: list[Json] = []
    for group in found.groups[first : first + found.page_limit]:
        clips = [_hit_json(rank, item, match, storage, has_metadata=has_metadata) for rank, item, match in group]
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


def _hit_json(rank: int, item: IndexedAsset, match: Match, storage: Storage, *, has_metadata: bool) -> Json:
    shown: Json = {"start": match.start, "end": match.end, "video_id": item.id, "rank": rank}
    if match.transcription:
        shown["transcription"] = match.transcription
    if item.index.addons:
        shown["thumbnail_url"] = storage.thumbnail_url(item.asset, match.start)
    if has_metadata and item.user_metadata:
        shown["user_metadata"] = item.user_metadata
    return shown


@operation("POST", "/search", max_file_bytes=MAX_IMAGE_BYTES)
def create(context: Context, request: CreateSearch) -> Json:
    state, now = context.state, context.now()
    for file in request.query_media_file:
        file.path.unlink()
    index = find_index(state, request.index_id, SEARCH_INDEX.status)
    check_options(context, index, request.search_options)
    check_query(context, request.query_text, request.sort_option)
    conditions = read_filter(context, index, request.filter)
    by_video = request.group_by == "video"
    items = [item for item in index.ready(now) if all(_meets(item, *condition) for condition in conditions.items())]
    search = Search(
        id=state.new_id(),
        index=index,
        revision=index.revision,
        groups=_grouped(_rank(state, request, items), by_video=by_video),
        by_video=by_video,
        page_limit=request.page_limit,
        expires_at=now + PAGE_LIFETIME_SECONDS,
    )
    state.add_search(search)
    return results_json(search, 1, now, context.storage, has_metadata=request.include_user_metadata)


@operation("GET", "/search/{page_token}")
def retrieve(context: Context, request: RetrieveSearch, page_token: str) -> Json:
    identifier, _, number = page_token.partition("-")
    search, now = context.state.searches.get(identifier), context.now()
    if search is None or not number.isdecimal() or search.expires_at <= now:
        raise SEARCH_PAGE.problem("The page token is unknown or has expired. Search again.")
    if search.revision != search.index.revision:
        changed = "The page token has expired, because assets were added to the index or deleted from it. Search again."
        raise SEARCH_PAGE.problem(changed)
    return results_json(search, int(number), now, context.storage, has_metadata=request.include_user_metadata)


def _with_names(state: State, text: str) -> str:
    """Return a query with the names of the entities that it refers to, such as `<@66a1b2>` (docs: Entity search)."""
    collections = state.entity_collections.values()
    names = {entity.id: entity.name for collection in collections for entity in collection.entities.values()}
    return re.sub(r"<@(\w+)>", lambda reference: names.get(reference[1], ""), text)


def _rank(state: State, request: CreateSearch, items: list[IndexedAsset]) -> list[Hit]:
    """Return the clips with their ranks. Only the operator `and` excludes any."""
    images = [*request.query_media_url, *(file.name for file in request.query_media_file)]
    names = [PurePosixPath(unquote(urlsplit(image).path)).stem for image in images]
    query = " ".join([_with_names(state, request.query_text or ""), *names])
    modalities: dict[str, list[str]] = {option: [option] for option in request.search_options}
    found = [
        (item, match)
        for item in items
        for match in matches(item.asset.content, query, modalities)
        if request.operator == "or" or {*match.near} == {*request.search_options}
    ]
    found.sort(key=lambda hit: (hit[1].order, hit[0].id))
    return [(rank, item, match) for rank, (item, match) in enumerate(found[:MAX_HITS], 1)]


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
