"""``clips``: what a search finds as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from twelvelabs_async import Moments, TwelveLabs
from twelvelabs_async.testing import Emulator

from support.counted_videos import frame_numbers, write_counted
from support.samples import MEDIA, MODELS

pytest.importorskip("click")
pytest.importorskip("m3u8")
pytest.importorskip("tqdm")

from support.command_line import Run

INSTANT = {"processing_time": 0, "indexing_time": 0}
pytestmark = [pytest.mark.usefixtures("shell"), pytest.mark.emulator(**INSTANT)]


@pytest.fixture
def talks(shell: None) -> str:
    """The name of an index with a video of 9 seconds with 10 frames each, which is one match, and its stream."""
    originals = Path("originals/2026")
    originals.mkdir(parents=True)
    video = write_counted(originals / "count.mp4", 9, fps=10, audio=None)
    with TwelveLabs() as client:
        index = client.indexes.create(index_name="talks", models=MODELS)
        asset = client.assets.create_and_wait(video)
        client.indexes.indexed_assets.create_and_wait(index.id, asset_id=asset.id, enable_video_stream=True)
        client.indexes.create(index_name="empty", models=MODELS)
    return "talks"


@pytest.mark.parametrize("source", [[], ["--source", "originals"], ["--source", "originals/2026/count.mp4"]], ids=str)
def test_matches_are_saved_as_files(run: Run, emulator: Emulator, talks: str, source: list[str]) -> None:
    """They come from the stream of the platform, from a folder with the videos, or from one video."""
    saved = run("clips", talks, "a number", "--save", "clips", *source)
    assert (saved.exit_code, saved.stderr) == (0, "Saving 1 match\n"), saved.stderr
    [path] = map(Path, saved.stdout.splitlines())
    assert (path.parent, path.suffix) == (Path("clips"), ".mp4")
    assert frame_numbers(path) == [*range(90)]
    assert any(".m3u8" in request.path for request in emulator.requests) == (source == [])


@pytest.mark.parametrize(("suffix", "start"), [("gif", b"GIF8"), ("jpg", b"\xff\xd8"), ("webp", b"RIFF")])
def test_matches_are_saved_in_the_chosen_format(run: Run, talks: str, suffix: str, start: bytes) -> None:
    [path] = run(
        "clips", talks, "x", "--save", "clips", "--format", suffix, "--source", "originals"
    ).stdout.splitlines()
    assert Path(path).suffix == f".{suffix}"
    assert Path(path).read_bytes().startswith(start)


def test_a_name_of_several_files_is_no_video(run: Run, talks: str) -> None:
    """Cameras give the same name to many files."""
    Path("originals/count.mp4").write_bytes(b"another video")
    saved = run("clips", talks, "a number", "--save", "clips", "--source", "originals")
    assert saved.exit_code == 2
    names = "originals/2026/count.mp4, originals/count.mp4"
    assert f"Several files have the name 'count.mp4': {names}. Pass --source with one." in saved.stderr


def test_matches_are_one_video_and_one_picture(run: Run, talks: str) -> None:
    files = ["--supercut", "best.mp4", "--sheet", "sheet.jpg"]
    saved = run("clips", talks, "a number", *files, "--source", "originals", "--quiet")
    assert (saved.stdout, saved.stderr) == ("best.mp4\nsheet.jpg\n", "")
    assert frame_numbers(Path("best.mp4")) == [*range(90)]
    assert Path("sheet.jpg").read_bytes().startswith(b"\xff\xd8")


def test_a_terminal_shows_what_is_done(run: Run, talks: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twelvelabs_async.cli._clips.shows_bars", lambda: True)
    saved = run("clips", talks, "a number", "--save", "clips", "--source", "originals")
    [bar] = saved.stderr.replace("\r", "\n").strip().splitlines()[-1:]
    assert (bar.startswith("100%|"), bar.endswith("] clips")) == (True, True), bar


def test_matches_are_joined_and_widened(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Margins are added to joined matches, within the video."""
    saved: list[list[tuple[float, float | None]]] = []

    def save(_: object, moments: Moments, *__: object, **___: object) -> list[Path]:
        saved.append([(moment.start, moment.end) for moment in moments])
        return []

    run("indexes", "create", "rockets")
    run("index", MEDIA / "rocket_countdown.mp4", "--index", "rockets")
    monkeypatch.setattr("twelvelabs_async.sync.media.Media.save", save)
    for options in ([], ["--margin", 1], ["--merge", 0, "--margin", 1]):
        assert run("clips", "rockets", "a rocket", "--save", "clips", *options).exit_code == 0
    assert saved == [[(0, 6), (6, 15)], [(0, 7), (5, 15)], [(0, 15)]]


def test_clips_need_a_place_and_matches(run: Run, emulator: Emulator, talks: str) -> None:
    """Nothing is sent without a place, and nothing written without matches."""
    sent = len(emulator.requests)
    missing = run("clips", talks, "a number")
    assert (missing.exit_code, "Pass --save DIR, --supercut FILE or --sheet FILE." in missing.stderr) == (2, True)
    assert run("clips", talks, "a number", "--save", "clips", "--source", "missing").exit_code == 2
    assert len(emulator.requests) == sent
    nothing = run("clips", "empty", "a number", "--save", "clips")
    assert (nothing.exit_code, nothing.stdout, nothing.stderr) == (0, "", "There are no matches.\n")
    assert not Path("clips").exists()


def test_a_video_without_a_stream_is_read_from_a_source(run: Run, emulator: Emulator, talks: str) -> None:
    """The message names the options that help."""
    for index in emulator.state.indexes.values():
        for indexed in index.indexed_assets.values():
            indexed.enable_video_stream = False
    for asset in emulator.assets.values():
        asset.enable_hls = False
    result = run("clips", talks, "a number", "--save", "clips")
    assert result.exit_code == 1
    assert result.stderr.endswith("has no stream. Pass --source with its file, or index it with --stream.\n")


def test_index_stores_streams_if_asked_to(run: Run, emulator: Emulator, talks: str) -> None:
    assert run("index", MEDIA / "rocket_countdown.mp4", "--index", talks, "--stream").exit_code == 0
    [sent] = [request.json for request in emulator.requests if request.json and "asset_id" in request.json][1:]
    assert sent["enable_video_stream"] is True
