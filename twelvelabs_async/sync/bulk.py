"""The blocking twin of `twelvelabs_async.bulk`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Iterable
from functools import wraps
from typing import Any, Concatenate, Final, Generic, ParamSpec, Self, TypeVar, cast

from ..bulk import AsyncBulk, AsyncRun, Outcome
from ._twin import A, Blocking, Runner, Twin, blocking

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class Run(Generic[T]):
    """A bulk run: iterate it for the outcomes, in the order in which sources finish. It begins with the first step.

    Leaving the iteration early and dropping the run, or `close`, ends it at once; with a journal, the same call goes on
    later.
    """

    def __init__(self, aio: AsyncRun[T], runner: Runner) -> None:
        self._aio = aio
        self._runner = runner
        self._outcomes = runner.iterate(aio)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Outcome[T]:
        return next(self._outcomes)

    def close(self) -> None:
        """End the run at once, whoever iterates it, and wait until nothing of it is left running."""
        self._runner.run(self._aio.aclose())

    def pause(self) -> None:
        """Ask the API for nothing new until `resume`; what is under way, uploads too, goes on."""
        self._do(self._aio.pause)

    def resume(self) -> None:
        """Go on after `pause`."""
        self._do(self._aio.resume)

    def stop(self) -> None:
        """Begin with no more sources; the iteration ends after the outcomes of those that were begun."""
        self._do(self._aio.stop)

    def _do(self, action: Callable[[], None]) -> None:
        async def act() -> None:
            action()

        self._runner.run(act())


def blocking_run(method: Callable[Concatenate[A, P], AsyncRun[T]]) -> Twin[A, P, Run[T]]:
    """Twin of a method that returns an `AsyncRun`: returns a `Run`."""

    def call(self: Blocking[A], /, *args: P.args, **kwargs: P.kwargs) -> Run[T]:
        return Run(method(self.aio, *args, **kwargs), self.runner)

    return Twin(method, call)


def reading_in_threads(method: Callable[P, R]) -> Callable[P, R]:
    """Let a method read iterators given to it in worker threads: they may use a blocking client, as its lists do."""

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        named = {name: _read_in_threads(value) for name, value in kwargs.items()}
        return cast("Callable[..., R]", method)(*map(_read_in_threads, args), **named)

    return call


def _read_in_threads(value: object) -> object:
    if isinstance(value, Iterable) and not isinstance(value, Collection):
        return _each(cast("Iterable[object]", value))
    return cast("object", value)


async def _each(sources: Iterable[object]) -> AsyncGenerator[object, None]:
    iterator, end = iter(sources), object()
    while (source := await asyncio.to_thread(next, iterator, end)) is not end:
        yield source


class Bulk(Blocking[AsyncBulk]):
    """Many sources at once."""

    index: Final = blocking_run(reading_in_threads(AsyncBulk.index))
    plan: Final = blocking(reading_in_threads(AsyncBulk.plan))
    upload: Final = blocking_run(reading_in_threads(AsyncBulk.upload))
    analyze: Final = blocking_run(reading_in_threads(AsyncBulk.analyze))
    embed: Final = blocking_run(reading_in_threads(AsyncBulk.embed))
    delete: Final = blocking_run(reading_in_threads(AsyncBulk.delete))
