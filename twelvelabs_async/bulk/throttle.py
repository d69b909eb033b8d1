"""Flow control that a run's uploads and creating requests obey: a bandwidth limit and a pause switch."""

from __future__ import annotations

import asyncio

import anyio
from attrs import define


@define(eq=False)
class Throttle:
    """Limit of the bytes that all uploads send per second.

    Attributes:
        rate: Bytes per second, or ``None`` for no limit.
    """

    rate: float | None
    _free_at: float = 0.0

    async def acquire(self, size: int) -> None:
        """Wait until *size* more bytes are within the rate."""
        if self.rate is not None:
            now = asyncio.get_running_loop().time()
            self._free_at = max(self._free_at, now) + size / self.rate
            await anyio.sleep(self._free_at - now)


@define(eq=False)
class PauseSwitch:
    """Switch that pauses a run."""

    _resumed: anyio.Event | None = None

    def pause(self) -> None:
        """Pause the run."""
        if self._resumed is None:
            self._resumed = anyio.Event()

    def resume(self) -> None:
        """Resume the run."""
        if self._resumed is not None:
            self._resumed.set()
            self._resumed = None

    async def wait(self) -> None:
        """Wait while the run is paused."""
        while self._resumed is not None:
            await self._resumed.wait()
