"""Folders as sources: which files are taken, and that each file that is not is reported with its reason."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import AsyncTwelveLabs, IndexSchema, TwelveLabs
from twelvelabs_async.bulk import Event
from twelvelabs_async.bulk.folders import FileSelection, find_files
from twelvelabs_async.testing import Emulator

from support.samples import video

pytestmark = pytest.mark.emulator(speed=1000)

FILES = (
    "talk.mp4",
    "TALK.MXF",
    "song.opus",
    "cover.gif",
    "notes.md",
    "clips.zip",
    ".trash/old.mp4",
    ".trash/deep/older.mp4",
    "._talk.mp4",
    "drafts/Cut.mov",
    "drafts/final/cut.mov",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with files of all kinds, hidden files, links, and a pipe."""
    for name in FILES:
        path = tmp_path / "talks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(video(name))
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "linked.mp4").write_bytes(video("linked"))
    (tmp_path / "talks" / "more").symlink_to(tmp_path / "more")
    (tmp_path / "talks" / "drafts" / "again").symlink_to(tmp_path / "talks")
    (tmp_path / "talks" / "copy.mp4").symlink_to(tmp_path / "talks" / "talk.mp4")
    os.mkfifo(tmp_path / "talks" / "pipe.mp4")
    return tmp_path / "talks"


def selected(folder: Path, pattern: str = "", **settings: Any) -> dict[str, str | None]:
    """Return the files that are found by their paths in *folder*, with the reasons to skip them."""
    found = [
        (Path(os.path.relpath(file.path, folder)).as_posix(), file.skipped)
        for file in find_files(str(folder / pattern), FileSelection(**settings))
    ]
    assert len(found) == len(dict(found))
    return dict(found)


TOP = {"talk.mp4", "TALK.MXF", "song.opus", "copy.mp4", "cover.gif", "notes.md", "clips.zip"}
TAKEN = {"talk.mp4", "TALK.MXF", "song.opus", "copy.mp4", "drafts/Cut.mov", "drafts/final/cut.mov"}
SKIPPED = {
    ".trash/old.mp4": "hidden file",
    ".trash/deep/older.mp4": "hidden file",
    "._talk.mp4": "hidden file",
    "clips.zip": "file of unknown type",
    "cover.gif": "image",
    "drafts/again": "link to a folder",
    "more": "link to a folder",
    "notes.md": "document",
    "pipe.mp4": "special file",
}


def test_every_file_is_taken_or_skipped_with_a_reason(folder: Path) -> None:
    """The kinds are those of an index."""
    found = selected(folder, kinds=("video", "audio"))
    assert {name for name, reason in found.items() if reason is None} == TAKEN
    assert {name: reason for name, reason in found.items() if reason is not None} == SKIPPED


@pytest.mark.parametrize(
    ("settings", "taken"),
    [
        ({}, TAKEN | {"cover.gif", "notes.md"}),
        ({"include": "*.MOV"}, {"drafts/Cut.mov", "drafts/final/cut.mov"}),
        ({"include": ["*.zip", "notes.*"]}, {"clips.zip", "notes.md"}),
        ({"include": "drafts/*", "exclude": "*/final/*"}, {"drafts/Cut.mov"}),
        ({"exclude": ["*.m[do]*", "*.gif"]}, {"TALK.MXF", "song.opus", "talk.mp4", "copy.mp4"}),
        (
            {"include": "*.mp4", "include_hidden": True},
            {"talk.mp4", "copy.mp4", "._talk.mp4", ".trash/old.mp4", ".trash/deep/older.mp4"},
        ),
        ({"include": "more/*", "follow_symlinks": True}, {"more/linked.mp4"}),
    ],
)
def test_files_are_selected_by_settings(folder: Path, settings: dict[str, Any], taken: set[str]) -> None:
    """Patterns are for paths in the folder, and the case does not matter. All others are reported."""
    found = selected(folder, **settings)
    assert {name for name, reason in found.items() if reason is None} == taken
    assert set(SKIPPED) | TAKEN <= set(found) | {"more", "drafts/again"}


