"""The hand-written helpers of the official SDK's asynchronous client, on a default emulator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from twelvelabs import AsyncTwelveLabs

from twelvelabs_async.testing import Emulator

from support.samples import MODELS, video

URLS = [f"https://example.com/{name}.mp4" for name in ("moon", "mars")]


@pytest.fixture
async def official(emulator: Emulator) -> AsyncIterator[AsyncTwelveLabs]:
    """The official SDK's asynchronous client of the emulator."""
    async with httpx.AsyncClient(verify=False, timeout=60) as http:
        yield AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.url, httpx_client=http)


async def test_tasks_in_bulk_are_waited_for_listed_and_searched(official: AsyncTwelveLabs, emulator: Emulator) -> None:
    """The helpers create tasks for several URLs, wait for them, list the videos, and search them page by page."""

    async def advance(_: Any) -> None:
        emulator.advance(5)

    index = await official.indexes.create(index_name="planets", models=MODELS)
    index_id = str(index.id)
    for task in await official.tasks.create_bulk(index_id=index_id, video_urls=URLS):
        done = await official.tasks.wait_for_done(str(task.id), sleep_interval=0.01, callback=advance)
        assert done.status == "ready"
    videos = [video async for video in await official.indexes.videos.list(index_id, duration={"gte": 1})]
    hits = await official.search.query(
        index_id=index_id, search_options=["visual"], query_text="mars or moon", page_limit=1
    )
    assert {hit.video_id async for hit in hits} == {video.id for video in videos}


async def test_embedding_tasks_in_bulk_are_waited_for(official: AsyncTwelveLabs, emulator: Emulator) -> None:
    """The helpers create a task for each video and wait for it."""

    async def advance(_: Any) -> None:
        emulator.advance(5)

    videos: Any = [{"video_url": url, "video_clip_length": 5} for url in URLS]
    model_name: Any = "marengo3.0"  # the official annotation still names the model before it
    tasks = await official.embed.tasks.create_bulk(model_name=model_name, videos=videos)
    assert len(tasks) == 2
    for task in tasks:
        done = await official.embed.tasks.wait_for_done(str(task.id), sleep_interval=0.01, callback=advance)
        assert done.status == "ready"


async def test_the_uploader_uploads_and_waits(official: AsyncTwelveLabs, emulator: Emulator, tmp_path: Path) -> None:
    """The helpers upload a file in parts and wait until all are reported."""
    content = video() + bytes(range(256)) * 24_000
    (tmp_path / "talk.mp4").write_bytes(content)
    result = await official.multipart_upload.upload_file(str(tmp_path / "talk.mp4"))
    assert emulator.assets[result.asset_id].size == len(content)
    [upload_id] = emulator.state.uploads
    status = await official.multipart_upload.wait_for_upload_completion(upload_id)
    assert (status.status, status.total_chunks) == ("completed", 2)
