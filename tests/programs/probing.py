"""Probe for what another version of the SDK may have, as programs for several versions do."""

import os
import typing
from unittest.mock import MagicMock, patch

import twelvelabs
import twelvelabs.types
from twelvelabs import TwelveLabs, core
from twelvelabs.tasks import TasksCreateResponse, TasksRetrieveResponse

try:
    from twelvelabs.models.task import Task
except ImportError:
    Task = None
try:
    from twelvelabs.types import ResponseFormat
except ImportError:
    ResponseFormat = None
try:
    from twelvelabs.exceptions import TwelveLabsError
except ImportError:
    TwelveLabsError = None
print(Task, ResponseFormat, TwelveLabsError, hasattr(twelvelabs, "Pegasus"), hasattr(twelvelabs.types, "Absent"))

client = TwelveLabs(api_key=os.environ["KEY"], base_url=os.environ["URL"])
print([hasattr(client, name) for name in ("task", "tasks", "index", "generate", "gist", "entity_collections", "embed")])
print(hasattr(client.embed, "task"), hasattr(client.embed, "tasks"), hasattr(client.embed.tasks, "wait_for_done"))
print(getattr(client.tasks, "cancel", None), callable(getattr(client.tasks, "delete", None)))
task = TasksCreateResponse(id="t1", video_id="v1")
print(hasattr(task, "wait_for_done"), getattr(task, "task_id", None), getattr(task, "id", None))
index = client.indexes.create(index_name="probes", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}])
found = client.indexes.retrieve(index.id)
print(getattr(found, "name", None) or getattr(found, "index_name", None), getattr(found, "engines", []))
for attempt in (
    lambda: client.task.create(index_id=index.id),
    lambda: client.summarize(video_id="v1", type="summary"),
    lambda: task.wait_for_done(sleep_interval=5),
    lambda: client.analyze(video_id="v1", prompt="?"),
    lambda: client.embed.create(model_name="marengo3.0", text="?", text_truncate="end"),
    lambda: client.search.query(index_id=index.id, query_text="?", options=["visual"]),
):
    try:
        attempt()
    except (AttributeError, TypeError) as error:
        print(type(error).__name__)


def on_update(task: TasksRetrieveResponse, client: "TwelveLabs") -> TasksRetrieveResponse | None:
    return task


print(len(typing.get_type_hints(on_update)), core.ApiError is core.api_error.ApiError)
with patch("twelvelabs.TwelveLabs") as double:
    double.return_value.analyze.return_value = MagicMock(data="a cat")
    print(twelvelabs.TwelveLabs(api_key="k").analyze(prompt="?").data)
with patch.object(TwelveLabs, "analyze", return_value=MagicMock(data="a dog")):
    print(client.analyze(prompt="?").data)
client.analyze = MagicMock(return_value="a bird")
print(client.analyze(prompt="?"))
