"""The blocking twin of `twelvelabs_async.resources.analyze_async`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import cached_property
from typing import Any, Concatenate, Final

from .._structured_output import TaskAnalysis
from ..resources.analyze_async import AsyncAnalyzeAsync, AsyncAnalyzeBatches, AsyncAnalyzeTasks
from ._pager import blocking_pager
from ._twin import A, Blocking, P, Twin, blocking, blocking_iter, part


def _create_and_wait(
    method: Callable[Concatenate[A, P], Coroutine[Any, Any, TaskAnalysis]],
) -> Twin[A, P, TaskAnalysis]:
    return blocking(method)  # mypy keeps the default of a type variable only where it is named


class AnalyzeTasks(Blocking[AsyncAnalyzeTasks]):
    """Analyze videos and images in the background, and wait for the answers."""

    create_and_wait: Final = _create_and_wait(AsyncAnalyzeTasks.create_and_wait)
    cancel: Final = blocking(AsyncAnalyzeTasks.cancel)
    create: Final = blocking(AsyncAnalyzeTasks.create)
    delete: Final = blocking(AsyncAnalyzeTasks.delete)
    list: Final = blocking_pager(AsyncAnalyzeTasks.list)
    retrieve: Final = blocking(AsyncAnalyzeTasks.retrieve)
    wait_until_ready: Final = blocking(AsyncAnalyzeTasks.wait_until_ready)


class AnalyzeBatches(Blocking[AsyncAnalyzeBatches]):
    """Analyze many assets alike, and read the results as they come."""

    cancel: Final = blocking(AsyncAnalyzeBatches.cancel)
    create: Final = blocking(AsyncAnalyzeBatches.create)
    create_and_wait: Final = blocking(AsyncAnalyzeBatches.create_and_wait)
    delete: Final = blocking(AsyncAnalyzeBatches.delete)
    list: Final = blocking_pager(AsyncAnalyzeBatches.list)
    results: Final = blocking_iter(AsyncAnalyzeBatches.results)
    retrieve: Final = blocking(AsyncAnalyzeBatches.retrieve)
    wait_until_ready: Final = blocking(AsyncAnalyzeBatches.wait_until_ready)


class AnalyzeAsync(Blocking[AsyncAnalyzeAsync]):
    """Analyses in the background."""

    tasks: cached_property[AnalyzeTasks] = part("analyze_async.AnalyzeTasks")
    """Analyses one by one."""
    batches: cached_property[AnalyzeBatches] = part("analyze_async.AnalyzeBatches")
    """Analyses by the thousand."""
