"""The blocking twin of `twelvelabs_async.bulk`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Concatenate, Final, Generic, Never, Self, TypeVar, overload

from .._process_bound import ProcessBound
from ..bulk import Assumptions, AsyncBulk, AsyncRun, Forecast, FoundSources, Outcome, Plan, SkipReason, Usage
from ..models._columns import Columns
from ..models.tables import Tabular
from ._runner import LoopThread
from ._twin import A, Blocking, F, P, blocking, make_twin

__all__ = ["Run"]

T = TypeVar("T")


class Run(Tabular, ProcessBound, Generic[T]):
    """A bulk run. Iterate it for the outcomes, in the order in which sources finish.

    It starts at the first step. To end it at once, call `close`, or leave the iteration and drop the run. With a
    journal, the same call resumes it.

    ``run.to_pandas()``, ``run.to_csv(path)`` and the other methods of `Table` bring the run to its end. Each source has
    a row with the attributes of its `Outcome`, also if it fails. Further columns describe the result: an indexed asset,
    an asset, or an answer with the fields of *into*. Embeddings have a row for each vector.
    """

    def __init__(self, async_: AsyncRun[T], thread: LoopThread) -> None:
        self._async = async_
        self._thread = thread
        self._outcomes = thread.iterate(async_)

    def _repr_html_(self) -> str:
        return self._async._repr_html_()  # pyright: ignore[reportPrivateUsage]

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Outcome[T]:
        return next(self._outcomes)

    def __columns__(self) -> Columns:
        return self._async.__columns__()

    def __batches__(self) -> Iterator[list[object]]:
        return self._thread.iterate(self._async.__batches__())

    def retrieve_result(self, outcome: Outcome[T]) -> T:
        """Return the result of an outcome, also if an earlier run finished the source.

        If the outcome has the result, nothing is requested, else one object. The run may have ended.

        Raises:
            Exception: The outcome's error, if the source failed.
            NotFoundError: The platform no longer has the object.
            TwelveLabsError: The embeddings have expired.
        """
        return self._thread.run(self._async.retrieve_result(outcome))

    @property
    def skipped_files(self) -> Mapping[SkipReason, int]:
        """Number of files in folders that the run has skipped so far, by reason."""
        return self._async.skipped_files

    @property
    def used(self) -> Usage:
        """Usage of the run so far: minutes that jobs were created for, bytes sent, and requests."""
        return self._async.used

    @property
    def cost(self) -> float | None:
        """Cost so far by the prices of the run, or ``None`` if they do not state it."""
        return self._async.cost

    @property
    def found(self) -> FoundSources:
        """Number of sources that the run has found so far, and whether these are all."""
        return self._async.found

    def plan(self, assumptions: Assumptions | None = None) -> Plan:
        """Report what the run does and takes, without uploading anything. See `AsyncRun.plan`."""
        return self._thread.run(self._async.plan(assumptions))

    @property
    def remaining(self) -> Forecast | None:
        """Rest of the plan: minutes, bytes, requests, time and cost. ``None`` until `plan` has returned."""
        return self._async.remaining

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


class Bulk(Blocking[AsyncBulk]):
    """Operations on many sources."""

    index: Final = blocking_run(AsyncBulk.index)
    plan: Final = blocking(AsyncBulk.plan)
    upload: Final = blocking_run(AsyncBulk.upload)
    analyze: Final = blocking_run(AsyncBulk.analyze)
    embed: Final = blocking_run(AsyncBulk.embed)
    delete: Final = blocking_run(AsyncBulk.delete)
