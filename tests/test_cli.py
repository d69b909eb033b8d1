"""The command line: in this process, and as processes in pipes and on terminals."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import shlex
import signal
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest

from twelvelabs_async import NotFoundError, TwelveLabs
from twelvelabs_async.testing import Emulator

from support.images import png
from support.samples import MEDIA, video
from support.until import until

pytest.importorskip("click")
pytest.importorskip("tqdm")

from support.command_line import PROGRAM, Run

MISSING_ID = "0123456789abcdef01234567"
URL = "https://example.com/a.mp4"

Start = Callable[..., subprocess.Popen[str]]


INSTANT = pytest.mark.emulator(processing_time=0, indexing_time=0, analysis_time=0, embedding_time=0)
pytestmark = [pytest.mark.usefixtures("shell"), INSTANT]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a process that runs a command, in pipes or on a terminal."""
    started: list[subprocess.Popen[str]] = []

    def start(
        *arguments: object, stdout: int = subprocess.PIPE, stderr: int = subprocess.PIPE
    ) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [PROGRAM, *map(str, arguments)],
            env={**os.environ, "PYTHONWARNINGS": "error"},
            stdout=stdout,
            stderr=stderr,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Return the exit code, stdout and stderr of a process without a traceback."""
    stdout, stderr = process.communicate(timeout=30)
    assert "Traceback" not in stderr
    return process.returncode, stdout, stderr


def interrupt(process: subprocess.Popen[str], condition: Callable[[], object]) -> tuple[int, str, str]:
    """Send Ctrl-C to a process once *condition* holds, and wait for its end."""
    asyncio.run(until(lambda: process.poll() is not None or bool(condition())))
    process.send_signal(signal.SIGINT)
    return finish(process)


def count_uploads(emulator: Emulator) -> int:
    """Return the number of uploads that the emulator has received."""
    return sum((request.method, request.path) == ("POST", "/assets") for request in emulator.requests)


@pytest.fixture
def index_id(run: Run) -> str:
    """An index that the program has created."""
    return run("indexes", "create", "talks").stdout.strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder, whose name shells quote, with a valid and an invalid video."""
    folder = tmp_path / "my clips"
    folder.mkdir()
    (folder / "ball.mp4").write_bytes((MEDIA / "bouncing_ball.mp4").read_bytes())
    (folder / "empty.mp4").touch()
    return folder


@pytest.mark.parametrize("arguments", [["index", "-h"], ["embed", "-h"], ["--version"]], ids=" ".join)
def test_help_imports_no_large_package(arguments: list[str]) -> None:
    """Neither `--help` nor `--version` imports what only the commands need."""
    result = subprocess.run(
        [sys.executable, "-X", "importtime", PROGRAM, *arguments], capture_output=True, text=True, check=True
    )
    imported = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines()}
    assert "click" in imported
    assert not imported & {"aiohttp", "anyio", "asyncio", "attrs", "cattrs", "importlib.metadata", "pyarrow", "tqdm"}
    assert "--dry-run" in result.stdout or arguments[0] != "index"


def test_the_package_is_the_program() -> None:
    """This works where the folder of the program is not on the `PATH`."""
    result = subprocess.run(
        [sys.executable, "-m", "twelvelabs_async", "index", "-h"], capture_output=True, text=True, check=True
    )
    assert "Usage: twelvelabs-async index" in result.stdout


