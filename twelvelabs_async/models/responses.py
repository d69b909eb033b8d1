"""Answers about what is in a knowledge store, and the conversations they belong to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias, TypedDict

from ..options import OMIT
from ._base import Model
from ._wire import Alias

__all__ = [
    "ResponseAnnotation", "ResponseIncompleteDetails", "ResponseInputItem", "ResponseInputItemParams", "ResponseObject",
    "ResponseOutputContentPart", "ResponseOutputItem", "ResponseSelection", "ResponseSelectionParams", "ResponseStatus",
    "ResponseStreamEvent", "ResponseStreamEvent_Keepalive", "ResponseStreamEvent_ResponseCompleted",
    "ResponseStreamEvent_ResponseContentPartAdded", "ResponseStreamEvent_ResponseContentPartDone",
    "ResponseStreamEvent_ResponseCreated", "ResponseStreamEvent_ResponseFailed",
    "ResponseStreamEvent_ResponseFunctionCallArgumentsDone", "ResponseStreamEvent_ResponseInProgress",
    "ResponseStreamEvent_ResponseIncomplete", "ResponseStreamEvent_ResponseOutputItemAdded",
    "ResponseStreamEvent_ResponseOutputItemDone", "ResponseStreamEvent_ResponseOutputTextDelta",
    "ResponseStreamEvent_ResponseOutputTextDone", "ResponseUsage", "ResponsesCreateRequestIncludeItem", "TextParam",
    "TextParamFormat", "TextParamFormatParams", "TextParamFormat_JsonSchema", "TextParamFormat_Text", "TextParamParams",
]  # fmt: skip

ResponsesCreateRequestIncludeItem: TypeAlias = Literal["intermediate_outputs"] | str
ResponseStatus: TypeAlias = Literal["completed", "failed", "in_progress", "incomplete"] | str
"""``incomplete``: the answer was cut; ``incomplete_details`` says why."""


class ResponseInputItem(Model):
    """What the user says, 1 to 10,000 characters; ``{{sel:0}}`` in it stands for the first of the selections."""

    content: str
    type: Literal["message"] | str = "message"
    role: Literal["user"] | str = "user"


class ResponseInputItemParams(TypedDict):
    """`ResponseInputItem` as a plain dict."""

    type: Literal["message"] | str
    role: Literal["user"] | str
    content: str


class ResponseSelection(Model):
    """An item or a collection of a knowledge store that an answer is to be about."""

    kind: Literal["item", "collection"] | str
    id: str


class ResponseSelectionParams(TypedDict):
    """`ResponseSelection` as a plain dict."""

    kind: Literal["item", "collection"] | str
    id: str


class TextParamFormat_Text(Model):
    """The answer is plain text."""

    type: Literal["text"] = "text"


class TextParamFormat_JsonSchema(Model):
    """The answer is JSON that fits a schema; every property counts as required, whatever the schema says."""

    name: str
    schema_: Annotated[Mapping[str, Any], Alias("schema")]
    description: str | None = OMIT
    strict: bool | None = OMIT
    type: Literal["json_schema"] = "json_schema"


TextParamFormat: TypeAlias = TextParamFormat_Text | TextParamFormat_JsonSchema


class TextParamFormatParams(TypedDict, total=False):
    """`TextParamFormat` as a plain dict: ``type``, and the fields of that type."""

    type: Literal["text", "json_schema"] | str
    name: str
    schema_: Mapping[str, Any]
    description: str
    strict: bool


class TextParam(Model):
    """The form of an answer's text."""

    format: TextParamFormat | TextParamFormatParams | None = OMIT


class TextParamParams(TypedDict, total=False):
    """`TextParam` as a plain dict."""

    format: TextParamFormat | TextParamFormatParams


class ResponseAnnotation(Model):
    """What a marker such as ``[1]`` in an answer's text stands for.

    Attributes:
        start_index: Where the marker begins in the text, in characters from 0.
        end_index: Its last character: the marker is ``text[start_index : end_index + 1]``.
        start_sec: Where the cited part of a video begins, in seconds; ``None`` if all of it is cited.
        end_sec: Where it ends.
        thumbnail_url: A picture of it, at a signed URL.
        hls_url: Its stream, at a signed URL.
    """

    type: Literal["video_citation", "image_citation", "collection_citation"] | str | None = None
    start_index: int | None = None
    end_index: int | None = None
    item_id: str | None = None
    collection_id: str | None = None
    start_sec: float | None = None
    end_sec: float | None = None
    title: str | None = None
    thumbnail_url: str | None = None
    hls_url: str | None = None


class ResponseOutputContentPart(Model):
    """A part of a message: its text, and what the markers in it stand for."""

    type: Literal["output_text"] | str | None = None
    text: str | None = None
    annotations: list[ResponseAnnotation] | None = None


class ResponseOutputItem(Model):
    """A message, or a call of a function on the way to it.

    Attributes:
        phase: ``final_answer``, also meant by ``None``; any other word marks an intermediate message.
        content: The parts of a message.
        arguments: The arguments of a call, as JSON.
        output: What a call returned.
    """

    type: Literal["message", "function_call", "function_call_output"] | str | None = None
    id: str | None = None
    status: ResponseStatus | None = None
    role: Literal["assistant"] | str | None = None
    phase: str | None = None
    content: list[ResponseOutputContentPart] | None = None
    name: str | None = None
    call_id: str | None = None
    arguments: str | None = None
    output: str | None = None


