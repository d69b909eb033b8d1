"""The blocking twin of `twelvelabs_async.bulk`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Iterable
from functools import wraps
from typing import Any, Concatenate, Final, Generic, Never, Self, TypeVar, cast, overload

from ..bulk import AsyncBulk, AsyncRun, Outcome
from ._runner import LoopThread
from ._twin import A, Blocking, F, P, blocking, make_twin

__all__ = ["Run"]

T = TypeVar("T")


class Run(Generic[T]):
    """A bulk run. Iterate it for the outcomes, in the order in which sources finish.

    It starts at the first step. To end it at once, call `close`, or leave the iteration and drop the run. With a
    journal, the same call resumes it.
    """

    def __init__(self, async_: AsyncRun[T], thread: LoopThread) -> None:
        self._async = async_
        self._thread = thread
        self._outcomes = thread.iterate(async_)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Outcome[T]:
        return next(self._outcomes)

    def close(self) -> None:
        """End the run now, and return when nothing of it is running.

        Another thread may be iterating it.
        """
        self._thread.run(self._async.aclose())

    def pause(self) -> None:
        """Create nothing more until `resume`. Jobs and uploads in progress continue."""
        self._call_in_loop(self._async.pause)

    def resume(self) -> None:
        """Continue after `pause`."""
        self._call_in_loop(self._async.resume)

    def stop(self) -> None:
        """Begin no more sources. The outcomes of those in progress follow."""
        self._call_in_loop(self._async.stop)

    def _call_in_loop(self, function: Callable[[], None]) -> None:
        async def call() -> None:
            function()

        self._thread.run(call())


@overload
def blocking_run(
    method: Callable[Concatenate[A, P], AsyncRun[T]],
) -> Callable[Concatenate[Blocking[A], P], Run[T]]: ...
@overload
def blocking_run(method: F, _: Never, /) -> F: ...
def blocking_run(method: Any, *_: Never) -> Any:
    """Make the twin of a method that returns an `AsyncRun`. The twin returns a `Run`."""
    return make_twin(method, Run)


def read_iterators_in_threads(method: F) -> F:
    """Let worker threads read the iterators among a method's arguments.

    Iterators may then call the blocking client, as its lists do. The event loop must not wait for such a call.
    """
    call_method = cast("Callable[..., object]", method)

    @wraps(call_method)
    def call(*args: object, **kwargs: object) -> object:
        keywords = {name: _read_in_threads(value) for name, value in kwargs.items()}
        return call_method(*map(_read_in_threads, args), **keywords)

    return cast("F", call)


def _read_in_threads(value: object) -> object:
    if isinstance(value, Iterable) and not isinstance(value, Collection):
        return _iterate_in_threads(cast("Iterable[object]", value))
    return cast("object", value)


async def _iterate_in_threads(items: Iterable[object]) -> AsyncGenerator[object, None]:
    iterator, end = iter(items), object()
    while (item := await asyncio.to_thread(next, iterator, end)) is not end:
        yield item


class Bulk(Blocking[AsyncBulk]):
    """Operations on many sources."""

    index: Final = blocking_run(read_iterators_in_threads(AsyncBulk.index))
    plan: Final = blocking(read_iterators_in_threads(AsyncBulk.plan))
    upload: Final = blocking_run(read_iterators_in_threads(AsyncBulk.upload))
    analyze: Final = blocking_run(read_iterators_in_threads(AsyncBulk.analyze))
    embed: Final = blocking_run(read_iterators_in_threads(AsyncBulk.embed))
    delete: Final = blocking_run(read_iterators_in_threads(AsyncBulk.delete))
