"""Indexes: containers of assets that are searched and analyzed together."""

from collections.abc import Sequence
from typing import Literal, TypeAlias, TypedDict

from ._base import Id, Model

__all__ = [
    "IndexModelName", "IndexModelsItem", "IndexSchema", "IndexesCreateRequestModelsItem",
    "IndexesCreateRequestModelsItemParams", "IndexesCreateResponse",
]  # fmt: skip

IndexModelName: TypeAlias = Literal["marengo3.0"] | str


class IndexesCreateRequestModelsItem(Model):
    """Model for a new index.

    Attributes:
        model_name: ``marengo3.0``, the only model of new indexes. Analyses need no index: they take assets.
        model_options: ``visual``, ``audio``, or both.
    """

    model_name: IndexModelName
    model_options: Sequence[str]


class IndexesCreateRequestModelsItemParams(TypedDict):
    """`IndexesCreateRequestModelsItem` as a plain dict."""

    model_name: IndexModelName
    model_options: Sequence[str]


class IndexModelsItem(Model):
    """Model of an index."""

    model_name: str | None = None
    model_options: list[str] | None = None


class IndexSchema(Model):
    """An index. Times in RFC 3339.

    Attributes:
        expires_at: Time at which the index will be deleted. Only on the free plan.
        total_duration: Total duration of the assets in the index, in seconds.
        video_count: Number of assets in the index.
    """

    id: Id
    created_at: str | None = None
    updated_at: str | None = None
    expires_at: str | None = None
    index_name: str | None = None
    total_duration: float | None = None
    video_count: float | None = None
    models: list[IndexModelsItem] | None = None
    addons: list[str] | None = None


class IndexesCreateResponse(Model):
    """Id of a new index."""

    id: Id