def test_the_program_needs_its_extra() -> None:
    """Without click, the program says what to install."""
    script = "import sys; sys.modules['click'] = None; from twelvelabs_async.cli import main; main()"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert "needs click and tqdm: pip install 'twelvelabs_async[cli]'" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "settings", "code", "message"),
    [
        (["search", MISSING_ID, "x"], {"TWELVELABS_API_KEY": None}, 3, "set TWELVELABS_API_KEY"),
        (["search", MISSING_ID, "x"], {"TWELVELABS_API_KEY": "wrong"}, 3, "Check the API key"),
        (["search", MISSING_ID, "x"], {"TWELVELABS_BASE_URL": "localhost"}, 2, "TWELVELABS_BASE_URL must"),
        (["search", MISSING_ID, "x"], {}, 1, "does not exist"),
        (["index", URL, "--index", MISSING_ID], {}, 1, "does not exist"),
        (["index", URL, "--index", MISSING_ID], {"TWELVELABS_API_KEY": None}, 3, "set TWELVELABS_API_KEY"),
        (["status", "missing.db"], {}, 2, "'missing.db' is no journal and no run"),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(
    run: Run, arguments: list[str], settings: dict[str, str | None], code: int, message: str
) -> None:
    """The line contains neither a traceback nor the API key."""
    result = run(*arguments, **settings)
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.splitlines()[-1].startswith("Error: ")
    assert message in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr
    assert "wrong" not in result.stderr


def test_debug_logging_shows_the_traceback_of_an_error(run: Run) -> None:
    """With ``TWELVELABS_LOG=debug``, the error is raised."""
    result = run("search", MISSING_ID, "x", TWELVELABS_LOG="debug")
    assert isinstance(result.exception, NotFoundError)


def test_indexes_are_created_once_listed_and_deleted_after_confirmation(run: Run, index_id: str) -> None:
    """`indexes create` prints an existing index of that name."""
    assert run("indexes", "create", "talks").stdout.strip() == index_id
    other = run("indexes", "create", "walks", "--model", "marengo3.0").stdout.strip()
    assert run("indexes", "ls").stdout.split() == [other, "0", "walks", index_id, "0", "talks"]
    assert [json.loads(line)["_id"] for line in run("indexes", "ls", "--json").stdout.splitlines()] == [other, index_id]

    for refusal in ("n\n", ""):
        refused = run("indexes", "rm", other, stdin=refusal)
        assert (refused.exit_code, refused.stdout.count(other)) == (1, 0)
        assert "Delete the index 'walks' with 0 videos permanently?" in refused.stderr
    assert run("indexes", "rm", other, stdin="y\n").stdout.split()[-1] == other
    assert run("indexes", "ls").stdout.split() == [index_id, "0", "talks"]


def test_analyze_uploads_a_file_as_an_asset_that_can_be_deleted(emulator: Emulator, run: Run) -> None:
    """The asset can be analyzed again. `assets rm` continues after an unknown id."""
    emulator.understand("*.mp4", text="A ball bounces.")
    first = run("analyze", MEDIA / "bouncing_ball.mp4", "What is there?")
    [asset_id] = emulator.assets
    assert first.stdout.startswith("A ball bounces.")
    assert first.stdout.endswith("\n")
    assert f"the asset {asset_id}" in first.stderr
    again = run("analyze", asset_id, "What is there?")
    assert (again.stdout, again.stderr) == (first.stdout, "")
    assert count_uploads(emulator) == 1

    assert run("assets", "ls").stdout.split()[:2] == [asset_id, "ready"]
    assert run("assets", "ls", "--filename", "other.mp4").stdout == ""
    deleted = run("assets", "rm", MISSING_ID, asset_id, "--yes")
    assert (deleted.exit_code, deleted.stdout.strip()) == (1, asset_id)
    assert deleted.stderr.startswith(f"{MISSING_ID}: ")
    assert not emulator.assets


def test_index_prints_outcomes_and_uploads_nothing_twice(
    emulator: Emulator, run: Run, index_id: str, folder: Path, tmp_path: Path
) -> None:
    """Outcomes are on stdout, the summary is on stderr. `status` reads the journal."""
    plan = run("index", "my clips", "--index", index_id, "--dry-run")
    assert plan.stdout.startswith("1 file, 0.2 minutes, 134.5 kB to upload; 1 skipped:\n")
    assert json.loads(run("index", "my clips", "--index", index_id, "--dry-run", "--json").stdout)["files"] == 1
    assert not count_uploads(emulator)

    first = run("index", "my clips", "--index", index_id, "--json")
    outcomes = {outcome["source"]: outcome for outcome in map(json.loads, first.stdout.splitlines())}
    ball, empty = outcomes["my clips/ball.mp4"], outcomes["my clips/empty.mp4"]
    assert (first.exit_code, len(outcomes), ball["status"], ball["error"]) == (1, 2, "ready", None)
    assert (empty["status"], empty["indexed_asset_id"]) == ("failed", None)
    assert "size" in empty["error"]
    assert "1 ready, 1 failed of 2; 0.1 of 0.1 MB sent" in first.stderr
    assert "To retry" not in first.stderr  # an empty file remains empty

    second = run("index", "my clips", "--index", index_id)
    assert "--retry-failed" in second.stdout
    assert "retry_failed" not in second.stdout

    (folder / "empty.mp4").unlink()
    third = run("index", folder, "--index", index_id)
    assert (third.exit_code, third.stdout) == (0, f"ready   {folder / 'ball.mp4'}  {ball['indexed_asset_id']}\n")
    assert "1 ready of 1; 0.0 of 0.0 MB sent" in third.stderr
    assert count_uploads(emulator) == 1

    [journal] = (tmp_path / ".state" / "journals").glob(f"index-{index_id}-*.db")
    status = run("status", journal).stdout.splitlines()
    assert status[:3] == [f"index {index_id}: not running", "      1  failed", "      1  ready"]
    assert status[3].startswith(f"{folder / 'empty.mp4'}: ")
    assert json.loads(run("status", journal, "--json").stdout)["counts"] == {"ready": 1, "failed": 1}

    assert run("assets", "rm", ball["asset_id"], "--yes").exit_code == 1
    assert run("assets", "rm", ball["asset_id"], "--yes", "--force").exit_code == 0


BULK: Final = {
    "index": ["--index", "INDEX"],
    "upload": [],
    "embed": ["--option", "visual", "--scope", "clip"],
    "analyze": ["--prompt", "What is there?"],
}
"""The options that each bulk command needs."""


@pytest.fixture(params=BULK)
def bulk(request: pytest.FixtureRequest, index_id: str) -> list[str]:
    """A bulk command with the options that it needs, without sources."""
    return [request.param, *(option.replace("INDEX", index_id) for option in BULK[request.param])]


def paid_requests(emulator: Emulator) -> list[str]:
    """Return the requests that created something."""
    return [f"{request.method} {request.path}" for request in emulator.requests if request.method == "POST"]


def test_every_bulk_command_processes_a_folder_once(
    emulator: Emulator, run: Run, bulk: list[str], folder: Path
) -> None:
    """A JSON object for each source, a summary, and an exit code. A second run creates nothing."""
    first = run(*bulk, "my clips", "--json")
    outcomes = {outcome["source"]: outcome for outcome in map(json.loads, first.stdout.splitlines())}
    ball, empty = outcomes["my clips/ball.mp4"], outcomes["my clips/empty.mp4"]
    assert (first.exit_code, ball["status"], ball["error"], ball["reused"]) == (1, "ready", None, False)
    assert (empty["status"], "The size in bytes is 0" in empty["error"]) == ("failed", True)
    assert all(value for name, value in ball.items() if name.endswith("_id") or name == "answer")
    assert "1 ready, 1 failed of 2; 0.1 of 0.1 MB sent" in first.stderr

    (folder / "empty.mp4").unlink()
    paid = paid_requests(emulator)
    second = run(*bulk, folder)
    assert (second.exit_code, second.stdout.split()[0]) == (0, "ready")
    assert "1 ready of 1; 0.0 of 0.0 MB sent" in second.stderr
    assert paid_requests(emulator) == paid

    (folder / "new.mp4").write_bytes((folder / "ball.mp4").read_bytes() + b"new")
    assert run(*bulk, folder).exit_code == 0
    assert len(paid_requests(emulator)) == 2 * len(paid) - 1  # the index was created once


def test_every_bulk_command_writes_its_results_to_a_table(run: Run, bulk: list[str], folder: Path) -> None:
    """Each source has its rows once, after a second run as well."""
    parquet = pytest.importorskip("pyarrow.parquet")
    (folder / "empty.mp4").unlink()
    for _ in range(2):
        result = run(*bulk, "my clips/*.mp4", "--sink", "table", "--json")
        assert result.exit_code == 0, result.stderr
    rows = parquet.read_table("table").to_pylist()
    assert len(rows) == (3 if "embed" in bulk else 1)
    assert {row["source"] for row in rows} == {"my clips/ball.mp4"}
    assert {row["asset_id"] for row in rows} == {json.loads(result.stdout)["asset_id"]}
    assert "seven days" not in result.stderr


def test_a_sink_can_be_a_table_of_lance(run: Run, folder: Path) -> None:
    """It is named by its path."""
    lance = pytest.importorskip("lance")
    (folder / "empty.mp4").unlink()
    assert run("embed", folder, "--option", "visual", "--scope", "clip", "--sink", "db/clips.lance").exit_code == 0
    rows = lance.dataset("db/clips.lance").to_table().to_pylist()
    assert [(row["option"], row["scope"], len(row["vector"])) for row in rows] == [("visual", "clip", 512)] * 3


def test_every_bulk_command_prints_its_plan(emulator: Emulator, run: Run, bulk: list[str], folder: Path) -> None:
    """Nothing is uploaded. The numbers are the same as JSON."""
    plan = run(*bulk, "my clips", "--dry-run")
    assert plan.stdout.startswith("1 file, 0.2 minutes, 134.5 kB to upload; 1 skipped:\n")
    assert json.loads(run(*bulk, "my clips", "--dry-run", "--json").stdout)["files"] == 1
    assert run(*bulk, "my clips/ball.mp4", "--dry-run").stdout.startswith("1 file, ")
    assert len(paid_requests(emulator)) == 1  # the index was created


def test_files_that_have_none_of_the_options_are_not_uploaded(emulator: Emulator, run: Run, folder: Path) -> None:
    """From folders, they are skipped. Those that the user names fail."""
    sound = folder / "sound.mp3"
    sound.write_bytes(video())
    (folder / "empty.mp4").unlink()
    result = run("embed", folder, "--option", "visual", "--json")
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 1)
    assert "skipped: audio: 1" in result.stderr
    named = run("embed", sound, "--option", "visual")
    assert "It is of the kind audio; expected video" in named.stdout
    assert len(emulator.assets) == 1
    wrong = run("embed", sound, "--option", "text")
    assert (wrong.exit_code, "marengo3.0 embeds no kind of file by it" in wrong.stderr) == (2, True)


