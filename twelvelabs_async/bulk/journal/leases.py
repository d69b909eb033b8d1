"""Leases: which run may process a source, and when another run takes the source over."""

from __future__ import annotations

import os
import socket
import sqlite3
import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Final, TypeAlias

from attrs import define, field

from .timings import JournalTimings

_LOCAL_RUNS: Final = set[str]()
"""Ids of the runs of this process."""
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


class LeaseLostError(Exception):
    """Loss of a source to another run, because this run sent no heartbeat for longer than the lease."""


Run: TypeAlias = tuple[str, str, int, float]
"""Row of a run: its id, its machine and container, the id of its process, and its last heartbeat."""


@define(eq=False)
class RunLease:
    """A run's claim on the sources that it processes, kept by heartbeats.

    Runs do not compare their clocks: a run is judged by how long its last heartbeat has been seen without a change.

    Attributes:
        timings: Interval of the heartbeats, duration of the lease, and the clock.
        run_id: Id of the run.
        last_heartbeat: Time of the last heartbeat.
        has_lapsed: Whether two heartbeats were so far apart that other runs may have taken over sources.
    """

    timings: JournalTimings
    run_id: str = field(factory=lambda: uuid.uuid4().hex, init=False)
    last_heartbeat: float = field(init=False)
    has_lapsed: bool = field(default=False, init=False)
    _seen_since: dict[Run, float] = field(factory=dict[Run, float], init=False)

    def __attrs_post_init__(self) -> None:
        self.last_heartbeat = self.timings.clock()
        _LOCAL_RUNS.add(self.run_id)

    @property
    def is_certain(self) -> bool:
        """True if no other run can have taken over a source of this run."""
        return not self.has_lapsed and self.timings.clock() - self.last_heartbeat < self.timings.lease / 2

    def send_heartbeat(self, database: sqlite3.Connection) -> None:
        """Record a heartbeat, and release the sources of runs that ended without doing so."""
        now = self.timings.clock()
        pause, self.last_heartbeat = now - self.last_heartbeat, now
        if pause >= self.timings.lease / 2:  # this process was suspended, and the others possibly with it
            self.has_lapsed = True
            self._seen_since.clear()
        heartbeat = (self.run_id, _host(), os.getpid(), time.time())
        database.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?)", heartbeat)
        runs: list[Run] = database.execute("SELECT id, host, pid, heartbeat FROM runs").fetchall()
        is_first = not self._seen_since
        self._seen_since = {run: self._seen_since.get(run, now) for run in runs}
        ended = [
            run_id
            for (run_id, host, pid, _), since in self._seen_since.items()
            if run_id != self.run_id and not is_alive(run_id, host, pid, now - since, lease=self.timings.lease)
        ]
        # The first heartbeat also releases the sources of runs without a row: a run can be suspended, lose its row to
        # another run, claim more sources, and be killed.
        if ended or is_first:
            remove_runs(database, ended)

    def release_all(self, database: sqlite3.Connection) -> None:
        """Release all sources of the run."""
        remove_runs(database, [self.run_id])

    def end(self) -> None:
        """Mark the run as ended for other runs of this process, even if releasing its sources fails."""
        _LOCAL_RUNS.discard(self.run_id)


def remove_runs(database: sqlite3.Connection, run_ids: Iterable[str]) -> None:
    """Remove runs, and release the sources that belong to no remaining run.

    The statement scans the table. It is rare, and an index would make every write dearer.
    """
    database.executemany("DELETE FROM runs WHERE id = ?", [(run_id,) for run_id in run_ids])
    database.execute("UPDATE entries SET lease = NULL WHERE lease NOT IN (SELECT id FROM runs)")


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
    except (ProcessLookupError, OverflowError, TypeError):  # the last two: the journal was edited
        return False
    except PermissionError:
        pass
    return True


def _host() -> str:
    """Return the running system and the container, within which process ids are comparable.

    The names of machines and containers are not unique.
    """
    try:
        return f"{_BOOT_ID.read_text().strip()} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return f"{socket.gethostname()} {uuid.getnode():x}"
