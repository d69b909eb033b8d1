"""Results of a bulk run: one outcome for each source, and events until then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Generic, Literal, TypeAlias, TypeVar

from attrs import define, frozen

from ..models.multipart_upload import UploadProgress
from .folders import SkipReason
from .states import EventKind

R = TypeVar("R")


@define
class Outcome(Generic[R]):
    """Final result for one source.

    Attributes:
        source: Path, URL or id of the source.
        asset_id: Id of the asset, if there is one. It is kept if the asset failed.
        indexed_asset_id: Id of the indexed asset, if there is one.
        task_id: Id of the embedding or analysis task, if there is one.
        result: Object in its final state. ``None`` if an earlier run finished the source and its result is large, as
            embeddings are: `AsyncRun.retrieve_result` reads it.
        error: Reason of the failure, or ``None``.
        reused: True if the object of the source was on the platform already, or if another source of the run has the
            same content. Nothing was created for this source.
        replaces: Id of the object that an earlier run had created, if the platform no longer has it: it was deleted, or
            has expired, or its index was made anew. Another one took its place.
    """

    source: str
    asset_id: str | None = None
    indexed_asset_id: str | None = None
    task_id: str | None = None
    result: R | None = None
    error: Exception | None = None
    reused: bool = False
    replaces: str | None = None

    @property
    def status(self) -> Literal["ready", "failed"]:
        """``ready``, or ``failed`` if there is an error."""
        return "failed" if self.error is not None else "ready"


@frozen
class Event:
    """Progress of one source, or of the connection to the API.

    Attributes:
        kind: ``queued``, ``uploading`` (several times as bytes are sent), ``uploaded``, ``indexing`` (or ``embedding``,
            ``analyzing``, ``deleting``), and at the end ``ready`` or ``failed``. Of a file in a folder that the run
            does not take, only ``skipped``. Without a source: ``unreachable`` when the API has sent no response for
            some seconds, and ``reachable`` at its next response.
        source: Path, URL or id of the source. Empty if the event concerns the connection.
        progress: Progress of the upload, while the source is ``uploading``.
        asset_id: Id of the asset, if it is known.
        indexed_asset_id: Id of the indexed asset, if it is known.
        error: Reason of the failure, if the source ``failed`` or the API is ``unreachable``.
        reason: Reason why the file is ``skipped``, such as ``hidden file``.
        size: Size of the file in bytes, if the source is a file.
        since: Local time since when the API is ``unreachable``.
    """

    kind: EventKind | Literal["unreachable", "reachable"]
    source: str
    progress: UploadProgress | None = None
    asset_id: str | None = None
    indexed_asset_id: str | None = None
    error: Exception | None = None
    reason: SkipReason | None = None
    size: int | None = None
    since: datetime | None = None


OnEvent: TypeAlias = Callable[[Event], object]
