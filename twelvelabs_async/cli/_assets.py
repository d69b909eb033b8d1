"""``assets``: list and delete uploaded files."""

from __future__ import annotations

import click

from ._client import create_client
from ._deletion import delete_each, yes_option
from ._output import as_json_option, format_count, print_result


@click.group()
def assets() -> None:
    """List and delete uploaded files."""


@assets.command("ls")
@click.option("--filename", help="Only assets with this file name.")
@as_json_option
def list_assets(filename: str | None, as_json: bool) -> None:
    """List assets, newest first.

    Prints the id, status, size in bytes and file name of each asset.
    """
    from ..options import MAX_PAGE_LIMIT
    from ..sync import TwelveLabs

    with create_client(TwelveLabs) as client:
        for asset in client.assets.list(page_limit=MAX_PAGE_LIMIT, filename=filename):
            columns = f"{asset.status!s:10}", f"{format_count(asset.size):>13}", asset.filename
            print_result(asset, as_json, asset.id, *columns)


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

        def describe(asset_id: str) -> str:
            asset = client.assets.retrieve(asset_id)
            return f"{asset.filename} ({format_count(asset.size)} bytes)"

        delete_each(asset_ids, describe, lambda asset_id: client.assets.delete(asset_id, force=force or None), yes=yes)
