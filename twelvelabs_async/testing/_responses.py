"""Answers about the items of a knowledge store, in conversations, whole or in a stream of server-sent events."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import attrs
from aiohttp import web

from ._analyze import CHARACTERS_PER_EVENT, tokens
from ._clock import rfc3339
from ._content import clips
from ._http import pieces, read_json, send_pieces
from ._input import Json, a_list, an_object, boolean, find, invalid, required, text
from ._knowledge_stores import STORES, Item, Store
from ._platform import PLATFORM
from ._schema import written_as

routes = web.RouteTableDef()

# Cuts events, and characters too, anywhere.
_BYTES_PER_PIECE = 41
# docs: Create a response.
_MOST_CHARACTERS = 10_000


@attrs.define(eq=False)
class Session:
    """A conversation about a knowledge store: what was asked, and the items that were selected."""

    id: str
    store: Store
    questions: list[str] = attrs.field(factory=list[str])
    selected: list[str] = attrs.field(factory=list[str])

    def items(self, now: float) -> list[Item]:
        ready = [item for item in self.store.items.values() if item.status(now) == "ready"]
        return [item for item in ready if item.id in self.selected] or ready


SESSIONS = web.AppKey("sessions", dict[str, Session])
tables = (SESSIONS,)


@routes.post("/responses")
async def create(request: web.Request) -> web.StreamResponse:
    body = await read_json(request)
    platform, stream, form = request.app[PLATFORM], boolean(body, "stream", True), _form(body)
    steps = a_list(body.get("include") or list[Any](), "include", 0, 1)
    if steps not in ([], ["intermediate_outputs"]):
        raise invalid("include", "it can list intermediate_outputs")
    session = _session(request, body)
    number, now = len(session.questions) - 1, platform.now()
    part = _part(session.items(now), session.questions, form)
    message = {
        "type": "message",
        "id": f"msg_{session.id}_{number}",
        "status": "completed",
        "role": "assistant",
        "phase": "final_answer",
        "content": [part],
    }
    call = {"call_id": f"call_{session.id}_{number}", "id": f"fc_{session.id}_{number}", "status": "completed"}
    arguments = json.dumps({"query": session.questions[-1]})
    calls: list[Json] = [{"type": "function_call", "name": "search", "arguments": arguments} | call] if steps else []
    response: Json = {
        "id": f"resp_{platform.new_id()}",
        "type": "response",
        "object": "response",
        "status": "completed",
        "incomplete_details": None,
        "session_id": session.id,
        "knowledge_store_id": session.store.id,
        "output": [*calls, message],
        "usage": {"input_tokens": tokens(session.questions[-1]), "output_tokens": tokens(part["text"])},
        "created_at": rfc3339(now),
    }
    if not stream:
        return web.json_response(response)
    frames = "".join(_frames(response)).encode()
    return await send_pieces(request, "text/event-stream", pieces(frames, _BYTES_PER_PIECE))


def _session(request: web.Request, body: Json) -> Session:
    """The conversation that a request begins or goes on with, what it asks and selects added."""
    store = find(request.app[STORES], text(body, "knowledge_store_id"), "knowledge store")
    session = Session(f"sess_{request.app[PLATFORM].new_id()}", store)
    if body.get("session_id") is not None:
        session = find(request.app[SESSIONS], text(body, "session_id"), "session")
        if session.store is not store:
            raise invalid("knowledge_store_id", f"the session {session.id} is about {session.store.id}")
    chosen = [_selected(store, selection) for selection in a_list(body.get("selections") or [], "selections", 0, 500)]
    questions = [_question(item, len(chosen)) for item in a_list(required(body, "input"), "input", 1, 500)]
    session.questions.append(" ".join(questions))
    session.selected += itertools.chain(*chosen)
    request.app[SESSIONS][session.id] = session
    return session


def _selected(store: Store, selection: Any) -> list[str]:
    given = an_object(selection, "selections")
    if text(given, "kind", ["item", "collection"]) == "item":
        return [find(store.items, text(given, "id"), "knowledge store item").id]
    return [*find(store.collections, text(given, "id"), "item collection").member_ids]


def _question(item: Any, selections: int) -> str:
    given = an_object(item, "input")
    text(given, "type", ["message"])
    text(given, "role", ["user"])
    content = text(given, "content")
    if len(content) > _MOST_CHARACTERS:
        raise invalid("input", f"its content has more than {_MOST_CHARACTERS} characters")
    if any(int(number) >= selections for number in re.findall(r"\{\{sel:(\d+)\}\}", content)):
        raise invalid("input", "it refers to a selection that there is not")
    return content


def _form(body: Json) -> Json | None:
    """The JSON schema that the answer has to fit, if any."""
    form = an_object(an_object(body.get("text") or {}, "text").get("format") or {"type": "text"}, "text.format")
    if text(form, "type", ["text", "json_schema"]) == "text":
        return None
    text(form, "name")
    return an_object(required(form, "schema"), "text.format.schema")


def _part(items: list[Item], questions: list[str], schema: Json | None) -> Json:
    """The text of an answer: a sentence about each item, cited; then what was asked."""
    written, annotations = "", list[Json]()
    for number, item in enumerate(items, 1):
        asset = item.asset
        written += f"{asset.content.description} "
        end = len(written) + len(f"[{number}]") - 1
        annotation: Json = {"type": f"{item.asset.kind}_citation", "start_index": len(written), "end_index": end}
        annotation |= {"item_id": item.id, "title": asset.filename, "thumbnail_url": None, "hls_url": None}
        if item.asset.kind == "video":
            annotation["start_sec"], annotation["end_sec"] = clips(asset.media.duration)[0]
        annotations.append(annotation)
        written += f"[{number}] "
    written += " ".join(["You asked:", *questions])
    if schema is None:
        return {"type": "output_text", "text": written, "annotations": annotations}
    scripts = (item.asset.content.script.text for item in items)
    scripted = next((text for text in scripts if text is not None), written)
    written = written_as(schema, scripted, "text.format.schema")
    return {"type": "output_text", "text": written, "annotations": list[Json]()}


def _frames(response: Json) -> Iterator[str]:
    for number, event in enumerate(_events(response)):
        data = json.dumps(event | {"sequence_number": number}, ensure_ascii=False)
        yield f"event: {event['type']}\ndata: {data}\n\n"
    yield "data: [DONE]\n\n"


def _events(response: Json) -> Iterator[Json]:
    begun: Json = {**response, "status": "in_progress", "output": []}
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    yield {"type": "keepalive"}
    for index, item in enumerate(response["output"]):
        place = {"output_index": index}
        yield {"type": "response.output_item.added", **place, "item": {**item, "status": "in_progress", "content": []}}
        if item["type"] == "function_call":
            done = {**place, "item_id": item["id"], "arguments": item["arguments"]}
            yield {"type": "response.function_call_arguments.done", **done}
        for number, part in enumerate(item.get("content", [])):
            where = {**place, "item_id": item["id"], "content_index": number}
            yield {"type": "response.content_part.added", **where, "part": {**part, "text": "", "annotations": []}}
            for delta in pieces(str(part["text"]), CHARACTERS_PER_EVENT):
                yield {"type": "response.output_text.delta", **where, "delta": delta}
            yield {"type": "response.output_text.done", **where, "text": part["text"]}
            yield {"type": "response.content_part.done", **where, "part": part}
        yield {"type": "response.output_item.done", **place, "item": item}
    yield {"type": "response.completed", "response": response}
