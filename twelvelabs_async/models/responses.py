"""Responses: answers from a knowledge store, in conversations."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias, TypedDict

from ..options import OMIT
from ._base import Model, models_of
from ._wire import Alias
from .moment import MomentVideo, moment_of, text_of
from .moments import Moments

__all__ = [
    "ResponseAnnotation", "ResponseInclude", "ResponseIncompleteDetails", "ResponseInputItem",
    "ResponseInputItemParams", "ResponseObject", "ResponseOutputContentPart", "ResponseOutputItem", "ResponseSelection",
    "ResponseSelectionParams", "ResponseStatus", "ResponseStreamEvent", "ResponseStreamEvent_Keepalive",
    "ResponseStreamEvent_ResponseCompleted", "ResponseStreamEvent_ResponseContentPartAdded",
    "ResponseStreamEvent_ResponseContentPartDone", "ResponseStreamEvent_ResponseCreated",
    "ResponseStreamEvent_ResponseFailed", "ResponseStreamEvent_ResponseFunctionCallArgumentsDone",
    "ResponseStreamEvent_ResponseInProgress", "ResponseStreamEvent_ResponseIncomplete",
    "ResponseStreamEvent_ResponseOutputItemAdded", "ResponseStreamEvent_ResponseOutputItemDone",
    "ResponseStreamEvent_ResponseOutputTextDelta", "ResponseStreamEvent_ResponseOutputTextDone", "ResponseUsage",
    "TextParam", "TextParamFormat", "TextParamFormatParams", "TextParamFormat_JsonSchema", "TextParamFormat_Text",
    "TextParamParams",
]  # fmt: skip

ResponseInclude: TypeAlias = Literal["intermediate_outputs"] | str
ResponseStatus: TypeAlias = Literal["completed", "failed", "in_progress", "incomplete"] | str
"""Status of an answer.

``incomplete`` means that the answer was cut off: ``incomplete_details`` has the reason.
"""


class ResponseInputItem(Model):
    """Message of the user.

    Attributes:
        content: Text, 1 to 10,000 characters. ``{{sel:0}}`` refers to the first of the selections.
    """

    content: str
    type: Literal["message"] | str = "message"
    role: Literal["user"] | str = "user"


class ResponseInputItemParams(TypedDict):
    """`ResponseInputItem` as a plain dict."""

    type: Literal["message"] | str
    role: Literal["user"] | str
    content: str


class ResponseSelection(Model):
    """An item or a collection of a knowledge store, as the subject of an answer."""

    kind: Literal["item", "collection"] | str
    id: str


class ResponseSelectionParams(TypedDict):
    """`ResponseSelection` as a plain dict."""

    kind: Literal["item", "collection"] | str
    id: str


class TextParamFormat_Text(Model):
    """Text format: plain text."""

    type: Literal["text"] = "text"


class TextParamFormat_JsonSchema(Model):
    """Text format: JSON that conforms to a schema.

    The API treats every property as required, even if the schema does not.
    """

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
    """Form of an answer's text."""

    format: TextParamFormat | TextParamFormatParams | None = OMIT


class TextParamParams(TypedDict, total=False):
    """`TextParam` as a plain dict."""

    format: TextParamFormat | TextParamFormatParams


class ResponseAnnotation(Model):
    """Citation: the meaning of a marker such as ``[1]`` in an answer's text.

    Attributes:
        start_index: Index of the marker's first character in the text, from 0.
        end_index: Index of the marker's last character: the marker is ``text[start_index : end_index + 1]``.
        start_sec: Start of the cited part of a video in seconds. ``None`` if the whole video is cited.
        end_sec: End of the cited part in seconds.
        thumbnail_url: Signed URL of a picture.
        hls_url: Signed URL of the stream.
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
    """Part of a message: its text, and the citations in it."""

    type: Literal["output_text"] | str | None = None
    text: str | None = None
    annotations: list[ResponseAnnotation] | None = None


class ResponseOutputItem(Model):
    """A message, or a function call made for an answer.

    Attributes:
        phase: ``final_answer`` or ``None`` for the answer. Other values mark intermediate messages.
        content: Parts of a message.
        arguments: Arguments of a function call, as JSON.
        output: Output of a function call.
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
    """Reason why an answer was cut off, such as ``max_output_tokens``."""

    reason: str | None = None


class ResponseUsage(Model):
    """Numbers of tokens."""

    input_tokens: int | None = None
    output_tokens: int | None = None


