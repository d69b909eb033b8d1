"""Analyses: an answer about a video or about images, whole or as a stream."""

from __future__ import annotations

import json

from ..content import Content
from ..problem import Json
from ..requests.analyze import Analysis, Analyze
from ..schema import as_json
from ..state import Answer
from ..views import analyze as views
from .media import find_content, find_indexed_content
from .operation import Context, Stream, operation

DEFAULT_MAX_TOKENS = 4_096
CHARACTERS_PER_TOKEN = 4


@operation("POST", "/analyze")
def analyze(context: Context, request: Analyze) -> Json | Stream:
    answer = answer_question(context, request, find_subject(context, request))
    if not request.stream:
        return views.answer(answer)
    lines = [f"{json.dumps(event, ensure_ascii=False)}\n".encode() for event in views.answer_events(answer)]
    return Stream("application/x-ndjson", lines)


def find_subject(context: Context, request: Analysis, status: int = 404) -> Content:
    """Return the file that an analysis is about; of several images, the first one.

    Raises:
        Problem: A file is unknown, for which *status* is on the operation's page, or not ready.
    """
    if request.video_id is not None:
        return find_indexed_content(context, request.video_id)
    if request.video is not None:
        return find_content(context, "video", request.video, status)
    first, *_ = [find_content(context, "image", image, status) for image in request.image or ()]
    return first


def answer_question(context: Context, request: Analysis, content: Content) -> Answer:
    """Return the scripted text of a file or a description of it, as JSON if the request has a schema."""
    text = content.script.text
    if text is None:
        text = f"{content.description} You asked: {request.question}"
    if request.response_format and request.response_format.json_schema is not None:
        text = as_json(text, request.response_format.json_schema, "response_format.json_schema")
    kept = text[: (request.max_tokens or DEFAULT_MAX_TOKENS) * CHARACTERS_PER_TOKEN]
    return Answer(
        id=context.state.new_id(),
        text=kept,
        input_tokens=count_tokens(request.question),
        output_tokens=count_tokens(kept),
        is_truncated=len(kept) < len(text),
    )


def count_tokens(text: str) -> int:
    return -(-len(text) // CHARACTERS_PER_TOKEN)
