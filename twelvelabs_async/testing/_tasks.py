"""Video indexing tasks: each makes an asset and indexes it."""

from __future__ import annotations

import attrs
from aiohttp import web

from ._assets import from_file, from_url
from ._clock import Lifecycle, rfc3339
from ._http import (
    Json,
    Refused,
    boolean,
    find,
    integer,
    missing,
    moment,
    new_metadata,
    number,
    order,
    page,
    read_form,
    text,
)
from ._indexed_assets import IndexedAsset, index_asset, is_same
from ._indexes import find_index
from ._platform import PLATFORM, Platform

routes = web.RouteTableDef()

# docs: Create a video indexing task.
_MAX_FILE_SIZE = 2 * 1000**3
_STATES = ("uploading", "validating", "pending", "queued", "indexing", "ready", "failed")
_FACTS = ("filename", "duration", "width", "height")


@attrs.frozen(eq=False)
class Task:
    """A task; its states are those of its indexed asset, once its asset is processed."""

    id: str
    item: IndexedAsset
    lifecycle: Lifecycle

    @property
    def created_at(self) -> float:
        return self.item.created_at

    def status(self, now: float) -> str:
        return self.lifecycle.at(now)[1]

    def updated_at(self, now: float) -> float:
        return self.lifecycle.at(now)[0]

    def show(self, platform: Platform) -> Json:
        since, status = self.lifecycle.at(platform.now())
        facts = self.item.system_metadata
        return {
            "_id": self.id,
            "video_id": self.item.id,
            "index_id": self.item.index.id,
            "status": status,
            "created_at": rfc3339(self.created_at),
            "updated_at": rfc3339(self.created_at if platform.freeze_updated_at else since),
            "system_metadata": {name: facts[name] for name in _FACTS if name in facts},
        }


TASKS = web.AppKey("tasks", dict[str, Task])
tables = (TASKS,)


def _find(request: web.Request) -> Task:
    return find(request.app[TASKS], request.match_info["task_id"], "task")


@routes.post("/tasks")
async def create(request: web.Request) -> web.Response:
    form, platform = await read_form(request, max_file_size=_MAX_FILE_SIZE), request.app[PLATFORM]
    index = find_index(request, text(form.fields, "index_id"))
    stream = boolean(form.fields.get("enable_video_stream"), "enable_video_stream", True)
    user_metadata = new_metadata(form.fields.get("user_metadata"))
    if form.files:
        asset = from_file(request, form, "video_file", {})
    elif form.fields.get("video_url"):
        asset = from_url(request, form.fields["video_url"], {})
    else:
        raise missing("video_file or video_url")
    item = index_asset(platform, index, asset, enable_video_stream=stream, user_metadata=user_metadata)
    (begin, _), *later = item.lifecycle.stages
    task = Task(platform.new_id(), item, Lifecycle(((begin, "uploading"), *later)))
    request.app[TASKS][task.id] = task
    return web.json_response({"_id": task.id, "video_id": item.id})


@routes.get("/tasks")
async def list_(request: web.Request) -> web.Response:
    platform, query = request.app[PLATFORM], request.query
    now, frozen, states = platform.now(), platform.freeze_updated_at, query.getall("status", [])
    for state in states:
        text({"status": state}, "status", _STATES)
    number(query.get("duration", 0), "duration")
    for name in ("width", "height"):
        integer(query.get(name, 0), name, 0, 1_000_000)
    created, updated = (moment(query.get(name, "1970-01-01"), name) for name in ("created_at", "updated_at"))

    def wanted(task: Task) -> bool:
        facts = {"index_id": task.item.index.id, **task.item.system_metadata}
        same = all(is_same(facts.get(name), query[name]) for name in ("index_id", *_FACTS) if name in query)
        since = task.created_at >= created and task.updated_at(now) >= updated
        return same and since and (not states or task.status(now) in states)

    tasks = [task for task in request.app[TASKS].values() if wanted(task)]
    ordered = order(
        request, tasks, lambda task: task.created_at, lambda task: task.created_at if frozen else task.updated_at(now)
    )
    return page(request, ordered, lambda task: task.show(platform))


@routes.get("/tasks/{task_id}")
async def retrieve(request: web.Request) -> web.Response:
    task, platform = _find(request), request.app[PLATFORM]
    stream = {"hls": task.item.show_stream(platform)} if task.item.enable_video_stream else {}
    return web.json_response(task.show(platform) | stream)


@routes.delete("/tasks/{task_id}")
async def delete(request: web.Request) -> web.Response:
    task = _find(request)
    status = task.status(request.app[PLATFORM].now())
    if status != "failed" and (status != "ready" or task.item.id in task.item.index.indexed_assets):
        why = f"The task {task.id} is {status}. Wait until it is ready, and delete its video before."
        raise Refused(400, "task_cannot_be_deleted", why)
    del request.app[TASKS][task.id]
    return web.Response(status=204)
