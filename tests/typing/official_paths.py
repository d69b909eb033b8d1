# pyright: strict, reportUnnecessaryTypeIgnoreComment=true
"""A program for the official SDK with one word changed, as type checkers see it. Never run."""

from __future__ import annotations

from typing import assert_type

import twelvelabs_async
from twelvelabs_async import TwelveLabs, VideoIndexingTask
from twelvelabs_async import types as module
from twelvelabs_async.client import AsyncTwelveLabs
from twelvelabs_async.core import RequestOptions, SyncPager
from twelvelabs_async.core.api_error import ApiError
from twelvelabs_async.core.request_options import RequestOptions as SameOptions
from twelvelabs_async.embed import TasksRetrieveResponse as EmbeddingTask
from twelvelabs_async.embed.tasks.types.tasks_status_response import TasksStatusResponse
from twelvelabs_async.embed.v_2 import TasksCreateResponse
from twelvelabs_async.errors import NotFoundError
from twelvelabs_async.errors.bad_request_error import BadRequestError
from twelvelabs_async.indexes import IndexesCreateRequestModelsItem, VideosRetrieveResponse
from twelvelabs_async.indexes.types import IndexesCreateResponse
from twelvelabs_async.tasks import TasksRetrieveResponse as IndexingTask
from twelvelabs_async.tasks.types.tasks_retrieve_response import TasksRetrieveResponse as SameTask
from twelvelabs_async.types import Asset, VideoSegment
from twelvelabs_async.types.embedding_response import EmbeddingResponse
from twelvelabs_async.types.stream_analyze_response import StreamAnalyzeResponse_TextGeneration
from twelvelabs_async.types.sync_response_format import SyncResponseFormat
from twelvelabs_async.types.text_param_format import TextParamFormat_JsonSchema
from twelvelabs_async.types.video_context import VideoContext_Url
from twelvelabs_async.wrapper.embed_client_wrapper import EmbedTasksClientWrapper
from twelvelabs_async.wrapper.multipart_upload_client_wrapper import UploadError, UploadResult


def index_a_video(client: TwelveLabs, options: RequestOptions) -> None:
    same: SameOptions = options
    created = client.indexes.create(
        index_name="talks",
        models=[IndexesCreateRequestModelsItem(model_name="marengo3.0", model_options=["visual"])],
        request_options=same,
    )
    assert_type(created, IndexesCreateResponse)
    assert_type(client.tasks.retrieve("id"), IndexingTask)
    assert_type(client.tasks.retrieve("id"), SameTask)
    assert_type(client.tasks.retrieve("id"), VideoIndexingTask)
    assert_type(client.indexes.videos.retrieve("index", "video"), VideosRetrieveResponse)
    tasks: EmbedTasksClientWrapper = client.embed.tasks
    assert_type(tasks.retrieve("id"), EmbeddingTask)
    assert_type(tasks.status("id"), TasksStatusResponse)
    client.task  # type: ignore[attr-defined]  # noqa: B018


def handle(error: Exception) -> int | None:
    if isinstance(error, BadRequestError | NotFoundError | UploadError):
        return None
    return error.status_code if isinstance(error, ApiError) else 0


def compare(segment: VideoSegment, answer: EmbeddingResponse, pager: SyncPager[Asset]) -> None:
    assert_type(segment, module.VideoSegment)
    assert_type(segment, twelvelabs_async.types.VideoSegment)
    assert_type([asset for asset in pager], list[twelvelabs_async.Asset])
    assert_type(answer, twelvelabs_async.EmbeddingResponse)


def analyze(client: AsyncTwelveLabs, upload: UploadResult, event: object, v_2: TasksCreateResponse) -> object:
    video = VideoContext_Url(url="https://example.com/talk.mp4")
    shape = TextParamFormat_JsonSchema(name="talk", schema_={})
    if isinstance(event, StreamAnalyzeResponse_TextGeneration):
        return event.text
    return (client, upload.asset_id, v_2.id, video, shape, SyncResponseFormat)
