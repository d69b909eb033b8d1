"""Analyses, at once, as tasks and as batches."""

from __future__ import annotations

from typing import Final

from ...problem import Json
from ..step import UNKNOWN_ID, Step
from .common import READY, VIDEO, billed

SCENES: Final[Json] = {
    "type": "segment_definitions",
    "segment_definitions": [
        {
            "id": "scenes",
            "description": "A scene of the video.",
            "fields": [{"name": "place", "type": "string", "description": "Where it is."}],
        }
    ],
}
EVENTS: Final[Json] = {
    "type": "segment_definitions",
    "segment_definitions": [
        {
            "id": "moves",
            "description": "The balloon moves.",
            "fields": [
                {
                    "name": "turns",
                    "type": "time_array",
                    "description": "Each turn.",
                    "items": {
                        "type": "object",
                        "fields": [{"name": "side", "type": "string", "description": "Left or right."}],
                    },
                }
            ],
        }
    ],
}
UNKNOWN_VIDEO: Final = {"type": "asset_id", "asset_id": UNKNOWN_ID}
IMAGE: Final = {"name": "sky", "asset_id": "$ready_picture"}
COLOR: Final[Json] = {
    "type": "json_schema",
    "json_schema": {"type": "object", "properties": {"color": {"type": "string"}}, "required": ["color"]},
}

ANALYSES: Final = (
    billed(
        "analyze",
        "POST /analyze",
        json={"video": VIDEO, "prompt": "What color is it?", "stream": False},
        bills="analysis",
    ),
    billed(
        "analyze_stream",
        "POST /analyze",
        json={"video": VIDEO, "prompt": "What color is it?", "stream": True},
        bills="analysis",
    ),
    billed(
        "analyze",
        "POST /analyze",
        case="JSON",
        json={"video": VIDEO, "prompt": "What color is it?", "stream": False, "response_format": COLOR},
        bills="analysis",
    ),
    Step(
        "analyze",
        "POST /analyze",
        case="pictures",
        json={"model_name": "pegasus1.6", "image": [IMAGE], "prompt": "What color is it?", "stream": False},
        bills="analysis",
    ),
    Step(
        "analyze",
        "POST /analyze",
        case="pictures for an older model",
        json={"model_name": "pegasus1.5", "image": [IMAGE], "prompt": "What color is it?", "stream": False},
        is_refused=True,
    ),
    Step(
        "analyze",
        "POST /analyze",
        case="no model",
        json={"video": VIDEO, "prompt": "?", "stream": False, "model_name": "plato1"},
        is_refused=True,
    ),
    Step(
        "analyze",
        "POST /analyze",
        case="unknown asset",
        json={"video": UNKNOWN_VIDEO, "prompt": "?", "stream": False},
        is_refused=True,
    ),
    Step(
        "analyze",
        "POST /analyze",
        case="too few tokens",
        json={"video": VIDEO, "prompt": "?", "stream": False, "max_tokens": 1},
        is_refused=True,
    ),
    billed(
        "analyze_async.tasks.create",
        "POST /analyze/tasks",
        json={"video": VIDEO, "prompt": "What happens?", "custom_id": "first"},
        keep={"analysis": "task_id"},
        undo="/analyze/tasks/$analysis",
        bills="analysis",
    ),
    billed(
        "analyze_async.tasks.create",
        "POST /analyze/tasks",
        case="segments",
        json={
            "video": VIDEO,
            "model_name": "pegasus1.5",
            "analysis_mode": "time_based_metadata",
            "response_format": SCENES,
            "min_segment_duration": 2,
        },
        keep={"segments": "task_id"},
        undo="/analyze/tasks/$segments",
        bills="analysis",
    ),
    billed(
        "analyze_async.tasks.create",
        "POST /analyze/tasks",
        case="events",
        json={
            "video": VIDEO,
            "model_name": "pegasus1.6",
            "analysis_mode": "time_based_metadata",
            "response_format": EVENTS,
            "max_tokens": "unlimited",
        },
        keep={"events": "task_id"},
        undo="/analyze/tasks/$events",
        bills="analysis",
    ),
    Step(
        "analyze_async.tasks.create",
        "POST /analyze/tasks",
        case="wrong custom_id",
        json={"video": VIDEO, "prompt": "?", "custom_id": "a b"},
        undo="/analyze/tasks/$analysis",
        keep={"analysis": "task_id"},
        is_refused=True,
    ),
    Step("analyze_async.tasks.retrieve", "GET /analyze/tasks/$analysis", until=READY),
    Step("analyze_async.tasks.retrieve", "GET /analyze/tasks/$segments", case="segments", until=READY),
    Step("analyze_async.tasks.retrieve", "GET /analyze/tasks/$events", case="events", until=READY),
    Step("analyze_async.tasks.list", "GET /analyze/tasks", query={"page_limit": 50}, own="analysis"),
    Step("analyze_async.tasks.cancel", "POST /analyze/tasks/$analysis/cancel", case="too late", is_refused=True),
    billed(
        "analyze_async.tasks.create",
        "POST /analyze/tasks",
        case="to cancel",
        json={"video": VIDEO, "prompt": "What happens?"},
        keep={"canceled": "task_id"},
        undo="/analyze/tasks/$canceled",
        bills="analysis",
    ),
    Step("analyze_async.tasks.cancel", "POST /analyze/tasks/$canceled/cancel"),
    Step("analyze_async.tasks.retrieve", "GET /analyze/tasks/$canceled", case="canceled"),
    billed(
        "analyze_async.batches.create",
        "POST /analyze/batches",
        json={
            "model_name": "pegasus1.5",
            "analysis_mode": "general",
            "defaults": {"prompt": {"input_text": "What happens?"}},
            "requests": [{"video": VIDEO, "custom_id": "first"}],
        },
        keep={"batch": "batch_id"},
        undo="/analyze/batches/$batch",
        bills="analysis",
    ),
    Step(
        "analyze_async.batches.create",
        "POST /analyze/batches",
        case="unknown asset",
        json={
            "model_name": "pegasus1.5",
            "analysis_mode": "general",
            "requests": [{"video": UNKNOWN_VIDEO, "prompt": {"input_text": "?"}}],
        },
        keep={"batch": "batch_id"},
        undo="/analyze/batches/$batch",
        is_refused=True,
    ),
    Step("analyze_async.batches.retrieve", "GET /analyze/batches/$batch"),
    Step("analyze_async.batches.list", "GET /analyze/batches", query={"page_limit": 50}, own="batch"),
    Step("analyze_async.batches.cancel", "POST /analyze/batches/$batch/cancel"),
    Step(
        "analyze_async.batches.retrieve",
        "GET /analyze/batches/$batch",
        case="canceled",
        until=("canceled", "completed", "expired"),
    ),
    Step("analyze_async.batches.results", "GET /analyze/batches/$batch/results"),
    Step("analyze_async.batches.cancel", "POST /analyze/batches/$batch/cancel", case="too late", is_refused=True),
)
