"""URLs on a page: what may load a picture or a video, and from where."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

from .page import Group

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
"""Hosts that pages may load from without TLS: the emulator is one of them."""

_IMAGE_DATA: Final = re.compile(r"data:image/(png|jpeg|gif|webp|avif);base64,[A-Za-z0-9+/=]+")


def web_url(url: str | None) -> str | None:
    """Return a URL by https, or of a server on this machine, and ``None`` for all others."""
    try:
        parts = urlsplit(url or "")
        is_allowed = parts.scheme == "https" and bool(parts.hostname)
        return url if is_allowed or origin_without_tls(url) else None
    except ValueError:
        return None


def picture_url(url: str | None) -> str | None:
    """Return the URL of a picture, which may contain the picture, and ``None`` for one that a page does not load."""
    return url if url and _IMAGE_DATA.fullmatch(url) else web_url(url)


def origin_without_tls(url: str | None) -> str | None:
    """Return the origin of a URL by http of a server on this machine, and ``None`` for all others.

    It stands in the policy of a page, so that nothing else of the URL may be in it.

    Raises:
        ValueError: The URL is invalid.
    """
    parts = urlsplit(url or "")
    if parts.scheme != "http" or parts.hostname not in LOOPBACK:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"http://{host}" if parts.port is None else f"http://{host}:{parts.port}"


def video_url(group: Group, folder: Path | None) -> str | None:
    """Return the URL of a video: its file, else its stream, else ``None``.

    Args:
        group: The video.
        folder: Folder of the page, from which the path of a file begins. Default: the path is absolute.
    """
    if group.file is None:
        return web_url(group.stream)
    return web_url(group.file) or _file_url(group.file, folder)


def _file_url(file: str, folder: Path | None) -> str:
    path = Path(os.path.abspath(os.path.expanduser(file)))
    if folder is not None and folder.anchor == path.anchor:
        return "./" + quote(Path(os.path.relpath(path, folder)).as_posix())  # `a:b.mp4` alone would have a scheme
    return path.as_uri()
