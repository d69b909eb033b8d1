"""What the command line prints: on terminals, in pipes, with hostile names, in outages, at signals."""

from __future__ import annotations

import ast
import asyncio
import json
import logging
import os
import pty
import re
import signal
import subprocess
import termios
from collections.abc import Iterator
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import AsyncTwelveLabs, IndexSchema, TwelveLabs
from twelvelabs_async.testing import Emulator

from support.samples import MEDIA, MODELS
from support.until import until

pytest.importorskip("click")
pytest.importorskip("tqdm")

from click.testing import CliRunner

import twelvelabs_async
from twelvelabs_async._clock_times import clock_time
from twelvelabs_async.bulk import Event, FoundSources, Price, Prices
from twelvelabs_async.bulk.tally import Tally
from twelvelabs_async.cli._commands import program
from twelvelabs_async.cli._errors import IN_THE_SHELL, describe_error
from twelvelabs_async.cli._escape import escape
from twelvelabs_async.cli._output import format_count
from twelvelabs_async.cli._progress import show_progress
from twelvelabs_async.models.multipart_upload import UploadProgress

from support.command_line import PROGRAM, Run

PACKAGE = Path(str(twelvelabs_async.__file__)).parent
HOSTILE = "a\x1b]0;owned\x07\x1b[2Jb\rc\nready   d\u202ee\u200bf\x9b31mg\u2028h\x7fi"
"""OSC, clear screen, carriage return, line breaks, a right-to-left override, a zero-width space, a C1 control, DEL."""
FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]")


pytestmark = [pytest.mark.usefixtures("shell"), pytest.mark.emulator(processing_time=0, indexing_time=0)]


@pytest.fixture
def hostile(emulator: Emulator, shell: None) -> dict[str, str]:
    """An index and an asset whose names are commands for a terminal, and ids of theirs."""
    emulator.understand("*", text=f"Answer {HOSTILE}", transcription=[(0.0, 2.0, f"ball {HOSTILE}")])
    with TwelveLabs() as client:
        index = client.indexes.create(index_name="talks", models=MODELS)
        asset = client.assets.create_and_wait(MEDIA / "bouncing_ball.mp4", filename="ball.mp4")
        client.indexes.indexed_assets.create_and_wait(index.id, asset_id=asset.id)
    emulator.state.indexes[index.id].name = HOSTILE
    emulator.assets[asset.id].filename = HOSTILE
    return {"INDEX": index.id, "ASSET": asset.id}


@pytest.mark.parametrize(
    "command",
    [
        ["assets", "ls"],
        ["assets", "ls", "--filename", HOSTILE],
        ["assets", "rm", "ASSET"],
        ["assets", "rm", HOSTILE, "--yes"],
        ["indexes", "ls"],
        ["indexes", "rm", "INDEX"],
        ["indexes", "rm", HOSTILE],
        ["search", "INDEX", "ball", "--in", "transcription"],
        ["search", HOSTILE, "ball"],
        ["analyze", HOSTILE, "?"],
        ["status", HOSTILE],
        ["index", HOSTILE, "--index", "INDEX"],
        ["index", "x", "--index", HOSTILE],
        ["index", "x", "--index", "INDEX", "--max-rate", HOSTILE],
        ["index", f"--{HOSTILE}"],
        [HOSTILE],
        ["doctor", HOSTILE],
    ],
    ids=lambda command: " ".join(part[:9].partition("\x1b")[0] for part in command),
)
def test_nothing_that_is_printed_controls_the_terminal(run: Run, hostile: dict[str, str], command: list[str]) -> None:
    """Names of the API, arguments and messages are escaped, and stay on their line."""
    result = run(*(hostile.get(part, part) for part in command))
    assert not isinstance(result.exception, UnicodeError)
    assert not FORBIDDEN.search(result.output)
    assert not re.search("^ready", result.output, re.MULTILINE)


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize(("command", "field"), [("assets", "filename"), ("indexes", "index_name")])
def test_json_is_ascii_and_exact(run: Run, command: str, field: str) -> None:
    """A line is a JSON object, whatever it contains."""
    [line] = run(command, "ls", "--json").stdout.splitlines()
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)[field] == HOSTILE


