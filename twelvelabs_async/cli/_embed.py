"""``embed``: make embeddings of files."""

from __future__ import annotations

from typing import Any, Final

import click

from ._bulk import bulk_options, run_in_bulk
from ._output import print_message

OPTIONS: Final = {
    "audio": ("audio", "transcription"),
    "document": ("visual", "text"),
    "image": ("visual",),
    "video": ("visual", "audio", "transcription"),
}
"""Content that each kind of file can be embedded by (docs: Create an async embedding task)."""


@click.command()
@click.option("--model", "model_name", default="marengo3.0", show_default=True, help="Model of the embeddings.")
@click.option(
    "--option",
    "options",
    multiple=True,
    type=click.Choice(["visual", "audio", "transcription", "text"]),
    help="Content to embed. Can be repeated.  [default: all that the model embeds]",
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(["clip", "asset"]),
    help="Embeddings of clips, or of each file as a whole. Can be repeated.  [default: both]",
)
@bulk_options
def embed(model_name: str, options: tuple[str, ...], scopes: tuple[str, ...], **settings: Any) -> None:
    """Make embeddings of files, many at once.

    A SOURCE is a folder, a file, a glob pattern, a public URL, or the id of an asset.

    A journal records what was done. After an interruption, the same command resumes the run, and nothing is uploaded
    or embedded twice. Prints the outcome and the embedding task's id of each file; on a terminal, only of files that
    failed.
    """
    inputs = {kind: _input(kind, options, scopes) for kind in OPTIONS}
    if settings["sink"] is None:
        print_message("The platform keeps embeddings for seven days. To write them to a table, pass --sink.")
    run_in_bulk(
        "embed",
        {"model_name": model_name, **{kind: given for kind, given in inputs.items() if given}},
        lambda outcome: {"asset_id": outcome.asset_id, "task_id": outcome.task_id},
        **settings,
    )


def _input(kind: str, options: tuple[str, ...], scopes: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the parameters for a kind of file."""
    given: dict[str, list[str]] = {}
    if options:  # if none of them is valid for this kind, the API refuses its files
        given["embedding_option"] = [option for option in options if option in OPTIONS[kind]] or [*options]
    if scopes and kind in ("audio", "video"):
        given["embedding_scope"] = [*scopes]
    return given
