"""A bulk run as its user sees it: an async iterator of outcomes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from typing import Final, Generic, Self, TypeVar

import anyio

from .._process_bound import ProcessBound
from ..errors import InvalidArgumentTypeError, TwelveLabsError
from ..models._columns import Columns
from ..models.tables import AsyncTabular
from .engine import BulkEngine
from .folders import SkipReason, format_counts
from .forecast import Assumptions, Forecast
from .outcome import Outcome, outcome_columns
from .plan import Plan
from .source_reader import FoundSources
from .usage import Usage

R = TypeVar("R")

BATCH_ROWS: Final = 1000
"""Rows that are converted or written together."""


class AsyncRun(AsyncTabular, ProcessBound, Generic[R]):
    """A bulk run. Iterate it for the outcomes, in the order in which sources finish. It starts at the first step.

    Leaving the iteration, cancelling it, or `aclose` ends the run and leaves nothing running. With a journal, the same
    call resumes it later.

    ``await run.to_pandas()``, ``await run.to_csv(path)`` and the other methods of `Table` bring the run to its end.
    Each source has a row with the attributes of its `Outcome`, also if it fails. Further columns describe the result:
    an indexed asset, an asset, or an answer with the fields of *into*. Embeddings have a row for each vector.

    Example:
        ::

            frame = await client.bulk.embed("videos/", model_name="marengo3.0").to_polars()
            print(frame["source", "start", "end", "vector"])
    """

    def __init__(self, engine: BulkEngine[R]) -> None:
        self._engine = engine
        self._outcomes = _iterate_outcomes(engine)
        self._counts = Counter[str]()

    def _repr_html_(self) -> str:
        from ..pages.notebook import bar, note, output

        skipped = f"skipped: {format_counts(self._engine.skipped_files)}" if self.skipped_files else ""
        rest = {"not finished": self.found.number - self._counts.total()}
        return output(bar(+(self._counts + Counter(rest))), note(skipped))

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Outcome[R]:
        outcome = await anext(self._outcomes)
        self._counts[outcome.status] += 1
        return outcome

    async def aclose(self) -> None:
        """End the run now, and return when nothing of it is running. Another task may be iterating it."""
        self._engine.cancel()
        if self._engine.host is not None:
            await asyncio.wait([self._engine.host])
        with suppress(RuntimeError):  # another task is waiting for the next outcome; its iteration ends
            await self._outcomes.aclose()

    def __columns__(self) -> Columns:
        return outcome_columns(self._engine.table)

    async def __batches__(self) -> AsyncGenerator[list[object], None]:
        rows: list[object] = []
        async with aclosing(self):
            async for outcome in self:
                rows += outcome.__rows__()
                if len(rows) >= BATCH_ROWS:
                    yield rows
                    rows = []
        yield rows

    async def retrieve_result(self, outcome: Outcome[R]) -> R:
        """Return the result of an outcome, also if an earlier run finished the source.

        If the outcome has the result, nothing is requested, else one object. The run may have ended.

        Raises:
            Exception: The outcome's error, if the source failed.
            NotFoundError: The platform no longer has the object.
            TwelveLabsError: The embeddings have expired, or only the table of the sink knows the source.

        Example:
            ::

                run = client.bulk.embed("videos/", model_name="marengo3.0", journal="vectors.db")
                async for outcome in run:
                    print((await run.retrieve_result(outcome)).to_numpy().shape)
        """
        engine = self._engine
        if outcome.error is not None:
            raise outcome.error
        if outcome.result is not None and engine.options.sink is None:
            return outcome.result
        if outcome.asset_id is None:
            raise TwelveLabsError(
                f"The results of {outcome.source} are in the table of the sink. Read them from there."
            )
        return await engine.operation.retrieve_result(engine.api, outcome, engine.options.request_options)

    @property
    def skipped_files(self) -> Mapping[SkipReason, int]:
        """Number of files in folders that the run has skipped so far, by reason."""
        return self._engine.skipped_files

    @property
    def used(self) -> Usage:
        """Usage of the run so far: minutes that jobs were created for, bytes sent, and requests."""
        return self._engine.ledger.usage()

    @property
    def cost(self) -> float | None:
        """Cost so far by the prices of the run, or ``None`` if they do not state it."""
        return self._engine.ledger.cost()

    @property
    def found(self) -> FoundSources:
        """Number of sources that the run has found so far, and whether these are all."""
        return self._engine.sources.found

    async def plan(self, assumptions: Assumptions | None = None) -> Plan:
        """Report what the run does and takes, without uploading anything.

        The headers of all files are read, and the index is retrieved. What an earlier run of the journal has finished
        needs nothing. *sources* that can be iterated only once are used up. The run may be in progress.

        Args:
            assumptions: Limits of the account, and times of the platform. Default: the limits that responses have
                reported to the client.

        Raises:
            TypeError: *assumptions* are not `Assumptions`.
            FileNotFoundError: *sources* is a single path that does not exist.
            APIStatusError: The run could not start.
            ValueError: The journal belongs to another job.
            JournalError: The journal cannot be read.

        Example:
            ::

                run = client.bulk.index(index.id, "videos/", prices="prices.toml")
                print(await run.plan())
        """
        return await self._engine.plan(Assumptions() if assumptions is None else _to_assumptions(assumptions))

    @property
    def remaining(self) -> Forecast | None:
        """Rest of the plan: minutes, bytes, requests, time and cost. ``None`` until `plan` has returned."""
        return self._engine.progress.remaining

    def pause(self) -> None:
        """Create nothing more until `resume`. Jobs and uploads in progress continue."""
        self._engine.pause_switch.pause()

    def resume(self) -> None:
        """Continue after `pause`."""
        self._engine.pause_switch.resume()

    def stop(self) -> None:
        """Begin no more sources. The iteration ends after the outcomes of those in progress."""
        self._engine.stop()


def _to_assumptions(given: object) -> Assumptions:
    if isinstance(given, Assumptions):
        return given
    raise InvalidArgumentTypeError(f"assumptions must be an instance of Assumptions, or None; got {given!r:.100}.")


# A function and not a method: a generator that refers to the run forms a cycle with it, so that an abandoned run would
# continue until the garbage collector finds the cycle.
async def _iterate_outcomes(engine: BulkEngine[R]) -> AsyncGenerator[Outcome[R], None]:
    send, receive = anyio.create_memory_object_stream[Outcome[R]](0)
    # A task and not a task group: a cancel scope must not stay open across a yield, because another task may close the
    # generator.
    engine.host = host = asyncio.create_task(engine.run(send))
    try:
        async for outcome in receive:
            yield outcome
        await asyncio.wait([host])
        host.result()
    finally:
        engine.cancel()
        with anyio.CancelScope(shield=True), receive:
            await asyncio.wait([host])
