"""``export``: lists of the platform as tables in files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from ._client import create_client
from ._output import write_on_stdout
from ._search import search_options_option

if TYPE_CHECKING:
    from ..models.tables import Tabular

F = TypeVar("F", bound=Callable[..., Any])

SUFFIXES: Final = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
"""Formats by the suffix of the file's name."""


def table_options(command: F) -> F:
    """Add the options that all exports have."""
    for option in (
        click.option("--format", "format_name", type=click.Choice(["csv", "jsonl", "parquet"]), help="Format.  "
                     "[default: by the name of the file, csv on stdout]"),
        click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
                     help="File, which is replaced when the table is complete.  [default: stdout]"),
    ):  # fmt: skip
        command = option(command)
    return command


def choose_format(output: Path | None, format_name: str | None) -> str:
    """Return the format of a table, before anything is requested for it."""
    if output is not None and not output.parent.is_dir():
        raise click.UsageError(f"{output}: the folder {output.parent} does not exist.")
    if format_name is None and output is not None:
        format_name = SUFFIXES.get(output.suffix.lower())
        if format_name is None:
            raise click.UsageError(f"{output}: expected a name that ends with {', '.join(SUFFIXES)}; or pass --format.")
    return format_name or "csv"


def write_table(rows: Tabular, output: Path | None, format_name: str) -> None:
    """Write rows to a file or to stdout, some at a time."""
    write = getattr(rows, f"to_{format_name}")
    if output is not None:
        write(output)
    else:
        write_on_stdout(write, is_text=format_name != "parquet")


@click.group()
def export() -> None:
    """Write lists of the platform to CSV, JSON Lines or Parquet.

    Parquet needs the extra `data`. `runs export` writes the sources of a run.
    """


@export.command("assets")
@click.option("--filename", help="Only assets with this file name.")
@table_options
def export_assets(filename: str | None, output: Path | None, format_name: str | None) -> None:
    """Export the assets, newest first."""
    _export(lambda client, limit: client.assets.list(page_limit=limit, filename=filename), output, format_name)


@export.command("indexes")
@table_options
def export_indexes(output: Path | None, format_name: str | None) -> None:
    """Export the indexes, newest first."""
    _export(lambda client, limit: client.indexes.list(page_limit=limit), output, format_name)


@export.command("videos")
@click.argument("index_id")
@table_options
def export_videos(index_id: str, output: Path | None, format_name: str | None) -> None:
    """Export the videos in an index, newest first."""
    _export(lambda client, limit: client.indexes.indexed_assets.list(index_id, page_limit=limit), output, format_name)


@export.command("search")
@click.argument("index_id")
@click.argument("query")
@search_options_option
@table_options
def export_search(
    index_id: str, query: str, search_options: tuple[str, ...], output: Path | None, format_name: str | None
) -> None:
    """Export all matches of a text in the videos of an index, best first."""
    _export(
        lambda client, limit: client.search.query(
            index_id=index_id, search_options=search_options, query_text=query, page_limit=limit
        ),
        output,
        format_name,
    )


def _export(list_rows: Callable[[Any, int], Any], output: Path | None, format_name: str | None) -> None:
    from ..options import MAX_PAGE_LIMIT
    from ..sync import TwelveLabs

    chosen = choose_format(output, format_name)
    with create_client(TwelveLabs) as client:
        write_table(list_rows(client, MAX_PAGE_LIMIT), output, chosen)
