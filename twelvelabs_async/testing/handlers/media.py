"""Files that JSON requests refer to."""

from __future__ import annotations

import base64
import binascii
import math
import re
from pathlib import PurePosixPath
from typing import Any, Literal

import attrs

from ...media.headers import Media
from ...media.types import MediaKind
from ..content import Content, complete
from ..converter import Mismatch
from ..formats import is_image
from ..parameters import public_url, within
from ..problem import Problem, invalid, not_ready
from .assets import find_asset, name_in_url
from .operation import Context

SUFFIXES: dict[MediaKind, str] = {"audio": "mp3", "document": "pdf", "image": "png", "video": "mp4"}
MAX_IMAGE_BYTES = 20 * 1000**2
"""Largest image of an analysis (docs: Synchronous analysis)."""
MAX_IMAGE_PIXELS = 16_777_216
IMAGE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp")
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", "")


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

    def decoded(self) -> bytes:
        """Return the bytes of a file in the request, whose padding may be missing; none for other files."""
        text = self.base64_string or ""
        try:
            return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        except binascii.Error:
            raise invalid("base64_string", "must be base64") from None


@attrs.frozen(kw_only=True)
class NamedSource(MediaSource):
    """File that a text refers to by name."""

    name: str | None = None
    media_type: MediaKind | None = None


def https_url(_: Any, field: attrs.Attribute[Any], value: str | None) -> None:
    """Require a URL that is encrypted."""
    if value is not None and not value.lower().startswith("https://"):
        raise invalid(field.name, "must be a public HTTPS URL")


@attrs.frozen(kw_only=True)
class ReferenceImage(MediaSource):
    """Image that a prompt or a segment definition refers to."""

    name: str = attrs.field(validator=within(1, 50))
    media_type: Literal["image"]
    url: str | None = attrs.field(default=None, validator=https_url)


@attrs.frozen(kw_only=True)
class AnalyzedImage(MediaSource):
    """Image that an analysis is about (docs: Synchronous analysis)."""

    name: str = attrs.field(validator=within(1, 50))
    url: str | None = attrs.field(default=None, validator=https_url)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if not re.fullmatch(r"\w+", self.name, re.ASCII):
            raise invalid("image.name", f"must have letters, digits and underscores only; got {self.name!r}")


def referenced_names(text: str) -> set[str]:
    """Return the names in the ``<@name>`` of a text."""
    return {*re.findall(r"<@([^>]+)>", text)}


def find_content(context: Context, kind: MediaKind, source: MediaSource, status: int = 404) -> Content:
    """Return what the platform understands of a file.

    Raises:
        Problem: The asset is unknown, for which *status* is on the operation's page, or not ready.
    """
    if source.asset_id is not None:
        asset = find_asset(context.state, source.asset_id, status)
        if (current := asset.status(context.now())) != "ready":
            raise Problem(400, "video_not_ready", not_ready("asset", asset.id, current))
        return asset.content
    filename = f"inline.{SUFFIXES[kind]}" if source.url is None else name_in_url(source.url)
    return Content(filename, complete(Media(), kind, filename), context.state.scripts.find(filename))


def find_image(context: Context, image: AnalyzedImage, status: int) -> Content:
    """Return what the platform understands of an image of an analysis.

    Raises:
        Problem: The file is no image, or too large, or an asset that is unknown or not ready.
    """
    content = find_content(context, "image", image, status)
    asset = context.state.assets.get(image.asset_id or "")
    if asset is not None:
        is_known, size = asset.file_type in IMAGE_TYPES, asset.size or 0
    elif image.url is not None:
        is_known, size = PurePosixPath(content.filename).suffix.lower() in IMAGE_SUFFIXES, 0
    else:
        decoded = image.decoded()
        is_known, size = is_image(decoded), len(decoded)
    if not is_known:
        raise invalid("image", f"must be a JPEG, PNG, WebP, GIF or BMP; {image.name} is none")
    pixels = math.prod((content.media.width or 0, content.media.height or 0))
    if size > MAX_IMAGE_BYTES or pixels > MAX_IMAGE_PIXELS:
        raise invalid("image", f"must have at most 20 MB and {MAX_IMAGE_PIXELS} pixels; {image.name} has more")
    return content
