"""A client with the key of a profile or of the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import click

from ._credentials import find_credentials
from ._errors import NoApiKeyError
from ._recordings import recorded, replayed

T = TypeVar("T")

ARGUMENTS: Final = f"{__name__}.arguments"
"""Arguments of the clients of a command, in its context."""


def create_client(client_class: Callable[..., T]) -> T:
    """Create a client with the API key of this command. The first one begins its recording or replay.

    Raises:
        NoApiKeyError: There is no API key.
    """
    from ..errors import TwelveLabsError

    context = click.get_current_context()
    if ARGUMENTS not in context.meta:
        context.meta[ARGUMENTS] = _client_arguments(context.find_root())
    try:
        return client_class(**context.meta[ARGUMENTS])
    except TwelveLabsError:
        raise NoApiKeyError from None


def _client_arguments(root: click.Context) -> Mapping[str, Any]:
    if replay := root.params["replay"]:
        return root.with_resource(replayed(replay))
    arguments = find_credentials().arguments
    if record := root.params["record"]:
        return root.with_resource(recorded(record, arguments))
    return arguments
