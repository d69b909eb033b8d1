"""Imports: files of a connected account that become assets."""

from datetime import datetime
from typing import Literal, TypeAlias, TypedDict

from ._base import Id, Model

__all__ = [
    "Import", "ImportDetail", "ImportFilesRequestItemsItem", "ImportFilesRequestItemsItemParams", "ImportItem",
    "ImportItemAction", "ImportItemError", "ImportItemStatus", "ImportProvider", "ImportResult",
]  # fmt: skip

ImportProvider: TypeAlias = Literal["google_drive"] | str
ImportItemAction: TypeAlias = Literal["created", "skipped", "retried", "rejected"] | str
ImportItemStatus: TypeAlias = Literal["processing", "ready", "failed"] | str


class ImportFilesRequestItemsItem(Model):
    """A file to import, by the id it has at the provider."""

    source_id: str


class ImportFilesRequestItemsItemParams(TypedDict):
    """`ImportFilesRequestItemsItem` as a plain dict."""

    source_id: str


class ImportItemError(Model):
    """Why a file was rejected."""

    code: str | None = None
    message: str | None = None


class ImportItem(Model):
    """What became of a file.

    Attributes:
        action: ``created`` for a new asset; ``skipped`` if there was one already, ``retried`` if that one had failed;
            ``rejected`` if no asset was made of it.
        status: The asset's status now; none if the file was rejected.
    """

    source_id: str | None = None
    action: ImportItemAction | None = None
    asset_id: str | None = None
    status: ImportItemStatus | None = None
    error: ImportItemError | None = None


class ImportResult(Model):
    """A new import: its files in the order given, and whether any was rejected."""

    id: Id
    has_failures: bool | None = None
    items: list[ImportItem] | None = None


class Import(Model):
    """An import of files through a connection; *custom_id* is the connection's label."""

    id: Id
    connection_id: str | None = None
    provider: ImportProvider | None = None
    custom_id: str | None = None
    item_count: int | None = None
    created_at: datetime | None = None


class ImportDetail(Import):
    """An import with its files, in the order given; those whose assets have been deleted are left out."""

    items: list[ImportItem] | None = None

    @property
    def status(self) -> str:
        """``processing`` as long as any of its assets is, then ``ready``, whatever became of them."""
        final = ("ready", "failed", None)
        return "ready" if all(item.status in final for item in self.items or ()) else "processing"
