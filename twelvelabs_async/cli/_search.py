"""``search``: find a text in the videos of an index."""

from __future__ import annotations

from itertools import islice

import click

from .._clock_times import clock_time
from ._client import create_client
from ._output import as_json_option, format_count, print_result

search_options_option = click.option(
    "--in",
    "search_options",
    multiple=True,
    type=click.Choice(["visual", "audio", "transcription"]),
    default=["visual", "audio"],
    show_default=True,
    help="Content to search. Can be repeated.",
)


@click.command()
@click.argument("index_id")
@click.argument("query")
@search_options_option
@click.option("--limit", type=click.IntRange(1), default=10, show_default=True, help="Maximum number of matches.")
@as_json_option
def search(index_id: str, query: str, search_options: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Search the videos in an index by a text.

    Prints the rank, start, end and indexed asset of each match.
    """
    from ..options import MAX_PAGE_LIMIT
    from ..sync import TwelveLabs

    with create_client(TwelveLabs) as client:
        matches = client.search.query(
            index_id=index_id,
            search_options=search_options,
            query_text=query,
            page_limit=min(limit, MAX_PAGE_LIMIT),
        )
        for match in islice(matches, limit):
            times = f"{clock_time(match.start):>7} - {clock_time(match.end):<7}"
            print_result(
                match, as_json, f"{format_count(match.rank):>4}", times, match.video_id, match.transcription or ""
            )
