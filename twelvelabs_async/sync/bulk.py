"""The blocking twin of `twelvelabs_async.bulk`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, Final, Generic, ParamSpec, Self, TypeVar

from ..bulk import AsyncBulk, AsyncRun, Outcome
from ._twin import A, Blocking, Runner, Twin, blocking

P = ParamSpec("P")
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


class Bulk(Blocking[AsyncBulk]):
    """Many sources at once."""

    index: Final = blocking_run(AsyncBulk.index)
    plan: Final = blocking(AsyncBulk.plan)
    upload: Final = blocking_run(AsyncBulk.upload)
    analyze: Final = blocking_run(AsyncBulk.analyze)
    embed: Final = blocking_run(AsyncBulk.embed)
    delete: Final = blocking_run(AsyncBulk.delete)