def test_links_that_form_a_cycle_are_followed_once(folder: Path) -> None:
    """A folder that two links lead to is searched once."""
    (folder / "drafts" / "itself").symlink_to(folder / "drafts")
    (folder / "more again").symlink_to(folder / "more")
    found = selected(folder, follow_symlinks=True)
    repeated = {name for name, reason in found.items() if reason == "folder found before"}
    assert repeated == {"drafts/again", "drafts/itself", "more again"}
    assert found["more/linked.mp4"] is None


@pytest.mark.parametrize(
    ("pattern", "taken", "skipped"),
    [
        ("*", TOP, {"pipe.mp4", "._talk.mp4", ".trash", "drafts", "more"}),
        ("*.m*", {"talk.mp4", "copy.mp4", "notes.md"}, {"._talk.mp4", "pipe.mp4"}),
        (".trash/*.mp4", {".trash/old.mp4"}, set[str]()),
        (
            "**/*.mp4",
            {"talk.mp4", "copy.mp4"},
            {"more", "drafts/again", "pipe.mp4", "._talk.mp4", ".trash/old.mp4", ".trash/deep/older.mp4"},
        ),
        ("drafts/**", {"drafts/Cut.mov", "drafts/final/cut.mov"}, {"drafts/again"}),
        ("**/**/cut.mov", {"drafts/final/cut.mov"}, {"more", "drafts/again"}),
    ],
)
def test_a_pattern_takes_matches_of_every_kind(folder: Path, pattern: str, taken: set[str], skipped: set[str]) -> None:
    """Hidden files, pipes, folders and links are skipped, unless the pattern names hidden ones. Links are no cycles."""
    (folder / "drafts" / "itself").symlink_to(folder / "drafts")
    found = selected(folder, pattern, kinds=("video",))
    assert {name for name, reason in found.items() if reason is None} == taken
    assert {name for name, reason in found.items() if reason is not None} - {"drafts/itself"} == skipped


async def collect(client: AsyncTwelveLabs, method: str, *args: Any, **settings: Any) -> tuple[set[str], set[str], Any]:
    """Run a bulk method and return the sources, the skipped files, and the run."""
    events: list[Event] = []
    run = getattr(client.bulk, method)(*args, on_event=events.append, interval=0.02, **settings)
    sources = {Path(outcome.source).name async for outcome in run}
    skipped = [event for event in events if event.kind == "skipped"]
    assert Counter(event.reason for event in skipped) == run.skipped_files
    assert not sources & {Path(event.source).name for event in skipped}
    return sources, {Path(event.source).name for event in skipped}, run


async def test_an_index_takes_video_and_audio(
    emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path
) -> None:
    """Skipped files are events, and counted by the run and in the plan. They are not uploaded."""
    sources, skipped, run = await collect(client, "index", index.id, folder)
    assert sources == {Path(name).name for name in TAKEN}
    assert skipped == {Path(name).name for name in SKIPPED}
    plan = await client.bulk.plan(index.id, folder)
    assert plan.skipped_files == run.skipped_files == Counter(SKIPPED.values())
    assert {(Path(name).relative_to(folder).as_posix(), reason) for name, reason in plan.skipped} == set(
        SKIPPED.items()
    )
    assert "hidden file: 3" in str(plan).splitlines()[0]
    assert not {asset.filename for asset in emulator.assets.values()} & skipped


async def test_files_that_the_caller_names_are_always_taken(
    client: AsyncTwelveLabs, index: IndexSchema, folder: Path
) -> None:
    """A file of a kind that the operation cannot process is refused with the reason."""
    named = [folder / "notes.md", folder / ".trash" / "old.mp4"]
    assert (await client.bulk.upload(named).plan()).files == 2
    assert [reason for _, reason in (await client.bulk.plan(index.id, named)).skipped] == [
        "It is of the kind document; expected audio or video (docs: Index content)."
    ]


