"""Lists of objects as a table, as JSON or as CSV."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final, Generic, Protocol, TypeVar

import click

from ._escape import escape
from ._output import is_terminal, print_json, print_line, print_note, write_on_stdout

F = TypeVar("F", bound=Callable[..., Any])
R = TypeVar("R")

BATCH_ROWS: Final = 50
"""Rows whose columns are aligned with one another: those of a page of the API."""
SEPARATOR: Final = "  "
MIN_LAST_WIDTH: Final = 20


def listing_options(command: F) -> F:
    """Add the options for the form of a list, which is the argument *output*."""
    for option in (
        click.option("--csv", "output", flag_value="csv", help="Short for --output csv."),
        click.option("--json", "output", flag_value="json", help="Short for --output json."),
        click.option(
            "--output",
            type=click.Choice(["table", "json", "csv"]),
            default="table",
            show_default=True,
            help="Form of the results: columns for readers, a JSON object on each line, or CSV with all columns.",
        ),
    ):
        command = option(command)
    return command


def page_options(command: F) -> F:
    """Add the options for a page to look at, which are the arguments *file* and *opens*."""
    for option in (
        click.option("--open", "opens", is_flag=True, help="Open the page in the browser."),
        click.option(
            "--html",
            "file",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Page to look at, which needs no network for itself.  [default with --open: a temporary file]",
        ),
    ):
        command = option(command)
    return command


def show_page(rows: Rows, file: Path | None, *, opens: bool, title: str) -> None:
    """Write a page to look at if the user asks for it, and open it in the browser."""
    from tempfile import mkdtemp

    if file is None and not opens:
        return
    file = file or Path(mkdtemp(prefix="twelvelabs-"), "page.html")
    rows.to_html(file, title=title)
    if opens:
        click.launch(file.absolute().as_uri())
    print_note(f"The page is {file}.")


class Column(Generic[R]):
    """A column of a table.

    Args:
        header: Name of the column.
        text_of: Function that returns the cell of an object.
        is_number: Whether the cells are aligned on the right.
    """

    def __init__(self, header: str, text_of: Callable[[R], object], *, is_number: bool = False) -> None:
        self.header = header
        self.text_of = text_of
        self.is_number = is_number


class Rows(Protocol):
    """Objects in a list or in pages."""

    def __iter__(self) -> Iterator[Any]: ...
    def to_csv(self, file: Any) -> None: ...
    def to_html(self, file: Any, *, title: str | None = None) -> None: ...


def print_list(rows: Rows, columns: Sequence[Column[Any]], output: str, *, empty: str) -> None:
    """Print objects on stdout.

    On a terminal, a table begins with the names of its columns, and its last column is cut at the right margin.

    Args:
        rows: The objects.
        columns: Columns of the table. JSON and CSV have all fields.
        output: ``table``, ``json`` or ``csv``.
        empty: Note for stderr if a table has no rows.
    """
    if output == "csv":
        write_on_stdout(rows.to_csv, is_text=True)
    elif output == "json":
        from ..models._wire import unstructure

        for row in rows:
            print_json(unstructure(row))
    else:
        print_table(rows, columns, empty=empty)


def print_table(rows: Iterable[Any], columns: Sequence[Column[Any]], *, empty: str) -> None:
    """Print objects as a table on stdout. The arguments are those of `print_list`."""
    from shutil import get_terminal_size

    on_terminal = is_terminal(sys.stdout)
    lines: list[list[str]] = [[column.header for column in columns]] if on_terminal else []
    widths = [0] * len(columns)
    iterator = iter(rows)
    batch = [*islice(iterator, BATCH_ROWS)]
    if not batch:
        print_note(empty)
    while batch:
        lines += [[escape(column.text_of(row)) for column in columns] for row in batch]
        widths = [max(sizes) for sizes in zip(widths, *([*map(_width, line)] for line in lines), strict=True)]
        rest = get_terminal_size().columns - sum(widths[:-1]) - len(SEPARATOR) * (len(columns) - 1)
        for *cells, last in lines:
            padded = map(_pad, cells, widths, columns)
            print_line(*padded, _cut(last, max(rest, MIN_LAST_WIDTH)) if on_terminal else last)
        lines.clear()
        batch = [*islice(iterator, BATCH_ROWS)]


def _pad(text: str, width: int, column: Column[Any]) -> str:
    space = " " * (width - _width(text))
    return space + text if column.is_number else text + space


def _cut(text: str, width: int) -> str:
    """Return the start of a text, as far as it fits."""
    while _width(text) > width:
        text = text[: min(len(text) - 2, width - 1)] + "…"
    return text


def _width(text: str) -> int:
    """Return the number of a terminal's cells that a text takes."""
    return len(text) + sum(unicodedata.east_asian_width(char) in "WF" for char in text)
