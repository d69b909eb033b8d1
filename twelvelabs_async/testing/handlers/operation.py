"""Registry of operations: method, path, request class and handler."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeVar, get_type_hints

import attrs

from ..state import State
from ..storage import Storage

Body = Literal["query", "json", "form"]
H = TypeVar("H", bound=Callable[..., Any])


@attrs.frozen
class Context:
    """State and storage, for handlers."""

    state: State
    storage: Storage

    def now(self) -> float:
        """Return the emulated time in seconds since the epoch."""
        return self.state.now()


@attrs.frozen
class Stream:
    """Response that is sent in pieces."""

    content_type: str
    pieces: Iterable[bytes]


@attrs.frozen
class Redirect:
    """Response that sends the client to another URL."""

    url: str


@attrs.frozen
class Operation:
    """Operation of the API.

    Attributes:
        request: Class of its requests.
        handler: Function that returns the JSON of the response, a `Stream`, a `Redirect`, or `None` for an empty
            body.
        status: Status of a successful response.
        parameters: Place of the request's parameters. Ids of the path and the idempotency key are added.
        max_file_bytes: Largest file of a form.
    """

    method: str
    path: str
    request: type[Any]
    handler: Callable[[Context, Any], Any]
    status: int
    parameters: Body
    max_file_bytes: int


OPERATIONS: list[Operation] = []


def operation(
    method: str, path: str, *, status: int = 200, parameters: Body | None = None, max_file_bytes: int = 0
) -> Callable[[H], H]:
    """Register a handler; the annotation of its parameter `request` is the request class.

    Args:
        status: Status of a successful response.
        parameters: Place of the request's parameters. Default: the query for GET and DELETE, a form where
            *max_file_bytes* is given, otherwise JSON.
        max_file_bytes: Largest file of a form.
    """
    default: Body = "query" if method in ("GET", "DELETE") else "form" if max_file_bytes else "json"

    def register(handler: H) -> H:
        request = get_type_hints(handler)["request"]
        OPERATIONS.append(Operation(method, path, request, handler, status, parameters or default, max_file_bytes))
        return handler

    return register
