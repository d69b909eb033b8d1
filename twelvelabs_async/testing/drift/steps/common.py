"""Requests and files of steps for several resources."""

from __future__ import annotations

from typing import Any, Final

from ...sample import sample_clip
from ..step import Step

CLIP_BYTES: Final = sample_clip().stat().st_size
CLIP_MINUTES: Final = 0.2
READY: Final = ("ready", "failed")
VIDEO: Final = {"type": "asset_id", "asset_id": "$ready_asset"}
MEDIA: Final = {"media_source": {"asset_id": "$ready_asset"}}
PICTURE: Final = {"media_source": {"asset_id": "$ready_picture"}}


def billed(name: str, request: str, **values: Any) -> Step:
    """Return a step that works on the clip."""
    return Step(name, request, minutes=CLIP_MINUTES, **values)
