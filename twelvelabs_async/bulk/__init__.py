"""Bulk runs: one operation on many sources, each of them exactly once."""

from .folders import SkipReason
from .journal import JournalStatus, read_journal
from .methods import AsyncBulk
from .outcome import Event, OnEvent, Outcome
from .plan import Plan
from .run import AsyncRun
from .sinks.base import Sink
from .sinks.parquet import ParquetSink

__all__ = [
    "AsyncBulk",
    "AsyncRun",
    "Event",
    "JournalStatus",
    "OnEvent",
    "Outcome",
    "ParquetSink",
    "Plan",
    "Sink",
    "SkipReason",
    "read_journal",
]
