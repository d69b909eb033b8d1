"""Interface of an operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from ...options import RequestOptions
from ...resources._api import AsyncAPI
from ..states import Activity
from ..task import BulkTask

R = TypeVar("R")


class Operation(Protocol[R]):
    """Processing of each source by a bulk method."""

    @property
    def job(self) -> str:
        """Name of the job. A journal belongs to one job."""

    @property
    def activity(self) -> Activity | None:
        """Name of the second step in events, or ``None`` if there is none."""

    @property
    def job_field(self) -> str | None:
        """Attribute of `Outcome` that holds the id of the job, or ``None``."""

    @property
    def kept(self) -> type[R] | None:
        """Model of the results that the journal keeps, or ``None``."""

    async def prepare(self, api: AsyncAPI, request_options: RequestOptions | None) -> Sequence[str]:
        """Return the models that the assets are for.

        Raises:
            APIError: The run cannot start.
        """

    async def run(self, task: BulkTask[R]) -> R:
        """Process a source from its recorded state to its end. Called again after a transient failure."""
