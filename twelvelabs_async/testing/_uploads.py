"""Multipart uploads: sessions, presigned URLs, the storage that takes the parts, reports of completed parts."""

from __future__ import annotations

import asyncio
import hashlib
import math
from pathlib import Path

import attrs
from aiohttp import web

from ._assets import ASSETS, Asset, reserve
from ._clock import Lifecycle, rfc3339
from ._http import page, read_json
from ._input import Json, a_list, an_object, find, integer, invalid, pick, required, text
from ._platform import PLATFORM

routes = web.RouteTableDef()

# docs: Multipart uploads
_SESSION_LIFETIME = 24 * 3600.0
_URL_LIFETIME = 3600.0
_MAX_PER_CALL = 50
_MAX_SIZES = {"video": 10 * 1000**3, "audio": 10 * 1000**3, "image": 32 * 1000**2}


@attrs.frozen
class PartUrl:
    """What a presigned URL is good for.

    Attributes:
        headers: What has to come with the part. Only the answer that begins a session tells of such headers, so URLs
            asked for later, perhaps by a process that never saw that answer, need none.
    """

    chunk: int
    expires_at: float
    headers: dict[str, str]


@attrs.define(eq=False)
class Upload:
    """An upload session. Parts are written straight to their place in the file.

    Attributes:
        etags: Of the parts in storage, by index from 1.
        reported: When each part was reported.
        urls: Those not used so far, by signature.
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
        return math.ceil(self.total_size / self.chunk_size)

    @property
    def expires_at(self) -> float:
        return self.created_at + _SESSION_LIFETIME

    def size_of(self, chunk: int) -> int:
        return min(self.chunk_size, self.total_size - (chunk - 1) * self.chunk_size)

    def status(self, now: float) -> str:
        if len(self.reported) == self.total_chunks:
            return "completed"
        return "expired" if now >= self.expires_at else "active"

    def show(self, now: float) -> Json:
        return {
            "upload_id": self.id,
            "status": self.status(now),
            "total_size": self.total_size,
            "chunk_size": self.chunk_size,
            "total_chunks": self.total_chunks,
            "created_at": rfc3339(self.created_at),
            "expires_at": rfc3339(self.expires_at),
        }

    def show_chunk(self, chunk: int) -> Json:
        reported = self.reported.get(chunk)
        return {
            "index": chunk,
            "status": "pending" if reported is None else "completed",
            "uploaded_at": None if reported is None else rfc3339(reported),
            "updated_at": rfc3339(reported or self.created_at),
        }


UPLOADS = web.AppKey("uploads", dict[str, Upload])
tables = (UPLOADS,)


def _find_active(request: web.Request) -> Upload:
    upload = find(request.app[UPLOADS], request.match_info["upload_id"], "upload", status=404)
    status = upload.status(request.app[PLATFORM].now())
    if status != "active":
        raise invalid("upload_id", f"the upload {upload.id} is {status}")
    return upload


def _presign(request: web.Request, upload: Upload, first: int, count: int, headers: dict[str, str]) -> list[Json]:
    platform = request.app[PLATFORM]
    urls: list[Json] = []
    for chunk in range(first, first + count):
        signature, expires_at = platform.new_id(), platform.now() + _URL_LIFETIME
        upload.urls[signature] = PartUrl(chunk, expires_at, headers)
        url = f"{platform.storage_url}/storage/{upload.id}/{chunk}?X-Amz-Signature={signature}"
        urls.append({"chunk_index": chunk, "url": url, "expires_at": rfc3339(expires_at)})
    return urls


@routes.post("/assets/multipart-uploads")
async def create(request: web.Request) -> web.Response:
    platform, body = request.app[PLATFORM], await read_json(request)
    filename, type_ = text(body, "filename"), text(body, "type", list(_MAX_SIZES))
    if len(filename) > 255:
        raise invalid("filename", "it has more than 255 characters")
    size = integer(required(body, "total_size"), "total_size", 1, _MAX_SIZES[type_])
    asset = reserve(request, "multipart", filename, body, hls=False)
    now, identifier = platform.now(), platform.new_id()
    upload = Upload(identifier, asset, size, platform.chunk_size, now, now, platform.folder / identifier)
    upload.path.touch()
    asset.lifecycle = Lifecycle(((now, "processing"), (upload.expires_at, "failed")))
    request.app[UPLOADS][upload.id] = upload
    count = min(upload.total_chunks, platform.urls_per_session)
    urls = _presign(request, upload, 1, count, platform.upload_headers)
    facts = pick(upload.show(now), "upload_id", "chunk_size", "total_chunks", "expires_at")
    sent = {"asset_id": asset.id, "upload_urls": urls, "upload_headers": platform.upload_headers}
    return web.json_response(facts | sent, status=201)


@routes.get("/assets/multipart-uploads")
async def list_incomplete_uploads(request: web.Request) -> web.Response:
    now = request.app[PLATFORM].now()
    uploads = [upload for upload in reversed(request.app[UPLOADS].values()) if upload.status(now) == "active"]
    return page(request, uploads, Upload.show)


@routes.get("/assets/multipart-uploads/{upload_id}")
async def get_status(request: web.Request) -> web.Response:
    upload = find(request.app[UPLOADS], request.match_info["upload_id"], "upload", status=404)
    facts = pick(upload.show(request.app[PLATFORM].now()), "upload_id", "status", "total_size", "created_at") | {
        "chunks_completed": len(upload.reported),
        "chunks_failed": 0,
        "chunks_pending": upload.total_chunks - len(upload.reported),
        "uploaded_size": sum(upload.size_of(chunk) for chunk in upload.reported),
        "updated_at": rfc3339(upload.updated_at),
    }
    chunks = range(1, upload.total_chunks + 1)
    return page(request, chunks, lambda chunk, _: upload.show_chunk(chunk), field="uploaded_chunks", also=facts)


@routes.post("/assets/multipart-uploads/{upload_id}/presigned-urls")
async def get_additional_presigned_urls(request: web.Request) -> web.Response:
    upload, body, now = _find_active(request), await read_json(request), request.app[PLATFORM].now()
    start = integer(required(body, "start"), "start", 1, upload.total_chunks)
    count = integer(required(body, "count"), "count", 1, min(_MAX_PER_CALL, upload.total_chunks - start + 1))
    answer = {
        "upload_id": upload.id,
        "start_index": start,
        "count": count,
        "upload_urls": _presign(request, upload, start, count, {}),
        "generated_at": rfc3339(now),
        "expires_at": rfc3339(now + _URL_LIFETIME),
    }
    return web.json_response(answer)


@routes.post("/assets/multipart-uploads/{upload_id}")
async def report_chunk_batch(request: web.Request) -> web.Response:
    upload, body, platform = _find_active(request), await read_json(request), request.app[PLATFORM]
    chunks = a_list(required(body, "completed_chunks"), "completed_chunks", 1, _MAX_PER_CALL)
    reported = [_proven(upload, an_object(chunk, "completed_chunks")) for chunk in chunks]
    new = {chunk for chunk in reported if chunk not in upload.reported}
    upload.updated_at = platform.now()
    upload.reported.update(dict.fromkeys(new, platform.now()))
    answer: Json = {
        "asset_id": upload.asset.id,
        "processed_chunks": len(new),
        "duplicate_chunks": len(reported) - len(new),
        "total_completed": len(upload.reported),
    }
    if len(upload.reported) == upload.total_chunks:
        upload.asset.receive(upload.path, upload.total_size)
        answer["url"] = f"{platform.storage_url}/storage/{upload.asset.id}"
    return web.json_response(answer)


def _proven(upload: Upload, report: Json) -> int:
    """The index of a chunk whose report agrees with what storage holds."""
    index = integer(required(report, "chunk_index"), "chunk_index", 1, upload.total_chunks)
    text(report, "proof_type", ["etag"])
    if text(report, "proof").strip('"') != upload.etags.get(index):
        raise invalid("proof", f"it is not the ETag of chunk {index}")
    integer(required(report, "chunk_size"), "chunk_size", upload.size_of(index), upload.size_of(index))
    return index


def _storage_error(status: int, code: str, message: str) -> web.Response:
    """An error of the storage, which is another origin and answers as S3 does."""
    body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return web.Response(status=status, text=body, content_type="application/xml")


def _store(path: Path, offset: int, part: bytes) -> str:
    """Write a part to its place; returns its ETag."""
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(part)
    return hashlib.md5(part, usedforsecurity=False).hexdigest()


@routes.put("/storage/{upload_id}/{chunk}")
async def put_part(request: web.Request) -> web.Response:
    platform = request.app[PLATFORM]
    upload = request.app[UPLOADS].get(request.match_info["upload_id"])
    signature = request.query.get("X-Amz-Signature", "")
    if "x-api-key" in request.headers:
        return _storage_error(403, "AccessDenied", "The API key has no business here.")
    if upload is None or upload.status(platform.now()) != "active":
        return _storage_error(404, "NoSuchUpload", "The upload does not exist, is completed, or has expired.")
    url = upload.urls.get(signature)
    if url is None or str(url.chunk) != request.match_info["chunk"]:
        return _storage_error(403, "AccessDenied", "The URL is not valid, or was used before.")
    if platform.now() >= url.expires_at:
        return _storage_error(403, "AccessDenied", "Request has expired")
    if any(request.headers.get(name) != value for name, value in url.headers.items()):
        return _storage_error(403, "SignatureDoesNotMatch", "A header of upload_headers is missing.")
    if request.content_length is None:
        return _storage_error(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
    if request.content_length != upload.size_of(url.chunk):
        return _storage_error(400, "InvalidPartSize", f"The part has to be {upload.size_of(url.chunk)} bytes.")
    part = await request.read()
    if upload.urls.pop(signature, None) is None:
        return _storage_error(403, "AccessDenied", "The URL was used before.")
    etag = await asyncio.to_thread(_store, upload.path, (url.chunk - 1) * upload.chunk_size, part)
    upload.etags[url.chunk] = etag
    upload.reported.pop(url.chunk, None)
    return web.Response(headers={"ETag": f'"{etag}"'})


@routes.get("/storage/{asset_id}")
async def get_file(request: web.Request) -> web.StreamResponse:
    asset = request.app[ASSETS].get(request.match_info["asset_id"])
    if asset is None or asset.path is None:
        return _storage_error(404, "NoSuchKey", "The specified key does not exist.")
    return web.FileResponse(asset.path)
