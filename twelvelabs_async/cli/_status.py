"""``status``: progress of a run, read from its journal."""

from __future__ import annotations

import click

from ._journals import find_journal
from ._output import print_json, print_line


@click.command()
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def status(run: str, as_json: bool) -> None:
    """Print the progress of a run from its journal.

    RUN is the id of a run, as `runs` prints it, the name of its index, or the path of a journal.

    Prints the number of videos in each state, the processes that work on them, and the errors.
    """
    from ..bulk import read_journal

    progress = read_journal(find_journal(run))
    if as_json:
        print_json({name: getattr(progress, name) for name in ("job", "counts", "failures", "running")})
        return
    running = f"running in process {', '.join(map(str, progress.running))}" if progress.running else "not running"
    print_line(f"{progress.job}: {running}")
    for state, count in progress.counts.items():
        print_line(f"{count:7}", state)
    for source, error in progress.failures:
        print_line(f"{source}: {error}")
