"""What the README, the documentation and the examples show is run here, as a reader would run it."""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import twelvelabs_async
from twelvelabs_async import AsyncTwelveLabs, TwelveLabs
from twelvelabs_async.testing import Emulator

from support.samples import MEDIA, MODELS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PAGES = [(ROOT / "docs" / name).read_text("utf-8") for name in ("api.md", "bulk.md")]
COMMANDS = [
    README.partition("\n## Command line\n")[2].partition("\n## ")[0],
    (ROOT / "docs" / "cli.md").read_text("utf-8"),
]
SECTIONS = [section for page in PAGES for section in page.split("\n## ")[1:]]


def snippets(text: str, language: str = "python") -> list[str]:
    """The code in a text, in lines with the numbers they have there."""
    found = re.finditer(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return ["\n" * text[: match.start(1)].count("\n") + match[1] for match in found]


async def run(code: str, names: dict[str, Any]) -> None:
    """Run code as a notebook does: awaiting is allowed outside of functions."""
    running = eval(compile(code, "<snippet>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
    if inspect.iscoroutine(running):
        await running


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A current folder with the examples, and room for what snippets write."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("place")
async def test_snippets_of_the_readme_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every later snippet runs, one after the other, with the names that the ones before left."""
    others = snippets(README)[1:]
    with Emulator(processing_time=0, indexing_time=0, analysis_time=0, embedding_time=0) as emulator:
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


@pytest.fixture(scope="module")
def platform() -> Iterator[tuple[Emulator, dict[str, Any]]]:
    """An emulator, and the names that the examples of the API reference use."""
    with (
        Emulator(processing_time=0, indexing_time=0, analysis_time=0, embedding_time=0) as emulator,
        TwelveLabs(api_key=emulator.api_key, base_url=emulator.url) as client,
    ):
        index = client.indexes.ensure("talks", models=MODELS)
        asset = client.assets.create_and_wait(MEDIA / "rocket_countdown.mp4")
        indexed_asset = client.indexes.indexed_assets.create_and_wait(index.id, asset_id=asset.id)
        started = client.data_connectors.authorize_connection(
            provider="google_drive", redirect_uri="https://example.com"
        )
        httpx.get(str(started.authorize_url))
        [connection] = client.data_connectors.list_connections()
        yield emulator, {"index": index, "asset": asset, "indexed_asset": indexed_asset, "connection": connection}


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.partition("\n")[0])
async def test_the_documentation_has_examples_that_run(
    section: str, platform: tuple[Emulator, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every section of the API reference and of the page about bulk runs has examples, which run."""
    emulator, prepared = platform
    monkeypatch.setenv("TWELVELABS_API_KEY", emulator.api_key)
    monkeypatch.setenv("TWELVELABS_BASE_URL", emulator.url)
    public = {name: getattr(twelvelabs_async, name) for name in dir(twelvelabs_async)}
    async with AsyncTwelveLabs() as client:
        examples = snippets(section)
        for example in examples:
            await run(example, {**public, **prepared, "client": client})
    assert examples


@pytest.mark.any_python
@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("text", COMMANDS, ids=["README", "documentation"])
def test_the_commands_run(text: str) -> None:
    """What is shown of the command line can be typed."""
    pytest.importorskip("tqdm")
    [commands] = snippets(text, "bash")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with Emulator(processing_time=0, indexing_time=0) as emulator:
        known = {"TWELVELABS_API_KEY": emulator.api_key, "TWELVELABS_BASE_URL": emulator.url, "PATH": path}
        done = subprocess.run(
            ["bash", "-euc", commands], env={**os.environ, **known}, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr
    assert "ready   examples/media/rocket_countdown.mp4  " in done.stdout


def test_the_first_program_runs() -> None:
    """The first Python snippet is a whole program that needs no key."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", snippets(README)[0]], cwd=ROOT, capture_output=True, text=True
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
