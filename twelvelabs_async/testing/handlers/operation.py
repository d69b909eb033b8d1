"""Registry of operations: method, path, request class and handler."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import signature
from typing import Any, Literal, TypeVar, get_type_hints

import attrs

from ..rate_limits import RateLimits
from ..refusals import Refusal
from ..state import State
from ..storage import Storage

Body = Literal["query", "json", "form"]
H = TypeVar("H", bound=Callable[..., Any])
S = TypeVar("S", str, bytes)


@attrs.frozen
class Context:
    """State, storage and rate limits, for handlers."""

    state: State
    storage: Storage
    rate_limits: RateLimits

    def now(self) -> float:
        """Return the emulated time in seconds since the epoch."""
        return self.state.now()

    def refuse(self, refusal: Refusal, message: str) -> None:
        """Raise the error response of a refusal, unless the emulator is lenient."""
        if self.state.settings.strict or not refusal.is_strict:
            raise refusal.problem(message)


@attrs.frozen
class Stream:
    """Response that is sent in pieces."""

    content_type: str
    pieces: Iterable[bytes]


def pieces(whole: S, size: int) -> list[S]:
    """Cut a text or bytes into pieces; the last one may be shorter."""
    return [whole[start : start + size] for start in range(0, len(whole), size)]


@attrs.frozen
class Redirect:
    """Response that sends the client to another URL."""

    url: str


@attrs.frozen
class Operation:
    """Operation of the API.

    Attributes:
        request: Class of its requests; `None` if they have no parameters.
        names: Ids in the path that the handler takes, and ``idempotency_key`` if it takes that.
        handler: Function that returns the JSON of the response, a `Stream`, a `Redirect`, or `None` for an empty
            body.
        status: Status of a successful response.
        parameters: Place of the request's parameters.
        max_file_bytes: Largest file of a form.
    """

    method: str
    path: str
    request: type[Any] | None
    names: tuple[str, ...]
    handler: Callable[..., Any]
    status: int
    parameters: Body
    max_file_bytes: int


OPERATIONS: list[Operation] = []


def operation(
    method: str, path: str, *, status: int = 200, parameters: Body | None = None, max_file_bytes: int = 0
) -> Callable[[H], H]:
    """Register a handler: a function of the context, the validated request and ids in the path.

    The annotation of its parameter `request` is the request class.

    Args:
        status: Status of a successful response.
        parameters: Place of the request's parameters. Default: the query for GET and DELETE, a form where
            *max_file_bytes* is given, otherwise JSON.
        max_file_bytes: Largest file of a form.
    """
    default: Body = "query" if method in ("GET", "DELETE") else "form" if max_file_bytes else "json"

    def register(handler: H) -> H:
        request = get_type_hints(handler).get("request")
        names = tuple(name for name in signature(handler).parameters if name not in ("context", "request"))
        place = parameters or default
        OPERATIONS.append(Operation(method, path, request, names, handler, status, place, max_file_bytes))
        return handler

    return register
