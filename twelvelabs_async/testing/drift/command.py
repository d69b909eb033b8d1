"""The command ``python -m twelvelabs_async.testing check-live``."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Final, NoReturn

from ..._client import AsyncTwelveLabs
from ...errors import APIConnectionError, TwelveLabsError
from ...options import BASE_URL
from ..recordings import Recording, record
from .check import compare_conversations, compare_recording, emulated, emulated_recording, new_mark, pause
from .conversation import Conversation
from .cost import chosen, cost_of
from .report import Findings, report
from .step import Step
from .steps import LEFT_OVER, STEPS

REQUEST_SECONDS: Final = 120.0
"""Longest wait for a response. All files are short."""


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
    parser.add_argument("--record", metavar="FILE", help="also record the conversation")
    parser.add_argument("--recording", metavar="FILE", help="compare a recording instead, without any request")


def run(
    *, base_url: str | None, only: Sequence[str] | None, yes: bool, record: str | None, recording: str | None
) -> NoReturn:
    """Run the command, and exit.

    The status is 0 if there is no difference, 1 if there are some, 2 if nothing was compared, and 130 after Ctrl-C.
    """
    url = base_url or os.environ.get("TWELVELABS_BASE_URL") or BASE_URL
    try:
        if recording is not None:
            check = _check_recording(Recording.read(recording))
        else:
            steps = chosen(STEPS, only) if only else STEPS
            AsyncTwelveLabs(base_url=url)  # fails without a key, before the question
            _confirm(url, steps, is_confirmed=yes)
            check = _check_service(url, steps, record)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the conversation uses deprecated endpoints on purpose
            found = asyncio.run(check)
    except (TwelveLabsError, ValueError, OSError) as error:
        _print(str(error))
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    print(report(found, "A recording" if recording else url if url == BASE_URL else "Another server"))
    sys.exit(1 if found else 0)


async def _check_recording(recording: Recording) -> Findings:
    return compare_recording(recording, await emulated_recording(STEPS, new_mark()))


async def _check_service(url: str, steps: Sequence[Step], record_in: str | None) -> Findings:
    with record(record_in, base_url=url) if record_in else nullcontext() as recorder:
        async with AsyncTwelveLabs(base_url=recorder.url if recorder else url, timeout=REQUEST_SECONDS) as client:
            await client.indexes.list(page_limit=1)  # fails if the key is invalid
            conversation = Conversation(client, new_mark(), pause, lambda step: _print(step.label))
            try:
                await conversation.run(steps, LEFT_OVER)
            except APIConnectionError as error:  # what was compared until then is reported
                _print(str(error))
                missing = (step.label for step in steps if step.label not in conversation.exchanges)
                conversation.skipped |= dict.fromkeys(missing, "the service did not respond")
            finally:
                for request, reason in conversation.left.items():
                    _print(f"Not deleted ({reason}): {request}")
    return compare_conversations(conversation, await emulated(steps, conversation.mark))


def _confirm(url: str, steps: Sequence[Step], *, is_confirmed: bool) -> None:
    """Print what the check is going to do, and ask.

    Raises:
        ValueError: The answer is not yes.
    """
    _print(_announcement(url, steps))
    if not is_confirmed and not _asks("Continue? [y/N] "):
        raise ValueError("Nothing was sent. Answer y, or pass --yes.")


def _announcement(base_url: str, steps: Sequence[Step]) -> str:
    """Return what the check is going to do."""
    lines = [f"The check holds a conversation of {len(steps)} requests, and polls, with {base_url}."]
    if any(step.files for step in steps):
        lines.append("It uploads samples: at most a video of 12 seconds, pictures and a text.")
    lines.append("It deletes everything that it creates.")
    if cost := cost_of(steps):
        lines += ["TwelveLabs bills this, and perhaps a request that it is expected to refuse:", cost]
    return "\n".join(lines)


def _asks(question: str) -> bool:
    print(question, end="", file=sys.stderr, flush=True)  # the output may be a file
    try:
        return input().strip().lower() in ("y", "yes")
    except EOFError:  # no terminal
        return False


def _print(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
