"""Analyses in the background: tasks, and batches of them."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import attrs
from aiohttp import web

from ._analyze import MAX_TOKENS, Answer, answer_to, subject, tokens
from ._assets import ASSETS, url_filename
from ._clock import Job, Lifecycle, lifecycle, rfc3339
from ._content import Content
from ._http import page, pieces, read_json, send_pieces, serve
from ._input import Json, Refused, a_list, an_object, find, integer, invalid, known, number, pick, required, text, texts
from ._platform import PLATFORM, seconds
from ._schema import example

routes = web.RouteTableDef()

_MODES = ("general", "time_based_metadata")
_STATES = ("queued", "pending", "processing", "ready", "failed", "canceled")
_BATCH_STATES = ("pending", "processing", "canceling", "canceled", "completed", "expired")
# The share of the analysis time at which each state begins; items of batches are never pending.
_SCHEDULE = {"queued": 0.0, "pending": 0.1, "processing": 0.2}
_BATCH_SCHEDULE = {"queued": 0.0, "processing": 0.2}
_PARAMETERS = (
    *("analysis_mode", "prompt", "prompt_v2", "image", "response_format", "temperature", "max_tokens"),
    *("min_segment_duration", "max_segment_duration", "start_time", "end_time"),
)
_TIME_FORMATS = ("seconds", "hh:mm:ss", "hh:mm:ss.fff")
_FIELD_TYPES = ("string", "boolean", "number", "integer", "array", "timestamp", "time_array")
_SEGMENT_SECONDS = 6.0
_LONGEST_WINDOW = 2 * 3600.0
# docs: Create a batch.
_MAX_REQUESTS = 1000
_MAX_ACTIVE = 5
_LIFETIME = 24 * 3600.0
_RETENTION = 30 * _LIFETIME
_PIECE = 100


@attrs.define(eq=False)
class Task(Job):
    """An analysis in the background. Its answer is made at once, and shown when it is ready.

    Attributes:
        body: What was asked for, without the bytes in it.
        reason: Why it fails or was canceled.
    """

    body: Json
    about: Content
    answer: Answer
    reason: Json
    batch_id: str | None

    def stop(self, moment: float, outcome: str, code: str) -> None:
        """End it early."""
        begun = (stage for stage in self.lifecycle.stages if stage[0] <= moment)
        self.lifecycle = Lifecycle((*begun, (moment, outcome)))
        self.reason = {"code": code, "message": f"The task was stopped: {code.replace('_', ' ')}."}

    def outcome(self, now: float) -> Json:
        """The result and the error, as far as there are any."""
        status = self.status(now)
        if status in ("failed", "canceled"):
            return {"error": self.reason}
        if status != "ready":
            return {}
        result = {"generation_id": self.answer.id, "data": self.answer.text, "usage": self.answer.usage}
        end = dict(self.answer.end)
        return {"error": end.pop("error", None), "result": {**result, **end}}

    def show(self, now: float, *, cut: bool = False) -> Json:
        duration = {"system_metadata": {"duration": self.about.media.duration}}
        shown: Json = {
            "task_id": self.id,
            "custom_id": self.body.get("custom_id"),
            "batch_id": self.batch_id,
            "status": self.status(now),
            "created_at": rfc3339(self.created_at),
            "completed_at": rfc3339(self.ends_at) if now >= self.ends_at else None,
            "video_source": {**self.body["video"], **duration} if self.body.get("video") else None,
            "request_params": self._parameters(cut=cut),
            **self.outcome(now),
        }
        return {"custom_id": None, **known(shown)}

    def _parameters(self, *, cut: bool) -> Json:
        asked = {"analysis_mode": "general", **self.body}
        shown = pick(known(asked), *_PARAMETERS)
        if "image" in shown:
            shown["image"] = [{"media_type": "image", **image} for image in shown["image"]]
        if cut:  # docs: List async analysis tasks
            if "prompt" in shown:
                shown["prompt"] = shown["prompt"][:30]
            if "prompt_v2" in shown:
                shown["prompt_v2"] = {**shown["prompt_v2"], "input_text": shown["prompt_v2"]["input_text"][:30]}
            if "response_format" in shown:
                shown["response_format"] = {**shown["response_format"], "json_schema": None}
        return shown


def _without_bytes(fields: Json) -> Json:
    return {name: value for name, value in fields.items() if name != "base64_string"}


@attrs.define(eq=False)
class Batch:
    """A batch: its states are those of its tasks."""

    id: str
    model_name: str
    analysis_mode: str
    tasks: list[Task]
    created_at: float
    canceled: bool = False

    @property
    def expires_at(self) -> float:
        return self.created_at + _LIFETIME

    @property
    def ends_at(self) -> float:
        return max(task.ends_at for task in self.tasks)

    def status(self, now: float) -> str:
        if now >= self.ends_at:
            return "canceled" if self.canceled else "expired" if self.ends_at == self.expires_at else "completed"
        if self.canceled:
            return "canceling"
        return "pending" if all(task.status(now) == "queued" for task in self.tasks) else "processing"

    def show(self, now: float) -> Json:
        status, counts = self.status(now), Counter(task.status(now) for task in self.tasks)
        states = ("queued", "processing", "ready", "failed", "canceled")
        return {
            "batch_id": self.id,
            "analysis_mode": self.analysis_mode,
            "model_name": self.model_name,
            "status": status,
            "total_items": len(self.tasks),
            **{f"{state}_items": counts[state] for state in states},
            "created_at": rfc3339(self.created_at),
            "expires_at": rfc3339(self.expires_at),
            **({f"{status}_at": rfc3339(self.ends_at)} if now >= self.ends_at else {}),
        }


TASKS = web.AppKey("analyze_tasks", dict[str, Task])
BATCHES = web.AppKey("analyze_batches", dict[str, Batch])
IDEMPOTENT = web.AppKey("idempotent_analyze_tasks", dict[str, Task])
tables = (TASKS, BATCHES, IDEMPOTENT)


def _start(
    request: web.Request, body: Json, schedule: dict[str, float], batch: tuple[str, float] | None = None
) -> Task:
    """Begin an analysis; `batch` is the id of its batch, and when that expires."""
    platform, now = request.app[PLATFORM], request.app[PLATFORM].now()
    mode = text({"analysis_mode": "general", **body}, "analysis_mode", _MODES)
    if body.get("custom_id") is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", str(body["custom_id"])):
        raise invalid("custom_id", "it has to be 1 to 64 letters, digits, hyphens and underscores")
    about = subject(request, body, status=400)
    _window(body, about)
    answer = (answer_to if mode == "general" else _segmented)(request, body, about)
    failure = about.failure("analysis")
    if mode != "general" and answer.truncated:
        failure = "analysis failed: the output reached max_tokens before a complete result was produced."
    time = seconds(platform.analysis_time, about.filename)
    states = lifecycle(now, time, schedule, "failed" if failure else "ready")
    batch_id, deadline = batch or (None, math.inf)
    kept = json.loads(json.dumps(body), object_hook=_without_bytes)
    task = Task(platform.new_id(), states, kept, about, answer, {"message": failure}, batch_id)
    if task.ends_at > deadline and task.status(deadline) == "processing":
        task.stop(deadline, "failed", "batch_processing_timeout")
    elif task.ends_at > deadline:
        task.stop(deadline, "canceled", "batch_expired")
    return task


def _window(body: Json, about: Content) -> tuple[float, float]:
    """The part of the video that is analyzed."""
    duration = about.media.duration or 0.0
    start = number(body.get("start_time") or 0.0, "start_time", 0.0)
    end = number(duration if body.get("end_time") is None else body["end_time"], "end_time", 0.0)
    if body.get("video") is not None and not 1.0 <= end - start <= _LONGEST_WINDOW:
        raise invalid("end_time", "1 second to 2 hours of the video can be analyzed")
    return start, end


def _segmented(request: web.Request, body: Json, about: Content) -> Answer:
    """Answer with the segments that were asked for: the video cut evenly, unless the file's script is JSON."""
    model = text({"model_name": "pegasus1.5", **body}, "model_name", ["pegasus1.5", "pegasus1.6"])
    if body.get("prompt") is not None or body.get("prompt_v2") is not None:
        raise invalid("prompt", "time_based_metadata takes none")
    wanted = an_object(required(body, "response_format"), "response_format")
    text(wanted, "type", ["segment_definitions"])
    form = text({"segment_time_format": "seconds", **wanted}, "segment_time_format", _TIME_FORMATS)
    limit = body.get("max_tokens", 32_768)
    if limit != "unlimited" or model != "pegasus1.6":
        limit = integer(limit, "max_tokens", 2_048, MAX_TOKENS[model][1])
    found: dict[str, list[Json]] = {}
    for item in a_list(required(wanted, "segment_definitions"), "segment_definitions", 1, 20):
        definition = an_object(item, "segment_definitions")
        text(definition, "description")
        found[text(definition, "id")] = [*_segments(definition, body, about, form)]
    written = json.dumps(found)
    with suppress(ValueError):
        written = json.dumps(json.loads(about.script.text or ""))
    size = tokens(written)
    return Answer(request.app[PLATFORM].new_id(), written, 1, size, truncated=limit != "unlimited" and size > limit)


