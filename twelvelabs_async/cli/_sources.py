"""Sources as arguments of commands: files, folders, patterns, URLs and ids of assets."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ._output import print_note

if TYPE_CHECKING:
    from ..bulk.options import Existing
    from ..sync import TwelveLabs


def is_source(text: str) -> bool:
    """Return whether *text* is a URL or the id of an asset, or names files that exist."""
    from ..bulk.folders import FileSelection, find_files

    return is_single(text) or next(find_files(text, FileSelection()), None) is not None


def is_single(text: str) -> bool:
    """Return whether *text* is a URL, the id of an asset, or a file that exists."""
    from .._urls import is_url
    from ..bulk.sources import ASSET_ID

    return is_url(text) or bool(ASSET_ID.fullmatch(text)) or os.path.isfile(os.path.expanduser(text))


def require_sources(sources: Sequence[str]) -> None:
    """Raise a `UsageError` if one of *sources* is no source."""
    for source in sources:
        if not is_source(source):
            raise click.UsageError(f"{source}: no such file, no file in that folder, or no file that matches.")


def find_asset(client: TwelveLabs, source: str, existing: Existing = "reuse") -> str:
    """Return the id of the asset of a single source, which is uploaded unless the platform has it."""
    from ..bulk.sources import ASSET_ID

    if ASSET_ID.fullmatch(source):
        return source
    print_note(f"Uploading {source}")
    [outcome] = client.bulk.upload(source, existing=existing)
    if outcome.error is not None:
        raise outcome.error
    asset_id = str(outcome.asset_id)
    found = "Found on the platform" if outcome.reused else "Uploaded"
    print_note(f"{found} as the asset {asset_id}, an id that stands for the file in further commands.")
    return asset_id
