"""The journal of a command's run: a file that the user names, or the one in the state directory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

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
    """Return the bulk methods of a client, whose journals record this command."""
    from ..bulk import AsyncBulk

    return AsyncBulk(client, command=click.get_current_context().find_root().obj)


def find_journal(name: str) -> Path:
    """Return the journal that *name* stands for.

    Args:
        name: Path of a journal; the first digits of the id of a run, or the name or id of its index, or a part of the
            name of its file, if this identifies one run.

    Raises:
        click.UsageError: There is no such run, or several.
    """
    from ..bulk import list_journals

    if os.path.exists(path := os.path.expanduser(name)):
        return Path(path)
    files = list_journals()
    found = [file for file in files if file.id.startswith(name)]
    found = found or [file for file in files if file.status and file.status.title == name]
    found = found or [file for file in files if name in file.path.stem]
    if len(found) == 1:
        return found[0].path
    which = f"several runs: {', '.join(file.id for file in found)}" if found else "no journal and no run"
    raise click.UsageError(f"{name!r} is {which}. `twelvelabs-async runs` lists the runs and their ids.")
