"""``index``: upload and index videos."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from ._client import create_client
from ._errors import FAILED, describe_error
from ._escape import escape
from ._journals import choose_journal, create_bulk
from ._output import as_json_option, is_terminal, print_json, print_line, print_message, print_text

if TYPE_CHECKING:
    from ..bulk import Outcome
    from ._progress import Tally

SELECTION: Final = ("include", "exclude", "include_hidden", "follow_symlinks")
"""Options that select files."""


@click.command()
@click.argument("sources", metavar="FOLDER...", nargs=-1, required=True)
@click.option("--index", "index_id", metavar="INDEX_ID", required=True, help="Index; `indexes create` creates one.")
@click.option("--journal", metavar="FILE", help="Journal of the run.  [default: a file in the state directory]")
@click.option("--concurrency", type=click.IntRange(1), default=25, show_default=True, help="Assets indexed at once.")
@click.option("--upload-concurrency", type=click.IntRange(1), default=8, show_default=True, help="Uploads at once.")
@click.option("--max-rate", type=float, metavar="MB/S", help="Maximum upload rate in megabytes per second.")
@click.option("--include", multiple=True, metavar="PATTERN", help="Files to take from folders, such as '*.mp4'.")
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Files to skip in folders, such as 'drafts/*'.")
@click.option("--include-hidden", is_flag=True, help="Take files and folders whose names begin with a dot.")
@click.option("--follow-symlinks", is_flag=True, help="Search folders that are links.")
@click.option(
    "--existing",
    type=click.Choice(["reuse", "again"]),
    default="reuse",
    show_default=True,
    help="Use content that is in the index already, or index it again.",
)
@click.option("--retry-failed", is_flag=True, help="Retry sources that failed in an earlier run.")
@click.option("--dry-run", is_flag=True, help="Print what would be uploaded, without uploading anything.")
@as_json_option
def index(
    sources: tuple[str, ...], index_id: str, journal: str | None, dry_run: bool, as_json: bool, **settings: Any
) -> None:
    """Upload and index videos, many at once.

    FOLDER is a folder, a file, a glob pattern, a public URL, or the id of an asset.

    A journal records what was done. After an interruption, the same command resumes the run, and nothing is uploaded
    or indexed twice. Prints the outcome of each video and its id in the index; on a terminal, only of videos that
    failed.
    """
    import asyncio

    from ._progress import Tally

    chosen = choose_journal(journal, former=f"twelvelabs-{index_id}.db")
    if dry_run:
        _print_plan(index_id, sources, chosen, as_json, {name: settings[name] for name in SELECTION})
        return
    tally, failures = Tally(), list[Exception]()
    try:
        asyncio.run(_index_sources(tally, failures, list(sources), index_id, chosen, as_json, **settings))
    except BaseException:
        if tally.counts:
            print_message(f"{tally}. To resume:")
            print_message(_this_command())
        raise
    print_message(f"{tally}.")
    if failures:
        _offer_retry(failures)
        click.get_current_context().exit(FAILED)


def _print_plan(
    index_id: str, sources: tuple[str, ...], journal: str | bool, as_json: bool, selection: dict[str, Any]
) -> None:
    from attrs import asdict

    from ..sync import TwelveLabs

    with create_client(TwelveLabs) as client:
        plan = client.bulk.plan(index_id, sources, journal=journal, **selection)
    if as_json:
        print_json(asdict(plan))
    else:
        plan.skipped = [(escape(source), escape(reason)) for source, reason in plan.skipped]
        print_text(f"{plan}\n")


async def _index_sources(
    tally: Tally,
    failures: list[Exception],
    sources: list[str],
    index_id: str,
    journal: str | bool,
    as_json: bool,
    *,
    max_rate: float | None,
    **settings: Any,
) -> None:
    from contextlib import aclosing

    from .._client import AsyncTwelveLabs
    from ..bulk.folders import FileSelection
    from ..bulk.operations import IndexOperation
    from ..bulk.sources import read_sources
    from ._progress import show_progress

    async with create_client(AsyncTwelveLabs) as client:
        run = create_bulk(client).index(
            index_id,
            sources,
            journal=journal,
            max_bytes_per_second=max_rate and max_rate * 1e6,
            on_event=tally.record,
            **settings,
        )
        selection = FileSelection(**{name: settings[name] for name in SELECTION}, kinds=IndexOperation.kinds)
        async with aclosing(run), show_progress(tally, read_sources(sources, selection)):
            async for outcome in run:
                failures += filter(None, [outcome.error])
                _print_outcome(outcome, as_json)


def _print_outcome(outcome: Outcome[Any], as_json: bool) -> None:
    error = outcome.error and describe_error(outcome.error)
    if as_json:
        names = ("source", "status", "asset_id", "indexed_asset_id", "reused")
        print_json({**{name: getattr(outcome, name) for name in names}, "error": error})
    elif error:
        print_line(f"failed  {outcome.source}: {error}")
    elif not is_terminal(sys.stdout):
        print_line(f"ready   {outcome.source}", outcome.indexed_asset_id)


def _offer_retry(failures: list[Exception]) -> None:
    """Print the command that retries the failures, if that may help."""
    from .._failures import is_permanent
    from ..errors import JobFailedError

    may_pass = not all(is_permanent(error) for error in failures)
    has_failed_job = any(isinstance(error, JobFailedError) for error in failures)
    if may_pass or has_failed_job:
        print_message("To retry what failed:")
        print_message(_this_command(*["--retry-failed"] * has_failed_job))


def _this_command(*options: str) -> str:
    """Return this command with more options, to be typed again."""
    arguments: tuple[str, ...] = click.get_current_context().find_root().obj
    added = [option for option in options if option not in arguments]
    return f"  twelvelabs-async {' '.join(map(_quoted, [*arguments, *added]))}"


def _quoted(argument: str) -> str:
    """Return an argument as shells read it: in ``$'…'``, which bash and zsh know, unless it is printable text."""
    if argument.isprintable():
        return shlex.quote(argument)
    return "$'" + "".join(map(_escaped_byte, os.fsencode(argument))) + "'"


def _escaped_byte(byte: int) -> str:
    char = chr(byte)
    return char if char.isascii() and char.isprintable() and char not in "\\'" else f"\\x{byte:02x}"
