"""Kinds of jobs, as data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from attrs import frozen


class Job(Protocol):
    """The state of a job, as a response describes it."""

    @property
    def status(self) -> str | None: ...

    @property
    def extra(self) -> Mapping[str, Any]: ...


class ListedJob(Job, Protocol):
    """An item of a list of jobs."""

    @property
    def id(self) -> str: ...


class DatedJob(ListedJob, Protocol):
    """An item of a list that can be sorted by the time of the last update."""

    @property
    def updated_at(self) -> str | datetime | None: ...


@frozen
class JobKind:
    """A kind of job and its final statuses.

    A status that is not listed here is not final.

    Attributes:
        done_counts: Fields of the job with numbers of items or parts that are done.
        other_counts: Fields with numbers of the others.
    """

    noun: str
    done: frozenset[str] = frozenset({"ready"})
    failed: frozenset[str] = frozenset({"failed"})
    done_counts: tuple[str, ...] = ()
    other_counts: tuple[str, ...] = ()

    @property
    def final(self) -> frozenset[str]:
        """All final statuses."""
        return self.done | self.failed

    def is_final(self, status: object) -> bool:
        """Return whether a job with this status has ended.

        A response may contain a status of any JSON type.
        """
        return isinstance(status, str) and (status in self.done or status in self.failed)


# docs: the page "The … object" of each resource lists its statuses.
ASSET: Final = JobKind("asset")
TRANSCRIPTION: Final = JobKind("transcription of asset")
UPLOAD: Final = JobKind(
    "upload",
    done=frozenset({"completed"}),
    failed=frozenset({"failed", "expired"}),
    done_counts=("chunks_completed",),
    other_counts=("chunks_pending", "chunks_failed"),
)
INDEXED_ASSET: Final = JobKind("indexed asset")
VIDEO_INDEXING_TASK: Final = JobKind("video indexing task")
EMBEDDING_TASK: Final = JobKind("embedding task")
ANALYZE_TASK: Final = JobKind("analyze task", failed=frozenset({"failed", "canceled"}))
ANALYZE_BATCH: Final = JobKind(
    "batch",
    done=frozenset({"completed"}),
    failed=frozenset({"canceled", "expired"}),
    done_counts=("ready_items", "failed_items", "canceled_items"),
    other_counts=("queued_items", "processing_items"),
)
KNOWLEDGE_STORE_ITEM: Final = JobKind("knowledge-store item")
IMPORT: Final = JobKind("import", failed=frozenset())
