"""Embeddings: vectors that can be compared, tasks that are waited for, many tasks at a time."""

from __future__ import annotations

import asyncio
import base64
import math
from collections.abc import Callable
from typing import Any

import pytest

from twelvelabs_async import (
    AsyncTwelveLabs,
    EmbeddingMediaMetadata_Video,
    IndexSchema,
    JobFailedError,
    MultiInputMediaSource,
    MultiInputRequest,
    TwelveLabs,
    WaitTimeoutError,
)
from twelvelabs_async.testing import Emulator

from support.samples import MEDIA

TICK = 0.01
CLIP = "rocket_countdown.mp4"
URL = "https://example.com/rocket_countdown.mp4"


def turning(emulator: Emulator, seen: list[str]) -> Callable[[Any], None]:
    """A callback that notes the states, and turns the clock."""

    def callback(task: Any) -> None:
        seen.append(task.status)
        emulator.advance(60)

    return callback


async def embed(client: AsyncTwelveLabs, text: str) -> list[float]:
    answer = await client.embed.v_2.create(input_type="text", model_name="marengo3.0", text={"input_text": text})
    return answer.data[0].embedding


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


async def test_vectors_of_texts(client: AsyncTwelveLabs) -> None:
    """A vector has length 1, is the same every time, and nearer to a paraphrase than to another topic."""
    text = await embed(client, "A rocket takes off from the launch pad")
    assert math.hypot(*text) == pytest.approx(1)
    assert text == await embed(client, "A rocket takes off from the launch pad")
    paraphrase = await embed(client, "the launching of a rocket")
    other = await embed(client, "A cat sleeps on the sofa in the sun")
    assert cosine(text, paraphrase) > 0.5 > 0.3 > cosine(text, other)


async def test_vectors_of_files(client: AsyncTwelveLabs, emulator: Emulator) -> None:
    """Texts and files share a space: a text is nearest to the file that is about it."""
    emulator.understand("beach.mp4", text="Waves roll onto a beach.")
    found = {}
    for name in (CLIP, "beach.mp4"):
        answer = await client.embed.v_2.create(
            input_type="video",
            model_name="marengo3.0",
            video={"media_source": {"url": f"https://example.com/{name}"}, "embedding_scope": ["asset"]},
        )
        found[name] = next(data.embedding for data in answer.data if data.embedding_option == "visual")
    text = await embed(client, "waves on a beach")
    assert max(found, key=lambda name: cosine(text, found[name])) == "beach.mp4"


async def test_one_vector_of_many_sources(client: AsyncTwelveLabs) -> None:
    """Marengo 3.5 makes one vector, as short as it is asked to, of a text and files, and counts tokens."""
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
    assert (short.usage.truncated, short.usage.input_tokens) == (False, {"text": 3})


async def test_wait(client: AsyncTwelveLabs, emulator: Emulator) -> None:
    """Both versions wait for the vectors, and tell of the states on the way."""
    seen: list[str] = []
    first = await client.embed.tasks.create_and_wait(
        model_name="marengo3.0", video_file=MEDIA / CLIP, interval=TICK, callback=turning(emulator, seen)
    )
    assert first.video_embedding is not None
    assert [segment.end_offset_sec for segment in first.video_embedding.segments or []][::3] == [6, 12, 15]
    second = await client.embed.v_2.tasks.create_and_wait(
        input_type="video",
        model_name="marengo3.0",
        video={
            "media_source": {"url": URL},
            "end_sec": 9,
            "segmentation": {"strategy": "fixed", "fixed": {"duration_sec": 4}},
            "embedding_option": ["visual", "audio"],
            "embedding_type": ["separate_embedding", "fused_embedding"],
        },
        interval=TICK,
        callback=turning(emulator, seen),
    )
    assert seen == ["processing", "ready"] * 2
    assert [(data.start_sec, data.end_sec) for data in second.data or []][::3] == [(0, 4), (4, 8), (8, 9), (0, 9)]
    assert [data.embedding_option for data in (second.data or [])[:3]] == ["visual", "audio", "fused"]
    assert isinstance(second.metadata, EmbeddingMediaMetadata_Video)
    assert second.metadata.clip_length == 4


async def test_wait_for_done(sync_client: TwelveLabs, emulator: Emulator) -> None:
    """The official way of waiting ends with the status."""
    task, seen = sync_client.embed.tasks.create(model_name="marengo3.0", video_url=URL), list[str]()
    done = sync_client.embed.tasks.wait_for_done(task.id, sleep_interval=TICK, callback=turning(emulator, seen))
    assert (done.status, seen) == ("ready", ["processing", "ready"])
    with pytest.raises(ValueError, match="interval must be positive"):
        sync_client.embed.tasks.wait_for_done(task.id, sleep_interval=0)


