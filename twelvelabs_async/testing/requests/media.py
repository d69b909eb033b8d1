"""Locations of media files in JSON requests."""

from __future__ import annotations

from typing import Literal

import attrs

from ..content import Kind
from ..converter import Mismatch
from .common import public_url


@attrs.frozen(kw_only=True)
class MediaSource:
    """Location of a file: a public URL, an asset, or the file itself."""

    type: Literal["url", "asset_id", "base64_string"] | None = None
    url: str | None = attrs.field(default=None, validator=public_url)
    asset_id: str | None = None
    base64_string: str | None = attrs.field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        given = [name for name in ("url", "asset_id", "base64_string") if getattr(self, name)]
        if len(given) != 1 or self.type not in (None, given[0]):
            raise Mismatch("must have its type, and exactly one of url, asset_id and base64_string")


@attrs.frozen(kw_only=True)
class NamedSource(MediaSource):
    """File that a text refers to by name."""

    name: str | None = None
    media_type: Kind | None = None
