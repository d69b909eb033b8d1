"""The command line: whole processes, in pipes and on terminals."""

from __future__ import annotations

import json
import os
import pty
import shlex
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from twelvelabs_async import TwelveLabs
from twelvelabs_async.testing import Emulator

from support.samples import MEDIA, MODELS

pytest.importorskip("click")
pytest.importorskip("tqdm")

from click.testing import CliRunner, Result

from twelvelabs_async.cli._commands import program

PROGRAM = Path(sys.executable).with_name("twelvelabs-async")
SETTINGS = ("TWELVELABS_API_KEY", "TWELVE_LABS_API_KEY", "TWELVELABS_BASE_URL", "TWELVELABS_LOG")
NEVER = "0123456789abcdef01234567"

Start = Callable[..., subprocess.Popen[str]]
Run = Callable[..., Result]


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Emulator]:
    """An emulator whose jobs are done at once, to which commands are led by the environment."""
    monkeypatch.chdir(tmp_path)
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    with Emulator(processing_time=0, indexing_time=0) as emulator:
        monkeypatch.setenv("TWELVELABS_BASE_URL", emulator.url)
        monkeypatch.setenv("TWELVELABS_API_KEY", emulator.api_key)
        yield emulator


@pytest.fixture
def run(platform: Emulator) -> Run:
    """Runs a command in this process; settings are environment variables, and ``None`` takes one away."""

    def run(*arguments: object, answer: str = "", **settings: str | None) -> Result:
        return CliRunner().invoke(program, [*map(str, arguments)], answer, settings)

    return run


@pytest.fixture
def start(platform: Emulator) -> Iterator[Start]:
    """Starts a process that runs a command, in pipes or on a terminal."""
    started: list[subprocess.Popen[str]] = []

    def start(
        *arguments: object, output: int = subprocess.PIPE, messages: int = subprocess.PIPE, **settings: str
    ) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [PROGRAM, *map(str, arguments)],
            env={**os.environ, "PYTHONWARNINGS": "error", **settings},
            stdout=output,
            stderr=messages,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """The exit code of a process, and what it printed: results, and messages, which must not be a traceback."""
    output, messages = process.communicate(timeout=30)
    assert "Traceback" not in messages
    return process.returncode, output, messages


