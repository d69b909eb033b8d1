"""Batches of analyze tasks."""

from __future__ import annotations

import json

from ..problem import Json, Problem
from ..requests import analyze as requests
from ..state import AnalyzeBatch, State
from ..views import analyze as views
from ..views.page import page
from ..views.pieces import pieces
from .analyze_tasks import start_task
from .operation import Context, Stream, operation
from .tables import find

BATCH_SHARES = {"queued": 0.0, "processing": 0.2}
"""Share of the analysis time at which each status starts; tasks of batches are never pending."""
MAX_ACTIVE_BATCHES = 5
"""Limit of batches that have not ended (docs: Create a batch)."""
PIECE_BYTES = 100


def find_batch(state: State, request: requests.OneAnalyzeBatch) -> AnalyzeBatch:
    return find(state.analyze_batches, request.batch_id, "batch", 404)


@operation("POST", "/analyze/batches", status=201)
def create(context: Context, request: requests.CreateAnalyzeBatch) -> Json:
    state, now, tasks = context.state, context.now(), request.tasks()
    for item in tasks:
        asset = find(state.assets, (item.video and item.video.asset_id) or "", "asset", 404)
        if asset.status(now) != "ready":
            message = f"The asset {asset.id} is {asset.status(now)}. Wait until it is ready."
            raise Problem(409, "asset_not_ready", message)
    if sum(now < batch.ends_at for batch in state.analyze_batches.values()) >= MAX_ACTIVE_BATCHES:
        message = f"There are {MAX_ACTIVE_BATCHES} active batches already. Wait until one of them ends."
        raise Problem(429, "too_many_requests", message)
    batch = AnalyzeBatch(
        id=state.new_id(), model_name=request.model_name, analysis_mode=request.analysis_mode, created_at=now
    )
    for item in tasks:
        batch.add(start_task(context, item, BATCH_SHARES))
    state.analyze_batches[batch.id] = batch
    state.analyze_tasks.update({task.id: task for task in batch.tasks})
    return views.created_batch(batch, now)


@operation("GET", "/analyze/batches")
def list_(context: Context, request: requests.ListAnalyzeBatches) -> Json:
    now = context.now()
    found = [
        batch
        for batch in reversed(context.state.analyze_batches.values())
        if (request.status is None or batch.status(now) in request.status)
        and (request.analysis_mode is None or batch.analysis_mode in request.analysis_mode)
    ]
    return page(request, found, lambda batch: views.batch(batch, now))


@operation("GET", "/analyze/batches/{batch_id}")
def retrieve(context: Context, request: requests.OneAnalyzeBatch) -> Json:
    return views.batch(find_batch(context.state, request), context.now())


@operation("DELETE", "/analyze/batches/{batch_id}", status=204)
def delete(context: Context, request: requests.OneAnalyzeBatch) -> None:
    batch = find_batch(context.state, request)
    if context.now() < batch.ends_at:
        raise Problem(409, "batch_not_terminal", f"The batch {batch.id} has not ended. Cancel it first.")
    context.state.remove_analyze_batch(batch)


@operation("POST", "/analyze/batches/{batch_id}/cancel", status=202, parameters="query")
def cancel(context: Context, request: requests.OneAnalyzeBatch) -> Json:
    batch, now = find_batch(context.state, request), context.now()
    if now >= batch.ends_at:
        status = batch.status(now)
        raise Problem(409, f"batch_{status}", f"The batch {batch.id} is {status}.")
    batch.cancel(now)
    return views.batch(batch, now)


@operation("GET", "/analyze/batches/{batch_id}/results")
def results(context: Context, request: requests.OneAnalyzeBatch) -> Stream:
    """Stream the results of a batch, cut anywhere."""
    batch, now = find_batch(context.state, request), context.now()
    lines = [json.dumps(views.batch_result(task, now), ensure_ascii=False) for task in batch.tasks]
    body = "".join(f"{line}\n" for line in lines).encode()
    return Stream("application/jsonl", pieces(body, PIECE_BYTES))