class ResponseObject(Model):
    """An answer.

    Attributes:
        session_id: Id of the conversation. Pass it with the next question.
        output: The message, after the intermediate steps if they were requested.
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
        """Text of the answer, without intermediate messages."""
        return "".join(str(part.text or "") for part in self._parts())

    def moments(self) -> Moments:
        """Return the cited parts of videos as moments, in the order of the citations.

        A citation of a whole video begins at 0 and has no end.
        """
        citations = [citation for part in self._parts() for citation in models_of(part.annotations)]
        return Moments(
            moment_of(
                0.0 if citation.start_sec is None else citation.start_sec,
                citation.end_sec,
                video=MomentVideo(
                    id=text_of(citation.item_id), filename=text_of(citation.title), hls_url=text_of(citation.hls_url)
                ),
                title=text_of(citation.title),
                origin="citation",
                thumbnail_url=text_of(citation.thumbnail_url),
            )
            for citation in citations
            if citation.type == "video_citation"
        )

    def _parts(self) -> list[ResponseOutputContentPart]:
        answers = [
            item for item in models_of(self.output) if item.type == "message" and item.phase in (None, "final_answer")
        ]
        return [part for item in answers for part in models_of(item.content)]


class _Event(Model):
    """Event of a stream.

    Attributes:
        sequence_number: Number of the event in its stream.
    """

    sequence_number: int | None = None


class _ResponseEvent(_Event):
    """Event about the answer as a whole."""

    response: ResponseObject | None = None


class _PartEvent(_Event):
    """Event about a part of a message.

    Attributes:
        output_index: Index of the message in *output*.
        content_index: Index of the part in the message's *content*.
    """

    item_id: str | None = None
    output_index: int | None = None
    content_index: int | None = None


class ResponseStreamEvent_ResponseCreated(_ResponseEvent):
    """First event of an answer."""

    type: Literal["response.created"] = "response.created"


class ResponseStreamEvent_ResponseInProgress(_ResponseEvent):
    """Event of an answer in progress."""

    type: Literal["response.in_progress"] = "response.in_progress"


class ResponseStreamEvent_ResponseCompleted(_ResponseEvent):
    """Last event, with the complete answer."""

    type: Literal["response.completed"] = "response.completed"


class ResponseStreamEvent_ResponseIncomplete(_ResponseEvent):
    """Last event, with an answer that was cut off."""

    type: Literal["response.incomplete"] = "response.incomplete"


class ResponseStreamEvent_ResponseFailed(_ResponseEvent):
    """Last event of an answer that failed."""

    type: Literal["response.failed"] = "response.failed"


class ResponseStreamEvent_ResponseOutputItemAdded(_Event):
    """First event of a message or an intermediate step."""

    output_index: int | None = None
    item: ResponseOutputItem | None = None
    type: Literal["response.output_item.added"] = "response.output_item.added"


class ResponseStreamEvent_ResponseContentPartAdded(_PartEvent):
    """First event of a part of a message, without text."""

    part: ResponseOutputContentPart | None = None
    type: Literal["response.content_part.added"] = "response.content_part.added"


class ResponseStreamEvent_ResponseOutputTextDelta(_PartEvent):
    """The next piece of text.

    Attributes:
        delta: Piece of text, which ends anywhere, also inside of words.
    """

    delta: str | None = None
    type: Literal["response.output_text.delta"] = "response.output_text.delta"


class ResponseStreamEvent_ResponseOutputTextDone(_PartEvent):
    """Complete text of a part."""

    text: str | None = None
    type: Literal["response.output_text.done"] = "response.output_text.done"


class ResponseStreamEvent_ResponseContentPartDone(_PartEvent):
    """Complete part of a message, with its citations."""

    part: ResponseOutputContentPart | None = None
    type: Literal["response.content_part.done"] = "response.content_part.done"


class ResponseStreamEvent_ResponseOutputItemDone(_Event):
    """Complete message or intermediate step."""

    output_index: int | None = None
    item: ResponseOutputItem | None = None
    type: Literal["response.output_item.done"] = "response.output_item.done"


class ResponseStreamEvent_ResponseFunctionCallArgumentsDone(_Event):
    """Complete arguments of a function call, as JSON."""

    item_id: str | None = None
    output_index: int | None = None
    arguments: str | None = None
    type: Literal["response.function_call_arguments.done"] = "response.function_call_arguments.done"


class ResponseStreamEvent_Keepalive(_Event):
    """Event without content, sent when there was no other event for some seconds."""

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
