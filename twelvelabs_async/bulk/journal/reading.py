"""Progress of a job, read from its journal while runs are in progress."""

from __future__ import annotations

import os
import sqlite3
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from attrs import define

from ...errors import JournalError
from ..states import State
from .database import check_format, check_job
from .entries import COLUMNS, JournalEntry, entry_of
from .leases import is_alive
from .timings import JournalTimings

MAX_FAILURES: Final = 1000
SELECT: Final = f"SELECT {', '.join(COLUMNS)} FROM entries WHERE source = ?"  # noqa: S608


@define
class JournalStatus:
    """Progress of a job.

    Attributes:
        job: Name of the job: the method, and the index's id or the question.
        counts: Number of sources by kind: ``queued``, ``uploading``, ``uploaded``, ``indexing`` (or ``analyzing``,
            ``embedding``, ``deleting``), ``ready``, ``failed``.
        failures: Sources and the reasons of their last failure. At most 1,000. Sources that are not ``failed`` are
            retried by the next run.
        running: Ids of the processes that work on the job, as far as this machine can see.
    """

    job: str
    counts: dict[str, int]
    failures: list[tuple[str, str]]
    running: list[int]


def read_journal(path: str | os.PathLike[str]) -> JournalStatus:
    """Return the progress of the job that a journal belongs to.

    Raises:
        FileNotFoundError: The file does not exist.
        JournalError: The file is not a journal.

    Example:
        >>> read_journal("run.db").counts
        {'ready': 57, 'failed': 3}
    """
    file = Path(os.path.expanduser(path))
    if not file.is_file():
        raise FileNotFoundError(f"There is no journal {file}. Check the path.")
    with _opened(file) as database:
        job, activity = database.execute("SELECT name, activity FROM job").fetchone()
        counts = Counter[str]()
        for state, count in database.execute("SELECT state, count(*) FROM entries GROUP BY state"):
            if state not in list(State):
                raise JournalError(f"{file} was edited: it has the state {state!r:.100}. Pass the path of a journal.")
            counts[State(state).event_kind(activity)] += count
        failures = database.execute(
            "SELECT source, error FROM entries WHERE error IS NOT NULL LIMIT ?", (MAX_FAILURES,)
        ).fetchall()
        runs = database.execute("SELECT id, host, pid, ? - heartbeat FROM runs", (time.time(),)).fetchall()
        running = [run[2] for run in runs if is_alive(*run, lease=JournalTimings().lease)]
    return JournalStatus(job, dict(counts), failures, running)


def look_up_entries(path: Path, job: str, sources: Sequence[str]) -> list[JournalEntry | None]:
    """Return the entries of *sources* in the journal of a job, ``None`` for those without one.

    Raises:
        JournalError: The file is not a journal.
        ValueError: The file is the journal of another job.
    """
    if not path.exists():
        return [None] * len(sources)
    with _opened(path) as database:
        check_job(path, database.execute("SELECT name FROM job").fetchone()[0], job)
        rows = [database.execute(SELECT, (source,)).fetchone() for source in sources]
        return [entry_of(row) if row else None for row in rows]


@contextmanager
def _opened(path: Path) -> Generator[sqlite3.Connection, None, None]:
    """Open a journal without taking part in its job."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            check_format(database, path)
            yield database
    except (sqlite3.Error, TypeError) as error:  # TypeError: the table of jobs is empty
        raise JournalError(f"{path} is not a readable journal: {error}. Pass the path of a journal.") from None
