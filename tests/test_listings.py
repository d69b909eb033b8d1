"""What the command line lists and finds: by names, as tables, JSON and CSV, on terminals and in pipes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from twelvelabs_async import TwelveLabs
from twelvelabs_async.testing import Emulator

from support.images import png
from support.samples import MEDIA, MODELS

pytest.importorskip("click")
pytest.importorskip("tqdm")

from twelvelabs_async.cli import _listing
from twelvelabs_async.cli._listing import Column, print_table

from support.command_line import Run

INSTANT = {"processing_time": 0, "indexing_time": 0}
pytestmark = [pytest.mark.usefixtures("shell"), pytest.mark.emulator(**INSTANT)]


@pytest.fixture
def video_ids(emulator: Emulator, shell: None) -> list[str]:
    """Ids of the videos in the index ``talks``, in which a ball bounces."""
    emulator.understand("*.mp4", transcription=[(0.0, 2.0, "A ball bounces.")])
    with TwelveLabs() as client:
        index = client.indexes.create(index_name="talks", models=MODELS)
        for name in ("one.mp4", "two.mp4"):
            asset = client.assets.create_and_wait(MEDIA / "bouncing_ball.mp4", filename=name)
            client.indexes.indexed_assets.create_and_wait(index.id, asset_id=asset.id)
        return [video.id for video in client.indexes.indexed_assets.list(index.id, sort_option="asc")]


def table(text: str) -> list[list[str]]:
    """Return the words of the lines of a text."""
    return [line.split() for line in text.splitlines()]


def test_an_index_is_named_by_its_name_or_its_id(run: Run, emulator: Emulator, video_ids: list[str]) -> None:
    """Where its id is typed, nothing is requested for it."""
    [index_id] = emulator.state.indexes
    for name in ("talks", index_id):
        sent = len(emulator.requests)
        assert len(run("videos", "ls", name).stdout.splitlines()) == 2
        assert len(emulator.requests) - sent == (1 if name == index_id else 2)
        assert run("search", name, "ball").exit_code == 0
        assert run("export", "videos", name).stdout.count("one.mp4") == 1
        assert run("index", MEDIA / "bouncing_ball.mp4", "--index", name, "--dry-run").exit_code == 0
    assert run("indexes", "rm", "talks", "--yes").stdout.strip() == index_id


@pytest.mark.parametrize(
    "command", [["videos", "ls"], ["search"], ["export", "videos"], ["indexes", "rm"]], ids=" ".join
)
def test_a_name_that_no_index_has_is_an_error(run: Run, command: list[str]) -> None:
    result = run(*command, "walks", *["ball"] * (command == ["search"]))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "No index has the name or id 'walks'." in result.stderr
    assert "`twelvelabs-async indexes create` makes one." in result.stderr


def test_an_index_can_have_pictures_of_moments(run: Run, emulator: Emulator) -> None:
    for arguments, addons in ((["talks"], []), (["walks", "--thumbnails"], ["thumbnail"])):
        index_id = run("indexes", "create", *arguments).stdout.strip()
        assert emulator.state.indexes[index_id].addons == addons


def test_the_videos_of_an_index_are_listed(run: Run, video_ids: list[str]) -> None:
    """Id, status, length, size and file of each."""
    one, two = video_ids
    assert table(run("videos", "ls", "talks").stdout) == [
        [two, "ready", "0:10", "134,510", "two.mp4"],
        [one, "ready", "0:10", "134,510", "one.mp4"],
    ]
    assert table(run("videos", "ls", "talks", "--filename", "one.mp4").stdout)[0][0] == one


@pytest.mark.parametrize(
    "command", [["videos", "ls", "talks"], ["assets", "ls"], ["search", "talks", "ball"]], ids=" ".join
)
def test_a_list_is_a_table_json_or_csv(run: Run, video_ids: list[str], command: list[str]) -> None:
    """`--json` and `--csv` are short for `--output`."""
    for name in ("json", "csv"):
        assert run(*command, "--output", name).stdout == run(*command, f"--{name}").stdout
    objects = [json.loads(line) for line in run(*command, "--json").stdout.splitlines()]
    rows = [*csv.DictReader(io.StringIO(run(*command, "--csv").stdout))]
    assert len(objects) == len(rows) == len(run(*command, "--output", "table").stdout.splitlines())
    assert len(rows[0]) > 5
    assert run(*command, "--output", "xml").exit_code == 2


def test_an_empty_list_says_so_on_stderr(run: Run) -> None:
    """It is no result, and a program that reads JSON or CSV gets nothing, or a header."""
    empty = run("indexes", "ls")
    assert (empty.exit_code, empty.stdout) == (0, "")
    assert empty.stderr.startswith("There are no indexes.")
    assert run("indexes", "ls", "--quiet").output == ""
    assert run("indexes", "ls", "--json").output == ""
    assert run("indexes", "ls", "--csv").output.startswith("id,")


def test_a_search_takes_images_and_entities(run: Run, emulator: Emulator, video_ids: list[str]) -> None:
    """Files, URLs, and names of people; a text is optional."""
    Path("ball.png").write_bytes(png(640, 480))
    with TwelveLabs() as client:
        people = client.entity_collections.create(name="people")
        asset = client.assets.create_and_wait("ball.png")
        entity = client.entity_collections.entities.create(people.id, name="Ada", asset_ids=[asset.id])
    for arguments in (
        ["--image", "ball.png"],
        ["--image", "https://example.com/ball.png", "--image", "ball.png", "a ball"],
        ["--entity", "Ada"],
        ["--entity", entity.id, "bounces"],
    ):
        assert run("search", "talks", *arguments).exit_code == 0
    sent = [dict(request.form) for request in emulator.requests if request.path == "/search"]
    texts = [None, "a ball", f"<@{entity.id}>", f"<@{entity.id}> bounces"]
    assert [form.get("query_text") for form in sent] == texts


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Pass a QUERY, --image or --entity."),
        (["--entity", "Nobody"], "No entity has the name or id 'Nobody'."),
        (["--image", "missing.png"], "missing.png: no such file."),
    ],
)
def test_a_search_for_nothing_is_refused(
    run: Run, emulator: Emulator, video_ids: list[str], arguments: list[str], message: str
) -> None:
    result = run("search", "talks", *arguments)
    assert (result.exit_code, message in result.stderr) == (2, True)
    assert not [request for request in emulator.requests if request.path == "/search"]


def test_tables_on_terminals_have_a_header_and_fit(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Columns are aligned by the cells that characters take, and the last one is cut."""
    columns = [
        Column("NAME", lambda row: row[0]),
        Column("SIZE", lambda row: row[1], is_number=True),
        Column("TEXT", lambda row: row[2]),
    ]
    rows = [("a", 5, "short"), ("日本", 12345, "x" * 100)]
    print_table(rows, columns, empty="")
    assert capsys.readouterr().out.splitlines() == ["a         5  short", f"日本  12345  {'x' * 100}"]
    monkeypatch.setattr(_listing, "is_terminal", lambda _: True)
    monkeypatch.setenv("COLUMNS", "40")
    print_table(rows, columns, empty="")
    header, first, second = capsys.readouterr().out.splitlines()
    assert (header, first) == ("NAME   SIZE  TEXT", "a         5  short")
    assert second == f"日本  12345  {'x' * 26}…"


