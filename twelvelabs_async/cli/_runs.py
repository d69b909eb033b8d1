"""``runs``: the journals in the state directory."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ._client import create_client
from ._credentials import profile_arguments
from ._deletion import Deletable, Kind, confirm_deletion, yes_option
from ._journals import find_journal
from ._output import as_json_option, confirm, print_json, print_line, print_message

if TYPE_CHECKING:
    from ..bulk import JournalFile, JournalStatus

run_argument = click.argument("run")

EXPORTS: Final[Mapping[str, Callable[[JournalStatus, Path], None]]] = {
    ".csv": lambda status, file: status.to_csv(file),
    ".jsonl": lambda status, file: status.to_jsonl(file),
    ".parquet": lambda status, file: status.to_parquet(file),
}
"""Formats of exports by the ends of file names."""


@click.group(invoke_without_command=True)
@as_json_option
@click.pass_context
def runs(context: click.Context, as_json: bool) -> None:
    """List runs, and remove, export or retry them.

    Prints id, job, index, number of sources by state, last record, process at work, and size of each run, the last one
    first. Each run has a journal in the state directory. No request is sent.

    RUN is the id of a run or its first digits, the name or id of its index, or the path of a journal.
    """
    if context.invoked_subcommand is None:
        _print_runs(as_json)


def _print_runs(as_json: bool) -> None:
    from ..bulk import list_journals

    for file in list_journals():
        if as_json:
            print_json(_facts(file))
        elif file.status is None:
            print_line(file.id, f"cannot be read: {file.problem}")
        else:
            print_line(file.id, *_columns(file, file.status))


def _facts(file: JournalFile) -> dict[str, Any]:
    status = file.status
    facts = {"id": file.id, "path": str(file.path), "size": file.size, "modified_at": file.modified_at.isoformat()}
    if status is None:
        return {**facts, "problem": file.problem}
    return {**facts, "job": status.job, "title": status.title, "counts": status.counts, "running": status.running}


def _columns(file: JournalFile, status: JournalStatus) -> list[str]:
    method, _, rest = status.job.partition(" ")
    counts = ", ".join(f"{count:,} {state}" for state, count in sorted(status.counts.items())) or "no sources"
    running = [f"running in process {', '.join(map(str, status.running))}"] * bool(status.running)
    return [
        f"{method:7}",
        status.title or rest[:60],
        counts,
        *running,
        _age(file.modified_at),
        f"{file.size / 1e6:.1f} MB",
    ]


def _age(moment: datetime) -> str:
    """Return how long ago something was, in the largest unit that is full."""
    seconds = (datetime.now(UTC) - moment).total_seconds()
    for unit, length in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length:.0f} {unit} ago"
    return f"{max(0.0, seconds):.0f} seconds ago"


@runs.command("rm")
@click.argument("names", metavar="RUN...", nargs=-1, required=True)
@yes_option
def remove(names: tuple[str, ...], yes: bool) -> None:
    """Remove runs from this machine.

    What they have created remains on the platform, where later runs find it. What their journals alone have is lost:
    the failures, and the results of analyses.
    """
    from ..bulk import read_journal
    from ..errors import JournalError

    paths = [find_journal(name) for name in names]
    found: list[Deletable] = []
    for path in paths:
        try:
            status = read_journal(path)
        except JournalError:  # damaged, which is a reason to remove it
            found.append(Deletable(path.stem, path.stem, None))
            continue
        if status.running:
            raise click.ClickException(f"{path.stem} is running in process {status.running[0]}. Stop it first.")
        found.append(Deletable(path.stem, status.title or path.stem, sum(status.counts.values())))
    if not yes:
        confirm_deletion(found, Kind("run", "runs", "sources"), question="Remove {} from this machine?")
    for path in paths:
        for end in ("", "-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        print_line(path.stem)


@runs.command()
@run_argument
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(run: str, file: Path) -> None:
    """Write the sources of a run, their ids and their failures to a table.

    FILE ends in .csv, .jsonl or .parquet.
    """
    from ..bulk import read_journal

    if file.suffix not in EXPORTS:
        raise click.UsageError(f"Expected a file that ends in {', '.join(EXPORTS)}; got {str(file)!r}.")
    EXPORTS[file.suffix](read_journal(find_journal(run)), file)


@runs.command()
@run_argument
@yes_option
def retry(run: str, yes: bool) -> None:
    """Repeat the command of a run in its folder, and retry what failed."""
    from .._client import AsyncTwelveLabs
    from ..bulk import read_journal
    from ._bulk import command_line

    path = find_journal(run)
    command = read_journal(path).command
    if command is None:
        raise click.ClickException(
            f"{path.stem} was made by a program. Run the program again with retry_failed=True to retry what failed."
        )
    keeps_profile = not profile_arguments() and any(word.startswith("--profile") for word in command.arguments)
    is_same_account = keeps_profile or path.stem.endswith(f"-{create_client(AsyncTwelveLabs).account_digest}")
    if not is_same_account and not yes:
        confirm("The API key or the base URL are not those of the run. Continue it with the present ones?")
    arguments = [*command.arguments, *profile_arguments()]
    arguments += [] if "--retry-failed" in arguments else ["--retry-failed"]
    arguments += [] if any(word.startswith("--journal") for word in arguments) else ["--journal", str(path)]
    print_message(command_line(arguments))
    os.chdir(command.folder)
    context = click.get_current_context().find_root()
    with context.command.make_context(context.info_name, arguments) as again:
        again.command.invoke(again)
