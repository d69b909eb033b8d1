"""``progress=True``: bars of uploads, waits and runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import AsyncTwelveLabs, IndexSchema, JobFailedError, TwelveLabs
from twelvelabs_async.testing import Emulator

from support.samples import MODELS, video

pytestmark = pytest.mark.emulator(processing_time=4, indexing_time=4)


@pytest.fixture
def _tqdm() -> None:
    pytest.importorskip("tqdm", reason="needs tqdm: pip install tqdm")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "talk\x1b[2J.mp4"
    file.write_bytes(video(size=2_000_000))
    return file


def shown(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the states of the bars, which overwrite each other on a line."""
    return [text for text in capsys.readouterr().err.replace("\r", "\n").splitlines() if text.strip()]


@pytest.mark.usefixtures("autojump_clock", "_tqdm")
async def test_an_upload_shows_its_bytes_and_a_wait_its_status(
    client: AsyncTwelveLabs, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Escapes stand in place of what the terminal could take for a command."""
    asset = await client.assets.create_and_wait(file, progress=True)
    bars = shown(capsys)
    [upload] = [text for text in bars if "2.00M/2.00MB" in text][-1:]
    assert upload.startswith("100%|")
    assert upload.endswith("talk\\x1b[2J.mp4")
    assert any(f"asset {asset.id}: processing [00:0" in text for text in bars)
    assert f"asset {asset.id}: ready [00:0" in bars[-1]


@pytest.mark.usefixtures("autojump_clock", "_tqdm")
async def test_a_resumed_upload_in_parts_begins_with_the_parts_that_are_there(
    client: AsyncTwelveLabs, file: Path, emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    """The bar has the bytes of all parts."""
    await client.assets.upload(file, multipart_threshold=0, progress=True)
    assert "2.00M/2.00MB" in shown(capsys)[-1]


@pytest.mark.usefixtures("autojump_clock", "_tqdm")
async def test_the_bar_of_a_failed_wait_stays(
    client: AsyncTwelveLabs, emulator: Emulator, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It shows the status at the end."""
    emulator.understand("talk*", fail="too short", at="processing")
    asset = await client.assets.upload(file)
    with pytest.raises(JobFailedError):
        await client.assets.wait_until_ready(asset.id, progress=True)
    assert f"asset {asset.id}: failed" in shown(capsys)[-1]


@pytest.mark.usefixtures("autojump_clock", "_tqdm")
async def test_a_run_shows_its_sources_and_their_bytes(
    client: AsyncTwelveLabs, index: IndexSchema, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The total is what the run has found; events still reach the caller."""
    kinds = set[str]()
    run = client.bulk.index(index.id, folder, progress=True, on_event=lambda event: kinds.add(event.kind))
    assert [outcome.status async for outcome in run] == ["ready"] * 4
    bars = shown(capsys)
    assert any("0/4 [" in text and "4 indexing" in text for text in bars)
    assert any(text.startswith("100%|") and "4/4 [" in text and text.endswith("4 ready") for text in bars)
    assert {"uploading", "ready"} <= kinds


@pytest.mark.usefixtures("autojump_clock", "_tqdm")
async def test_the_wait_for_a_batch_shows_its_items(
    client: AsyncTwelveLabs, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its state has the numbers of items."""
    asset = await client.assets.create_and_wait(file)
    await client.analyze_async.batches.create_and_wait(
        analysis_mode="general",
        model_name="pegasus1.5",
        defaults={"prompt": {"input_text": "Describe the video."}},
        requests=[{"video": {"type": "asset_id", "asset_id": asset.id}, "custom_id": name} for name in ("a", "b")],
        progress=True,
    )
    bars = shown(capsys)
    assert "0/2 [" in "".join(bars)
    assert bars[-1].startswith("100%|")
    assert "2/2 [" in bars[-1]


@pytest.mark.usefixtures("_tqdm")
@pytest.mark.emulator(processing_time=0, indexing_time=0)
def test_the_blocking_client_shows_bars(
    sync_client: TwelveLabs, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of uploads and waits, and of runs."""
    sync_client.assets.create_and_wait(folder / "a.mp4", interval=0.01, progress=True)
    index = sync_client.indexes.create(index_name="tests", models=MODELS)
    assert {outcome.status for outcome in sync_client.bulk.index(index.id, folder, interval=0.01, progress=True)} == {
        "ready"
    }
    bars = shown(capsys)
    for text in ("a.mp4", "asset ", "4 ready"):
        assert any(text in bar for bar in bars)


@pytest.mark.parametrize("progress", [True, "yes"])
async def test_progress_without_tqdm_says_what_to_install(
    client: AsyncTwelveLabs, emulator: Emulator, file: Path, progress: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent, not even if the value is invalid."""
    monkeypatch.setitem(sys.modules, "tqdm", None)
    error, message = (
        (ImportError, "tqdm is not installed. Run: pip install 'tqdm'")
        if progress is True
        else (TypeError, "progress must be True or False; got 'yes'.")
    )
    with pytest.raises(error, match=message):
        await client.assets.upload(file, progress=progress)
    with pytest.raises(error, match=message):
        await client.assets.wait_until_ready("a1", progress=progress)
    with pytest.raises(error, match=message):
        client.bulk.index("i1", file, progress=progress)
    assert not emulator.requests
