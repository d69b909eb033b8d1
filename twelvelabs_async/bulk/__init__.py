"""Many sources at once: upload, wait, index, wait, several of each at a time, and never anything twice."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING

from .._polling import DEFAULT_INTERVAL, DEFAULT_TIMEOUT, check_wait
from ..models.assets import AssetDetail
from ..models.indexed_assets import IndexedAsset
from ..options import OMIT, RequestOptions
from ._engine import Engine, places
from ._indexing import Indexing
from ._journal import JournalStatus, read_journal
from ._outcome import Event, OnEvent, Outcome
from ._plan import Plan, make_plan
from ._run import AsyncRun
from ._sources import Sources, read
from ._uploading import Ingesting, Uploading

if TYPE_CHECKING:
    from ..client import AsyncTwelveLabs

__all__ = ["AsyncBulk", "AsyncRun", "Event", "JournalStatus", "Outcome", "Plan", "read_journal"]


class AsyncBulk:
    """Many sources at once."""

    def __init__(self, client: AsyncTwelveLabs) -> None:
        self._client = client

    def index(
        self,
        index_id: str,
        sources: Sources,
        *,
        journal: str | PathLike[str] | None = None,
        concurrency: int = 25,
        upload_concurrency: int = 8,
        max_bytes_per_second: float | None = None,
        retry_failed: bool = False,
        on_event: OnEvent | None = None,
        enable_video_stream: bool | None = OMIT,
        timeout: float = DEFAULT_TIMEOUT,
        interval: float = DEFAULT_INTERVAL,
        request_options: RequestOptions | None = None,
    ) -> AsyncRun[IndexedAsset]:
        """Upload and index any number of files; yields each one's outcome as it finishes.

        Sources are read only as fast as they are worked off, so memory stays flat however many there are. What goes
        wrong with one never stops the others: it is tried again if it may pass, else it is in its outcome. All waits
        share a poller.

        With a *journal*, the same call after any interruption goes on where things stand. What is ready is only told,
        an upload goes on at the part it lacks, and before anything is created for a second time, the API is asked
        whether the first time was not successful after all: assets carry ``bulk_token`` in their ``user_metadata``, by
        which they are found. The same content is uploaded and indexed once, whatever the names of its files. A file
        that fails is not tried again until it has changed. Several processes on one machine may share a journal.

        Args:
            index_id: The index.
            sources: What to index: a path, a folder (searched for media files, folders in it too), a glob pattern, a
                public http(s) URL, the id of an asset, a pair of any of these and your own data about it, or an
                iterable or async iterable of them all. An iterable that takes long to yield should be an async one. A
                file or URL with a ``bulk_token`` in your data about it gets one asset, whoever asks with that token and
                its name, from whatever machine.
            journal: The file in which to remember what was done, made if there is none; on a local disk. It belongs to
                this index.
            concurrency: Most assets being indexed at once.
            upload_concurrency: Most assets being uploaded at once.
            max_bytes_per_second: Most bytes that all uploads send in a second, 262,144 at least. Default: no limit.
            retry_failed: Whether to try again what failed in an earlier run of the journal.
            on_event: Called with an `Event` whenever something happens; may be a coroutine function. It runs in the
                event loop.
            enable_video_stream: Whether to store the videos for streaming by HLS. Default: no.
            timeout: Seconds that one asset may take to become ready, and again to be indexed. Default: 3600.
            interval: Seconds between looks at the jobs at first. Default: 1.
            request_options: Settings for every request.

        Raises:
            ValueError: A number cannot be right, or the journal is another job's.
            FileNotFoundError: *sources* is a single path and there is nothing.
            APIStatusError: There is no such index.
            UnauthorizedError: The API key is unknown. Whatever was begun has had its outcome before.
            QuotaExhaustedError: The account may do no more for now; it says when it may again. Whatever was begun has
                had its outcome before.
            JournalError: The journal cannot be read or written.

        Example:
            ::

                async for outcome in client.bulk.index(index.id, "videos/", journal="videos.db", concurrency=50):
                    print(outcome.source, outcome.status, outcome.error or "")
        """
        check_wait(timeout, interval, on_event)
        jobs = places(concurrency)
        upload = Uploading(self._client, upload_concurrency, max_bytes_per_second, interval, request_options)
        ingest = Ingesting(upload, jobs, timeout)
        verb = Indexing(self._client, index_id, ingest, jobs, enable_video_stream, timeout, interval, request_options)
        at_once = concurrency + upload_concurrency
        engine = Engine[IndexedAsset](f"index {index_id}", verb, at_once, journal, retry_failed, on_event, interval)
        return AsyncRun(engine, engine.outcomes(read(sources)))

    async def plan(
        self,
        index_id: str,
        sources: Sources,
        *,
        journal: str | PathLike[str] | None = None,
        request_options: RequestOptions | None = None,
    ) -> Plan:
        """Say what `index` would do, and do nothing of it: only the index is looked at.

        The headers of all files are read. What is certainly beyond a documented limit of the index's models would be
        skipped, as would what an earlier run has ended.

        Args:
            index_id: The index.
            sources: What to index; see `index`.
            journal: The journal of the run, if there is one.
            request_options: Settings for the request.

        Raises:
            FileNotFoundError: *sources* is a single path and there is nothing.
            APIStatusError: There is no such index.
            ValueError: The journal is another job's.
            JournalError: The journal cannot be read.

        Example:
            ::

                print(await client.bulk.plan(index.id, "videos/", journal="videos.db"))
        """
        index = await self._client.indexes.retrieve(index_id, request_options=request_options)
        models = [used.model_name for used in index.models or [] if used.model_name]
        return await make_plan(read(sources), models, journal, f"index {index_id}")

    def upload(
        self,
        sources: Sources,
        *,
        journal: str | PathLike[str] | None = None,
        concurrency: int = 25,
        upload_concurrency: int = 8,
        max_bytes_per_second: float | None = None,
        retry_failed: bool = False,
        on_event: OnEvent | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        interval: float = DEFAULT_INTERVAL,
        request_options: RequestOptions | None = None,
    ) -> AsyncRun[AssetDetail]:
        """Upload any number of files and wait until the platform has taken them in; as `index` in all else.

        Args:
            sources: What to upload; see `index`.
            journal: The file in which to remember what was done.
            concurrency: Most assets being processed at once.
            upload_concurrency: Most assets being uploaded at once.
            max_bytes_per_second: Most bytes that all uploads send in a second, 262,144 at least. Default: no limit.
            retry_failed: Whether to try again what failed in an earlier run of the journal.
            on_event: Called with an `Event` whenever something happens; may be a coroutine function.
            timeout: Seconds that one asset may take to become ready. Default: 3600.
            interval: Seconds between looks at the assets at first. Default: 1.
            request_options: Settings for every request.

        Raises:
            ValueError: A number cannot be right, or the journal is another job's.
            FileNotFoundError: *sources* is a single path and there is nothing.
            UnauthorizedError: The API key is unknown.
            QuotaExhaustedError: The account may do no more for now; it says when it may again.
            JournalError: The journal cannot be read or written.
        """
        check_wait(timeout, interval, on_event)
        upload = Uploading(self._client, upload_concurrency, max_bytes_per_second, interval, request_options)
        verb = Ingesting(upload, places(concurrency), timeout)
        at_once = concurrency + upload_concurrency
        engine = Engine[AssetDetail]("upload", verb, at_once, journal, retry_failed, on_event, interval)
        return AsyncRun(engine, engine.outcomes(read(sources)))
