"""The way of one source: claim it, check or process it, make its rows, and record what became of it."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any, Generic, TypeVar

from attrs import define

from .._failures import is_permanent
from ..errors import APIResponseError, BudgetExceededError, JournalError, RejectedError
from ..models._columns import json_text, text_for_files
from ..models._wire import dumps, loads, structure, unstructure
from .claims import Claim, Claims
from .context import RunContext
from .journal import LeaseLostError, Stage
from .operations import Operation
from .retries import Attempts
from .sinks.rows import SourceRows
from .states import State
from .task import BulkTask

R = TypeVar("R")


@define(eq=False)
class Processing(Generic[R]):
    """Processing of the sources of a run, each by itself.

    Attributes:
        operation: The operation.
        context: Objects that all tasks share.
        claims: Claims of the sources.
        attempts: Attempts at their steps.
    """

    operation: Operation[R]
    context: RunContext
    claims: Claims
    attempts: Attempts

    async def process(self, task: BulkTask[R], claim: Claim) -> Claim:
        """Claim a source, and process it if it is this task's.

        Args:
            task: The source. Afterwards it has its result or error, and its rows if there is a sink.
            claim: Result of its last claim.

        Raises:
            JournalError: The journal cannot be read or written.
        """
        try:
            if error := task.source.error or self.attempts.error:
                raise error
            if claim is Claim.UNCHECKED and not await self.attempts.run(task, partial(self._is_gone, task)):
                await self._take_finished(task)
                return Claim.FINISHED
            while (claim := await self.claims.claim(task)) is Claim.OURS:
                with suppress(LeaseLostError):  # another run has taken over the source: claim it again
                    await self._run_operation(task)
                    break
            if claim is Claim.FINISHED and not task.is_stored:
                task.result = None
                if self._needs_check(task):
                    return Claim.UNCHECKED
                await self._take_finished(task)
        except JournalError:
            raise
        except Exception as error:  # the claim failed, and this is the outcome of this task
            with suppress(LeaseLostError):
                await self.record_failure(task, error)
            return Claim.OURS
        return claim

    async def record_ready(self, task: BulkTask[R]) -> None:
        """Record that a source is done.

        Raises:
            LeaseLostError: Another run has taken over the source, whose outcome is the one of that run.
        """
        task.entry.state, task.entry.error = State.READY, None
        await self.context.journal.record(task.entry, release=True)

    async def record_failure(self, task: BulkTask[R], error: Exception) -> None:
        """Record the failure of a source.

        Raises:
            LeaseLostError: Another run has taken over the source.
        """
        task.error, entry = error, task.entry
        if not task.is_leased:
            return
        if not isinstance(error, BudgetExceededError):  # the source has not failed
            entry.error = (str(error) or type(error).__name__).encode(errors="backslashreplace").decode()
        # The outcome of a request has to be settled before the source can fail for good.
        if is_permanent(error) and not entry.state.is_requested:
            entry.state = State.FAILED
        await self.context.journal.record(entry, release=True)

    async def _run_operation(self, task: BulkTask[R]) -> None:
        """Run the operation of a claimed source, and record its end.

        Raises:
            LeaseLostError: Another run has taken over the source, whose outcome is the one of that run.
        """
        task.result = task.error = None
        if task.entry.state is not State.QUEUED:  # the state that an earlier run has reached
            await task.emit(task.entry.state.event_kind(self.operation.activity))
        try:
            task.reserve_requests()
            task.result = await self.attempts.run(task, partial(self.operation.run, task))
            if self.operation.result_model is not None:
                task.entry.result = _encode_result(task)
        except (JournalError, LeaseLostError):
            raise
        except Exception as error:
            await self.record_failure(task, error)
            return
        finally:
            task.end_reservation()
        if self.context.sink is None:
            await self.record_ready(task)
        else:
            self._make_rows(task)

    def _needs_check(self, task: BulkTask[R]) -> bool:
        """Return whether the outcome of a source is that of an earlier run, whose objects may be gone."""
        sink = self.context.sink
        is_stored = sink is not None and task.row_key in sink.keys
        return task.entry.state is State.READY and self.context.journal.is_kept and not is_stored

    async def _is_gone(self, task: BulkTask[R]) -> bool:
        """Return whether the platform no longer has the objects of a finished source, and note which of them."""
        if await self.operation.check(task):
            return False
        has_asset = task.source.kind == "asset"
        if not has_asset and task.final_column == "job_id":
            has_asset = await self.context.asset_lookup.retrieve(task.entry) is not None
        task.gone, task.gone_stage = task.entry, Stage.JOB if has_asset else Stage.ASSET
        return True

    async def _take_finished(self, task: BulkTask[R]) -> None:
        """Take the outcome of a source that an earlier or another run finished, and the rows that the sink lacks."""
        entry, result_model, sink = task.entry, self.operation.result_model, self.context.sink
        task.error = None
        if entry.state is State.FAILED:
            task.error = RejectedError(
                f"{entry.error} This is the result of an earlier attempt. Change the source, or pass retry_failed=True."
            )
            return
        if result_model is not None and entry.result is not None:
            task.result = structure(loads(entry.result.encode()), result_model)
        if sink is None or task.row_key in sink.keys:
            return
        if task.result is None:
            task.result = await self.attempts.run(task, partial(self.operation.retrieve, task))
        self._make_rows(task)

    def _make_rows(self, task: BulkTask[R]) -> None:
        """Make the rows of a source for the sink."""
        entry, source = task.entry, task.source
        shared: dict[str, str | None] = {
            "key": task.row_key,
            "job": task.job,
            "content": task.token,
            "source": source.place if source.kind == "url" else text_for_files(source.name),
            "user_metadata": None if source.user_metadata is None else json_text(source.user_metadata),
            "asset_id": entry.asset_id,
        }
        if self.operation.job_field is not None:
            shared[self.operation.job_field] = entry.job_id
        task.rows = SourceRows(shared, [] if task.result is None else self.operation.take_items(task.result))


def _encode_result(task: BulkTask[Any]) -> str:
    try:
        return dumps(unstructure(task.result)).decode()
    except (ValueError, RecursionError) as error:
        raise APIResponseError(f"The result of {task.source.label} is not valid JSON: {error}. Run again.") from None
