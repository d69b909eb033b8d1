"""A client with the settings of the environment."""

from __future__ import annotations

from typing import TypeVar

from ._errors import NoApiKeyError

T = TypeVar("T")


def create_client(client_class: type[T]) -> T:
    """Create a client with the API key of the environment.

    Raises:
        NoApiKeyError: There is no API key.
    """
    from ..errors import TwelveLabsError

    try:
        return client_class()
    except TwelveLabsError:
        raise NoApiKeyError from None
