"""Arguments of searches, which several commands have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from ._named import find_entity, find_index, index_argument

if TYPE_CHECKING:
    from ..sync import TwelveLabs

F = TypeVar("F", bound=Callable[..., Any])

OPTIONS: Final = (
    index_argument,
    click.argument("query", required=False),
    click.option("--image", "images", multiple=True, metavar="FILE|URL", help="Image to search by. At most 10."),
    click.option(
        "--entity",
        "entities",
        multiple=True,
        metavar="NAME|ID",
        help="Person or thing of an entity collection that is to be seen. Can be repeated.",
    ),
    click.option(
        "--in",
        "search_options",
        multiple=True,
        type=click.Choice(["visual", "audio", "transcription"]),
        default=["visual", "audio"],
        show_default=True,
        help="Content to search. Can be repeated.",
    ),
)

limit_option = click.option(
    "--limit", type=click.IntRange(1), default=10, show_default=True, help="Maximum number of matches."
)


def query_options(command: F) -> F:
    """Add the index, the text and the options of a query."""
    return reduce(lambda decorated, option: option(decorated), reversed(OPTIONS), command)


def query_arguments(
    client: TwelveLabs,
    *,
    index: str,
    query: str | None,
    images: tuple[str, ...],
    entities: tuple[str, ...],
    search_options: tuple[str, ...],
) -> Mapping[str, Any]:
    """Return the arguments of ``client.search.query`` for the options of a command.

    Raises:
        UsageError: There is nothing to search for, or a name or file is unknown.
    """
    from .._urls import is_url

    files = [image for image in images if not is_url(image)]
    for file in files:
        if not Path(file).exists():
            raise click.BadParameter(f"{file}: no such file.", param_hint="--image")
    if not query and not images and not entities:
        raise click.UsageError("Pass a QUERY, --image or --entity.")
    index_id = find_index(client, index)
    # The platform finds an entity by its id between these signs (docs: Entity search).
    words = [*(f"<@{find_entity(client, name)}>" for name in entities), *filter(None, [query])]
    arguments: dict[str, Any] = {"index_id": index_id, "search_options": search_options}
    if words:
        arguments["query_text"] = " ".join(words)
    if images:
        arguments["query_media_type"] = "image"
        arguments["query_media_urls"] = [image for image in images if is_url(image)]
        arguments["query_media_files"] = files
    return arguments
