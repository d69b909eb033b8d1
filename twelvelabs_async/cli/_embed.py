"""``embed``: make embeddings of files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import click

from ._bulk import bulk_options, run_in_bulk
from ._output import print_note

Inputs: TypeAlias = dict[str, "dict[str, Any] | None"]


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
@click.option("--start", "start_sec", type=float, metavar="SECONDS", help="Start of the part to embed.")
@click.option("--end", "end_sec", type=float, metavar="SECONDS", help="End of the part to embed.")
@click.option(
    "--dimension", type=int, help="Length of an embedding: 128, 256 or 512, with Marengo 3.5.  [default: 512]"
)
@bulk_options
def embed(
    model_name: str,
    options: tuple[str, ...],
    scopes: tuple[str, ...],
    start_sec: float | None,
    end_sec: float | None,
    dimension: int | None,
    **settings: Any,
) -> None:
    """Make embeddings of files, many at once.

    A SOURCE is a folder, a file, a glob pattern, a public URL, or the id of an asset.

    A journal records what was done. After an interruption, the same command resumes the run, and nothing is uploaded
    or embedded twice. Prints the outcome and the embedding task's id of each file; on a terminal, only of files that
    failed.
    """
    if settings["sink"] is None:
        print_note("The platform keeps embeddings for seven days. To write them to a table, pass --sink.")
    of_timed = {"embedding_scope": [*scopes], "start_sec": start_sec, "end_sec": end_sec}
    inputs = _inputs(model_name, options, {name: value for name, value in of_timed.items() if value not in (None, [])})
    run_in_bulk(
        "embed",
        {"model_name": model_name, **inputs, **({} if dimension is None else {"embedding_dimension": dimension})},
        lambda outcome: {"asset_id": outcome.asset_id, "task_id": outcome.task_id},
        **settings,
    )


def _inputs(model_name: str, options: tuple[str, ...], of_timed: Mapping[str, Any]) -> Inputs:
    """Return the parameters for each kind of file. ``None`` excludes a kind that has none of the options.

    Args:
        model_name: The model.
        options: Content to embed.
        of_timed: Parameters of videos and audio files.
    """
    from ..bulk.operations.embedding_rules import kinds_of, valid_values

    inputs: Inputs = {}
    for kind in kinds_of(model_name):
        valid = valid_values(model_name, kind, "embedding_option") or options
        chosen = [option for option in options if option in valid]
        given = {"embedding_option": chosen} if chosen else {}
        if kind in ("audio", "video"):
            given.update(of_timed)
        if options and not chosen:
            inputs[kind] = None
        elif given:
            inputs[kind] = given
    if options and not any(inputs.values()):
        raise click.UsageError(f"--option {' '.join(options)}: {model_name} embeds no kind of file by it.")
    return inputs
