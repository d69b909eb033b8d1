"""``assets`` and ``indexes``: list and delete them."""

from __future__ import annotations

from collections.abc import Callable

import click

from ._errors import FAILED, connect
from ._output import show

as_json = click.option("--json", "as_json", is_flag=True, help="Print a JSON object for each.")
yes = click.option("--yes", is_flag=True, help="Do not ask.")


@click.group()
def assets() -> None:
    """List and delete uploaded files."""


@assets.command("ls")
@click.option("--filename", help="Only those with this name.")
@as_json
def list_assets(filename: str | None, as_json: bool) -> None:
    """Print the id, state, size in bytes and name of each asset, the newest first."""
    from ..options import MAX_PAGE_LIMIT
    from ..sync import TwelveLabs

    with connect(TwelveLabs) as client:
        for asset in client.assets.list(page_limit=MAX_PAGE_LIMIT, filename=filename):
            show(asset, as_json, asset.id, f"{asset.status:10}", f"{asset.size or 0:>13,}", asset.filename)


@assets.command("rm")
@click.argument("asset_ids", metavar="ASSET_ID...", nargs=-1, required=True)
@click.option("--force", is_flag=True, help="Delete it even if it is in an index.")
@yes
def delete_assets(asset_ids: tuple[str, ...], force: bool, yes: bool) -> None:
    """Delete assets for good; prints the ids of those that are gone."""
    from ..sync import TwelveLabs

    with connect(TwelveLabs) as client:
        _delete(asset_ids, yes, lambda asset_id: client.assets.delete(asset_id, force=force or None))


@click.group()
def indexes() -> None:
    """Make, list and delete indexes."""


@indexes.command("ls")
@as_json
def list_indexes(as_json: bool) -> None:
    """Print the id, number of videos and name of each index, the newest first."""
    from ..options import MAX_PAGE_LIMIT
    from ..sync import TwelveLabs

    with connect(TwelveLabs) as client:
        for index in client.indexes.list(page_limit=MAX_PAGE_LIMIT):
            show(index, as_json, index.id, f"{index.video_count or 0:>7,.0f}", index.index_name)


@indexes.command("create")
@click.argument("name")
@click.option(
    "--model",
    "models",
    multiple=True,
    default=["marengo3.0"],
    show_default=True,
    help="A model that is to look at the videos' pictures and sound; may be given several times.",
)
def create_index(name: str, models: tuple[str, ...]) -> None:
    """Make an index, unless there is one with this name; prints its id."""
    from ..models.indexes import IndexesCreateRequestModelsItem
    from ..sync import TwelveLabs

    with connect(TwelveLabs) as client:
        wanted = [
            IndexesCreateRequestModelsItem(model_name=model, model_options=["visual", "audio"]) for model in models
        ]
        click.echo(client.indexes.ensure(name, models=wanted).id)


@indexes.command("rm")
@click.argument("index_ids", metavar="INDEX_ID...", nargs=-1, required=True)
@yes
def delete_indexes(index_ids: tuple[str, ...], yes: bool) -> None:
    """Delete indexes for good, with all that is indexed in them; the assets stay.

    Prints the ids of those that are gone.
    """
    from ..sync import TwelveLabs

    with connect(TwelveLabs) as client:
        _delete(index_ids, yes, client.indexes.delete)


def _delete(ids: tuple[str, ...], yes: bool, delete: Callable[[str], None]) -> None:
    """Delete one after the other; one that cannot be deleted does not keep the others."""
    from ..errors import BadRequestError, ConflictError, NotFoundError

    if not yes:
        click.confirm(f"Delete {', '.join(ids)} for good?", abort=True, err=True)
    failed = False
    for one in ids:
        try:
            delete(one)
        except (BadRequestError, ConflictError, NotFoundError) as error:
            failed = True
            click.echo(f"{one}: {error}", err=True)
        else:
            click.echo(one)
    if failed:
        click.get_current_context().exit(FAILED)
