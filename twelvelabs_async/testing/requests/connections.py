"""Requests of data connectors and imports."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlsplit

import attrs

from ..problem import invalid
from .common import within

MAX_IMPORTED_FILES = 100


def uri(_: Any, field: attrs.Attribute[Any], value: str) -> None:
    """Require a URI with a host."""
    try:
        host = urlsplit(value).hostname
    except ValueError:
        host = None
    if not host:
        raise invalid(field.name, f"must be a URI with a host; got {value!r}")


@attrs.frozen(kw_only=True)
class AuthorizeConnection:
    provider: Literal["google_drive"]
    redirect_uri: str = attrs.field(validator=uri)
    custom_id: str | None = attrs.field(default=None, validator=within(1, 1_000_000))


@attrs.frozen(kw_only=True)
class CreateRedirectUri:
    redirect_uri: str = attrs.field(validator=uri)


@attrs.frozen(kw_only=True)
class ImportItem:
    source_id: str


@attrs.frozen(kw_only=True)
class ImportFiles:
    items: list[ImportItem] = attrs.field(validator=within(1, MAX_IMPORTED_FILES))

    def __attrs_post_init__(self) -> None:
        if len({item.source_id for item in self.items}) < len(self.items):
            raise invalid("items", "must have a different source_id in each item")
