"""What the README and the examples show is run here, as a reader would run it."""

from __future__ import annotations

import ast
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import MODELS
from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async.testing import Emulator

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def snippets() -> list[str]:
    """The README's Python code, in lines with the numbers they have there."""
    found = re.finditer(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    return ["\n" * README[: match.start(1)].count("\n") + match[1] for match in found]


async def test_snippets_of_the_readme_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every Python snippet runs, one after the other, with the names that the ones before left."""
    monkeypatch.chdir(ROOT)
    [first, *others] = snippets()
    subprocess.run([sys.executable, "-W", "error", "-c", first], check=True, timeout=30)

    with Emulator(processing_time=0, indexing_time=0) as emulator:
        monkeypatch.setenv("TWELVELABS_API_KEY", emulator.api_key)
        monkeypatch.setenv("TWELVELABS_BASE_URL", emulator.url)
        async with AsyncTwelveLabs() as client:
            index = await client.indexes.ensure("talks", models=MODELS[:1])
            asset = await client.assets.create_and_wait("examples/media/rocket_countdown.mp4", interval=0.01)
            names: dict[str, Any] = {"index": index, "asset": asset}
            for snippet in others:
                names["client"] = client
                # As in a notebook, awaiting is allowed outside of functions.
                running = eval(compile(snippet, "README.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
                if inspect.iscoroutine(running):
                    await running
    assert len(others) >= 11


@pytest.mark.parametrize("example", ["quickstart.py", "blocking.py", "bulk_indexing.py"])
def test_examples_run_without_a_key(example: str) -> None:
    """Each example ends well on the emulator, and shows what it is about."""
    environment = {name: value for name, value in os.environ.items() if "TWELVE" not in name}
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", f"examples/{example}"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "ready" in done.stdout


def test_every_clip_is_ready_in_the_quick_start() -> None:
    """The table at the end lists the three sample clips, all ready, with their true lengths."""
    environment = {name: value for name, value in os.environ.items() if "TWELVE" not in name}
    done = subprocess.run(
        [sys.executable, "examples/quickstart.py"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    table = done.stdout.partition("indexed asset\n")[2]
    for clip, length in [("bouncing_ball.mp4", "10.0 s"), ("game_of_life.mov", "12.0 s"), ("rocket_countdown.mp4", "15.0 s")]:
        assert re.search(rf"{re.escape(clip)} +ready +{re.escape(length)}", table), table
