"""Options, runs and outcomes of the commands that process many sources."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from ._client import create_client
from ._errors import FAILED, QUOTA, describe_error
from ._escape import escape
from ._journals import choose_journal, create_bulk
from ._output import as_json_option, is_terminal, print_json, print_line, print_message, print_note, print_text
from ._sources import require_sources

if TYPE_CHECKING:
    from .._client import AsyncTwelveLabs
    from ..bulk import AsyncRun, Budget, Outcome, Sink
    from ..bulk.tally import Tally

F = TypeVar("F", bound=Callable[..., Any])


def _open_sink(_: click.Context, __: click.Parameter, place: str | None) -> Sink | None:
    """Return the sink at a path: a folder of Parquet files, or a table of Lance."""
    if place is None:
        return None
    from ..bulk import LanceSink, ParquetSink

    path = Path(place)
    if not place or path.is_file() or path.suffix.lower() in (".csv", ".json", ".jsonl"):
        raise click.BadParameter(f"{place!r}: expected a folder for Parquet files, or a table such as db/clips.lance.")
    return LanceSink(path.parent, table=path.stem) if path.suffix == ".lance" else ParquetSink(path)


def _read_budget(_: click.Context, __: click.Parameter, limits: tuple[str, ...]) -> Budget | None:
    """Return the budget of limits such as ``minutes=600``."""
    if not limits:
        return None
    from ..bulk import Budget

    values: dict[str, Any] = {}
    for limit in ",".join(limits).split(","):
        name, _sign, value = limit.partition("=")
        if name not in ("minutes", "requests", "cost"):
            raise click.BadParameter(f"{limit}: expected minutes=NUMBER, requests=NUMBER or cost=NUMBER.")
        if name in values:
            raise click.BadParameter(f"{limit}: there is another limit of {name}. Expected at most one of each kind.")
        try:
            values[name] = int(value) if name == "requests" else float(value)
        except ValueError:
            raise click.BadParameter(f"{limit}: expected a number after the equals sign.") from None
    return Budget(**values)


OPTIONS: Final = (
    click.argument("sources", metavar="SOURCE...", nargs=-1, required=True),
    click.option("--journal", metavar="FILE", help="Journal of the run.  [default: a file in the state directory]"),
    click.option("--concurrency", type=click.IntRange(1), default=25, show_default=True, help="Sources at once."),
    click.option("--upload-concurrency", type=click.IntRange(1), default=8, show_default=True, help="Uploads at once."),
    click.option(
        "--max-rate",
        type=click.FloatRange(0.262144),
        metavar="MB/S",
        help="Maximum upload rate in megabytes per second. At least 0.262144.",
    ),
    click.option("--include", multiple=True, metavar="PATTERN", help="Files to take from folders, such as '*.mp4'."),
    click.option("--exclude", multiple=True, metavar="PATTERN", help="Files to skip in folders, such as 'drafts/*'."),
    click.option("--include-hidden", is_flag=True, help="Take files and folders whose names begin with a dot."),
    click.option("--follow-symlinks", is_flag=True, help="Search folders that are links."),
    click.option(
        "--existing",
        type=click.Choice(["reuse", "again"]),
        default="reuse",
        show_default=True,
        help="Use what the platform has with the same content, or create it again.",
    ),
    click.option(
        "--sink",
        metavar="TABLE",
        callback=_open_sink,
        help="Table that results are written to: a folder of Parquet files, or DATABASE/NAME.lance.",
    ),
    click.option(
        "--budget",
        multiple=True,
        metavar="LIMITS",
        callback=_read_budget,
        help="Limits of the run, such as minutes=600,requests=5000,cost=20. Sources beyond them are left.",
    ),
    click.option("--prices", metavar="FILE", help="Prices of the account as TOML or JSON, for a limit of the cost."),
    click.option("--retry-failed", is_flag=True, help="Retry sources that failed in an earlier run."),
    click.option("--dry-run", is_flag=True, help="Print what the run does and takes, without uploading anything."),
    as_json_option,
)
"""Sources and options that all bulk commands have."""


def bulk_options(command: F) -> F:
    """Add the sources and the options that all bulk commands have."""
    return reduce(lambda decorated, option: option(decorated), reversed(OPTIONS), command)


def run_in_bulk(
    method: str,
    parameters: Mapping[str, Any],
    results_of: Callable[[Outcome[Any]], Mapping[str, object]],
    *,
    prints_results: bool = False,
    sources: Sequence[str],
    journal: str | None,
    as_json: bool,
    dry_run: bool,
    **settings: Any,
) -> None:
    """Process the sources, and print their outcomes and a summary.

    Args:
        method: Name of the method of ``client.bulk``.
        parameters: Arguments of this method that other bulk methods do not have.
        results_of: Function that returns ids and results of an outcome, by name. The last one is printed as text.
        prints_results: Whether to print sources that are ready on terminals as well.
        sources: The sources.
        journal: Journal of the run. Default: a file in the state directory.
        as_json: Whether to print outcomes as JSON.
        dry_run: Whether to print a plan only.
        settings: The other options of `bulk_options`.
    """
    import asyncio

    from ..bulk.tally import LEFT, Tally
    from ..errors import BudgetExceededError

    def print_outcome(outcome: Outcome[Any]) -> None:
        results = results_of(outcome)
        error = outcome.error and describe_error(outcome.error).removeprefix(f"{outcome.source}: ")
        status = LEFT if isinstance(outcome.error, BudgetExceededError) else outcome.status
        if as_json:
            values = {"source": outcome.source, "status": status, **results}
            print_json({**values, "reused": outcome.reused, "replaces": outcome.replaces, "error": error})
        elif error:
            print_line(f"{status:7} {outcome.source}: {error}")
        elif prints_results or not is_terminal(sys.stdout):
            print_line(f"ready   {outcome.source}", [*results.values()][-1] or "in the table")

    require_sources(sources)
    former = f"twelvelabs-{parameters['index_id']}.db" if method == "index" else None
    chosen = choose_journal(journal, former)
    tally, failures = Tally(), list[Exception]()
    arguments = {"sources": [*sources], "journal": chosen, **parameters, **settings}
    if dry_run:
        asyncio.run(_print_plan(method, arguments, as_json))
        return
    try:
        asyncio.run(_process(method, arguments, tally, failures, print_outcome))
    except BrokenPipeError:  # the reader has enough, such as `head`
        raise
    except BaseException:
        if tally.counts:
            print_message(f"{tally}. To resume:")
            print_message(_this_command())
        raise
    print_note(f"{tally}.")
    failures = [error for error in failures if not isinstance(error, BudgetExceededError)]
    if failures:
        _offer_retry(failures)
        click.get_current_context().exit(FAILED)
    if tally.counts[LEFT]:
        print_message("The budget does not suffice for the sources that are left. To resume:")
        print_message(_this_command())
        click.get_current_context().exit(QUOTA)


async def _print_plan(method: str, arguments: Mapping[str, Any], as_json: bool) -> None:
    from .._client import AsyncTwelveLabs

    async with create_client(AsyncTwelveLabs) as client:
        plan = await _create_run(client, method, arguments).plan()
    if as_json:
        print_json(plan.to_dict())
    else:
        plan.skipped = [(escape(source), escape(reason)) for source, reason in plan.skipped]
        print_text(f"{plan}\n")


async def _process(
    method: str,
    arguments: Mapping[str, Any],
    tally: Tally,
    failures: list[Exception],
    print_outcome: Callable[[Outcome[Any]], None],
) -> None:
    from contextlib import aclosing

    from .._client import AsyncTwelveLabs
    from ._progress import show_progress

    async with create_client(AsyncTwelveLabs) as client:
        run = _create_run(client, method, {**arguments, "on_event": tally.record})
        tally.found = run.found
        async with aclosing(run), show_progress(tally, run):
            async for outcome in run:
                failures += filter(None, [outcome.error])
                print_outcome(outcome)


def _create_run(client: AsyncTwelveLabs, method: str, arguments: Mapping[str, Any]) -> AsyncRun[Any]:
    """Return a run of a bulk method, which has not started."""
    others = dict(arguments)
    max_rate = others.pop("max_rate")
    run: AsyncRun[Any] = getattr(create_bulk(client), method)(
        **others, max_bytes_per_second=max_rate and max_rate * 1e6
    )
    return run


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
    return command_line([*arguments, *added])


def command_line(arguments: Sequence[str]) -> str:
    """Return a command with its arguments, to be typed."""
    return f"  twelvelabs-async {' '.join(map(_quoted, arguments))}"


def _quoted(argument: str) -> str:
    """Return an argument as shells read it: in ``$'…'``, which bash and zsh know, unless it is printable text."""
    if argument.isprintable():
        return shlex.quote(argument)
    return "$'" + "".join(map(_escaped_byte, os.fsencode(argument))) + "'"


def _escaped_byte(byte: int) -> str:
    char = chr(byte)
    return char if char.isascii() and char.isprintable() and char not in "\\'" else f"\\x{byte:02x}"
