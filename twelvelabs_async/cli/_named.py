"""Objects of the platform by their names, which people type in place of ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ._client import create_client

if TYPE_CHECKING:
    from ..sync import TwelveLabs

index_argument = click.argument("index")


def lookup_index(name: str) -> str:
    """Return the id of an index, with a client of its own if a request is needed. See `find_index`."""
    from ..sync import TwelveLabs

    with create_client(TwelveLabs) as client:
        return find_index(client, name)


def find_index(client: TwelveLabs, name: str) -> str:
    """Return the id of an index. Nothing is requested for what looks like an id.

    Args:
        client: The client.
        name: Name or id.

    Raises:
        UsageError: No index has this name.
    """
    from ..bulk.sources import ASSET_ID
    from ..options import MAX_PAGE_LIMIT

    if ASSET_ID.fullmatch(name):
        return name
    for index in client.indexes.list(index_name=name, page_limit=MAX_PAGE_LIMIT):
        if index.index_name == name:
            return index.id
    raise click.UsageError(f"No index has the name or id {name!r}. `twelvelabs-async indexes ls` lists the indexes.")


def find_entity(client: TwelveLabs, name: str) -> str:
    """Return the id of an entity. Nothing is requested for what looks like an id.

    Raises:
        UsageError: No entity has this name, or several have it.
    """
    from ..bulk.sources import ASSET_ID
    from ..options import MAX_PAGE_LIMIT

    if ASSET_ID.fullmatch(name):
        return name
    collections = client.entity_collections.list(page_limit=MAX_PAGE_LIMIT)
    found = [
        entity.id
        for collection in collections
        for entity in client.entity_collections.entities.list(collection.id, name=name, page_limit=MAX_PAGE_LIMIT)
        if entity.name == name
    ]
    if len(found) != 1:
        which = f"several entities have this name: {', '.join(found)}" if found else "no entity has this name"
        raise click.UsageError(f"{name!r}: {which}. Pass the id of one.")
    return found[0]
