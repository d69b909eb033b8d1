# pyright: strict, reportUnnecessaryTypeIgnoreComment=true
"""A program for the official SDK with this package's name in its imports, as type checkers see it. Never run.

A line with ``type: ignore`` is a mistake that both have to find: they complain if there is nothing to ignore.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, assert_type

import twelvelabs_async.errors
import twelvelabs_async.types
from twelvelabs_async import AsyncTwelveLabs, IndexesCreateRequestModelsItem, TextInputRequest, TwelveLabs
from twelvelabs_async.core.api_error import ApiError
from twelvelabs_async.core.request_options import RequestOptions
from twelvelabs_async.embed import TasksRetrieveResponse as EmbeddingTask
from twelvelabs_async.embed.tasks.types.tasks_status_response import TasksStatusResponse
from twelvelabs_async.errors import NotFoundError, TooManyRequestsError
from twelvelabs_async.indexes import IndexesCreateRequestModelsItem as SameModelsItem
from twelvelabs_async.tasks import TasksRetrieveResponse
from twelvelabs_async.types import (
    AsyncResponseFormat,
    SearchItem,
    StreamAnalyzeResponse_StreamEnd,
    SyncResponseFormat,
    VideoSegment,
)
from twelvelabs_async.types.video_context import VideoContext_AssetId
from twelvelabs_async.wrapper.multipart_upload_client_wrapper import UploadProgress

statuses: list[str | None] = []
reports: list[UploadProgress] = []


def on_task_update(task: TasksRetrieveResponse) -> None:
    """Report a task, as in the official examples."""
    statuses.append(task.status)


def index_video(client: TwelveLabs, path: Path) -> str:
    """Return the id of an indexed video."""
    index = client.indexes.create(
        index_name="talks",
        models=[SameModelsItem(model_name="marengo3.0", model_options=["visual", "audio"])],
    )
    with path.open("rb") as file:
        created = client.tasks.create(index_id=index.id, video_file=file)
    task = client.tasks.wait_for_done(task_id=created.id, callback=on_task_update, sleep_interval=5)
    assert_type(task, TasksRetrieveResponse)
    if task.status != "ready" or task.video_id is None:
        raise RuntimeError(f"Indexing failed with status {task.status}.")
    return task.video_id


def upload(client: TwelveLabs, path: Path) -> str:
    """Return the id of an asset."""
    return client.multipart_upload.upload_file(path, progress_callback=reports.append).asset_id


def search(client: TwelveLabs, index_id: str) -> list[SearchItem]:
    """Return the hits of a search."""
    options: RequestOptions = {"max_retries": 2, "timeout_in_seconds": 30}
    try:
        hits = client.search.query(
            index_id=index_id, query_text="a rocket", search_options=["visual"], request_options=options
        )
        return list(hits)
    except NotFoundError:
        return []
    except TooManyRequestsError as error:
        assert_type(error.headers, dict[str, str])
        raise
    except ApiError as error:
        assert_type(error.status_code, int | None)
        raise


def embed(client: TwelveLabs) -> list[float]:
    """Return the embedding of the first segment of a video, or else of a text."""
    created = client.embed.tasks.create(model_name="marengo3.0", video_url="https://example.com/clip.mp4")
    assert_type(client.embed.tasks.wait_for_done(created.id), TasksStatusResponse)
    task = client.embed.tasks.retrieve(created.id)
    assert_type(task, EmbeddingTask)
    if task.video_embedding and task.video_embedding.segments:
        segment = task.video_embedding.segments[0]
        assert_type(segment, VideoSegment)
        return list(segment.float_ or [])
    answer = client.embed.v_2.create(
        input_type="text", model_name="marengo3.0", text=TextInputRequest(input_text="a rocket")
    )
    return list(answer.data[0].embedding)


def analyze(client: TwelveLabs, asset_id: str) -> str:
    """Return the text of a streamed analysis."""
    video = VideoContext_AssetId(asset_id=asset_id)
    text = ""
    for event in client.analyze_stream(
        model_name="pegasus1.5",
        video=video,
        prompt="What happens?",
        response_format=SyncResponseFormat(type="json_schema", json_schema={"type": "object"}),
    ):
        if event.event_type == "text_generation":
            text += event.text or ""
        elif isinstance(event, StreamAnalyzeResponse_StreamEnd):
            assert_type(event, StreamAnalyzeResponse_StreamEnd)
    client.analyze_async.tasks.create(
        video=video, prompt="?", response_format=AsyncResponseFormat(type="json_schema", json_schema={})
    )
    return text


async def asynchronous(client: AsyncTwelveLabs) -> None:
    """Read a list, as in the official examples."""
    pager = await client.indexes.list()
    print([index.index_name async for index in pager])


def names(value: twelvelabs_async.types.VideoSegment, error: twelvelabs_async.errors.ApiError) -> None:
    """Use names by their packages."""
    assert_type(value, VideoSegment)
    assert_type(error, ApiError)
    assert_type(SameModelsItem(model_name="marengo3.0", model_options=["visual"]), IndexesCreateRequestModelsItem)


def models(hit: SearchItem) -> None:
    """Use the names of pydantic, of version 2 and 1."""
    assert_type(SearchItem.model_validate({"start": 1.0}), SearchItem)
    assert_type(SearchItem.model_validate_json("{}"), SearchItem)
    assert_type(SearchItem.model_construct(start=1.0), SearchItem)
    assert_type(SearchItem.parse_obj({}), SearchItem)
    assert_type(SearchItem.parse_raw("{}"), SearchItem)
    assert_type(SearchItem.construct(start=1.0), SearchItem)
    assert_type(SearchItem.schema(), dict[str, Any])
    assert_type(hit.model_copy(update={"start": 2.0}), SearchItem)
    assert_type(hit.model_dump(mode="json", exclude_none=True, warnings=False), dict[str, Any])
    assert_type(hit.dict(exclude={"clips"}), dict[str, Any])
    assert_type(hit.model_dump_json(indent=1), str)
    assert_type(hit.json(), str)
    assert_type(hit.model_fields_set, set[str])


def mistakes(client: TwelveLabs) -> None:
    """Do what version 1.3.6 does not allow any more."""
    client.task.create(index_id="i1")  # type: ignore[attr-defined]
    client.analyze(video_id="v1", prompt="?")  # type: ignore[arg-type]
    client.summarize(video_id="v1", type="summary")  # type: ignore[attr-defined]
    print(twelvelabs_async.types.Absent)  # type: ignore[attr-defined]
