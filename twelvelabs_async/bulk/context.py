"""Objects that the sources of a run share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import anyio
from attrs import define, field

from ..resources._api import AsyncAPI
from .budget import Ledger
from .catalog import AssetCatalog
from .estimates import Demand
from .journal import Journal
from .lookups import AssetLookup
from .options import BulkOptions
from .outcome import Event, ResultTable
from .shared_assets import SharedAssets
from .sinks.committer import SinkCommitter
from .sources import BulkSource
from .states import Activity
from .throttle import PauseSwitch, Throttle


@define(eq=False, kw_only=True)
class RunContext:
    """Objects that the tasks of a run share.

    Attributes:
        api: The resources of the API.
        options: Settings of the run.
        job_of: Function that returns the name of the job, with the own parameters of a source.
        activity: Name of the operation's second step.
        job_field: Attribute of an outcome that holds the id of the job.
        table: Rows of the results.
        assets: Assets of the account.
        models: Models that the assets are for. A file that exceeds their limits is not uploaded.
        journal: The journal.
        sink: Writer of the rows, if there is a sink.
        demand_of: Function that returns what the operation needs for a source.
        ledger: What the run has reserved and used.
        stop: Function that ends the run because of an error, after the outcomes of the sources in progress.
        publish: Function that passes an event to the caller.
        pause_switch: Switch by which the caller pauses the run.
        asset_lookup: Assets of earlier runs.
        shared_assets: Assets of sources with the same content.
        uploads: Semaphore of the uploads in flight.
        processing: Semaphore of the assets that the platform processes.
        jobs: Semaphore of the jobs.
        throttle: Limit of the bandwidth.
    """

    api: AsyncAPI
    options: BulkOptions
    job_of: Callable[[BulkSource], str]
    activity: Activity | None
    job_field: str | None
    table: ResultTable
    assets: AssetCatalog
    models: Sequence[str]
    journal: Journal
    sink: SinkCommitter | None
    demand_of: Callable[[BulkSource], Demand]
    ledger: Ledger
    stop: Callable[[Exception], None]
    publish: Callable[[Event], Awaitable[None]]
    pause_switch: PauseSwitch
    asset_lookup: AssetLookup = field(init=False)
    shared_assets: SharedAssets = field(init=False, factory=SharedAssets)
    uploads: anyio.Semaphore = field(init=False)
    processing: anyio.Semaphore = field(init=False)
    jobs: anyio.Semaphore = field(init=False)
    throttle: Throttle = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.asset_lookup = AssetLookup(self.api, self.options.request_options)
        self.uploads = anyio.Semaphore(self.options.max_uploads)
        self.processing = anyio.Semaphore(self.options.concurrency)
        self.jobs = anyio.Semaphore(self.options.max_jobs)
        self.throttle = Throttle(self.options.max_bytes_per_second)
