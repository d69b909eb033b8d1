"""One source on its way through a run."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, Generic, Literal, TypeVar

from attrs import define, field, frozen

from ..errors import TwelveLabsError
from ..models.assets import AssetDetail
from ..models.multipart_upload import UploadProgress
from .budget import Reservation
from .context import RunContext
from .estimates import Demand, Estimate, estimate_source, set_duration
from .journal import JournalEntry, Stage
from .outcome import Event, Outcome
from .shared_list import now
from .sinks.rows import SourceRows
from .sources import BulkSource
from .states import EventKind, State

R = TypeVar("R")

log: Final = logging.getLogger("twelvelabs_async")


@frozen
class Stray:
    """Object that this run created although another run had taken over its source.

    Attributes:
        column: Column of the journal for the ids of such objects.
        object_id: Id of the object.
        delete: Function that deletes the object. ``None`` if the API has no means to do so.
    """

    column: str
    object_id: str
    delete: Callable[[], Awaitable[None]] | None


@define(eq=False)
class BulkTask(Generic[R]):
    """One source on its way through a run.

    Attributes:
        source: The source.
        context: Objects that all tasks share.
        entry: Record of the source.
        is_leased: Whether this run has the lease of the source.
        created: Times of the event loop at which this run had created the objects of the source, by their columns.
        gone: Entry of an earlier run, whose objects the platform no longer has.
        gone_stage: Stage that creates the first of these objects.
        recorded_id: Id of the source's last object, as an earlier run had recorded it.
        discarded_asset_id: Id of the last discarded asset. The outcome has it if there is no other asset.
        result: Object in its final state.
        error: Reason of the failure.
        rows: Rows for the sink, until it takes them.
        is_stored: Whether the sink had the rows before this run.
        duplicates: Later tasks with the same content, which share this task's outcome.
        strays: Objects that this run created after it had lost the lease.
        estimate: What the source needs, once that is known.
        reservation: What is reserved for the source.
        bytes_sent: Bytes that have been sent.
    """

    source: BulkSource
    context: RunContext
    entry: JournalEntry = field(init=False)
    is_leased: bool = field(default=False, init=False)
    created: dict[str, float] = field(factory=dict[str, float], init=False)
    gone: JournalEntry | None = field(default=None, init=False)
    gone_stage: Stage = field(default=Stage.JOB, init=False)
    recorded_id: str | None = field(default=None, init=False)
    discarded_asset_id: str | None = field(default=None, init=False)
    result: R | None = field(default=None, init=False)
    error: Exception | None = field(default=None, init=False)
    rows: SourceRows | None = field(default=None, init=False)
    is_stored: bool = field(default=False, init=False)
    duplicates: list[BulkTask[R]] = field(factory=list["BulkTask[R]"], init=False)
    strays: list[Stray] = field(factory=list[Stray], init=False)
    estimate: Estimate | None = field(default=None, init=False)
    reservation: Reservation = field(init=False)
    bytes_sent: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self.entry = JournalEntry(source=self.source.key)
        self.reservation = Reservation(self.context.ledger)

    @property
    def token(self) -> str:
        """Token of the content, which is known once the source is claimed."""
        return self.source.content_token(self.entry.digest)

    @property
    def row_key(self) -> str:
        """Key of the rows of the source: a hash of its content and the job."""
        return row_key(self.job, self.token)

    @property
    def job(self) -> str:
        """Name of the job with the source's own parameters."""
        return self.context.job_of(self.source)

    @property
    def content_key(self) -> str:
        """Key of the content with the source's own parameters: a hash, or the name of the source."""
        return self.digest_key or self.source.key

    @property
    def content(self) -> str:
        """Key of the content, for all sources that have it and whatever their own parameters are."""
        return f"{self.source.token} {self.entry.digest or self.source.place}"

    @property
    def digest_key(self) -> str:
        """Digest of the file with the source's own parameters. Empty if the run does not identify files by contents."""
        return f"{self.entry.digest} {self.source.variant}" if self.entry.digest else ""

    @property
    def demand(self) -> Demand:
        """Needs of the operation for the source."""
        return self.context.demand_of(self.source)

    @property
    def final_column(self) -> Literal["asset_id", "job_id"]:
        """Column of the last object that the operation creates."""
        return "asset_id" if self.context.activity is None else "job_id"

    @property
    def may_exist(self) -> bool:
        """True if the source may be on the platform although this job has not requested it."""
        return self.context.options.existing == "reuse"

    @property
    def has_found(self) -> bool:
        """True if the objects of the source are those that another run has created, or an earlier one."""
        is_possible = self.may_exist or self.context.journal.is_kept
        return is_possible and self.source.kind != "asset" and not self.created

    async def examine(self) -> Estimate:
        """Return the estimate of the source, which is made on the first call.

        Raises:
            OSError: The file cannot be read.
        """
        if self.estimate is None:
            self.estimate = await estimate_source(self.source, self.demand, self.context.models)
        return self.estimate

    def note_duration(self, asset: AssetDetail) -> None:
        """Complete the estimate by the duration that the platform states, unless the file has stated one."""
        estimate = self.estimate or Estimate(self.demand.usage(has_asset=True))
        if self.estimate is None or estimate.usage.unknown:
            set_duration(estimate.usage, asset.duration, asset.file_type, self.demand)
        self.estimate = estimate

    def reserve_requests(self) -> None:
        """Reserve the requests for the source, before the first of them is sent.

        Raises:
            BudgetExceededError: The budget does not suffice.
        """
        if self.entry.job_id is None:
            has_asset = self.entry.state.has_asset or self.source.kind == "asset"
            usage = self.demand.usage(has_asset=has_asset, size=self.entry.size or 0)
            self.reservation.reserve_requests(usage.requests)

    def reserve_content(self) -> None:
        """Reserve the minutes and the cost of the source, before an object is created.

        Raises:
            BudgetExceededError: The budget does not suffice.
        """
        if self.estimate is not None:
            self.reservation.reserve_content(self.estimate.usage)

    def record_bytes(self, size: int) -> None:
        """Record that bytes of the source have been sent."""
        self.bytes_sent += size
        self.context.ledger.used.bytes += size
        self.context.ledger.bytes_in_progress += size

    def record_creation(self, column: str) -> None:
        """Record that an object of the source has been created."""
        self.note_creation(column)
        self.reservation.release_requests("assets" if column == "asset_id" else self.demand.category)
        if column == self.final_column:
            self.reservation.spend()

    def note_creation(self, column: str) -> None:
        """Note that an object of the source exists, and that another machine may have created one before."""
        self.created[column] = now()
        self.entry.unchecked = column if self.may_exist else None

    def unchecked_since(self, column: str) -> float | None:
        """Return since when an older object may exist, or ``None`` if no check for one remains to be done.

        An earlier run of the journal may have ended before its check.
        """
        return self.created.get(column, now()) if self.entry.unchecked == column and self.may_exist else None

    def end_reservation(self) -> None:
        """Release what is reserved. If the last object may exist, because a response was lost, it counts as used."""
        if self.entry.state is (State.UPLOAD_REQUESTED if self.final_column == "asset_id" else State.JOB_REQUESTED):
            self.reservation.spend()
        self.reservation.release()

    def discard_asset(self) -> None:
        """Reset the entry, so that the next attempt uploads the source again."""
        self.context.assets.forget(self.entry.asset_token, self.entry.asset_id)
        self.context.shared_assets.forget(self.content)
        self.discarded_asset_id = self.entry.asset_id
        self.entry.reset(Stage.ASSET)

    def take_stray(self, column: str) -> str | None:
        """Return the id of a stray, which becomes the object of the source because no other run has the source."""
        for stray in self.strays:
            if stray.column == column:
                self.strays.remove(stray)
                return stray.object_id
        return None

    async def delete_strays(self) -> None:
        """Delete the strays that did not become the objects of the source."""
        for stray in self.strays:
            if stray.object_id == getattr(self.entry, stray.column):
                continue
            error: object = "the API has no means to delete it"
            try:
                if stray.delete is not None:
                    await stray.delete()
                    continue
            except TwelveLabsError as failure:
                error = failure
            log.warning(
                "Another run processed %s. Its duplicate %s remains: %s", self.source.label, stray.object_id, error
            )

    def adopt(self, other: BulkTask[R]) -> None:
        """Take over the outcome of a task that has the same content."""
        self.discarded_asset_id, self.result, self.error = other.discarded_asset_id, other.result, other.error
        self.is_stored = other.is_stored
        if self.source.key == other.source.key:  # the caller gave the source twice
            self.entry = other.entry
        else:
            self.entry = self.entry.with_progress_of(other.entry)
            self.context.journal.record_later(self.entry, release=True)

    async def move_to(self, state: State) -> None:
        """Record a state without waiting for the journal, and emit an event."""
        self.entry.state = state
        self.context.journal.record_later(self.entry)
        await self.emit(state.event_kind(self.context.activity))

    async def emit(self, kind: EventKind, progress: UploadProgress | None = None) -> None:
        """Pass an event to the caller."""
        if not self.context.options.has_observer:
            return
        outcome = self.outcome()
        await self.context.publish(
            Event(
                kind,
                outcome.source,
                progress,
                outcome.asset_id,
                outcome.indexed_asset_id,
                outcome.error,
                size=self.source.size,
            )
        )

    def outcome(self) -> Outcome[R]:
        """Return the outcome in its present form."""
        job: dict[str, Any] = {}
        if self.context.job_field is not None:
            job[self.context.job_field] = self.entry.job_id
        outcome = Outcome[R](
            self.source.name,
            self.entry.asset_id or self.discarded_asset_id,
            result=self.result,
            error=self.error,
            parameters=self.source.parameters,
            table=self.context.table,
            **job,
        )
        if self.error is None:
            final_id = getattr(self.entry, self.final_column)
            outcome.reused = self.is_stored or (final_id is not None and self.final_column not in self.created)
            outcome.replaces = None if final_id in (None, self.recorded_id) else self.recorded_id
        return outcome


def row_key(job: str, token: str) -> str:
    """Return the key of the rows of a content in the table of a job."""
    return hashlib.sha256(f"{job} {token}".encode()).hexdigest()[:32]
