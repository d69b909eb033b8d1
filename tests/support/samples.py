"""Media and settings that many tests use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

MEDIA = Path(__file__).parents[2] / "examples" / "media"
MODELS: Any = [
    {"model_name": "marengo3.0", "model_options": ["visual", "audio"]},
    {"model_name": "pegasus1.5", "model_options": ["visual", "audio"]},
]
