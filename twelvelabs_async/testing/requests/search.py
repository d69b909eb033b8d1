"""Requests of searches."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from ..converter import UploadedFile, is_list, is_object
from ..problem import Json, invalid, missing
from .common import within

SearchOption = Literal["visual", "audio", "transcription"]
TranscriptionOption = Literal["lexical", "semantic"]
MAX_QUERY_IMAGES = 10


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
