"""Exclusive use of a folder by one process of a machine."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

LOCK_SECONDS: Final = 600.0
"""Longest wait for another process."""
LOCK_NAME: Final = ".lock"


@contextmanager
def folder_lock(folder: Path) -> Generator[None, None, None]:
    """Exclude other processes. SQLite's lock exists on every platform, and ends with its process."""
    with closing(sqlite3.connect(folder / LOCK_NAME, timeout=LOCK_SECONDS, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield
