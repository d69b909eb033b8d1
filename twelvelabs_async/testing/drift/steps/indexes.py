"""Indexes, searches and video indexing tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...problem import Json
from ..step import UNKNOWN_ID, Step
from .common import READY, billed

MARENGO: Final[Json] = {"model_name": "marengo3.0", "model_options": ["visual", "audio"]}
RETIRED: Final[Json] = {"model_name": "marengo2.7", "model_options": ["visual"]}
UNKNOWN_EMBEDDING: Final = {"embedding_option": ["smell"]}


def _search(
    case: str = "",
    *,
    text: str | None = "a red balloon",
    files: Mapping[str, str] | None = None,
    keep: Mapping[str, str] | None = None,
    is_refused: bool = False,
    **fields: Any,
) -> Step:
    """Return a search in the index."""
    return Step(
        "search.create",
        "POST /search",
        case=case,
        form={"index_id": "$index", "search_options": ["visual"], "query_text": text, **fields},
        files=files,
        keep=keep or {},
        after=("video",),
        bills=None if is_refused else "search",
        is_refused=is_refused,
    )


INDEXES: Final = (
    Step(
        "indexes.create",
        "POST /indexes",
        json={"index_name": "$mark", "models": [MARENGO], "addons": ["thumbnail"]},
        keep={"index": "_id"},
        undo="/indexes/$index",
    ),
    Step(
        "indexes.create",
        "POST /indexes",
        case="same name",
        json={"index_name": "$mark", "models": [MARENGO]},
        keep={"index": "_id"},
        undo="/indexes/$index",
        is_refused=True,
    ),
    Step(
        "indexes.create",
        "POST /indexes",
        case="retired model",
        json={"index_name": "$mark old", "models": [RETIRED]},
        keep={"index": "_id"},
        undo="/indexes/$index",
        is_refused=True,
    ),
    Step("indexes.retrieve", "GET /indexes/$index"),
    Step("indexes.list", "GET /indexes", query={"page_limit": 50}, own="index"),
    Step("indexes.list", "GET /indexes", case="unknown order", query={"sort_by": "color"}, is_refused=True),
    Step("indexes.list", "GET /indexes", case="unknown direction", query={"sort_option": "up"}, is_refused=True),
    Step("indexes.update", "PUT /indexes/$index", json={"index_name": "$mark x"}),
    billed(
        "indexes.indexed_assets.create",
        "POST /indexes/$index/indexed-assets",
        json={"asset_id": "$ready_asset", "enable_video_stream": True, "user_metadata": {"team": "red"}},
        keep={"indexed": "_id"},
        undo="/indexes/$index/indexed-assets/$indexed",
        bills="indexing",
    ),
    Step(
        "indexes.indexed_assets.create",
        "POST /indexes/$index/indexed-assets",
        case="unknown asset",
        json={"asset_id": UNKNOWN_ID},
        is_refused=True,
    ),
    Step(
        "indexes.indexed_assets.retrieve",
        "GET /indexes/$index/indexed-assets/$indexed",
        until=READY,
        keep={"video": "_id"},
    ),
    Step(
        "indexes.indexed_assets.retrieve",
        "GET /indexes/$index/indexed-assets/$video",
        case="embeddings",
        query={"embedding_option": ["visual", "audio"], "transcription": True},
    ),
    Step(
        "indexes.indexed_assets.retrieve",
        "GET /indexes/$index/indexed-assets/$video",
        case="unknown embedding",
        query=UNKNOWN_EMBEDDING,
        is_refused=True,
    ),
    Step("indexes.indexed_assets.list", "GET /indexes/$index/indexed-assets", own="indexed"),
    Step(
        "indexes.indexed_assets.list",
        "GET /indexes/$index/indexed-assets",
        case="filtered",
        query={"duration": {"gte": 1, "lte": 100}, "team": "red", "status": ["ready", "failed"]},
    ),
    Step("indexes.indexed_assets.list_by_asset", "GET /assets/$asset/indexed-assets", own="indexed"),
    Step(
        "indexes.indexed_assets.update",
        "PATCH /indexes/$index/indexed-assets/$indexed",
        json={"user_metadata": {"team": "blue"}},
    ),
    Step("indexes.videos.list", "GET /indexes/$index/videos", own="video"),
    Step("indexes.videos.retrieve", "GET /indexes/$index/videos/$video", query={"embedding_option": ["visual"]}),
    Step(
        "indexes.videos.retrieve",
        "GET /indexes/$index/videos/$video",
        case="unknown embedding",
        query=UNKNOWN_EMBEDDING,
        is_refused=True,
    ),
    Step("indexes.videos.update", "PATCH /indexes/$index/videos/$video", json={"user_metadata": {"team": "green"}}),
)

SEARCHES: Final = (
    _search(
        page_limit=1,
        include_user_metadata=True,
        keep={"page": "page_info.next_page_token", "found": "data.0.video_id"},
    ),
    _search("by video", group_by="video"),
    _search("by picture", text=None, query_media_type="image", files={"query_media_file": "picture"}),
    _search("filtered", filter='{"duration": {"gte": 1}}'),
    _search("blank", text=" ", is_refused=True),
    _search("unknown order", sort_option="color", is_refused=True),
    _search("filter that is no JSON", filter="duration", is_refused=True),
    _search("unknown operator", filter='{"duration": {"above": 1}}', is_refused=True),
    _search("video elsewhere", filter=f'{{"id": ["{UNKNOWN_ID}"]}}', is_refused=True),
    _search("unknown option", search_options=["smell"], is_refused=True),
    _search(
        "option without its model",
        search_options=["transcription"],
        transcription_options=["smell"],
        is_refused=True,
    ),
    _search("unknown index", index_id=UNKNOWN_ID, is_refused=True),
    Step("search.retrieve", "GET /search/$page", query={"include_user_metadata": True}),
    Step("search.retrieve", "GET /search/no-token", case="no token", is_refused=True),
)

TASKS: Final = (
    billed(
        "tasks.create",
        "POST /tasks",
        form={"index_id": "$index", "user_metadata": '{"team": "red"}'},
        files={"video_file": "clip"},
        keep={"task": "_id"},
        undo="/tasks/$task",
        bills="indexing",
    ),
    Step("tasks.retrieve", "GET /tasks/$task", until=READY, keep={"task_video": "video_id"}),
    Step("tasks.list", "GET /tasks", query={"page_limit": 50, "index_id": "$index"}, own="task"),
    Step("tasks.list", "GET /tasks", case="unknown status", query={"status": ["lost"]}, is_refused=True),
    Step("indexes.videos.delete", "DELETE /indexes/$index/videos/$task_video"),
)
