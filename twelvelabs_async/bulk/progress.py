"""The plan of a run, and the rest of it that remains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from attrs import define, field

from .._rate_limits import RateLimits
from ..options import RateLimitCategory
from .budget import Ledger
from .estimates import Demand, SharedUploads
from .forecast import Assumptions, Forecast, make_forecast
from .options import BulkOptions
from .plan import Plan, make_plan
from .source_reader import SourceReader
from .sources import BulkSource
from .task import BulkTask
from .usage import Usage


@define(eq=False)
class Progress:
    """A run's plan, and the sources of the plan that are settled.

    Attributes:
        category: Category of the requests that create the jobs.
        demand_of: Function that returns what the operation needs for a source.
        options: Settings of the run.
        limits: Limits of the account.
        ledger: What the run has reserved and used.
    """

    category: RateLimitCategory
    demand_of: Callable[[BulkSource], Demand]
    options: BulkOptions
    limits: RateLimits
    ledger: Ledger
    _assumptions: Assumptions = field(factory=Assumptions, init=False)
    _planned: Usage | None = field(default=None, init=False)
    _settled: Usage = field(factory=Usage, init=False)
    _settled_uploads: SharedUploads = field(factory=SharedUploads, init=False)
    _settled_keys: set[str] | None = field(default=None, init=False)

    async def plan(self, sources: SourceReader, models: Sequence[str], job: str, assumptions: Assumptions) -> Plan:
        """Return the plan of the run, which may be in progress.

        Args:
            sources: Sources of the run.
            models: Models that the assets are for.
            job: Name of the job.
            assumptions: Limits of the account, and times of the platform.

        Raises:
            ValueError: The journal belongs to another job.
            JournalError: The journal cannot be read.
            Exception: The error that *sources* raised.
        """
        journal = self.options.journal
        self._settled_keys = settled = set[str]()
        if journal is not None:  # which knows the sources that are settled already
            self._settled, self._settled_uploads = Usage(), SharedUploads()
        plan = await make_plan(sources.read(), self.demand_of, models, journal, job, settled)
        self._settled_keys, self._planned, self._assumptions = None, plan.forecast.usage, assumptions
        plan.forecast = self._forecast(self._planned)
        return plan

    @property
    def remaining(self) -> Forecast | None:
        """Forecast of what remains of the plan, or ``None`` without a plan."""
        if self._planned is None:
            return None
        remaining = Usage()
        remaining.add(self._planned)
        remaining.add(self._settled, -1)
        remaining.bytes -= self.ledger.bytes_in_progress
        return self._forecast(remaining.without_negatives())

    async def settle(self, task: BulkTask[Any]) -> None:
        """Subtract a source from what remains."""
        if self._settled_keys is not None:
            self._settled_keys.add(task.source.key)
        self.ledger.bytes_in_progress -= task.bytes_sent
        estimate = task.estimate
        if estimate is None and (self._planned is not None or self._settled_keys is not None):
            with suppress(OSError, ValueError):  # then the plan has skipped it
                estimate = await task.examine()
        if estimate is not None and not estimate.violations:
            self._settled.add(self._settled_uploads.usage(task.source, estimate, self.demand_of(task.source)))

    def _forecast(self, usage: Usage) -> Forecast:
        return make_forecast(usage, self.category, self.options, self._assumptions, self.limits)
