"""Media and settings that many tests use."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

from twelvelabs_async import IndexSchema, JobFailedError

MEDIA = Path(__file__).parents[2] / "examples" / "media"
MODELS: Any = [
    {"model_name": "marengo3.0", "model_options": ["visual", "audio"]},
    {"model_name": "pegasus1.5", "model_options": ["visual", "audio"]},
]


def fail_job() -> NoReturn:
    """Raise an error that has a model, as a function that another process can import."""
    raise JobFailedError("It failed.", job=IndexSchema(id="i1"))