def _segments(definition: Json, body: Json, about: Content, form: str) -> Iterator[Json]:
    shortest = number(body.get("min_segment_duration") or 2.0, "min_segment_duration", 2.0)
    longest = number(body.get("max_segment_duration") or math.inf, "max_segment_duration", shortest)
    ranges = [(float(part["start_time"]), float(part["end_time"])) for part in definition.get("time_ranges") or ()]
    try:
        metadata = {
            field["name"]: example(_schema(field), about.description) for field in definition.get("fields") or ()
        }
    except (AttributeError, LookupError, TypeError):
        raise invalid("segment_definitions", "a field lacks what its type needs") from None
    for start, end in ranges or [_window(body, about)]:
        count = max(1, math.ceil((end - start) / longest), int((end - start) // max(shortest, _SEGMENT_SECONDS)))
        times = [_time(start + (end - start) * part / count, form) for part in range(count + 1)]
        for place in range(count):
            yield {"start_time": times[place], "end_time": times[place + 1], "metadata": metadata}


def _schema(field: Json) -> Json:
    """The JSON schema of what a field holds."""
    kind = text(field, "type", _FIELD_TYPES)
    if field.get("enum"):
        return {"enum": field["enum"]}
    if kind != "time_array":
        return {"type": kind, **pick(known(field), "format", "items")}
    inside = {inner["name"]: _schema(inner) for inner in field["items"]["fields"]}
    times = {"start_time": {"type": "number"}, "end_time": {"type": "number"}}
    return {"type": "array", "items": {"type": "object", "properties": {**times, **inside}}}


def _time(moment: float, form: str) -> float | str:
    if form == "seconds":
        return round(moment, 3)
    exact = form.endswith("fff")
    clock = datetime.fromtimestamp(moment if exact else round(moment), UTC).time()
    return clock.isoformat(timespec="milliseconds" if exact else "seconds")


def _check(task: Task, now: float) -> None:
    if task.status(now) == "processing":
        raise Refused(409, "task_in_progress", f"The task {task.id} is being processed.")


_task = serve(routes, "/analyze/tasks/{task_id}", "task", lambda request: request.app[TASKS], status=404, check=_check)


@routes.post("/analyze/tasks")
async def create(request: web.Request) -> web.Response:
    body, key = await read_json(request), request.headers.get("Idempotency-Key")
    task = request.app[IDEMPOTENT].get(key or "")
    if task is None:
        task = _start(request, body, _SCHEDULE)
        request.app[TASKS][task.id] = task
        if key:
            request.app[IDEMPOTENT][key] = task
    status = task.status(request.app[PLATFORM].now())
    return web.json_response({"task_id": task.id, "status": status}, status=202)


@routes.get("/analyze/tasks")
async def list_(request: web.Request) -> web.Response:
    query, now = request.query, request.app[PLATFORM].now()
    text({"status": "ready", **query}, "status", _STATES)
    text({"analysis_mode": "general", **query}, "analysis_mode", _MODES)
    if "video_url" in query:
        url_filename(query["video_url"])

    def wanted(task: Task) -> bool:
        video: Json = task.body.get("video") or {}
        facts: Json = {
            "status": task.status(now),
            "video_url": video.get("url"),
            "asset_id": video.get("asset_id"),
            "analysis_mode": task.body.get("analysis_mode") or "general",
        }
        return all(value == query[name] for name, value in facts.items() if name in query)

    found = [task for task in reversed(request.app[TASKS].values()) if wanted(task)]
    return page(request, found, lambda task, now: task.show(now, cut=True))


@routes.post("/analyze/tasks/{task_id}/cancel")
async def cancel(request: web.Request) -> web.Response:
    task, now = _task(request), request.app[PLATFORM].now()
    status = task.status(now)
    if task.batch_id is not None or status in ("ready", "failed"):
        raise Refused(409, "task_not_cancelable", f"The task {task.id} is {status}, or it belongs to a batch.")
    if status != "canceled":
        task.stop(now, "canceled", "user_canceled")
    return web.json_response({"task_id": task.id, "status": "canceled"})


def _live_batches(request: web.Request) -> dict[str, Batch]:
    """All batches that are still kept."""
    table, now = request.app[BATCHES], request.app[PLATFORM].now()
    for batch in [batch for batch in table.values() if batch.created_at + _RETENTION <= now]:
        _remove(request, batch)
    return table


def _remove(request: web.Request, batch: Batch) -> None:
    for task in batch.tasks:
        request.app[TASKS].pop(task.id, None)
    del request.app[BATCHES][batch.id]


def _find_batch(request: web.Request) -> Batch:
    return find(_live_batches(request), request.match_info["batch_id"], "batch", status=404)


@routes.post("/analyze/batches")
async def create_batch(request: web.Request) -> web.Response:
    body, now = await read_json(request), request.app[PLATFORM].now()
    model, mode = text(body, "model_name", ["pegasus1.5"]), text(body, "analysis_mode", _MODES)
    defaults = an_object(body.get("defaults") or {}, "defaults")
    requests = [an_object(item, "requests") for item in a_list(body.get("requests"), "requests", 1, _MAX_REQUESTS)]
    for item in requests:
        video = an_object(required(item, "video"), "requests.video")
        text(video, "type", ["asset_id"])
        asset = find(request.app[ASSETS], text(video, "asset_id"), "asset", status=404)
        if asset.status(now) != "ready":
            raise Refused(409, "asset_not_ready", f"The asset {asset.id} is {asset.status(now)}.")
    names = [item["custom_id"] for item in requests if item.get("custom_id") is not None]
    if len({*map(str, names)}) < len(names):
        raise invalid("custom_id", "two requests have the same")
    if sum(now < batch.ends_at for batch in _live_batches(request).values()) >= _MAX_ACTIVE:
        raise Refused(429, "too_many_requests", f"There are {_MAX_ACTIVE} active batches already.")
    batch = Batch(request.app[PLATFORM].new_id(), model, mode, [], now)
    for item in requests:
        asked = {**defaults, **item, "model_name": model, "analysis_mode": mode}
        asked["prompt_v2"] = asked.pop("prompt", None)  # which is of that form in batches
        batch.tasks.append(_start(request, asked, _BATCH_SCHEDULE, (batch.id, batch.expires_at)))
    request.app[TASKS].update({task.id: task for task in batch.tasks})
    request.app[BATCHES][batch.id] = batch
    shown = pick(batch.show(now), "batch_id", "status", "total_items", "created_at", "expires_at")
    items = [{"task_id": task.id, "custom_id": task.body.get("custom_id")} for task in batch.tasks]
    return web.json_response({**shown, "items": items}, status=201)


@routes.get("/analyze/batches")
async def list_batches(request: web.Request) -> web.Response:
    now, query = request.app[PLATFORM].now(), request.query
    states = texts(query.getall("status", _BATCH_STATES), "status", _BATCH_STATES)
    modes = query.getall("analysis_mode", _MODES)
    found = [
        batch
        for batch in reversed(_live_batches(request).values())
        if batch.status(now) in states and batch.analysis_mode in modes
    ]
    return page(request, found, Batch.show)


@routes.get("/analyze/batches/{batch_id}")
async def retrieve_batch(request: web.Request) -> web.Response:
    return web.json_response(_find_batch(request).show(request.app[PLATFORM].now()))


@routes.delete("/analyze/batches/{batch_id}")
async def delete_batch(request: web.Request) -> web.Response:
    batch = _find_batch(request)
    if request.app[PLATFORM].now() < batch.ends_at:
        raise Refused(409, "batch_not_terminal", f"The batch {batch.id} is not done. Cancel it first.")
    _remove(request, batch)
    return web.Response(status=204)


@routes.post("/analyze/batches/{batch_id}/cancel")
async def cancel_batch(request: web.Request) -> web.Response:
    batch, now = _find_batch(request), request.app[PLATFORM].now()
    if now >= batch.ends_at:
        status = batch.status(now)
        raise Refused(409, f"batch_{status}", f"The batch {batch.id} is {status}.")
    batch.canceled = True
    for task in batch.tasks:
        if task.status(now) == "queued":
            task.stop(now, "canceled", "batch_canceled")
    return web.json_response(batch.show(now), status=202)


@routes.get("/analyze/batches/{batch_id}/results")
async def results(request: web.Request) -> web.StreamResponse:
    batch, now = _find_batch(request), request.app[PLATFORM].now()
    lines = ""
    for task in batch.tasks:
        status, outcome = task.status(now), task.outcome(now)
        line: Json = {"task_id": task.id, "custom_id": task.body.get("custom_id"), "status": status}
        if status == "ready":
            line["data"] = outcome["result"]
        if status == "failed":
            line["error"] = outcome["error"]
        lines += f"{json.dumps(line, ensure_ascii=False)}\n"
    return await send_pieces(request, "application/jsonl", pieces(lines.encode(), _PIECE))
