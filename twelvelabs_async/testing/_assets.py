"""Assets: uploaded files, their processing, their metadata, their transcription."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import attrs
from aiohttp import web

from ..media.headers import Media, read_media
from ._clock import Job, Lifecycle, rfc3339
from ._content import Content, Kind, complete, kind_of, mime_type
from ._http import Form, answer, page, read_form, read_json
from ._indexes import indexed_assets
from ._input import Json, Refused, boolean, find, invalid, known, missing, pick, required, text, texts
from ._metadata import merge_metadata, metadata, new_metadata
from ._platform import PLATFORM, Platform, seconds

routes = web.RouteTableDef()

# docs: Direct uploads. Larger files go through multipart uploads.
_MAX_FILE_SIZE = 200 * 1000 * 1000


@attrs.define(eq=False)
class Asset(Job):
    """An uploaded file.

    Attributes:
        id: The asset's id.
        filename: As uploaded, or as the caller named it.
        file_type: MIME type.
        size: Bytes.
        media: Facts from the file's header; those it does not tell are derived from the name.
        path: Where the bytes are while the emulator runs; `None` for a URL that nothing was served for.
        source: The file it was imported from, if it was.
    """

    platform: Platform
    method: str
    filename: str
    user_metadata: Json
    enable_hls: bool
    enable_thumbnail: bool
    file_type: str = "application/octet-stream"
    size: int = 0
    media: Media = attrs.field(factory=Media)
    path: Path | None = None
    source: Json | None = None

    @property
    def sha256(self) -> str:
        """Digest of the stored bytes, in hex; to be read while the emulator runs."""
        if self.path is None:
            raise ValueError("this asset was created from a URL that no bytes were served for")
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @property
    def content(self) -> Content:
        return Content(self.filename, self.media, self.platform.scripted(self.filename))

    @property
    def kind(self) -> Kind:
        return kind_of(self.file_type)

    @property
    def facts(self) -> Json:
        """What indexes and knowledge stores tell of the file, as far as it is known."""
        media = self.media
        facts = {"duration": media.duration, "fps": media.fps, "width": media.width, "height": media.height}
        return known({"filename": self.filename, **facts, "size": self.size})

    def receive(self, path: Path | None, size: int, declared_type: str = "") -> None:
        """Take the file and start processing it."""
        self.path, self.size = path, size
        media = Media()
        if path is not None:
            with path.open("rb") as file:
                media = read_media(file)
        self.file_type = mime_type(self.filename, declared_type, media)
        self.media = complete(media, self.kind, self.filename)
        outcome = "failed" if self.content.failure("processing") else "ready"
        done = self.platform.now() + seconds(self.platform.processing_time, self.filename)
        self.lifecycle = Lifecycle(((self.created_at, "processing"), (done, outcome)))

    def fetch(self, address: str) -> None:
        """Take what is served at an address and start processing it."""
        served = self.platform.served.get(address)
        if served is None:
            self.receive(None, 1_000_000 + zlib.crc32(address.encode()) % 1_000_000)
        else:
            path = self.platform.folder / self.id
            path.write_bytes(served if isinstance(served, bytes) else served.read_bytes())
            self.receive(path, path.stat().st_size)

    def show(self, now: float, *, detailed: bool = True) -> Json:
        status = self.status(now)
        shown: Json = {
            "_id": self.id,
            "method": self.method,
            "status": status,
            "filename": self.filename,
            "file_type": self.file_type,
            "created_at": rfc3339(self.created_at),
        }
        if self.user_metadata:
            shown["user_metadata"] = self.user_metadata
        if self.source:
            shown["source"] = {"type": "connector", "details": self.source}
        if not detailed:
            return shown
        derived = {"processing": "processing", "ready": "ready", "failed": "error"}[status]
        if self.enable_hls and self.kind in ("video", "audio"):
            url = f"{self.platform.storage_url}/storage/hls/{self.id}/manifest.m3u8"
            shown["hls"] = {"status": derived, **({"manifest_url": url} if status == "ready" else {})}
        if self.enable_thumbnail:
            url = f"{self.platform.storage_url}/storage/thumbnails/{self.id}.jpg"
            shown["thumbnail"] = {"status": derived, **({"representative_url": url} if status == "ready" else {})}
        if status == "failed":
            shown["error"] = {"message": self.content.failure("processing") or "The upload expired."}
        if status == "ready":
            shown["size"] = self.size
            shown["technical_metadata"] = self._technical_metadata()
            if self.media.duration is not None:
                shown["duration"] = self.media.duration
        return shown

    def _technical_metadata(self) -> Json:
        media, kind = self.media, self.kind
        shown: Json = {
            "file_size_bytes": self.size,
            "file_mime_type": self.file_type,
            "file_container_format": media.container,
            "has_audio": media.has_audio,
        }
        if kind == "video":
            facts = {"width": media.width, "height": media.height, "fps": media.fps, "duration_seconds": media.duration}
            shown |= {f"video_{name}": value for name, value in facts.items()}
            shown |= {
                "video_streams": [facts],
                "total_video_streams": 1,
                "total_audio_streams": int(bool(media.has_audio)),
            }
        if media.has_audio:
            shown |= {"audio_duration_seconds": media.duration, "audio_streams": [{"duration_seconds": media.duration}]}
        if kind == "image":
            shown |= {"image_width": media.width, "image_height": media.height, "image_format": media.container}
        return known(shown)


ASSETS = web.AppKey("assets", dict[str, Asset])
tables = (ASSETS,)


def find_asset(request: web.Request, *, status: int = 400) -> Asset:
    return find(request.app[ASSETS], request.match_info["asset_id"], "asset", status=status)


def ready_asset(request: web.Request, body: Json, *, status: int = 400) -> Asset:
    """The asset that a body names, which has to be ready."""
    asset, now = find(request.app[ASSETS], text(body, "asset_id"), "asset", status=status), request.app[PLATFORM].now()
    if asset.status(now) != "ready":
        raise invalid("asset_id", f"the asset {asset.id} is {asset.status(now)}; wait until it is ready")
    return asset


def reserve(request: web.Request, method: str, filename: str, options: Json, *, hls: bool) -> Asset:
    """A new asset whose file is still to come; `hls` is the default of `enable_hls`."""
    platform = request.app[PLATFORM]
    asset = Asset(
        platform.new_id(),
        Lifecycle(((platform.now(), "processing"),)),
        platform,
        method,
        filename,
        new_metadata(options.get("user_metadata")),
        boolean(options, "enable_hls", hls),
        boolean(options, "enable_thumbnail"),
    )
    request.app[ASSETS][asset.id] = asset
    return asset


@routes.post("/assets")
async def create(request: web.Request) -> web.Response:
    form = await read_form(request, max_file_size=_MAX_FILE_SIZE)
    if text(form.fields, "method", ["direct", "url"]) == "direct":
        asset = from_file(request, form, "file", form.fields)
    else:
        asset = from_url(request, text(form.fields, "url"), form.fields)
    return web.json_response(asset.show(request.app[PLATFORM].now(), detailed=False), status=201)


def from_file(request: web.Request, form: Form, field: str, options: Json) -> Asset:
    """A new asset of a file in a form."""
    file = next((file for file in form.files if file.field == field), None)
    if file is None:
        raise missing(field)
    asset = reserve(request, "direct", options.get("filename") or file.name, options, hls=True)
    asset.receive(file.path, file.size, file.content_type)
    return asset


def url_filename(address: str) -> str:
    """The file name in a public URL."""
    try:
        url = urlsplit(address)
    except ValueError:
        url = urlsplit("")
    if url.scheme not in ("http", "https") or not url.hostname:
        raise invalid("url", "it has to be a public HTTP or HTTPS URL")
    return PurePosixPath(unquote(url.path)).name or url.hostname


def from_url(request: web.Request, address: str, options: Json) -> Asset:
    """A new asset of what a URL holds."""
    filename = url_filename(address)
    asset = reserve(request, "url", options.get("filename") or filename, options, hls=True)
    asset.fetch(address)
    return asset


@routes.get("/assets")
async def list_(request: web.Request) -> web.Response:
    query = request.query
    ids, kinds = query.getall("asset_ids", []), ["image", "video", "audio", "document"]
    types = texts(query.getall("asset_types", kinds), "asset_types", kinds)
    name = query.get("filename", "").lower()
    found = [
        asset
        for asset in reversed(request.app[ASSETS].values())
        if (not ids or asset.id in ids) and asset.kind in types and name in asset.filename.lower()
    ]
    return page(request, found, Asset.show)


@routes.get("/assets/{asset_id}")
async def retrieve(request: web.Request) -> web.Response:
    return answer(request, find_asset(request, status=404))


@routes.delete("/assets/{asset_id}")
async def delete(request: web.Request) -> web.Response:
    asset, force = find_asset(request), boolean(request.query, "force")
    if not force and any(item.asset is asset for item in indexed_assets(request).values()):
        why = f"Indexed assets reference the asset {asset.id}. Set force to true to delete it all the same."
        raise Refused(409, "asset_in_use", why)
    del request.app[ASSETS][asset.id]
    if asset.path is not None:
        asset.path.unlink(missing_ok=True)
    return web.Response(status=204)


async def _body_metadata(request: web.Request) -> Json:
    body = await read_json(request)
    return metadata(required(body, "user_metadata"))


@routes.patch("/assets/{asset_id}/user-metadata")
async def update_user_metadata(request: web.Request) -> web.Response:
    merge_metadata(find_asset(request, status=404).user_metadata, await _body_metadata(request))
    return web.json_response({})


@routes.put("/assets/{asset_id}/user-metadata")
async def replace_user_metadata(request: web.Request) -> web.Response:
    find_asset(request, status=404).user_metadata = new_metadata(await _body_metadata(request))
    return web.json_response({})


@routes.delete("/assets/{asset_id}/user-metadata")
async def delete_user_metadata(request: web.Request) -> web.Response:
    find_asset(request, status=404).user_metadata = {}
    return web.json_response({})


@routes.get("/assets/{asset_id}/transcription")
async def retrieve_transcription(request: web.Request) -> web.Response:
    asset = find_asset(request, status=404)
    asked = ",".join(request.query.getall("include", ["words"])).split(",")
    wanted = texts(asked, "include", ["words", "sentences", "utterances"])
    if not asset.content.sentences:
        raise Refused(404, "resource_not_exist", f"The asset {asset.id} has no transcription.")
    status = asset.status(request.app[PLATFORM].now())
    failure = asset.content.failure("transcription")
    if status == "processing":
        return web.json_response({"status": "processing"})
    if status == "failed" or failure:
        return web.json_response({"status": "failed", "error": {"message": failure or "The asset failed."}})
    sentences = asset.content.sentences
    segmentations = {
        "words": [word for sentence in sentences for word in _split(sentence)],
        "sentences": sentences,
        "utterances": [{**sentence, "speaker": "speaker_0"} for sentence in sentences],
    }
    return web.json_response({"status": "ready", **pick(segmentations, *wanted)})


def _split(sentence: Json) -> list[Json]:
    """The words of a sentence, each given the same share of its time."""
    values = str(sentence["value"]).split()
    share = (sentence["end"] - sentence["start"]) / max(1, len(values))
    return [
        {"start": sentence["start"] + share * place, "end": sentence["start"] + share * (place + 1), "value": value}
        for place, value in enumerate(values)
    ]
