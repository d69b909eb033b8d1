"""Background work: requests that wait behind those of other callers, and that are counted."""

from __future__ import annotations

from collections import Counter
from contextvars import ContextVar
from typing import Final

from attrs import define, field

from .options import RateLimitCategory


@define(eq=False)
class BackgroundWork:
    """Work of a program that no caller waits for, such as a bulk run.

    Attributes:
        requests: Number of requests to the API by category, retries included.
    """

    requests: Counter[RateLimitCategory] = field(factory=Counter["RateLimitCategory"])


MAX_OVERTAKING: Final = 10
"""Requests of other callers that may overtake waiting background work, one after the other. Then it has its turn."""

background_work: Final[ContextVar[BackgroundWork | None]] = ContextVar("background_work", default=None)
"""The work that the requests of the running task belong to. Tasks inherit it."""
