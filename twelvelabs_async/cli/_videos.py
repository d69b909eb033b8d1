"""``videos``: list the videos in an index."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .._clock_times import clock_time
from ._client import create_client
from ._listing import Column, listing_options, page_options, print_list, show_page
from ._named import find_index, index_argument
from ._output import format_count

if TYPE_CHECKING:
    from ..models.indexed_assets import IndexedAsset

COLUMNS: Final[Sequence[Column[IndexedAsset]]] = (
    Column("ID", lambda video: video.id),
    Column("STATUS", lambda video: video.status),
    Column("LENGTH", lambda video: clock_time(_system(video, "duration")), is_number=True),
    Column("BYTES", lambda video: format_count(_system(video, "size")), is_number=True),
    Column("FILE", lambda video: _system(video, "filename")),
)


def _system(video: Any, name: str) -> Any:
    return getattr(video.system_metadata, name, None)


@click.group()
def videos() -> None:
    """List the videos in an index."""


@videos.command("ls")
@index_argument
@click.option("--filename", help="Only videos with this file name.")
@listing_options
@page_options
def list_videos(index: str, filename: str | None, output: str, file: Path | None, opens: bool) -> None:
    """List the videos in an index, newest first.

    Prints the id, status, length, size in bytes and file name of each video. INDEX is the name or id of an index.
    """
    from ..options import MAX_PAGE_LIMIT
    from ..sync import TwelveLabs

    with create_client(TwelveLabs) as client:
        found = client.indexes.indexed_assets.list(
            find_index(client, index), page_limit=MAX_PAGE_LIMIT, filename=filename
        )
        print_list(found, COLUMNS, output, empty="There are no videos in this index.")
        show_page(found, file, opens=opens, title=index)
