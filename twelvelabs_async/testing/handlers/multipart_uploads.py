"""Multipart uploads: sessions, presigned URLs and reports of stored parts."""

from __future__ import annotations

from ..clock import rfc3339
from ..problem import Json, invalid
from ..requests import assets as requests
from ..requests.common import Page
from ..state import Upload
from ..state.assets import URL_LIFETIME_SECONDS
from ..views import assets as views
from ..views.page import page
from .assets import without_empty
from .operation import Context, operation
from .tables import find

PATH = "/assets/multipart-uploads"


def _find_active(context: Context, upload_id: str) -> Upload:
    upload = find(context.state.uploads, upload_id, "upload", 404)
    if (status := upload.status(context.now())) != "active":
        raise invalid("upload_id", f"must name an upload that is active; {upload.id} is {status}")
    return upload


@operation("POST", PATH, status=201)
def create(context: Context, request: requests.CreateUpload) -> Json:
    state, headers = context.state, context.state.settings.upload_headers
    upload = state.add_upload(
        request.filename,
        request.total_size,
        user_metadata=without_empty(request.user_metadata),
        enable_hls=request.enable_hls,
        enable_thumbnail=request.enable_thumbnail,
    )
    count = min(upload.total_chunks, state.settings.urls_per_session)
    return views.new_upload(upload, context.storage.presign(upload, 1, count, headers), headers)


@operation("GET", PATH)
def list_(context: Context, request: Page) -> Json:
    now = context.now()
    active = [upload for upload in reversed(context.state.uploads.values()) if upload.status(now) == "active"]
    return page(request, active, lambda upload: views.upload(upload, now))


@operation("GET", f"{PATH}/{{upload_id}}")
def retrieve(context: Context, request: Page, upload_id: str) -> Json:
    upload = find(context.state.uploads, upload_id, "upload", 404)
    parts = range(1, upload.total_chunks + 1)
    listed = page(request, parts, lambda number: views.upload_part(upload, number), field="uploaded_chunks")
    return views.upload_progress(upload, context.now()) | listed


@operation("POST", f"{PATH}/{{upload_id}}/presigned-urls")
def presign(context: Context, request: requests.PresignParts, upload_id: str) -> Json:
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
def report(context: Context, request: requests.ReportParts, upload_id: str) -> Json:
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


def _check(upload: Upload, part: requests.PartReport) -> None:
    """Require a report that agrees with what the storage has."""
    number = part.chunk_index
    if not 1 <= number <= upload.total_chunks:
        raise invalid("chunk_index", f"must be 1 to {upload.total_chunks}; got {number}")
    if part.proof.strip('"') != upload.etags.get(number):
        raise invalid("proof", f"must be the ETag of part {number}")
    if part.chunk_size != upload.part_size(number):
        raise invalid("chunk_size", f"must be {upload.part_size(number)} for part {number}; got {part.chunk_size}")
