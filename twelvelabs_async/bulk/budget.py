"""Budget of a run, and the ledger that keeps it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from typing import Final

from attrs import define, evolve, field, frozen

from .._background import BackgroundWork
from .._validators import between, number, require_between
from ..errors import BudgetExceededError, InvalidArgumentError
from ..options import RateLimitCategory
from .prices import Prices
from .usage import Usage


@frozen(kw_only=True)
class Budget:
    """The most that a bulk run may use.

    A source starts only if its estimate, and those of the sources in progress, are within the budget. Sources in
    progress are brought to their outcomes. The outcomes of the others have a `BudgetExceededError`, and the next run
    takes them. Content that is on the platform already costs neither minutes nor money.

    Attributes:
        minutes: Minutes of video and audio that are indexed, embedded or analyzed. Default: no limit.
        requests: Requests to the API, with polls, retries, and requests whose responses were lost. Default: no limit.
        cost: Cost by the prices of the run, in their currency. Default: no limit.

    Raises:
        ValueError: A limit is negative, or there is none.
        TypeError: A limit is not a number.
    """

    minutes: float | None = field(default=None, converter=number, validator=between(0))
    requests: int | None = field(default=None, converter=number)
    cost: float | None = field(default=None, converter=number, validator=between(0))

    def __attrs_post_init__(self) -> None:
        if self.requests is not None:
            require_between("requests", self.requests, 0, is_whole=True)
        if self.minutes is self.requests is self.cost is None:
            raise ValueError("A budget must have a limit of minutes, requests or cost; got none.")


SOURCE_SECONDS: Final = 15.0
"""Seconds that a source takes to its outcome, until the run has measured it."""
POLLS_PER_INTERVAL: Final = 2
"""Requests of polls and look-ups in one poll interval, for all sources together."""


@define(eq=False)
class Ledger:
    """Reserves what sources need before they begin, and records what the run has used.

    Attributes:
        budget: Limits of the run.
        prices: Prices of the account.
        category: Category of the requests that create the jobs.
        interval: Poll interval in seconds.
        concurrency: Number of jobs at the same time.
        work: The run as background work, which counts its requests.
        used: What the run has used, without its requests.
        reserved: What the sources in progress still need.
        in_progress: Number of sources that have begun and have no outcome.
        bytes_in_progress: Bytes that have been sent of them.
        longest: Longest time in seconds that a source has taken from its beginning to its outcome.
    """

    budget: Budget | None
    prices: Prices | None
    category: RateLimitCategory
    interval: float
    concurrency: int
    work: BackgroundWork = field(factory=BackgroundWork)
    used: Usage = field(factory=Usage)
    reserved: Usage = field(factory=Usage)
    in_progress: int = 0
    bytes_in_progress: int = 0
    longest: float = 0.0

    def __attrs_post_init__(self) -> None:
        if self.budget is not None and self.budget.cost is not None and self.cost() is None:
            raise InvalidArgumentError(
                f"A budget with a cost requires prices of the category {self.category!r}. Pass prices= with them."
            )

    def require(self, usage: Usage) -> None:
        """Validate that the budget suffices for a source, beside what is reserved.

        Raises:
            BudgetExceededError: It does not.
        """
        if self.budget is not None and (exceeded := self._exceeded(self.budget, usage)):
            raise BudgetExceededError(
                f"The budget of {exceeded} does not suffice for this source. Run again to process it by another budget."
            )

    def usage(self) -> Usage:
        """Return what the run has used, with its requests."""
        return evolve(self.used, requests=dict(self.work.requests))

    def cost(self, usage: Usage | None = None) -> float | None:
        """Return the cost of *usage*, or of what the run has used. ``None`` if the prices do not state it."""
        if self.prices is None or self.category not in self.prices.categories:
            return None
        return self.prices.cost(self.usage() if usage is None else usage, self.category)

    def _exceeded(self, budget: Budget, usage: Usage) -> str:
        """Return the limit that is exceeded when *usage* and all that is reserved are used, or an empty string."""
        needed = self.usage()
        needed.add(self.reserved)
        needed.add(usage)
        if budget.minutes is not None and usage.minutes and round(needed.minutes, 6) > budget.minutes:
            return f"{budget.minutes:,g} minutes"
        if budget.requests is not None and usage.requests and needed.total_requests + self._polls() > budget.requests:
            return f"{budget.requests:,} requests"
        if self.prices is not None and budget.cost is not None and round(self.cost(needed) or 0.0, 6) > budget.cost:
            return f"{budget.cost:,g} {self.prices.currency}"
        return ""

    def _polls(self) -> float:
        """Return the polls until the sources in progress, and one more, have outcomes. All share them."""
        rounds = math.ceil((self.in_progress + 1) / self.concurrency)
        intervals = max(self.longest, rounds * SOURCE_SECONDS) / self.interval + 2  # at both ends, parts of one count
        return POLLS_PER_INTERVAL * intervals


@define(eq=False)
class Reservation:
    """Reservation of one source.

    Requests are reserved when the source begins. Minutes and cost are reserved when an object has to be created.

    Attributes:
        ledger: The ledger of the run.
    """

    ledger: Ledger
    _began_at: float | None = field(default=None, init=False)
    _requests: Usage = field(factory=Usage, init=False)
    _content: Usage = field(factory=Usage, init=False)

    def reserve_requests(self, requests: Mapping[RateLimitCategory, float]) -> None:
        """Reserve requests.

        Raises:
            BudgetExceededError: The budget does not suffice.
        """
        self._requests = self._reserve(Usage(requests=dict(requests)), self._requests)
        self._began_at = asyncio.get_running_loop().time()
        self.ledger.in_progress += 1

    def reserve_content(self, usage: Usage) -> None:
        """Reserve all but requests and bytes, which are counted as they are sent.

        Raises:
            BudgetExceededError: The budget does not suffice.
        """
        self._content = self._reserve(evolve(usage, bytes=0, requests={}), self._content)

    def release_requests(self, category: RateLimitCategory) -> None:
        """Release the requests of a category, which have been sent."""
        self.ledger.reserved.add_requests({category: self._requests.requests.pop(category, 0)}, -1)

    def spend(self) -> None:
        """Record the content as used."""
        self.ledger.used.add(self._content)
        self.ledger.reserved.add(self._content, -1)
        self._content = Usage()

    def release(self) -> None:
        """Release all at the outcome of the source."""
        if self._began_at is not None:
            self.ledger.longest = max(self.ledger.longest, asyncio.get_running_loop().time() - self._began_at)
            self.ledger.in_progress -= 1
            self._began_at = None
        for usage in (self._requests, self._content):
            self.ledger.reserved.add(usage, -1)
        self._requests, self._content = Usage(), Usage()

    def _reserve(self, usage: Usage, before: Usage) -> Usage:
        """Reserve *usage* in the place of *before*, and return *usage*."""
        self.ledger.reserved.add(before, -1)
        try:
            self.ledger.require(usage)
        except BudgetExceededError:
            self.ledger.reserved.add(before)
            raise
        self.ledger.reserved.add(usage)
        return usage
