"""``/responses``: ask about the items of a knowledge store."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, cast

from .._streams import server_sent_events
from .._structured_output import Response, from_json, json_schema
from .._transport import Call
from ..errors import APIResponseError
from ..models._wire import hook_of
from ..models.responses import (
    ResponseInputItem,
    ResponseInputItemParams,
    ResponseObject,
    ResponsesCreateRequestIncludeItem,
    ResponseSelection,
    ResponseSelectionParams,
    ResponseStreamEvent,
    TextParam,
    TextParamFormat_JsonSchema,
    TextParamParams,
)
from ..options import OMIT, RequestOptions
from ._base import AsyncResource, some

RESPONSES: Final = "/responses"
LAST_EVENTS: Final = ("response.completed", "response.incomplete", "response.failed")


class AsyncResponses(AsyncResource):
    """Ask about the items of a knowledge store, and go on asking."""

    async def create(
        self,
        *,
        knowledge_store_id: str,
        input: Sequence[ResponseInputItem | ResponseInputItemParams],
        session_id: str | None = OMIT,
        instructions: str | None = OMIT,
        include: Sequence[ResponsesCreateRequestIncludeItem] | None = OMIT,
        selections: Sequence[ResponseSelection | ResponseSelectionParams] | None = OMIT,
        text: TextParam | TextParamParams | None = OMIT,
        request_options: RequestOptions | None = None,
        into: type[Response] | None = None,
    ) -> Response:
        """Ask, and get the whole answer.

        Args:
            input: What the user says, as in ``[{"type": "message", "role": "user", "content": "…"}]``.
            session_id: The conversation to go on with, from the response before. Default: a new one.
            instructions: How to answer, for this request alone.
            include: ``intermediate_outputs`` for the steps on the way to the answer, too.
            selections: The items and collections that the answer is to be about, and that ``{{sel:0}}`` and so
                on in the input stand for; those of earlier requests of the session still count. Default: all items.
            text: The form of the answer: plain text, or JSON that fits a schema. Default: plain text.
            into: An attrs class or a dataclass to return the answer as; makes *text*. See `json_schema`.

        Raises:
            BadRequestError: An argument is wrong, or the session belongs to another knowledge store.
            APIResponseError: The answer does not fit *into*, or was cut.

        Example:
            ::

                response = await client.responses.create(
                    knowledge_store_id=store.id,
                    input=[{"type": "message", "role": "user", "content": "Who scores the first goal?"}],
                )
                print(response.output_text)
        """
        if into is not None:
            if text is not OMIT:
                raise ValueError("into makes the text's format: give one of the two.")
            schema = json_schema(into)
            text = TextParam(TextParamFormat_JsonSchema(into.__name__, schema))
        body = _body(
            knowledge_store_id=knowledge_store_id,
            input=input,
            session_id=session_id,
            instructions=instructions,
            include=include,
            selections=selections,
            text=text,
            stream=False,
        )
        response = await self._post(RESPONSES, ResponseObject, request_options, json=body)
        if into is None:
            return cast("Response", response)
        if response.status != "completed":
            reason = response.incomplete_details.reason if response.incomplete_details else None
            raise APIResponseError(f"The response is {response.status} ({reason}).", body=response.output_text)
        return from_json(response.output_text, into)

    async def create_stream(
        self,
        *,
        knowledge_store_id: str,
        input: Sequence[ResponseInputItem | ResponseInputItemParams],
        session_id: str | None = OMIT,
        instructions: str | None = OMIT,
        include: Sequence[ResponsesCreateRequestIncludeItem] | None = OMIT,
        selections: Sequence[ResponseSelection | ResponseSelectionParams] | None = OMIT,
        text: TextParam | TextParamParams | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> AsyncGenerator[ResponseStreamEvent, None]:
        """Ask, and get the answer as it is written; takes what `create` takes.

        Events that this version does not know are left out.

        Raises:
            BadRequestError: An argument is wrong, or the session belongs to another knowledge store.
            APIResponseError: The stream reports an error, makes no sense, or ends before its end.

        Example:
            ::

                async for event in client.responses.create_stream(
                    knowledge_store_id=store.id,
                    input=[{"type": "message", "role": "user", "content": "Who scores the first goal?"}],
                ):
                    if event.type == "response.output_text.delta":
                        print(event.delta, end="")
        """
        body = _body(
            knowledge_store_id=knowledge_store_id,
            input=input,
            session_id=session_id,
            instructions=instructions,
            include=include,
            selections=selections,
            text=text,
            stream=True,
        )
        call = Call("POST", RESPONSES, json=body, safe=False)
        async with aclosing(self._transport.stream(call, request_options)) as pieces:
            async for data in server_sent_events(str(call), pieces, self._transport.key.hide):
                event = hook_of(ResponseStreamEvent)(data)
                if event is not data:  # else there is no model of it
                    yield event
                if data.get("type") in LAST_EVENTS:
                    return


def _body(**fields: Any) -> Mapping[str, Any]:
    some("input", fields["input"], '[{"type": "message", "role": "user", "content": "…"}]')
    return fields
