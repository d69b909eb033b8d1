"""Content of the files that JSON requests refer to."""

from __future__ import annotations

from ...media.headers import Media
from ..content import Content, Kind, complete
from ..problem import Problem
from ..requests.media import MediaSource
from .assets import name_in_url
from .operation import Context
from .tables import find

SUFFIXES: dict[Kind, str] = {"audio": "mp3", "document": "pdf", "image": "png", "video": "mp4"}


def find_content(context: Context, kind: Kind, source: MediaSource, status: int = 404) -> Content:
    """Return what the platform understands of a file.

    Raises:
        Problem: The asset is unknown, for which *status* is on the operation's page, or not ready.
    """
    if source.asset_id is not None:
        asset = find(context.state.assets, source.asset_id, "asset", status)
        if asset.status(context.now()) != "ready":
            state = asset.status(context.now())
            raise Problem(400, "video_not_ready", f"The asset {asset.id} is {state}. Wait until it is ready.")
        return asset.content
    filename = f"inline.{SUFFIXES[kind]}" if source.url is None else name_in_url(source.url)
    return Content(filename, complete(Media(), kind, filename), context.state.script(filename))


def find_indexed_content(context: Context, video_id: str) -> Content:
    """Return what the platform understands of an indexed asset.

    Raises:
        Problem: The indexed asset is unknown or not ready.
    """
    item = find(context.state.indexed_assets, video_id, "video", 404)
    if item.status(context.now()) != "ready":
        raise Problem(400, "video_not_ready", f"The video {video_id} is not ready. Wait until it is ready.")
    return item.asset.content
