"""The blocking twin of `twelvelabs_async.resources.analyze_async`."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from ..resources.analyze_async import AsyncAnalyzeAsync, AsyncAnalyzeBatches, AsyncAnalyzeTasks
from ._pager import blocking_pager
from ._twin import Blocking, blocking, blocking_iter


class AnalyzeTasks(Blocking[AsyncAnalyzeTasks]):
    """Analyze videos and images in the background, and wait for the answers."""

    cancel: Final = blocking(AsyncAnalyzeTasks.cancel)
    create: Final = blocking(AsyncAnalyzeTasks.create)
    create_and_wait: Final = blocking(AsyncAnalyzeTasks.create_and_wait)
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

    @cached_property
    def tasks(self) -> AnalyzeTasks:
        """Analyses one by one."""
        return AnalyzeTasks(self.aio.tasks, self.runner)

    @cached_property
    def batches(self) -> AnalyzeBatches:
        """Analyses by the thousand."""
        return AnalyzeBatches(self.aio.batches, self.runner)
