"""``/analyze/tasks`` and ``/analyze/batches``: asynchronous analyses."""

from __future__ import annotations

from ._base import AsyncResource, resource
from ._raw import Awaited, Mode, Raw, raw_responses_of
from .analyze_batches import AsyncAnalyzeBatches
from .analyze_tasks import AsyncAnalyzeTasks

__all__ = ["AsyncAnalyzeAsync"]


class AsyncAnalyzeAsync(AsyncResource):
    """Asynchronous analyses."""

    with_raw_response: RawAnalyzeAsync[Awaited]

    @resource
    def tasks(self) -> AsyncAnalyzeTasks:
        """Single analyses."""
        return AsyncAnalyzeTasks(self._transport)

    @resource
    def batches(self) -> AsyncAnalyzeBatches:
        """Batches of up to 1,000 analyses."""
        return AsyncAnalyzeBatches(self._transport)


@raw_responses_of(AsyncAnalyzeAsync)
class RawAnalyzeAsync(Raw[Mode]):
    """The methods of `AsyncAnalyzeAsync`, which return the whole response."""
