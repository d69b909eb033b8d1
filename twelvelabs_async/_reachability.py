"""Reachability of the API: the time since which no request has got a response."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from .errors import APIConnectionError

__all__ = ["Reachability"]

log: Final = logging.getLogger("twelvelabs_async")

OUTAGE_SECONDS: Final = 5.0
"""The API is unreachable when requests have failed for this long without any response. Retries cover shorter breaks."""


class Reachability:
    """Reachability of the API by the requests of a client. Any response counts, whatever its status.

    Each request is sent in a ``with`` block.

    Attributes:
        responded_at: Time of the event loop at the last response.
        in_flight: Number of requests that wait for a response.
        failure: Failure of the last request; ``None`` if it got a response.
        unreachable_since: Local time of the first failure, as soon as the API counts as unreachable, else ``None``.
    """

    def __init__(self) -> None:
        self.responded_at: float = -math.inf
        self.in_flight: int = 0
        self.failure: APIConnectionError | None = None
        self.unreachable_since: datetime | None = None
        self._failed_at = 0.0
        self._failed_since = datetime.min
        self._observers: list[Callable[[], None]] = []

    @property
    def seconds(self) -> float:
        """Seconds since the first failure after the last response; 0 without a failure."""
        return _now() - self._failed_at if self.failure is not None else 0.0

    @property
    def silence(self) -> float:
        """Seconds since the last response."""
        return _now() - self.responded_at

    def __enter__(self) -> None:
        """Begin a request, which ends with the block."""
        self.in_flight += 1

    def __exit__(self, cls: object, error: BaseException | None, traceback: object) -> None:
        """Record whether the request got a response."""
        self.in_flight -= 1
        if error is None:
            self._record_response()
        elif isinstance(error, APIConnectionError):
            self._record_failure(error)

    def _record_response(self) -> None:
        self.responded_at = _now()
        if self.failure is None:
            return
        seconds, since = self.seconds, self.unreachable_since
        self.failure = self.unreachable_since = None
        if since is not None:
            log.warning("The API is reachable again, after %.0f s.", seconds)
        self._notify()

    def _record_failure(self, failure: APIConnectionError) -> None:
        if self.failure is None:
            self._failed_at, self._failed_since = _now(), datetime.now().astimezone()
        self.failure = failure
        if self.unreachable_since is None and self.seconds >= OUTAGE_SECONDS:
            self.unreachable_since = self._failed_since
            log.warning("Cannot reach the API since %s, retrying: %s", f"{self._failed_since:%H:%M}", failure)
        self._notify()

    @contextmanager
    def observed_by(self, observer: Callable[[], None]) -> Generator[None, None, None]:
        """Call *observer* with each failure, and with the first response after one, while the block runs."""
        self._observers.append(observer)
        try:
            yield
        finally:
            self._observers.remove(observer)

    def _notify(self) -> None:
        for observer in tuple(self._observers):
            observer()


def _now() -> float:
    return asyncio.get_running_loop().time()
