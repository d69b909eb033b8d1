"""Bodies with the shapes and the usual sizes of the API's responses."""

from __future__ import annotations

import json
import random
from typing import Any, Final

INDEX_ID: Final = "6650a1b2c3d4e5f6a7b8c9d0"
PAGE_LIMIT: Final = 50
PAGES: Final = 200
CHUNK_SIZE: Final = 5 * 1024 * 1024

_random: Final = random.Random(13)


def _id() -> str:
    return f"{_random.getrandbits(96):024x}"


def indexed_asset(number: int) -> dict[str, Any]:
    """Return an item of a list of indexed assets."""
    return {
        "_id": _id(),
        "asset_id": _id(),
        "created_at": "2025-08-16T09:53:59.217Z",
        "updated_at": "2025-08-16T09:55:17.733Z",
        "indexed_at": "2025-08-16T09:56:08.104Z",
        "status": "ready",
        "system_metadata": {
            "filename": f"recording-{number:05d}.mp4",
            "duration": round(_random.uniform(10, 3600), 3),
            "fps": 29.97,
            "width": 1920,
            "height": 1080,
            "size": _random.randrange(10**6, 10**9),
        },
    }


def page(number: int, unknown: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a page of a list, with the fields *unknown* in each item; past the end it is empty, as the API's."""
    numbers = range(number * PAGE_LIMIT, (number + 1) * PAGE_LIMIT) if number <= PAGES else ()
    return {
        "data": [indexed_asset(position) | (unknown or {}) for position in numbers],
        "page_info": {
            "limit_per_page": PAGE_LIMIT,
            "page": number,
            "total_page": PAGES,
            "total_results": PAGES * PAGE_LIMIT,
        },
    }


def detail() -> dict[str, Any]:
    """Return an indexed asset."""
    return indexed_asset(1) | {
        "user_metadata": {"category": "documentary", "views": 1500, "featured": True, "rating": 4.5},
        "hls": {
            "video_url": f"https://media.example.com/{_id()}/stream/{_id()}.m3u8",
            "thumbnail_urls": [f"https://media.example.com/{_id()}/thumbnails/{i}.0000001.jpg" for i in range(3)],
            "status": "COMPLETE",
            "updated_at": "2025-08-16T09:55:17.733Z",
        },
    }


def search() -> dict[str, Any]:
    """Return a page of matches."""
    return {
        "data": [
            {
                "start": round(i * 7.25, 2),
                "end": round(i * 7.25 + 6, 2),
                "video_id": _id(),
                "rank": i + 1,
                "thumbnail_url": f"https://media.example.com/{_id()}/{i}.jpg?X-Amz-Signature={_id() * 16}",
                "transcription": "and that is where the river turns to the north " * 6,
            }
            for i in range(PAGE_LIMIT)
        ],
        "page_info": {
            "limit_per_page": PAGE_LIMIT,
            "total_results": 500,
            "page_expires_at": "2025-08-17T09:55:17Z",
            "next_page_token": f"{_id()}-1",
        },
        "search_pool": {"total_count": 100, "total_duration": 8731.5, "index_id": INDEX_ID},
    }


def transcription(segments: int = 2000) -> dict[str, Any]:
    """Return an indexed asset with its transcription."""
    words = [{"start": i * 0.5, "end": i * 0.5 + 0.4, "value": f"word{i % 100}"} for i in range(segments)]
    return detail() | {"transcription": words}


def embeddings(segments: int = 600, dimensions: int = 512) -> dict[str, Any]:
    """Return an indexed asset with its embeddings."""
    return detail() | {
        "embedding": {
            "model_name": "marengo3.0",
            "video_embedding": {
                "segments": [
                    {
                        "float": [round(_random.uniform(-0.1, 0.1), 10) for _ in range(dimensions)],
                        "start_offset_sec": i * 6.0,
                        "end_offset_sec": i * 6.0 + 6,
                        "embedding_option": "visual",
                        "embedding_scope": "clip",
                    }
                    for i in range(segments)
                ]
            },
        }
    }


def stream(events: int = 2000) -> list[dict[str, Any]]:
    """Return the events of a streamed analysis."""
    answer = {"generation_id": _id()}
    pieces = [{"event_type": "text_generation", "text": f" piece{i % 50}"} for i in range(events)]
    usage = {"input_tokens": 12_000, "output_tokens": events}
    return [
        {"event_type": "stream_start", "metadata": answer},
        *pieces,
        {"event_type": "stream_end", "finish_reason": "stop", "metadata": answer | {"usage": usage}},
    ]


def upload_session(total_size: int, storage: str) -> dict[str, Any]:
    """Return a session of a multipart upload, with a presigned URL for each part."""
    chunks = -(-total_size // CHUNK_SIZE)
    return {
        "upload_id": _id(),
        "asset_id": _id(),
        "upload_urls": [
            {
                "chunk_index": i + 1,
                "url": f"{storage}/{i}?X-Amz-Signature={_id()}",
                "expires_at": "2035-01-01T00:00:00Z",
            }
            for i in range(chunks)
        ],
        "upload_headers": {},
        "chunk_size": CHUNK_SIZE,
        "total_chunks": chunks,
        "expires_at": "2035-01-01T00:00:00Z",
    }


def upload_report(processed: int) -> dict[str, Any]:
    """Return the response to a report of parts."""
    return {"processed_chunks": processed, "duplicate_chunks": 0, "total_completed": processed}


def encoded(data: object) -> bytes:
    """Return JSON as the API writes it."""
    return json.dumps(data, separators=(",", ":")).encode()
