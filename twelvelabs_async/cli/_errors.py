"""Errors of commands: one line that says what to do, and an exit code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import click

from .._logging import log_level
from ._escape import escape
from ._output import print_message

# Exit codes. The help of the program documents them.
FAILED: Final = 1
USAGE: Final = 2
KEY: Final = 3
QUOTA: Final = 4
INTERRUPTED: Final = 130

IN_THE_SHELL: Final[Sequence[tuple[str, str]]] = (
    (r"pass api_key= or set TWELVELABS_API_KEY", "run `twelvelabs-async login`, or set TWELVELABS_API_KEY"),
    (r"\bbase_url\b", "TWELVELABS_BASE_URL"),
    (r"; timeout= sets the limit", ""),
    (r" max_connections= sets their number, timeout= the limit\.", ""),
    (r", as by list\(\),", ""),
    (r", or pass another name for it to client\.assets\.upload\(path, filename=\.\.\.\)", ""),
    (r" Resume it with upload_id='[^']*'\.", ""),
    (r"\benable_video_stream=True", "--stream"),
    (r"\bexisting=\"again\"", "--existing again"),
    (r"\bclient\.media\.split\(\)", "client.media.split of the Python package"),
    (r"\bclient\.bulk\.(\w+)\(\)", r"`\1`"),
    (r"\bassets\.list\(\)", "`assets ls`"),
    (r"\bassets\.upload\(\)", "`index`"),
    (r"pass image and the model_name 'pegasus1\.6'", "pass --images"),
)
"""Patterns of Python's terms in messages, and the terms of the command line."""
ARGUMENT: Final = re.compile(r"\b([a-z_]+)=True\b|(?<=\b[Pp]ass )([a-z_]+)=")
"""Python's arguments that are options of commands."""


class NoApiKeyError(click.ClickException):
    """There is no API key, neither in a profile nor in the environment."""

    exit_code = KEY

    def __init__(self) -> None:
        super().__init__(
            "There is no API key: run `twelvelabs-async login`, or set TWELVELABS_API_KEY. Create a key in the "
            "TwelveLabs Playground, under API Keys. To try the program without a key, run: twelvelabs-async emulator"
        )


class CommandGroup(click.Group):
    """A group whose commands end with one line on stderr instead of a traceback."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the arguments, so that messages can repeat the command."""
        ctx.obj = tuple(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise click.UsageError(escape(error.format_message()), error.ctx) from None
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:
            if log_level().lower() == "debug":
                raise
            print_message(f"Error: {describe_error(error)}")
            ctx.exit(exit_code_of(error))


def describe_error(error: Exception) -> str:
    """Return the message of *error* in the terms of the command line."""
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    return in_terms_of_the_shell(str(error) or type(error).__name__)


def in_terms_of_the_shell(message: str) -> str:
    """Return a message with the terms of the command line in place of Python's."""
    for pattern, replacement in IN_THE_SHELL:
        message = re.sub(pattern, replacement, message)
    return ARGUMENT.sub(lambda found: f"--{(found[1] or found[2]).replace('_', '-')}", message)


def exit_code_of(error: Exception) -> int:
    """Return the exit code for *error*."""
    from ..errors import QuotaExhaustedError, TooManyRequestsError, UnauthorizedError

    if isinstance(error, UnauthorizedError):
        return KEY
    if isinstance(error, QuotaExhaustedError | TooManyRequestsError):
        return QUOTA
    return USAGE if isinstance(error, ValueError | FileNotFoundError) else FAILED
