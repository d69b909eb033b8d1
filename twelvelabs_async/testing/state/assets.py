"""Assets and multipart uploads."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any

import attrs

from ...media.headers import Media
from ...media.types import MediaKind
from ..clock import Job
from ..content import Content, Scripts, asset_kind

UPLOAD_LIFETIME_SECONDS = 24 * 3600.0
"""Lifetime of an upload session (docs: Multipart uploads)."""
URL_LIFETIME_SECONDS = 3600.0
"""Lifetime of a presigned URL (docs: Multipart uploads)."""

Metadata = dict[str, Any]


@attrs.define(eq=False, kw_only=True)
class Asset(Job):
    """Uploaded file.

    Attributes:
        method: Way of the upload: `direct`, `url`, `multipart` or `connector`.
        filename: File name, as uploaded or as the caller set it.
        file_type: MIME type.
        size: Size in bytes.
        media: Facts of the header. Facts that the header does not have are derived from the name.
        document: Technical metadata of a PDF.
        path: Location of the bytes while the emulator runs; `None` for a URL without content.
        failure: Reason why the asset fails; `None` if it does not.
        source: Provider and id of the file that the asset was imported from, if it was imported.
    """

    method: str
    filename: str
    scripts: Scripts
    file_type: str = "application/octet-stream"
    size: int = 0
    media: Media = attrs.field(factory=Media)
    document: Metadata = attrs.field(factory=dict[str, Any])
    path: Path | None = None
    user_metadata: Metadata = attrs.field(factory=dict[str, Any])
    enable_hls: bool = True
    enable_thumbnail: bool = False
    failure: str | None = None
    source: Metadata | None = None

    @property
    def content(self) -> Content:
        """Return the file as the platform understands it now."""
        return Content(self.filename, self.media, self.scripts.find(self.filename))

    @property
    def kind(self) -> MediaKind:
        """Return the kind of the file."""
        return asset_kind(self.file_type)

    @property
    def sha256(self) -> str:
        """Return the digest of the stored bytes, in hex, while the emulator runs.

        Raises:
            ValueError: The asset was created from a URL without content.
        """
        if self.path is None:
            raise ValueError(f"The asset {self.id} has no bytes: its URL has no content. Set it by Emulator.serve().")
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @property
    def facts(self) -> Metadata:
        """Return the facts that indexes and knowledge stores show and filter by."""
        media = {name: getattr(self.media, name) for name in ("duration", "fps", "width", "height")}
        known = {name: value for name, value in media.items() if value is not None}
        return {"filename": self.filename, **known, "size": self.size}


@attrs.frozen
class PartUrl:
    """Presigned URL of a part.

    Attributes:
        headers: Headers that the part's request must have. Only the response that creates a session names such headers,
            so URLs requested later need none.
    """

    part: int
    expires_at: float
    headers: dict[str, str]


@attrs.define(eq=False, kw_only=True)
class Upload:
    """Session of a multipart upload. Parts are written to their place in the file.

    Attributes:
        etags: ETags of the stored parts, by part number from 1.
        reported: Time of each part's report, by part number.
        urls: Presigned URLs that were not used, by signature.
    """

    id: str
    asset: Asset
    total_size: int
    chunk_size: int
    created_at: float
    updated_at: float
    path: Path
    etags: dict[int, str] = attrs.field(factory=dict[int, str])
    reported: dict[int, float] = attrs.field(factory=dict[int, float])
    urls: dict[str, PartUrl] = attrs.field(factory=dict[str, PartUrl])

    @property
    def total_chunks(self) -> int:
        """Return the number of parts."""
        return math.ceil(self.total_size / self.chunk_size)

    @property
    def expires_at(self) -> float:
        """Return the time at which the session expires."""
        return self.created_at + UPLOAD_LIFETIME_SECONDS

    def part_size(self, part: int) -> int:
        """Return the size of a part in bytes; the last one may be smaller."""
        return min(self.chunk_size, self.total_size - (part - 1) * self.chunk_size)

    def status(self, now: float) -> str:
        """Return the status at a time."""
        if len(self.reported) == self.total_chunks:
            return "completed"
        return "expired" if now >= self.expires_at else "active"
