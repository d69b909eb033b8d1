"""All commands, in one group."""

from __future__ import annotations

import click

from .._version import __version__
from ._bulk import index, status
from ._doctor import doctor
from ._emulator import emulator
from ._errors import Program
from ._indexes import assets, indexes
from ._search import analyze, search

EPILOG = """\
\b
Environment:
  TWELVELABS_API_KEY   the API key
  TWELVELABS_BASE_URL  where the API is, if it is not the real one
  TWELVELABS_LOG       "info" logs every request, "debug" shows where an error came from

\b
Exit codes:
  0    all went well
  1    something failed, or some of many did
  2    the command cannot be right
  3    there is no API key, or it is refused
  4    a rate limit or quota is used up
  130  interrupted by Ctrl-C
"""


@click.group(cls=Program, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def program() -> None:
    """Index videos by the thousand, search them, and ask about them, on TwelveLabs.

    Results go to stdout, everything else to stderr.
    """


for command in (index, status, search, analyze, assets, indexes, emulator, doctor):
    program.add_command(command)