def test_a_part_of_each_file_is_embedded_or_analyzed(emulator: Emulator, run: Run, folder: Path) -> None:
    ball = folder / "ball.mp4"
    assert run("embed", ball, "--start", 2, "--end", 8, "--model", "marengo3.5", "--dimension", 128).exit_code == 0
    assert (
        run("analyze", ball, "What is there?", "--start", 2, "--end", 8, "--max-tokens", 600, "--json").exit_code == 0
    )
    sent: list[Any] = [request.json for request in emulator.requests if request.json]
    [embedded] = [body for body in sent if "input_type" in body]
    assert (embedded["video"]["start_sec"], embedded["video"]["end_sec"], embedded["embedding_dimension"]) == (
        2,
        8,
        128,
    )
    [asked] = [body for body in sent if "prompt" in body]
    assert (asked["start_time"], asked["end_time"], asked["max_tokens"]) == (2, 8, 600)


def test_images_are_analyzed_on_demand(emulator: Emulator, run: Run, folder: Path) -> None:
    (folder / "cover.png").write_bytes(png(640, 480))
    result = run("analyze", folder, "What is there?", "--images", "--json")
    [outcome] = map(json.loads, result.stdout.splitlines())
    assert (result.exit_code, Path(outcome["source"]).name) == (0, "cover.png")
    [asset] = emulator.assets.values()
    assert asset.filename == "cover.png"


