"""What a bulk run remembers: one row for each source, in an SQLite file that several processes may share."""

from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
import time
import uuid
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, closing, suppress
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, TypeVar

from attrs import define, fields_dict

from ..errors import JournalError

T = TypeVar("T")
Result: TypeAlias = tuple[asyncio.Future[Any], Any, Exception | None]

State: TypeAlias = Literal[
    "queued", "uploading", "uploaded", "indexing", "analyzing", "embedding", "deleting", "ready", "failed"
]
"""How far a source has come. Those on *…ing* are entered before the API is asked for it."""

BEAT: Final = 5.0
"""Seconds between the signs of life of a run."""
LEASE: Final = 60.0
"""Seconds after the last sign of life of a run when others may take its sources over."""
AT_ONCE: Final = 32
"""Most statements in a transaction: those who wait for it all go on in the same moment, and hold up the event loop."""
FORMAT: Final = 0x544C_0001
"""Version of the tables, in SQLite's ``user_version``: no other program's."""

TABLES: Final = """
    CREATE TABLE IF NOT EXISTS job (name TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS runs (id TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL, beat REAL NOT NULL);
    CREATE TABLE IF NOT EXISTS entries (
        source TEXT PRIMARY KEY, state TEXT NOT NULL DEFAULT 'queued',
        size INTEGER, modified INTEGER, digest TEXT,
        token TEXT, filename TEXT, asset_id TEXT, upload_id TEXT, indexed_asset_id TEXT, task_id TEXT, batch_id TEXT,
        result TEXT, error TEXT, run TEXT
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS entries_by_digest ON entries (digest) WHERE digest IS NOT NULL;
    CREATE INDEX IF NOT EXISTS entries_by_run ON entries (run) WHERE run IS NOT NULL;
"""


@define
class Entry:
    """What is known of a source.

    Attributes:
        source: The absolute path, the URL, or the id.
        state: How far it has come.
        size: Bytes of the file.
        modified: When the file was changed last, in nanoseconds.
        digest: SHA-256 of the file.
        token: What the asset or the task that is created next for it carries, so that it can be found.
        filename: The name of the asset with that token, which may be that of another file with the same content.
        asset_id: The asset, as soon as there is one.
        upload_id: The upload session, if it is uploaded in parts.
        indexed_asset_id: Its id in the index, as soon as there is one.
        task_id: The task that embeds or analyzes it, as soon as there is one.
        batch_id: The batch that the task belongs to, if it does.
        result: What came of it, as JSON.
        error: What went wrong last.
    """

    source: str
    state: State = "queued"
    size: int | None = None
    modified: int | None = None
    digest: str | None = None
    token: str | None = None
    filename: str | None = None
    asset_id: str | None = None
    upload_id: str | None = None
    indexed_asset_id: str | None = None
    task_id: str | None = None
    batch_id: str | None = None
    result: str | None = None
    error: str | None = None

    @property
    def is_final(self) -> bool:
        """Whether nothing is left to do."""
        return self.state in ("ready", "failed")

    def forget(self) -> None:
        """Go back to the beginning, as if nothing had been sent."""
        self.state, self.result, self.error = "queued", None, None
        self.token = self.filename = self.asset_id = self.upload_id = None
        self.indexed_asset_id = self.task_id = self.batch_id = None

    def reopen(self) -> None:
        """Go back to before what failed: to the asset or, if its upload is not complete, to that."""
        is_uploaded = self.asset_id is not None and self.upload_id is None
        self.state, self.error = "uploaded" if is_uploaded else "queued", None
        self.indexed_asset_id = self.task_id = self.batch_id = None

    def take_over(self, twin: Entry) -> None:
        """Go on from where another source of the same content has come."""
        self.state, self.result = twin.state, twin.result
        self.token, self.filename = twin.token, twin.filename
        self.asset_id, self.upload_id = twin.asset_id, twin.upload_id
        self.indexed_asset_id, self.task_id, self.batch_id = twin.indexed_asset_id, twin.task_id, twin.batch_id


