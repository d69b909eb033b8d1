"""Webhooks: the events that jobs end with, signed and posted."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request

from aiohttp import web

from ._analyze_async import TASKS, Task
from ._clock import rfc3339
from ._indexed_assets import IndexedAsset
from ._indexes import INDEXES
from ._input import Json, pick
from ._platform import PLATFORM


def event(app: web.Application, job_id: str) -> Json:
    """The event that tells of a job's present state; the same job and state have the same event id.

    Raises:
        LookupError: There is no indexed asset and no analyze task with this id.
        ValueError: It is not in a state that an event tells of.
    """
    items = [index.indexed_assets.get(job_id) for index in list(app[INDEXES].values())]
    job = app[TASKS].get(job_id) or next(filter(None, items), None)
    if job is None:
        raise LookupError(f"there is no indexed asset and no analyze task {job_id}")
    now = app[PLATFORM].now()
    status, kind = job.status(now), "analyze" if isinstance(job, Task) else "index"
    if status not in ("ready", "failed", "canceled") or (isinstance(job, Task) and job.batch_id is not None):
        raise ValueError(f"no event tells of {job_id}: it is {status}, or belongs to a batch")
    name = f"{kind}.task.{status}"
    data = _task(job, now) if isinstance(job, Task) else _indexed_asset(job, now)
    identifier = hashlib.sha256(f"{name} {job_id}".encode()).hexdigest()[:32]
    return {"id": f"whe_{identifier}", "created_at": rfc3339(now), "type": name, "data": data}


def _task(task: Task, now: float) -> Json:
    shown = task.show(now, cut=True)
    names = ("custom_id", "created_at", "status", "video_source", *(["error"] if shown["status"] != "canceled" else []))
    return {"id": task.id, **pick(shown, *names)}


def _indexed_asset(item: IndexedAsset, now: float) -> Json:
    models = [{"name": model["model_name"], "options": model["model_options"]} for model in item.index.models]
    metadata = {"duration": item.asset.media.duration}
    return {"id": item.id, "metadata": metadata, "status": item.status(now), "models": models, "tags": []}


def post(url: str, event: Json, secret: str) -> int:
    """Sign an event, by the real clock, and post it; return the answer's status."""
    body, moment = json.dumps(event).encode(), str(int(time.time()))
    signature = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "TL-Signature": f"t={moment},v1={signature}"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - the test's own server
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code
