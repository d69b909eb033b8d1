"""The command `runs`: journals in the state directory are listed, removed, exported and retried."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import TwelveLabs
from twelvelabs_async.bulk import list_journals, read_journal
from twelvelabs_async.testing import Emulator

from support.samples import MEDIA

pytest.importorskip("click")
pytest.importorskip("tqdm")

from support.command_line import Run

pytestmark = [pytest.mark.usefixtures("shell"), pytest.mark.emulator(processing_time=0, indexing_time=0)]


@pytest.fixture
def index_id(run: Run) -> str:
    """An index that the program has created."""
    return run("indexes", "create", "talks").stdout.strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a valid and an invalid video."""
    folder = tmp_path / "clips"
    folder.mkdir()
    (folder / "ball.mp4").write_bytes((MEDIA / "bouncing_ball.mp4").read_bytes())
    (folder / "empty.mp4").touch()
    return folder


def listed(run: Run) -> list[dict[str, Any]]:
    """Return the runs that the program lists."""
    return [json.loads(line) for line in run("runs", "--json").stdout.splitlines()]


def test_without_runs_nothing_is_listed(run: Run, tmp_path: Path) -> None:
    result = run("runs")
    assert (result.exit_code, result.output) == (0, "")
    assert not (tmp_path / ".state").exists()


