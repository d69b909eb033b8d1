"""Work on media files: in threads of their own, with progress, a few moments at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Generator, Sequence
from concurrent.futures import CancelledError
from functools import partial
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from .._api_key import redact_signatures
from .._threads import ThreadPool
from ..models.moment import Moment, MomentVideo
from .progress import ProgressReport
from .sources import MediaSources

if TYPE_CHECKING:
    from ..media.sections import Section

T = TypeVar("T")
R = TypeVar("R")

CONCURRENCY: Final = 4
"""Moments at once. Decoders and encoders use further threads."""
STEP_SECONDS: Final = 0.1
"""Longest time without progress, and until a cancelled call ends."""

media_threads: Final = ThreadPool(CONCURRENCY, "twelvelabs_async media")
"""Threads of all clients of the process."""


class MediaWork:
    """The work of one call on its moments.

    Args:
        sources: Sources of the videos.
        report: Publishes the progress.
    """

    def __init__(self, sources: MediaSources, report: ProgressReport) -> None:
        self._sources = sources
        self._report = report
        self._done = 0
        self._parts: dict[Steps[Any], float] = {}

    async def each(self, items: Sequence[T], process: Callable[[T], Awaitable[R]]) -> list[R]:
        """Return the results of *process*, in the order of the items. A failure cancels the others."""
        results: dict[int, R] = {}
        pending = iter(enumerate(items))

        async def work() -> None:
            for position, item in pending:
                results[position] = await process(item)

        failure = None
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(CONCURRENCY):
                    group.create_task(work())
        except ExceptionGroup as failures:
            failure = failures.exceptions[0]
        if failure is not None:
            raise failure
        return [results[position] for position in range(len(items))]

    async def process(self, moment: Moment, steps_of: Callable[[Section], Generator[float, None, R]]) -> R:
        """Run the steps of work on a moment in threads, and return their result.

        Args:
            moment: The moment.
            steps_of: Begins the work. It yields the seconds of the moment that were processed so far.
        """
        from ..media.sections import Section

        video = moment.video or MomentVideo()
        async with self._sources.open(moment) as source:
            path = source.file if isinstance(source.file, str) else "The video"
            name = video.filename or redact_signatures(video.file or video.key or path)
            end = inf if moment.end is None else moment.end - source.offset
            section = Section(source.file, max(moment.start, 0.0) - source.offset, end, name)
            async with media_threads.open(partial(Steps[R], steps_of(section))) as steps:
                try:
                    while (seconds := await media_threads.run(steps.advance)) is not None:
                        self._parts[steps] = 0.0 if end == inf else seconds / section.duration
                        await self._publish()
                except CancelledError:  # of a request: another moment of the call has failed
                    raise asyncio.CancelledError from None
                except BaseException:
                    self._sources.cancel()  # a step that waits for a server could not be closed
                    raise
        self._parts.pop(steps, None)
        self._done += 1
        await self._publish()
        return steps.result

    async def _publish(self) -> None:
        percentage = 100 * (self._done + sum(self._parts.values())) / self._report.total
        await self._report.publish(self._done, percentage)


class Steps(Generic[R]):
    """Work in short steps, each of which may run in another thread.

    Attributes:
        result: Result of the work, when it is finished.
    """

    result: R

    def __init__(self, steps: Generator[float, None, R]) -> None:
        self._steps = steps
        self._lock = threading.Lock()

    def advance(self) -> float | None:
        """Work for a short time. Return what the last step yields; ``None`` at the end."""
        deadline = monotonic() + STEP_SECONDS
        with self._lock:
            try:
                while True:
                    yielded = next(self._steps)
                    if monotonic() >= deadline:
                        return yielded
            except StopIteration as end:
                self.result = end.value
                return None

    def close(self) -> None:
        """End the work, after a step that is running."""
        with self._lock:
            self._steps.close()