def test_a_question_before_a_deletion_has_names_and_numbers(run: Run, emulator: Emulator, video_ids: list[str]) -> None:
    """One thing is named with its size. Several are listed, and counted with the sum of their sizes."""
    run("indexes", "create", "empty")
    talks, empty = emulator.state.indexes
    one, two = emulator.assets
    Path("a.mp4").write_bytes((MEDIA / "bouncing_ball.mp4").read_bytes() + b"a")
    run("index", "a.mp4", "--index", "empty")
    for arguments, question in (
        (["indexes", "rm", "talks"], "Delete the index 'talks' with 2 videos permanently?"),
        (["indexes", "rm", "empty"], "Delete the index 'empty' with 1 video permanently?"),
        (["indexes", "rm", "talks", empty], "Delete these 2 indexes with 3 videos permanently?"),
        (["assets", "rm", one], "Delete the asset 'one.mp4' with 134,510 bytes permanently?"),
        (["assets", "rm", one, two], "Delete these 2 assets with 269,020 bytes permanently?"),
        (["runs", "rm", "empty"], "Remove the run 'empty' with 1 source from this machine?"),
    ):
        refused = run(*arguments, stdin="n\n")
        assert (refused.exit_code, question in refused.stderr) == (1, True), refused.stderr
    listed = run("indexes", "rm", "talks", "empty", stdin="n\n").stderr.splitlines()
    assert listed[:2] == [f"{talks}  'talks' with 2 videos", f"{empty}  'empty' with 1 video"]
    assert (len(emulator.state.indexes), len(emulator.assets)) == (2, 3)


