"""Video indexing tasks: each makes an asset and indexes it."""

from __future__ import annotations

import attrs
from aiohttp import web

from ._assets import from_file, from_url
from ._clock import Job, Lifecycle, rfc3339
from ._http import order, page, read_form, serve
from ._indexed_assets import IndexedAsset, index_asset, is_same
from ._indexes import find_index
from ._input import Json, Refused, boolean, integer, missing, moment, number, pick, text, texts
from ._metadata import new_metadata
from ._platform import PLATFORM

routes = web.RouteTableDef()

# docs: Create a video indexing task.
_MAX_FILE_SIZE = 2 * 1000**3
_STATES = ("uploading", "validating", "pending", "queued", "indexing", "ready", "failed")
_FACTS = ("filename", "duration", "width", "height")


@attrs.define(eq=False)
class Task(Job):
    """A task; its states are those of its indexed asset, once its asset is processed."""

    item: IndexedAsset

    def show(self, now: float, *, detailed: bool = True) -> Json:
        stream = {"hls": self.item.show_stream(now)} if detailed and self.item.enable_video_stream else {}
        return {
            "_id": self.id,
            "video_id": self.item.id,
            "index_id": self.item.index.id,
            "status": self.status(now),
            "created_at": rfc3339(self.created_at),
            "updated_at": rfc3339(self.updated_at(now)),
            "system_metadata": pick(self.item.asset.facts, *_FACTS),
            **stream,
        }


TASKS = web.AppKey("tasks", dict[str, Task])
tables = (TASKS,)


def _check(task: Task, now: float) -> None:
    status = task.status(now)
    if status != "failed" and (status != "ready" or task.item.id in task.item.index.indexed_assets):
        why = f"The task {task.id} is {status}. Wait until it is ready, and delete its video before."
        raise Refused(400, "task_cannot_be_deleted", why)


serve(routes, "/tasks/{task_id}", "task", lambda request: request.app[TASKS], check=_check)


@routes.post("/tasks")
async def create(request: web.Request) -> web.Response:
    form = await read_form(request, max_file_size=_MAX_FILE_SIZE)
    index = find_index(request, text(form.fields, "index_id"))
    stream = boolean(form.fields, "enable_video_stream", True)
    user_metadata = new_metadata(form.fields.get("user_metadata"))
    if form.files:
        asset = from_file(request, form, "video_file", {})
    elif form.fields.get("video_url"):
        asset = from_url(request, form.fields["video_url"], {})
    else:
        raise missing("video_file or video_url")
    item = index_asset(index, asset, enable_video_stream=stream, user_metadata=user_metadata)
    (begin, _), *later = item.lifecycle.stages
    task = Task(request.app[PLATFORM].new_id(), Lifecycle(((begin, "uploading"), *later)), item)
    request.app[TASKS][task.id] = task
    return web.json_response({"_id": task.id, "video_id": item.id})


@routes.get("/tasks")
async def list_(request: web.Request) -> web.Response:
    query, now = request.query, request.app[PLATFORM].now()
    states = texts(query.getall("status", _STATES), "status", _STATES)
    number(query.get("duration", 0), "duration")
    for name in ("width", "height"):
        integer(query.get(name, 0), name, 0, 1_000_000)
    created, updated = moment(query, "created_at"), moment(query, "updated_at")

    def wanted(task: Task) -> bool:
        facts = {"index_id": task.item.index.id, **task.item.asset.facts}
        same = all(is_same(facts.get(name), query[name]) for name in ("index_id", *_FACTS) if name in query)
        since = task.created_at >= created and task.updated_at(now) >= updated
        return same and since and task.status(now) in states

    tasks = order(request, filter(wanted, request.app[TASKS].values()))
    return page(request, tasks, lambda task, now: task.show(now, detailed=False))
