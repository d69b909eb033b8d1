"""The group of all commands."""

from __future__ import annotations

import click

from .._version import __version__
from ._analyze import analyze
from ._assets import assets
from ._doctor import doctor
from ._embed import embed
from ._emulator import emulator
from ._errors import CommandGroup
from ._export import export
from ._index import index
from ._indexes import indexes
from ._log import print_log
from ._recordings import recorded, replayed
from ._runs import runs
from ._search import search
from ._status import status
from ._upload import upload

EPILOG = """\
\b
Environment:
  TWELVELABS_API_KEY    API key
  TWELVELABS_BASE_URL   URL of the API, if not the TwelveLabs platform's
  TWELVELABS_STATE_DIR  folder for the journals of runs, if not the user's state directory
  TWELVELABS_LOG        "info" logs every request, "debug" also shows tracebacks

\b
Commands that need no optional dependency:
  python -m twelvelabs_async migrate PATH...  rewrite programs for the official SDK
  python -m twelvelabs_async run PROGRAM...   run a program for the official SDK as it is

\b
Exit codes:
  0    success
  1    the command failed, or failed for some of its inputs
  2    invalid arguments or settings
  3    no API key, or a refused one
  4    rate limit, quota or budget exhausted
  130  interrupted by Ctrl-C, or by the signal SIGTERM or SIGHUP
"""


@click.group(cls=CommandGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option("--record", metavar="FILE", help="Record the conversation with the platform in a file, without secrets.")
@click.option("--replay", metavar="FILE", help="Use the responses of a recording, and no network.")
@click.pass_context
def program(context: click.Context, record: str | None, replay: str | None) -> None:
    """Index, search and analyze videos on TwelveLabs.

    Results are printed on stdout, everything else on stderr.
    """
    print_log()
    if record and replay:
        raise click.UsageError("Pass --record or --replay, not both.")
    if record:
        context.with_resource(recorded(record))
    elif replay:
        context.with_resource(replayed(replay))


for command in (index, upload, embed, analyze, search, runs, status, assets, indexes, export, emulator, doctor):
    program.add_command(command)