@pytest.mark.parametrize("words", ["videos ls ", "search ", "index a.mp4 --index ", "indexes rm "])
def test_shells_complete_names_of_indexes(run: Run, words: str) -> None:
    """A name that shells would not read as a word is not completed, since they insert it without quotes."""
    for name in ("talks", "two words", "t$(touch owned)", "walks"):
        assert run("indexes", "create", name).exit_code == 0
    settings = {"COMP_WORDS": f"twelvelabs-async {words}t", "COMP_CWORD": str(1 + words.count(" "))}
    completed = run(_TWELVELABS_ASYNC_COMPLETE="bash_complete", **settings)
    assert completed.stdout == "plain,talks\n"
    failed = run(_TWELVELABS_ASYNC_COMPLETE="bash_complete", TWELVELABS_BASE_URL="http://127.0.0.1:9", **settings)
    assert failed.output.strip() == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_each_shell(run: Run, shell: str) -> None:
    assert f"_TWELVELABS_ASYNC_COMPLETE={shell}_complete" in run("completion", shell).stdout
    assert run("completion", "cmd").exit_code == 2


@pytest.mark.parametrize("words", ["search talks ball", "videos ls talks"])
def test_a_list_can_be_a_page_to_look_at(
    run: Run, video_ids: list[str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is beside the table, in the named file or a temporary one, and opens in the browser if asked to."""
    opened: list[str] = []
    monkeypatch.setattr("click.launch", opened.append)
    written = run(*words.split(), "--html", "page.html")
    assert (written.exit_code, len(written.stdout.splitlines()), opened) == (0, 2, [])
    assert "one.mp4" in Path("page.html").read_text("utf-8")
    assert run(*words.split(), "--open").exit_code == 0
    [url] = opened
    assert "one.mp4" in Path(url.removeprefix("file://")).read_text("utf-8")


def test_a_quiet_command_shows_no_bars(run: Run, video_ids: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.mp4").write_bytes((MEDIA / "bouncing_ball.mp4").read_bytes())
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "%|" in run("index", "a.mp4", "--index", "talks").stderr
    assert run("index", "a.mp4", "--index", "talks", "--quiet").stderr == ""


def test_a_quiet_command_prints_results_and_errors_only(run: Run, emulator: Emulator, video_ids: list[str]) -> None:
    """The option can stand before or after the command."""
    emulator.understand("*.mp4", text="A ball.")
    for arguments in (["-q", "index"], ["index", "--quiet"]):
        Path("a.mp4").write_bytes((MEDIA / "bouncing_ball.mp4").read_bytes() + str(arguments).encode())
        done = run(*arguments, "a.mp4", "--index", "talks")
        assert (done.exit_code, done.stdout[:5], done.stderr) == (0, "ready", "")
    assert run("analyze", "a.mp4", "What?", "-q").output == "A ball.\n"
    Path("empty.mp4").touch()
    failed = run("index", "empty.mp4", "--index", "talks", "--quiet")
    assert (failed.exit_code, failed.stdout[:6]) == (1, "failed")
    assert run("search", "walks", "x", "-q").stderr.splitlines()[-1].startswith("Error: No index has")