async def test_failures(client: AsyncTwelveLabs, emulator: Emulator) -> None:
    """A task that fails says why, where the API does; one that takes too long can be waited for again."""
    emulator.understand(CLIP, fail="No audio.", at="embedding")
    slow = await client.embed.v_2.tasks.create(
        input_type="audio", model_name="marengo3.5", audio={"media_source": {"url": URL}}
    )
    with pytest.raises(WaitTimeoutError, match="the last status was 'processing'"):
        await client.embed.v_2.tasks.wait_until_ready(slow.id, timeout=0.1, interval=TICK)
    first = await client.embed.tasks.create(model_name="marengo3.0", video_url=URL)
    emulator.advance(60)
    with pytest.raises(JobFailedError) as failed:
        await client.embed.v_2.tasks.wait_until_ready(slow.id, interval=TICK)
    assert failed.value.reason == "No audio."
    for wait in (client.embed.tasks.wait_for_done, client.embed.tasks.wait_until_ready):
        with pytest.raises(JobFailedError, match=r"embedding task .* failed"):
            await wait(first.id)
    emulator.fail("GET", "/embed-v2/tasks/x", status=200, body={"status": "failed", "error": {"code": "no_audio"}})
    with pytest.raises(JobFailedError, match=r"'failed': {'code': 'no_audio'}"):
        await client.embed.v_2.tasks.wait_until_ready("x")


async def test_create_bulk(client: AsyncTwelveLabs, emulator: Emulator) -> None:
    """Tasks are created several at a time; each result is where its video was, an error among them."""
    emulator.delay("POST", "/embed/tasks", 0.2)
    videos: list[Any] = [{"video_url": URL, "video_clip_length": 2 + number % 8} for number in range(20)]
    videos[7] |= {"video_clip_length": 99}
    videos[9] = {"video_file": MEDIA / "missing.mp4"}
    tasks = await client.embed.tasks.create_bulk(model_name="marengo3.0", videos=videos)
    assert [number for number, task in enumerate(tasks) if isinstance(task, Exception)] == [7, 9]
    assert isinstance(tasks[9], FileNotFoundError)
    for number, task in enumerate(tasks):
        if not isinstance(task, Exception):
            status = await client.embed.tasks.status(task.id)
            assert status.video_embedding is not None
            assert status.video_embedding.metadata is not None
            assert status.video_embedding.metadata.video_clip_length == 2 + number % 8


async def test_create_bulk_cancelled(client: AsyncTwelveLabs, emulator: Emulator) -> None:
    """Cancelled, it begins no more tasks."""
    emulator.delay("POST", "/embed/tasks", 30, times=100)
    running = asyncio.create_task(
        client.embed.tasks.create_bulk(model_name="marengo3.0", videos=[{"video_url": URL}] * 50)
    )
    await asyncio.wait([running], timeout=0.3)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(emulator.requests) == 8


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda client: client.embed.create(model_name="m"), ValueError, "a text, an image or an audio file"),
        (lambda client: client.embed.tasks.create(model_name="m"), ValueError, "video_file= or video_url="),
        (lambda client: client.embed.tasks.create_bulk(model_name="m", videos=[{}]), ValueError, "video_url="),
        (
            lambda client: client.embed.tasks.create_bulk(model_name="m", videos=[{"video_embedding_scopes": []}]),
            TypeError,
            "video_embedding_scope; got",
        ),
        (
            lambda client: client.embed.v_2.create(input_type="text", model_name="m", text="a rocket"),
            TypeError,
            "must be a dict",
        ),
        (lambda client: client.embed.v_2.create(input_type="text", model_name="m"), ValueError, "requires text="),
        (
            lambda client: client.embed.v_2.tasks.create(input_type="video", model_name="m", audio={}),
            ValueError,
            "requires video=",
        ),
    ],
)
async def test_bad_input(
    client: AsyncTwelveLabs, emulator: Emulator, call: Callable[[AsyncTwelveLabs], Any], error: Any, message: str
) -> None:
    """What cannot work is refused before anything is sent."""
    with pytest.raises(error, match=message):
        await call(client)
    assert not emulator.requests


async def test_search_finds_the_nearest_first(client: AsyncTwelveLabs, emulator: Emulator, index: IndexSchema) -> None:
    """Of two videos with the word that is sought, the one that is about little else comes first."""
    emulator.understand("a.mp4", text="A rocket, a dog, a house and a river.")
    emulator.understand("b.mp4", text="A rocket.")
    for name in ("a.mp4", "b.mp4"):
        asset = await client.assets.create(method="url", url=f"https://example.com/{name}")
        emulator.advance(60)
        await client.indexes.indexed_assets.create(index.id, asset_id=asset.id, user_metadata={"name": name})
    emulator.advance(60)
    found = client.search.query(
        index_id=index.id,
        search_options=["visual"],
        query_text="rocket",
        group_by="video",
        include_user_metadata=True,
    )
    assert [(video.clips or [])[0].user_metadata async for video in found] == [{"name": "b.mp4"}, {"name": "a.mp4"}]
