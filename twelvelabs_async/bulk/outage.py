"""Outages: what a run does while the API is unreachable."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

import anyio
from attrs import define, field

from .._waiting import WaitOptions
from ..errors import APIConnectionError, APIError, WaitTimeoutError
from ..options import RequestOptions
from ..resources._api import AsyncAPI
from .options import BulkOptions
from .outcome import Event

MAX_OUTAGE_SECONDS: Final = 24 * 3600.0
"""A longer outage ends the run. The platform keeps incomplete uploads for as long."""
MAX_SILENCE_SECONDS: Final = 35.0
"""Without any response for this long, a request in flight may wait for a connection that is dead.
Polls are at most 30 seconds apart."""
PROBE: Final[RequestOptions] = {"timeout_in_seconds": 10, "max_retries": 0}
PROBE_INTERVAL: Final = WaitOptions(interval=3.0)


@define(eq=False)
class OutageMonitor:
    """Detects outages for all sources of a run, so that they wait together and spend no attempts.

    Attributes:
        api: The resources of the API.
        options: Settings of the run.
        publish: Function that passes an event to the caller.
        stop: Function that ends the run because of an error.
    """

    api: AsyncAPI
    options: BulkOptions
    publish: Callable[[Event], Awaitable[None]]
    stop: Callable[[Exception], None]
    _changed: anyio.Event = field(factory=anyio.Event)
    _is_over: bool = False

    @property
    def is_unreachable(self) -> bool:
        """True while sources have to wait."""
        return self.api.reachability.unreachable_since is not None and not self._is_over

    def give_up(self) -> None:
        """End all waits, and let no source wait from now on."""
        self._is_over = True
        self._wake()

    async def wait(self) -> None:
        """Wait while the API is unreachable."""
        await self._until(lambda: not self.is_unreachable)

    async def outlast(self, error: BaseException) -> bool:
        """Return whether an outage caused *error*, after the end of the outage."""
        if self._is_over or not isinstance(error, APIConnectionError | WaitTimeoutError):
            return False
        await self._until(lambda: self._is_over or self.api.reachability.failure is None or self.is_unreachable)
        if not self.is_unreachable:
            return False
        await self.wait()
        return not self._is_over

    async def watch(self) -> None:
        """Probe the API after a failure and after a long silence, and emit events about outages."""
        reachability = self.api.reachability
        with reachability.observed_by(self._wake):
            while True:
                with anyio.move_on_after(MAX_SILENCE_SECONDS):
                    await self._until(lambda: reachability.failure is not None)
                if reachability.failure is not None:
                    await self._watch_failures()
                elif reachability.in_flight and reachability.silence >= MAX_SILENCE_SECONDS:
                    await self._probe()

    async def _watch_failures(self) -> None:
        """Probe the API until it responds."""
        reachability, is_reported = self.api.reachability, False
        while (failure := reachability.failure) is not None:
            since = reachability.unreachable_since
            if since is not None and not is_reported:
                is_reported = True
                await self.publish(Event("unreachable", "", error=failure, since=since))
            if reachability.seconds > MAX_OUTAGE_SECONDS:
                self.stop(failure)
            with anyio.move_on_after(PROBE_INTERVAL.pause(reachability.seconds)) as pause:
                await self._until(lambda: reachability.failure is None)
            if pause.cancelled_caught:
                await self._probe()
        if is_reported:
            await self.publish(Event("reachable", ""))

    async def _probe(self) -> None:
        """Send a small request. The transport records whether it gets a response."""
        with suppress(APIError):
            await self.api.indexes.list(page_limit=1, request_options={**(self.options.request_options or {}), **PROBE})

    def _wake(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    async def _until(self, condition: Callable[[], Any]) -> None:
        while not condition():
            await self._changed.wait()
