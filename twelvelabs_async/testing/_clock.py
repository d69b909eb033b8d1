"""The emulated clock: it runs with the real one, faster if asked, and can be turned forward."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime

import attrs


class Clock:
    """Seconds since the epoch, as the emulated platform sees them.

    Every state of a job is computed from this clock when it is asked for, so turning the clock is all a test has to do.

    Args:
        speed: Emulated seconds per real second; 0 stops the clock, which then moves by `advance` only.
    """

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._started = time.monotonic()
        self._offset = time.time()

    def now(self) -> float:
        return self._offset + (time.monotonic() - self._started) * self._speed

    def advance(self, seconds: float) -> None:
        self._offset += seconds

    def wait_for(self, moment: float) -> float:
        """Real seconds until an emulated moment."""
        return max(0.0, moment - self.now()) / (self._speed or 1.0)

    def told(self, moment: float) -> float:
        """An emulated moment to come, as a reading of the real clock."""
        return time.time() + self.wait_for(moment)


def rfc3339(moment: float) -> str:
    """An emulated moment as the API writes it: UTC, with milliseconds."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_rfc3339(text: str) -> float:
    """The opposite of `rfc3339`; a time without a zone is UTC.

    Raises:
        ValueError: The text is no date and time.
    """
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


@attrs.frozen
class Lifecycle:
    """The states of a job: when each begins, in order of time. Which one holds is told by the clock, not stored."""

    stages: tuple[tuple[float, str], ...]

    def at(self, moment: float) -> tuple[float, str]:
        """The state at a moment, and since when."""
        for stage in reversed(self.stages):
            if stage[0] <= moment:
                return stage
        return self.stages[0]


def lifecycle(begin: float, time: float, shares: Mapping[str, float], outcome: str) -> Lifecycle:
    """States that begin at shares of a time, and the outcome at its end."""
    stages = [(begin + share * time, state) for state, share in shares.items()]
    return Lifecycle((*stages, (begin + time, outcome)))


@attrs.define(eq=False)
class Job:
    """Anything that goes through states as time passes."""

    id: str
    lifecycle: Lifecycle

    @property
    def created_at(self) -> float:
        return self.lifecycle.stages[0][0]

    @property
    def ends_at(self) -> float:
        return self.lifecycle.stages[-1][0]

    def status(self, now: float) -> str:
        return self.lifecycle.at(now)[1]

    def updated_at(self, now: float) -> float:
        return self.lifecycle.at(now)[0]
