"""Recorded conversations with the service: record, replay, and the format of the files."""

from .format import Exchange, RecordedRequest, RecordedResponse, Recording, RecordingError
from .recorder import Recorder, record
from .replayer import NotRecordedError, Replayer, replay

__all__ = [
    "Exchange",
    "NotRecordedError",
    "RecordedRequest",
    "RecordedResponse",
    "Recorder",
    "Recording",
    "RecordingError",
    "Replayer",
    "record",
    "replay",
]
