"""Time limits of a journal."""

from __future__ import annotations

import time
from collections.abc import Callable

from attrs import frozen

from ..._validators import time_limit


@frozen(kw_only=True)
class JournalTimings:
    """Time limits of a journal in seconds, and the clock by which processes compare their heartbeats.

    Attributes:
        commit_delay: Time in which writes are collected to be committed together. Default: 0.01.
        flush_delay: Maximum delay of writes for which no source waits. Default: 1.
        heartbeat: Interval between the heartbeats of a run. Default: 5.
        lease: Time without a heartbeat of a run after which other runs take over its sources. Default: 60.
        clock: Clock that runs on while the process is suspended.
    """

    commit_delay: float = time_limit(0.01)
    flush_delay: float = time_limit(1.0)
    heartbeat: float = time_limit(5.0)
    lease: float = time_limit(60.0)
    clock: Callable[[], float] = time.monotonic
