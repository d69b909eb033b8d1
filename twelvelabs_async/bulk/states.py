"""States of a source, and the transitions between them.

The states are the same for all operations: most create an asset first and a job second. A state named
``..._requested`` is durable before the request is sent, so the object may or may not exist. The state after it says
that the object exists and that its id is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, Literal, TypeAlias

Activity: TypeAlias = Literal["indexing", "analyzing", "embedding", "deleting"]
"""Name of the second step of an operation."""

EventKind: TypeAlias = Literal["skipped", "queued", "uploading", "uploaded", Activity, "ready", "failed"]


class State(StrEnum):
    """State of a source."""

    QUEUED = "queued"
    UPLOAD_REQUESTED = "upload_requested"
    UPLOADING = "uploading"
    """An upload session exists and its id is recorded. Parts may be missing."""
    UPLOADED = "uploaded"
    JOB_REQUESTED = "job_requested"
    JOB_STARTED = "job_started"
    READY = "ready"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """True if nothing remains to be done."""
        return self in (State.READY, State.FAILED)

    @property
    def is_requested(self) -> bool:
        """True if the outcome of a request is unknown."""
        return self in (State.UPLOAD_REQUESTED, State.JOB_REQUESTED)

    @property
    def has_asset(self) -> bool:
        """True if the source is a complete asset and not yet at its end."""
        return self in (State.UPLOADED, State.JOB_REQUESTED, State.JOB_STARTED)

    @property
    def required_ids(self) -> Sequence[str]:
        """Columns of the journal that are set in this state."""
        if self is State.UPLOADING:
            return ("asset_id", "upload_id")
        if self is State.JOB_STARTED:
            return ("asset_id", "job_id")
        return ("asset_id",) if self.has_asset or self is State.READY else ()

    def event_kind(self, activity: Activity | None) -> EventKind:
        """Return the state as events and `read_journal` report it.

        Args:
            activity: Name of the operation's second step.
        """
        return _KINDS[self] or activity or "uploaded"


_KINDS: Final[Mapping[State, EventKind | None]] = {
    State.QUEUED: "queued",
    State.UPLOAD_REQUESTED: "uploading",
    State.UPLOADING: "uploading",
    State.UPLOADED: "uploaded",
    State.JOB_REQUESTED: None,
    State.JOB_STARTED: None,
    State.READY: "ready",
    State.FAILED: "failed",
}


TRANSITIONS: Final[Mapping[State, frozenset[State]]] = {
    # To UPLOADED: the source is an asset. To UPLOADING or UPLOADED: another run has created the asset.
    State.QUEUED: frozenset({State.UPLOAD_REQUESTED, State.UPLOADING, State.UPLOADED, State.FAILED}),
    # Back to QUEUED: the request was not processed. There is no transition to FAILED: an unknown outcome has to be
    # settled first.
    State.UPLOAD_REQUESTED: frozenset({State.QUEUED, State.UPLOADING, State.UPLOADED}),
    # Back to QUEUED: the session expired.
    State.UPLOADING: frozenset({State.QUEUED, State.UPLOADED, State.FAILED}),
    # Back to QUEUED: the asset failed or was deleted. To READY: the operation is an upload. To JOB_STARTED: the job
    # exists already.
    State.UPLOADED: frozenset({State.QUEUED, State.JOB_REQUESTED, State.JOB_STARTED, State.READY, State.FAILED}),
    # Back to QUEUED: the asset was deleted. To READY: the request was a deletion.
    State.JOB_REQUESTED: frozenset({State.QUEUED, State.UPLOADED, State.JOB_STARTED, State.READY}),
    # Back to UPLOADED: the job was deleted. Back to QUEUED: the file changed.
    State.JOB_STARTED: frozenset({State.QUEUED, State.UPLOADED, State.READY, State.FAILED}),
    # The file changed, or the objects were deleted. To UPLOADED: only the job was.
    State.READY: frozenset({State.QUEUED, State.UPLOADED}),
    # The file changed, or the caller asked to retry what failed.
    State.FAILED: frozenset({State.QUEUED, State.UPLOADING, State.UPLOADED}),
}


def check_transition(before: State, after: State) -> None:
    """Raise `AssertionError` if the table has no such transition."""
    if before is not after and after not in TRANSITIONS[before]:
        allowed = ", ".join(sorted(TRANSITIONS[before]))
        raise AssertionError(f"Invalid transition from {before} to {after}. Allowed: {allowed}.")