COLUMNS: Final = ", ".join(fields_dict(Entry))
VALUES: Final = attrgetter(*fields_dict(Entry))
SELECT: Final = f"SELECT {COLUMNS}, run FROM entries WHERE"  # noqa: S608
UPDATE: Final = f"UPDATE entries SET ({COLUMNS}, run) = ({', '.join('?' * len(fields_dict(Entry)))}, ?)"  # noqa: S608


@define
class JournalStatus:
    """How far the job of a journal has come.

    Attributes:
        job: What it is: the method's name, and the index's id or what was asked for.
        counts: Number of sources by state: ``queued``, ``uploading``, ``uploaded``, ``indexing`` (or ``analyzing``,
            ``embedding``, ``deleting``), ``ready``, ``failed``.
        failures: Sources that failed and why, at most 1,000; those that are not ``failed`` will be tried again.
        running: Ids of the processes that work on it now, as far as can be seen from here.
    """

    job: str
    counts: dict[str, int]
    failures: list[tuple[str, str]]
    running: list[int]


_ours: Final = set[str]()
"""The runs of this process."""


class LeaseLost(Exception):
    """Another run has taken the source over, because this one gave no sign of life for too long."""


class Journal:
    """An open journal.

    All statements go through one thread. Those that have piled up while it was busy are committed together, and each
    is durable before its caller goes on.
    """

    def __init__(self, path: Path, job: str) -> None:
        self._path = path
        self._job = job
        self._run = uuid.uuid4().hex
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="twelvelabs-journal")
        self._waiting: deque[tuple[Callable[[sqlite3.Connection], Any], asyncio.Future[Any]]] = deque()
        self._db: sqlite3.Connection
        self._opened = ExitStack()
        self._beaten = time.time()

    async def claim(self, entry: Entry, *, retry_failed: bool) -> tuple[Entry, bool]:
        """Take a source for this run, unless another run has it or there is nothing left to do.

        Args:
            entry: The source, with the size and the time of change if it is a file.
            retry_failed: Whether there is something left to do if it has failed.

        Returns:
            What is known of the source, and whether this run has it now.
        """

        def claim(db: sqlite3.Connection) -> tuple[Entry, bool]:
            db.execute("INSERT OR IGNORE INTO entries (source) VALUES (?)", (entry.source,))
            *known, run = db.execute(f"{SELECT} source = ?", (entry.source,)).fetchone()
            found = Entry(*known)
            unchanged = (found.size, found.modified) == (entry.size, entry.modified)
            done = found.is_final and unchanged and not (retry_failed and found.state == "failed")
            mine = run is None and not done
            if mine:
                db.execute("UPDATE entries SET run = ? WHERE source = ?", (self._run, entry.source))
            return found, mine

        return await self._do(claim)

    async def share(self, entry: Entry) -> bool:
        """Write down the digest of a file, and take over what was done for another one with the same content.

        Returns:
            ``False`` if somebody is busy with that; ask again later.
        """

        def share(db: sqlite3.Connection) -> bool:
            twin = db.execute(
                f"{SELECT} digest = ? AND source <> ? AND state <> 'failed'"
                " ORDER BY state <> 'ready', run IS NULL LIMIT 1",
                (entry.digest, entry.source),
            ).fetchone()
            if twin is not None:
                *known, run = twin
                found = Entry(*known)
                if found.state != "ready" and run is not None:
                    # Whoever waits is not to be waited for.
                    db.execute("UPDATE entries SET digest = NULL WHERE source = ?", (entry.source,))
                    return False
                if found.state == "ready" or entry.token is None:
                    entry.take_over(found)
            self._save(db, entry)
            return True

        return await self._do(share)

    async def save(self, entry: Entry, *, release: bool = False) -> None:
        """Write down what is known of a source; durable on return.

        Raises:
            LeaseLost: Another run has taken it over.
        """
        await self._do(lambda db: self._save(db, entry, release=release))

    def _save(self, db: sqlite3.Connection, entry: Entry, *, release: bool = False) -> None:
        run = None if release else self._run
        saved = (*VALUES(entry), run, entry.source, self._run)
        if not db.execute(f"{UPDATE} WHERE source = ? AND run = ?", saved).rowcount:
            raise LeaseLost(entry.source)

    async def beat(self) -> None:
        """Give signs of life until cancelled, and free what runs hold that give none."""
        while True:
            await asyncio.sleep(BEAT)
            await self._do(self._beat)

    def _beat(self, db: sqlite3.Connection) -> None:
        now = time.time()
        is_late, self._beaten = now - self._beaten > LEASE, now
        db.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?)", (self._run, _host(), os.getpid(), now))
        if is_late:  # the machine has slept, or its clock was set: the others need a moment, too
            return
        for run in db.execute("SELECT * FROM runs").fetchall():
            if not _lives(*run):
                _release(db, run[0])

    async def _do(self, operation: Callable[[sqlite3.Connection], T]) -> T:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._waiting.append((operation, done))
        self._thread.submit(self._commit, loop)
        return await done

    def _commit(self, loop: asyncio.AbstractEventLoop) -> None:
        """Carry out what waits, in one transaction."""
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), AT_ONCE))]
        batch = [(operation, done) for operation, done in batch if not done.cancelled()]
        if not batch:
            return
        results: list[Result] = []
        try:
            self._db.execute("BEGIN IMMEDIATE")
            for operation, done in batch:
                try:
                    results.append((done, operation(self._db), None))
                except sqlite3.Error:
                    raise
                except Exception as error:  # lost leases, and what SQLite cannot take, are one caller's own trouble
                    results.append((done, None, error))
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            failure = JournalError(f"The journal {self._path} cannot be written: {error}.")
            results = [(done, None, failure) for _, done in batch]
        loop.call_soon_threadsafe(_deliver, results)

    async def open(self) -> None:
        """Open or make the file, and sign in.

        Raises:
            JournalError: It cannot be opened, or is no journal.
            ValueError: It is the journal of another job.
        """
        await asyncio.wrap_future(self._thread.submit(self._open))

    def _open(self) -> None:
        _ours.add(self._run)
        self._opened.callback(_ours.discard, self._run)
        try:
            db = sqlite3.connect(self._path, timeout=LEASE, isolation_level=None, check_same_thread=False)
            self._db = self._opened.enter_context(closing(db))
            until = time.monotonic() + LEASE
            while not self._has_signed_in(patient=time.monotonic() < until):
                time.sleep(0.01)
        except sqlite3.Error as error:
            raise JournalError(f"The journal {self._path} cannot be opened: {error}.") from None
        self._opened.callback(self._sign_out)

    def _has_signed_in(self, *, patient: bool) -> bool:
        """Sign in; SQLite does not always wait by itself if another run is just making the same file."""
        try:
            self._sign_in()
        except sqlite3.OperationalError as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if not patient or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            return False
        return True

    def _sign_in(self) -> None:
        tables = "SELECT user_version, (SELECT count(*) FROM sqlite_master) FROM pragma_user_version"
        version, number = self._db.execute(tables).fetchone()
        if version != FORMAT and number:
            raise JournalError(f"{self._path} is no journal, or was written by another version of this package.")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")  # what was committed survives also a power failure
        self._db.executescript(f"BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {FORMAT};")
        known = self._db.execute("SELECT name FROM job").fetchone()
        if known is None:
            self._db.execute("INSERT INTO job VALUES (?)", (self._job,))
        else:
            _check_job(self._path, known[0], self._job)
        self._beat(self._db)
        self._db.execute("COMMIT")

    def _sign_out(self) -> None:
        with suppress(sqlite3.Error):  # a full disk, say; that the run has ended can be seen all the same
            self._db.execute("BEGIN IMMEDIATE")
            _release(self._db, self._run)
            self._db.execute("COMMIT")

    def close(self) -> None:
        """Sign out and close the file, if it is open or just being opened."""
        self._thread.shutdown()
        self._opened.close()


