"""Webhooks: signed events of finished jobs."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request

from .clock import rfc3339
from .handlers.analyze_tasks import task_json
from .handlers.tables import only
from .problem import Json
from .state import AnalyzeTask, IndexedAsset, State


def event(state: State, job_id: str) -> Json:
    """Return the event of a job's status. The same job and status have the same event id.

    Raises:
        LookupError: No indexed asset and no analyze task has this id.
        ValueError: The job's status has no event.
    """
    now = state.now()
    job = state.analyze_tasks.get(job_id) or state.indexed_assets.get(job_id)
    if job is None:
        raise LookupError(f"No indexed asset and no analyze task has the id {job_id!r}.")
    status = job.status(now)
    if status not in ("ready", "failed", "canceled"):
        raise ValueError(f"The job {job_id} has no event while it is {status}. Advance the clock until it is finished.")
    if isinstance(job, IndexedAsset):
        name, data = f"index.task.{status}", _indexed_asset(job, now)
    else:
        name, data = f"analyze.task.{status}", _analyze_task(job, now)
    identifier = hashlib.sha256(f"{name} {job_id}".encode()).hexdigest()[:32]
    return {"id": f"whe_{identifier}", "created_at": rfc3339(now), "type": name, "data": data}


def _analyze_task(task: AnalyzeTask, now: float) -> Json:
    if task.batch_id is not None:
        raise ValueError(f"The task {task.id} has no event, because it belongs to the batch {task.batch_id}.")
    shown = task_json(task, now, is_listed=True)
    names = ["custom_id", "created_at", "status", "video_source"]
    if shown["status"] != "canceled":
        names.append("error")
    return {"id": task.id, **only(shown, *names)}


def _indexed_asset(item: IndexedAsset, now: float) -> Json:
    # Indexes that have Pegasus as well are indexed with Marengo only (docs: Create an indexed asset).
    marengo = [(name, options) for name, options in item.index.models if name.startswith("marengo")]
    models = [{"name": name, "options": options} for name, options in marengo]
    metadata = {"duration": item.asset.media.duration}
    return {"id": item.id, "metadata": metadata, "status": item.status(now), "models": models, "tags": []}


def post(url: str, event: Json, secret: str) -> int:
    """Sign an event by the real clock, post it, and return the status of the response."""
    body, timestamp = json.dumps(event).encode(), str(int(time.time()))
    signature = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "TL-Signature": f"t={timestamp},v1={signature}"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - the test's own server
    try:
        with urllib.request.urlopen(request) as response:  # noqa: S310
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
