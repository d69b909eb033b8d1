"""Routes of the emulated storage: parts of uploads, stored files, their streams and thumbnails."""

from __future__ import annotations

import asyncio
from pathlib import Path

import attrs
from aiohttp import web

from .pictures import picture
from .storage import Storage, StorageProblem, write_part
from .streams import PLAYLIST, STREAM_FILES, signed, stream

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, PUT",
    "Access-Control-Expose-Headers": "Content-Length, Content-Range, ETag",
}
"""Headers with which web pages of all origins may play and upload: the URLs are secrets, and no cookie counts."""
STREAM_TYPES = {".m3u8": "application/vnd.apple.mpegurl", ".m4s": "video/mp4", ".mp4": "video/mp4"}


@attrs.frozen(eq=False)
class StorageRoutes:
    """Handlers of the requests to the storage."""

    storage: Storage

    def add_to(self, app: web.Application) -> None:
        """Register the routes."""
        app.router.add_put("/storage/{upload_id}/{part}", self._store_part)
        app.router.add_get("/storage/{asset_id}", self._send_file)
        app.router.add_get(rf"/storage/hls/{{asset_id}}/{{name:{STREAM_FILES}}}", self._send_stream)
        app.router.add_get("/storage/thumbnails/{asset_id}/{moment}.png", self._send_thumbnail)

    async def _store_part(self, request: web.Request) -> web.Response:
        """Store a part of a multipart upload."""
        ids, signature, size = request.match_info, request.query.get("X-Amz-Signature", ""), request.content_length
        upload, part = self.storage.accept_part(ids["upload_id"], ids["part"], signature, request.headers, size)
        content = await request.read()
        self.storage.use_url(upload, signature)
        etag = await asyncio.to_thread(write_part, upload, part, content)
        self.storage.store_etag(upload, part, etag)
        return web.Response(headers={"ETag": f'"{etag}"'})

    async def _send_file(self, request: web.Request) -> web.StreamResponse:
        asset = self.storage.asset(request.match_info["asset_id"], request.query)
        return _file(self.storage.path(asset), asset.file_type)

    async def _send_stream(self, request: web.Request) -> web.StreamResponse:
        """Send a file of a stream, which is made when it is first asked for, or else redirect to the whole file."""
        asset_id, name = request.match_info["asset_id"], request.match_info["name"]
        asset = self.storage.asset(f"hls/{asset_id}", request.query)
        source, folder = self.storage.path(asset), self.storage.state.folder / f"hls-{asset_id}"
        is_streamed = await asyncio.to_thread(stream, source, folder)
        if name == PLAYLIST and not is_streamed:
            return web.Response(status=302, headers={"Location": self.storage.url(asset.id)})
        path = folder / name
        if not path.is_file():
            raise StorageProblem(404, "NoSuchKey", "The stream has no such file.")
        if name == PLAYLIST:
            text = signed(path.read_text(), request.query_string)
            return web.Response(text=text, content_type=STREAM_TYPES[path.suffix])
        return _file(path, STREAM_TYPES[path.suffix])

    async def _send_thumbnail(self, request: web.Request) -> web.StreamResponse:
        asset = self.storage.asset(f"thumbnails/{request.match_info['asset_id']}", request.query)
        try:
            moment = float(request.match_info["moment"])
        except ValueError:
            raise StorageProblem(404, "NoSuchKey", "The name of a thumbnail is a time in seconds.") from None
        content = await asyncio.to_thread(picture, asset.path, asset.filename, moment)
        return web.Response(body=content, content_type="image/png")


def _file(path: Path, media_type: str) -> web.FileResponse:
    """Return a file, or the range of it that the request asks for."""
    return web.FileResponse(path, headers={"Content-Type": media_type})