def test_an_answer_keeps_its_line_breaks_and_nothing_else(run: Run, emulator: Emulator) -> None:
    """The pieces of a streamed answer are escaped one by one."""
    emulator.understand("*", text="One\nTwo\x1b[2J\tThree\u202e")
    result = run("analyze", "https://example.com/a.mp4", "?")
    assert result.stdout == "One\nTwo\\x1b[2J\tThree\\u202e\n"


def test_file_names_that_are_no_text_or_forge_lines_do_not_end_a_run(
    run: Run, emulator: Emulator, tmp_path: Path
) -> None:
    """Each has its own outcome, in text and as JSON; so do the plan and `status`."""
    index_id = run("indexes", "create", "talks").stdout.strip()
    folder = tmp_path / "clips"
    folder.mkdir()
    names = [b"\xff.mp4", b"b\nready   c.mp4", b"d\x1b[2J.mp4", b"e.mp4"]
    for name in names:
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(
            (MEDIA / "bouncing_ball.mp4").read_bytes() + name
        )
    plan = run("index", "clips", "--index", index_id, "--dry-run")
    result = run("index", "clips", "--index", index_id, "--journal", "clips.db")
    status = run("status", "clips.db")
    for printed in (plan, result, status):
        assert isinstance(printed.exception, SystemExit | None)
        assert not FORBIDDEN.search(printed.output)
    assert len(result.stdout.splitlines()) == len(names)
    assert "clips/\\udcff.mp4: " in result.stdout
    again = run("index", "clips", "--index", index_id, "--json")
    outcomes = [json.loads(line) for line in again.stdout.splitlines()]
    assert {os.fsencode(outcome["source"]) for outcome in outcomes} == {b"clips/" + name for name in names}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ünï — 日本語 🎬", "Ünï — 日本語 🎬"),
        ("no-break\u00a0and\u3000wide spaces", "no-break\u00a0and\u3000wide spaces"),
        ("C:\\new\\x1b", "C:\\new\\x1b"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\u0085\u061c\u2066\U000e0041", "\\x85\\u061c\\u2066\\U000e0041"),
        ("\udcff\ud800", "\\udcff\\ud800"),
        (None, "None"),
        (["\n"], "['\\n']"),
    ],
)
def test_only_characters_that_are_no_text_are_escaped(text: object, shown: str) -> None:
    """Letters, signs, spaces and backslashes are left as they are."""
    assert escape(text) == shown


def test_numbers_of_the_api_are_printed_whatever_they_are() -> None:
    """A value of another type does not end a command."""
    assert [format_count(value) for value in (None, 0, 12345.0, "12", [1])] == ["-", "0", "12,345", "-", "-"]
    assert [clock_time(value) for value in (None, 0, 61.5, 3661, "1")] == ["-", "0:00", "1:01", "1:01:01", "-"]


def test_everything_is_printed_by_one_module() -> None:
    """No other module of the program writes to the terminal, except one for the commands that do without click."""
    writing = r"print|input|click\.(\w*echo\w*|prompt|confirm|progressbar)|sys\.std\w+\.\w*write\w*|tqdm\.write"
    found = [
        (path.name, ast.unparse(node.func))
        for path in (PACKAGE / "cli").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and re.fullmatch(writing, ast.unparse(node.func))
    ]
    calls = ["click.confirm", "click.echo", "click.prompt"]
    assert sorted(found) == [("_escape.py", "print"), *(("_output.py", call) for call in calls)]


