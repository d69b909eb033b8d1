"""Analyze videos at once, as streams and by tasks."""

import json
import os

from twelvelabs import AnalyzePromptV2, TwelveLabs
from twelvelabs.types import (
    AsyncResponseFormat,
    SegmentDefinition,
    StreamAnalyzeResponse_StreamEnd,
    SyncResponseFormat,
    VideoContext_AssetId,
)
from twelvelabs.types.stream_analyze_response import StreamAnalyzeResponse_TextGeneration
from twelvelabs.types.sync_response_format import SyncResponseFormat as SameSyncResponseFormat
from twelvelabs.types.video_context import VideoContext_Url

SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "keywords": {"type": "array", "items": {"type": "string"}}},
    "required": ["title"],
}
client = TwelveLabs(api_key=os.environ["KEY"], base_url=os.environ["URL"])
asset = client.assets.create(method="url", url="https://example.com/clip.mp4")
by_id = VideoContext_AssetId(asset_id=asset.id)
by_url = VideoContext_Url(url="https://example.com/clip.mp4")
print(by_id.type, by_url.type, VideoContext_AssetId(type="asset_id", asset_id="a").asset_id)

res = client.analyze(video=by_url, prompt="What happens?", temperature=0.2, max_tokens=1024, model_name="pegasus1.5")
print(type(res).__name__, res.data, res.finish_reason, res.usage.output_tokens if res.usage else None)
print(json.dumps(res.model_dump(exclude={"id"}), indent=1))
res = client.analyze(
    video=by_id, prompt="What happens?", model_name="pegasus1.5",
    response_format=SyncResponseFormat(type="json_schema", json_schema=SCHEMA),
)  # fmt: skip
print(sorted(json.loads(res.data)), SameSyncResponseFormat is SyncResponseFormat)

text = []
for event in client.analyze_stream(video=by_id, prompt="What happens?", model_name="pegasus1.5"):
    if event.event_type == "stream_start":
        print("start", event.metadata is None)
    elif isinstance(event, StreamAnalyzeResponse_TextGeneration):
        text.append(event.text)
    elif isinstance(event, StreamAnalyzeResponse_StreamEnd):
        print("end", event.finish_reason, bool(event.metadata and event.metadata.usage))
print("".join(text))
stream = client.analyze_stream(
    model_name="pegasus1.5", video=by_id, prompt_v_2=AnalyzePromptV2(input_text="What happens?"), max_tokens=2048
)
print("".join(event.text for event in stream if getattr(event, "event_type", None) == "text_generation") != "")

task = client.analyze_async.tasks.create(
    model_name="pegasus1.5",
    video=by_id,
    analysis_mode="time_based_metadata",
    min_segment_duration=4.0,
    max_segment_duration=10.0,
    response_format=AsyncResponseFormat(
        type="segment_definitions",
        segment_definitions=[
            SegmentDefinition(
                id="scene",
                description="A scene.",
                fields=[{"name": "mood", "type": "string", "description": "The mood."}],
            )
        ],
    ),
)
print(type(task).__name__, bool(task.task_id), task.status)
ready = client.analyze_async.tasks.retrieve(task_id=task.task_id)
print(ready.status, ready.result is not None and sorted(json.loads(ready.result.data)))
print(ready.result.finish_reason if ready.result else None, ready.error)
