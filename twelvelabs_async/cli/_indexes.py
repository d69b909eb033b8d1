"""``indexes``: create, list and delete indexes."""

from __future__ import annotations

import click

from ._client import create_client
from ._deletion import delete_each, yes_option
from ._output import as_json_option, format_count, print_line, print_result


@click.group()
def indexes() -> None:
    """Create, list and delete indexes."""


@indexes.command("ls")
@as_json_option
def list_indexes(as_json: bool) -> None:
    """List indexes, newest first.

    Prints the id, number of videos and name of each index.
    """
    from ..options import MAX_PAGE_LIMIT
    from ..sync import TwelveLabs

    with create_client(TwelveLabs) as client:
        for index in client.indexes.list(page_limit=MAX_PAGE_LIMIT):
            print_result(index, as_json, index.id, f"{format_count(index.video_count):>7}", index.index_name)


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
def create_index(name: str, models: tuple[str, ...]) -> None:
    """Create an index if none has this name.

    Prints the id of the index.
    """
    from ..models.indexes import IndexesCreateRequestModelsItem
    from ..sync import TwelveLabs

    items = [IndexesCreateRequestModelsItem(model_name=model, model_options=["visual", "audio"]) for model in models]
    with create_client(TwelveLabs) as client:
        print_line(client.indexes.ensure(name, models=items).id)


@indexes.command("rm")
@click.argument("index_ids", metavar="INDEX_ID...", nargs=-1, required=True)
@yes_option
def delete_indexes(index_ids: tuple[str, ...], yes: bool) -> None:
    """Delete indexes permanently.

    The indexed assets in them are deleted, the assets are not. Prints the ids of the deleted indexes.
    """
    from ..sync import TwelveLabs

    with create_client(TwelveLabs) as client:

        def describe(index_id: str) -> str:
            index = client.indexes.retrieve(index_id)
            return f"{index.index_name} ({format_count(index.video_count)} videos)"

        delete_each(index_ids, describe, client.indexes.delete, yes=yes)
