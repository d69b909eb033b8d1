"""Entities: people and things that searches can find, in collections."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

from ..options import OMIT
from ._base import Id, Model

__all__ = [
    "BulkCreateEntityResponse", "BulkCreateEntityResponseEntitiesItem", "BulkCreateEntityResponseErrorsItem",
    "EntitiesCreateBulkRequestEntitiesItem", "EntitiesCreateBulkRequestEntitiesItemParams", "Entity",
    "EntityCollection", "EntitySortBy", "EntityStatus",
]  # fmt: skip

EntitySortBy: TypeAlias = Literal["created_at", "updated_at", "name"] | str
EntityStatus: TypeAlias = Literal["processing", "ready"] | str
"""Status of an entity. Searches find a ``ready`` entity.

An entity is ``processing`` again while its assets change.
"""


class EntityCollection(Model):
    """Collection of related entities, such as the players of a team."""

    id: Id
    name: str | None = None
    description: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class Entity(Model):
    """A person or a thing.

    Attributes:
        asset_ids: Assets that show the entity.
    """

    id: Id
    entity_collection_id: str | None = None
    name: str | None = None
    description: str | None = None
    metadata: dict[str, Any] | None = None
    asset_ids: list[str] | None = None
    status: EntityStatus | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class EntitiesCreateBulkRequestEntitiesItem(Model):
    """Entity to create.

    Attributes:
        asset_ids: Assets that show the entity. At least 1.
    """

    name: str
    asset_ids: Sequence[str]
    description: str | None = OMIT
    metadata: Mapping[str, Any] | None = OMIT


class EntitiesCreateBulkRequestEntitiesItemParams(TypedDict):
    """`EntitiesCreateBulkRequestEntitiesItem` as a plain dict."""

    name: str
    asset_ids: Sequence[str]
    description: NotRequired[str]
    metadata: NotRequired[Mapping[str, Any]]


class BulkCreateEntityResponseEntitiesItem(Model):
    """Entity that was created."""

    id: Id
    name: str | None = None
    status: EntityStatus | None = None


class BulkCreateEntityResponseErrorsItem(Model):
    """Entity that was not created.

    Attributes:
        entity_index: Index of the entity in the request, from 0.
    """

    entity_index: int | None = None
    entity_name: str | None = None
    error_reason: str | None = None


class BulkCreateEntityResponse(Model):
    """Result of creating several entities."""

    success_count: int | None = None
    failed_count: int | None = None
    entities: list[BulkCreateEntityResponseEntitiesItem] | None = None
    errors: list[BulkCreateEntityResponseErrorsItem] | None = None
