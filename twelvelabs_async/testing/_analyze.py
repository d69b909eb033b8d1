"""Analysis: a text about a video or about images, whole or in a stream."""

from __future__ import annotations

import json
from typing import Any

import attrs
from aiohttp import web

from ..media.headers import Media
from ._assets import ASSETS, url_filename
from ._content import Content, Kind, complete
from ._http import pieces, read_json, send_pieces
from ._indexes import indexed_assets
from ._input import Json, Refused, a_list, an_object, boolean, find, integer, invalid, missing, number, required, text
from ._platform import PLATFORM
from ._schema import written_as

routes = web.RouteTableDef()
tables = ()

# docs: Pegasus. The lowest and highest `max_tokens` of each model.
MAX_TOKENS = {"pegasus1.2": (2, 4_096), "pegasus1.5": (512, 98_304), "pegasus1.6": (512, 98_304)}
_DEFAULT_MAX_TOKENS = 4_096
_CHARACTERS_PER_TOKEN = 4
CHARACTERS_PER_EVENT = 16
_INLINE: dict[Kind, str] = {"audio": "mp3", "document": "pdf", "image": "png", "video": "mp4"}


@attrs.frozen
class Answer:
    """What an analysis found."""

    id: str
    text: str
    input_tokens: int
    output_tokens: int
    truncated: bool

    @property
    def end(self) -> Json:
        """Why the text ends, as told by whole answers and by the last event of a stream."""
        if not self.truncated:
            return {"finish_reason": "stop"}
        message = "The output was cut at max_tokens. Raise max_tokens to get all of it."
        return {"finish_reason": "length", "error": {"message": message}}

    @property
    def usage(self) -> Json:
        return {"input_tokens": self.input_tokens, "output_tokens": self.output_tokens}


@routes.post("/analyze")
async def analyze(request: web.Request) -> web.StreamResponse:
    body = await read_json(request)
    stream, answer = boolean(body, "stream", True), answer_to(request, body, subject(request, body))
    if not stream:
        return web.json_response({"id": answer.id, "data": answer.text, **answer.end, "usage": answer.usage})
    about: Json = {"generation_id": answer.id}
    events: list[Json] = [
        {"event_type": "stream_start", "metadata": about},
        *({"event_type": "text_generation", "text": part} for part in pieces(answer.text, CHARACTERS_PER_EVENT)),
        {"event_type": "stream_end", **answer.end, "metadata": about | {"usage": answer.usage}},
    ]
    lines = [f"{json.dumps(event, ensure_ascii=False)}\n" for event in events]
    return await send_pieces(request, "application/x-ndjson", lines)


def answer_to(request: web.Request, body: Json, about: Content) -> Answer:
    """Check an analysis request and answer it."""
    model = text({"model_name": "pegasus1.5", **body}, "model_name", list(MAX_TOKENS))
    number(body.get("temperature", 0.2), "temperature", 0.0, 1.0)
    low, high = MAX_TOKENS[model]
    limit = integer(body.get("max_tokens", _DEFAULT_MAX_TOKENS), "max_tokens", low, high)
    prompt = _prompt(body)
    written = about.script.text
    if written is None:
        written = f"{about.description} You asked: {prompt}"
    if body.get("response_format") is not None:
        written = _structured(body["response_format"], written)
    kept = written[: limit * _CHARACTERS_PER_TOKEN]
    return Answer(
        request.app[PLATFORM].new_id(), kept, tokens(prompt), tokens(kept), truncated=len(kept) < len(written)
    )


def tokens(written: str) -> int:
    return -(-len(written) // _CHARACTERS_PER_TOKEN)


def _prompt(body: Json) -> str:
    if body.get("prompt_v2") is None:
        return text(body, "prompt")
    if body.get("prompt") is not None:
        raise invalid("prompt", "it excludes prompt_v2")
    return text(an_object(body["prompt_v2"], "prompt_v2"), "input_text")


def subject(request: web.Request, body: Json, *, status: int = 404) -> Content:
    """The file an analysis is about; of several images, the first one. `status` answers for one that is unknown."""
    if sum(body.get(name) is not None for name in ("video", "image", "video_id")) != 1:
        raise missing("video or image")
    if body.get("video_id") is not None:
        return _indexed(request, text(body, "video_id"))
    if body.get("video") is not None:
        return source(request, "video", body["video"], status)
    first, *_ = [source(request, "image", image, status) for image in a_list(body["image"], "image", 1, 20)]
    return first


def source(request: web.Request, kind: Kind, place: Any, status: int = 404) -> Content:
    """The file at a URL, of an asset, or in the request itself. `status` answers for an asset that is unknown."""
    given = an_object(place, kind)
    named = [name for name in ("url", "asset_id", "base64_string") if given.get(name) is not None]
    if len(named) != 1 or given.get("type", named[0]) != named[0]:
        raise invalid(kind, "it needs its type, and exactly one of url, asset_id and base64_string")
    value = text(given, named[0])
    if named[0] == "asset_id":
        asset = find(request.app[ASSETS], value, "asset", status=status)
        state = asset.status(request.app[PLATFORM].now())
        if state != "ready":
            raise Refused(400, "video_not_ready", f"The asset {asset.id} is {state}; wait until it is ready.")
        return asset.content
    filename = f"inline.{_INLINE[kind]}"
    if named[0] == "url":
        filename = url_filename(value)
    return Content(filename, complete(Media(), kind, filename), request.app[PLATFORM].scripted(filename))


def _indexed(request: web.Request, identifier: str) -> Content:
    item = find(indexed_assets(request), identifier, "video", status=404)
    if item.status(request.app[PLATFORM].now()) != "ready":
        raise Refused(400, "video_not_ready", f"The video {identifier} is not ready.")
    return item.asset.content


def _structured(response_format: Any, written: str) -> str:
    given = an_object(response_format, "response_format")
    text(given, "type", ["json_schema"])
    schema = an_object(required(given, "json_schema"), "json_schema")
    return written_as(schema, written, "response_format.json_schema")
