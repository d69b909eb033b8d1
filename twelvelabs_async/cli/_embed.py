"""``embed``: make embeddings of files."""

from __future__ import annotations

from typing import Any, TypeAlias

import click

from ._bulk import bulk_options, run_in_bulk
from ._output import print_message

Inputs: TypeAlias = dict[str, "dict[str, list[str]] | None"]


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
    if settings["sink"] is None:
        print_message("The platform keeps embeddings for seven days. To write them to a table, pass --sink.")
    run_in_bulk(
        "embed",
        {"model_name": model_name, **_inputs(model_name, options, scopes)},
        lambda outcome: {"asset_id": outcome.asset_id, "task_id": outcome.task_id},
        **settings,
    )


def _inputs(model_name: str, options: tuple[str, ...], scopes: tuple[str, ...]) -> Inputs:
    """Return the parameters for each kind of file. ``None`` excludes a kind that has none of the options."""
    from ..bulk.operations.embedding_rules import kinds_of, valid_values

    inputs: Inputs = {}
    for kind in kinds_of(model_name):
        valid = valid_values(model_name, kind, "embedding_option") or options
        chosen = [option for option in options if option in valid]
        given = {"embedding_option": chosen} if chosen else {}
        if scopes and kind in ("audio", "video"):
            given["embedding_scope"] = [*scopes]
        if options and not chosen:
            inputs[kind] = None
        elif given:
            inputs[kind] = given
    if options and not any(inputs.values()):
        raise click.UsageError(f"--option {' '.join(options)}: {model_name} embeds no kind of file by it.")
    return inputs