def test_runs_are_listed_by_the_index_and_their_progress(
    emulator: Emulator, run: Run, index_id: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same run continues from another folder. Listing needs neither a key nor a connection."""
    run("index", "clips", "--index", index_id)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    uploads = len(emulator.assets)
    run("index", folder, "--index", index_id)
    run("upload", folder / "ball.mp4")
    assert len(emulator.assets) == uploads == 1
    emulator.requests.clear()
    upload, index = run("runs", TWELVELABS_API_KEY=None).stdout.splitlines()
    assert not emulator.requests
    assert "upload" in upload
    for part in ("index", "talks", "1 failed, 1 ready", "seconds ago", " MB"):
        assert part in index
    assert "running" not in index
    facts = listed(run)[1]
    assert (facts["job"], facts["title"], facts["counts"]) == (f"index {index_id}", "talks", {"ready": 1, "failed": 1})
    assert emulator.api_key not in facts["path"]
    assert stat.S_IMODE(Path(facts["path"]).stat().st_mode) == 0o600
    assert [file.id for file in list_journals()] == [facts["id"] for facts in listed(run)]


def test_a_run_is_selected_by_id_index_or_path(run: Run, index_id: str, folder: Path) -> None:
    run("index", folder, "--index", index_id)
    run("upload", folder)
    upload, index = listed(run)
    for name in (index["id"], index["id"][:6], "talks", index_id, index["path"]):
        assert run("status", name).stdout.startswith(f"index {index_id}: not running")
    several = run("status", "-")
    assert several.exit_code == 2
    assert f"is several runs: {upload['id']}, {index['id']}." in several.stderr
    none = run("status", "none")
    assert (none.exit_code, "'none' is no journal and no run. `twelvelabs-async runs` lists" in none.stderr) == (
        2,
        True,
    )


def test_runs_that_cannot_be_read_are_listed_with_the_reason(run: Run, index_id: str, folder: Path) -> None:
    run("index", folder, "--index", index_id)
    [good] = listed(run)
    directory = Path(good["path"]).parent
    (directory / "damaged.db").write_bytes(b"no database" * 100)
    for name, version in (("earlier", 0x544C_0001), ("later", 0x544C_00FF)):
        with closing(sqlite3.connect(directory / f"{name}.db")) as journal:
            journal.executescript(f"CREATE TABLE job (name TEXT); PRAGMA user_version = {version};")
    found = {Path(facts["path"]).stem: facts for facts in listed(run)}
    assert found.pop(Path(good["path"]).stem) == good
    assert "an earlier version" in found["earlier"]["problem"]
    assert "a later version" in found["later"]["problem"]
    assert "not a readable journal" in found["damaged"]["problem"]
    assert "cannot be read: " in run("runs").stdout
    removed = run("runs", "rm", "damaged", "earlier", "later", "--yes")
    assert removed.exit_code == 0
    assert listed(run) == [good]


def test_a_removed_run_is_found_on_the_platform_again(
    emulator: Emulator, run: Run, index_id: str, folder: Path
) -> None:
    run("index", folder / "ball.mp4", "--index", index_id)
    refused = run("runs", "rm", "talks", stdin="n\n")
    assert (refused.exit_code, len(listed(run))) == (1, 1)
    removed = run("runs", "rm", "talks", "--yes")
    assert removed.stdout.startswith(f"index-{index_id}-")
    assert not listed(run)
    assert not [*Path(os.environ["TWELVELABS_STATE_DIR"], "journals").iterdir()]
    run("index", folder / "ball.mp4", "--index", index_id)
    assert (len(emulator.assets), len(emulator.indexed_assets)) == (1, 1)


def test_a_run_in_progress_is_not_removed(run: Run, index_id: str, folder: Path) -> None:
    answers = list[Any]()
    with TwelveLabs() as client:
        for _ in client.bulk.index(
            index_id,
            folder / "ball.mp4",
            journal=True,
            on_event=lambda _: answers.append(run("runs", "rm", "talks", "--yes")),
        ):
            break
    assert {answer.exit_code for answer in answers} == {1}
    assert f"is running in process {os.getpid()}. Stop it first." in answers[0].stderr
    assert len(list_journals()) == 1


@pytest.mark.parametrize("name", ["run.csv", "run.jsonl"])
def test_a_run_is_exported_as_a_table(run: Run, index_id: str, folder: Path, tmp_path: Path, name: str) -> None:
    run("index", folder, "--index", index_id)
    assert run("runs", "export", "talks", name).exit_code == 0
    text = (tmp_path / name).read_text()
    assert str(folder / "ball.mp4") in text
    assert "The size in bytes is 0" in text
    refused = run("runs", "export", "talks", "run.txt")
    assert (refused.exit_code, "Expected a file that ends in .csv, .jsonl, .parquet" in refused.stderr) == (2, True)


def test_a_retry_repeats_the_command_in_its_folder(
    emulator: Emulator, run: Run, index_id: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator.fail("POST", "/indexes/*/indexed-assets", status=400)
    first = run("index", "clips", "--index", index_id, "--exclude", "empty*")
    assert first.exit_code == 1
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    command = read_journal(list_journals()[0].path).command
    assert command is not None
    assert (command.arguments[:2], command.folder) == (["index", "clips"], str(tmp_path))
    again = run("runs", "retry", "talks")
    assert (again.exit_code, again.stdout.split()[:2]) == (0, ["ready", "clips/ball.mp4"])
    assert f"twelvelabs-async index clips --index {index_id} --exclude 'empty*' --retry-failed" in again.stderr
    assert listed(run)[0]["counts"] == {"ready": 1}
    other = run("runs", "retry", "talks", stdin="n\n", TWELVELABS_BASE_URL="http://127.0.0.1:1/v1.3")
    assert (other.exit_code, "The API key or the base URL are not those of the run" in other.output) == (1, True)


def test_a_run_of_a_program_is_not_retried(run: Run, index_id: str, folder: Path) -> None:
    with TwelveLabs() as client:
        [*client.bulk.index(index_id, folder, journal=True)]
    result = run("runs", "retry", "talks")
    assert result.exit_code == 1
    assert "was made by a program. Run the program again with retry_failed=True" in result.stderr


def test_without_a_state_directory_the_command_does_its_work_and_says_so(
    emulator: Emulator, run: Run, index_id: str, folder: Path, tmp_path: Path
) -> None:
    """A second time as well, without doing anything twice."""
    (tmp_path / "file").touch()
    for _ in range(2):
        result = run("index", folder / "ball.mp4", "--index", index_id, TWELVELABS_STATE_DIR=str(tmp_path / "file"))
        assert result.exit_code == 0
        assert "Running without a journal. No journal can be kept in " in result.stderr
        assert "Set TWELVELABS_STATE_DIR to a local folder." in result.stderr
    assert (len(emulator.assets), len(emulator.indexed_assets)) == (1, 1)


def test_a_journal_of_an_earlier_version_in_the_current_folder_is_continued(
    run: Run, index_id: str, folder: Path, tmp_path: Path
) -> None:
    """It gets the columns that it lacks."""
    former = tmp_path / f"twelvelabs-{index_id}.db"
    run("index", folder / "ball.mp4", "--index", index_id, "--journal", former)
    with closing(sqlite3.connect(former)) as journal:
        journal.executescript(
            "ALTER TABLE job DROP COLUMN title; ALTER TABLE job DROP COLUMN command;"
            "ALTER TABLE entries DROP COLUMN variant; ALTER TABLE entries DROP COLUMN unchecked;"
            f" PRAGMA user_version = {0x544C_0002};"
        )
    assert read_journal(former).counts == {"ready": 1}
    result = run("index", folder, "--index", index_id)
    assert f"Using the journal {former.name} of an earlier version, in the current folder." in result.stderr
    assert read_journal(former).counts == {"ready": 1, "failed": 1}
    assert read_journal(former).title == "talks"
    assert not listed(run)
