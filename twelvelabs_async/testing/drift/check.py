"""The check: one conversation with a service and with the emulator, and the differences."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Sequence
from pathlib import Path
from secrets import randbelow
from tempfile import TemporaryDirectory
from typing import Final, get_args

from ..._client import AsyncTwelveLabs
from ...options import RateLimitCategory
from ..emulator import Emulator
from ..recordings import Recording, record
from .answers import code_of
from .comparison import Exchanges, compare, compare_other_requests
from .conversation import Conversation
from .model_fields import compare_with_models
from .recorded import labelled
from .report import Findings
from .step import Step
from .steps import LEFT_OVER, STEPS

MARKS: Final = 10**9
POLL_SECONDS: Final = 5.0
EMULATED_POLL_SECONDS: Final = 1.0
RATE_LIMIT: Final = (1_000_000, 60.0)
"""Requests and seconds of each limit of the emulator, which then sends the headers of limits."""
TOO_MANY_REQUESTS: Final = 429
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
    with _emulator() as emulator:
        return await _converse(emulator, emulator.url, steps, mark)


async def emulated_recording(steps: Sequence[Step], mark: str) -> Exchanges:
    """Hold the conversation with an emulator, record it, and return the exchanges of the recording."""
    with TemporaryDirectory(prefix="twelvelabs-drift-") as folder:
        path = Path(folder) / "emulator.jsonl"
        with _emulator() as emulator, record(path, base_url=emulator.url) as recorder:
            await _converse(emulator, recorder.url, steps, mark)
        return labelled(Recording.read(path), (*steps, LEFT_OVER))


def _emulator() -> Emulator:
    return Emulator(speed=0, rate_limits=dict.fromkeys(get_args(RateLimitCategory), RATE_LIMIT))


async def _converse(emulator: Emulator, url: str, steps: Sequence[Step], mark: str) -> Conversation:
    async def advance() -> None:
        emulator.advance(EMULATED_POLL_SECONDS)

    async with AsyncTwelveLabs(api_key=emulator.api_key, base_url=url) as client:
        conversation = Conversation(client, mark, advance)
        await conversation.run(steps, LEFT_OVER)
        return conversation


def compare_conversations(live: Conversation, emulated: Conversation) -> Findings:
    """Compare a conversation with a service with that with an emulator."""
    not_compared = emulated.skipped | live.skipped | _not_answered(live.exchanges)
    answered = _without(live.exchanges, not_compared)
    return Findings(compare(answered, emulated.exchanges), not_compared, compare_with_models(answered))


def compare_recording(recording: Recording, emulated: Exchanges) -> Findings:
    """Compare a recording with a recorded conversation with an emulator.

    Requests that the conversation does not have are compared by their endpoints.
    """
    live = labelled(recording, (*STEPS, LEFT_OVER))
    not_compared = dict.fromkeys(emulated.keys() - live.keys(), "it was not recorded") | _not_answered(live)
    answered = _without(live, not_compared)
    others = _without(answered, emulated)
    differences = compare(answered, emulated) + compare_other_requests(others, emulated)
    return Findings(differences, not_compared, compare_with_models(answered))


def _not_answered(exchanges: Exchanges) -> dict[str, str]:
    """Return the steps that the account was not allowed to take, and the reasons."""
    reasons: dict[str, str] = {}
    for step, found in exchanges.items():
        last = found[-1].response
        if last and last.status == TOO_MANY_REQUESTS:
            reasons[step] = "a limit of the account is used up"
        elif last and code_of(last) in NOT_ALLOWED:
            reasons[step] = "the account may not use it"
    return reasons


def _without(exchanges: Exchanges, steps: Container[str]) -> Exchanges:
    return {step: found for step, found in exchanges.items() if step not in steps}