def _deliver(results: Sequence[Result]) -> None:
    for done, result, failed in results:
        if done.cancelled():
            continue
        if failed is None:
            done.set_result(result)
        else:
            done.set_exception(failed)


@asynccontextmanager
async def open_journal(path: str | os.PathLike[str], job: str) -> AsyncGenerator[Journal, None]:
    """Open the journal of a job, or begin one.

    Raises:
        JournalError: It cannot be opened, or is no journal.
        ValueError: It is the journal of another job.
    """
    journal = Journal(Path(path), job)
    try:
        await journal.open()
        yield journal
    finally:
        # Shielded, since a second cancellation would otherwise leave it open.
        await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, journal.close))


def read_journal(path: str | os.PathLike[str]) -> JournalStatus:
    """Tell how far the job of a journal has come, also while runs are at work.

    Raises:
        FileNotFoundError: There is no such file.
        JournalError: It is no journal.

    Example:
        >>> read_journal("run.db").counts
        {'ready': 57, 'failed': 3}
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"There is no journal {os.fspath(path)}.")
    try:
        with closing(_open_to_read(path)) as db:
            return JournalStatus(
                db.execute("SELECT name FROM job").fetchone()[0],
                dict(db.execute("SELECT state, count(*) FROM entries GROUP BY state")),
                db.execute("SELECT source, error FROM entries WHERE error IS NOT NULL LIMIT 1000").fetchall(),
                [run[2] for run in db.execute("SELECT * FROM runs") if _lives(*run)],
            )
    except (sqlite3.Error, TypeError) as error:
        raise JournalError(f"{os.fspath(path)} is no journal, or cannot be read: {error}.") from None


def look_up(path: str | os.PathLike[str], job: str, sources: Sequence[str]) -> list[Entry | None]:
    """What the journal of a job knows of sources, if there is one; takes no part in it.

    Raises:
        JournalError: It cannot be read, or is no journal.
        ValueError: It is the journal of another job.
    """
    if not Path(path).exists():
        return [None] * len(sources)
    try:
        with closing(_open_to_read(path)) as db:
            _check_job(path, db.execute("SELECT name FROM job").fetchone()[0], job)
            rows = [db.execute(f"{SELECT} source = ?", (source,)).fetchone() for source in sources]
            return [Entry(*row[:-1]) if row else None for row in rows]
    except (sqlite3.Error, TypeError) as error:
        raise JournalError(f"{os.fspath(path)} is no journal, or cannot be read: {error}.") from None


def _open_to_read(path: str | os.PathLike[str]) -> sqlite3.Connection:
    return sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)


def _check_job(path: str | os.PathLike[str], known: str, job: str) -> None:
    if known != job:
        raise ValueError(f"{os.fspath(path)} is the journal of another job: {known!r}, not {job!r}.")


def _release(db: sqlite3.Connection, run: str) -> None:
    db.execute("UPDATE entries SET run = NULL WHERE run = ?", (run,))
    db.execute("DELETE FROM runs WHERE id = ?", (run,))


def _host() -> str:
    """Where process ids mean the same: the machine, and in it the container."""
    try:
        return f"{socket.gethostname()} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return socket.gethostname()


def _lives(run: str, host: str, pid: int, beat: float) -> bool:
    """Whether a run has given a sign of life lately, and its process is there, as far as can be seen from here."""
    if time.time() - beat > LEASE:
        return False
    if host != _host():
        return True
    if pid == os.getpid():
        return run in _ours
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
