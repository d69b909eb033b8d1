"""``upload``: upload files as assets."""

from __future__ import annotations

from typing import Any

import click

from ._bulk import bulk_options, run_in_bulk


@click.command()
@bulk_options
def upload(**settings: Any) -> None:
    """Upload files as assets, many at once.

    A SOURCE is a folder, a file, a glob pattern, or a public URL. The files can be videos, audio files, images and
    documents.

    A journal records what was done. After an interruption, the same command resumes the run, and nothing is uploaded
    twice. Prints the outcome and the asset's id of each file.
    """
    run_in_bulk("upload", {}, lambda outcome: {"asset_id": outcome.asset_id}, prints_results=True, **settings)