def test_a_budget_leaves_sources_for_the_next_run(emulator: Emulator, run: Run, bulk: list[str], folder: Path) -> None:
    """They are neither failures nor forgotten. The exit code is that of an exhausted quota."""
    (folder / "empty.mp4").unlink()
    limited = run(*bulk, folder, "--budget", "minutes=1,requests=0")
    assert (limited.exit_code, limited.stdout.split()[0]) == (4, "left")
    assert "0 ready, 1 left of 1; " in limited.stderr
    assert limited.stderr.splitlines()[-1].endswith("--budget minutes=1,requests=0")
    assert "To retry" not in limited.stderr
    [outcome] = map(json.loads, run(*bulk, folder, "--budget", "requests=0", "--json").stdout.splitlines())
    assert (outcome["status"], "budget of" in outcome["error"]) == ("left", True)
    assert not emulator.assets
    assert run(*bulk, folder, "--budget", "minutes=1").exit_code == 0


def test_bulk_commands_refuse_invalid_input_before_they_send_anything(
    emulator: Emulator, run: Run, bulk: list[str], folder: Path
) -> None:
    """The exit code is 2, and the last line says what is invalid."""
    sent = len(emulator.requests)
    (folder / "list.json").write_text("[]")
    for arguments, message in (
        (["my clips", "no such.mp4"], "no such.mp4: no such file"),
        (["my clips/*.avi"], "no file that matches"),
        (["my clips", "--concurrency", "0"], "'--concurrency'"),
        (["my clips", "--max-rate", "0.1"], "0.1 is not in the range"),
        (["my clips", "--existing", "never"], "'reuse', 'again'"),
        (["my clips", "--sink", ""], "expected a folder for Parquet files"),
        (["my clips", "--sink", "table.csv"], "expected a folder for Parquet files"),
        (["my clips", "--sink", "my clips/ball.mp4"], "expected a folder for Parquet files"),
        (["my clips", "--budget", "hours=1"], "hours=1: expected minutes=NUMBER"),
        (["my clips", "--budget", "minutes=many"], "minutes=many: expected a number"),
        (["my clips", "--budget", "minutes=-1"], "minutes"),
        (["my clips", "--budget", "minutes=1,minutes=2"], "minutes=2: there is another limit of minutes"),
        (["my clips", "--budget", "minutes=1", "--budget", "minutes=1"], "minutes=1: there is another limit"),
        (["my clips", "--budget", "cost=1"], "--prices"),
        (["my clips", "--prices", "no.toml"], "no.toml: No such file"),
        ([], "Missing argument 'SOURCE...'"),
    ):
        result = run(*bulk, *arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert message in result.stderr.splitlines()[-1]
    assert len(emulator.requests) == sent


def test_analyze_asks_about_one_video_or_about_many(emulator: Emulator, run: Run, folder: Path) -> None:
    """Without --prompt, the last argument is the question. One answer is streamed, several are lines."""
    (folder / "empty.mp4").unlink()
    (folder / "two.mp4").write_bytes((folder / "ball.mp4").read_bytes() + b"two")
    emulator.understand("ball.mp4", text="A ball.\nIt bounces.")
    emulator.understand("two.mp4", text="Two.")
    assert run("analyze", "my clips/ball.mp4", "What is there?").stdout == "A ball.\nIt bounces.\n"
    assert run("analyze", "--prompt", "What?", "my clips/ball.mp4").stdout == "A ball.\nIt bounces.\n"
    for arguments in (["my clips", "What is there?"], ["--prompt", "What is there?", "my clips"]):
        lines = run("analyze", *arguments).stdout.splitlines()
        assert sorted(lines) == ["ready   my clips/ball.mp4  A ball.\\nIt bounces.", "ready   my clips/two.mp4  Two."]
    assert count_uploads(emulator) == 2
    for arguments in (["my clips"], ["my clips", "my clips/two.mp4"]):
        missing = run("analyze", *arguments)
        assert (missing.exit_code, "--prompt" in missing.stderr.splitlines()[-1]) == (2, True)


def test_answers_with_a_schema_are_json(run: Run, folder: Path) -> None:
    """A file without a schema is refused before anything is sent."""
    (folder / "empty.mp4").unlink()
    Path("schema.json").write_text('{"type": "object", "properties": {"title": {"type": "string"}}}')
    question = ["--prompt", "What?", "--schema", "schema.json", "my clips"]
    [outcome] = map(json.loads, run("analyze", *question, "--json").stdout.splitlines())
    assert isinstance(outcome["answer"]["title"], str)
    for text, message in (("[]", "contains no JSON object"), ("{", "is not JSON"), (None, "No such file")):
        Path("schema.json").unlink() if text is None else Path("schema.json").write_text(text)
        refused = run("analyze", *question)
        assert (refused.exit_code, message in refused.stderr.splitlines()[-1]) == (2, True)


@pytest.mark.parametrize("name", ["csv", "jsonl", "parquet"])
def test_export_writes_tables(emulator: Emulator, run: Run, index_id: str, folder: Path, name: str) -> None:
    """The format follows the name of the file. Without a file, CSV is printed."""
    if name == "parquet":
        pytest.importorskip("pyarrow")
    (folder / "empty.mp4").unlink()
    assert run("index", folder, "--index", index_id).exit_code == 0
    for command in (["assets"], ["indexes"], ["videos", index_id], ["search", index_id, "ball", "--in", "visual"]):
        result = run("export", *command, "-o", f"table.{name}")
        assert (result.exit_code, result.output) == (0, "")
        data = Path(f"table.{name}").read_bytes()
        printed = run("export", *command, "--format", name)
        assert printed.stdout_bytes[:4] == data[:4]
        assert len(data) > 50
    [asset_id] = emulator.assets
    lines = run("export", "assets").stdout.splitlines()
    assert (len(lines), lines[0].split(",")[0], asset_id in lines[1]) == (2, "id", True)


def test_export_refuses_a_file_before_it_sends_anything(emulator: Emulator, run: Run) -> None:
    for name, message in (("table.txt", "expected a name that ends with .csv"), ("no/table.csv", "does not exist")):
        result = run("export", "assets", "-o", name)
        assert (result.exit_code, message in result.stderr.splitlines()[-1]) == (2, True)
    assert not emulator.requests


def test_search_prints_at_most_the_given_number_of_matches(emulator: Emulator, run: Run, index_id: str) -> None:
    """It prints rank, time, file and transcription of each."""
    emulator.understand("*.mp4", transcription=[(0.0, 2.0, "A ball bounces.")])
    with TwelveLabs() as client:
        for name in ("one.mp4", "two.mp4"):
            asset = client.assets.create_and_wait(MEDIA / "bouncing_ball.mp4", filename=name)
            client.indexes.indexed_assets.create_and_wait(index_id, asset_id=asset.id)
        ids = [asset.id for asset in client.indexes.indexed_assets.list(index_id, sort_option="asc")]

    search = ["search", index_id, "ball", "--in", "transcription"]
    matches = run(*search, "--limit", 60).stdout.splitlines()
    assert [line.split() for line in matches] == [
        ["1", "0:00", "0:10", "one.mp4", "A", "ball", "bounces."],
        ["2", "0:00", "0:10", "two.mp4", "A", "ball", "bounces."],
    ]
    [best] = run(*search, "--limit", 1, "--json").stdout.splitlines()
    assert json.loads(best)["video"]["id"] == ids[0]


def test_a_terminal_shows_bars_and_a_line_for_each_failure(start: Start, index_id: str, folder: Path) -> None:
    """On a terminal, `index` draws two bars and prints lines for failed videos only."""
    screen, terminal = pty.openpty()
    termios.tcsetwinsize(screen, (24, 120))
    process = start("index", folder, "--index", index_id, stdout=terminal, stderr=terminal)
    os.close(terminal)
    output = b""
    with suppress(OSError):  # raised when the process has closed its end
        while piece := os.read(screen, 65536):
            output += piece
    os.close(screen)
    text = output.decode()
    assert process.wait(10) == 1
    assert "%|" in text
    assert "B/s<" in text
    assert "ready  " not in text
    assert f"failed  {folder / 'empty.mp4'}: " in text
    assert "1 ready, 1 failed of 2;" in text.splitlines()[-1]


@pytest.mark.emulator(processing_time=60)
@pytest.mark.parametrize("bulk", ["index", "embed"], indirect=True)
def test_an_interrupted_run_prints_the_command_that_resumes_it(
    emulator: Emulator, run: Run, start: Start, bulk: list[str], folder: Path
) -> None:
    """Ctrl-C ends the command at once. The same command finishes without another upload."""
    (folder / "empty.mp4").unlink()
    arguments = [*bulk, "my clips", "--concurrency", "2", "--upload-concurrency", "2"]
    code, stdout, stderr = interrupt(start(*arguments), lambda: emulator.assets)
    assert (code, stdout) == (130, "")
    command = stderr.splitlines()[-1].strip()
    assert command == f"twelvelabs-async {shlex.join(arguments)}"

    emulator.advance(60)
    resumed = run(*shlex.split(command)[1:])
    assert (resumed.exit_code, resumed.stdout.split()[0]) == (0, "ready")
    assert count_uploads(emulator) == 1


def test_a_closed_pipe_ends_a_run_quietly(start: Start, index_id: str, folder: Path) -> None:
    """The reader has enough, such as `head`."""
    reader, writer = os.pipe()
    os.close(reader)
    process = start("index", folder, "--index", index_id, stdout=writer)
    os.close(writer)
    code, _, stderr = finish(process)
    assert code == 1
    assert "To resume" not in stderr


def test_an_exhausted_quota_ends_a_run_with_the_time_to_resume(
    emulator: Emulator, run: Run, index_id: str, folder: Path
) -> None:
    """`index` exits with 4 and prints when to resume and the command for it."""
    emulator.fail("POST", "/assets", status=429, headers={"Retry-After": "7200"}, times=9)
    result = run("index", folder, "--index", index_id)
    assert result.exit_code == 4
    assert f"To resume:\n  twelvelabs-async index '{folder}' --index {index_id}\n" in result.stderr
    assert " after 20" in result.stderr.splitlines()[-1]


def test_an_interrupted_call_prints_nothing(emulator: Emulator, start: Start) -> None:
    """Ctrl-C ends any command with the exit code 130 and no message."""
    emulator.delay("POST", "/search", 60)
    assert interrupt(start("search", MISSING_ID, "x"), lambda: emulator.requests) == (130, "", "")


def test_emulator_serves_until_it_is_interrupted(start: Start, run: Run) -> None:
    """`emulator` prints the variables that direct programs to it."""
    process = start("emulator", "--speed", "0", "--processing-time", "0")
    assert process.stdout is not None
    lines = [process.stdout.readline().removeprefix("export ").strip() for _ in range(2)]
    settings = dict(line.split("=") for line in lines)
    created = run("indexes", "create", "talks", **settings)
    assert (created.exit_code, created.stderr) == (0, "")
    with TwelveLabs(base_url=settings["TWELVELABS_BASE_URL"], api_key=settings["TWELVELABS_API_KEY"]) as client:
        assert client.assets.create(method="url", url="https://example.com/a.mp4").status == "ready"
    process.send_signal(signal.SIGINT)
    assert finish(process) == (0, "", "Serving until Ctrl-C. To use the emulator, run in another terminal:\n")


def test_doctor_checks_the_installation_the_key_and_the_connection(run: Run) -> None:
    """It prints a line for each check and exits with the code of the first failure."""
    healthy = run("doctor")
    lines = {line.split()[1]: line for line in healthy.stdout.splitlines()}
    assert healthy.exit_code == 0
    assert {"versions", "speedups", "data", "media", "key", "host"} <= lines.keys()
    assert lines["host"].startswith("ok ")
    for settings, code, subject in (
        ({"TWELVELABS_API_KEY": None}, 3, "key"),
        ({"TWELVELABS_API_KEY": "wrong"}, 3, "key"),
        ({"TWELVELABS_BASE_URL": "http://127.0.0.1:9/v1.3"}, 1, "host"),
    ):
        result = run("doctor", **settings)
        assert result.exit_code == code
        assert result.stdout.splitlines()[-1].split()[:2] == ["failed", subject]


def test_an_empty_part_of_a_video_is_refused_before_the_upload(emulator: Emulator, run: Run, folder: Path) -> None:
    done = run("analyze", folder / "ball.mp4", "What is there?", "--start", 5, "--end", 3)
    assert done.exit_code == 2
    assert "--start must be at least 0 and before --end; got 5 and 3." in done.stderr
    assert not emulator.requests
