"""README, documentation and examples, executed as a reader would."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

import twelvelabs_async
from twelvelabs_async import AsyncTwelveLabs, TwelveLabs
from twelvelabs_async.testing import Emulator

from support.certificates import AUTHORITY
from support.clients import Connect
from support.clock import Clock
from support.samples import MEDIA, MODELS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
DOCS = {path.stem: path.read_text("utf-8") for path in (ROOT / "docs").glob("*.md")}
COMMANDS = [
    README.partition("\n## Command line\n")[2].partition("\n## ")[0],
    DOCS["cli"],
]
PAGES = (
    "api",
    "bulk",
    "clips",
    "sinks",
    "tables",
    "moments",
    "pages",
    "subtitles",
    "connections",
    "testing",
    "emulator",
)
"""Pages whose sections all have examples."""
SECTIONS = [section for page in PAGES for section in DOCS[page].split("\n## ")[1:]]
PUBLIC = {name: getattr(twelvelabs_async, name) for name in dir(twelvelabs_async)}
INSTANT = {"processing_time": 0, "indexing_time": 0, "analysis_time": 0, "embedding_time": 0}


def snippets(text: str, language: str = "python") -> list[str]:
    """Return the code blocks of a text, with the line numbers that they have there."""
    found = re.finditer(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return ["\n" * text[: match.start(1)].count("\n") + match[1] for match in found]


async def execute(code: str, names: dict[str, Any]) -> None:
    """Execute code like a notebook, with ``await`` allowed outside of functions."""
    result = eval(compile(code, "<snippet>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
    if inspect.iscoroutine(result):
        await result


def environment_without_key() -> dict[str, str]:
    """Return the environment without settings, so that examples use the emulator."""
    return {name: value for name, value in os.environ.items() if "TWELVE" not in name}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A current folder that contains the examples, in which snippets may write."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def platform() -> Iterator[tuple[Emulator, dict[str, Any]]]:
    """An emulator, and the names that the snippets use."""
    with Emulator(**INSTANT) as emulator, TwelveLabs(api_key=emulator.api_key, base_url=emulator.url) as client:
        index = client.indexes.ensure("prepared", models=MODELS)
        asset = client.assets.create_and_wait(MEDIA / "rocket_countdown.mp4")
        indexed_asset = client.indexes.indexed_assets.create_and_wait(index.id, asset_id=asset.id)
        started = client.data_connectors.authorize_connection(
            provider="google_drive", redirect_uri="https://example.com"
        )
        httpx.get(str(started.authorize_url))
        [connection] = client.data_connectors.list_connections()
        yield emulator, {"index": index, "asset": asset, "indexed_asset": indexed_asset, "connection": connection}


@pytest.fixture
async def names(
    platform: tuple[Emulator, dict[str, Any]],
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    autojump_clock: Clock,
    folder: None,
) -> AsyncIterator[dict[str, Any]]:
    """The names that the snippets use. Asynchronous waits take no real time."""
    emulator, prepared = platform
    monkeypatch.setenv("TWELVELABS_API_KEY", emulator.api_key)
    monkeypatch.setenv("TWELVELABS_BASE_URL", emulator.url)
    async with connect(emulator) as client:
        create_client = partial(AsyncTwelveLabs, middlewares=[autojump_clock.middleware])
        yield {**prepared, "client": client, "AsyncTwelveLabs": create_client}


async def test_snippets_of_the_readme_run(names: dict[str, Any]) -> None:
    """Every snippet after the first one uses names that earlier ones have defined."""
    client = names["client"]
    later = snippets(README)[1:]
    for snippet in later:
        if "client.media" in snippet and not find_spec("av"):
            continue  # the extra is for this
        names["client"] = client
        await execute(snippet, names)
    assert len(later) >= 11


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.partition("\n")[0])
async def test_every_section_of_the_documentation_has_examples_that_run(
    section: str, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They use public names without importing them, and the files and packages of the reader."""
    if "client.media" in section:
        pytest.importorskip("av", reason="needs av: pip install 'twelvelabs_async[media]'")
    AUTHORITY.cert_pem.write_to_path("company.pem")
    socks = ModuleType("aiohttp_socks")
    vars(socks)["ProxyConnector"] = object
    monkeypatch.setattr(socks, "ProxyConnector", None, raising=False)
    monkeypatch.setitem(sys.modules, "aiohttp_socks", socks)
    examples = snippets(section)
    for example in examples:
        await execute(example, {**PUBLIC, **names})
    assert examples


@pytest.mark.parametrize("page", ["migration", "notebooks"])
async def test_snippets_of_further_pages_run(page: str, names: dict[str, Any]) -> None:
    """Paths of the official SDK, and what notebooks show."""
    if page == "notebooks":
        pytest.importorskip("av", reason="needs av: pip install 'twelvelabs_async[media]'")
        pytest.importorskip("tqdm", reason="needs tqdm")
    for snippet in snippets(DOCS[page]):
        await execute(snippet, {**PUBLIC, **names})


