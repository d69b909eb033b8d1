"""Answers about the items of a knowledge store, in sessions, whole or as a stream of server-sent events."""

from __future__ import annotations

from ..problem import Json, invalid
from ..requests.responses import CreateResponse, Selection
from ..schema import as_json
from ..state import KnowledgeStore, KnowledgeStoreItem, Session
from ..views import responses as views
from ..views.pieces import pieces
from .analyze import count_tokens
from .knowledge_stores import find_item, find_store
from .operation import Context, Stream, operation
from .tables import find

PIECE_BYTES = 41
"""Bytes of a piece of a stream: a prime, so that pieces end inside events and characters."""


@operation("POST", "/responses")
def create(context: Context, request: CreateResponse) -> Json | Stream:
    session, now = continue_session(context, request), context.now()
    part = _answer(session.items(now), session.questions, request.schema)
    usage = {"input_tokens": count_tokens(request.question), "output_tokens": count_tokens(part["text"])}
    has_search = "intermediate_outputs" in request.include
    response = views.response(context.state.new_id(), session, part, usage, now, has_search=has_search)
    if not request.stream:
        return response
    body = "".join(views.server_sent_events(response)).encode()
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


def _answer(items: list[KnowledgeStoreItem], questions: list[str], schema: Json | None) -> Json:
    """Return a description of each item with its citation, and the questions; with a schema, JSON that fits it."""
    text = ""
    citations: list[Json] = []
    for number, item in enumerate(items, 1):
        text += f"{item.asset.content.description} "
        mark = f"[{number}]"
        citations.append(views.citation(item, len(text), len(text) + len(mark) - 1))
        text += f"{mark} "
    text += " ".join(["You asked:", *questions])
    if schema is None:
        return views.output_text(text, citations)
    scripts = (item.asset.content.script.text for item in items)
    scripted = next((script for script in scripts if script is not None), text)
    return views.output_text(as_json(scripted, schema, "text.format.schema"), [])
