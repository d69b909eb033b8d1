"""``/analyze/tasks`` and ``/analyze/batches``: asynchronous analyses."""

from __future__ import annotations

from ._base import AsyncResource, resource
from .analyze_batches import AsyncAnalyzeBatches
from .analyze_tasks import AsyncAnalyzeTasks

__all__ = ["AsyncAnalyzeAsync"]


class AsyncAnalyzeAsync(AsyncResource):
    """Asynchronous analyses."""

    @resource
    def tasks(self) -> AsyncAnalyzeTasks:
        """Single analyses."""
        return AsyncAnalyzeTasks(self._transport)

    @resource
    def batches(self) -> AsyncAnalyzeBatches:
        """Batches of up to 1,000 analyses."""
        return AsyncAnalyzeBatches(self._transport)
