"""Storage of the emulated platform: another origin than the API's, with presigned URLs and errors as S3 has them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import attrs

from .clock import rfc3339
from .problem import Json
from .state import Asset, State, Upload
from .state.assets import URL_LIFETIME_SECONDS, PartUrl
from .streams import PLAYLIST


class StorageProblem(Exception):
    """Error response of the storage."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    @property
    def body(self) -> str:
        """Return the XML of the response."""
        return f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{self.code}</Code><Message>{self}</Message></Error>'


@attrs.define(eq=False)
class Storage:
    """Stored files and their URLs, which start with *base_url*; the server sets it when it listens."""

    state: State
    base_url: str = ""
    _has_pyav: bool = attrs.field(factory=lambda: find_spec("av") is not None, init=False)
    _secret: bytes = attrs.field(factory=secrets.token_bytes, init=False, repr=False)

    def url(self, path: str, name: str = "") -> str:
        """Return the presigned URL of a stored file, or of a file in a folder with one signature for all."""
        expires_at = str(int(self.state.now() + URL_LIFETIME_SECONDS))
        query = f"Expires={expires_at}&Signature={self._sign(path, expires_at)}"
        return f"{self.base_url}/storage/{path}{name and f'/{name}'}?{query}"

    def stream_url(self, asset: Asset) -> str:
        """Return the presigned URL of an asset's HLS playlist; without PyAV, of the file itself."""
        # Not a playlist's URL in both cases: Chromium takes the end of the name for the format.
        return self.url(f"hls/{asset.id}", PLAYLIST) if self._has_pyav else self.url(asset.id)

    def thumbnail_url(self, asset: Asset, moment: float = 0.0) -> str:
        """Return the presigned URL of a picture of an asset at a time in seconds."""
        return self.url(f"thumbnails/{asset.id}", f"{moment:g}.png")

    def presign(self, upload: Upload, first: int, count: int, headers: dict[str, str]) -> list[Json]:
        """Return presigned URLs of parts, as the API shows them."""
        urls: list[Json] = []
        for part in range(first, first + count):
            signature, expires_at = self.state.new_id(), self.state.now() + URL_LIFETIME_SECONDS
            upload.urls[signature] = PartUrl(part, expires_at, headers)
            url = f"{self.base_url}/storage/{upload.id}/{part}?X-Amz-Signature={signature}"
            urls.append({"chunk_index": part, "url": url, "expires_at": rfc3339(expires_at)})
        return urls

    def accept_part(
        self, upload_id: str, part: str, signature: str, headers: Mapping[str, str], size: int | None
    ) -> tuple[Upload, int]:
        """Check a part's request before its body is read; return the upload and the part number.

        Raises:
            StorageProblem: The request is refused.
        """
        now = self.state.now()
        if "x-api-key" in headers:
            raise StorageProblem(403, "AccessDenied", "The storage must not receive the API key.")
        upload = self._active(upload_id)
        url = upload.urls.get(signature)
        if url is None or str(url.part) != part:
            raise StorageProblem(403, "AccessDenied", "The URL is not valid, or was used before.")
        if now >= url.expires_at:
            raise StorageProblem(403, "AccessDenied", "Request has expired")
        if missing := [name for name, value in url.headers.items() if headers.get(name) != value]:
            reason = f"The headers {', '.join(missing)} of upload_headers are missing. The official SDK sends none."
            raise StorageProblem(403, "SignatureDoesNotMatch", reason)
        if size is None:
            raise StorageProblem(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
        if size != upload.part_size(url.part):
            raise StorageProblem(400, "InvalidPartSize", f"The part must have {upload.part_size(url.part)} bytes.")
        return upload, url.part

    def use_url(self, upload: Upload, signature: str) -> None:
        """Use up a presigned URL, which takes one upload.

        Raises:
            StorageProblem: Other requests used the URL or completed the upload in the meantime.
        """
        self._active(upload.id)
        if upload.urls.pop(signature, None) is None:
            raise StorageProblem(403, "AccessDenied", "The URL was used before.")

    def store_etag(self, upload: Upload, part: int, etag: str) -> None:
        """Set the ETag of a stored part. A part that is replaced must be reported again.

        Raises:
            StorageProblem: Other requests completed the upload in the meantime.
        """
        self._active(upload.id)
        upload.etags[part] = etag
        upload.reported.pop(part, None)

    def asset(self, path: str, query: Mapping[str, str]) -> Asset:
        """Return the asset of a presigned URL, whose path ends with the asset's id.

        Raises:
            StorageProblem: The URL is not valid, or there is no such asset.
        """
        expires_at, signature = query.get("Expires", ""), query.get("Signature", "")
        if not hmac.compare_digest(signature.encode(), self._sign(path, expires_at).encode()):
            raise StorageProblem(403, "SignatureDoesNotMatch", "The URL is not one that the API returned.")
        if self.state.now() >= int(expires_at):
            raise StorageProblem(403, "AccessDenied", "Request has expired")
        asset = self.state.assets.get(path.rpartition("/")[2])
        if asset is None:
            raise StorageProblem(404, "NoSuchKey", "The specified key does not exist.")
        return asset

    def path(self, asset: Asset) -> Path:
        """Return the location of an asset's bytes.

        Raises:
            StorageProblem: The asset has no bytes.
        """
        if asset.path is None:
            reason = "The asset has no bytes: its URL has no content. Set it by Emulator.serve()."
            raise StorageProblem(404, "NoSuchKey", reason)
        return asset.path

    def _active(self, upload_id: str) -> Upload:
        upload = self.state.uploads.get(upload_id)
        if upload is None or upload.status(self.state.now()) != "active":
            raise StorageProblem(404, "NoSuchUpload", "The upload does not exist, is completed, or has expired.")
        return upload

    def _sign(self, path: str, expires_at: str) -> str:
        return hmac.new(self._secret, f"{path} {expires_at}".encode(), hashlib.sha256).hexdigest()


def write_part(upload: Upload, part: int, content: bytes) -> str:
    """Write a part to its place in the file and return its ETag."""
    with upload.path.open("r+b") as file:
        file.seek((part - 1) * upload.chunk_size)
        file.write(content)
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
