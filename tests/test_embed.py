"""Embeddings: vectors of texts and files, embedding tasks, many tasks at once."""

from __future__ import annotations

import asyncio
import base64
import math
from collections.abc import Callable
from typing import Any

import pytest

from twelvelabs_async import (
    AsyncTwelveLabs,
    BadRequestError,
    EmbeddingMediaMetadata_Video,
    IndexSchema,
    JobFailedError,
    MultiInputMediaSource,
    MultiInputRequest,
    TwelveLabs,
    WaitTimeoutError,
)
from twelvelabs_async.errors import MissingFileError
from twelvelabs_async.testing import Emulator

from support.samples import MEDIA
from support.until import until

# The emulator's clock follows that of the event loop only, so that a slow machine changes no status.

CLIP = "rocket_countdown.mp4"
URL = "https://example.com/rocket_countdown.mp4"


async def embed(client: AsyncTwelveLabs, text: str) -> list[float]:
    response = await client.embed.v_2.create(input_type="text", model_name="marengo3.0", text={"input_text": text})
    return response.data[0].embedding


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


class TestVectors:
    async def test_similar_texts_have_similar_vectors(self, client: AsyncTwelveLabs) -> None:
        """Vectors have length 1. A text has the same vector every time."""
        text = await embed(client, "A rocket takes off from the launch pad")
        assert math.hypot(*text) == pytest.approx(1)
        assert text == await embed(client, "A rocket takes off from the launch pad")
        paraphrase = await embed(client, "the launching of a rocket")
        other = await embed(client, "A cat sleeps on the sofa in the sun")
        assert cosine(text, paraphrase) > 0.5 > 0.3 > cosine(text, other)

    async def test_a_text_is_similar_to_the_video_that_it_describes(
        self, client: AsyncTwelveLabs, emulator: Emulator
    ) -> None:
        """Vectors of texts and files can be compared."""
        emulator.understand("beach.mp4", text="Waves roll onto a beach.")
        vectors = {}
        for name in (CLIP, "beach.mp4"):
            response = await client.embed.v_2.create(
                input_type="video",
                model_name="marengo3.0",
                video={"media_source": {"url": f"https://example.com/{name}"}, "embedding_scope": ["asset"]},
            )
            vectors[name] = next(data.embedding for data in response.data if data.embedding_option == "visual")
        text = await embed(client, "waves on a beach")
        assert max(vectors, key=lambda name: cosine(text, vectors[name])) == "beach.mp4"

    async def test_a_text_and_files_have_one_vector_of_the_requested_length(self, client: AsyncTwelveLabs) -> None:
        """Marengo 3.5 counts the tokens of the input."""
        image = MultiInputMediaSource(media_type="image", name="logo", base_64_string=base64.b64encode(b"png").decode())
        request = MultiInputRequest(input_text="like <@logo>", media_sources=[image])
        long, short = [
            await client.embed.v_2.create(
                input_type="multi_input", model_name="marengo3.5", multi_input=request, embedding_dimension=size
            )
            for size in (512, 256)
        ]
        assert short.data[0].embedding == long.data[0].embedding[:256]
        assert short.usage is not None
        assert (short.usage.truncated, short.usage.input_tokens) == (False, {"text": 3, "image": 256})


@pytest.mark.usefixtures("autojump_clock")
class TestTasks:
    async def test_the_first_version_returns_the_segments_of_a_video(self, client: AsyncTwelveLabs) -> None:
        """A clip has 6 seconds, the last one what remains."""
        statuses: list[str | None] = []
        task = await client.embed.tasks.create_and_wait(
            model_name="marengo3.0", video_file=MEDIA / CLIP, callback=lambda task: statuses.append(task.status)
        )
        assert statuses == ["processing", "ready"]
        assert task.video_embedding is not None
        assert [segment.end_offset_sec for segment in task.video_embedding.segments or []][::3] == [6, 12, 15]

    async def test_the_second_version_returns_the_requested_embeddings(self, client: AsyncTwelveLabs) -> None:
        """Of each clip of 4 seconds and of the whole: visual, audio, and both fused."""
        statuses: list[str | None] = []
        task = await client.embed.v_2.tasks.create_and_wait(
            input_type="video",
            model_name="marengo3.0",
            video={
                "media_source": {"url": URL},
                "end_sec": 9,
                "segmentation": {"strategy": "fixed", "fixed": {"duration_sec": 4}},
                "embedding_option": ["visual", "audio"],
                "embedding_type": ["separate_embedding", "fused_embedding"],
            },
            callback=lambda task: statuses.append(task.status),
        )
        assert statuses == ["processing", "ready"]
        assert [(data.start_sec, data.end_sec) for data in task.data or []][::3] == [(0, 4), (4, 8), (8, 9), (0, 9)]
        assert [data.embedding_option for data in (task.data or [])[:3]] == ["visual", "audio", "fused"]
        assert isinstance(task.metadata, EmbeddingMediaMetadata_Video)
        assert task.metadata.clip_length == 4

    async def test_a_wait_that_takes_too_long_can_be_repeated(self, client: AsyncTwelveLabs) -> None:
        """The error has the last status."""
        task = await client.embed.v_2.tasks.create(
            input_type="audio", model_name="marengo3.5", audio={"media_source": {"url": URL}}
        )
        with pytest.raises(WaitTimeoutError, match="the last status was 'processing'"):
            await client.embed.v_2.tasks.wait_until_ready(task.id, timeout=4)
        assert (await client.embed.v_2.tasks.wait_until_ready(task.id)).status == "ready"

    async def test_a_failed_task_raises_its_reason(self, client: AsyncTwelveLabs, emulator: Emulator) -> None:
        """The second version has a message or a code, the first one no reason."""
        emulator.understand(CLIP, fail="No audio.", at="embedding")
        with pytest.raises(JobFailedError, match="No audio") as failed:
            await client.embed.v_2.tasks.create_and_wait(
                input_type="audio", model_name="marengo3.5", audio={"media_source": {"url": URL}}
            )
        assert failed.value.reason == "No audio."
        task = await client.embed.tasks.create(model_name="marengo3.0", video_url=URL)
        with pytest.raises(JobFailedError, match=r"embedding task .* failed with .*: the API gives no reason"):
            await client.embed.tasks.wait_until_ready(task.id)
        assert (await client.embed.tasks.wait_for_done(task.id)).status == "failed"
        emulator.fail("GET", "/embed-v2/tasks/x", status=200, body={"status": "failed", "error": {"code": "no_audio"}})
        with pytest.raises(JobFailedError, match=r"'failed': {'code': 'no_audio'}"):
            await client.embed.v_2.tasks.wait_until_ready("x")


