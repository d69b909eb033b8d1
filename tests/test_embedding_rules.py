"""Bulk embeddings: parameters that the API refuses, and kinds of files that a model does not embed.

The rules are those of the page `Create an async embedding task` of the API's documents.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async.testing import Emulator

from support.bulk import finish, statuses, url, write_recording
from support.images import png
from support.samples import video

pytestmark = [pytest.mark.usefixtures("autojump_clock"), pytest.mark.emulator(processing_time=1, embedding_time=2)]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a file of each kind."""
    folder = tmp_path / "files"
    folder.mkdir()
    for name, content in (("a.mp4", video(1)), ("b.mp3", video(2)), ("c.png", png(640, 480)), ("d.pdf", b"%PDF-1.7")):
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        (
            {"model_name": "marengo3.0", "embedding_dimension": 128},
            "embedding_dimension requires the model_name 'marengo3.5'",
        ),
        ({"model_name": "marengo3.0", "embedding_uncertainty": True}, "embedding_uncertainty requires"),
        ({"model_name": "marengo3.5", "embedding_dimension": 300}, r"must be one of \(128, 256, 512\); got 300"),
        (
            {"model_name": "marengo3.0", "audio": {"embedding_option": ["visual"]}},
            r"embedding_option of audio must be among \('audio', 'transcription'\) for marengo3.0; got 'visual'",
        ),
        (
            {"model_name": "marengo3.5", "video": {"embedding_option": ["transcription"]}},
            "embedding_option of video must be among",
        ),
        ({"model_name": "marengo3.0", "video": {"embedding_scope": ["local"]}}, "embedding_scope of video"),
        (
            {
                "model_name": "marengo3.5",
                "video": {"segmentation": {"strategy": "fixed", "fixed": {"duration_sec": 5}}},
            },
            'segmentation of video must have the form {"temporal"',
        ),
        (
            {"model_name": "marengo3.0", "audio": {"segmentation": {"temporal": {"strategy": "fixed"}}}},
            'segmentation of audio must have the form {"strategy"',
        ),
        (
            {"model_name": "marengo3.5", "embedding_uncertainty": True, "video": {"embedding_option": ["visual"]}},
            "embedding_uncertainty requires the embedding_scope 'clip' alone for video",
        ),
    ],
)
async def test_parameters_that_the_api_refuses_are_refused_at_the_call(
    emulator: Emulator, client: AsyncTwelveLabs, parameters: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        client.bulk.embed(url("a"), **parameters)
    assert not emulator.requests


async def test_a_model_of_tomorrow_has_no_rules_of_today(client: AsyncTwelveLabs) -> None:
    client.bulk.embed(url("a"), model_name="marengo4.0", embedding_dimension=64, audio={"embedding_option": ["scent"]})


@pytest.mark.parametrize(
    ("parameters", "ready"),
    [
        ({"model_name": "marengo3.0"}, {"a.mp4", "b.mp3"}),
        ({"model_name": "marengo3.5"}, {"a.mp4", "b.mp3", "c.png", "d.pdf"}),
        ({"model_name": "marengo3.5", "audio": None, "document": None}, {"a.mp4", "c.png"}),
    ],
)
async def test_files_that_are_not_embedded_are_not_uploaded(
    emulator: Emulator, client: AsyncTwelveLabs, files: Path, parameters: dict[str, Any], ready: set[str]
) -> None:
    """From folders, they are not taken. Those that the caller names fail."""
    assert {*await finish(client.bulk.embed(files, **parameters))} == ready
    named = await finish(
        client.bulk.embed([files / name for name in ("a.mp4", "b.mp3", "c.png", "d.pdf")], **parameters)
    )
    assert {name for name, outcome in named.items() if outcome.error is None} == ready
    assert {asset.filename for asset in emulator.assets.values()} == ready
    for name in {*named} - ready:
        assert "It is of the kind" in str(named[name].error)


async def test_files_that_the_uncertainty_excludes_fail_alone(
    emulator: Emulator, client: AsyncTwelveLabs, files: Path
) -> None:
    """Whole files have no uncertainty, and by default there is an embedding of the whole file."""
    video = {"embedding_scope": ["clip"]}
    run = client.bulk.embed(files, model_name="marengo3.5", embedding_uncertainty=True, video=video, document=None)
    outcomes = await finish(run)
    assert statuses(outcomes) == {"ready": 2, "failed": 1}
    assert "requires the embedding_scope 'clip' alone for audio" in str(outcomes["b.mp3"].error)


async def test_only_the_part_counts_that_is_embedded(client: AsyncTwelveLabs, tmp_path: Path) -> None:
    recording = write_recording(tmp_path / "a.wav", 60)
    run = client.bulk.embed(recording, model_name="marengo3.0", audio={"start_sec": 10, "end_sec": 30})
    assert (await run.plan()).seconds == pytest.approx(20)
