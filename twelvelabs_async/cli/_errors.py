"""How commands end: with one line that says what to do, and an exit code that says what it was."""

from __future__ import annotations

import os
from typing import Any, Final, TypeVar

import click

T = TypeVar("T")

FAILED: Final = 1
USAGE: Final = 2
KEY: Final = 3
QUOTA: Final = 4
INTERRUPTED: Final = 130


class NoKey(click.ClickException):
    """There is no API key."""

    exit_code = KEY

    def __init__(self) -> None:
        super().__init__(
            "There is no API key: set TWELVELABS_API_KEY. Keys are made in the TwelveLabs Playground, under API Keys. "
            "To try things without one: twelvelabs-async emulator"
        )


class Program(click.Group):
    """A group whose commands end without a traceback, whatever they raise."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:
            if os.environ.get("TWELVELABS_LOG", "").lower() == "debug":
                raise
            click.echo(f"Error: {text_of(error)}", err=True)
            ctx.exit(exit_code(error))


def text_of(error: Exception) -> str:
    """What to say of *error*; never nothing."""
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error) or type(error).__name__


def exit_code(error: Exception) -> int:
    """The exit code that tells of *error*."""
    from ..errors import QuotaExhaustedError, TooManyRequestsError, UnauthorizedError

    if isinstance(error, UnauthorizedError):
        return KEY
    if isinstance(error, QuotaExhaustedError | TooManyRequestsError):
        return QUOTA
    return USAGE if isinstance(error, ValueError | FileNotFoundError) else FAILED


def connect(client: type[T]) -> T:
    """Make a client with the key in the environment."""
    from ..errors import TwelveLabsError

    try:
        return client()
    except TwelveLabsError:
        raise NoKey from None
