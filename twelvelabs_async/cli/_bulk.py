"""``index`` and ``status``."""

from __future__ import annotations

import json
import shlex
import sys
from typing import TYPE_CHECKING, Any

import click

from ._errors import FAILED, connect, text_of

if TYPE_CHECKING:
    from ..bulk import Outcome
    from ._progress import Tally


@click.command()
@click.argument("sources", metavar="FOLDER...", nargs=-1, required=True)
@click.option("--index", "index_id", metavar="INDEX_ID", required=True, help="The index; `indexes create` makes one.")
@click.option("--journal", metavar="FILE", help="Where to remember what was done.  [default: twelvelabs-INDEX_ID.db]")
@click.option("--concurrency", type=click.IntRange(1), default=25, show_default=True, help="Most indexed at once.")
@click.option("--upload-concurrency", type=click.IntRange(1), default=8, show_default=True, help="Most sent at once.")
@click.option("--max-rate", type=float, metavar="MB/S", help="Most megabytes sent in a second.")
@click.option("--retry-failed", is_flag=True, help="Try again what has failed before.")
@click.option("--dry-run", is_flag=True, help="Print what would be done, and do nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object per video.")
def index(
    sources: tuple[str, ...], index_id: str, journal: str | None, dry_run: bool, as_json: bool, **settings: Any
) -> None:
    """Upload videos and index them, many at once.

    FOLDER is a folder, a file, a glob pattern, a public URL, or the id of an asset.

    What was done is remembered in a journal: after any interruption the same command goes on where things stand, and
    nothing is uploaded or indexed twice. Prints a line per video with how it ended and its id in the index; on a
    terminal only for those that failed.
    """
    import asyncio

    from ._progress import Tally

    journal = journal or f"twelvelabs-{index_id}.db"
    if dry_run:
        _plan(index_id, sources, journal, as_json)
        return
    tally = Tally()
    try:
        asyncio.run(_index(tally, list(sources), index_id, journal, as_json, **settings))
    except BaseException:
        if tally.counts:
            click.echo(f"{tally}. To go on:\n{_command()}", err=True)
        raise
    click.echo(f"{tally}.", err=True)
    if tally.counts["failed"]:
        click.echo(f"To try again what failed:\n{_command(retry_failed=True)}", err=True)
        click.get_current_context().exit(FAILED)


def _plan(index_id: str, sources: tuple[str, ...], journal: str, as_json: bool) -> None:
    from attrs import asdict

    from ..sync import TwelveLabs

    with connect(TwelveLabs) as client:
        plan = client.bulk.plan(index_id, sources, journal=journal)
    click.echo(json.dumps(asdict(plan)) if as_json else plan)


async def _index(
    tally: Tally,
    sources: list[str],
    index_id: str,
    journal: str,
    as_json: bool,
    *,
    max_rate: float | None,
    **settings: Any,
) -> None:
    from contextlib import aclosing

    from ..client import AsyncTwelveLabs
    from ._progress import shown

    async with connect(AsyncTwelveLabs) as client:
        run = client.bulk.index(
            index_id,
            sources,
            journal=journal,
            max_bytes_per_second=max_rate and max_rate * 1e6,
            on_event=tally.note,
            **settings,
        )
        async with aclosing(run), shown(tally, sources):
            async for outcome in run:
                _tell(outcome, as_json)


def _tell(outcome: Outcome[Any], as_json: bool) -> None:
    from tqdm import tqdm

    error = outcome.error and text_of(outcome.error)
    if as_json:
        facts = ("source", "status", "asset_id", "indexed_asset_id")
        line = json.dumps({**{name: getattr(outcome, name) for name in facts}, "error": error})
    elif error:
        line = f"failed  {outcome.source}: {error}"
    elif not sys.stdout.isatty():
        line = f"ready   {outcome.source}  {outcome.indexed_asset_id}"
    else:
        return
    with tqdm.external_write_mode():  # above the bars
        click.echo(line)


def _command(*, retry_failed: bool = False) -> str:
    """This command, to be typed again."""
    more = ["--retry-failed"] if retry_failed and "--retry-failed" not in sys.argv else []
    return f"  twelvelabs-async {shlex.join(sys.argv[1:] + more)}"


@click.command()
@click.argument("journal")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def status(journal: str, as_json: bool) -> None:
    """Print how far a run has come.

    How many videos are in which state, whether a process is at work on them, and why what failed has failed.
    """
    from attrs import asdict

    from ..bulk import read_journal

    found = read_journal(journal)
    if as_json:
        click.echo(json.dumps(asdict(found)))
        return
    running = f"running in process {', '.join(map(str, found.running))}" if found.running else "not running"
    click.echo(f"{found.job}: {running}")
    for state, count in found.counts.items():
        click.echo(f"{count:7}  {state}")
    for source, error in found.failures:
        click.echo(f"{source}: {error}")
