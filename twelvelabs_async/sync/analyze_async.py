"""The blocking twin of `twelvelabs_async.resources.analyze_async`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, Final, Never, overload

from .._structured_output import TaskAnalysis
from ..models.analyze_async import AnalyzeTaskResponse
from ..resources._base import resource
from ..resources._raw import Blocked
from ..resources.analyze_async import AsyncAnalyzeAsync, RawAnalyzeAsync
from ..resources.analyze_batches import AsyncAnalyzeBatches, RawAnalyzeBatches
from ..resources.analyze_tasks import AsyncAnalyzeTasks, RawAnalyzeTasks
from ._pager import blocking_pager
from ._twin import A, Blocking, BlockingResource, F, P, blocking, blocking_iter


# mypy keeps the default of a type variable only where the variable is named. jedi does not know it; see `blocking`.
@overload
def _create_and_wait(
    method: Callable[Concatenate[A, P], Coroutine[Any, Any, TaskAnalysis]],
) -> Callable[Concatenate[Blocking[A], P], TaskAnalysis]: ...
@overload
def _create_and_wait(method: object, _: Never, __: Never, /) -> Callable[..., AnalyzeTaskResponse]: ...
@overload
def _create_and_wait(method: F, _: Never, /) -> F: ...
def _create_and_wait(method: Any, *_: Never) -> Any:
    return blocking(method)


class AnalyzeTasks(BlockingResource[AsyncAnalyzeTasks]):
    """Analyze videos and images in the background, and list and cancel tasks."""

    with_raw_response: RawAnalyzeTasks[Blocked]

    create_and_wait: Final = _create_and_wait(AsyncAnalyzeTasks.create_and_wait)
    cancel: Final = blocking(AsyncAnalyzeTasks.cancel)
    create: Final = blocking(AsyncAnalyzeTasks.create)
    delete: Final = blocking(AsyncAnalyzeTasks.delete)
    list: Final = blocking_pager(AsyncAnalyzeTasks.list)
    retrieve: Final = blocking(AsyncAnalyzeTasks.retrieve)
    wait_until_ready: Final = blocking(AsyncAnalyzeTasks.wait_until_ready)


class AnalyzeBatches(BlockingResource[AsyncAnalyzeBatches]):
    """Analyze many assets in the same way, and read the results as they come."""

    with_raw_response: RawAnalyzeBatches[Blocked]

    cancel: Final = blocking(AsyncAnalyzeBatches.cancel)
    create: Final = blocking(AsyncAnalyzeBatches.create)
    create_and_wait: Final = blocking(AsyncAnalyzeBatches.create_and_wait)
    delete: Final = blocking(AsyncAnalyzeBatches.delete)
    list: Final = blocking_pager(AsyncAnalyzeBatches.list)
    results: Final = blocking_iter(AsyncAnalyzeBatches.results)
    retrieve: Final = blocking(AsyncAnalyzeBatches.retrieve)
    wait_until_ready: Final = blocking(AsyncAnalyzeBatches.wait_until_ready)


class AnalyzeAsync(BlockingResource[AsyncAnalyzeAsync]):
    """Asynchronous analyses."""

    with_raw_response: RawAnalyzeAsync[Blocked]

    @resource
    def tasks(self) -> AnalyzeTasks:
        """Single analyses."""
        return AnalyzeTasks(self._async.tasks, self._thread)

    @resource
    def batches(self) -> AnalyzeBatches:
        """Batches of up to 1,000 analyses."""
        return AnalyzeBatches(self._async.batches, self._thread)
