"""Make embeddings in both versions of the API, at once and by tasks."""

import os

from twelvelabs import TextInputRequest, TwelveLabs
from twelvelabs.embed import TasksRetrieveResponse, TasksStatusResponse
from twelvelabs.embed.tasks.types.tasks_status_response import TasksStatusResponse as SameTasksStatusResponse
from twelvelabs.types import BaseSegment, EmbeddingData, MediaSource, VideoInputRequest, VideoSegment
from twelvelabs.types.embedding_response import EmbeddingResponse

client = TwelveLabs(api_key=os.environ["KEY"], base_url=os.environ["URL"])


def print_segments(segments: list[VideoSegment], limit: int = 2) -> None:
    for segment in segments[:limit]:
        print(
            segment.embedding_scope, segment.embedding_option, segment.start_offset_sec, segment.end_offset_sec,
            [round(value, 4) for value in segment.float_[:3]], len(segment.float_), isinstance(segment, BaseSegment),
        )  # fmt: skip


def on_task_update(task: TasksStatusResponse) -> None:
    print("status", task.status, type(task).__name__)


res = client.embed.create(model_name="marengo3.0", text="a rocket")
print(isinstance(res, EmbeddingResponse), res.model_name, res.image_embedding, res.audio_embedding)
if res.text_embedding is not None and res.text_embedding.segments is not None:
    segment = res.text_embedding.segments[0]
    vector = segment.float_ if hasattr(segment, "float_") else []
    print(
        len(vector), hasattr(segment, "embeddings_float"), hasattr(segment, "float"), sum(vector) == sum(list(vector))
    )

task = client.embed.tasks.create(model_name="marengo3.0", video_url="https://example.com/clip.mp4", video_clip_length=6)
status = client.embed.tasks.wait_for_done(task_id=task.id, callback=on_task_update, sleep_interval=0.01)
print(status.status, SameTasksStatusResponse is TasksStatusResponse)
result = client.embed.tasks.retrieve(task.id, embedding_option=["visual", "audio"])
print(isinstance(result, TasksRetrieveResponse), result.status)
if result.video_embedding is not None and result.video_embedding.segments is not None:
    print_segments(result.video_embedding.segments)
    print(result.video_embedding.metadata is None or result.video_embedding.metadata.input_filename)
print([(item.id == task.id, item.status, item.model_name) for item in client.embed.tasks.list()])
with open(os.environ["CLIP"], "rb") as video_file:
    task = client.embed.tasks.create(
        model_name="marengo3.0", video_file=video_file, video_embedding_scope=["clip", "video"]
    )
client.embed.tasks.wait_for_done(task.id, sleep_interval=0.01)
segments = client.embed.tasks.retrieve(task.id).video_embedding.segments
print(sorted({segment.embedding_scope for segment in segments}))

answer = client.embed.v_2.create(
    input_type="text", model_name="marengo3.0", text=TextInputRequest(input_text="a rocket")
)
print(len(answer.data), len(answer.data[0].embedding), type(answer.data[0]) is EmbeddingData, answer.metadata is None)
asset = client.assets.create(method="url", url="https://example.com/clip.mp4")
created = client.embed.v_2.tasks.create(
    input_type="video",
    model_name="marengo3.0",
    video=VideoInputRequest(
        media_source=MediaSource(asset_id=asset.id), embedding_option=["visual"], embedding_scope=["clip", "asset"]
    ),
)
print(created.status)
ready = client.embed.v_2.tasks.retrieve(task_id=created.id)
for data in (ready.data or [])[:2]:
    print(data.embedding_option, data.embedding_scope, data.start_sec, data.end_sec, len(data.embedding))
print([(item.id == created.id, item.status) for item in client.embed.v_2.tasks.list(page_limit=5)])
