"""Methods that return the whole response: `with_raw_response` of both clients.

A class derived from `Raw` has one line for each method of a resource. Each call sends its requests through a transport
of its own, which keeps the last response. So concurrent calls do not mix, and other calls cost nothing more.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Generator, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    aclosing,
    asynccontextmanager,
    contextmanager,
)
from functools import update_wrapper
from typing import Any, Concatenate, Final, Generic, Never, ParamSpec, Protocol, TypeVar, overload

from attrs import evolve, frozen

from .._deprecations import warn_of_models
from .._http_responses import AsyncHttpResponse, HttpResponse
from .._pagination import AsyncPager
from .._process_bound import ProcessBound
from .._removed import misuse_error
from .._sync_pager import Runner, SyncPager, sync_pager
from .._transport import RecordingTransport
from ..errors import TwelveLabsError

A = TypeVar("A")
C = TypeVar("C", bound="type[Raw[Any]]")
F = TypeVar("F")
P = ParamSpec("P")
T = TypeVar("T")
Asynchronous_co = TypeVar("Asynchronous_co", covariant=True)
Blocking_co = TypeVar("Blocking_co", covariant=True)
Mode = TypeVar("Mode", covariant=True)


class Awaited:
    """The mode of the asynchronous client."""


class Blocked:
    """The mode of the blocking client."""


@frozen(eq=False, repr=False)
class Raw(ProcessBound, Generic[Mode]):
    """The methods of a resource, each of which returns the whole response."""

    _record: Callable[[], tuple[Any, RecordingTransport]]
    """Returns a copy of the resource, and the transport that it uses."""
    _runner: Runner | None = None
    """The event loop of the blocking client."""


CLASSES: Final[dict[type, type[Raw[Any]]]] = {}


def raw_responses_of(resource: type) -> Callable[[C], C]:
    """Register the class of the `with_raw_response` of a resource."""

    def register(cls: C) -> C:
        CLASSES[resource] = cls
        return cls

    return register


def raw_responses(resource: type, record: Callable[[], tuple[Any, RecordingTransport]]) -> Raw[Awaited]:
    """Return the `with_raw_response` of a resource."""
    return next(CLASSES[cls] for cls in resource.__mro__ if cls in CLASSES)(record)


def blocked(responses: Raw[Awaited], runner: Runner) -> Raw[Blocked]:
    """Return the `with_raw_response` of a blocking resource from that of its asynchronous twin."""
    return evolve(responses, runner=runner)  # type: ignore[return-value]


class Endpoint(Protocol[P, Asynchronous_co, Blocking_co]):
    """A method of a class derived from `Raw`, whose result depends on the mode."""

    @overload
    def __get__(self, instance: Raw[Blocked], owner: Any) -> Callable[P, Blocking_co]: ...
    @overload
    def __get__(self, instance: Raw[Awaited], owner: Any) -> Callable[P, Asynchronous_co]: ...


# Type checkers never choose an overload with a `Never`. They are there for jedi, which supports neither `ParamSpec` nor
# `Endpoint`, but reads all overloads: one has the parameters, the other the type of the data.
@overload
def raw(
    method: Callable[Concatenate[A, P], Coroutine[Any, Any, T]],
) -> Endpoint[P, Coroutine[Any, Any, AsyncHttpResponse[T]], HttpResponse[T]]: ...
@overload
def raw(method: Callable[Concatenate[A, P], Coroutine[Any, Any, T]], _: Never, /) -> Callable[P, HttpResponse[T]]: ...
@overload
def raw(method: F, _: Never, /) -> F: ...
def raw(method: Any, *_: Never) -> Any:
    """Make the method that returns the whole response from a coroutine method."""

    def respond(result: Any, transport: RecordingTransport, runner: Runner | None) -> Any:
        if runner is None:
            return _respond(AsyncHttpResponse, result, transport)
        return runner.run(_respond(HttpResponse, result, transport))

    return make_raw(method, respond)


@overload
def raw_stream(
    method: Callable[Concatenate[A, P], AsyncIterator[T]],
) -> Endpoint[
    P,
    AbstractAsyncContextManager[AsyncHttpResponse[AsyncIterator[T]]],
    AbstractContextManager[HttpResponse[Iterator[T]]],
]: ...
@overload
def raw_stream(method: F, _: Never, /) -> F: ...
def raw_stream(method: Any, *_: Never) -> Any:
    """Make the method that returns the whole response from one that yields events.

    It returns a context manager, which waits for the first event and closes the stream.
    """

    def respond(events: Any, transport: RecordingTransport, runner: Runner | None) -> Any:
        stream = _open_stream(events, transport)
        return stream if runner is None else _blocking_stream(stream, runner)

    return make_raw(method, respond)


@overload
def raw_pager(
    method: Callable[Concatenate[A, P], AsyncPager[T]],
) -> Endpoint[P, AsyncPager[T], SyncPager[T]]: ...
@overload
def raw_pager(method: F, _: Never, /) -> F: ...
def raw_pager(method: Any, *_: Never) -> Any:
    """Make the method behind `with_raw_response` that returns a list in pages.

    It returns what the method itself returns: each page has its response.
    """
    return make_raw(method, respond_with_pager)


@overload
def raw_page(
    method: Callable[Concatenate[A, P], AsyncPager[T]],
) -> Endpoint[P, Coroutine[Any, Any, AsyncHttpResponse[AsyncPager[T]]], HttpResponse[SyncPager[T]]]: ...
@overload
def raw_page(method: F, _: Never, /) -> F: ...
def raw_page(method: Any, *_: Never) -> Any:
    """Make the method that returns the response with the first page, as in the official SDK some lists do."""

    def respond(pages: Any, transport: RecordingTransport, runner: Runner | None) -> Any:
        if runner is None:
            return _respond(AsyncHttpResponse, pages, transport)
        response = runner.run(_respond(HttpResponse, pages, transport))
        return HttpResponse(data=SyncPager(response.data, runner), **transport.last)

    return make_raw(method, respond)


def make_raw(method: Callable[..., Any], respond: Callable[[Any, RecordingTransport, Runner | None], Any]) -> Any:
    """Make a method of a class derived from `Raw`.

    Args:
        method: The method of the resource.
        respond: Converts what *method* returns to the result.
    """

    def call(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        resource, transport = self._record()
        warn_of_models(kwargs)
        try:
            return respond(method(resource, *args, **kwargs), transport, self._runner)
        except TwelveLabsError as error:
            error.__traceback__ = None  # so that it ends at the call in the caller's program
            raise
        except TypeError as error:
            if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                raise  # in the body of the method
            name = method.__qualname__ if self._runner is None else method.__qualname__.removeprefix("Async")
            raise misuse_error(error, name, method, kwargs) from None

    return update_wrapper(call, method)


def respond_with_pager(pages: Any, _: RecordingTransport, runner: Runner | None) -> Any:
    """Return the pager, or its twin."""
    return pages if runner is None else sync_pager(pages, runner)


async def _respond(cls: Callable[..., T], result: Awaitable[Any], transport: RecordingTransport) -> T:
    data = await result
    return cls(data=data, **transport.last)


@asynccontextmanager
async def _open_stream(
    events: AsyncGenerator[T, None], transport: RecordingTransport
) -> AsyncGenerator[AsyncHttpResponse[AsyncIterator[T]], None]:
    async def resume(received: list[T]) -> AsyncGenerator[T, None]:
        for event in received:
            yield event
        async for event in events:
            yield event

    async with aclosing(events):
        async for first in events:  # the response has arrived with it
            received = [first]
            break
        else:
            received = []
        async with aclosing(resume(received)) as data:
            yield AsyncHttpResponse(data=data, **transport.last)


@contextmanager
def _blocking_stream(
    stream: AbstractAsyncContextManager[AsyncHttpResponse[AsyncIterator[T]]], runner: Runner
) -> Generator[HttpResponse[Iterator[T]], None, None]:
    response = runner.run(stream.__aenter__())
    try:
        yield HttpResponse(
            status_code=response.status_code,
            headers=response.headers,
            elapsed=response.elapsed,
            data=runner.iterate(response.data),
        )
    finally:
        runner.run(stream.__aexit__(None, None, None))
