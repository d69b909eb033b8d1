"""Read raw responses, and set options of clients and calls."""

import os

from twelvelabs import TwelveLabs, TwelveLabsEnvironment
from twelvelabs.core import RequestOptions
from twelvelabs.environment import TwelveLabsEnvironment as SameEnvironment

print(TwelveLabsEnvironment.DEFAULT.value, SameEnvironment is TwelveLabsEnvironment)
client = TwelveLabs(
    api_key=os.environ["KEY"], base_url=os.environ["URL"], environment=TwelveLabsEnvironment.DEFAULT, timeout=30.0
)
response = client.indexes.with_raw_response.create(
    index_name="raw", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}]
)
print(type(response.data).__name__, bool(response.data.id), response.headers["x-api-version"])
detail = client.indexes.with_raw_response.retrieve(index_id=response.data.id)
print(detail.data.index_name, "content-type" in detail.headers, detail.headers.get("absent"))
text = client.embed.with_raw_response.create(model_name="marengo3.0", text="rocket")
print(len(text.data.text_embedding.segments[0].float_))
print(client.indexes.with_raw_response.delete(response.data.id).data)
print(client.with_raw_response.analyze(
    video={"type": "url", "url": "https://example.com/clip.mp4"}, prompt="?", model_name="pegasus1.5"
).data.data)  # fmt: skip

options: RequestOptions = {
    "timeout_in_seconds": 10,
    "max_retries": 1,
    "additional_headers": {"x-mine": "1"},
    "additional_query_parameters": {"page_limit": 1},
    "additional_body_parameters": {},
}
print(len(client.indexes.list(request_options=options).items or []))
task = client.analyze_async.tasks.create(
    prompt="What happens?",
    model_name="pegasus1.5",
    request_options={"additional_body_parameters": {"video": {"type": "url", "url": "https://example.com/clip.mp4"}}},
)
print(bool(task.task_id))
