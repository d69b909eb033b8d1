"""The user's state directory, where journals are kept that no caller named."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path
from typing import Final

from ..._user_directories import PLACES, user_directory
from ...errors import JournalError

STATE_VARIABLE: Final = PLACES["state"].variable
MIN_FREE_BYTES: Final = 1024 * 1024
NETWORK_FILE_SYSTEMS: Final = re.compile("9p|afs|ceph|cifs|fuse.sshfs|glusterfs|gpfs|lustre|nfs|smb")
"""Types of file systems whose locks between machines SQLite cannot rely on, by how they begin."""
NAME_PART: Final = re.compile(r"[\w.-]{1,64}", re.ASCII)
_MOUNTS: Final = Path("/proc/self/mounts")


def journal_directory() -> Path:
    """Return the folder of the journals that no caller named. It may not exist.

    ``TWELVELABS_STATE_DIR`` replaces the directory of this application.

    Raises:
        JournalError: The environment names no home directory, or a file is in the place of a folder.
    """
    try:
        directory = user_directory("state") / "journals"
    except FileNotFoundError:
        raise JournalError(f"There is no home directory for the journal. Set HOME or {STATE_VARIABLE}.") from None
    for place in [directory, *directory.parents]:
        if place.exists():
            if not place.is_dir():
                raise _unusable(directory, f"{place} is not a folder")
            break
    return directory


def user_journal(account: str, job: str) -> Path:
    """Return the path of a job's journal in the user's state directory.

    Args:
        account: Digest of the account, `AsyncAPI.account_digest`.
        job: Name of the job.

    Raises:
        JournalError: No directory can be named.
    """
    method, _, rest = job.partition(" ")
    if rest and not NAME_PART.fullmatch(rest):  # the parameters of an analysis or of embeddings
        rest = hashlib.sha256(job.encode()).hexdigest()[:12]
    return journal_directory() / f"{'-'.join(filter(None, [method, rest, account]))}.db"


def is_user_journal(path: Path) -> bool:
    """Return whether a journal is in the user's state directory."""
    try:
        return path.parent == journal_directory()
    except JournalError:
        return False


def create_journal_directory() -> Path:
    """Create the folder of the journals that no caller named, for its owner alone, and return it.

    Raises:
        JournalError: The folder is unusable. The message names the reason.
    """
    directory = journal_directory()
    try:
        for folder in reversed([directory, *directory.parents]):
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
        free = shutil.disk_usage(directory).free
    except OSError as error:
        raise _unusable(directory, error.strerror or str(error)) from None
    if not os.access(directory, os.W_OK | os.X_OK):
        raise _unusable(directory, "it is not writable")
    if free < MIN_FREE_BYTES:
        raise _unusable(directory, "the disk is full")
    if kind := _network_file_system(directory):
        raise _unusable(directory, f"it is on a network file system ({kind}), which several machines may share")
    return directory


def _unusable(directory: Path, reason: str) -> JournalError:
    return JournalError(f"No journal can be kept in {directory}: {reason}. Set {STATE_VARIABLE} to a local folder.")


def _network_file_system(directory: Path) -> str | None:
    """Return the type of a folder's file system if it is one of the network. Only Linux lists the types."""
    try:
        mounts = [line.split(" ")[1:3] for line in _MOUNTS.read_text(errors="replace").splitlines()]
    except OSError:
        return None
    resolved = directory.resolve()
    kinds = {Path(place.replace("\\040", " ")): kind for place, kind in mounts}  # a later mount hides an earlier one
    kind = next((kinds[folder] for folder in [resolved, *resolved.parents] if folder in kinds), "")
    return kind if NETWORK_FILE_SYSTEMS.match(kind) else None
