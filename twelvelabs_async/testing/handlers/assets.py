"""Assets: their upload in one request, their metadata and their transcription."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from ..converter import UploadedFile
from ..problem import Json, Problem, invalid, missing
from ..requests import assets as requests
from ..state import Asset, State
from ..views import assets as views
from ..views.page import page
from .operation import Context, operation
from .tables import find

MAX_DIRECT_UPLOAD_BYTES = 200 * 1000 * 1000
"""Largest file of a direct upload (docs: Direct uploads)."""
SEGMENTATIONS = ("words", "sentences", "utterances")


def find_asset(state: State, identifier: str, status: int = 400) -> Asset:
    return find(state.assets, identifier, "asset", status)


def find_ready_asset(context: Context, identifier: str, status: int = 400) -> Asset:
    """Return an asset that can be indexed."""
    asset = find_asset(context.state, identifier, status)
    if (current := asset.status(context.now())) != "ready":
        wait = "Retrieve the asset until its status is ready, then try again"
        raise invalid("asset_id", f"must name an asset that is ready; {asset.id} is {current}. {wait}")
    return asset


def without_empty(metadata: Json) -> Json:
    """Return the metadata of a new resource; the API drops empty values."""
    return {key: value for key, value in metadata.items() if value is not None and value not in ("", [])}


def merge(stored: Json, changes: Json) -> None:
    """Apply a PATCH: `None` deletes a key, an empty string changes nothing."""
    for key, value in changes.items():
        if value is None:
            stored.pop(key, None)
        elif value != "":
            stored[key] = value


def name_in_url(address: str) -> str:
    """Return the file name in a public URL."""
    url = urlsplit(address)
    return PurePosixPath(unquote(url.path)).name or url.hostname or ""


def add_file(state: State, file: UploadedFile, filename: str | None = None, **fields: Any) -> Asset:
    """Create an asset of a file in a form."""
    asset = state.add_asset("direct", filename or file.name, **fields)
    state.receive_file(asset, file.path, file.size, file.content_type)
    return asset


def add_url(state: State, url: str, filename: str | None = None, **fields: Any) -> Asset:
    """Create an asset of a URL's content."""
    asset = state.add_asset("url", filename or name_in_url(url), **fields)
    state.receive_url(asset, url)
    return asset


@operation("POST", "/assets", status=201, max_file_bytes=MAX_DIRECT_UPLOAD_BYTES)
def create(context: Context, request: requests.CreateAsset) -> Json:
    fields: dict[str, Any] = {
        "user_metadata": without_empty(request.user_metadata),
        "enable_hls": request.enable_hls,
        "enable_thumbnail": request.enable_thumbnail,
    }
    if request.method == "direct":
        if request.file is None:
            raise missing("file")
        asset = add_file(context.state, request.file, request.filename, **fields)
    else:
        if request.url is None:
            raise missing("url")
        asset = add_url(context.state, request.url, request.filename, **fields)
    return views.asset_summary(asset, context.now())


@operation("GET", "/assets")
def list_(context: Context, request: requests.ListAssets) -> Json:
    found = [
        asset
        for asset in reversed(context.state.assets.values())
        if (not request.asset_ids or asset.id in request.asset_ids)
        and (not request.asset_types or asset.kind in request.asset_types)
        and request.filename.lower() in asset.filename.lower()
    ]
    now = context.now()
    return page(request, found, lambda asset: views.asset(asset, now, context.storage))


@operation("GET", "/assets/{asset_id}")
def retrieve(context: Context, asset_id: str) -> Json:
    return views.asset(find_asset(context.state, asset_id, 404), context.now(), context.storage)


@operation("DELETE", "/assets/{asset_id}", status=204)
def delete(context: Context, request: requests.DeleteAsset, asset_id: str) -> None:
    asset = find_asset(context.state, asset_id)
    if not request.force and any(item.asset is asset for item in context.state.indexed_assets.values()):
        reason = f"Indexed assets reference the asset {asset.id}. Set force to true to delete it anyway."
        raise Problem(409, "asset_in_use", reason)
    del context.state.assets[asset.id]
    if asset.path is not None:
        asset.path.unlink(missing_ok=True)


@operation("PATCH", "/assets/{asset_id}/user-metadata")
def update_user_metadata(context: Context, request: requests.ChangeMetadata, asset_id: str) -> Json:
    merge(find_asset(context.state, asset_id, 404).user_metadata, request.user_metadata)
    return {}


@operation("PUT", "/assets/{asset_id}/user-metadata")
def replace_user_metadata(context: Context, request: requests.ChangeMetadata, asset_id: str) -> Json:
    find_asset(context.state, asset_id, 404).user_metadata = without_empty(request.user_metadata)
    return {}


@operation("DELETE", "/assets/{asset_id}/user-metadata")
def delete_user_metadata(context: Context, asset_id: str) -> Json:
    find_asset(context.state, asset_id, 404).user_metadata = {}
    return {}


@operation("GET", "/assets/{asset_id}/transcription")
def retrieve_transcription(context: Context, request: requests.RetrieveTranscription, asset_id: str) -> Json:
    asset, segmentations = find_asset(context.state, asset_id, 404), ",".join(request.include).split(",")
    if not {*segmentations} <= {*SEGMENTATIONS}:
        raise invalid("include", f"must be some of {', '.join(SEGMENTATIONS)}; got {','.join(segmentations)!r}")
    if not asset.content.sentences:
        raise Problem(404, "resource_not_exist", f"The asset {asset.id} has no transcription.")
    status, failure = asset.status(context.now()), asset.content.failure("transcription")
    if status == "processing":
        return {"status": "processing"}
    if status == "failed" or failure:
        return {"status": "failed", "error": {"message": failure or "The asset failed."}}
    return views.transcription(asset, segmentations)
