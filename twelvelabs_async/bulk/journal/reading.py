"""Progress of a job, read from its journal while runs are in progress."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

from attrs import define, frozen

from ...errors import JournalError, MissingFileError
from ...models._columns import Column, Columns
from ...models._wire import loads
from ...models.tables import Tabular
from ..states import Activity, State
from .database import check_format, check_job, missing_columns, read_job
from .directory import journal_directory
from .entries import COLUMNS, JournalEntry, entry_of
from .leases import is_alive
from .timings import JournalTimings

MAX_FAILURES: Final = 1000
MAX_FAILURES_SHOWN: Final = 20
BATCH_ROWS: Final = 1000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Command:
    """Command that made a run.

    Attributes:
        arguments: Arguments of ``twelvelabs-async``.
        folder: Working directory.
    """

    arguments: list[str]
    folder: str


@define
class JournalStatus(Tabular):
    """Progress of a job, which converts to a table of its sources.

    The columns are ``source``, ``status``, ``asset_id``, ``indexed_asset_id``, ``task_id``, ``error``, ``result`` (as
    JSON, of analyses), ``size`` in bytes, ``modified_at`` and ``sha256`` of the file. The rows are read from the file
    at the time of the call.

    Attributes:
        job: Name of the job: the method, and the index's id or the question.
        counts: Number of sources by kind: ``queued``, ``uploading``, ``uploaded``, ``indexing`` (or ``analyzing``,
            ``embedding``, ``deleting``), ``ready``, ``failed``.
        failures: Sources and the reasons of their last failure. At most 1,000. Sources that are not ``failed`` are
            retried by the next run.
        running: Ids of the processes that work on the job, as far as this machine can see.
        path: Path of the journal.
        activity: Name of the operation's second step, such as ``indexing``.
        title: Name of the index, if the job has one.
        command: Command of ``twelvelabs-async`` that made the last run, if one did.
    """

    job: str
    counts: dict[str, int]
    failures: list[tuple[str, str]]
    running: list[int]
    path: Path
    activity: Activity | None
    title: str | None = None
    command: Command | None = None

    def __columns__(self) -> Columns:
        activity = self.activity
        return (
            Column("source", str, attrgetter("source")),
            Column("status", str, lambda entry: entry.state.event_kind(activity)),
            Column("asset_id", str, attrgetter("asset_id")),
            Column("indexed_asset_id", str, lambda entry: entry.job_id if activity == "indexing" else None),
            Column("task_id", str, lambda entry: None if activity == "indexing" else entry.job_id),
            Column("error", str, attrgetter("error")),
            Column("result", object, lambda entry: entry.result and loads(entry.result.encode())),
            Column("size", int, attrgetter("size")),
            Column("modified_at", datetime, _modified_at),
            Column("sha256", str, attrgetter("digest")),
        )

    def _repr_html_(self) -> str:
        from ...pages.notebook import bar, cell, note, output, table
        from ...pages.texts import escaped

        cells = (
            [cell(escaped(source)), cell(escaped(reason))] for source, reason in self.failures[:MAX_FAILURES_SHOWN]
        )
        table_of_failures = table(("source", "reason"), cells) if self.failures else ""
        return output(note(self.title or self.job), bar(self.counts), table_of_failures)

    def __batches__(self) -> Iterator[list[JournalEntry]]:
        with _opened(self.path) as database:
            rows = database.execute(_select(database))
            while batch := rows.fetchmany(BATCH_ROWS):
                try:
                    yield [entry_of(row) for row in batch]
                except ValueError as error:
                    raise JournalError(str(error)) from None


def _modified_at(entry: JournalEntry) -> datetime | None:
    nanoseconds = entry.modified
    return None if nanoseconds is None else EPOCH + timedelta(microseconds=nanoseconds // 1000)


def read_journal(path: str | os.PathLike[str]) -> JournalStatus:
    """Return the progress of the job that a journal belongs to.

    Raises:
        FileNotFoundError: The file does not exist.
        JournalError: The file is not a journal.

    Example:
        >>> read_journal("run.db").counts
        {'ready': 57, 'failed': 3}
        >>> read_journal("run.db").to_csv("run.csv")
    """
    file = Path(os.path.expanduser(path))
    if not file.is_file():
        raise MissingFileError(f"There is no journal {file}. Check the path.")
    with _opened(file) as database:
        job = read_job(database)
        counts = Counter[str]()
        for state, count in database.execute("SELECT state, count(*) FROM entries GROUP BY state"):
            if state not in list(State):
                raise JournalError(f"{file} was edited: it has the state {state!r:.100}. Pass the path of a journal.")
            counts[State(state).event_kind(job.activity)] += count
        failures = database.execute(
            "SELECT source, error FROM entries WHERE error IS NOT NULL LIMIT ?", (MAX_FAILURES,)
        ).fetchall()
        runs = database.execute("SELECT id, host, pid, ? - heartbeat FROM runs", (time.time(),)).fetchall()
        running = [run[2] for run in runs if is_alive(*run, lease=JournalTimings().lease)]
    command = _command_of(job.command)
    return JournalStatus(job.name, dict(counts), failures, running, file, job.activity, job.title, command)


def _command_of(text: str | None) -> Command | None:
    try:
        found: Any = json.loads(text or "null")
    except ValueError:  # it was edited
        return None
    return Command([*map(str, found["arguments"])], str(found["folder"])) if found else None


@define
class JournalFile:
    """A journal in the user's state directory.

    Attributes:
        path: The file.
        size: Its size in bytes, with the write-ahead log.
        modified_at: Time of the last record, in UTC.
        status: Progress of its job. ``None`` if it cannot be read.
        problem: Reason why it cannot be read: it is damaged, or of another version of this package.
    """

    path: Path
    size: int
    modified_at: datetime
    status: JournalStatus | None
    problem: str | None

    @property
    def id(self) -> str:
        """Short name, which is the same as long as the file is."""
        return hashlib.sha256(self.path.name.encode()).hexdigest()[:8]


def list_journals() -> list[JournalFile]:
    """Return the journals in the user's state directory, those that changed last first. Nothing is requested.

    They are the journals of ``twelvelabs-async``, and of bulk methods with ``journal=True``.

    Example:
        >>> [(file.status.job, file.status.counts) for file in list_journals() if file.status]
        [('index 66a1b2c3d4e5f60000000001', {'ready': 57, 'failed': 3})]
    """
    files = list[JournalFile]()
    for path in journal_directory().glob("*.db"):
        status, problem, size, modified = None, None, 0, 0.0
        try:
            found, log = path.stat(), path.with_name(f"{path.name}-wal")
            size, modified = found.st_size, found.st_mtime
            if log.is_file() and (found := log.stat()).st_size:  # those who read the journal leave an empty one
                size, modified = size + found.st_size, max(modified, found.st_mtime)
            status = read_journal(path)
        except FileNotFoundError:  # it was removed meanwhile
            continue
        except (JournalError, OSError) as error:
            problem = str(error)
        files.append(JournalFile(path, size, datetime.fromtimestamp(modified, UTC), status, problem))
    return sorted(files, key=lambda file: file.modified_at, reverse=True)


def look_up_entries(path: Path, job: str, sources: Sequence[str]) -> list[JournalEntry | None]:
    """Return the entries of *sources* in the journal of a job, ``None`` for those without one.

    Raises:
        JournalError: The file is not a journal.
        ValueError: The file is the journal of another job.
    """
    if not path.exists():
        return [None] * len(sources)
    with _opened(path) as database:
        check_job(path, read_job(database).name, job)
        query = f"{_select(database)} WHERE source = ?"
        rows = [database.execute(query, (source,)).fetchone() for source in sources]
        return [entry_of(row) if row else None for row in rows]


def _select(database: sqlite3.Connection) -> str:
    """Return a query for all entries. Columns that a former format lacks are NULL."""
    version = database.execute("PRAGMA user_version").fetchone()[0]
    missing = [column for _, column in missing_columns(version)]
    columns = ["NULL" if column in missing else column for column in COLUMNS]
    return f"SELECT {', '.join(columns)} FROM entries"  # noqa: S608


@contextmanager
def _opened(path: Path) -> Generator[sqlite3.Connection, None, None]:
    """Open a journal without taking part in its job."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            check_format(database, path)
            yield database
    except (sqlite3.Error, TypeError) as error:  # TypeError: the table of jobs is empty
        raise JournalError(f"{path} is not a readable journal: {error}. Pass the path of a journal.") from None
