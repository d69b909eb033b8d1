"""Multipart uploads: sessions, presigned URLs and reports of stored parts."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from ..clock import rfc3339
from ..parameters import Page, user_metadata, within
from ..problem import Json, invalid
from ..state import Upload
from ..state.assets import URL_LIFETIME_SECONDS
from .assets import MAX_FILENAME_CHARACTERS, without_empty
from .operation import Context, operation
from .tables import attributes, find, page

PATH = "/assets/multipart-uploads"
MAX_PARTS_PER_CALL = 50
"""Parts in one request: URLs or reports (docs: Multipart uploads)."""
MAX_FILE_BYTES = {"video": 10 * 1000**3, "audio": 10 * 1000**3, "image": 32 * 1000**2}
"""Largest file by type (docs: Multipart uploads)."""


@attrs.frozen(kw_only=True)
class CreateUpload:
    filename: str = attrs.field(validator=within(1, MAX_FILENAME_CHARACTERS))
    type: Literal["video", "audio", "image"]
    total_size: int
    user_metadata: Json = attrs.field(factory=dict[str, Any], validator=user_metadata)
    enable_hls: bool = False
    enable_thumbnail: bool = False

    def __attrs_post_init__(self) -> None:
        most = MAX_FILE_BYTES[self.type]
        if not 1 <= self.total_size <= most:
            raise invalid("total_size", f"must be 1 to {most} for the type {self.type}; got {self.total_size}")


@attrs.frozen(kw_only=True)
class PresignParts:
    start: int
    count: int = attrs.field(validator=within(1, MAX_PARTS_PER_CALL))


@attrs.frozen(kw_only=True)
class PartReport:
    chunk_index: int
    chunk_size: int
    proof: str
    proof_type: Literal["etag"]


@attrs.frozen(kw_only=True)
class ReportParts:
    completed_chunks: list[PartReport] = attrs.field(validator=within(1, MAX_PARTS_PER_CALL))


def upload_json(found: Upload, now: float) -> Json:
    names = ("status", "total_size", "chunk_size", "total_chunks", "created_at", "expires_at")
    return {"upload_id": found.id, **attributes(found, *names, now=now)}


def progress_json(found: Upload, now: float) -> Json:
    return {
        "upload_id": found.id,
        **attributes(found, "status", "total_size", "created_at", "updated_at", now=now),
        "chunks_completed": len(found.reported),
        "chunks_failed": 0,
        "chunks_pending": found.total_chunks - len(found.reported),
        "uploaded_size": sum(found.part_size(part) for part in found.reported),
    }


def part_json(found: Upload, number: int) -> Json:
    reported_at = found.reported.get(number)
    return {
        "index": number,
        "status": "pending" if reported_at is None else "completed",
        "uploaded_at": None if reported_at is None else rfc3339(reported_at),
        "updated_at": rfc3339(reported_at or found.created_at),
    }


def _find_active(context: Context, upload_id: str) -> Upload:
    upload = find(context.state.uploads, upload_id, "upload", 404)
    if (status := upload.status(context.now())) != "active":
        raise invalid("upload_id", f"must name an upload that is active; {upload.id} is {status}")
    return upload


@operation("POST", PATH, status=201)
def create(context: Context, request: CreateUpload) -> Json:
    state, headers = context.state, context.state.settings.upload_headers
    upload = state.add_upload(
        request.filename,
        request.total_size,
        user_metadata=without_empty(request.user_metadata),
        enable_hls=request.enable_hls,
        enable_thumbnail=request.enable_thumbnail,
    )
    count = min(upload.total_chunks, state.settings.urls_per_session)
    return {
        "upload_id": upload.id,
        "asset_id": upload.asset.id,
        **attributes(upload, "chunk_size", "total_chunks", "expires_at"),
        "upload_urls": context.storage.presign(upload, 1, count, headers),
        "upload_headers": headers,
    }


@operation("GET", PATH)
def list_(context: Context, request: Page) -> Json:
    now = context.now()
    active = [upload for upload in reversed(context.state.uploads.values()) if upload.status(now) == "active"]
    return page(request, active, lambda upload: upload_json(upload, now))


@operation("GET", f"{PATH}/{{upload_id}}")
def retrieve(context: Context, request: Page, upload_id: str) -> Json:
    upload = find(context.state.uploads, upload_id, "upload", 404)
    parts = range(1, upload.total_chunks + 1)
    listed = page(request, parts, lambda number: part_json(upload, number), field="uploaded_chunks")
    return progress_json(upload, context.now()) | listed


@operation("POST", f"{PATH}/{{upload_id}}/presigned-urls")
def presign(context: Context, request: PresignParts, upload_id: str) -> Json:
    upload, now = _find_active(context, upload_id), context.now()
    start, last = request.start, request.start + request.count - 1
    if not 1 <= start <= last <= upload.total_chunks:
        raise invalid("start", f"must name parts from 1 to {upload.total_chunks}; got {start} to {last}")
    return {
        "upload_id": upload.id,
        "start_index": start,
        "count": request.count,
        "upload_urls": context.storage.presign(upload, start, request.count, {}),
        "generated_at": rfc3339(now),
        "expires_at": rfc3339(now + URL_LIFETIME_SECONDS),
    }


@operation("POST", f"{PATH}/{{upload_id}}")
def report(context: Context, request: ReportParts, upload_id: str) -> Json:
    upload, now = _find_active(context, upload_id), context.now()
    for part in request.completed_chunks:
        _check(upload, part)
    numbers = [part.chunk_index for part in request.completed_chunks]
    new = {number for number in numbers if number not in upload.reported}
    upload.updated_at = now
    upload.reported.update(dict.fromkeys(new, now))
    shown: Json = {
        "asset_id": upload.asset.id,
        "processed_chunks": len(new),
        "duplicate_chunks": len(numbers) - len(new),
        "total_completed": len(upload.reported),
    }
    if len(upload.reported) == upload.total_chunks:
        context.state.receive_file(upload.asset, upload.path, upload.total_size)
        shown["url"] = context.storage.url(upload.asset.id)
    return shown


def _check(upload: Upload, part: PartReport) -> None:
    """Require a report that agrees with what the storage has."""
    number = part.chunk_index
    if not 1 <= number <= upload.total_chunks:
        raise invalid("chunk_index", f"must be 1 to {upload.total_chunks}; got {number}")
    if part.proof.strip('"') != upload.etags.get(number):
        raise invalid("proof", f"must be the ETag of part {number}")
    if part.chunk_size != upload.part_size(number):
        raise invalid("chunk_size", f"must be {upload.part_size(number)} for part {number}; got {part.chunk_size}")
