"""Interface of an operation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import Any, ClassVar, Final, Generic, TypeVar

from ...errors import InvalidArgumentError
from ...media.types import MediaKind
from ...models._columns import Columns
from ...options import RequestOptions
from ...resources._api import AsyncAPI
from ..estimates import Demand
from ..folders import ALL_KINDS
from ..outcome import Outcome
from ..sinks.rows import SourceRows
from ..sources import BulkSource
from ..states import Activity
from ..task import BulkTask

R = TypeVar("R")

ROW_BYTES: Final = 1024
"""Approximate size of a row without a vector."""


class Operation(ABC, Generic[R]):
    """Processing of each source by a bulk method.

    Attributes:
        activity: Name of the second step in events, if there is one.
        job_field: Attribute of `Outcome` that holds the id of the job, if there is one.
        results_expire: Whether to retrieve the results that an earlier run has requested before requesting others.
        result_model: Model of the results, if the journal keeps results.
    """

    activity: ClassVar[Activity | None] = None
    job_field: ClassVar[str | None] = None
    results_expire: ClassVar[bool] = False
    result_model: ClassVar[type[Any] | None] = None

    @property
    def columns(self) -> Columns:
        """Columns of the rows of a source, which read the items of `take_items`."""
        return ()

    @property
    def vector_size(self) -> int | None:
        """Size of the vectors in these columns, if it is known."""
        return None

    @property
    def kinds(self) -> Collection[MediaKind]:
        """Kinds of files that are taken from folders. Default: all."""
        return ALL_KINDS

    @property
    @abstractmethod
    def job(self) -> str:
        """Name of the job. A journal belongs to one job."""

    @property
    def title(self) -> str | None:
        """Name that users know the job by, after `prepare`. Default: none."""
        return None

    def job_of(self, source: BulkSource) -> str:
        """Return the name of the job with the own parameters of a source."""
        return self.job

    def validate(self, source: BulkSource) -> None:
        """Validate the own parameters of a source. Default: there must be none.

        Raises:
            ValueError: A parameter is invalid.
        """
        if source.parameters is not None:
            raise InvalidArgumentError("Only bulk.analyze takes an AnalyzeSource. Pass what it contains.")

    @property
    @abstractmethod
    def demand(self) -> Demand:
        """Needs of the operation for each source."""

    def demand_of(self, source: BulkSource) -> Demand:
        """Return the needs of the operation for a source with parameters of its own."""
        return self.demand

    async def prepare(self, api: AsyncAPI, request_options: RequestOptions | None) -> Sequence[str]:
        """Return the models that the assets are for. Default: none.

        Raises:
            APIError: The run cannot start.
        """
        return ()

    async def check(self, task: BulkTask[R]) -> bool:
        """Return whether the platform still has what an earlier run has created for a source.

        Sets the task's result if it costs no further request. Default: True, for results that do not depend on it.
        """
        return True

    @abstractmethod
    async def run(self, task: BulkTask[R]) -> R:
        """Process a source from its recorded state to its end. Called again after a transient failure."""

    async def retrieve_result(self, api: AsyncAPI, outcome: Outcome[R], request_options: RequestOptions | None) -> R:
        """Return the result of a source by the ids in its outcome.

        Raises:
            TwelveLabsError: The platform does not have the result any more.
        """
        raise NotImplementedError

    async def retrieve(self, task: BulkTask[R]) -> R:
        """Return the result of a source that an earlier run finished, as a sink takes it. Nothing is created.

        Raises:
            TwelveLabsError: The platform does not have the result any more.
        """
        return await self.retrieve_result(task.context.api, task.outcome(), task.context.options.request_options)

    def take_items(self, result: R) -> Sequence[object]:
        """Return an item for each row of a result. Large items may be removed from the result. Default: the result."""
        return [result]

    def size_of(self, rows: SourceRows) -> int:
        """Return the approximate size in bytes of the rows of a source."""
        return ROW_BYTES * len(rows.items)
