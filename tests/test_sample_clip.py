"""The clip that comes with the package."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import twelvelabs_async
from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async.testing import Emulator, sample_clip

from support.samples import MODELS

MODEL_NAMES = ("marengo3.0", "pegasus1.5", "pegasus1.6")

PROGRAM = """
import twelvelabs_async
from twelvelabs_async.testing import sample_clip

print(twelvelabs_async.__file__, sample_clip(), sample_clip().stat().st_size, sep="\\n")
"""


def test_the_sample_clip_is_a_small_video() -> None:
    """It is H.264 and AAC, which every player and every model knows."""
    av = pytest.importorskip("av")
    with av.open(sample_clip()) as video:
        assert [(stream.type, stream.codec_context.name) for stream in video.streams] == [
            ("video", "h264"),
            ("audio", "aac"),
        ]
        pictures = [frame.to_ndarray() for frame in video.decode(video=0)]
    assert len(pictures) == 12 * 15
    assert (pictures[0] != pictures[-1]).any()
    assert sample_clip().stat().st_size < 64_000


@pytest.mark.emulator(strict=False)
async def test_all_models_accept_the_sample_clip(client: AsyncTwelveLabs) -> None:
    """It keeps every documented limit of the models of an index."""
    index = await client.indexes.ensure("all", models=[{**MODELS[0], "model_name": name} for name in MODEL_NAMES])
    plan = await client.bulk.plan(index.id, sample_clip())
    assert (plan.files, plan.skipped) == (1, [])


@pytest.mark.emulator(processing_time=0, indexing_time=0)
async def test_the_emulator_finds_what_the_sample_clip_shows(client: AsyncTwelveLabs, emulator: Emulator) -> None:
    """A search by what is seen and heard finds its clips, and an analysis names it."""
    index = await client.indexes.ensure("samples", models=MODELS)
    asset = await client.assets.create_and_wait(sample_clip())
    await client.indexes.indexed_assets.create_and_wait(index.id, asset_id=asset.id)

    async def times(query: str) -> list[tuple[float | None, float | None]]:
        matches = client.search.query(index_id=index.id, search_options=["visual", "audio"], query_text=query)
        return [(match.start, match.end) async for match in matches]

    assert {*await times("a red balloon in the sky")} == {(0, 6), (6, 12)}
    answer = await client.analyze(video={"type": "asset_id", "asset_id": asset.id}, prompt="What is seen?")
    assert "red balloon" in str(answer.data)


def test_a_package_in_an_archive_has_the_sample_clip(tmp_path: Path) -> None:
    """The clip is copied out of the archive under its own name, and the copy is deleted when Python ends."""
    folder = Path(twelvelabs_async.__file__).parent
    with zipfile.ZipFile(tmp_path / "packages.zip", "w") as archive:
        for file in folder.rglob("*"):
            if file.suffix in (".py", ".mp4"):
                archive.write(file, Path(folder.name) / file.relative_to(folder))
    program = f"import sys; sys.path.insert(0, {str(archive.filename)!r})\n{PROGRAM}"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert result.stderr == ""
    package, copy, size = result.stdout.splitlines()
    assert package.startswith(archive.filename or "?")
    assert (Path(copy).name, int(size)) == (sample_clip().name, sample_clip().stat().st_size)
    assert not Path(copy).parent.exists()