class ResponseIncompleteDetails(Model):
    """Why an answer was cut: ``max_output_tokens``, or a reason of a later version."""

    reason: str | None = None


class ResponseUsage(Model):
    """Tokens read and written."""

    input_tokens: int | None = None
    output_tokens: int | None = None


class ResponseObject(Model):
    """An answer.

    Attributes:
        session_id: The conversation it belongs to; give it with the next question.
        output: The message, after the steps on the way to it if they were asked for.
    """

    id: str | None = None
    knowledge_store_id: str | None = None
    session_id: str | None = None
    type: Literal["response"] | str | None = None
    object: Literal["response"] | str | None = None
    status: ResponseStatus | None = None
    incomplete_details: ResponseIncompleteDetails | None = None
    output: list[ResponseOutputItem] | None = None
    usage: ResponseUsage | None = None
    created_at: datetime | None = None

    @property
    def output_text(self) -> str:
        """The text of the answer, without the steps on the way to it."""
        answers = [
            item for item in self.output or () if item.type == "message" and item.phase in (None, "final_answer")
        ]
        return "".join(part.text or "" for item in answers for part in item.content or ())


class _Event(Model):
    """An event, numbered in the order of all events of its stream."""

    sequence_number: int | None = None


class _ResponseEvent(_Event):
    """An event about the answer as a whole."""

    response: ResponseObject | None = None


class _PartEvent(_Event):
    """An event about a part of a message: where it is in *output* and in the message's *content*."""

    item_id: str | None = None
    output_index: int | None = None
    content_index: int | None = None


class ResponseStreamEvent_ResponseCreated(_ResponseEvent):
    """An answer begins."""

    type: Literal["response.created"] = "response.created"


class ResponseStreamEvent_ResponseInProgress(_ResponseEvent):
    """An answer is being made."""

    type: Literal["response.in_progress"] = "response.in_progress"


class ResponseStreamEvent_ResponseCompleted(_ResponseEvent):
    """The whole answer; the last event."""

    type: Literal["response.completed"] = "response.completed"


class ResponseStreamEvent_ResponseIncomplete(_ResponseEvent):
    """An answer that was cut; the last event."""

    type: Literal["response.incomplete"] = "response.incomplete"


class ResponseStreamEvent_ResponseFailed(_ResponseEvent):
    """There is no answer; the last event."""

    type: Literal["response.failed"] = "response.failed"


class ResponseStreamEvent_ResponseOutputItemAdded(_Event):
    """A message or a step begins."""

    output_index: int | None = None
    item: ResponseOutputItem | None = None
    type: Literal["response.output_item.added"] = "response.output_item.added"


class ResponseStreamEvent_ResponseContentPartAdded(_PartEvent):
    """A part of a message begins, still without text."""

    part: ResponseOutputContentPart | None = None
    type: Literal["response.content_part.added"] = "response.content_part.added"


class ResponseStreamEvent_ResponseOutputTextDelta(_PartEvent):
    """The next piece of text, *delta*, cut anywhere."""

    delta: str | None = None
    type: Literal["response.output_text.delta"] = "response.output_text.delta"


class ResponseStreamEvent_ResponseOutputTextDone(_PartEvent):
    """The whole text of a part."""

    text: str | None = None
    type: Literal["response.output_text.done"] = "response.output_text.done"


class ResponseStreamEvent_ResponseContentPartDone(_PartEvent):
    """A whole part of a message, with what it cites."""

    part: ResponseOutputContentPart | None = None
    type: Literal["response.content_part.done"] = "response.content_part.done"


class ResponseStreamEvent_ResponseOutputItemDone(_Event):
    """A whole message or step."""

    output_index: int | None = None
    item: ResponseOutputItem | None = None
    type: Literal["response.output_item.done"] = "response.output_item.done"


class ResponseStreamEvent_ResponseFunctionCallArgumentsDone(_Event):
    """The arguments of a call, as JSON."""

    item_id: str | None = None
    output_index: int | None = None
    arguments: str | None = None
    type: Literal["response.function_call_arguments.done"] = "response.function_call_arguments.done"


class ResponseStreamEvent_Keepalive(_Event):
    """Nothing has happened for some seconds."""

    type: Literal["keepalive"] = "keepalive"


ResponseStreamEvent: TypeAlias = (
    ResponseStreamEvent_ResponseCreated
    | ResponseStreamEvent_ResponseInProgress
    | ResponseStreamEvent_ResponseCompleted
    | ResponseStreamEvent_ResponseIncomplete
    | ResponseStreamEvent_ResponseFailed
    | ResponseStreamEvent_ResponseOutputItemAdded
    | ResponseStreamEvent_ResponseContentPartAdded
    | ResponseStreamEvent_ResponseOutputTextDelta
    | ResponseStreamEvent_ResponseOutputTextDone
    | ResponseStreamEvent_ResponseContentPartDone
    | ResponseStreamEvent_ResponseOutputItemDone
    | ResponseStreamEvent_ResponseFunctionCallArgumentsDone
    | ResponseStreamEvent_Keepalive
)
