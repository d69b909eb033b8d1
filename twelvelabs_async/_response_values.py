"""Validation of values in responses, with one form of error messages.

Models keep whatever a response contains. Values that the SDK itself uses are validated here first, such as the id in
the path of the next request, or the size of a part.
"""

from __future__ import annotations

import reprlib
from typing import Final, TypeVar

from ._api_key import MIN_SECRET_LENGTH
from .errors import MAY_BE_PROCESSED, APIResponseError
from .models._base import Model, models_of

T = TypeVar("T")

MAX_ID_CHARACTERS: Final = 1000
"""At most this many characters of an id, which becomes part of a URL."""

_bounded: Final = reprlib.Repr()
_bounded.maxstring = _bounded.maxother = 100


class _Discreet(reprlib.Repr):
    """Reprs without text that may be a secret: a server may repeat the API key in any value."""

    def repr_str(self, x: str, level: int) -> str:
        return f"<{len(x)} characters>" if len(x) >= MIN_SECRET_LENGTH else repr(x)

    def repr_instance(self, x: object, level: int) -> str:
        return f"<{type(x).__name__}>" if isinstance(x, Model) else super().repr_instance(x, level)


_discreet: Final = _Discreet()


def shown(value: object) -> str:
    """Return a repr of *value* for an error message, which is short however large and deep the value is."""
    return _bounded.repr(value)


def unusable(request: object, name: str, value: object, expected: str, *, advice: str = "") -> APIResponseError:
    """Make the error for a value that the SDK cannot use.

    Args:
        request: The request, or what its response is about.
        name: Name of the value in the response.
        value: The value.
        expected: Description of a valid value.
        advice: What to do.
    """
    return APIResponseError(
        f"{request}: expected {expected} as {name!r} of the response; got {_discreet.repr(value)}. {advice}".rstrip()
    )


def require_id(request: object, name: str, value: object, *, advice: str = "") -> str:
    """Return an id that later requests and the journal can contain.

    Raises:
        APIResponseError: *value* is anything else.
    """
    if (
        isinstance(value, str)
        and value.isprintable()  # a lone surrogate is not
        and value.strip() not in ("", ".", "..")
        and len(value) <= MAX_ID_CHARACTERS
    ):
        return value
    raise unusable(request, name, value, "an id", advice=advice)


def created_id(request: str, value: object) -> str:
    """Return the id of what *request* has created, as `require_id` does."""
    return require_id(request, "id", value, advice=MAY_BE_PROCESSED)


def optional_text(request: object, name: str, value: object) -> str | None:
    """Return a string, or ``None`` if the response has none.

    Raises:
        APIResponseError: *value* is anything else.
    """
    if isinstance(value, str | None):
        return value
    raise unusable(request, name, value, "a string")


def require_integer(request: object, name: str, value: object, minimum: int) -> int:
    """Return an integer of at least *minimum*.

    Raises:
        APIResponseError: *value* is anything else.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= minimum:
        return value
    raise unusable(request, name, value, f"an integer of at least {minimum:,}")


def models_in(request: object, name: str, items: list[T] | None) -> list[T]:
    """Return the models in a list, which may be absent. Items of another type are skipped.

    Raises:
        APIResponseError: *items* is not a list.
    """
    if not isinstance(items, list | None):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise unusable(request, name, items, "a list")
    return models_of(items)
