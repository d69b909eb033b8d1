"""Batches of analyze tasks."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Literal

import attrs

from ..clock import rfc3339
from ..converter import decode
from ..parameters import Page, within
from ..problem import Json, Problem, invalid, not_ready
from ..state import AnalyzeBatch, AnalyzeTask, State
from .analyze_tasks import AnalysisMode, CreateAnalyzeTask, outcome_json, start_task
from .assets import find_asset
from .operation import Context, Stream, operation, pieces
from .tables import attributes, find, page

MAX_BATCH_REQUESTS, MAX_BATCH_HOURS = 1_000, 2_000
"""Most requests of a batch, and hours of their videos (docs: Create a batch)."""
BatchStatus = Literal["pending", "processing", "canceling", "canceled", "completed", "expired"]
BATCH_SHARES = {"queued": 0.0, "processing": 0.2}
"""Share of the analysis time at which each status of a batch's task starts; these tasks are never pending."""
MAX_ACTIVE_BATCHES = 5
"""Most batches that have not ended (docs: Create a batch)."""
PIECE_BYTES = 100
"""Bytes of a piece of a batch's results, so that pieces end inside lines."""


@attrs.frozen(kw_only=True)
class CreateAnalyzeBatch:
    model_name: Literal["pegasus1.5"]
    analysis_mode: AnalysisMode
    defaults: Json = attrs.field(factory=dict[str, Any])
    requests: list[Json] = attrs.field(validator=within(1, MAX_BATCH_REQUESTS))

    def tasks(self) -> list[CreateAnalyzeTask]:
        """Return the request of each task, with the defaults. The `prompt` of a batch has the form of `prompt_v2`.

        Raises:
            Problem: A request is invalid.
        """
        common: Json = {"model_name": self.model_name, "analysis_mode": self.analysis_mode, "prompt": None}
        merged = [{**self.defaults, **request} for request in self.requests]
        sources = [{**request, **common, "prompt_v2": request.get("prompt")} for request in merged]
        tasks = [decode(CreateAnalyzeTask, source, is_text=False) for source in sources]
        if any(task.video is None or task.video.asset_id is None for task in tasks):
            raise invalid("requests.video", "must have the type asset_id")
        custom_ids = [task.custom_id for task in tasks if task.custom_id is not None]
        if len({*custom_ids}) < len(custom_ids):
            raise invalid("custom_id", "must be different in each request")
        return tasks


@attrs.frozen(kw_only=True)
class ListAnalyzeBatches(Page):
    status: list[BatchStatus] | None = None
    analysis_mode: list[AnalysisMode] | None = None


def batch_json(found: AnalyzeBatch, now: float) -> Json:
    status, counts = found.status(now), Counter(task.status(now) for task in found.tasks)
    return {
        "batch_id": found.id,
        "total_items": len(found.tasks),
        **{f"{name}_items": counts[name] for name in ("queued", "processing", "ready", "failed", "canceled")},
        **attributes(found, "analysis_mode", "model_name", "status", "created_at", "expires_at", now=now),
        **({f"{status}_at": rfc3339(found.ends_at)} if now >= found.ends_at else {}),
    }


def result_json(found: AnalyzeTask, now: float) -> Json:
    """Return the line of a task in the results of its batch."""
    status, ending = found.status(now), outcome_json(found, now)
    line: Json = {"task_id": found.id, "custom_id": found.custom_id, "status": status}
    if status == "ready":
        line["data"] = ending["result"]
    if status == "failed":
        line["error"] = ending["error"]
    return line


def find_batch(state: State, batch_id: str) -> AnalyzeBatch:
    return find(state.analyze_batches, batch_id, "batch", 404)


@operation("POST", "/analyze/batches", status=201)
def create(context: Context, request: CreateAnalyzeBatch) -> Json:
    state, now, tasks = context.state, context.now(), request.tasks()
    assets = [find_asset(state, (item.video and item.video.asset_id) or "", 404) for item in tasks]
    for asset in assets:
        if (current := asset.status(now)) != "ready":
            raise Problem(409, "asset_not_ready", not_ready("asset", asset.id, current))
    hours = sum(asset.media.duration or 0.0 for asset in assets) / 3600
    if hours > MAX_BATCH_HOURS:
        raise invalid("requests", f"must have at most {MAX_BATCH_HOURS:,} hours of video; got {hours:,.0f}")
    if sum(now < batch.ends_at for batch in state.analyze_batches.values()) >= MAX_ACTIVE_BATCHES:
        message = f"There are {MAX_ACTIVE_BATCHES} active batches already. Wait until one of them ends."
        raise Problem(429, "too_many_requests", message)
    batch = AnalyzeBatch(
        id=state.new_id(), model_name=request.model_name, analysis_mode=request.analysis_mode, created_at=now
    )
    for item in tasks:
        batch.add(start_task(context, item, BATCH_SHARES, is_batched=True))
    state.analyze_batches[batch.id] = batch
    state.analyze_tasks.update({task.id: task for task in batch.tasks})
    return {
        "batch_id": batch.id,
        "total_items": len(batch.tasks),
        **attributes(batch, "status", "created_at", "expires_at", now=now),
        "items": [{"task_id": task.id, "custom_id": task.custom_id} for task in batch.tasks],
    }


@operation("GET", "/analyze/batches")
def list_(context: Context, request: ListAnalyzeBatches) -> Json:
    now = context.now()
    found = [
        batch
        for batch in reversed(context.state.analyze_batches.values())
        if (request.status is None or batch.status(now) in request.status)
        and (request.analysis_mode is None or batch.analysis_mode in request.analysis_mode)
    ]
    return page(request, found, lambda batch: batch_json(batch, now))


@operation("GET", "/analyze/batches/{batch_id}")
def retrieve(context: Context, batch_id: str) -> Json:
    return batch_json(find_batch(context.state, batch_id), context.now())


@operation("DELETE", "/analyze/batches/{batch_id}", status=204)
def delete(context: Context, batch_id: str) -> None:
    batch = find_batch(context.state, batch_id)
    if context.now() < batch.ends_at:
        raise Problem(409, "batch_not_terminal", f"The batch {batch.id} has not ended. Cancel it first.")
    context.state.remove_analyze_batch(batch)


@operation("POST", "/analyze/batches/{batch_id}/cancel", status=202)
def cancel(context: Context, batch_id: str) -> Json:
    batch, now = find_batch(context.state, batch_id), context.now()
    if now >= batch.ends_at:
        status = batch.status(now)
        raise Problem(409, f"batch_{status}", f"The batch {batch.id} is {status}.")
    batch.cancel(now)
    return batch_json(batch, now)


@operation("GET", "/analyze/batches/{batch_id}/results")
def results(context: Context, batch_id: str) -> Stream:
    """Stream the results of a batch, cut anywhere."""
    batch, now = find_batch(context.state, batch_id), context.now()
    lines = [json.dumps(result_json(task, now), ensure_ascii=False) for task in batch.tasks]
    body = "".join(f"{line}\n" for line in lines).encode()
    return Stream("application/jsonl", pieces(body, PIECE_BYTES))