def test_the_official_method_returns_the_status(sync_client: TwelveLabs, emulator: Emulator) -> None:
    """Its interval must be positive."""
    statuses: list[str | None] = []

    def callback(task: Any) -> None:
        statuses.append(task.status)
        emulator.advance(60)

    task = sync_client.embed.tasks.create(model_name="marengo3.0", video_url=URL)
    done = sync_client.embed.tasks.wait_for_done(task.id, sleep_interval=0.01, callback=callback)
    assert (done.status, statuses) == ("ready", ["processing", "ready"])
    with pytest.raises(ValueError, match="interval must be positive; got 0"):
        sync_client.embed.tasks.wait_for_done(task.id, sleep_interval=0)


class TestBulkCreation:
    async def test_an_error_is_kept_with_the_position_of_its_video(
        self, client: AsyncTwelveLabs, emulator: Emulator
    ) -> None:
        """The tasks have the order of their videos, although the first takes longest."""
        emulator.delay("POST", "/embed/tasks", 0.2)
        videos: list[Any] = [{"video_url": URL, "video_clip_length": 2 + number % 8} for number in range(20)]
        videos[7] |= {"video_clip_length": 99}
        videos[9] = {"video_file": MEDIA / "missing.mp4"}
        tasks = await client.embed.tasks.create_bulk(model_name="marengo3.0", videos=videos)
        assert {number: type(error) for number, error in tasks.failures.items()} == {
            7: BadRequestError,
            9: MissingFileError,
        }
        for number, task in zip(sorted({*range(20)} - {7, 9}), tasks, strict=True):
            status = await client.embed.tasks.status(task.id)
            assert status.video_embedding is not None
            assert status.video_embedding.metadata is not None
            assert status.video_embedding.metadata.video_clip_length == 2 + number % 8

    async def test_eight_tasks_are_created_at_a_time(self, client: AsyncTwelveLabs, emulator: Emulator) -> None:
        """No other request is sent after cancellation."""
        emulator.delay("POST", "/embed/tasks", 30, times=50)
        creating = asyncio.create_task(
            client.embed.tasks.create_bulk(model_name="marengo3.0", videos=[{"video_url": URL}] * 50)
        )
        await until(lambda: len(emulator.requests) >= 8)
        creating.cancel()
        with pytest.raises(asyncio.CancelledError):
            await creating
        assert len(emulator.requests) == 8


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda client: client.embed.create(model_name="m"), ValueError, "a text, an image or an audio file"),
        (lambda client: client.embed.tasks.create(model_name="m"), ValueError, "video_file= or video_url="),
        (lambda client: client.embed.tasks.create_bulk(model_name="m", videos=[{}]), ValueError, "video_url="),
        (
            lambda client: client.embed.tasks.create_bulk(model_name="m", videos=[{"scopes": []}]),
            TypeError,
            "video_embedding_scopes; got",
        ),
        (
            lambda client: client.embed.v_2.create(input_type="text", model_name="m", text="a rocket"),
            TypeError,
            "text must be a dict",
        ),
        (lambda client: client.embed.v_2.create(input_type="text", model_name="m"), ValueError, "requires text="),
        (
            lambda client: client.embed.v_2.tasks.create(input_type="video", model_name="m", audio={}),
            ValueError,
            "requires video=",
        ),
    ],
)
async def test_invalid_arguments_are_refused(
    client: AsyncTwelveLabs, emulator: Emulator, call: Callable[[AsyncTwelveLabs], Any], error: Any, message: str
) -> None:
    """Nothing is sent."""
    with pytest.raises(error, match=message):
        await call(client)
    assert not emulator.requests


@pytest.mark.usefixtures("autojump_clock")
async def test_a_search_ranks_the_video_first_that_is_about_little_else(
    client: AsyncTwelveLabs, emulator: Emulator, index: IndexSchema
) -> None:
    """Two videos mention the word that is searched for."""
    emulator.understand("a.mp4", text="A rocket, a dog, a house and a river.")
    emulator.understand("b.mp4", text="A rocket.")
    for name in ("a.mp4", "b.mp4"):
        asset = await client.assets.create_and_wait(f"https://example.com/{name}")
        await client.indexes.indexed_assets.create_and_wait(index.id, asset_id=asset.id, user_metadata={"name": name})
    found = client.search.query(
        index_id=index.id,
        search_options=["visual"],
        query_text="rocket",
        group_by="video",
        include_user_metadata=True,
    )
    assert [(video.clips or [])[0].user_metadata async for video in found] == [{"name": "b.mp4"}, {"name": "a.mp4"}]
