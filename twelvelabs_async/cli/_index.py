"""``index``: upload and index videos."""

from __future__ import annotations

from typing import Any

import click

from ._bulk import bulk_options, run_in_bulk
from ._named import complete_index, lookup_index
from ._sources import require_sources


@click.command()
@click.option(
    "--index",
    "index_name",
    metavar="INDEX",
    required=True,
    shell_complete=complete_index,
    help="Name or id of the index; see `indexes create`.",
)
@click.option("--stream", is_flag=True, help="Store the videos for streaming by HLS, which players and `clips` need.")
@bulk_options
def index(index_name: str, stream: bool, **settings: Any) -> None:
    """Upload and index videos, many at once.

    A SOURCE is a folder, a file, a glob pattern, a public URL, or the id of an asset.

    A journal records what was done. After an interruption, the same command resumes the run, and nothing is uploaded
    or indexed twice. Prints the outcome of each video and its id in the index; on a terminal, only of videos that
    failed.
    """
    require_sources(settings["sources"])
    run_in_bulk(
        "index",
        {"index_id": lookup_index(index_name), **({"enable_video_stream": True} if stream else {})},
        lambda outcome: {"asset_id": outcome.asset_id, "indexed_asset_id": outcome.indexed_asset_id},
        **settings,
    )