def messages() -> Iterator[str]:
    """Yield the texts of messages that commands may print."""
    names = (
        "_client",
        "clips/sources",
        "_network_errors",
        "_responses",
        "_uploads",
        "_transport",
        "_validators",
        "errors/__init__",
    )
    bulk = [path for path in (PACKAGE / "bulk").rglob("*.py") if path.name != "methods.py"]
    for path in [*(PACKAGE / f"{name}.py" for name in names), *bulk]:
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        docstrings = [node.value for node in nodes if isinstance(node, ast.Expr)]
        for node in nodes:
            if isinstance(node, ast.JoinedStr):
                yield "".join(part.value if isinstance(part, ast.Constant) else "'x'" for part in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
                yield node.value


def test_messages_speak_the_language_of_the_command_line() -> None:
    """They name options, commands and environment variables, not arguments and methods of Python."""
    python = r"\b[a-z_]+=|\bretry_failed\b|\bbase_url\b|\bapi_key\b|\w\(\)"
    sentences = [message for message in messages() if re.search(r" .*[.:]$", message)]
    assert any(re.search(python, sentence) for sentence in sentences)
    spoken = [describe_error(ValueError(sentence)) for sentence in sentences]
    assert [sentence for sentence in spoken if re.search(python, sentence)] == []


@pytest.mark.parametrize("pattern", [pattern for pattern, _ in IN_THE_SHELL])
def test_each_term_that_is_translated_is_in_a_message(pattern: str) -> None:
    """A message that changes takes its translation with it."""
    assert any(re.search(pattern, message) for message in messages())


def test_warnings_are_printed_and_escaped(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each; with ``TWELVELABS_LOG`` also the requests."""
    assert "POST /indexes: 201" in run("indexes", "create", "talks", TWELVELABS_LOG="info").stderr
    assert "must be a level such as debug" in run("indexes", "ls", TWELVELABS_LOG="verbose").stderr
    run("indexes", "ls")
    logging.getLogger("twelvelabs_async").warning("Cannot reach %s. Check base_url.", HOSTILE)
    stderr = capsys.readouterr().err
    assert stderr.startswith("Cannot reach a\\x1b]0;")
    assert stderr.endswith("h\\x7fi. Check TWELVELABS_BASE_URL.\n")
    assert stderr.count("\n") == 1


def test_the_bytes_of_a_resumed_run_add_up() -> None:
    """Parts that an earlier run sent count, and failed attempts do not; nor do files that need no upload."""
    sizes = {"sent": 4_000_000, "resumed": 6_000_000, "known": 9_000_000}
    tally = Tally(FoundSources(len(sizes), sum(sizes.values()), is_complete=True))

    def record(kind: Any, name: str, sent: int | None = None) -> None:
        progress = sent and UploadProgress(1, 0, 0.0, "uploading", sent, sizes[name], None, None)
        tally.record(Event(kind, name, progress or None, size=sizes[name]))

    for name in sizes:
        record("queued", name)
    record("uploading", "resumed", 5_000_000)
    record("uploaded", "known")
    record("uploading", "sent", 3_000_000)
    record("uploading", "sent", 1)
    assert "5.0 of 10.0 MB sent" in str(tally)
    tally.record(Event("unreachable", ""))
    record("uploading", "sent", 4_000_000)
    record("uploading", "resumed", 6_000_000)
    for name in sizes:
        record("ready", name)
    assert str(tally).startswith("3 ready of 3; 10.0 of 10.0 MB sent")


@pytest.mark.usefixtures("autojump_clock")
@pytest.mark.emulator(processing_time=60, indexing_time=60)
async def test_the_progress_shows_what_remains_of_the_plan(
    client: AsyncTwelveLabs, index: IndexSchema, capsys: pytest.CaptureFixture[str]
) -> None:
    """Minutes, and time and cost as far as they are known; nothing as soon as the run is done."""
    prices = Prices(currency="EUR", categories={"indexing": Price(per_minute=2.0)})
    run = client.bulk.index(index.id, MEDIA / "bouncing_ball.mp4", prices=prices)
    async with aclosing(run), show_progress(Tally(run.found), run):
        async for outcome in run:
            assert outcome.error is None
    lines = capsys.readouterr().err.splitlines()
    assert any(line.endswith("; remaining: 0.2 minutes, 0.33 EUR") for line in lines)


def test_a_resumed_source_begins_with_the_state_it_has(emulator: Emulator) -> None:
    """The bytes of an asset that an earlier run uploaded are not counted as missing."""
    Path("a.mp4").write_bytes((MEDIA / "bouncing_ball.mp4").read_bytes())
    kinds: list[str] = []
    with TwelveLabs() as client:
        index = client.indexes.create(index_name="talks", models=MODELS)
        emulator.fail("POST", f"/indexes/{index.id}/indexed-assets", status=403)
        for _ in range(2):
            kinds.clear()
            for _ in client.bulk.index(
                index.id, "a.mp4", journal="a.db", on_event=lambda event: kinds.append(event.kind)
            ):
                pass
    assert kinds == ["queued", "uploaded", "indexing", "ready"]


def test_a_retry_is_offered_only_if_it_may_help(run: Run, emulator: Emulator, tmp_path: Path) -> None:
    """For a failed job with the option, for a lost response without it, and for an invalid file not at all."""
    index_id = run("indexes", "create", "talks").stdout.strip()
    command = f"  twelvelabs-async index a.mp4 --index {index_id}"
    Path("a.mp4").touch()
    assert "To retry" not in run("index", "a.mp4", "--index", index_id).stderr
    Path("a.mp4").write_bytes((MEDIA / "bouncing_ball.mp4").read_bytes())
    emulator.fail("POST", "/assets", status=403, times=1)
    assert run("index", "a.mp4", "--index", index_id).stderr.endswith(f"To retry what failed:\n{command}\n")
    emulator.fail("POST", "/indexes/*/indexed-assets", status=400, times=1)
    refused = run("index", "a.mp4", "--index", index_id)
    assert (refused.exit_code, "To retry" in refused.stderr) == (1, False)


def start(*arguments: object, settings: dict[str, str] | None = None, **options: Any) -> subprocess.Popen[bytes]:
    """Start a process that runs a command."""
    environment = {**os.environ, "PYTHONWARNINGS": "error", **(settings or {})}
    return subprocess.Popen([PROGRAM, *map(str, arguments)], env=environment, **options)


def screen_of(*arguments: object, columns: int, settings: dict[str, str]) -> tuple[int, str]:
    """Return the exit code of a command, and what it writes to a terminal."""
    screen, terminal = pty.openpty()
    termios.tcsetwinsize(screen, (24, columns))
    process = start(*arguments, stdout=terminal, stderr=terminal, settings=settings)
    os.close(terminal)
    output = b""
    with suppress(OSError):  # raised when the process has closed its end
        while piece := os.read(screen, 65536):
            output += piece
    os.close(screen)
    return process.wait(30), output.decode()


def test_a_terminal_shows_csv_without_its_carriage_returns(run: Run) -> None:
    """Lines of CSV end with two characters, of which a terminal needs one."""
    run("indexes", "create", "talks")
    code, screen = screen_of("indexes", "ls", "--csv", columns=80, settings={})
    assert (code, screen.startswith("id,"), "talks" in screen) == (0, True, True)
    assert "\\r" not in screen


@pytest.mark.parametrize(
    ("columns", "settings", "has_bars"),
    [(80, {"TERM": "dumb"}, False), (20, {"PYTHONIOENCODING": "ascii"}, True)],
    ids=["dumb", "20 columns of ASCII"],
)
def test_terminals_of_all_kinds_show_a_run(
    run: Run, tmp_path: Path, columns: int, settings: dict[str, str], has_bars: bool
) -> None:
    """A terminal without a movable cursor shows lines, and one without Unicode shows escapes."""
    index_id = run("indexes", "create", "talks").stdout.strip()
    Path("ö.mp4").touch()
    code, text = screen_of(
        "index", "ö.mp4", "--index", index_id, columns=columns, settings={"TERM": "xterm"} | settings
    )
    assert code == 1
    assert ("%|" in text, "\x1b" in text) == (has_bars, has_bars)
    assert ("failed  \\xf6.mp4: " if "PYTHONIOENCODING" in settings else "failed  ö.mp4: ") in text
    assert "0 ready, 1 failed of 1; " in text


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_any_encoding_of_stdout_takes_any_name(emulator: Emulator, encoding: str) -> None:
    """Characters that the encoding does not have are escaped."""
    for asset in emulator.assets.values():
        asset.filename = "ö 日本.mp4"
    result = CliRunner(charset=encoding).invoke(program, ["assets", "ls"])
    assert result.stdout.endswith("  \\xf6 \\u65e5\\u672c.mp4\n" if encoding == "ascii" else "  ö \\u65e5\\u672c.mp4\n")


@pytest.mark.parametrize("closed", ["1>&- 2>&-", "2>/dev/full"])
def test_closed_streams_do_not_end_a_run(run: Run, tmp_path: Path, closed: str) -> None:
    """Nobody sees the output, and the run is finished all the same."""
    index_id = run("indexes", "create", "talks").stdout.strip()
    Path("a.mp4").write_bytes((MEDIA / "bouncing_ball.mp4").read_bytes())
    command = f"'{PROGRAM}' index a.mp4 --index {index_id} {closed}"
    result = subprocess.run(["sh", "-c", command], capture_output=True, check=False, timeout=60)
    assert (result.returncode, b"Traceback" in result.stderr) == (0, False)


@pytest.mark.emulator(processing_time=600)
@pytest.mark.parametrize(
    ("number", "trap"),
    [(signal.SIGHUP, ""), (signal.SIGTERM, "trap '' INT; ")],
    ids=["SIGHUP", "SIGTERM in a job"],
)
def test_sigterm_and_sighup_end_a_run_as_ctrl_c_does(
    run: Run, emulator: Emulator, number: signal.Signals, trap: str
) -> None:
    """The bars are removed, and the command that resumes the run is printed."""
    index_id = run("indexes", "create", "talks").stdout.strip()
    Path("a.mp4").write_bytes((MEDIA / "bouncing_ball.mp4").read_bytes())
    script = f"{trap}exec '{PROGRAM}' index a.mp4 --index {index_id}"
    former = signal.signal(number, signal.SIG_DFL)  # nohup, for one, lets programs ignore SIGHUP
    process = subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    signal.signal(number, former)
    asyncio.run(until(lambda: bool(emulator.assets) or process.poll() is not None))
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=50)
    assert (process.returncode, stdout) == (130, "")
    assert "Traceback" not in stderr
    assert stderr.endswith(f" To resume:\n  twelvelabs-async index a.mp4 --index {index_id}\n")


def test_a_command_is_repeated_as_the_shell_reads_it(run: Run, emulator: Emulator) -> None:
    """Arguments with line breaks or bytes that are no text can be typed again."""
    index_id = run("indexes", "create", "talks").stdout.strip()
    name = os.fsdecode(b"it's\n\xff.mp4")
    Path(name).touch()
    Path("a b.mp4").write_bytes((MEDIA / "bouncing_ball.mp4").read_bytes())
    emulator.fail("POST", "/assets", status=403, times=1)
    result = run("index", name, "a b.mp4", "--index", index_id)
    [command] = [line for line in result.stderr.splitlines() if line.startswith("  twelvelabs-async ")]
    echo = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {command.removeprefix('  twelvelabs-async ')}"], capture_output=True, check=True
    )
    assert echo.stdout.split(b"\0")[:3] == [b"index", os.fsencode(name), b"a b.mp4"]
