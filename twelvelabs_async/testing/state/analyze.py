"""Analyze tasks and batches."""

from __future__ import annotations

from typing import Any

import attrs

from ..clock import Job
from ..content import Content

BATCH_LIFETIME_SECONDS = 24 * 3600.0
"""Time until the tasks of a batch are stopped (docs: Create a batch)."""
BATCH_RETENTION_SECONDS = 30 * 86_400.0
"""Time until a batch and its tasks are deleted (docs: Create a batch)."""


@attrs.frozen(kw_only=True)
class Answer:
    """Text that the emulated model generates.

    Attributes:
        is_truncated: The text ends at the token limit of the request.
    """

    id: str
    text: str
    input_tokens: int
    output_tokens: int
    is_truncated: bool


@attrs.define(eq=False, kw_only=True)
class AnalyzeTask(Job):
    """Analysis in the background. Its answer is generated at once and shown when the task is ready.

    Attributes:
        video: Source of the video as given, without its bytes; `None` for images.
        parameters: Other parameters as given, without the bytes in them.
        error: Reason for a failure or a cancellation.
    """

    content: Content
    answer: Answer
    custom_id: str | None
    analysis_mode: str
    video: dict[str, Any] | None
    parameters: dict[str, Any]
    error: dict[str, Any]
    batch_id: str | None = None

    def stop(self, moment: float, outcome: str, code: str) -> None:
        """End the task at a time before its planned end."""
        self.end(moment, outcome)
        self.error = {"code": code, "message": f"The task was stopped: {code.replace('_', ' ')}."}


@attrs.define(eq=False, kw_only=True)
class AnalyzeBatch:
    """Batch of analyze tasks, whose statuses determine its own."""

    id: str
    model_name: str
    analysis_mode: str
    created_at: float
    tasks: list[AnalyzeTask] = attrs.field(factory=list[AnalyzeTask])
    is_canceled: bool = False

    @property
    def expires_at(self) -> float:
        """Return the time at which tasks that have not ended are stopped."""
        return self.created_at + BATCH_LIFETIME_SECONDS

    @property
    def ends_at(self) -> float:
        """Return the time at which the last task ends."""
        return max(task.ends_at for task in self.tasks)

    def status(self, now: float) -> str:
        """Return the status at a time."""
        if now >= self.ends_at:
            return "canceled" if self.is_canceled else "expired" if self.ends_at == self.expires_at else "completed"
        if self.is_canceled:
            return "canceling"
        return "pending" if all(task.status(now) == "queued" for task in self.tasks) else "processing"

    def add(self, task: AnalyzeTask) -> None:
        """Add a task, and stop it when the batch expires."""
        task.batch_id = self.id
        if task.ends_at > self.expires_at:
            is_started = task.status(self.expires_at) == "processing"
            outcome, code = ("failed", "batch_processing_timeout") if is_started else ("canceled", "batch_expired")
            task.stop(self.expires_at, outcome, code)
        self.tasks.append(task)

    def cancel(self, now: float) -> None:
        """Cancel the tasks that have not started."""
        self.is_canceled = True
        for task in self.tasks:
            if task.status(now) == "queued":
                task.stop(now, "canceled", "batch_canceled")
