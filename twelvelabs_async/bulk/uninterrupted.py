"""Steps that a cancellation does not interrupt."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

import anyio

R = TypeVar("R")

CANCEL_SECONDS: Final = 10.0
"""Time in which a step may finish after a cancellation."""


async def uninterrupted(step: Awaitable[R]) -> R:
    """Return the result of a step, although the task is cancelled. The cancellation takes effect at the next wait.

    Raises:
        asyncio.CancelledError: The step did not finish in time after a cancellation.
    """
    running = asyncio.ensure_future(step)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        with anyio.CancelScope(shield=True):
            await asyncio.wait([running], timeout=CANCEL_SECONDS)
            if not running.done():
                running.cancel()
                await asyncio.wait([running])
        return running.result()
