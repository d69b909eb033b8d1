"""The group of all commands, each of which is imported when it is used."""

from __future__ import annotations

from typing import Final

import click

from .._version import __version__
from ._credentials import profile_option
from ._errors import CommandGroup
from ._log import print_log
from ._output import quiet_option

COMMANDS: Final = (
    "analyze", "assets", "clips", "completion", "doctor", "embed", "emulator", "export", "index", "indexes", "login",
    "logout", "profiles", "runs", "search", "status", "transcript", "upload", "videos",
)  # fmt: skip
"""The commands, which `load_command` imports."""

EPILOG = """\
\b
Environment:
  TWELVELABS_API_KEY     API key
  TWELVELABS_PROFILE     profile of `login`, if there is no TWELVELABS_API_KEY
  TWELVELABS_BASE_URL    URL of the API, if not the TwelveLabs platform's
  TWELVELABS_STATE_DIR   folder for the journals of runs, if not the user's state directory
  TWELVELABS_CONFIG_DIR  folder for the profiles, if not the user's directory for settings
  TWELVELABS_LOG         "info" logs every request, "debug" also shows tracebacks

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


class Program(CommandGroup):
    """The group of all commands. Each of them takes the options that all have in common."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return [*COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or ``None`` if there is none with this name."""
        command = load_command(cmd_name)
        if command is not None:
            _add_common_options(command)
        return command


def load_command(name: str) -> click.Command | None:
    """Import a command, or return ``None`` if there is none with this name.

    The imports of all commands together would take longer than most commands.
    """
    command: click.Command
    match name:
        case "analyze":
            from ._analyze import analyze as command
        case "assets":
            from ._assets import assets as command
        case "clips":
            from ._clips import clips as command
        case "completion":
            from ._completion import completion as command
        case "doctor":
            from ._doctor import doctor as command
        case "embed":
            from ._embed import embed as command
        case "emulator":
            from ._emulator import emulator as command
        case "export":
            from ._export import export as command
        case "index":
            from ._index import index as command
        case "indexes":
            from ._indexes import indexes as command
        case "login":
            from ._login import login as command
        case "logout":
            from ._logout import logout as command
        case "profiles":
            from ._profiles import profiles as command
        case "runs":
            from ._runs import runs as command
        case "search":
            from ._search import search as command
        case "status":
            from ._status import status as command
        case "transcript":
            from ._transcript import transcript as command
        case "upload":
            from ._upload import upload as command
        case "videos":
            from ._videos import videos as command
        case _:
            return None
    return command


def _add_common_options(command: click.Command) -> None:
    if profile_option not in command.params:
        command.params += [profile_option, quiet_option]
    if isinstance(command, click.Group):
        for part in command.commands.values():
            _add_common_options(part)


@click.group(
    cls=Program,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
    params=[profile_option, quiet_option],
)
@click.version_option(__version__)
@click.option("--record", metavar="FILE", help="Record the conversation with the platform in a file, without secrets.")
@click.option("--replay", metavar="FILE", help="Use the responses of a recording, and no network.")
def program(record: str | None, replay: str | None) -> None:
    """Index, search and analyze videos on TwelveLabs.

    Results are printed on stdout, everything else on stderr.
    """
    print_log()
    if record and replay:
        raise click.UsageError("Pass --record or --replay, not both.")
