"""Media and settings that many tests use."""

from __future__ import annotations

from pathlib import Path

MEDIA = Path(__file__).parents[2] / "examples" / "media"
MODELS = [
    {"model_name": "marengo3.0", "model_options": ["visual", "audio"]},
    {"model_name": "pegasus1.5", "model_options": ["visual", "audio"]},
]
