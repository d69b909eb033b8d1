"""Files that JSON requests refer to."""

from __future__ import annotations

from typing import Literal

import attrs

from ...media.headers import Media
from ...media.types import MediaKind
from ..content import Content, complete
from ..converter import Mismatch
from ..parameters import public_url
from ..problem import Problem, not_ready
from .assets import name_in_url
from .operation import Context
from .tables import find

SUFFIXES: dict[MediaKind, str] = {"audio": "mp3", "document": "pdf", "image": "png", "video": "mp4"}


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
    media_type: MediaKind | None = None


def find_content(context: Context, kind: MediaKind, source: MediaSource, status: int = 404) -> Content:
    """Return what the platform understands of a file.

    Raises:
        Problem: The asset is unknown, for which *status* is on the operation's page, or not ready.
    """
    if source.asset_id is not None:
        asset = find(context.state.assets, source.asset_id, "asset", status)
        if (current := asset.status(context.now())) != "ready":
            raise Problem(400, "video_not_ready", not_ready("asset", asset.id, current))
        return asset.content
    filename = f"inline.{SUFFIXES[kind]}" if source.url is None else name_in_url(source.url)
    return Content(filename, complete(Media(), kind, filename), context.state.scripts.find(filename))


def find_indexed_content(context: Context, video_id: str) -> Content:
    """Return what the platform understands of an indexed asset.

    Raises:
        Problem: The indexed asset is unknown or not ready.
    """
    item = find(context.state.indexed_assets, video_id, "video", 404)
    if (current := item.status(context.now())) != "ready":
        raise Problem(400, "video_not_ready", not_ready("video", video_id, current))
    return item.asset.content
