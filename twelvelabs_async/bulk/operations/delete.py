"""Delete: from an asset to none."""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from ..._failures import is_missing
from ...errors import APIError
from ...options import RequestOptions
from ...resources._api import AsyncAPI
from ..estimates import Demand
from ..exactly_once import recorded_intent
from ..outcome import Outcome
from ..states import Activity, State
from ..task import BulkTask
from .base import Operation
from .upload import use_given_asset


@frozen
class DeleteOperation(Operation[None]):
    """Delete each asset.

    Attributes:
        force: Whether to delete assets that are indexed.
    """

    force: bool | None

    activity: ClassVar[Activity | None] = "deleting"

    @property
    def job(self) -> str:
        """Name of the job."""
        return "delete"

    @property
    def demand(self) -> Demand:
        """Needs of the operation for each source."""
        return Demand(category="other", requests={"other": 1})

    async def run(self, task: BulkTask[None]) -> None:
        """Delete an asset. Succeed if an earlier attempt may have deleted it and it does not exist."""
        entry, context = task.entry, task.context
        may_be_deleted = entry.state is State.JOB_REQUESTED
        use_given_asset(task)
        async with context.jobs:
            try:
                async with recorded_intent(task, State.JOB_REQUESTED):
                    await task.emit("deleting")
                    await context.api.assets.delete(
                        task.source.name, force=self.force, request_options=context.options.request_options
                    )
            except APIError as error:
                if not (may_be_deleted and is_missing(error)):
                    raise

    async def retrieve_result(
        self, api: AsyncAPI, outcome: Outcome[None], request_options: RequestOptions | None
    ) -> None:
        """Return nothing, without a request."""
