"""JSON of responses about a knowledge store, and their server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..clock import rfc3339
from ..content import clips
from ..problem import Json
from ..state import KnowledgeStoreItem, Session
from .pieces import pieces

DELTA_CHARACTERS = 16


def response(
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


def output_text(text: str, annotations: list[Json]) -> Json:
    return {"type": "output_text", "text": text, "annotations": annotations}


def citation(item: KnowledgeStoreItem, start: int, end: int) -> Json:
    """Return the citation of an item by the characters from *start* to *end*, both included."""
    asset = item.asset
    shown: Json = {
        "type": f"{asset.kind}_citation",
        "start_index": start,
        "end_index": end,
        "item_id": item.id,
        "title": asset.filename,
        "thumbnail_url": None,
        "hls_url": None,
    }
    if asset.kind == "video":
        shown["start_sec"], shown["end_sec"] = clips(asset.media.duration)[0]
    return shown


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
        yield from _function_call_events(index, item) if item["type"] == "function_call" else _text_events(index, item)
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    yield {"type": "response.completed", "response": shown}


def _function_call_events(index: int, item: Json) -> Iterator[Json]:
    done = {"output_index": index, "item_id": item["id"], "arguments": item["arguments"]}
    yield {"type": "response.function_call_arguments.done", **done}


def _text_events(index: int, item: Json) -> Iterator[Json]:
    for number, part in enumerate(item["content"]):
        place = {"output_index": index, "item_id": item["id"], "content_index": number}
        yield {"type": "response.content_part.added", **place, "part": {**part, "text": "", "annotations": []}}
        for delta in pieces(str(part["text"]), DELTA_CHARACTERS):
            yield {"type": "response.output_text.delta", **place, "delta": delta}
        yield {"type": "response.output_text.done", **place, "text": part["text"]}
        yield {"type": "response.content_part.done", **place, "part": part}