def documented_names() -> Iterator[str]:
    """Yield the names that the API reference documents, except those of modules."""
    directive = re.compile(r"^\.\. auto(class|data|module):: twelvelabs_async\.(\S+)((?:\n   :.*)*)", re.MULTILINE)
    for kind, name, options in directive.findall(DOCS["api"]):
        members = re.search(r":members: (.+)", options)
        if kind == "class":
            yield name
        elif kind == "data":
            yield name.rpartition(".")[2]
        elif members:
            yield from members[1].split(", ")
        elif name.partition(".")[0] not in ("testing", "ray", "webhooks"):
            yield from importlib.import_module(f"twelvelabs_async.{name}").__all__


def test_the_api_reference_documents_what_can_be_imported() -> None:
    """Every class and function of the API reference can be imported from the package."""
    documented = set(documented_names())
    assert {"AsyncAssets", "Asset", "AsyncPager", "Callback", "structure", "NotFoundError"} <= documented
    assert documented <= set(twelvelabs_async.__all__)


@pytest.mark.any_python
@pytest.mark.timeout(300)  # each command is a process
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("text", COMMANDS, ids=["README", "documentation"])
def test_the_shown_commands_run(text: str, tmp_path: Path) -> None:
    """The commands of the README and of the page about the command line succeed."""
    pytest.importorskip("tqdm")
    [commands] = snippets(text, "bash")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with Emulator(**INSTANT) as emulator:
        settings = {"TWELVELABS_API_KEY": emulator.api_key, "TWELVELABS_BASE_URL": emulator.url, "PATH": path}
        settings["TWELVELABS_STATE_DIR"] = str(tmp_path / "state")
        result = subprocess.run(
            ["bash", "-euc", commands], env={**os.environ, **settings}, capture_output=True, text=True, check=False
        )
    assert result.returncode == 0, result.stderr
    assert "ready   examples/media/rocket_countdown.mp4  " in result.stdout


def test_the_first_program_runs_in_an_empty_folder(tmp_path: Path) -> None:
    """The first Python snippet of the README is a complete program that needs no key and no file."""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", snippets(README)[0]], cwd=tmp_path, capture_output=True, text=True
    )
    assert (result.returncode, result.stderr) == (0, "")
    clips = r"1 \w{24} 6.0 12.0\n2 \w{24} 0.0 6.0\n"
    assert re.fullmatch(rf"ready 12.0 seconds\n{clips}", result.stdout)


@pytest.mark.any_python
@pytest.mark.timeout(300)  # it has a process of its own
def test_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jupyter executes all cells, and shows bars, tables, players, pictures, lines of text, and points."""
    packages = {"tqdm": "tqdm", "av": "media", "m3u8": "media", "numpy": "data"}
    for package, extra in packages.items():
        pytest.importorskip(package, reason=f"needs {package}: pip install 'twelvelabs_async[{extra}]'")
    import nbformat
    from nbclient import NotebookClient

    for name in ("TWELVELABS_API_KEY", "TWELVE_LABS_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "examples"))
    notebook = nbformat.read(ROOT / "examples" / "notebook.ipynb", 4)
    NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": tmp_path}}).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    html = "".join(output.data.get("text/html", "") for output in shown if "data" in output)
    text = "".join(output.get("text", "") for output in shown)
    assert sum("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in shown) == 4
    for part, count in {"<table>": 3, 'preload="none" poster=': 5, "<circle": 39, "3 ready": 2}.items():
        assert html.count(part) == count, part
    assert "<time>0:05" in html
    assert "00:00:05,000 --> 00:00:09,400\nFive, four, three, two, one." in text
    assert {path.name for path in tmp_path.iterdir()} == {"hits.jpg", "best.mp4"}


@pytest.mark.parametrize(
    ("example", "patterns"),
    [
        (
            "quickstart.py",
            [
                r"bouncing_ball.mp4 +ready +10.0 s +480x360",
                r"game_of_life.mov +ready +12.0 s +640x360",
                r"rocket_countdown.mp4 +ready +15.0 s +640x360",
            ],
        ),
        ("blocking.py", [r"indexed asset ready", r"match from .* Five, four, three"]),
        ("bulk_indexing.py", [r"--> .*bouncing_ball.mp4: ready", r"--> missing.mp4: failed"]),
    ],
)
def test_the_examples_run_without_a_key(example: str, patterns: list[str]) -> None:
    """Each example succeeds on the emulator without a warning and prints its results."""
    result = subprocess.run(
        [sys.executable, "-W", "error", f"examples/{example}"],
        cwd=ROOT,
        env=environment_without_key(),
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    for pattern in patterns:
        assert re.search(pattern, result.stdout), result.stdout


def test_the_readme_has_a_quick_start_and_a_command_for_the_tests() -> None:
    headings = (ROOT / "README.md").read_text("utf-8").splitlines()
    assert {"## Quick start", "## Tests"} <= {*headings}
