"""JSON of assets and of multipart uploads."""

from __future__ import annotations

from ..clock import rfc3339
from ..problem import Json
from ..state import Asset, Upload
from ..storage import Storage


def asset(found: Asset, now: float, storage: Storage) -> Json:
    """Return an asset with all details."""
    status, shown = found.status(now), asset_summary(found, now)
    is_ready, derived = status == "ready", {"failed": "error"}.get(status, status)
    if found.enable_hls and found.kind in ("video", "audio"):
        url = {"manifest_url": storage.url(f"hls/{found.id}/manifest.m3u8")} if is_ready else {}
        shown["hls"] = {"status": derived, **url}
    if found.enable_thumbnail:
        url = {"representative_url": storage.url(f"thumbnails/{found.id}.jpg")} if is_ready else {}
        shown["thumbnail"] = {"status": derived, **url}
    if status == "failed":
        shown["error"] = {"message": found.content.failure("processing") or "The upload expired."}
    if is_ready:
        shown |= {"size": found.size, "technical_metadata": _technical_metadata(found)}
        shown |= {"duration": found.media.duration} if found.media.duration is not None else {}
    return shown


def asset_summary(found: Asset, now: float) -> Json:
    """Return an asset as the response to its creation has it."""
    shown: Json = {
        "_id": found.id,
        "method": found.method,
        "status": found.status(now),
        "filename": found.filename,
        "file_type": found.file_type,
        "created_at": rfc3339(found.created_at),
    }
    if found.user_metadata:
        shown["user_metadata"] = found.user_metadata
    if found.source:
        shown["source"] = {"type": "connector", "details": found.source}
    return shown


def _technical_metadata(found: Asset) -> Json:
    media = found.media
    facts: Json = {
        "file_size_bytes": found.size,
        "file_mime_type": found.file_type,
        "file_container_format": media.container,
        "has_audio": media.has_audio,
    }
    if found.kind == "video":
        video = {"width": media.width, "height": media.height, "fps": media.fps, "duration_seconds": media.duration}
        facts |= {f"video_{name}": value for name, value in video.items()}
        facts |= {"video_streams": [video], "total_video_streams": 1, "total_audio_streams": int(bool(media.has_audio))}
    if media.has_audio:
        facts |= {"audio_duration_seconds": media.duration, "audio_streams": [{"duration_seconds": media.duration}]}
    if found.kind == "image":
        facts |= {"image_width": media.width, "image_height": media.height, "image_format": media.container}
    return {name: value for name, value in facts.items() if value is not None}


def transcription(found: Asset, segmentations: list[str]) -> Json:
    """Return the transcription of a ready asset in some segmentations."""
    sentences = found.content.sentences
    by_name: Json = {
        "words": [word for sentence in sentences for word in _words(sentence)],
        "sentences": sentences,
        "utterances": [{**sentence, "speaker": "speaker_0"} for sentence in sentences],
    }
    return {"status": "ready", **{name: by_name[name] for name in segmentations}}


def _words(sentence: Json) -> list[Json]:
    """Return the words of a sentence, with equal shares of its time."""
    values = str(sentence["value"]).split()
    share = (sentence["end"] - sentence["start"]) / max(1, len(values))
    return [
        {"start": sentence["start"] + share * number, "end": sentence["start"] + share * (number + 1), "value": value}
        for number, value in enumerate(values)
    ]


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


def upload_progress(found: Upload, now: float) -> Json:
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


def upload_part(found: Upload, number: int) -> Json:
    reported_at = found.reported.get(number)
    return {
        "index": number,
        "status": "pending" if reported_at is None else "completed",
        "uploaded_at": None if reported_at is None else rfc3339(reported_at),
        "updated_at": rfc3339(reported_at or found.created_at),
    }
