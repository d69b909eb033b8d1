"""The journal's SQLite file: tables, permissions, durability."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

from attrs import frozen

from ...errors import JournalError
from ..states import Activity
from .directory import create_journal_directory, is_user_journal
from .entries import COLUMN_TYPES

FileIdentity: TypeAlias = tuple[tuple[int, int], ...]

EARLIEST_FORMAT: Final = 0x544C_0001
"""Format in which one state stands for a job that is requested and for one that exists."""
NEW_COLUMNS: Final[Mapping[int, Sequence[tuple[str, str]]]] = {
    0x544C_0003: (("job", "title"), ("job", "command")),
    0x544C_0004: (("entries", "variant"), ("entries", "unchecked")),
}
"""Tables and columns that each later format has added. Older files get them when a run opens them."""
FORMAT: Final = max(NEW_COLUMNS)
"""Version of the tables, in SQLite's ``user_version``."""
PAGE_BYTES: Final = 1024
"""Size of a database page. SQLite writes whole pages, and each digest changes a random page of its index."""
LOCK_SECONDS: Final = 1.0
"""Time that SQLite waits for another process's transaction before it reports that the file is locked."""

_NEW: Final = [column for added in NEW_COLUMNS.values() for table, column in added if table == "entries"]
_ENTRIES: Final = [*(name for name in COLUMN_TYPES if name not in _NEW), "lease", *_NEW]
"""Columns in the order in which an older file gets them."""

TABLES: Final = f"""
    CREATE TABLE IF NOT EXISTS job (name TEXT NOT NULL, activity TEXT, title TEXT, command TEXT);
    CREATE TABLE IF NOT EXISTS runs
        (id TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL, heartbeat REAL NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS entries
        ({", ".join(f"{name} {COLUMN_TYPES.get(name, 'TEXT')}" for name in _ENTRIES)});
    CREATE INDEX IF NOT EXISTS entries_by_digest ON entries (digest) WHERE digest IS NOT NULL;
"""


def open_database(path: Path) -> sqlite3.Connection:
    """Connect to a journal's file, and create it if it does not exist."""
    if not path.exists():
        if is_user_journal(path):
            create_journal_directory()
        # SQLite creates files with the process's default mode, and gives its other files the mode of the database.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    return sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None, check_same_thread=False)


@frozen(kw_only=True)
class Job:
    """Job of a journal.

    Attributes:
        name: Name of the job: the method, and the index's id or the question.
        activity: Name of the operation's second step.
        title: Name that users know the job by, such as that of the index.
        command: Command that makes the run, as JSON.
    """

    name: str
    activity: Activity | None
    title: str | None = None
    command: str | None = None


def create_tables(database: sqlite3.Connection, path: Path, job: Job) -> None:
    """Create the tables that are missing, and record the job.

    Raises:
        sqlite3.OperationalError: Another process has locked the file, or it cannot be written.
        ValueError: The file is the journal of another job.
        JournalError: The file is not a journal, or was written by another version of this package.
    """
    check_format(database, path)
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # has no effect on a file that has tables
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA wal_autocheckpoint = 4000")
    with database:
        database.execute("BEGIN IMMEDIATE")
        version, schema = _schema_of(database)
        for table, column in missing_columns(version) if schema else ():
            database.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT")
        for statement in TABLES.split(";"):
            database.execute(statement)
        database.execute(f"PRAGMA user_version = {FORMAT}")
        found = database.execute("SELECT name FROM job").fetchone()
        if found is None:
            database.execute("INSERT INTO job (name, activity) VALUES (?, ?)", (job.name, job.activity))
        else:
            check_job(path, found[0], job.name)
        database.execute(
            "UPDATE job SET title = coalesce(?, title), command = coalesce(?, command)", (job.title, job.command)
        )


def missing_columns(version: int) -> Sequence[tuple[str, str]]:
    """Return the tables and columns that a file of a former format lacks."""
    return [new for later, added in NEW_COLUMNS.items() if later > version for new in added]


def read_job(database: sqlite3.Connection) -> Job:
    """Return the job of a journal of this format or a former one."""
    rows = database.execute("SELECT * FROM job")
    names = [column[0] for column in rows.description]
    return Job(**dict(zip(names, rows.fetchone(), strict=True)))


def check_job(path: Path, found: str, expected: str) -> None:
    """Raise `ValueError` if a journal belongs to another job."""
    if found != expected:
        raise ValueError(
            f"The journal {path} belongs to another job: {found!r}; expected {expected!r}. Pass another file."
        )


def identify_file(path: Path) -> FileIdentity:
    """Return what differs when a journal's file or its write-ahead log is deleted or replaced.

    An open file keeps its numbers, so no other file can have the same ones.
    """
    try:
        return tuple((found.st_dev, found.st_ino) for found in (os.stat(path), os.stat(f"{path}-wal")))
    except OSError:
        return ()


def is_locked(error: sqlite3.Error) -> bool:
    """Return whether a statement failed because another process has locked the file."""
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


def check_format(database: sqlite3.Connection, path: Path) -> None:
    """Raise `JournalError` if the file has anything but the tables of a format: other code, SQLite might execute."""
    version, schema = _schema_of(database)
    if version == EARLIEST_FORMAT:
        raise JournalError(
            f"The journal {path} was written by an earlier version of twelvelabs_async. "
            "Finish its job with that version, or pass the path of a new file."
        )
    if FORMAT < version <= FORMAT | 0xFFFF:
        raise JournalError(
            f"The journal {path} was written by a later version of twelvelabs_async. "
            "Upgrade the package, or pass the path of a new file."
        )
    if schema and schema != _expected_schemas().get(version):
        raise JournalError(f"{path} is not a journal of this version. Pass the path of a new file.")


def _schema_of(database: sqlite3.Connection) -> tuple[int, Mapping[str, str | None]]:
    """Return the version of a database, and the definitions of its tables, triggers and the like by name."""
    # One statement, because another process may create the tables between two.
    query = "SELECT user_version, name, sql FROM pragma_user_version LEFT JOIN sqlite_master"
    rows = database.execute(query).fetchall()
    return rows[0][0], {name: sql for _, name, sql in rows if name is not None}


@cache
def _expected_schemas() -> Mapping[int, Mapping[str, str | None]]:
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(TABLES)
        schemas = {FORMAT: _schema_of(database)[1]}
        for version, added in sorted(NEW_COLUMNS.items(), reverse=True):
            for table, column in added:
                database.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
            schemas[version - 1] = _schema_of(database)[1]
        return schemas
