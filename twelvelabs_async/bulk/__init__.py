"""Bulk runs: one operation on many sources, each of them exactly once."""

from .analyze_source import AnalyzeSource
from .budget import Budget
from .folders import SkipReason
from .forecast import Assumptions, Forecast
from .journal import Command, JournalFile, JournalStatus, list_journals, read_journal
from .methods import AsyncBulk
from .outcome import Event, OnEvent, Outcome
from .plan import Plan
from .prices import Price, Prices
from .run import AsyncRun
from .sinks.base import Sink
from .sinks.lance import LanceSink
from .sinks.parquet import ParquetSink
from .source_reader import FoundSources
from .usage import Usage

__all__ = [
    "AnalyzeSource",
    "Assumptions",
    "AsyncBulk",
    "AsyncRun",
    "Budget",
    "Command",
    "Event",
    "Forecast",
    "FoundSources",
    "JournalFile",
    "JournalStatus",
    "LanceSink",
    "OnEvent",
    "Outcome",
    "ParquetSink",
    "Plan",
    "Price",
    "Prices",
    "Sink",
    "SkipReason",
    "Usage",
    "list_journals",
    "read_journal",
]
