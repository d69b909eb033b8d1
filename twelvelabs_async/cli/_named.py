"""Objects of the platform by their names, which people type in place of ids."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import click

from ._client import create_client

if TYPE_CHECKING:
    from ..models.indexed_assets import IndexedAsset
    from ..sync import TwelveLabs

COMPLETION_SECONDS: Final = 2.0
"""Longest wait for the names that a shell completes."""


def complete_index(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of the indexes that begin with what is typed; nothing if the request failed."""
    from ..options import MAX_PAGE_LIMIT
    from ..sync import TwelveLabs

    with suppress(Exception), context.scope(cleanup=False), create_client(TwelveLabs) as client:
        indexes = client.indexes.list(
            page_limit=MAX_PAGE_LIMIT, request_options={"timeout_in_seconds": COMPLETION_SECONDS, "max_retries": 0}
        )
        return [name for index in indexes if _is_word(name := str(index.index_name)) and name.startswith(incomplete)]
    return []


def _is_word(name: str) -> bool:
    """Return whether a shell reads a name as it is, since it inserts what it completes without quotes."""
    return shlex.quote(name) == name and not name.startswith("-")


index_argument = click.argument("index", shell_complete=complete_index)


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
    raise click.UsageError(
        f"No index has the name or id {name!r}. `twelvelabs-async indexes ls` lists the indexes, and "
        "`twelvelabs-async indexes create` makes one."
    )


def find_video(client: TwelveLabs, index_id: str, name: str) -> str:
    """Return the id of a video in an index. Nothing is requested for what looks like an id.

    Raises:
        UsageError: No video has this file name, or several have it.
    """
    from ..bulk.sources import ASSET_ID
    from ..options import MAX_PAGE_LIMIT

    if ASSET_ID.fullmatch(name):
        return name
    videos = client.indexes.indexed_assets.list(index_id, filename=name, page_limit=MAX_PAGE_LIMIT)
    found = [video.id for video in videos if _filename(video) == name]
    return _only(name, "video", found, f"`twelvelabs-async videos ls {index_id}` lists the videos.")


def _filename(video: IndexedAsset) -> str | None:
    return getattr(video.system_metadata, "filename", None)


def _only(name: str, kind: str, ids: Sequence[str], hint: str = "") -> str:
    if not ids:
        raise click.UsageError(f"No {kind} has the name or id {name!r}. {hint}".strip())
    if len(ids) > 1:
        raise click.UsageError(f"Several have the name {name!r}: {', '.join(ids)}. Pass the id of one.")
    return ids[0]


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
    return _only(name, "entity", found)
