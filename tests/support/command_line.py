"""Commands, run in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner, Result

from twelvelabs_async.cli._commands import program

Run = Callable[..., Result]

PROGRAM = Path(sys.executable).with_name("twelvelabs-async")


def run(*arguments: object, stdin: str = "", **settings: str | None) -> Result:
    """Run a command in this process, with environment variables set or removed."""
    return CliRunner().invoke(program, [*map(str, arguments)], stdin, settings, prog_name="twelvelabs-async")
