"""Output of the program, all of it: nothing reaches the terminal but through `escape`."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, BinaryIO, Final

import click

from ._escape import escape

QUIET: Final = f"{__name__}.quiet"
"""Key in the context of a command that prints no notes."""


def _be_quiet(context: click.Context, _: click.Parameter, quiet: bool) -> None:
    if quiet:
        context.meta[QUIET] = True


as_json_option = click.option("--json", "as_json", is_flag=True, help="Print a JSON object for each result.")
quiet_option = click.Option(
    ["-q", "--quiet"],
    is_flag=True,
    expose_value=False,
    callback=_be_quiet,
    help="Print results, errors and questions only.",
)


def print_line(*columns: object) -> None:
    """Print a line on stdout."""
    _print("  ".join(map(escape, columns)) + "\n")


def print_message(*columns: object) -> None:
    """Print a line on stderr."""
    _print("  ".join(map(escape, columns)) + "\n", to_stderr=True)


def print_note(*columns: object) -> None:
    """Print a line on stderr about what the command does, unless it is to be quiet."""
    if not is_quiet():
        print_message(*columns)


def shows_bars() -> bool:
    """Return whether progress is shown by bars."""
    return is_terminal(sys.stderr) and not is_quiet()


def is_quiet() -> bool:
    """Return whether this command prints no notes."""
    context = click.get_current_context(silent=True)
    return context is not None and QUIET in context.meta


def print_text(text: str) -> None:
    """Print a piece of a text with its line breaks on stdout."""
    _print(escape(text, keep="\n\t"))


def print_json(value: object) -> None:
    """Print a JSON value on a line on stdout."""
    _print(json.dumps(value) + "\n")


def write_on_stdout(write: Callable[[BinaryIO], object], *, is_text: bool) -> None:
    """Write a file on stdout.

    On a terminal, a text is printed with escapes when it is complete, and other files are refused.

    Args:
        write: Function that writes the file.
        is_text: Whether the file is a text.
    """
    if not is_terminal(sys.stdout):
        write(sys.stdout.buffer)
    elif is_text:
        text = io.BytesIO()
        write(text)
        print_text(text.getvalue().decode().replace("\r\n", "\n"))
    else:
        raise click.UsageError("This file is no text for a terminal. Pass --file FILE.")


def confirm(question: str) -> None:
    """Ask a question on stderr, and end the command unless the answer is yes."""
    click.confirm(_encodable(escape(question), sys.stderr), abort=True, err=True)


def ask_secret(question: str) -> str:
    """Return what is typed without an echo, or the first line of stdin if that is no terminal."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    answer: str = click.prompt(_encodable(escape(question), sys.stderr), hide_input=True, err=True)
    return answer


def is_terminal(stream: Any) -> bool:
    """Return whether *stream* is a terminal that can move its cursor. A closed stream is ``None``."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def _print(text: str, *, to_stderr: bool = False) -> None:
    text = _encodable(text, sys.stderr if to_stderr else sys.stdout)
    try:
        with _above_the_bars():
            click.echo(text, nl=False, err=to_stderr)
    except OSError:
        if not to_stderr:
            raise
        # A command does not fail because its stderr does, neither here nor when Python flushes it at the end.
        sys.stderr = None


def _encodable(text: str, stream: Any) -> str:
    """Return *text* with escapes for the characters that the encoding of *stream* does not have."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _above_the_bars() -> AbstractContextManager[None]:
    """Hide progress bars while the block runs."""
    module = sys.modules.get("tqdm")  # imported by the commands that show bars
    return nullcontext() if module is None else module.tqdm.external_write_mode()


def format_count(value: object) -> str:
    """Format a number of the API; ``-`` if it is not a number."""
    return f"{value:,.0f}" if isinstance(value, int | float) else "-"
