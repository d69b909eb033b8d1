"""Analyses: an answer about a video or about images, whole or as a stream."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Literal

import attrs

from ..content import Content, Span
from ..formats import is_live
from ..parameters import within
from ..problem import Json, invalid, missing
from ..refusals import LIVE_STREAM, VIDEO_TOO_LONG, VIDEO_TOO_SMALL
from ..schema import Maker
from ..state import Answer
from .assets import first_bytes
from .media import AnalyzedImage, MediaSource, ReferenceImage, find_content, find_image, referenced_names
from .operation import Context, Stream, operation, pieces
from .segments import DAY_SECONDS, SegmentDefinition, TimeFormat, require_different
from .tables import attributes

MIN_TOKENS, MAX_TOKENS = 512, 98_304
"""Lowest and highest `max_tokens` (docs: Synchronous analysis)."""
DEFAULT_MAX_TOKENS = 4_096
MIN_WINDOW_SECONDS = 1.0
MIN_SIDE_PIXELS, MAX_SIDES_PIXELS, MAX_RATIO = 360, (2_160, 5_184), 2.4
"""Shortest side, longest shorter and longer side, and highest ratio of a video's sides (docs: Synchronous analysis)."""
REFUSED_KEYWORDS = ("minLength", "maxLength", "additionalProperties", "uniqueItems", "maxItems")
"""Keywords of JSON schemas that are errors here, though not in responses (docs: Synchronous analysis)."""
CHARACTERS_PER_TOKEN = 4
EVENT_CHARACTERS = 16
AnalysisModel = Literal["pegasus1.5", "pegasus1.6"]


@attrs.frozen(kw_only=True)
class Prompt:
    """Prompt that may refer to images by name."""

    input_text: str
    media_sources: list[ReferenceImage] | None = attrs.field(default=None, validator=within(0, 4))


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

    MAX_VIDEO_SECONDS: ClassVar[float]
    MAX_WINDOW_SECONDS: ClassVar[float]

    model_name: AnalysisModel = "pegasus1.5"
    video: MediaSource | None = None
    image: list[AnalyzedImage] | None = attrs.field(default=None, validator=within(1, 20))
    prompt: str | None = None
    prompt_v2: Prompt | None = None
    temperature: float | None = attrs.field(default=None, validator=within(0, 1))
    max_tokens: Any = None
    response_format: ResponseFormat | None = None
    start_time: float | None = attrs.field(default=None, validator=within(0, DAY_SECONDS))
    end_time: float | None = attrs.field(default=None, validator=within(0, DAY_SECONDS))

    def __attrs_post_init__(self) -> None:
        if self.video is None and self.image is None:
            raise missing("video or image")
        if self.image is not None:
            self._check_images(self.image)

    @property
    def question(self) -> str:
        """Return the text of the prompt."""
        return self.prompt_v2.input_text if self.prompt_v2 else self.prompt or ""

    def _check_images(self, images: list[AnalyzedImage]) -> None:
        """Check the parameters of an analysis of images."""
        if self.model_name != "pegasus1.6":
            raise invalid("image", f"requires pegasus1.6; got {self.model_name}")
        for name in ("video", "prompt_v2"):
            if getattr(self, name) is not None:
                raise invalid(name, "must be absent if there are images")
        if not self.prompt:
            raise missing("prompt")
        names = [image.name for image in images]
        require_different("image.name", names)
        if (named := referenced_names(self.prompt)) and named != {*names}:
            raise invalid("prompt", "must refer to all of the images, or to none, and to nothing else")

    def check_general(self) -> None:
        """Check the parameters of a general analysis."""
        if not self.question:
            raise missing("prompt")
        if self.prompt and self.prompt_v2:
            raise invalid("prompt", "must be absent if there is a prompt_v2")
        if self.response_format and self.response_format.type != "json_schema":
            raise invalid("response_format", "must have the type json_schema")
        self.check_tokens(MIN_TOKENS)

    def check_tokens(self, low: int) -> None:
        """Check the limit of the answer's length."""
        if self.max_tokens is not None and not (type(self.max_tokens) is int and low <= self.max_tokens <= MAX_TOKENS):
            raise invalid("max_tokens", f"must be an integer from {low} to {MAX_TOKENS}; got {self.max_tokens!r}")

    def window(self, context: Context, content: Content) -> Span:
        """Return start and end of the part of a file that is analyzed.

        Raises:
            Problem: The video or the part is too short or too long.
        """
        if self.video is None:
            return 0.0, 0.0
        length = content.media.duration or 0.0
        start, end = self.start_time or 0.0, length if self.end_time is None else self.end_time
        if self.video.asset_id is None:  # the emulator makes up the duration of a file that it does not have
            length = max(length, end)
        if length > self.MAX_VIDEO_SECONDS:
            expected = f"expected at most {self.MAX_VIDEO_SECONDS:g}"
            context.refuse(VIDEO_TOO_LONG, f"The video is {length:g} seconds long; {expected}.")
        if not start < end <= length:
            raise invalid("end_time", f"must be after start_time and within {length:g} seconds; got {end:g}")
        if end - start < MIN_WINDOW_SECONDS:
            raise invalid("end_time", f"must be at least 1 second after start_time; got {end - start:g} seconds")
        if end - start > self.MAX_WINDOW_SECONDS:
            expected = f"expected at most {self.MAX_WINDOW_SECONDS:g}. Pass start_time and end_time"
            context.refuse(VIDEO_TOO_LONG, f"The analyzed part is {end - start:g} seconds long; {expected}.")
        return start, end


