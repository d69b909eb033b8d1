"""``export``: lists of the platform as tables in files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from ._client import create_client
from ._named import find_index, index_argument
from ._output import write_on_stdout
from ._query import query_arguments, query_options

if TYPE_CHECKING:
    from ..models.tables import Tabular
    from ..sync import TwelveLabs

F = TypeVar("F", bound=Callable[..., Any])

SUFFIXES: Final = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
"""Formats by the suffix of the file's name."""


def table_options(command: F) -> F:
    """Add the file and the format that all exports have."""
    for option in (
        click.option("--format", "format_name", type=click.Choice(["csv", "jsonl", "parquet"]), help="Format.  "
                     "[default: by the name of the file, csv on stdout]"),
        click.option("-o", "--file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
                     help="File, which is replaced when the table is complete.  [default: stdout]"),
    ):  # fmt: skip
        command = option(command)
    return command


def choose_format(file: Path | None, format_name: str | None) -> str:
    """Return the format of a table, before anything is requested for it."""
    if file is not None and not file.parent.is_dir():
        raise click.UsageError(f"{file}: the folder {file.parent} does not exist.")
    if format_name is None and file is not None:
        format_name = SUFFIXES.get(file.suffix.lower())
        if format_name is None:
            raise click.UsageError(f"{file}: expected a name that ends with {', '.join(SUFFIXES)}; or pass --format.")
    return format_name or "csv"


def write_table(rows: Tabular, file: Path | None, format_name: str) -> None:
    """Write rows to a file or to stdout, some at a time."""
    write = getattr(rows, f"to_{format_name}")
    if file is not None:
        write(file)
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
def export_assets(filename: str | None, file: Path | None, format_name: str | None) -> None:
    """Export the assets, newest first."""
    _export(lambda client, limit: client.assets.list(page_limit=limit, filename=filename), file, format_name)


@export.command("indexes")
@table_options
def export_indexes(file: Path | None, format_name: str | None) -> None:
    """Export the indexes, newest first."""
    _export(lambda client, limit: client.indexes.list(page_limit=limit), file, format_name)


@export.command("videos")
@index_argument
@table_options
def export_videos(index: str, file: Path | None, format_name: str | None) -> None:
    """Export the videos in an index, newest first."""
    _export(
        lambda client, limit: client.indexes.indexed_assets.list(find_index(client, index), page_limit=limit),
        file,
        format_name,
    )


@export.command("search")
@query_options
@table_options
def export_search(file: Path | None, format_name: str | None, **query: Any) -> None:
    """Export all matches in the videos of an index, best first."""
    _export(
        lambda client, limit: client.search.query(**query_arguments(client, **query), page_limit=limit).with_videos(),
        file,
        format_name,
    )


def _export(list_rows: Callable[[TwelveLabs, int], Any], file: Path | None, format_name: str | None) -> None:
    from ..options import MAX_PAGE_LIMIT
    from ..sync import TwelveLabs

    chosen = choose_format(file, format_name)
    with create_client(TwelveLabs) as client:
        write_table(list_rows(client, MAX_PAGE_LIMIT), file, chosen)
