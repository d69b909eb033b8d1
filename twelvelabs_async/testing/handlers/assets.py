"""Assets: their upload in one request, and their metadata."""

from __future__ import annotations

import mimetypes
from pathlib import PurePosixPath
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import attrs

from ...media.facts import Media
from ...media.types import MediaKind, kind_of
from ..content import mime_type
from ..converter import UploadedFile
from ..formats import START_BYTES, fits, is_live
from ..parameters import Page, public_url, user_metadata, within
from ..problem import Json, Problem, missing, not_ready
from ..refusals import DOCUMENT_CONTENT, FILE_FORMAT, LIVE_STREAM
from ..state import Asset, State
from ..storage import Storage
from .operation import Context, operation
from .tables import attributes, find, page

MAX_DIRECT_UPLOAD_BYTES = 200 * 1000 * 1000
"""Largest file of a direct upload (docs: Direct uploads)."""
MAX_FILENAME_CHARACTERS = 255


@attrs.frozen(kw_only=True)
class CreateAsset:
    method: Literal["direct", "url"]
    url: str | None = attrs.field(default=None, validator=public_url)
    filename: str | None = attrs.field(default=None, validator=within(1, MAX_FILENAME_CHARACTERS))
    file: UploadedFile | None = None
    user_metadata: Json = attrs.field(factory=dict[str, Any], validator=user_metadata)
    enable_hls: bool = True
    enable_thumbnail: bool = True


@attrs.frozen(kw_only=True)
class ListAssets(Page):
    asset_ids: list[str] = attrs.field(factory=list[str])
    asset_types: list[MediaKind] = attrs.field(factory=list[MediaKind])
    filename: str = ""


@attrs.frozen(kw_only=True)
class DeleteAsset:
    force: bool = False


@attrs.frozen(kw_only=True)
class ChangeMetadata:
    user_metadata: Json = attrs.field(validator=user_metadata)


def asset_json(found: Asset, now: float, storage: Storage) -> Json:
    """Return an asset with all details."""
    status, shown = found.status(now), asset_summary_json(found, now)
    is_ready, derived = status == "ready", {"failed": "error"}.get(status, status)
    if found.enable_hls and found.kind in ("video", "audio"):
        url = {"manifest_url": storage.stream_url(found)} if is_ready else {}
        shown["hls"] = {"status": derived, **url}
    if found.enable_thumbnail and not found.file_type.startswith("text/"):
        url = {"representative_url": storage.thumbnail_url(found)} if is_ready else {}
        shown["thumbnail"] = {"status": derived, **url}
    if status == "failed":
        shown["error"] = {"message": found.failure or "The upload expired."}
    if is_ready:
        shown |= {"size": found.size, "technical_metadata": _technical_metadata(found)}
        shown |= {"duration": found.media.duration} if found.media.duration is not None else {}
    return shown


