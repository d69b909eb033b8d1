"""What a bulk run tells: outcomes at the end, events on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Literal, TypeAlias, TypeVar

from attrs import define, frozen

from ..models.multipart_upload import UploadProgress
from ._journal import State

T = TypeVar("T")

EventKind: TypeAlias = State


@define
class Outcome(Generic[T]):
    """What became of a source.

    Attributes:
        source: The path, URL or id.
        asset_id: The asset, as soon as there is one.
        indexed_asset_id: Its id in the index, as soon as there is one.
        task_id: The task that embeds or analyzes it, if it is one.
        result: What the API says of it in the end; ``None`` if an earlier run with the journal finished it, except for
            the answers of analyses.
        error: What went wrong.
    """

    source: str
    asset_id: str | None = None
    indexed_asset_id: str | None = None
    task_id: str | None = None
    result: T | None = None
    error: Exception | None = None

    @property
    def status(self) -> Literal["ready", "failed"]:
        """``ready`` or ``failed``."""
        return "failed" if self.error is not None else "ready"


@frozen
class Event:
    """Something that happened to a source.

    Attributes:
        kind: ``queued``, ``uploading`` (again and again as bytes go out), ``uploaded``, ``indexing`` (or ``embedding``,
            ``analyzing``, ``deleting``), and at last ``ready`` or ``failed``.
        source: The path, URL or id.
        progress: How far its upload has come, while it is ``uploading``.
        asset_id: The asset, as soon as there is one.
        indexed_asset_id: Its id in the index, as soon as there is one.
        error: What went wrong.
    """

    kind: EventKind
    source: str
    progress: UploadProgress | None = None
    asset_id: str | None = None
    indexed_asset_id: str | None = None
    error: Exception | None = None


OnEvent: TypeAlias = Callable[[Event], object]
