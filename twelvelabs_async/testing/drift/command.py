"""The command ``python -m twelvelabs_async.testing check-live``."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from ..._client import AsyncTwelveLabs
from ...errors import TwelveLabsError
from ...options import BASE_URL
from .check import differences_of, emulated, new_mark, pause
from .conversation import Conversation
from .cost import chosen, cost_of
from .report import report
from .step import Step
from .steps import LEFT_OVER, STEPS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.description = (
        "Compare the TwelveLabs API with the emulator. One conversation about all endpoints is held with both of them. "
        "Every difference is printed as Markdown, for an issue: fields, types, statuses, errors, headers, and the "
        "order of states. Names, texts, ids and keys are not printed. The key is that of TWELVELABS_API_KEY."
    )
    parser.add_argument("--base-url", help="URL of the API (default: TWELVELABS_BASE_URL, or that of TwelveLabs)")
    parser.add_argument("--only", action="append", metavar="NAME", help="methods such as assets or indexes.list")
    parser.add_argument("--yes", action="store_true", help="do not ask before anything is billed")


def run(**given: Any) -> NoReturn:
    """Run the command, and exit.

    The status is 0 if there is no difference, 1 if there are some, 2 if the service was not compared, and 130 after
    Ctrl-C.
    """
    sys.exit(check_live(**given))


def check_live(*, base_url: str | None, only: Sequence[str] | None, yes: bool) -> int:
    """Return the status of the command."""
    url = base_url or os.environ.get("TWELVELABS_BASE_URL") or BASE_URL
    try:
        steps = chosen(STEPS, only) if only else STEPS
        client = AsyncTwelveLabs(base_url=url)
        _print(_announcement(url, steps))
        if not (yes or _is_confirmed()):
            _print("Nothing was sent. Answer y, or pass --yes.")
            return 2
        return asyncio.run(_check(client, steps, service=BASE_URL if url == BASE_URL else "Another server"))
    except (TwelveLabsError, ValueError) as error:
        _print(str(error))
        return 2
    except KeyboardInterrupt:
        return 130


async def _check(client: AsyncTwelveLabs, steps: Sequence[Step], *, service: str) -> int:
    async with client:
        await client.indexes.list(page_limit=1)  # fails if the key is invalid
        conversation = Conversation(client, new_mark(), pause, lambda step: _print(step.label))
        try:
            await conversation.run(steps, LEFT_OVER)
        finally:
            for request, reason in conversation.left.items():
                _print(f"Not deleted ({reason}): {request}")
    differences, not_compared = differences_of(conversation, await emulated(steps, conversation.mark))
    print(report(differences, not_compared, service=service, compared=len(conversation.exchanges)))
    return 1 if differences else 0


def _announcement(base_url: str, steps: Sequence[Step]) -> str:
    """Return what the check is going to do."""
    lines = [
        f"The check holds a conversation of {len(steps)} requests, and polls, with {base_url}.",
        "It uploads a video of 12 seconds, pictures and a text, and deletes all that it makes.",
    ]
    if cost := cost_of(steps):
        lines += ["TwelveLabs bills:", cost]
    return "\n".join(lines)


def _is_confirmed() -> bool:
    try:
        return input("Continue? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:  # no terminal
        return False


def _print(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
