"""Emulated time, and jobs whose status is computed from it."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from datetime import UTC, datetime

import attrs

Stages = tuple[tuple[float, str], ...]
"""Start time and name of each status of a job, in order. The last status is final."""


@attrs.define(eq=False)
class Clock:
    """Emulated clock.

    Attributes:
        speed: Emulated seconds per real second; with 0 the clock moves by `advance` only.
    """

    speed: float = 1.0
    _started: float = attrs.field(factory=time.monotonic, init=False)
    _offset: float = attrs.field(factory=time.time, init=False)

    def now(self) -> float:
        """Return the emulated time in seconds since the epoch."""
        return self._offset + (time.monotonic() - self._started) * self.speed

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self._offset += seconds

    def real_seconds_until(self, moment: float) -> float:
        """Return the real seconds until an emulated time."""
        return max(0.0, moment - self.now()) / (self.speed or 1.0)


@attrs.define(eq=False)
class Job:
    """Work with a status that changes over time.

    Attributes:
        id: Id of the job.
        stages: Start time and name of each status, in order. The last status is final.
        edited_at: Time of the latest change by the caller.
    """

    id: str
    stages: Stages
    edited_at: float = attrs.field(default=-math.inf, kw_only=True)

    @property
    def created_at(self) -> float:
        """Return the start time of the first status."""
        return self.stages[0][0]

    @property
    def ends_at(self) -> float:
        """Return the start time of the final status."""
        return self.stages[-1][0]

    def end(self, moment: float, status: str) -> None:
        """Give the job its final status at *moment*."""
        past = (stage for stage in self.stages if stage[0] <= moment)
        self.stages = (*past, (moment, status))

    def stage(self, now: float) -> tuple[float, str]:
        """Return the start time and the name of the status at a time."""
        for stage in reversed(self.stages):
            if stage[0] <= now:
                return stage
        return self.stages[0]

    def status(self, now: float) -> str:
        """Return the status at a time."""
        return self.stage(now)[1]

    def updated_at(self, now: float) -> float:
        """Return the time of the latest change before a time."""
        return max(self.stage(now)[0], self.edited_at)


def plan(start: float, seconds: float, shares: Mapping[str, float], outcome: str) -> Stages:
    """Return stages that start at shares of *seconds* and end with *outcome*."""
    return (*((start + share * seconds, status) for status, share in shares.items()), (start + seconds, outcome))


def rfc3339(moment: float) -> str:
    """Format a time as the API does: UTC, with milliseconds."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_rfc3339(text: str) -> float:
    """Parse an RFC 3339 time; one without an offset is UTC.

    Raises:
        ValueError: The text is not a date and time.
    """
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