@attrs.frozen(kw_only=True)
class Analyze(Analysis):
    MAX_VIDEO_SECONDS: ClassVar[float] = 3600.0
    MAX_WINDOW_SECONDS: ClassVar[float] = 3600.0

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
    subject = find_subject(context, request)
    request.window(context, subject)
    context.rate_limits.charge("analyze", "duration", subject.media.duration or 0.0)
    answer = answer_question(context, request, subject)
    context.rate_limits.charge("analyze", "outputtoken", answer.output_tokens, is_late=True)
    if not request.stream:
        return answer_json(answer)
    lines = [f"{json.dumps(event, ensure_ascii=False)}\n".encode() for event in answer_events(answer)]
    return Stream("application/x-ndjson", lines)


def find_subject(context: Context, request: Analysis, status: int = 404) -> Content:
    """Return the file that an analysis is about; of several images, the first one.

    Raises:
        Problem: A file is unknown (*status*, by the operation's page), not ready, or of a kind that is not analyzed.
    """
    if request.video is not None:
        if is_live(first_bytes(context.state, request.video.url or "")):
            context.refuse(LIVE_STREAM, "The video is a live stream. Pass the manifest of a stream on demand.")
        content = find_content(context, "video", request.video, status)
        require_resolution(context, content)
        return content
    first, *_ = [find_image(context, image, status) for image in request.image or ()]
    return first


def require_resolution(context: Context, content: Content) -> None:
    """Require a picture size that can be analyzed."""
    sides = sorted((content.media.width or 0, content.media.height or 0))
    if sides[0] == 0:
        return
    shape = f"the video has {content.media.width}x{content.media.height} pixels"
    if sides[0] < MIN_SIDE_PIXELS:
        context.refuse(VIDEO_TOO_SMALL, f"Each side must have at least 360 pixels; {shape}.")
    if sides[0] > MAX_SIDES_PIXELS[0] or sides[1] > MAX_SIDES_PIXELS[1] or sides[1] > MAX_RATIO * sides[0]:
        raise invalid("video", f"must have at most 5184x2160 pixels and a ratio of at most 2.4 to 1; {shape}")


def answer_question(context: Context, request: Analysis, content: Content) -> Answer:
    """Return the scripted answer or a description of the file, as JSON if the request has a schema."""
    text = content.answer(request.question)
    if text is None:
        text = f"{content.description} You asked: {request.question}"
    if request.response_format and request.response_format.json_schema is not None:
        maker = Maker(text=text, seed=content.filename, refused=REFUSED_KEYWORDS)
        scripted, schema = content.answers(request.question), request.response_format.json_schema
        text = maker.answer(schema, scripted, "response_format.json_schema")
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
