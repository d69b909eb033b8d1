"""Requests of indexes and of what is in them: indexed assets, videos, video indexing tasks and searches."""

from __future__ import annotations

import re
from typing import Any, Literal

import attrs

from ..converter import Moment, UploadedFile, is_list, is_object
from ..problem import Json, invalid, missing
from .common import EPOCH, SortedPage, not_null, public_url, user_metadata, within

ModelName = Literal["marengo2.7", "marengo3.0", "marengo3.5", "pegasus1.2", "pegasus1.5", "pegasus1.6"]
IndexingStatus = Literal["validating", "pending", "queued", "indexing", "ready", "failed"]
EmbeddingOption = Literal["visual", "audio", "transcription", "visual-text"]
RANGES = ("duration", "fps", "width", "height", "size")
QUERY_NAMES = {*attrs.fields_dict(SortedPage), "filename", "status", "created_at", "updated_at"}
"""Names that are never keys of user metadata in a query."""
TaskStatus = Literal["uploading", "validating", "pending", "queued", "indexing", "ready", "failed"]
SearchOption = Literal["visual", "audio", "transcription"]
TranscriptionOption = Literal["lexical", "semantic"]
MAX_QUERY_IMAGES = 10


@attrs.frozen(kw_only=True)
class IndexModel:
    model_name: ModelName
    model_options: list[Literal["visual", "audio"]] = attrs.field(validator=within(1, 2))


@attrs.frozen(kw_only=True)
class CreateIndex:
    index_name: str
    models: list[IndexModel] = attrs.field(validator=within(1, 6))
    addons: list[Literal["thumbnail"]] = attrs.field(factory=list[Literal["thumbnail"]], validator=within(0, 1))

    def __attrs_post_init__(self) -> None:
        if self.addons and not any(model.model_name.startswith("marengo") for model in self.models):
            raise invalid("addons", "must be empty for an index without a Marengo model")


@attrs.frozen(kw_only=True)
class ListIndexes(SortedPage):
    index_name: str | None = None
    model_family: Literal["marengo", "pegasus"] | None = None
    model_options: str = ""
    created_at: Moment = EPOCH
    updated_at: Moment = EPOCH


@attrs.frozen(kw_only=True)
class UpdateIndex:
    index_name: str


@attrs.frozen(kw_only=True)
class CreateIndexedAsset:
    asset_id: str
    enable_video_stream: bool = False
    user_metadata: Json = attrs.field(factory=dict[str, Any], validator=user_metadata)


@attrs.frozen(kw_only=True)
class ListIndexedAssets(SortedPage):
    """Query with filters by metadata.

    Attributes:
        ranges: Lowest and highest value of each fact, from ``duration[gte]=…`` and the like.
        user_metadata: Value of each key, from the names that no other field has.
    """

    filename: str | None = None
    status: list[IndexingStatus] = attrs.field(factory=list[IndexingStatus])
    created_at: Moment = EPOCH
    updated_at: Moment | None = None
    ranges: Json = attrs.field(factory=dict[str, Any])
    user_metadata: Json = attrs.field(factory=dict[str, Any])

    @classmethod
    def gather(cls, query: dict[str, list[str]]) -> dict[str, Any]:
        """Gather ranges, and unknown names as `user_metadata`."""
        ranges: dict[str, dict[str, float]] = {}
        own: Json = {}
        for key, values in query.items():
            match = re.fullmatch(r"([^\[]+)\[([^\]]*)\]", key)
            name, bound = match.groups() if match else (key, "")
            if name in RANGES:
                if bound not in ("", "gte", "lte"):
                    raise invalid(key, "must have the bounds gte and lte only")
                limit = _number(key, values[-1])
                ranges.setdefault(name, {}).update({bound: limit} if bound else {"gte": limit, "lte": limit})
            elif key not in QUERY_NAMES:
                own[bound if name == "user_metadata" and bound else key] = values[-1]
        return {**query, "ranges": [ranges], "user_metadata": [own]}


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise invalid(name, f"must be a number; got {text!r}") from None


@attrs.frozen(kw_only=True)
class RetrieveIndexedAsset:
    embedding_option: list[EmbeddingOption] = attrs.field(factory=list[EmbeddingOption])
    transcription: bool = False


@attrs.frozen(kw_only=True)
class UpdateIndexedAsset:
    user_metadata: Json | None = attrs.field(factory=dict[str, Any], validator=[not_null, user_metadata])


@attrs.frozen(kw_only=True)
class CreateTask:
    index_id: str
    video_file: UploadedFile | None = None
    video_url: str | None = attrs.field(default=None, validator=public_url)
    enable_video_stream: bool = True
    user_metadata: Json = attrs.field(factory=dict[str, Any], validator=user_metadata)

    def __attrs_post_init__(self) -> None:
        if self.video_file is None and self.video_url is None:
            raise missing("video_file or video_url")


@attrs.frozen(kw_only=True)
class ListTasks(SortedPage):
    index_id: str | None = None
    filename: str | None = None
    status: list[TaskStatus] = attrs.field(factory=list[TaskStatus])
    duration: float | None = None
    width: int | None = attrs.field(default=None, validator=within(0, 1_000_000))
    height: int | None = attrs.field(default=None, validator=within(0, 1_000_000))
    created_at: Moment = EPOCH
    updated_at: Moment = EPOCH


@attrs.frozen(kw_only=True)
class CreateSearch:
    index_id: str
    search_options: list[SearchOption]
    query_text: str | None = None
    query_media_type: Literal["image"] | None = None
    query_media_url: list[str] = attrs.field(factory=list[str])
    query_media_file: list[UploadedFile] = attrs.field(factory=list[UploadedFile])
    transcription_options: list[TranscriptionOption] = attrs.field(factory=list[TranscriptionOption])
    operator: Literal["or", "and"] = "or"
    group_by: Literal["clip", "video"] = "clip"
    page_limit: int = attrs.field(default=10, validator=within(1, 50))
    filter: Json = attrs.field(factory=dict[str, Any])
    include_user_metadata: bool = False

    def __attrs_post_init__(self) -> None:
        if self.transcription_options and "transcription" not in self.search_options:
            raise invalid("transcription_options", "requires the search option transcription")
        self._check_query()
        for name, condition in self.filter.items():
            _check_condition(name, condition)

    def _check_query(self) -> None:
        images = len(self.query_media_url) + len(self.query_media_file)
        if images and self.query_media_type is None:
            raise missing("query_media_type")
        if self.query_media_type and not images:
            raise missing("query_media_url or query_media_file")
        if images > MAX_QUERY_IMAGES:
            raise invalid("query_media_url", f"must have at most {MAX_QUERY_IMAGES} images; got {images}")
        if not images and not self.query_text:
            raise missing("query_text")


def _check_condition(name: str, condition: Any) -> None:
    if is_list(condition) and name != "id":
        raise invalid("filter", f"must have a list for id only; {name} has one")
    if is_object(condition):
        for bound, limit in condition.items():
            if bound not in ("gte", "lte"):
                raise invalid("filter", f"must have the bounds gte and lte only; {name} has {bound}")
            if isinstance(limit, bool) or not isinstance(limit, int | float):
                raise invalid("filter", f"must have numbers as bounds; {name}.{bound} is {limit!r}")


@attrs.frozen(kw_only=True)
class RetrieveSearch:
    include_user_metadata: bool = False
