"""Vectors of the emulator: what a notebook or a vector store sees of them."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from twelvelabs_async import TwelveLabs
from twelvelabs_async.testing import Emulator, sample_clip

TALK = [
    (0.0, 2.0, "A rocket stands on the launch pad."),
    (2.0, 4.0, "The crew eats breakfast."),
    (4.0, 6.0, "Rockets are launched from this pad."),
    (6.0, 8.0, "Ocean waves hide the sun."),
    (8.0, 10.0, "For breakfast the crew ate eggs."),
]


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def clip_vectors(client: TwelveLabs, name: str, modality: str) -> list[list[float]]:
    """Return the vectors of five clips of a video."""
    asset = client.assets.upload(sample_clip(), filename=name)
    task = client.embed.v_2.tasks.create_and_wait(
        input_type="video",
        model_name="marengo3.0",
        video={
            "media_source": {"asset_id": asset.id},
            "end_sec": 10,
            "segmentation": {"strategy": "fixed", "fixed": {"duration_sec": 2}},
            "embedding_option": [modality],
            "embedding_scope": ["clip"],
        },
        interval=0.01,
    )
    return [data.embedding for data in task.data or []]


@pytest.mark.emulator(processing_time=0, embedding_time=0)
def test_the_clips_of_a_video_have_different_vectors(sync_client: TwelveLabs) -> None:
    """They are near to each other, nearest to the next clip, and the same each time."""
    vectors = clip_vectors(sync_client, "a_red_balloon_at_the_lake.mp4", "visual")
    nearness = {pair: cosine(vectors[pair[0]], vectors[pair[1]]) for pair in combinations(range(5), 2)}
    assert all(0.7 < cosine < 0.99 for cosine in nearness.values())
    assert min(nearness[pair] for pair in pairwise(range(5))) > 0.9 > nearness[0, 4]
    assert clip_vectors(sync_client, "a_red_balloon_at_the_lake.mp4", "visual") == vectors


@pytest.mark.emulator(processing_time=0, embedding_time=0)
def test_neighbors_are_the_clips_with_alike_words(sync_client: TwelveLabs, emulator: Emulator) -> None:
    """Of five spoken sentences, those about the same thing are neighbors, whatever form their words have."""
    emulator.understand("talk.mp4", transcription=TALK)
    vectors = clip_vectors(sync_client, "talk.mp4", "transcription")

    def neighbor(clip: int) -> int:
        return max({*range(5)} - {clip}, key=lambda other: cosine(vectors[clip], vectors[other]))

    assert [neighbor(clip) for clip in (0, 1, 2, 4)] == [2, 4, 0, 1]


@pytest.mark.emulator(processing_time=0, embedding_time=0)
def test_videos_with_alike_names_are_near(sync_client: TwelveLabs) -> None:
    """Names are compared by their words: case, order and separators do not count."""
    balloon, balloons, chess = (
        clip_vectors(sync_client, name, "visual")[0] for name in ("red_balloon.mp4", "Balloons-red.mp4", "chess.mp4")
    )
    assert cosine(balloon, balloons) > 0.6 > 0.2 > cosine(balloon, chess)


@pytest.mark.emulator(processing_time=0, indexing_time=0)
def test_a_search_ranks_everything_the_same_way_each_time(sync_client: TwelveLabs, emulator: Emulator) -> None:
    """The clip that is nearest to a query comes first. A query that is near to nothing has an order, too."""
    emulator.understand("talk.mp4", transcription=TALK)
    index = sync_client.indexes.ensure("talks", models=[{"model_name": "marengo3.0", "model_options": ["audio"]}])
    for name in ("talk.mp4", "chess.mp4"):
        asset = sync_client.assets.upload(sample_clip(), filename=name)
        sync_client.indexes.indexed_assets.create_and_wait(index.id, asset_id=asset.id)

    def search(query: str) -> list[tuple[str | None, float | None]]:
        hits = sync_client.search.query(index_id=index.id, search_options=["transcription"], query_text=query)
        return [(hit.transcription, hit.start) for hit in hits]

    assert [search(query)[0][1] for query in ("an egg", "launching")] == [6.0, 0.0]
    unrelated = [search(query) for query in ("quiz", "jukebox", "oxygen", "quiz")]
    assert {*map(len, unrelated)} == {3}  # nothing is said in the second half of the other video
    assert unrelated[0] == unrelated[-1]
    assert any(hits != unrelated[0] for hits in unrelated)
