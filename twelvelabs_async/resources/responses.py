"""``/responses``: questions about the items of a knowledge store."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import aclosing
from typing import Any, Concatenate, Final, cast

from .._http_responses import AsyncHttpResponse, HttpResponse
from .._json_schemas import json_schema
from .._request import argument_checks
from .._streams import server_sent_events
from .._structured_output import Response, from_json
from ..errors import APIResponseError, InvalidArgumentError
from ..models._wire import hook_of
from ..models.responses import (
    ResponseInclude,
    ResponseInputItem,
    ResponseInputItemParams,
    ResponseObject,
    ResponseSelection,
    ResponseSelectionParams,
    ResponseStreamEvent,
    TextParam,
    TextParamFormat_JsonSchema,
    TextParamParams,
)
from ..options import OMIT, RequestOptions
from ._base import AsyncResource, require_nonempty
from ._raw import A, Awaited, Endpoint, Mode, P, Raw, raw, raw_responses_of, raw_stream

__all__ = ["AsyncResponses"]

LAST_EVENTS: Final = ("response.completed", "response.incomplete", "response.failed")


class AsyncResponses(AsyncResource):
    """Ask about the items of a knowledge store, in one question or in a session."""

    with_raw_response: RawResponses[Awaited]

    async def create(
        self,
        *,
        knowledge_store_id: str,
        input: Sequence[ResponseInputItem | ResponseInputItemParams],
        session_id: str | None = OMIT,
        instructions: str | None = OMIT,
        include: Sequence[ResponseInclude] | None = OMIT,
        selections: Sequence[ResponseSelection | ResponseSelectionParams] | None = OMIT,
        text: TextParam | TextParamParams | None = OMIT,
        request_options: RequestOptions | None = None,
        into: type[Response] | None = None,
    ) -> Response:
        """Ask a question, and return the complete answer.

        Args:
            input: Messages of the user, such as ``[{"type": "message", "role": "user", "content": "…"}]``.
                1 to 10,000 characters of text.
            session_id: The session to continue, from an earlier response. Default: a new session.
            instructions: Instructions for this request only. At most 2,000 characters.
            include: ``intermediate_outputs`` to return the steps before the answer.
            selections: Items and collections to answer from, which ``{{sel:0}}``, ``{{sel:1}}`` … in *input* refer to.
                Those of earlier requests of the session still apply. Default: all items.
            text: Format of the answer: plain text, or JSON that fits a schema. Default: plain text.
            into: Attrs class or dataclass of the answer, from which *text* is made. See `json_schema`.

        Raises:
            ValueError: Both *text* and *into* are given.
            BadRequestError: An argument is invalid, or the session belongs to another knowledge store.
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
                raise InvalidArgumentError("Pass either text= or into=, which sets the format of the text.")
            schema = json_schema(into)
            text = TextParam(TextParamFormat_JsonSchema(into.__name__, schema))
        with argument_checks(request_options):
            _validate_input(input)
        body = {
            "knowledge_store_id": knowledge_store_id,
            "input": input,
            "session_id": session_id,
            "instructions": instructions,
            "include": include,
            "selections": selections,
            "text": text,
            "stream": False,
        }
        response = await self._post("/responses", ResponseObject, request_options, json=body, category="responses")
        if into is None:
            return cast("Response", response)
        if response.status != "completed":
            reason = getattr(response.incomplete_details, "reason", None)
            raise APIResponseError(
                f"The status of the response is {response.status!r} ({reason}); expected 'completed'.",
                body=response.output_text,
            )
        return from_json(response.output_text, into)

    async def create_stream(
        self,
        *,
        knowledge_store_id: str,
        input: Sequence[ResponseInputItem | ResponseInputItemParams],
        session_id: str | None = OMIT,
        instructions: str | None = OMIT,
        include: Sequence[ResponseInclude] | None = OMIT,
        selections: Sequence[ResponseSelection | ResponseSelectionParams] | None = OMIT,
        text: TextParam | TextParamParams | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> AsyncGenerator[ResponseStreamEvent, None]:
        """Ask a question, and yield the answer as it is written.

        The arguments are those of `create`.

        Events of types that this version does not have are skipped.

        Raises:
            BadRequestError: An argument is invalid, or the session belongs to another knowledge store.
            APIResponseError: The stream reports an error, is malformed, or ends early.

        Example:
            ::

                async for event in client.responses.create_stream(
                    knowledge_store_id=store.id,
                    input=[{"type": "message", "role": "user", "content": "Who scores the first goal?"}],
                ):
                    if event.type == "response.output_text.delta":
                        print(event.delta, end="")
        """
        with argument_checks(request_options):
            _validate_input(input)
        body = {
            "knowledge_store_id": knowledge_store_id,
            "input": input,
            "session_id": session_id,
            "instructions": instructions,
            "include": include,
            "selections": selections,
            "text": text,
            "stream": True,
        }
        request = self._build(
            "POST",
            "/responses",
            request_options,
            json=body,
            is_idempotent=False,
            is_streamed=True,
            category="responses",
        )
        build = hook_of(ResponseStreamEvent)
        async with aclosing(self._transport.stream(request)) as pieces:
            async for data in server_sent_events(request, pieces, self._transport.key.redact):
                event = build(data)
                if event is not data:  # a dict means that no model has this type
                    yield event
                if data.get("type") in LAST_EVENTS:
                    return


def _raw_response(
    method: Callable[Concatenate[A, P], Coroutine[Any, Any, Response]],
) -> Endpoint[P, Coroutine[Any, Any, AsyncHttpResponse[Response]], HttpResponse[Response]]:
    return raw(method)  # mypy keeps the default of a type variable only where the variable is named


@raw_responses_of(AsyncResponses)
class RawResponses(Raw[Mode]):
    """The methods of `AsyncResponses`, which return the whole response."""

    create: Final = _raw_response(AsyncResponses.create)
    create_stream: Final = raw_stream(AsyncResponses.create_stream)


def _validate_input(input: Sequence[Any]) -> None:
    require_nonempty("input", input, '[{"type": "message", "role": "user", "content": "…"}]')
