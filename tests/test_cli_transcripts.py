"""``transcript``: spoken words as subtitles, text and JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from twelvelabs_async import TwelveLabs
from twelvelabs_async.testing import Emulator

from support.samples import MEDIA, MODELS

pytest.importorskip("click")
pytest.importorskip("tqdm")

from support.command_line import Run

INSTANT = {"processing_time": 0, "indexing_time": 0}
pytestmark = [pytest.mark.usefixtures("shell"), pytest.mark.emulator(**INSTANT)]

PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
"""A word with a zero-width non-joiner."""
SRT = f"1\n00:00:01,000 --> 00:00:03,000\nA ball bounces.\n\n2\n00:00:03,000 --> 00:00:05,000\n{PERSIAN} & more.\n"


@pytest.fixture
def clip(emulator: Emulator) -> Path:
    """A video in the current folder, in which somebody speaks."""
    emulator.understand("*.mp4", transcription=[(1.0, 3.0, "A ball bounces."), (3.0, 5.0, f"{PERSIAN} & more.")])
    clip = Path("ball.mp4")
    clip.write_bytes((MEDIA / "bouncing_ball.mp4").read_bytes())
    return clip


@pytest.fixture
def talks(emulator: Emulator, clip: Path) -> str:
    """The name of an index with this video."""
    with TwelveLabs() as client:
        index = client.indexes.create(index_name="talks", models=MODELS)
        asset = client.assets.create_and_wait(clip)
        client.indexes.indexed_assets.create_and_wait(index.id, asset_id=asset.id)
    return "talks"


def test_a_file_is_uploaded_once(run: Run, emulator: Emulator, clip: Path) -> None:
    """What the command does and waits for is on stderr, with the id of the asset."""
    first = run("transcript", clip)
    [asset_id] = emulator.assets
    assert (first.exit_code, first.stdout.replace("speaker_0: ", "").strip()) == (0, SRT.strip())
    assert first.stderr.splitlines()[0] == "Uploading ball.mp4"
    assert f"Uploaded as the asset {asset_id}" in first.stderr
    assert first.stderr.splitlines()[-1] == "Waiting for the transcription of ball.mp4"
    again = run("transcript", clip)
    assert (again.stdout, f"Found on the platform as the asset {asset_id}" in again.stderr) == (first.stdout, True)
    assert run("transcript", asset_id, "--quiet").output == first.stdout
    assert len(emulator.assets) == 1


def test_a_video_in_an_index_has_a_name_or_an_id(run: Run, emulator: Emulator, talks: str) -> None:
    [index] = emulator.state.indexes.values()
    [video_id] = index.indexed_assets
    for names in ([talks, "ball.mp4"], [index.id, video_id]):
        printed = run("transcript", *names)
        assert (printed.stdout.strip(), printed.stderr) == (SRT.strip(), "")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("srt", SRT), ("vtt", "WEBVTT\n"), ("txt", "A ball bounces.\n"), ("json", "[")],
)
def test_a_transcript_has_a_format(run: Run, talks: str, name: str, expected: str) -> None:
    """It follows the name of the file. Without a file, the text is printed as it is."""
    printed = run("transcript", talks, "ball.mp4", "--format", name)
    assert (printed.exit_code, printed.stdout.startswith(expected)) == (0, True)
    assert PERSIAN in (json.loads(printed.stdout)[1]["text"] if name == "json" else printed.stdout)
    written = run("transcript", talks, "ball.mp4", "-o", f"ball.{name}")
    assert (written.exit_code, written.output) == (0, "")
    assert Path(f"ball.{name}").read_bytes() == printed.stdout_bytes


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.mp4"], "missing.mp4: no such file. For a video in an index, pass INDEX and VIDEO."),
        (["INDEX"], "talks: no such file. For a video in an index, pass INDEX and VIDEO."),
        (["INDEX", "other.mp4"], "No video has the name or id 'other.mp4'. `twelvelabs-async videos ls"),
        (["walks", "ball.mp4"], "No index has the name or id 'walks'."),
        (["INDEX", "ball.mp4", "-o", "ball.doc"], "ball.doc: expected a name that ends with .srt, .vtt, .txt, .json"),
    ],
)
def test_what_is_not_there_is_an_error(run: Run, talks: str, arguments: list[str], message: str) -> None:
    result = run("transcript", *(argument.replace("INDEX", talks) for argument in arguments))
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_two_videos_with_one_name_are_told_apart_by_their_ids(run: Run, talks: str) -> None:
    Path("ball.mp4").write_bytes(Path("ball.mp4").read_bytes() + b"other")
    assert run("index", "ball.mp4", "--index", talks).exit_code == 0
    result = run("transcript", talks, "ball.mp4")
    assert (result.exit_code, "Several have the name 'ball.mp4': " in result.stderr) == (2, True)


def test_a_silent_video_has_an_empty_transcript(run: Run, emulator: Emulator, clip: Path, talks: str) -> None:
    emulator.understand("*.mp4", transcription=[])
    Path("silent.mp4").write_bytes(clip.read_bytes() + b"silent")
    assert run("index", "silent.mp4", "--index", talks).exit_code == 0
    result = run("transcript", talks, "silent.mp4", "--format", "txt")
    assert (result.exit_code, result.stdout.strip(), result.stderr) == (0, "", "There are no spoken words.\n")
