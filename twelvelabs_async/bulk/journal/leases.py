"""Leases: which run may process a source, and when another run takes the source over."""

from __future__ import annotations

import os
import socket
import sqlite3
import uuid
from pathlib import Path
from typing import Final

from attrs import define, field

from ...errors import JournalError
from .timings import JournalTimings

_LOCAL_RUNS: Final = set[str]()
"""Ids of the runs of this process."""


class LeaseLostError(Exception):
    """Loss of a source to another run, because this run sent no heartbeat for longer than the lease."""


@define(eq=False)
class RunLease:
    """A run's claim on the sources that it processes, kept by heartbeats.

    Attributes:
        path: The journal's file.
        timings: Interval of the heartbeats, duration of the lease, and the clock.
        run_id: Id of the run.
        last_heartbeat: Time of the last heartbeat.
    """

    path: Path
    timings: JournalTimings
    run_id: str = field(factory=lambda: uuid.uuid4().hex, init=False)
    last_heartbeat: float = field(init=False)
    _file: tuple[int, int] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.last_heartbeat = self.timings.clock()
        self._file = self._identify_file()
        _LOCAL_RUNS.add(self.run_id)

    @property
    def is_fresh(self) -> bool:
        """True if no other run can have taken over sources of this run."""
        return self.timings.clock() - self.last_heartbeat < self.timings.lease / 2

    def send_heartbeat(self, database: sqlite3.Connection) -> None:
        """Record a heartbeat, and release the sources of runs that ended without doing so.

        Raises:
            JournalError: The file was deleted or replaced.
        """
        if self._identify_file() != self._file:
            raise JournalError(f"The journal {self.path} was deleted or replaced during the run. Run again.")
        now = self.timings.clock()
        is_late, self.last_heartbeat = now - self.last_heartbeat > self.timings.lease, now
        heartbeat = (self.run_id, _host(), os.getpid(), now)
        database.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?)", heartbeat)
        if is_late:  # the machine was suspended, so the other runs need time for their heartbeats
            return
        for run_id, host, pid, sent_at in database.execute("SELECT id, host, pid, heartbeat FROM runs").fetchall():
            if not is_alive(run_id, host, pid, now - sent_at, lease=self.timings.lease):
                release_run(database, run_id)

    def release_all(self, database: sqlite3.Connection) -> None:
        """Release all sources of the run."""
        release_run(database, self.run_id)

    def end(self) -> None:
        """Mark the run as ended for other runs of this process, even if releasing its sources fails."""
        _LOCAL_RUNS.discard(self.run_id)

    def _identify_file(self) -> tuple[int, int]:
        try:
            found = os.stat(self.path)
        except OSError:
            return (0, 0)
        return found.st_dev, found.st_ino


def release_run(database: sqlite3.Connection, run_id: str) -> None:
    """Release the sources of a run.

    The statement scans the table. It is rare, and an index would make every write dearer.
    """
    database.execute("UPDATE entries SET lease = NULL WHERE lease = ?", (run_id,))
    database.execute("DELETE FROM runs WHERE id = ?", (run_id,))


def is_alive(run_id: str, host: str, pid: int, age: float, *, lease: float) -> bool:
    """Return whether a run may still be in progress.

    Its last heartbeat is younger than the lease and, if it is a run of this machine, its process exists.

    Args:
        run_id: Id of the run.
        host: Machine and container of the run.
        pid: Id of its process.
        age: Seconds since its last heartbeat.
        lease: Duration of the lease in seconds.
    """
    if age > lease:
        return False
    if host != _host():
        return True
    if pid == os.getpid():
        return run_id in _LOCAL_RUNS
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _host() -> str:
    """Return the machine and the container, within which process ids are comparable."""
    try:
        return f"{socket.gethostname()} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return socket.gethostname()
