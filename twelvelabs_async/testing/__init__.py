"""An emulated platform, and recorded conversations with the real one, for tests and trials without an API key.

Example:
    ::

        with Emulator() as emulator:
            client = AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.url)
            asset = await client.assets.create_and_wait(sample_clip())

``python -m twelvelabs_async.testing --port 8080`` serves one from the command line; ``record FILE`` and ``replay FILE``
serve recordings. With the package installed, pytest has the fixtures ``twelvelabs_emulator`` and
``twelvelabs_recording``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .sample import sample_clip

if TYPE_CHECKING:
    from .emulator import Emulator as Emulator
    from .recordings import NotRecordedError as NotRecordedError
    from .recordings import Recorder as Recorder
    from .recordings import Recording as Recording
    from .recordings import RecordingError as RecordingError
    from .recordings import Replayer as Replayer
    from .recordings import record as record
    from .recordings import replay as replay
    from .request_log import Request as Request
    from .state import State as State

__all__ = [
    "Emulator",
    "NotRecordedError",
    "Recorder",
    "Recording",
    "RecordingError",
    "Replayer",
    "Request",
    "State",
    "record",
    "replay",
    "sample_clip",
]


def __getattr__(name: str) -> object:
    # The pytest plugin imports this package in every run, and must not import a web server for that.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import emulator, recordings

    return getattr(emulator if hasattr(emulator, name) else recordings, name)
