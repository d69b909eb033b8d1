"""The blocking twin of `twelvelabs_async.resources.responses`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, Final

from .._structured_output import Response
from ..resources._raw import Blocked
from ..resources.responses import AsyncResponses, RawResponses
from ._twin import A, Blocking, BlockingResource, P, blocking, blocking_iter


def _create(
    method: Callable[Concatenate[A, P], Coroutine[Any, Any, Response]],
) -> Callable[Concatenate[Blocking[A], P], Response]:
    return blocking(method)  # mypy keeps the default of a type variable only where the variable is named


class Responses(BlockingResource[AsyncResponses]):
    """Ask about the items of a knowledge store, in one question or in a session."""

    with_raw_response: RawResponses[Blocked]

    create: Final = _create(AsyncResponses.create)
    create_stream: Final = blocking_iter(AsyncResponses.create_stream)
