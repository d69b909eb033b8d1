"""What the README and the examples show is run here, as a reader would run it."""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async.testing import Emulator

from conftest import MODELS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def snippets() -> list[str]:
    """The README's Python code, in lines with the numbers they have there."""
    found = re.finditer(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    return ["\n" * README[: match.start(1)].count("\n") + match[1] for match in found]


async def run(code: str, names: dict[str, Any]) -> None:
    """Run code as a notebook does: awaiting is allowed outside of functions."""
    running = eval(compile(code, "<snippet>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
    if inspect.iscoroutine(running):
        await running


async def test_snippets_of_the_readme_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every later snippet runs, one after the other, with the names that the ones before left."""
    monkeypatch.chdir(ROOT)
    others = snippets()[1:]
    with Emulator(processing_time=0, indexing_time=0) as emulator:
        monkeypatch.setenv("TWELVELABS_API_KEY", emulator.api_key)
        monkeypatch.setenv("TWELVELABS_BASE_URL", emulator.url)
        async with AsyncTwelveLabs() as client:
            index = await client.indexes.ensure("talks", models=MODELS[:1])
            asset = await client.assets.create_and_wait("examples/media/rocket_countdown.mp4", interval=0.01)
            names: dict[str, Any] = {"index": index, "asset": asset}
            for snippet in others:
                names["client"] = client
                await run(snippet, names)
    assert len(others) >= 11


def test_the_first_program_runs() -> None:
    """The first Python snippet is a whole program that needs no key."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", snippets()[0]], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "ready 15.0 seconds" in done.stdout


async def test_the_notebook_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Every cell of the example notebook runs, in order."""
    monkeypatch.syspath_prepend(ROOT / "examples")
    for name in ("TWELVELABS_API_KEY", "TWELVE_LABS_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    notebook = json.loads((ROOT / "examples" / "notebook.ipynb").read_text("utf-8"))
    names: dict[str, Any] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            await run("".join(cell["source"]), names)
    assert capsys.readouterr().out.count(" ready") == 3


@pytest.mark.parametrize(
    ("example", "shown"),
    [
        (
            "quickstart.py",
            [
                r"bouncing_ball.mp4 +ready +10.0 s +480x360",
                r"game_of_life.mov +ready +12.0 s +640x360",
                r"rocket_countdown.mp4 +ready +15.0 s +640x360",
            ],
        ),
        ("blocking.py", [r"indexed asset ready", r"found at .* Five, four, three"]),
        ("bulk_indexing.py", [r"--> .*bouncing_ball.mp4: ready", r"--> missing.mp4: failed"]),
    ],
)
def test_examples_run_without_a_key(example: str, shown: list[str]) -> None:
    """Each example ends well on the emulator, without a warning, and shows what it is about."""
    environment = {name: value for name, value in os.environ.items() if "TWELVE" not in name}
    done = subprocess.run(
        [sys.executable, "-W", "error", f"examples/{example}"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for pattern in shown:
        assert re.search(pattern, done.stdout), done.stdout
