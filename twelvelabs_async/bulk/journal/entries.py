"""Entries of the journal. A new column is one field of `JournalEntry`: its metadata drives everything else."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from operator import attrgetter
from typing import Any, Final

from attrs import Attribute, define, evolve, field, fields, frozen, setters

from ..states import State, check_transition

MAX_INTEGER: Final = 2**63 - 1
"""Largest integer that SQLite stores."""


@frozen
class FileStamp:
    """Size in bytes and modification time in nanoseconds. A file with the same stamp has not changed."""

    size: int | None
    modified: int | None


class Stage(IntEnum):
    """Step of an operation that sets a column.

    Resetting an entry to a stage clears the columns of this and later stages.
    """

    SOURCE = 0
    ASSET = 1
    JOB = 2


def _validate_text(_: object, attribute: Attribute[Any], value: object) -> None:
    if value is None:
        return
    if not isinstance(value, str):
        raise TypeError(f"{attribute.name} must be a string; got {value!r:.100}.")
    value.encode()  # a lone surrogate raises UnicodeEncodeError, which is a ValueError


def _validate_integer(_: object, attribute: Attribute[Any], value: object) -> None:
    if value is not None and not (isinstance(value, int) and 0 <= value <= MAX_INTEGER):
        raise ValueError(f"{attribute.name} must be an integer from 0 to {MAX_INTEGER}; got {value!r:.100}.")


def _check_state(entry: JournalEntry, _: Attribute[State], after: State) -> State:
    check_transition(entry.state, after)
    return after


def _text(stage: Stage | None) -> Any:
    metadata = {"stage": stage, "type": "TEXT"}
    return field(default=None, metadata=metadata, validator=_validate_text, on_setattr=setters.validate)


def _integer(stage: Stage) -> Any:
    metadata = {"stage": stage, "type": "INTEGER"}
    return field(default=None, metadata=metadata, validator=_validate_integer, on_setattr=setters.validate)


@define(kw_only=True)
class JournalEntry:
    """Record of one source. Its values are validated when they are set.

    Attributes:
        source: Absolute path, URL or id.
        state: State of the source.
        error: Description of the last failure.
        size: Size of the file in bytes.
        modified: Modification time of the file in nanoseconds.
        digest: SHA-256 of the file.
        asset_token: Value by which the asset is found again (metadata key ``bulk_token``).
        filename: Name of the asset with that token. It may be the name of another file with the same content.
        asset_id: Id of the asset.
        upload_id: Id of the upload session, while parts may be missing.
        job_token: Value by which the job is found again, where the API has such a value.
        job_id: Id of what the operation creates from the asset.
        batch_id: Id of the batch that the job belongs to.
        result: Result as JSON, for operations whose results are kept.
        variant: What the source's own parameters add to its identity, if it has such parameters.
        unchecked: Column of the last object that a run created, until the run has looked for an older one of another
            machine.
    """

    source: str = field(metadata={"stage": None, "type": "TEXT NOT NULL UNIQUE"})
    state: State = field(
        default=State.QUEUED,
        converter=State,
        on_setattr=_check_state,
        metadata={"stage": None, "type": "TEXT NOT NULL DEFAULT 'queued'"},
    )
    error: str | None = _text(None)
    size: int | None = _integer(Stage.SOURCE)
    modified: int | None = _integer(Stage.SOURCE)
    digest: str | None = _text(Stage.SOURCE)
    asset_token: str | None = _text(Stage.ASSET)
    filename: str | None = _text(Stage.ASSET)
    asset_id: str | None = _text(Stage.ASSET)
    upload_id: str | None = _text(Stage.ASSET)
    job_token: str | None = _text(Stage.JOB)
    job_id: str | None = _text(Stage.JOB)
    batch_id: str | None = _text(Stage.JOB)
    result: str | None = _text(Stage.JOB)
    variant: str | None = _text(None)
    unchecked: str | None = _text(Stage.JOB)

    @property
    def stamp(self) -> FileStamp:
        """Stamp of the file when it was last hashed."""
        return FileStamp(self.size, self.modified)

    @property
    def object_ids(self) -> tuple[str | None, str | None]:
        """Ids of the asset and of the job."""
        return self.asset_id, self.job_id

    @property
    def confirmed_state(self) -> State:
        """State that the ids confirm: the objects that certainly exist."""
        if self.asset_id is None:
            return State.QUEUED
        if self.upload_id is not None:
            return State.UPLOADING
        return State.UPLOADED if self.job_id is None else State.JOB_STARTED

    def reset(self, stage: Stage) -> None:
        """Clear the columns of *stage* and later stages, and set the state that remains."""
        for name, cleared in _STAGES.items():
            if cleared >= stage:
                setattr(self, name, None)
        self.state, self.error = self.confirmed_state, None

    def with_progress_of(self, other: JournalEntry) -> JournalEntry:
        """Return this entry in the state of *other*, which has the same content."""
        return evolve(other, source=self.source, size=self.size, modified=self.modified)


_STAGES: Final = {
    column.name: column.metadata["stage"] for column in fields(JournalEntry) if column.metadata["stage"] is not None
}
COLUMNS: Final = tuple(column.name for column in fields(JournalEntry))
COLUMN_TYPES: Final = {column.name: column.metadata["type"] for column in fields(JournalEntry)}
values_of: Final[Callable[[JournalEntry], tuple[Any, ...]]] = attrgetter(*COLUMNS)


def entry_of(row: tuple[Any, ...]) -> JournalEntry:
    """Return the entry in a row of `COLUMNS`.

    Raises:
        ValueError: No run has written the row.
    """
    try:
        entry = JournalEntry(**dict(zip(COLUMNS, row, strict=True)))
        for name in entry.state.required_ids:
            if getattr(entry, name) is None:
                raise ValueError(f"expected {name} in the state {entry.state}")
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"The journal's entry for {row[0]!r:.100} was edited: {error}. Pass the path of a new journal."
        ) from None
    return entry
