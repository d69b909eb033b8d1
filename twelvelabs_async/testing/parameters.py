"""Parameters that many operations have, and validators of parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import urlsplit

import attrs

from ..options import is_given
from .converter import Moment, is_list, is_object
from .problem import Json, invalid

MAX_INTEGER = 2**53 - 1
"""Largest integer of user metadata: JSON readers that know doubles only lose digits of larger ones."""

EPOCH = Moment(0.0)

Validator = Callable[[Any, "attrs.Attribute[Any]", Any], None]


def within(low: float, high: float) -> Validator:
    """Require a number from *low* to *high*, or a value with that many items or characters."""

    def validate(_: Any, field: attrs.Attribute[Any], value: Any) -> None:
        if not is_given(value):
            return
        if isinstance(value, int | float):
            size, what = value, "must be {} to {}"
        else:
            size, what = len(value), f"must have {{}} to {{}} {'characters' if isinstance(value, str) else 'items'}"
        if not low <= size <= high:
            raise invalid(field.name, f"{what.format(f'{low:g}', f'{high:g}')}; got {size}")

    return validate


def has_host(uri: str) -> bool:
    """Return whether a text is a URI with a host."""
    try:
        return bool(urlsplit(uri).hostname)
    except ValueError:
        return False


def public_url(_: Any, field: attrs.Attribute[Any], value: str | None) -> None:
    """Require a URL with a host."""
    if value is not None and not (has_host(value) and urlsplit(value).scheme in ("http", "https")):
        raise invalid(field.name, "must be a public HTTP or HTTPS URL")


def not_null(_: Any, field: attrs.Attribute[Any], value: Any) -> None:
    """Refuse null, which otherwise stands for an absent field, where the type admits `None`."""
    if value is None:
        raise invalid(field.name, "must not be null")


def user_metadata(_: Any, field: attrs.Attribute[Any], value: Json | None) -> None:
    """Require scalars and lists of strings (docs: User-defined metadata)."""
    for key, item in (value or {}).items():
        texts = item if is_list(item) else [item] if is_object(item) else []
        if not all(isinstance(text, str) for text in texts):
            raise invalid(field.name, f"must hold strings, numbers, booleans or lists of strings; {key!r} does not")
        if isinstance(item, int) and abs(item) > MAX_INTEGER:
            too_large = f"must not hold integers beyond ±(2^53-1), such as {key!r}. Send a string instead"
            raise invalid(field.name, too_large)


@attrs.frozen(kw_only=True)
class Page:
    """Query of a list."""

    page: int = attrs.field(default=1, validator=within(1, MAX_INTEGER))
    page_limit: int = attrs.field(default=10, validator=within(1, 50))


@attrs.frozen(kw_only=True)
class SortedPage(Page):
    """Query of a list that can be sorted."""

    sort_by: Literal["created_at", "updated_at"] = "created_at"
    sort_option: Literal["asc", "desc"] = "desc"
