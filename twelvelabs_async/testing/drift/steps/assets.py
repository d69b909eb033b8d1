"""Assets and uploads in parts."""

from __future__ import annotations

import json
from typing import Final

from ...problem import Json
from ..step import Step
from .common import CLIP_BYTES, READY

PART: Final[Json] = {"chunk_index": 1, "proof_type": "etag", "chunk_size": CLIP_BYTES}


def _asset(sample: str, keep: str, case: str = "") -> Step:
    """Return a step that uploads a sample."""
    return Step(
        "assets.create",
        "POST /assets",
        case=case,
        form={"method": "direct", "user_metadata": json.dumps({"team": "red", "take": 1})},
        files={"file": sample},
        keep={keep: "_id"},
        undo=f"/assets/${keep}",
    )


ASSETS: Final = (
    _asset("clip", "asset"),
    _asset("picture", "picture", case="picture"),
    _asset("picture", "second_picture", case="second picture"),
    _asset("text", "text", case="text"),
    _asset("garbage", "garbage", case="no media"),
    Step("assets.create", "POST /assets", case="unknown method", form={"method": "carrier"}, is_refused=True),
    Step("assets.retrieve", "GET /assets/$asset", until=READY, keep={"ready_asset": "_id"}),
    Step("assets.retrieve", "GET /assets/$picture", case="picture", until=READY, keep={"ready_picture": "_id"}),
    Step("assets.retrieve", "GET /assets/$text", case="text", until=READY, keep={"ready_text": "_id"}),
    Step("assets.retrieve", "GET /assets/$garbage", case="no media", until=("failed", "ready")),
    Step("assets.list", "GET /assets", query={"page_limit": 50}, own="asset"),
    Step("assets.list", "GET /assets", case="filtered", query={"asset_ids": ["$asset"], "asset_types": ["video"]}),
    Step("assets.list", "GET /assets", case="unknown type", query={"asset_types": ["statue"]}, is_refused=True),
    Step("assets.list", "GET /assets", case="wrong key", headers={"x-api-key": "tlk_$mark"}, is_refused=True),
    Step(
        "assets.update_user_metadata",
        "PATCH /assets/$asset/user-metadata",
        json={"user_metadata": {"team": None, "scene": "sky"}},
    ),
    Step(
        "assets.update_user_metadata",
        "PATCH /assets/$asset/user-metadata",
        case="nested value",
        json={"user_metadata": {"team": {"a": 1}}},
        is_refused=True,
    ),
    Step("assets.replace_user_metadata", "PUT /assets/$asset/user-metadata", json={"user_metadata": {"score": 0.5}}),
    Step(
        "assets.replace_user_metadata",
        "PUT /assets/$asset/user-metadata",
        case="nested value",
        json={"user_metadata": {"team": {"a": 1}}},
        is_refused=True,
    ),
    Step("assets.delete_user_metadata", "DELETE /assets/$asset/user-metadata"),
    Step(
        "assets.retrieve_transcription",
        "GET /assets/$ready_asset/transcription",
        query={"include": ["words", "sentences"]},
    ),
)

UPLOADS: Final = (
    Step(
        "multipart_upload.create",
        "POST /assets/multipart-uploads",
        json={"filename": "red_balloon_$mark.mp4", "type": "video", "total_size": CLIP_BYTES},
        keep={"upload": "upload_id", "upload_asset": "asset_id"},
        undo="/assets/$upload_asset",
    ),
    Step(
        "multipart_upload.list_incomplete_uploads",
        "GET /assets/multipart-uploads",
        query={"page_limit": 50},
        own="upload",
    ),
    Step("multipart_upload.get_status", "GET /assets/multipart-uploads/$upload"),
    Step(
        "multipart_upload.get_additional_presigned_urls",
        "POST /assets/multipart-uploads/$upload/presigned-urls",
        json={"start": 1, "count": 1},
        keep={"part_url": "upload_urls.0.url"},
    ),
    Step(
        "multipart_upload.get_additional_presigned_urls",
        "POST /assets/multipart-uploads/$upload/presigned-urls",
        case="no such part",
        json={"start": 5_000, "count": 1},
        is_refused=True,
    ),
    Step(
        "multipart_upload.report_chunk_batch",
        "POST /assets/multipart-uploads/$upload",
        case="wrong proof",
        json={"completed_chunks": [PART | {"proof": "0" * 32}]},
        is_refused=True,
    ),
    Step("a part of an upload", "PUT $part_url", keep={"etag": "header etag"}),
    Step(
        "multipart_upload.report_chunk_batch",
        "POST /assets/multipart-uploads/$upload",
        json={"completed_chunks": [PART | {"proof": "$etag"}]},
    ),
    Step("multipart_upload.get_status", "GET /assets/multipart-uploads/$upload", case="complete"),
)

LEFT_OVER: Final = Step(
    "assets.list",
    "GET /assets",
    case="by name",
    query={"filename": "red_balloon_$mark.mp4"},
    keep={"leftover": "data.0._id"},
    undo="/assets/$leftover",
)
"""Finds assets that the platform makes along with something else, or whose response was lost."""
