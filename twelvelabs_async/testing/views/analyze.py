"""JSON of analyses, analyze tasks and batches."""

from __future__ import annotations

from collections import Counter

from ..clock import rfc3339
from ..problem import Json
from ..state import AnalyzeBatch, AnalyzeTask, Answer
from .pieces import pieces

EVENT_CHARACTERS = 16
LISTED_PROMPT_CHARACTERS = 30
"""Characters of a prompt that lists show (docs: List async analysis tasks)."""


def answer(found: Answer) -> Json:
    return {"id": found.id, "data": found.text, **_end(found), "usage": _usage(found)}


def answer_events(found: Answer) -> list[Json]:
    """Return an answer as the events of a stream."""
    return [
        {"event_type": "stream_start", "metadata": {"generation_id": found.id}},
        *({"event_type": "text_generation", "text": text} for text in pieces(found.text, EVENT_CHARACTERS)),
        {
            "event_type": "stream_end",
            **_end(found),
            "metadata": {"generation_id": found.id, "usage": _usage(found)},
        },
    ]


def _end(found: Answer) -> Json:
    """Return the reason why an answer ends."""
    if not found.is_truncated:
        return {"finish_reason": "stop"}
    message = "The output was cut at max_tokens. Raise max_tokens to get all of it."
    return {"finish_reason": "length", "error": {"message": message}}


def _usage(found: Answer) -> Json:
    return {"input_tokens": found.input_tokens, "output_tokens": found.output_tokens}


def task(found: AnalyzeTask, now: float, *, is_listed: bool = False) -> Json:
    """Return a task; lists shorten its parameters."""
    duration = {"system_metadata": {"duration": found.content.media.duration}}
    shown: Json = {
        "task_id": found.id,
        "batch_id": found.batch_id,
        "status": found.status(now),
        "created_at": rfc3339(found.created_at),
        "completed_at": rfc3339(found.ends_at) if now >= found.ends_at else None,
        "video_source": {**found.video, **duration} if found.video else None,
        "request_params": _shortened(found.parameters) if is_listed else found.parameters,
        **outcome(found, now),
    }
    return {"custom_id": found.custom_id, **{name: value for name, value in shown.items() if value is not None}}


def outcome(found: AnalyzeTask, now: float) -> Json:
    """Return the result and the error of a task, if it has any."""
    status = found.status(now)
    if status in ("failed", "canceled"):
        return {"error": found.error}
    if status != "ready":
        return {}
    end = _end(found.answer)
    error = end.pop("error", None)
    result = {"generation_id": found.answer.id, "data": found.answer.text, **end, "usage": _usage(found.answer)}
    return {"error": error, "result": result}


def _shortened(parameters: Json) -> Json:
    """Return the parameters of a task as lists show them."""
    shown = dict(parameters)
    if "prompt" in shown:
        shown["prompt"] = shown["prompt"][:LISTED_PROMPT_CHARACTERS]
    if "prompt_v2" in shown:
        text = shown["prompt_v2"]["input_text"][:LISTED_PROMPT_CHARACTERS]
        shown["prompt_v2"] = {**shown["prompt_v2"], "input_text": text}
    if "response_format" in shown:
        shown["response_format"] = {**shown["response_format"], "json_schema": None}
    return shown


def batch(found: AnalyzeBatch, now: float) -> Json:
    status, counts = found.status(now), Counter(task.status(now) for task in found.tasks)
    return {
        "batch_id": found.id,
        "analysis_mode": found.analysis_mode,
        "model_name": found.model_name,
        "status": status,
        "total_items": len(found.tasks),
        **{f"{name}_items": counts[name] for name in ("queued", "processing", "ready", "failed", "canceled")},
        "created_at": rfc3339(found.created_at),
        "expires_at": rfc3339(found.expires_at),
        **({f"{status}_at": rfc3339(found.ends_at)} if now >= found.ends_at else {}),
    }


def created_batch(found: AnalyzeBatch, now: float) -> Json:
    """Return a batch as the response to its creation shows it."""
    shown = batch(found, now)
    names = ("batch_id", "status", "total_items", "created_at", "expires_at")
    items = [{"task_id": task.id, "custom_id": task.custom_id} for task in found.tasks]
    return {**{name: shown[name] for name in names}, "items": items}


def batch_result(found: AnalyzeTask, now: float) -> Json:
    """Return the line of a task in the results of its batch."""
    status, ending = found.status(now), outcome(found, now)
    line: Json = {"task_id": found.id, "custom_id": found.custom_id, "status": status}
    if status == "ready":
        line["data"] = ending["result"]
    if status == "failed":
        line["error"] = ending["error"]
    return line
