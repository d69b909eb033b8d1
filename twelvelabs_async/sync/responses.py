"""The blocking twin of `twelvelabs_async.resources.responses`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, Final, Never, overload

from .._structured_output import Response
from ..models.responses import ResponseObject
from ..resources._raw import Blocked
from ..resources.responses import AsyncResponses, RawResponses
from ._twin import A, Blocking, BlockingResource, F, P, blocking, blocking_iter


# mypy keeps the default of a type variable only where the variable is named. jedi does not know it; see `blocking`.
@overload
def _create(
    method: Callable[Concatenate[A, P], Coroutine[Any, Any, Response]],
) -> Callable[Concatenate[Blocking[A], P], Response]: ...
@overload
def _create(method: object, _: Never, __: Never, /) -> Callable[..., ResponseObject]: ...
@overload
def _create(method: F, _: Never, /) -> F: ...
def _create(method: Any, *_: Never) -> Any:
    return blocking(method)


class Responses(BlockingResource[AsyncResponses]):
    """Ask about the items of a knowledge store, in one question or in a session."""

    with_raw_response: RawResponses[Blocked]

    create: Final = _create(AsyncResponses.create)
    create_stream: Final = blocking_iter(AsyncResponses.create_stream)
