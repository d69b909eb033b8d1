"""``indexes``: create, list and delete indexes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import click

from ._client import create_client
from ._deletion import Deletable, Kind, delete_each, yes_option
from ._listing import Column, listing_options, print_list
from ._named import complete_index, find_index
from ._output import format_count, print_line

if TYPE_CHECKING:
    from ..models.indexes import IndexSchema

COLUMNS: Final[Sequence[Column[IndexSchema]]] = (
    Column("ID", lambda index: index.id),
    Column("VIDEOS", lambda index: format_count(index.video_count), is_number=True),
    Column("NAME", lambda index: index.index_name),
)


@click.group()
def indexes() -> None:
    """Create, list and delete indexes."""


@indexes.command("ls")
@listing_options
def list_indexes(output: str) -> None:
    """List indexes, newest first.

    Prints the id, number of videos and name of each index.
    """
    from ..options import MAX_PAGE_LIMIT
    from ..sync import TwelveLabs

    with create_client(TwelveLabs) as client:
        found = client.indexes.list(page_limit=MAX_PAGE_LIMIT)
        print_list(found, COLUMNS, output, empty="There are no indexes. `twelvelabs-async indexes create` creates one.")


@indexes.command("create")
@click.argument("name")
@click.option(
    "--model",
    "models",
    multiple=True,
    default=["marengo3.0"],
    show_default=True,
    help="Model for pictures and sound. Can be repeated.",
)
@click.option("--thumbnails", is_flag=True, help="Store pictures of moments, which searches show in pages.")
def create_index(name: str, models: tuple[str, ...], thumbnails: bool) -> None:
    """Create an index if none has this name.

    Prints the id of the index.
    """
    from ..models.indexes import IndexesCreateRequestModelsItem
    from ..options import OMIT
    from ..sync import TwelveLabs

    items = [IndexesCreateRequestModelsItem(model_name=model, model_options=["visual", "audio"]) for model in models]
    with create_client(TwelveLabs) as client:
        print_line(client.indexes.ensure(name, models=items, addons=["thumbnail"] if thumbnails else OMIT).id)


@indexes.command("rm")
@click.argument("indexes", metavar="INDEX...", nargs=-1, required=True, shell_complete=complete_index)
@yes_option
def delete_indexes(indexes: tuple[str, ...], yes: bool) -> None:
    """Delete indexes permanently.

    INDEX is the name or id of an index. The videos in the indexes are deleted, the assets are not. Prints the ids of
    the deleted indexes.
    """
    from ..sync import TwelveLabs

    with create_client(TwelveLabs) as client:

        def find(index_id: str) -> Deletable:
            index = client.indexes.retrieve(index_id)
            return Deletable(index_id, index.index_name, index.video_count)

        ids = [find_index(client, name) for name in indexes]
        delete_each(ids, find, client.indexes.delete, Kind("index", "indexes", "videos"), yes=yes)
