"""Results of a bulk run: one outcome for each source, and events until then."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from datetime import datetime
from functools import partial
from types import NoneType
from typing import Any, Final, Generic, Literal, Protocol, TypeAlias, TypeVar, runtime_checkable

from attrs import define, field, frozen

from .._urls import is_url
from ..models._columns import Column, Columns, Kind
from ..models.moment import MomentVideo
from ..models.moments import Moments
from ..models.multipart_upload import UploadProgress
from ..models.tables import Table
from .folders import SkipReason
from .states import EventKind

R = TypeVar("R")


@runtime_checkable
class HasMoments(Protocol):
    """A result with times."""

    def moments(self) -> Moments:
        """Return the parts of the video."""
        ...


OUTCOME_COLUMNS: Final[Mapping[str, Kind]] = {
    "source": str,
    "status": str,
    "asset_id": str,
    "indexed_asset_id": str,
    "task_id": str,
    "reused": bool,
    "replaces": str,
    "parameters": object,
    "error": str,
}


@frozen
class ResultTable:
    """Rows of the results of an operation.

    Attributes:
        columns: Returns the columns of the items.
        take_items: Returns an item for each row of a result, and may remove items from the result.
    """

    columns: Callable[[], Columns]
    take_items: Callable[[Any], Sequence[object]]

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        return NoneType, ()  # an outcome in another process has no operation


@define
class Outcome(Table, Generic[R]):
    """Final result for one source.

    As a table, it has a row, or a row for each of its embeddings. See `AsyncRun`.

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
        parameters: Parameters of the source alone, if it is an `AnalyzeSource`.
        replaces: Id of the object that an earlier run had created, if the platform no longer has it: it was deleted, or
            has expired, or its index was made anew. Another one took its place.
        table: Rows of the result, in outcomes of a run.
    """

    source: str
    asset_id: str | None = None
    indexed_asset_id: str | None = None
    task_id: str | None = None
    result: R | None = None
    error: Exception | None = None
    reused: bool = False
    replaces: str | None = None
    parameters: Mapping[str, Any] | None = None
    table: ResultTable | None = field(default=None, repr=False, eq=False)

    @property
    def status(self) -> Literal["ready", "failed"]:
        """``ready``, or ``failed`` if there is an error."""
        return "failed" if self.error is not None else "ready"

    def moments(self) -> Moments:
        """Return the moments of the result, such as segments or embedded clips, as parts of the source.

        There are none without a result, and if it has no times.
        """
        if not isinstance(self.result, HasMoments):
            return Moments()
        found = self.result.moments()
        is_file = not is_url(self.source) and self.source not in (self.asset_id, self.indexed_asset_id)
        video = next((moment.video for moment in found if moment.video), MomentVideo())
        known: dict[str, Any] = {
            "id": self.indexed_asset_id,
            "asset_id": self.asset_id,
            "file": self.source if is_file else None,
            "filename": video.filename or (os.path.basename(self.source) if is_file else None),
        }
        return found.with_video(video.copy(**{name: value for name, value in known.items() if value}))

    def __columns__(self) -> Columns:
        return outcome_columns(self.table)

    def __rows__(self) -> list[OutcomeRow]:
        items: Sequence[object] = ()
        if self.table is not None and self.result is not None:
            items = self.table.take_items(copy(self.result))
        return [OutcomeRow(self, item) for item in items or (None,)]


@frozen
class OutcomeRow:
    """An outcome with one item of its result."""

    outcome: Outcome[Any]
    item: object | None


def outcome_columns(table: ResultTable | None) -> Columns:
    """Return the columns of outcomes and of their results, which read an `OutcomeRow`.

    A column of a result whose name is taken has the prefix ``result_``.
    """
    columns = {name: Column(name, kind, partial(_read_outcome, name)) for name, kind in OUTCOME_COLUMNS.items()}
    for column in () if table is None else table.columns():
        name = column.name if column.name not in columns else f"result_{column.name}"
        columns[name] = Column(name, column.kind, partial(_read_item, column.read))
    return [*columns.values()]


def _read_outcome(name: str, row: OutcomeRow) -> object:
    value = getattr(row.outcome, name)
    return f"{value}" or type(value).__name__ if isinstance(value, Exception) else value


def _read_item(read: Callable[[Any], object], row: OutcomeRow) -> object:
    return None if row.item is None else read(row.item)


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
