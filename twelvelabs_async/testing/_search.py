"""Search: clips that have words of the query, the nearest first.

Nothing is looked at: a picture that is searched for, or searched, counts for the words of its file name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import attrs
from aiohttp import web

from ._clock import rfc3339
from ._content import Content, clips, nearness, words
from ._http import Form, read_form
from ._indexed_assets import IndexedAsset
from ._indexes import Index, find_index
from ._input import Json, an_object, boolean, integer, invalid, missing, number, text, texts
from ._platform import PLATFORM

routes = web.RouteTableDef()

_MAX_IMAGES = 10
_MAX_IMAGE_SIZE = 32 * 1000**2
# How long a page can be fetched is told by `page_expires_at` only; the API's pages name no number.
_LIFETIME = 3600.0


@attrs.frozen
class Match:
    """A clip that has words of a query: what is spoken in it, and how near each place with such words is."""

    start: float
    end: float
    transcription: str
    nearness: dict[str, float]

    @property
    def score(self) -> float:
        return sum(self.nearness.values())


@attrs.frozen
class Clip:
    """A match in an index."""

    item: IndexedAsset
    match: Match

    def show(self, rank: int, include_user_metadata: bool) -> Json:
        match = self.match
        shown: Json = {"start": match.start, "end": match.end, "video_id": self.item.id, "rank": rank}
        if match.transcription:
            shown["transcription"] = match.transcription
        if self.item.index.addons:
            storage = self.item.asset.platform.storage_url
            shown["thumbnail_url"] = f"{storage}/storage/thumbnails/{self.item.id}-{match.start:g}.jpg"
        if include_user_metadata and self.item.user_metadata:
            shown["user_metadata"] = self.item.user_metadata
        return shown


@attrs.frozen(eq=False)
class Results:
    """All matches of a search, best first, as they were when it was made; a page token leads back to them."""

    id: str
    index: Index
    index_changes: int
    ranked: list[Clip]
    by_video: bool
    limit: int
    expires_at: float

    def page(self, number: int, now: float, include_user_metadata: bool) -> Json:
        groups = self._groups()
        first = (number - 1) * self.limit
        shown: list[Json] = []
        for group in groups[first : first + self.limit]:
            clips = [clip.show(rank, include_user_metadata) for rank, clip in group]
            shown.append({"id": group[0][1].item.id, "clips": clips} if self.by_video else clips[0])
        info: Json = {
            "limit_per_page": self.limit,
            "total_results": len(groups),
            "page_expires_at": rfc3339(self.expires_at),
        }
        if self.by_video:
            info["total_inner_matches"] = len(self.ranked)
        if first + self.limit < len(groups):
            info["next_page_token"] = f"{self.id}-{number + 1}"
        if number > 1:
            info["prev_page_token"] = f"{self.id}-{number - 1}"
        count, duration = self.index.volume(now)
        pool = {"index_id": self.index.id, "total_count": count, "total_duration": duration}
        return {"data": shown, "page_info": info, "search_pool": pool}

    def _groups(self) -> list[list[tuple[int, Clip]]]:
        """The matches with their ranks, as pages count them: by video, or each for itself."""
        groups: dict[object, list[tuple[int, Clip]]] = {}
        for rank, clip in enumerate(self.ranked, 1):
            groups.setdefault(clip.item.id if self.by_video else rank, []).append((rank, clip))
        return list(groups.values())


RESULTS = web.AppKey("results", dict[str, Results])
tables = (RESULTS,)


@routes.post("/search")
async def query(request: web.Request) -> web.Response:
    form, platform = await read_form(request, max_file_size=_MAX_IMAGE_SIZE), request.app[PLATFORM]
    for file in form.files:
        file.path.unlink()
    fields, now = form.fields, platform.now()
    index = find_index(request, text(fields, "index_id"))
    if not index.model("marengo"):
        raise invalid("index_id", "the index has no Marengo model")
    asked = _asked(form)
    options = texts(form.values("search_options"), "search_options", ["visual", "audio", "transcription"])
    if not options:
        raise missing("search_options")
    given = texts(form.values("transcription_options"), "transcription_options", ["lexical", "semantic"])
    if given and "transcription" not in options:
        raise invalid("transcription_options", "search_options has no transcription")
    all_of = text({"operator": "or", **fields}, "operator", ["or", "and"]) == "and"
    by_video = text({"group_by": "clip", **fields}, "group_by", ["clip", "video"]) == "video"
    limit = integer(fields.get("page_limit", 10), "page_limit", 1, 50)
    conditions = _conditions(fields.get("filter"))
    include = boolean(fields, "include_user_metadata")
    found = [
        Clip(item, match)
        for item in index.ready(now)
        if all(_meets(item, name, condition) for name, condition in conditions.items())
        for match in matches(item.asset.content, asked, {option: [option] for option in options})
        if not all_of or match.nearness.keys() == {*options}
    ]
    found.sort(key=lambda clip: (-clip.match.score, clip.item.asset.filename, clip.match.start, clip.item.id))
    table = request.app[RESULTS]
    for old in [results for results in table.values() if results.expires_at <= now]:
        del table[old.id]
    results = Results(platform.new_id(), index, index.changes, found, by_video, limit, now + _LIFETIME)
    table[results.id] = results
    return web.json_response(results.page(1, now, include))


@routes.get("/search/{page_token}")
async def retrieve(request: web.Request) -> web.Response:
    identifier, _, place = request.match_info["page_token"].partition("-")
    results, now = request.app[RESULTS].get(identifier), request.app[PLATFORM].now()
    if results is None or not place.isdecimal() or results.expires_at <= now:
        raise invalid("page_token", "it is unknown or has expired")
    if results.index_changes != results.index.changes:
        raise invalid("page_token", "the index has changed since")
    include = boolean(request.query, "include_user_metadata")
    return web.json_response(results.page(int(place), now, include))


def _asked(form: Form) -> set[str]:
    """The words a search is for."""
    images = [PurePosixPath(unquote(urlsplit(url).path)).stem for url in form.values("query_media_url")]
    images += [PurePosixPath(file.name).stem for file in form.files if file.field == "query_media_file"]
    if images or "query_media_type" in form.fields:
        text(form.fields, "query_media_type", ["image"])
        if not images:
            raise missing("query_media_url or query_media_file")
        if len(images) > _MAX_IMAGES:
            raise invalid("query_media_url", f"a query has at most {_MAX_IMAGES} images")
    elif not form.fields.get("query_text"):
        raise missing("query_text")
    return {word for part in (form.fields.get("query_text", ""), *images) for word in words(part)}


def matches(content: Content, asked: set[str], places: Mapping[str, Sequence[str]]) -> Iterator[Match]:
    """The clips of a file that have words of a query in some places, each of which is one or more of `perceive`'s."""
    query = " ".join(sorted(asked))
    for start, end in clips(content.media.duration):
        there = content.perceive(start, end)
        known = {place: {*words(" ".join(there[part] for part in parts))} for place, parts in places.items()}
        near = {place: nearness(query, " ".join(sorted(found))) for place, found in known.items() if asked & found}
        if near:
            yield Match(start, end, there["transcription"], near)


def _conditions(filter_: str | None) -> Json:
    if not filter_:
        return {}
    try:
        conditions = an_object(json.loads(filter_), "filter")
    except ValueError:
        raise invalid("filter", "it has to be a JSON object") from None
    for name, condition in conditions.items():
        if isinstance(condition, dict):
            for bound, limit in an_object(condition, name).items():
                if bound not in ("gte", "lte"):
                    raise invalid("filter", f"the range of {name!r} has gte and lte only")
                number(limit, f"{name}.{bound}")
        if isinstance(condition, list) and name != "id":
            raise invalid("filter", "only id takes a list")
    return conditions


def _meets(item: IndexedAsset, name: str, condition: Any) -> bool:
    value: Any = {"id": item.id, **item.asset.facts}.get(name, item.user_metadata.get(name))
    if isinstance(condition, list):
        return value in condition
    if isinstance(condition, dict):
        bounds = an_object(condition, name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return bool(bounds.get("gte", value) <= value <= bounds.get("lte", value))
    return bool(value == condition and isinstance(value, bool) == isinstance(condition, bool))
