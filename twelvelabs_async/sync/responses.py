"""The blocking twin of `twelvelabs_async.resources.responses`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar, overload

from ..models.responses import (
    ResponseInputItem,
    ResponseInputItemParams,
    ResponseObject,
    ResponsesCreateRequestIncludeItem,
    ResponseSelection,
    ResponseSelectionParams,
    TextParam,
    TextParamParams,
)
from ..options import OMIT, RequestOptions
from ..resources.responses import AsyncResponses
from ._twin import Blocking, blocking_iter, blocking_overloads

T = TypeVar("T")


class Responses(Blocking[AsyncResponses]):
    """Ask about the items of a knowledge store, and go on asking."""

    @overload
    def create(
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
        into: None = None,
    ) -> ResponseObject: ...
    @overload
    def create(
        self,
        *,
        knowledge_store_id: str,
        input: Sequence[ResponseInputItem | ResponseInputItemParams],
        session_id: str | None = OMIT,
        instructions: str | None = OMIT,
        include: Sequence[ResponsesCreateRequestIncludeItem] | None = OMIT,
        selections: Sequence[ResponseSelection | ResponseSelectionParams] | None = OMIT,
        request_options: RequestOptions | None = None,
        into: type[T],
    ) -> T: ...
    @blocking_overloads(AsyncResponses.create)
    def create(self, **_: Any) -> Any: ...  # noqa: D102

    create_stream: Final = blocking_iter(AsyncResponses.create_stream)
