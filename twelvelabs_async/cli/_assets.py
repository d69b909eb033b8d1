"""``assets``: list and delete uploaded files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import click

from ._client import create_client
from ._deletion import Deletable, Kind, delete_each, yes_option
from ._listing import Column, listing_options, print_list
from ._output import format_count

if TYPE_CHECKING:
    from ..models.assets import AssetDetail

COLUMNS: Final[Sequence[Column[AssetDetail]]] = (
    Column("ID", lambda asset: asset.id),
    Column("STATUS", lambda asset: asset.status),
    Column("BYTES", lambda asset: format_count(asset.size), is_number=True),
    Column("FILE", lambda asset: asset.filename),
)


@click.group()
def assets() -> None:
    """List and delete uploaded files."""


@assets.command("ls")
@click.option("--filename", help="Only assets with this file name.")
@listing_options
def list_assets(filename: str | None, output: str) -> None:
    """List assets, newest first.

    Prints the id, status, size in bytes and file name of each asset.
    """
    from ..options import MAX_PAGE_LIMIT
    from ..sync import TwelveLabs

    with create_client(TwelveLabs) as client:
        found = client.assets.list(page_limit=MAX_PAGE_LIMIT, filename=filename)
        print_list(found, COLUMNS, output, empty="There are no assets.")


@assets.command("rm")
@click.argument("asset_ids", metavar="ASSET_ID...", nargs=-1, required=True)
@click.option("--force", is_flag=True, help="Delete assets even if they are in an index.")
@yes_option
def delete_assets(asset_ids: tuple[str, ...], force: bool, yes: bool) -> None:
    """Delete assets permanently.

    Prints the ids of the deleted assets.
    """
    from ..sync import TwelveLabs

    with create_client(TwelveLabs) as client:

        def find(asset_id: str) -> Deletable:
            asset = client.assets.retrieve(asset_id)
            return Deletable(asset_id, asset.filename, asset.size)

        def delete(asset_id: str) -> None:
            client.assets.delete(asset_id, force=force or None)

        delete_each(asset_ids, find, delete, Kind("asset", "assets", "bytes"), yes=yes)
