"""Endpoints and models that the platform marks for removal warn once, at the caller, with what replaces them."""

from __future__ import annotations

import linecache
import re
import subprocess
import sys
import warnings
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import APIError, AsyncTwelveLabs, TwelveLabs
from twelvelabs_async._deprecations import ENDPOINTS
from twelvelabs_async.testing import Emulator

VIDEO: Any = {"type": "url", "url": "https://example.com/talk.mp4"}
PEGASUS: Any = [{"model_name": "pegasus1.2", "model_options": ["visual"]}]
MARENGO: Any = [{"model_name": "marengo2.7", "model_options": ["visual"]}]
URL = "https://example.com/a.mp4"
Use = Callable[[Any], Any]

USES: dict[str, tuple[Use, str]] = {
    "tasks": (lambda client: client.tasks.list(), "client.indexes.indexed_assets"),
    "videos": (lambda client: client.indexes.videos.retrieve("1", "2"), "client.indexes.indexed_assets"),
    "embed.tasks": (lambda client: client.embed.tasks.retrieve("1"), "client.embed.v_2.tasks"),
    "embed": (lambda client: client.embed.create(model_name="marengo3.0", text="a"), "client.embed.v_2.create"),
    "raw": (lambda client: client.tasks.with_raw_response.retrieve("1"), "client.indexes.indexed_assets"),
    "argument": (
        lambda client: client.knowledge_store_items.create("1", asset_id="2", metadata={}),
        "item_metadata=",
    ),
    "index": (lambda client: client.indexes.create(index_name="a", models=PEGASUS), "client.analyze"),
    "ensure": (lambda client: client.indexes.ensure("a", models=MARENGO), "marengo3.0"),
    "analyze": (lambda client: client.analyze(model_name="pegasus1.2", video=VIDEO, prompt="?"), "pegasus1.5"),
    "raw model": (
        lambda client: client.with_raw_response.analyze(model_name="pegasus1.2", video=VIDEO, prompt="?"),
        "pegasus1.5",
    ),
}
"""Uses of what the platform marks, each with what the warning recommends."""


@pytest.fixture(autouse=True)
def new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """No warning has been given yet."""
    monkeypatch.setattr("twelvelabs_async._deprecations._warned", set())


def assert_one_warning(caught: list[warnings.WarningMessage], expected: str) -> None:
    """Require one warning, which recommends something, at a line of this file that uses a client or awaits the use."""
    [warning] = caught
    assert warning.category is DeprecationWarning
    assert expected in str(warning.message)
    assert warning.filename == __file__
    assert re.search("client|await", linecache.getline(__file__, warning.lineno))


@pytest.mark.parametrize("name", USES)
async def test_an_asynchronous_call_warns_once(client: AsyncTwelveLabs, name: str) -> None:
    """The warning is at the line of the call, and a second call does not warn."""
    use, expected = USES[name]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            with suppress(APIError):
                result = use(client)
                if isinstance(result, Awaitable):
                    await result
    assert_one_warning(caught, expected)


@pytest.mark.parametrize("name", USES)
def test_a_blocking_call_warns_once(sync_client: TwelveLabs, name: str) -> None:
    """The warning is at the line of the call, although the request is sent in another thread."""
    use, expected = USES[name]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            with suppress(APIError):
                use(sync_client)
    assert_one_warning(caught, expected)


def test_a_blocking_stream_warns_once(sync_client: TwelveLabs) -> None:
    """A stream warns when it is made, in the thread of the caller."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with suppress(APIError):
            list(sync_client.analyze_stream(model_name="pegasus1.2", video=VIDEO, prompt="?"))
    assert_one_warning(caught, "pegasus1.5")


BULK_USES: dict[str, tuple[Use, str]] = {
    "analyze": (lambda client: client.bulk.analyze([URL], prompt="?", model_name="pegasus1.2"), "pegasus1.5"),
    "embed": (lambda client: client.bulk.embed([URL], model_name="marengo2.7"), "marengo3.0"),
}


@pytest.mark.parametrize("name", BULK_USES)
@pytest.mark.parametrize("is_blocking", [False, True])
async def test_bulk_methods_warn_of_retired_models(
    client: AsyncTwelveLabs, sync_client: TwelveLabs, name: str, is_blocking: bool
) -> None:
    """A bulk method warns when it is called, before its run starts."""
    use, expected = BULK_USES[name]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        use(sync_client if is_blocking else client)
    assert_one_warning(caught, expected)


@pytest.mark.usefixtures("autojump_clock")
async def test_bulk_runs_use_nothing_that_is_marked(client: AsyncTwelveLabs) -> None:
    """The package itself uses what replaces the marked endpoints."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        models: Any = [{"model_name": "marengo3.0", "model_options": ["visual"]}]
        index = await client.indexes.ensure("talks", models=models)
        bulk = client.bulk
        for run in (
            bulk.index(index.id, [URL]), bulk.embed([URL], model_name="marengo3.0"), bulk.analyze([URL], prompt="?"),
        ):  # fmt: skip
            assert [outcome.status async for outcome in run] == ["ready"]


PROGRAM = """
import asyncio
from twelvelabs_async import AsyncTwelveLabs

async def main():
    async with AsyncTwelveLabs(api_key="key", base_url="{url}") as client:
        await asyncio.gather(client.embed.create(model_name="marengo3.0", text="a"), return_exceptions=True)

asyncio.run(main())
"""


def test_a_task_warns_in_the_program_of_the_caller(emulator: Emulator) -> None:
    """In a task, no frame of the caller awaits the call: the warning is at the line that runs the event loop.

    Python shows deprecation warnings of the main program, without any setting.
    """
    program = PROGRAM.format(url=emulator.url)
    run = subprocess.run([sys.executable, "-Wdefault", "-c", program], capture_output=True, text=True, check=True)
    assert "<string>:9: DeprecationWarning: client.embed.create uses endpoints" in run.stderr


@pytest.mark.parametrize("name", [*ENDPOINTS, "pegasus1.2"])
def test_the_documentation_lists_what_is_marked(name: str) -> None:
    """The page about versions has each name that warns."""
    page = (Path(__file__).parents[1] / "docs" / "versions.md").read_text("utf-8")
    assert f"`{name}`" in page
