"""Conversations with emulators, whose clocks advance with each poll."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, get_args
from unittest.mock import patch

import pytest

from twelvelabs_async import AsyncTwelveLabs, RateLimitCategory
from twelvelabs_async.testing import Emulator
from twelvelabs_async.testing.__main__ import main
from twelvelabs_async.testing.drift.check import RATE_LIMIT, new_mark
from twelvelabs_async.testing.drift.conversation import Conversation
from twelvelabs_async.testing.drift.model_fields import ModelFields
from twelvelabs_async.testing.drift.report import Findings
from twelvelabs_async.testing.drift.step import Step
from twelvelabs_async.testing.drift.steps import LEFT_OVER

LIMITS: Final = dict.fromkeys(get_args(RateLimitCategory), RATE_LIMIT)
"""Rate limits of an emulator that sends their headers, as the check's own one."""

NOTHING: Final = Findings([], {}, ModelFields([], []))
"""No difference, and nothing that was not compared."""


async def converse(
    emulator: Emulator,
    client: AsyncTwelveLabs,
    steps: Sequence[Step],
    notify: Callable[[Step], Any] = lambda _: None,
    mark: str = "",
) -> Conversation:
    """Hold a conversation with an emulator, whose clock advances with each poll."""

    async def pause() -> None:
        emulator.advance(1)

    conversation = Conversation(client, mark or new_mark(), pause, notify)
    await conversation.run(steps, LEFT_OVER)
    return conversation


def run_check_live(*arguments: str) -> object:
    """Run the command in this process, and return its status."""
    with patch.object(sys, "argv", ["testing", "check-live", *arguments]), pytest.raises(SystemExit) as exit_:
        main()
    return exit_.value.code
