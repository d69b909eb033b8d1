"""Indexes: what holds the assets that can be searched and analyzed together."""

from collections.abc import Sequence
from typing import Literal, TypeAlias, TypedDict

from ._base import Id, Model

__all__ = [
    "IndexModelsItem", "IndexSchema", "IndexesCreateRequestModelsItem", "IndexesCreateRequestModelsItemModelName",
    "IndexesCreateRequestModelsItemParams", "IndexesCreateResponse",
]  # fmt: skip

IndexesCreateRequestModelsItemModelName: TypeAlias = Literal["marengo3.0"] | str


class IndexesCreateRequestModelsItem(Model):
    """A model that an index is to use.

    Attributes:
        model_name: For example ``marengo3.0`` to search and embed, or ``pegasus1.2`` to analyze.
        model_options: What the model looks at: ``visual``, ``audio``, or both.
    """

    model_name: IndexesCreateRequestModelsItemModelName
    model_options: Sequence[str]


class IndexesCreateRequestModelsItemParams(TypedDict):
    """`IndexesCreateRequestModelsItem` as a plain dict."""

    model_name: IndexesCreateRequestModelsItemModelName
    model_options: Sequence[str]


class IndexModelsItem(Model):
    """A model that an index uses."""

    model_name: str | None = None
    model_options: list[str] | None = None


class IndexSchema(Model):
    """An index; times are RFC 3339.

    Attributes:
        expires_at: When it will be deleted; only on the free plan.
        total_duration: The length of all assets in it together, in seconds.
        video_count: Number of assets in it.
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
    """The id of a new index."""

    id: Id
