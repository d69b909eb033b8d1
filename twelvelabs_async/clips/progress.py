"""Progress of the calls of `client.media`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TypeAlias

from attrs import Factory, define, field, frozen

from .._callbacks import call_back
from .._progress_bars import PERCENTAGE, Reading, progress_bar, progress_option


@frozen(kw_only=True)
class MediaProgress:
    """Progress of a call of `AsyncMedia`.

    Attributes:
        done: Moments that are finished.
        total: Moments of the call.
        percentage: 0 to 100.
    """

    done: int
    total: int
    percentage: float


OnMediaProgress: TypeAlias = Callable[[MediaProgress], object]
"""Function or coroutine function that is called when a part of a moment was processed."""


@define(eq=False)
class ProgressReport:
    """Publishes the progress of a call: to a function of the caller, and on a bar.

    Attributes:
        name: Name of the file or folder, which the bar shows.
        total: Moments of the call.
        on_progress: Called when a part of a moment was processed.
        progress: True to show a bar.
    """

    name: str
    total: int
    on_progress: OnMediaProgress | None
    progress: bool = progress_option()
    _last: MediaProgress = field(
        init=False, default=Factory(lambda self: MediaProgress(done=0, total=self.total, percentage=0), takes_self=True)
    )

    async def publish(self, done: int, percentage: float) -> None:
        """Publish the number of finished moments, and the percentage of the call, which never falls."""
        percentage = max(percentage, self._last.percentage)  # sound is not written in the order of the pictures
        self._last = MediaProgress(done=done, total=self.total, percentage=percentage)
        if self.on_progress is not None:
            await call_back(self.on_progress, self._last)

    def show(self) -> AbstractAsyncContextManager[None]:
        """Show a bar while the body runs, if the caller wants one."""
        return progress_bar(self._reading, PERCENTAGE) if self.progress else nullcontext()

    def _reading(self) -> Reading:
        count = f": {self._last.done} of {self.total} moments" if self.total > 1 else ""
        return Reading(self.name + count, self._last.percentage, 100)
