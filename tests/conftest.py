"""Fixtures that all tests share."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import AsyncTwelveLabs, IndexSchema, TwelveLabs
from twelvelabs_async.testing import Emulator

from support.samples import MEDIA, MODELS

# A shell starts its background jobs with SIGINT ignored, which the processes that tests interrupt would inherit.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """A fresh emulator of the API, whose clock a test can turn."""
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[AsyncTwelveLabs]:
    """An asynchronous client of the emulator; tasks left behind and errors nobody saw fail the test."""
    problems: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
    before = asyncio.all_tasks()
    async with AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.url) as client:
        yield client
        assert asyncio.all_tasks() <= before | {asyncio.current_task()}
    assert not problems


@pytest.fixture
def sync_client(emulator: Emulator) -> Iterator[TwelveLabs]:
    """A blocking client of the emulator."""
    with TwelveLabs(api_key=emulator.api_key, base_url=emulator.url) as client:
        yield client


@pytest.fixture
async def index(client: AsyncTwelveLabs) -> IndexSchema:
    """An index to search and analyze."""
    return await client.indexes.ensure("tests", models=MODELS)


@pytest.fixture
def clip() -> Path:
    """A small real video."""
    return MEDIA / "bouncing_ball.mp4"
