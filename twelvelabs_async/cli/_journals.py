"""The journal of a command's run: a file that the user names, or the one in the state directory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ._errors import describe_error
from ._output import print_message

if TYPE_CHECKING:
    from .._client import AsyncTwelveLabs
    from ..bulk import AsyncBulk


def choose_journal(given: str | None, former: str | None = None) -> str | bool:
    """Return what a bulk method takes as its journal.

    Without a folder for journals, the command does its work without a journal, because the platform has what matters.

    Args:
        given: Path that the user gave.
        former: Name that earlier versions gave a journal in the current folder.
    """
    from ..bulk.journal import create_journal_directory
    from ..errors import JournalError

    if given is not None:
        return given
    if former is not None and Path(former).is_file():
        print_message(f"Using the journal {former} of an earlier version, in the current folder.")
        return former
    try:
        create_journal_directory()
    except JournalError as error:
        print_message(f"Running without a journal. {describe_error(error)}")
        return False
    return True


def create_bulk(client: AsyncTwelveLabs) -> AsyncBulk:
    """Return the bulk methods of a client."""
    return client.bulk
