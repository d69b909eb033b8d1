"""The platform for the examples: the real one, or without an API key an emulator."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twelvelabs_async.testing import Emulator

MEDIA = Path(__file__).parent / "media"

MODELS = [{"model_name": "marengo3.0", "model_options": ["visual", "audio"]}]

# Speech in the clips, see media/README.md. The emulator has no model, so the clips are scripted.
WORDS = {
    "bouncing_ball.mp4": [
        (0.5, 3.0, "An orange ball bounces on a green floor."),
        (3.7, 6.7, "It moves from left to right, under a blue sky."),
        (7.0, 9.4, "The ball touches the floor five times."),
    ],
    "rocket_countdown.mp4": [
        (0.3, 4.3, "A white rocket stands on the launch pad, under a starry sky."),
        (5.0, 9.4, "Five, four, three, two, one."),
        (10.0, 10.7, "Lift off!"),
        (11.1, 14.8, "The rocket climbs on an orange flame and leaves the picture."),
    ],
    "game_of_life.mov": [
        (0.5, 2.3, "This is Conway's Game of Life."),
        (3.2, 7.5, "Green cells are born, and live, and die, on a dark grid."),
        (8.0, 10.2, "Dead cells fade from red to black."),
    ],
}


@contextmanager
def platform(*, speed: float = 20.0) -> Iterator[str]:
    """Set the client's environment variables and yield the platform's description.

    Args:
        speed: Emulated seconds per second. Default: 20.
    """
    if os.environ.get("TWELVELABS_API_KEY") or os.environ.get("TWELVE_LABS_API_KEY"):
        yield "the TwelveLabs platform"
        return
    with Emulator(speed=speed) as emulator:
        for filename, transcription in WORDS.items():
            text = " ".join(words for _, _, words in transcription)
            emulator.understand(filename, transcription=transcription, answers={"*": text})
        os.environ |= {"TWELVELABS_API_KEY": emulator.api_key, "TWELVELABS_BASE_URL": emulator.url}
        try:
            yield "an emulator (set TWELVELABS_API_KEY for the real platform)"
        finally:
            del os.environ["TWELVELABS_API_KEY"], os.environ["TWELVELABS_BASE_URL"]