@pytest.mark.parametrize(
    ("method", "settings", "kinds"),
    [
        ("upload", {}, {"talk.mp4", "song.opus", "cover.gif", "notes.md"}),
        ("analyze", {"prompt": "What happens?"}, {"talk.mp4"}),
        ("embed", {"model_name": "marengo3.0"}, {"talk.mp4", "song.opus"}),
        ("embed", {"model_name": "marengo3.5"}, {"talk.mp4", "song.opus", "cover.gif", "notes.md"}),
        ("upload", {"include": "*.gif"}, {"cover.gif"}),
        ("analyze", {"prompt": "What happens?", "exclude": ["talk*", "copy*", "drafts/*"], "include": "*.opus"},
         {"song.opus"}),
    ],
)  # fmt: skip
async def test_the_operation_decides_about_the_kinds(
    client: AsyncTwelveLabs, folder: Path, method: str, settings: dict[str, Any], kinds: set[str]
) -> None:
    """The settings hold for every bulk method."""
    sources, skipped, _ = await collect(client, method, folder, **settings)
    names = {"talk.mp4", "song.opus", "cover.gif", "notes.md"}
    assert (sources & names, skipped & names) == (kinds, names - kinds)


async def test_a_folder_of_which_all_files_are_skipped_is_an_error(
    emulator: Emulator, client: AsyncTwelveLabs, folder: Path
) -> None:
    """The error has the numbers by reason. As one of several sources, it is an outcome."""
    with pytest.raises(FileNotFoundError, match=r"hidden file: 2\).*include_hidden=True"):
        await collect(client, "upload", folder / "[.]*")
    with pytest.raises(FileNotFoundError, match=r"file not included: 10.*include="):
        await collect(client, "upload", folder, include="*.avi")
    assert not emulator.assets


async def test_a_folder_that_cannot_be_read_is_an_outcome(
    client: AsyncTwelveLabs, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hidden one is skipped in any case. Other folders are searched."""

    def scan(path: str, scan: Any = os.scandir) -> Any:
        if Path(path).name in (".trash", "final"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", scan)
    for place in (folder, folder / "**" / "*.mov"):
        sources, skipped, _ = await collect(client, "upload", place)
        assert {"final", "Cut.mov"} <= sources
        assert ".trash" in skipped


def test_the_blocking_client_counts_skipped_files(sync_client: TwelveLabs, folder: Path) -> None:
    run = sync_client.bulk.upload(folder, include="talk.mp4", interval=0.02)
    assert [outcome.status for outcome in run] == ["ready"]
    assert sum(run.skipped_files.values()) == len(SKIPPED) + len(TAKEN) - 1


@pytest.mark.parametrize("setting", ["include", "exclude"])
@pytest.mark.parametrize("method", ["index", "plan", "upload", "analyze", "embed"])
async def test_a_pattern_that_is_not_text_is_refused(
    emulator: Emulator, client: AsyncTwelveLabs, method: str, setting: str
) -> None:
    arguments: dict[str, list[Any]] = {"index": ["i", []], "plan": ["i", []]}
    more = {"analyze": {"prompt": "What?"}, "embed": {"model_name": "marengo3.0"}}.get(method, {})
    call: Callable[..., Any] = getattr(client.bulk, method)
    with pytest.raises(TypeError, match=rf"{setting} must be a glob pattern or several, such as '\*\.mp4'; got 5"):
        await call(*arguments.get(method, [[]]), **{setting: [5]}, **more)
    assert not emulator.requests


async def test_folders_are_read_ahead_and_iterators_are_not(
    client: AsyncTwelveLabs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first outcome of a folder comes when all its files are counted. The folder is read once."""
    read: list[str] = []
    scan: Any = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: read.append(os.fspath(path)) or scan(path))
    folder = tmp_path / "many"
    folder.mkdir()
    files = [folder / f"{number}.mp4" for number in range(15)]
    for number, file in enumerate(files):
        file.write_bytes(video(number, size=20))
    found: list[tuple[int, bool]] = []
    for sources in ([folder], (str(file) for file in files)):
        run = client.bulk.upload(sources, concurrency=1, upload_concurrency=1, interval=0.02)
        assert (run.found.number, run.found.is_complete) == (0, False)
        await anext(run)
        found.append((run.found.number, run.found.is_complete))
        assert len([outcome async for outcome in run]) == 14
        assert (run.found.number, run.found.bytes, run.found.is_complete) == (15, 300, True)
    assert found[0] == (15, True)
    assert found[1] < (10, False)
    assert read.count(str(folder)) == 1
