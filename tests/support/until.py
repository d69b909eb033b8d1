"""Waiting for a condition that nothing announces."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

LIMIT_SECONDS: Final = 30.0
"""Real time, by which a busy machine reaches the condition as well."""


async def until(condition: Callable[[], bool]) -> None:
    """Return as soon as *condition* holds.

    Raises:
        TimeoutError: It does not hold within 30 seconds.
    """
    deadline = time.monotonic() + LIMIT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("The condition does not hold after 30 s.")
        await asyncio.sleep(0.005)