def asset_summary_json(found: Asset, now: float) -> Json:
    """Return an asset as the response to its creation has it."""
    shown: Json = {
        "_id": found.id,
        **attributes(found, "method", "status", "filename", "file_type", "created_at", now=now),
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
    facts |= found.document
    if location := found.content.location:
        facts["geospatial_latitude"], facts["geospatial_longitude"] = location
    if found.kind == "image":
        facts |= {"image_width": media.width, "image_height": media.height, "image_format": media.container}
    return {name: value for name, value in facts.items() if value is not None}


def find_asset(state: State, identifier: str, status: int = 400) -> Asset:
    """Return an asset. The id of an indexed asset, which is often taken for it, gets an error that names its asset."""
    if identifier not in state.assets and (indexed := state.indexed_assets.get(identifier)):
        raise Problem(
            status,
            "resource_not_exist",
            f"{identifier} is the id of an indexed asset, and not of an asset. Its asset_id is {indexed.asset.id}.",
        )
    return find(state.assets, identifier, "asset", status)


def find_ready_asset(context: Context, identifier: str, status: int = 400) -> Asset:
    """Return an asset that can be indexed."""
    asset = find_asset(context.state, identifier, status)
    if (current := asset.status(context.now())) != "ready":
        raise Problem(400, "parameter_invalid", not_ready("asset", asset.id, current))
    return asset


def without_empty(metadata: Json) -> Json:
    """Return the metadata of a new resource; the API drops empty values."""
    return {key: value for key, value in metadata.items() if value is not None and value not in ("", [])}


def merge(stored: Json, changes: Json) -> None:
    """Apply a PATCH: `None` deletes a key; an empty string and an empty list change nothing."""
    for key, value in changes.items():
        if value is None:
            stored.pop(key, None)
        elif value not in ("", []):
            stored[key] = value


def name_in_url(address: str) -> str:
    """Return the file name in a public URL."""
    url = urlsplit(address)
    return PurePosixPath(unquote(url.path)).name or url.hostname or ""


def create_asset(
    state: State, file: UploadedFile | None, url: str | None, filename: str | None = None, **fields: Any
) -> Asset:
    """Create an asset of a file in a form, or else of a URL's content."""
    if file is not None:
        asset = state.add_asset("direct", filename or file.name, **fields)
        state.receive_file(asset, file.path, file.size, file.content_type)
    else:
        asset = state.add_asset("url", filename or name_in_url(url or ""), **fields)
        state.receive_url(asset, url or "")
    return asset


@operation("POST", "/assets", status=201, max_file_bytes=MAX_DIRECT_UPLOAD_BYTES)
def create(context: Context, request: CreateAsset) -> Json:
    file, url = (request.file, None) if request.method == "direct" else (None, request.url)
    if file is None and url is None:
        raise missing("file" if request.method == "direct" else "url")
    _check_format(context, file, url or "")
    asset = create_asset(
        context.state,
        file,
        url,
        request.filename,
        user_metadata=without_empty(request.user_metadata),
        enable_hls=request.enable_hls,
        enable_thumbnail=request.enable_thumbnail,
    )
    return asset_summary_json(asset, context.now())


def _check_format(context: Context, file: UploadedFile | None, url: str) -> None:
    """Refuse a file in a format that the API does not take.

    Raises:
        Problem: The extension is unknown, a document has other content, or the stream is live.
    """
    state = context.state
    name = file.name if file else name_in_url(url)
    if name.lower().endswith(".m3u8"):
        if is_live(first_bytes(state, url, file)):
            context.refuse(LIVE_STREAM, f"{name} is a live stream. Pass the manifest of a stream on demand.")
        return
    declared = file.content_type if file else mimetypes.guess_type(urlsplit(url).path)[0] or ""
    file_type = mime_type(name, declared, Media())
    kind = kind_of(file_type)
    if kind is None:
        formats = "video, audio, images, PDF, plain text and Markdown"
        context.refuse(FILE_FORMAT, f"The type {file_type} of {name} is not supported. Upload one of {formats}.")
    if kind == "document" and not fits(file_type, first_bytes(state, url, file)):
        context.refuse(DOCUMENT_CONTENT, f"The content of {name} does not fit its extension.")


def first_bytes(state: State, url: str, file: UploadedFile | None = None) -> bytes:
    """Return the beginning of a file, as far as the emulator has its content."""
    served = file.path if file else state.served.get(url, b"")
    if isinstance(served, bytes):
        return served[:START_BYTES]
    with served.open("rb") as opened:
        return opened.read(START_BYTES)


@operation("GET", "/assets")
def list_(context: Context, request: ListAssets) -> Json:
    found = [
        asset
        for asset in reversed(context.state.assets.values())
        if (not request.asset_ids or asset.id in request.asset_ids)
        and (not request.asset_types or asset.kind in request.asset_types)
        and request.filename.lower() in asset.filename.lower()
    ]
    now = context.now()
    return page(request, found, lambda asset: asset_json(asset, now, context.storage))


@operation("GET", "/assets/{asset_id}")
def retrieve(context: Context, asset_id: str) -> Json:
    return asset_json(find_asset(context.state, asset_id, 404), context.now(), context.storage)


@operation("DELETE", "/assets/{asset_id}", status=204)
def delete(context: Context, request: DeleteAsset, asset_id: str) -> None:
    asset = find_asset(context.state, asset_id)
    if not request.force and any(item.asset is asset for item in context.state.indexed_assets.values()):
        reason = f"Indexed assets reference the asset {asset.id}. Set force to true to delete it anyway."
        raise Problem(409, "asset_in_use", reason)
    del context.state.assets[asset.id]
    if asset.path is not None:
        asset.path.unlink(missing_ok=True)


@operation("PATCH", "/assets/{asset_id}/user-metadata")
def update_user_metadata(context: Context, request: ChangeMetadata, asset_id: str) -> Json:
    merge(find_asset(context.state, asset_id, 404).user_metadata, request.user_metadata)
    return {}


@operation("PUT", "/assets/{asset_id}/user-metadata")
def replace_user_metadata(context: Context, request: ChangeMetadata, asset_id: str) -> Json:
    find_asset(context.state, asset_id, 404).user_metadata = without_empty(request.user_metadata)
    return {}


@operation("DELETE", "/assets/{asset_id}/user-metadata")
def delete_user_metadata(context: Context, asset_id: str) -> Json:
    find_asset(context.state, asset_id, 404).user_metadata = {}
    return {}