@pytest.fixture
def index_id(run: Run) -> str:
    """An index made by the program."""
    return run("indexes", "create", "talks").stdout.strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good video, one that is refused, and a name that shells take apart."""
    folder = tmp_path / "my clips"
    folder.mkdir()
    (folder / "ball.mp4").write_bytes((MEDIA / "bouncing_ball.mp4").read_bytes())
    (folder / "empty.mp4").touch()
    return folder


def uploads(emulator: Emulator) -> int:
    """How many uploads the emulator was asked for."""
    return sum((request.method, request.path) == ("POST", "/assets") for request in emulator.requests)


def test_help_imports_nothing_heavy() -> None:
    """Asking for help waits for nothing that only commands need."""
    for arguments in (["--help"], ["index", "-h"]):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", PROGRAM, *arguments], capture_output=True, text=True, check=True
        )
        imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
        assert "click" in imported
        assert not imported & {"aiohttp", "anyio", "asyncio", "attrs", "cattrs", "importlib.metadata", "tqdm"}
        assert "--help" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "settings", "code", "said"),
    [
        (["search", NEVER, "x"], {"TWELVELABS_API_KEY": None}, 3, "set TWELVELABS_API_KEY"),
        (["search", NEVER, "x"], {"TWELVELABS_API_KEY": "wrong"}, 3, "Check the API key"),
        (["search", NEVER, "x"], {"TWELVELABS_BASE_URL": "http://127.0.0.1:9/v1.3"}, 1, "no connection to 127.0.0.1"),
        (["search", NEVER, "x"], {"TWELVELABS_BASE_URL": "localhost"}, 2, "base_url must look like"),
        (["search", NEVER, "x"], {}, 1, "does not exist"),
        (["analyze", "missing.mp4", "x"], {}, 2, "missing.mp4: No such file"),
        (["index", "missing", "--index", NEVER], {}, 1, "does not exist"),
        (["index", "missing", "--index", NEVER], {"TWELVELABS_API_KEY": None}, 3, "set TWELVELABS_API_KEY"),
        (["status", "missing.db"], {}, 2, "no journal missing.db"),
    ],
)
def test_errors(run: Run, arguments: list[str], settings: dict[str, str | None], code: int, said: str) -> None:
    """What goes wrong is told in one line, and by the exit code."""
    done = run(*arguments, **settings)
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr.splitlines()[-1]
    assert done.stderr.splitlines()[-1].startswith("Error: ")
    assert "Traceback" not in done.stderr
    assert "wrong" not in done.stderr


def test_traceback_for_those_who_ask(start: Start) -> None:
    """An error shows where it came from to those who have everything logged."""
    _, messages = start("search", NEVER, "x", TWELVELABS_LOG="debug").communicate(timeout=30)
    assert "Traceback" in messages


def test_indexes(run: Run, index_id: str) -> None:
    """Indexes are made once, listed, and deleted if one says yes."""
    assert run("indexes", "create", "talks").stdout.strip() == index_id
    other = run("indexes", "create", "walks", "--model", "pegasus1.2").stdout.strip()
    assert run("indexes", "ls").stdout.split() == [other, "0", "walks", index_id, "0", "talks"]
    assert [json.loads(line)["_id"] for line in run("indexes", "ls", "--json").stdout.splitlines()] == [other, index_id]

    for refusal in ("n\n", ""):
        refused = run("indexes", "rm", other, answer=refusal)
        assert (refused.exit_code, refused.stdout.count(other)) == (1, 0)
        assert f"Delete {other} for good?" in refused.stderr
    assert run("indexes", "rm", other, answer="y\n").stdout.split()[-1] == other
    assert run("indexes", "ls").stdout.split() == [index_id, "0", "talks"]


def test_analyze_and_delete(platform: Emulator, run: Run) -> None:
    """A file that is asked about becomes an asset, which can be deleted; one that cannot is passed over."""
    platform.understand("*.mp4", text="A ball bounces.")
    first = run("analyze", MEDIA / "bouncing_ball.mp4", "What is there?")
    [asset_id] = platform.assets
    assert first.stdout.startswith("A ball bounces.")
    assert first.stdout.endswith("\n")
    assert f"the asset {asset_id}" in first.stderr
    again = run("analyze", asset_id, "What is there?")
    assert (again.stdout, again.stderr) == (first.stdout, "")
    assert uploads(platform) == 1

    assert run("assets", "ls").stdout.split()[:2] == [asset_id, "ready"]
    assert run("assets", "ls", "--filename", "other.mp4").stdout == ""
    deleted = run("assets", "rm", NEVER, asset_id, "--yes")
    assert (deleted.exit_code, deleted.stdout.strip()) == (1, asset_id)
    assert deleted.stderr.startswith(f"{NEVER}: ")
    assert not platform.assets


def test_index_and_status(platform: Emulator, start: Start, run: Run, index_id: str, folder: Path) -> None:
    """Indexing tells of each video on stdout and of the whole on stderr; again, it sends nothing again."""
    planned = run("index", "my clips", "--index", index_id, "--dry-run")
    assert planned.stdout.startswith("1 file, 0.2 minutes, 134.5 kB to upload; 1 skipped:\n")
    assert json.loads(run("index", "my clips", "--index", index_id, "--dry-run", "--json").stdout)["files"] == 1
    assert not uploads(platform)

    code, output, messages = finish(start("index", "my clips", "--index", index_id, "--json"))
    outcomes = {outcome["source"]: outcome for outcome in map(json.loads, output.splitlines())}
    ball, empty = outcomes["my clips/ball.mp4"], outcomes["my clips/empty.mp4"]
    assert (code, len(outcomes), ball["status"], ball["error"]) == (1, 2, "ready", None)
    assert (empty["status"], empty["indexed_asset_id"]) == ("failed", None)
    assert "size" in empty["error"]
    assert "1 ready, 1 failed of 2; 0.1 of 0.1 MB sent" in messages
    again = f"twelvelabs-async index 'my clips' --index {index_id} --json --retry-failed"
    assert messages.splitlines()[-1].strip() == again

    (folder / "empty.mp4").unlink()
    done = run("index", folder, "--index", index_id)
    assert (done.exit_code, done.stdout) == (0, f"ready   {folder / 'ball.mp4'}  {ball['indexed_asset_id']}\n")
    assert "1 ready of 1; 0.0 of 0.0 MB sent" in done.stderr
    assert uploads(platform) == 1

    journal = f"twelvelabs-{index_id}.db"
    told = run("status", journal).stdout.splitlines()
    assert told[:3] == [f"index {index_id}: not running", "      1  failed", "      1  ready"]
    assert told[3].startswith(f"{folder / 'empty.mp4'}: ")
    assert json.loads(run("status", journal, "--json").stdout)["counts"] == {"ready": 1, "failed": 1}

    assert run("assets", "rm", ball["asset_id"], "--yes").exit_code == 1
    assert run("assets", "rm", ball["asset_id"], "--yes", "--force").exit_code == 0


def test_search(platform: Emulator, run: Run, index_id: str) -> None:
    """A search prints the best moments, at most as many as one likes."""
    platform.understand("*.mp4", transcription=[(0.0, 2.0, "A ball bounces.")])
    with TwelveLabs() as client:
        for name in ("one.mp4", "two.mp4"):
            asset = client.assets.create_and_wait(MEDIA / "bouncing_ball.mp4", filename=name)
            client.indexes.indexed_assets.create_and_wait(index_id, asset_id=asset.id)
        ids = [asset.id for asset in client.indexes.indexed_assets.list(index_id, sort_option="asc")]

    search = ["search", index_id, "ball", "--in", "transcription"]
    moments = run(*search, "--limit", 60).stdout.splitlines()
    assert [line.split() for line in moments] == [
        [rank, "0:00", "-", "0:10", video_id, "A", "ball", "bounces."] for rank, video_id in zip("12", ids, strict=True)
    ]
    [best] = run(*search, "--limit", 1, "--json").stdout.splitlines()
    assert json.loads(best)["video_id"] == ids[0]


def test_bars_on_a_terminal(start: Start, index_id: str, folder: Path) -> None:
    """On a terminal there are two bars, and lines only for what failed."""
    screen, end = pty.openpty()
    termios.tcsetwinsize(screen, (24, 120))
    process = start("index", folder, "--index", index_id, output=end, messages=end)
    os.close(end)
    shown = b""
    with suppress(OSError):  # which tells that nobody is left at the other end
        while piece := os.read(screen, 65536):
            shown += piece
    os.close(screen)
    text = shown.decode()
    assert process.wait(10) == 1
    assert "%|" in text
    assert "B/s<" in text
    assert "ready  " not in text
    assert f"failed  {folder / 'empty.mp4'}: " in text
    assert "1 ready, 1 failed of 2;" in text.splitlines()[-3]


def test_interrupted_and_continued(start: Start, tmp_path: Path, folder: Path) -> None:
    """Ctrl-C ends indexing at once, says what to type to go on, and that goes on."""
    with Emulator(speed=0) as emulator, TwelveLabs(api_key=emulator.api_key, base_url=emulator.url) as client:
        (folder / "empty.mp4").unlink()
        index = client.indexes.create(index_name="talks", models=MODELS)
        there = {"TWELVELABS_BASE_URL": emulator.url}
        settings = ["--concurrency", "2", "--upload-concurrency", "2"]
        process = start("index", "my clips", "--index", index.id, *settings, **there)
        assert process.stderr is not None
        while "1 uploaded of 1" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        code, output, messages = finish(process)
        assert (code, output) == (130, "")
        command = messages.splitlines()[-1].strip()
        assert command == f"twelvelabs-async index 'my clips' --index {index.id} {' '.join(settings)}"

        again = start(*shlex.split(command)[1:], **there)
        while again.poll() is None:
            emulator.advance(1)
            time.sleep(0.01)
        code, output, _ = finish(again)
        assert (code, output.split()[0]) == (0, "ready")
        assert uploads(emulator) == 1


def test_nobody_listens(start: Start, index_id: str, folder: Path) -> None:
    """When whoever reads the results has gone, indexing ends without a word about itself."""
    nobody, end = os.pipe()
    os.close(nobody)
    process = start("index", folder, "--index", index_id, output=end)
    os.close(end)
    code, _, messages = finish(process)
    assert code == 1
    assert messages.splitlines()[-1].startswith("  twelvelabs-async index ")


def test_quota(platform: Emulator, start: Start, index_id: str, folder: Path) -> None:
    """A quota that is used up ends indexing, with the time and the command to go on."""
    platform.fail("POST", "/assets", status=429, headers={"Retry-After": "7200"}, times=9)
    code, _, messages = finish(start("index", folder, "--index", index_id))
    assert code == 4
    assert f"To go on:\n  twelvelabs-async index '{folder}' --index {index_id}\n" in messages
    assert "go on after 20" in messages.splitlines()[-1]


def test_interrupted_call(platform: Emulator, start: Start) -> None:
    """Ctrl-C ends any command without a word."""
    platform.delay("POST", "/search", 60)
    process = start("search", NEVER, "x")
    while not platform.requests:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert finish(process) == (130, "", "")


def test_emulator(start: Start, run: Run) -> None:
    """The emulator serves until Ctrl-C, and says how to reach it."""
    serving = start("emulator", "--speed", "100")
    assert serving.stdout is not None
    lines = [serving.stdout.readline().removeprefix("export ").strip() for _ in range(2)]
    done = run("indexes", "create", "talks", **dict(line.split("=") for line in lines))
    assert (done.exit_code, done.stderr) == (0, "")
    serving.send_signal(signal.SIGINT)
    assert finish(serving) == (0, "", "Serving until Ctrl-C. To use it, run in another terminal:\n")


def test_doctor(run: Run) -> None:
    """The doctor tells what is well and what is not, and ends accordingly."""
    with Emulator(rate_limits={"index": (50, 60.0)}) as emulator:
        well = run("doctor", TWELVELABS_BASE_URL=emulator.url)
    lines = {line.split()[1]: line for line in well.stdout.splitlines()}
    assert well.exit_code == 0
    assert {"versions", "speedups", "data", "media", "key", "host"} <= lines.keys()
    assert lines["host"].startswith("ok ")
    for settings, code, what in (
        ({"TWELVELABS_API_KEY": None}, 3, "key"),
        ({"TWELVELABS_API_KEY": "wrong"}, 3, "key"),
        ({"TWELVELABS_BASE_URL": "http://127.0.0.1:9/v1.3"}, 1, "host"),
    ):
        done = run("doctor", **settings)
        assert done.exit_code == code
        assert done.stdout.splitlines()[-1].split()[:2] == ["failed", what]


def test_without_the_extra() -> None:
    """Without what the program needs, it says what to install."""
    script = "import sys; sys.modules['click'] = None; from twelvelabs_async.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "twelvelabs-async needs click and tqdm: pip install 'twelvelabs_async[cli]'\n"
