"""``search``: find moments in the videos of an index."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .._clock_times import clock_time
from ._client import create_client
from ._listing import Column, listing_options, page_options, print_list, show_page
from ._output import format_count
from ._query import limit_option, query_arguments, query_options

if TYPE_CHECKING:
    from ..models.moment import Moment

COLUMNS: Final[Sequence[Column[Moment]]] = (
    Column("RANK", lambda moment: format_count(moment.rank), is_number=True),
    Column("START", lambda moment: clock_time(moment.start), is_number=True),
    Column("END", lambda moment: clock_time(moment.end), is_number=True),
    Column("VIDEO", lambda moment: moment.video and (moment.video.filename or moment.video.id)),
    Column("TEXT", lambda moment: moment.text or ""),
)


@click.command()
@query_options
@limit_option
@listing_options
@page_options
def search(limit: int, output: str, file: Path | None, opens: bool, **query: Any) -> None:
    """Search the videos in an index.

    The query is a text, images, people and things of entity collections, or all of these. INDEX is the name or id of an
    index. Prints the rank, start, end, file and spoken words of each match.
    """
    from ..options import MAX_PAGE_LIMIT
    from ..sync import TwelveLabs

    with create_client(TwelveLabs) as client:
        matches = client.search.query(**query_arguments(client, **query), page_limit=min(limit, MAX_PAGE_LIMIT))
        moments = matches.moments(limit, details=opens or file is not None)
        print_list(moments, COLUMNS, output, empty="There are no matches.")
        show_page(moments, file, opens=opens, title=query["query"] or "Matches")
