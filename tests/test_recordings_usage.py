"""Recordings in pytest, on the command line, and for other programs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from twelvelabs_async import TwelveLabs
from twelvelabs_async.testing import Emulator
from twelvelabs_async.testing.__main__ import main

pytest_plugins = ["pytester"]

TEST = """
    import pytest
    from twelvelabs_async import TwelveLabs

    @pytest.mark.twelvelabs_recording(%s)
    @pytest.mark.parametrize("page_limit", [5])
    def test_list(page_limit):
        with TwelveLabs() as client:
            assert [*client.indexes.list(page_limit=page_limit)] == []
"""


@pytest.fixture
def environment(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """The emulator, which clients without arguments use."""
    monkeypatch.setenv("TWELVELABS_API_KEY", emulator.api_key)
    monkeypatch.setenv("TWELVELABS_BASE_URL", emulator.url)
    return emulator


def run_tests(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    options = ("--disable-plugin-autoload", "-ptwelvelabs_async", "-pno:cacheprovider")  # others take long to load
    return pytester.runpytest_inprocess(*options, *arguments)


@pytest.mark.parametrize(
    ("argument", "path"),
    [("", "recordings/test_tests/test_list-5.jsonl"), ("'lists.jsonl', strict=True", "lists.jsonl")],
    ids=["default", "given"],
)
def test_a_marked_test_is_recorded_once_and_then_replayed(
    pytester: pytest.Pytester, environment: Emulator, argument: str, path: str
) -> None:
    module = pytester.makepyfile(test_tests=TEST % argument)
    recording = module.parent / path
    run_tests(pytester, "--twelvelabs-record=once").assert_outcomes(passed=1)
    assert len(recording.read_text().splitlines()) == 2
    for option in ("none", "once"):
        run_tests(pytester, f"--twelvelabs-record={option}").assert_outcomes(passed=1)
    assert len(environment.requests) == 1
    run_tests(pytester, "--twelvelabs-record=all").assert_outcomes(passed=1)
    assert len(environment.requests) == 2


def test_a_test_without_a_recording_says_how_to_make_one(pytester: pytest.Pytester, environment: Emulator) -> None:
    pytester.makepyfile(test_tests=TEST % "")
    result = run_tests(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*There is no recording *test_list-5.jsonl. Set TWELVELABS_API_KEY, and run pytest *once."]
    )
    assert environment.requests == []


def test_a_test_that_sends_something_else_fails(pytester: pytest.Pytester, environment: Emulator) -> None:
    pytester.makepyfile(test_tests=TEST % "")
    run_tests(pytester, "--twelvelabs-record=once").assert_outcomes(passed=1)
    pytester.makepyfile(test_tests=(TEST % "").replace("page_limit=page_limit", "page_limit=7"))
    result = run_tests(pytester)
    assert result.ret == 1
    result.stdout.fnmatch_lines(['*differs in query.page_limit: recorded "5", sent "7".*'])


def test_a_command_is_recorded_and_replayed(environment: Emulator, tmp_path: Path) -> None:
    pytest.importorskip("tqdm")
    from support.command_line import run

    path = tmp_path / "recording.jsonl"
    created = run("--record", path, "indexes", "create", "talks")
    assert created.exit_code == 0, created.output
    environment.stop()
    assert os.environ["TWELVELABS_BASE_URL"] == environment.url
    assert run("--replay", path, "indexes", "create", "talks").stdout == created.stdout
    other = run("--replay", path, "indexes", "create", "lectures")
    assert (other.exit_code, other.stdout) == (1, "")
    assert "was not recorded. The nearest recorded request is" in other.stderr
    assert run("--record", path, "--replay", path, "indexes", "ls").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["replay", "none.jsonl"], "No such file or directory: 'none.jsonl'"),
        (["record", "no/folder.jsonl"], "No such file or directory: 'no/folder.jsonl'"),
        (["emulator", "--port", "{taken}"], "Address already in use"),
        (["--speed", "fast"], "argument --speed: invalid float value: 'fast'"),
        (["replya", "none.jsonl"], "choose from"),
    ],
    ids=["no recording", "no folder", "port", "value", "command"],
)
def test_a_server_that_cannot_start_says_why(
    arguments: list[str],
    expected: str,
    emulator: Emulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In one line, without a traceback."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        sys, "argv", ["testing", *(part.format(taken=urlsplit(emulator.url).port) for part in arguments)]
    )
    with pytest.raises(SystemExit, match="2"):
        main()
    assert expected in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.usefixtures("environment")
def test_a_command_refuses_a_file_that_is_no_recording(tmp_path: Path) -> None:
    path = tmp_path / "recording.jsonl"
    path.write_text("no recording")
    pytest.importorskip("tqdm")
    from support.command_line import run

    failed = run("--replay", path, "indexes", "ls")
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert "line 1: expected a line of a recording" in failed.stderr


@pytest.mark.any_python
def test_a_recording_is_served_to_other_programs(environment: Emulator, tmp_path: Path) -> None:
    """`python -m twelvelabs_async.testing record` and `replay`. The key of the user is not printed."""
    path = tmp_path / "recording.jsonl"
    for arguments in (["record", str(path), "--base-url", environment.url], ["replay", str(path), "--strict"]):
        command = [sys.executable, "-m", "twelvelabs_async.testing", *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            base_url = process.stdout.readline().strip().partition("TWELVELABS_BASE_URL=")[2]
            with TwelveLabs(api_key="tlk_emulator", base_url=base_url) as client:
                assert [*client.indexes.list()] == []
            os.kill(process.pid, signal.SIGINT)
            rest = process.stdout.read()
        assert (rest, process.returncode) == ("TWELVELABS_API_KEY=tlk_replay\n" if "replay" in command else "", 0)
    assert json.loads(path.read_text().splitlines()[1])["request"]["path"] == "/indexes"
    assert len(environment.requests) == 1
