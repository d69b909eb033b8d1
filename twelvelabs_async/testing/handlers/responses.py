"""Answers about the items of a knowledge store, in sessions, whole or as a stream of server-sent events."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Literal

import attrs

from ..clock import rfc3339
from ..content import matches
from ..parameters import within
from ..problem import Json, invalid, missing
from ..schema import Maker
from ..state import KnowledgeStore, KnowledgeStoreItem, Session
from ..storage import Storage
from .analyze import count_tokens
from .knowledge_stores import find_item, find_store
from .operation import Context, Stream, operation, pieces
from .tables import find

MAX_INPUT_CHARACTERS = 10_000
MAX_INSTRUCTIONS_CHARACTERS = 2_000
MAX_SELECTIONS = 500
DELTA_CHARACTERS = 16
PIECE_BYTES = 41
"""Bytes of a piece of a stream: a prime, so that pieces end inside events and characters."""


@attrs.frozen(kw_only=True)
class InputItem:
    type: Literal["message"]
    role: Literal["user"]
    content: str = attrs.field(validator=within(1, MAX_INPUT_CHARACTERS))


@attrs.frozen(kw_only=True)
class Selection:
    kind: Literal["item", "collection"]
    id: str


@attrs.frozen(kw_only=True)
class TextFormat:
    type: Literal["text", "json_schema"]
    name: str | None = None
    schema: Json | None = None

    def __attrs_post_init__(self) -> None:
        for name in ("name", "schema") if self.type == "json_schema" else ():
            if getattr(self, name) in (None, ""):
                raise missing(f"text.format.{name}")


@attrs.frozen(kw_only=True)
class TextOptions:
    format: TextFormat | None = None


@attrs.frozen(kw_only=True)
class CreateResponse:
    knowledge_store_id: str
    input: list[InputItem] = attrs.field(validator=within(1, 500))
    session_id: str | None = None
    instructions: str | None = attrs.field(default=None, validator=within(0, MAX_INSTRUCTIONS_CHARACTERS))
    selections: list[Selection] = attrs.field(factory=list[Selection], validator=within(0, MAX_SELECTIONS))
    include: list[Literal["intermediate_outputs"]] = attrs.field(
        factory=list[Literal["intermediate_outputs"]], validator=within(0, 1)
    )
    text: TextOptions | None = None
    stream: bool = True

    def __attrs_post_init__(self) -> None:
        for number in re.findall(r"\{\{sel:(\d+)\}\}", self.question):
            if int(number) >= len(self.selections):
                raise invalid("input", f"must refer to a selection from 0 to {len(self.selections) - 1}; got {number}")

    @property
    def question(self) -> str:
        """Return the text of all messages."""
        return " ".join(item.content for item in self.input)

    @property
    def schema(self) -> Json | None:
        """Return the JSON schema that the answer must fit, if there is one."""
        text_format = self.text and self.text.format
        return text_format.schema if text_format and text_format.type == "json_schema" else None


def response_json(
    identifier: str, session: Session, part: Json, usage: Json, created_at: float, *, has_search: bool
) -> Json:
    """Return a response to the last question of a session.

    Args:
        part: Text of the answer with its citations.
        has_search: Show the search that the answer is made from.
    """
    number = f"{session.id}_{len(session.questions) - 1}"
    message = {
        "type": "message",
        "id": f"msg_{number}",
        "status": "completed",
        "role": "assistant",
        "phase": "final_answer",
        "content": [part],
    }
    search = {
        "type": "function_call",
        "name": "search",
        "arguments": json.dumps({"query": session.questions[-1]}),
        "call_id": f"call_{number}",
        "id": f"fc_{number}",
        "status": "completed",
    }
    return {
        "id": f"resp_{identifier}",
        "type": "response",
        "object": "response",
        "status": "completed",
        "incomplete_details": None,
        "session_id": session.id,
        "knowledge_store_id": session.store.id,
        "output": [search, message] if has_search else [message],
        "usage": usage,
        "created_at": rfc3339(created_at),
    }


def text_json(text: str, annotations: list[Json]) -> Json:
    return {"type": "output_text", "text": text, "annotations": annotations}


def citation_json(item: KnowledgeStoreItem, question: str, start: int, end: int, storage: Storage) -> Json:
    """Return the citation of an item by the characters from *start* to *end*, both included.

    Of a video it names the clip that is nearest to the question.
    """
    asset = item.asset
    modalities = {name: [name] for name in ("visual", "transcription")}
    clip = min(matches(asset.content, question, modalities), key=lambda match: match.order)
    shown: Json = {
        "type": f"{asset.kind}_citation",
        "start_index": start,
        "end_index": end,
        "item_id": item.id,
        "title": asset.filename,
        "thumbnail_url": storage.thumbnail_url(asset, clip.start) if asset.enable_thumbnail else None,
        "hls_url": storage.stream_url(asset) if asset.enable_hls and asset.kind == "video" else None,
    }
    if asset.kind == "video":
        shown |= {"start_sec": clip.start, "end_sec": clip.end}
    return shown


@operation("POST", "/responses")
def create(context: Context, request: CreateResponse) -> Json | Stream:
    session, now = continue_session(context, request), context.now()
    part = _answer(session.items(now), session.questions, request.schema, context.storage)
    usage = {"input_tokens": count_tokens(request.question), "output_tokens": count_tokens(part["text"])}
    has_search = "intermediate_outputs" in request.include
    response = response_json(context.state.new_id(), session, part, usage, now, has_search=has_search)
    if not request.stream:
        return response
    body = "".join(server_sent_events(response)).encode()
    return Stream("text/event-stream", pieces(body, PIECE_BYTES))


def continue_session(context: Context, request: CreateResponse) -> Session:
    """Return the session of a request, or a new one, with the question and the selections added.

    Raises:
        Problem: The knowledge store, the session or a selection is unknown.
    """
    state = context.state
    store = find_store(state, request.knowledge_store_id)
    if request.session_id is None:
        session = Session(id=f"sess_{state.new_id()}", store=store)
    else:
        session = find(state.sessions, request.session_id, "session")
    if session.store is not store:
        reason = f"must be {session.store.id}, which the session {session.id} is about"
        raise invalid("knowledge_store_id", reason)
    selected = [item_id for selection in request.selections for item_id in _selected(store, selection)]
    session.questions.append(request.question)
    session.selected += selected
    state.sessions[session.id] = session
    return session


def _selected(store: KnowledgeStore, selection: Selection) -> list[str]:
    """Return the ids of the selected items."""
    if selection.kind == "item":
        return [find_item(store, selection.id).id]
    return find(store.collections, selection.id, "item collection").item_ids


def _answer(items: list[KnowledgeStoreItem], questions: list[str], schema: Json | None, storage: Storage) -> Json:
    """Return a description of each item with its citation, and the questions; with a schema, JSON that fits it."""
    text = ""
    citations: list[Json] = []
    for number, item in enumerate(items, 1):
        text += f"{item.asset.content.answer(questions[-1]) or item.asset.content.description} "
        mark = f"[{number}]"
        citations.append(citation_json(item, questions[-1], len(text), len(text) + len(mark) - 1, storage))
        text += f"{mark} "
    text += " ".join(["You asked:", *questions])
    if schema is None:
        return text_json(text, citations)
    scripted = [answer for item in items for answer in item.asset.content.answers(questions[-1])]
    text = next((answer for answer in scripted if isinstance(answer, str)), text)
    maker = Maker(text=text, seed=" ".join(item.asset.filename for item in items))
    return text_json(maker.answer(schema, scripted, "text.format.schema"), [])


def server_sent_events(shown: Json) -> Iterator[str]:
    """Return a response as a stream of server-sent events."""
    for number, event in enumerate(_events(shown)):
        data = json.dumps({**event, "sequence_number": number}, ensure_ascii=False)
        yield f"event: {event['type']}\ndata: {data}\n\n"
    yield "data: [DONE]\n\n"


def _events(shown: Json) -> Iterator[Json]:
    started: Json = {**shown, "status": "in_progress", "output": []}
    yield {"type": "response.created", "response": started}
    yield {"type": "response.in_progress", "response": started}
    yield {"type": "keepalive"}
    for index, item in enumerate(shown["output"]):
        started = {**item, "status": "in_progress", "content": []}
        yield {"type": "response.output_item.added", "output_index": index, "item": started}
        if item["type"] == "function_call":
            done = {"output_index": index, "item_id": item["id"], "arguments": item["arguments"]}
            yield {"type": "response.function_call_arguments.done", **done}
        else:
            yield from _text_events(index, item)
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    yield {"type": "response.completed", "response": shown}


def _text_events(index: int, item: Json) -> Iterator[Json]:
    for number, part in enumerate(item["content"]):
        place = {"output_index": index, "item_id": item["id"], "content_index": number}
        yield {"type": "response.content_part.added", **place, "part": {**part, "text": "", "annotations": []}}
        for delta in pieces(str(part["text"]), DELTA_CHARACTERS):
            yield {"type": "response.output_text.delta", **place, "delta": delta}
        yield {"type": "response.output_text.done", **place, "text": part["text"]}
        yield {"type": "response.content_part.done", **place, "part": part}
