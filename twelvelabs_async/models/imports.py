"""Imports: files of a connected account that become assets."""

from datetime import datetime
from typing import Literal, TypeAlias, TypedDict

from ._base import Id, Model, models_of

__all__ = [
    "Import", "ImportDetail", "ImportFilesRequestItemsItem", "ImportFilesRequestItemsItemParams", "ImportItem",
    "ImportItemAction", "ImportItemError", "ImportItemStatus", "ImportProvider", "ImportResult",
]  # fmt: skip

ImportProvider: TypeAlias = Literal["google_drive"] | str
ImportItemAction: TypeAlias = Literal["created", "skipped", "retried", "rejected"] | str
ImportItemStatus: TypeAlias = Literal["processing", "ready", "failed"] | str


class ImportFilesRequestItemsItem(Model):
    """File to import.

    Attributes:
        source_id: Id of the file at the provider.
    """

    source_id: str


class ImportFilesRequestItemsItemParams(TypedDict):
    """`ImportFilesRequestItemsItem` as a plain dict."""

    source_id: str


class ImportItemError(Model):
    """Reason why a file was rejected."""

    code: str | None = None
    message: str | None = None


class ImportItem(Model):
    """Result of importing a file.

    Attributes:
        action: ``created`` for a new asset, ``skipped`` if the asset existed, ``retried`` if the existing asset had
            failed, ``rejected`` if no asset was created.
        status: Present status of the asset. ``None`` for a rejected file.
    """

    source_id: str | None = None
    action: ImportItemAction | None = None
    asset_id: str | None = None
    status: ImportItemStatus | None = None
    error: ImportItemError | None = None


class ImportResult(Model):
    """A new import.

    Attributes:
        has_failures: True if a file was rejected.
        items: Files in the order of the request.
    """

    id: Id
    has_failures: bool | None = None
    items: list[ImportItem] | None = None


class Import(Model):
    """Import of files through a connection.

    Attributes:
        custom_id: Label of the connection.
    """

    id: Id
    connection_id: str | None = None
    provider: ImportProvider | None = None
    custom_id: str | None = None
    item_count: int | None = None
    created_at: datetime | None = None


class ImportDetail(Import):
    """Import with its files, in the order of the request.

    Files whose assets were deleted are left out.
    """

    items: list[ImportItem] | None = None

    @property
    def status(self) -> str:
        """``ready`` if each asset is ``ready`` or ``failed``, else ``processing``."""
        final = ("ready", "failed", None)
        return "ready" if all(item.status in final for item in models_of(self.items)) else "processing"
