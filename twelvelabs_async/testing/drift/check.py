"""The check: one conversation with a service and with the emulator, and the differences."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from secrets import randbelow
from typing import Final, get_args

from ..._client import AsyncTwelveLabs
from ...options import RateLimitCategory
from ..emulator import Emulator
from .answers import code_of
from .comparison import Difference, compare
from .conversation import Conversation
from .step import Step
from .steps import LEFT_OVER

MARKS: Final = 10**9
POLL_SECONDS: Final = 5.0
EMULATED_POLL_SECONDS: Final = 1.0
RATE_LIMIT: Final = (1_000_000, 60.0)
"""Requests and seconds of each limit of the emulator, which then sends the headers of limits."""
NOT_ALLOWED: Final = ("api_allowed_for_paid_plan", "api_not_allowed", "api_upgrade_required", "region_not_allowed")
"""Codes of errors for what an account may not use (docs: Error codes)."""


def new_mark() -> str:
    """Return a part of names that no other conversation has."""
    return f"check-live-{randbelow(MARKS):09}"


async def pause() -> None:
    """Wait between two requests for the state of a job of the service."""
    await asyncio.sleep(POLL_SECONDS)


async def emulated(steps: Sequence[Step], mark: str) -> Conversation:
    """Hold the conversation with an emulator, with the same names as with the service."""
    limits = dict.fromkeys(get_args(RateLimitCategory), RATE_LIMIT)
    with Emulator(speed=0, rate_limits=limits) as emulator:
        async with AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.url) as client:

            async def advance() -> None:
                emulator.advance(EMULATED_POLL_SECONDS)

            conversation = Conversation(client, mark, advance)
            await conversation.run(steps, LEFT_OVER)
            return conversation


def differences_of(live: Conversation, emulated: Conversation) -> tuple[list[Difference], dict[str, str]]:
    """Return the differences of two conversations, and the steps that are not compared, with the reasons."""
    not_compared = emulated.skipped | live.skipped
    for step, exchanges in live.exchanges.items():
        last = exchanges[-1].response
        if last is not None and code_of(last) in NOT_ALLOWED:
            not_compared[step] = "the account may not use it"
    compared = {step: exchanges for step, exchanges in live.exchanges.items() if step not in not_compared}
    return compare(compared, emulated.exchanges), not_compared
