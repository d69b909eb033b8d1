"""JSON of multipart uploads."""

from __future__ import annotations

from ..clock import rfc3339
from ..problem import Json
from ..state import Upload


def upload(found: Upload, now: float) -> Json:
    return {
        "upload_id": found.id,
        "status": found.status(now),
        "total_size": found.total_size,
        "chunk_size": found.chunk_size,
        "total_chunks": found.total_chunks,
        "created_at": rfc3339(found.created_at),
        "expires_at": rfc3339(found.expires_at),
    }


def new_upload(found: Upload, urls: list[Json], headers: dict[str, str]) -> Json:
    return {
        "upload_id": found.id,
        "asset_id": found.asset.id,
        "chunk_size": found.chunk_size,
        "total_chunks": found.total_chunks,
        "expires_at": rfc3339(found.expires_at),
        "upload_urls": urls,
        "upload_headers": headers,
    }


def progress(found: Upload, now: float) -> Json:
    return {
        "upload_id": found.id,
        "status": found.status(now),
        "total_size": found.total_size,
        "created_at": rfc3339(found.created_at),
        "updated_at": rfc3339(found.updated_at),
        "chunks_completed": len(found.reported),
        "chunks_failed": 0,
        "chunks_pending": found.total_chunks - len(found.reported),
        "uploaded_size": sum(found.part_size(part) for part in found.reported),
    }


def part(found: Upload, number: int) -> Json:
    reported_at = found.reported.get(number)
    return {
        "index": number,
        "status": "pending" if reported_at is None else "completed",
        "uploaded_at": None if reported_at is None else rfc3339(reported_at),
        "updated_at": rfc3339(reported_at or found.created_at),
    }
