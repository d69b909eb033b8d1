"""Analyses: an answer about a video or about images, whole or as a stream."""

from __future__ import annotations

import json
from typing import Any, Literal

import attrs

from ..content import Content
from ..parameters import within
from ..problem import Json, invalid, missing
from ..schema import as_json
from ..state import Answer
from .media import MediaSource, NamedSource, find_content, find_indexed_content
from .operation import Context, Stream, operation, pieces
from .segments import DAY_SECONDS, SegmentDefinition, TimeFormat
from .tables import attributes

MAX_TOKENS = {"pegasus1.2": (2, 4_096), "pegasus1.5": (512, 98_304), "pegasus1.6": (512, 98_304)}
"""Lowest and highest `max_tokens` of each model (docs: Pegasus)."""
DEFAULT_MAX_TOKENS = 4_096
REFUSED_KEYWORDS = ("minLength", "maxLength", "additionalProperties", "uniqueItems", "maxItems")
"""Keywords of JSON schemas that are errors here, though not in responses (docs: Synchronous analysis)."""
CHARACTERS_PER_TOKEN = 4
EVENT_CHARACTERS = 16


@attrs.frozen(kw_only=True)
class Prompt:
    """Prompt that may refer to images by name."""

    input_text: str
    media_sources: list[NamedSource] | None = None


@attrs.frozen(kw_only=True)
class ResponseFormat:
    """Structure of the answer: a JSON schema, or definitions of segments."""

    type: Literal["json_schema", "segment_definitions"]
    json_schema: Json | None = None
    segment_definitions: list[SegmentDefinition] | None = attrs.field(default=None, validator=within(1, 20))
    segment_time_format: TimeFormat | None = None

    def __attrs_post_init__(self) -> None:
        if getattr(self, self.type) is None:
            raise missing(f"response_format.{self.type}")


@attrs.frozen(kw_only=True)
class Analysis:
    """Base of the requests for an analysis.

    Attributes:
        max_tokens: Integer; for segments also ``unlimited``.
    """

    model_name: Literal["pegasus1.2", "pegasus1.5", "pegasus1.6"] = "pegasus1.5"
    video: MediaSource | None = None
    image: list[NamedSource] | None = attrs.field(default=None, validator=within(1, 20))
    video_id: str | None = None
    prompt: str | None = None
    prompt_v2: Prompt | None = None
    temperature: float | None = attrs.field(default=None, validator=within(0, 1))
    max_tokens: Any = None
    response_format: ResponseFormat | None = None
    start_time: float | None = attrs.field(default=None, validator=within(0, DAY_SECONDS))
    end_time: float | None = attrs.field(default=None, validator=within(0, DAY_SECONDS))

    def __attrs_post_init__(self) -> None:
        if sum(source is not None for source in (self.video, self.image, self.video_id)) != 1:
            raise missing("video or image")

    @property
    def question(self) -> str:
        """Return the text of the prompt."""
        return self.prompt_v2.input_text if self.prompt_v2 else self.prompt or ""

    def check_general(self) -> None:
        """Check the parameters of a general analysis."""
        if not self.question:
            raise missing("prompt")
        if self.prompt and self.prompt_v2:
            raise invalid("prompt", "must be absent if there is a prompt_v2")
        if self.response_format and self.response_format.type != "json_schema":
            raise invalid("response_format", "must have the type json_schema")
        self.check_tokens(*MAX_TOKENS[self.model_name])

    def check_tokens(self, low: int, high: int) -> None:
        """Check the limit of the answer's length."""
        if self.max_tokens is not None and not (type(self.max_tokens) is int and low <= self.max_tokens <= high):
            raise invalid("max_tokens", f"must be an integer from {low} to {high}; got {self.max_tokens!r}")


@attrs.frozen(kw_only=True)
class Analyze(Analysis):
    stream: bool = True

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self.check_general()


def answer_json(found: Answer) -> Json:
    return {"id": found.id, "data": found.text, **ending_json(found), "usage": usage_json(found)}


def answer_events(found: Answer) -> list[Json]:
    """Return an answer as the events of a stream."""
    return [
        {"event_type": "stream_start", "metadata": {"generation_id": found.id}},
        *({"event_type": "text_generation", "text": text} for text in pieces(found.text, EVENT_CHARACTERS)),
        {
            "event_type": "stream_end",
            **ending_json(found),
            "metadata": {"generation_id": found.id, "usage": usage_json(found)},
        },
    ]


def ending_json(found: Answer) -> Json:
    """Return the reason why an answer ends."""
    if not found.is_truncated:
        return {"finish_reason": "stop"}
    message = "The output was cut at max_tokens. Raise max_tokens to get all of it."
    return {"finish_reason": "length", "error": {"message": message}}


def usage_json(found: Answer) -> Json:
    return attributes(found, "input_tokens", "output_tokens")


@operation("POST", "/analyze")
def analyze(context: Context, request: Analyze) -> Json | Stream:
    answer = answer_question(context, request, find_subject(context, request))
    if not request.stream:
        return answer_json(answer)
    lines = [f"{json.dumps(event, ensure_ascii=False)}\n".encode() for event in answer_events(answer)]
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
        schema = request.response_format.json_schema
        text = as_json(text, schema, "response_format.json_schema", refused=REFUSED_KEYWORDS)
    return new_answer(context, request.question, text, request.max_tokens or DEFAULT_MAX_TOKENS)


def new_answer(context: Context, question: str, text: str, max_tokens: int) -> Answer:
    """Return an answer with as much of a text as the tokens allow."""
    kept = text[: max_tokens * CHARACTERS_PER_TOKEN]
    return Answer(
        id=context.state.new_id(),
        text=kept,
        input_tokens=max(1, count_tokens(question)),
        output_tokens=count_tokens(kept),
        is_truncated=len(kept) < len(text),
    )


def count_tokens(text: str) -> int:
    return -(-len(text) // CHARACTERS_PER_TOKEN)
