"""Many sources at once: upload, index, analyze, embed, delete; several at a time, and never anything twice."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

from .._waiting import POLL_INTERVAL, WAIT_TIMEOUT, WaitOptions
from ..models._wire import dumps, unstructure
from ..models.analyze_async import (
    AnalyzeTaskResult,
    AsyncResponseFormat,
    AsyncResponseFormatParams,
    CreateAsyncAnalyzeRequestAnalysisMode,
    CreateAsyncAnalyzeRequestMaxTokens,
    CreateAsyncAnalyzeRequestModelName,
)
from ..models.assets import AssetDetail
from ..models.embed_v_2 import EmbeddingTaskResponse
from ..models.indexed_assets import IndexedAsset
from ..options import MAX_BATCH_REQUESTS, OMIT, RequestOptions, is_given
from ._analyzing import MAX_ACTIVE, Analyzing, Batches
from ._deleting import Deleting
from ._embedding import Embedding
from ._engine import Engine, places
from ._indexing import Indexing
from ._journal import JournalStatus, read_journal
from ._outcome import Event, OnEvent, Outcome
from ._plan import Plan, make_plan
from ._run import AsyncRun
from ._sources import Ids, Sources, read, read_ids
from ._uploading import Ingesting, Uploading

if TYPE_CHECKING:
    from ..client import AsyncTwelveLabs
    from ..models.embed_v_2_inputs import CreateEmbeddingsRequestModelName, EmbeddingInputParams

__all__ = ["AsyncBulk", "AsyncRun", "Event", "JournalStatus", "OnEvent", "Outcome", "Plan", "read_journal"]


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
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
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
            concurrency: Most assets being indexed at once, while as many others are being processed for it.
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
        WaitOptions(timeout=timeout, interval=interval, callback=on_event)  # validated
        upload = Uploading(self._client, upload_concurrency, max_bytes_per_second, interval, request_options)
        ingest = Ingesting(upload, places(concurrency), timeout)
        verb = Indexing(
            self._client, index_id, ingest, places(concurrency), enable_video_stream, timeout, interval, request_options
        )
        at_once = upload_concurrency + 2 * concurrency
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
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
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
        WaitOptions(timeout=timeout, interval=interval, callback=on_event)  # validated
        upload = Uploading(self._client, upload_concurrency, max_bytes_per_second, interval, request_options)
        verb = Ingesting(upload, places(concurrency), timeout)
        at_once = concurrency + upload_concurrency
        engine = Engine[AssetDetail]("upload", verb, at_once, journal, retry_failed, on_event, interval)
        return AsyncRun(engine, engine.outcomes(read(sources)))

    def analyze(
        self,
        sources: Sources,
        *,
        prompt: str | None = OMIT,
        model_name: CreateAsyncAnalyzeRequestModelName | None = OMIT,
        analysis_mode: CreateAsyncAnalyzeRequestAnalysisMode | None = OMIT,
        temperature: float | None = OMIT,
        max_tokens: CreateAsyncAnalyzeRequestMaxTokens | None = OMIT,
        response_format: AsyncResponseFormat | AsyncResponseFormatParams | None = OMIT,
        batch: bool = False,
        journal: str | PathLike[str] | None = None,
        concurrency: int = 25,
        upload_concurrency: int = 8,
        max_bytes_per_second: float | None = None,
        retry_failed: bool = False,
        on_event: OnEvent | None = None,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        request_options: RequestOptions | None = None,
    ) -> AsyncRun[AnalyzeTaskResult]:
        """Upload any number of videos and ask the same about each.

        The question is put as in ``analyze_async.tasks.create``, all else is as in `index`. Each analysis has a name by
        which it is found again, so that none is paid for twice, and a journal keeps the answers, too. To ask several
        things about the same files, upload them once, and give the ids of the assets.

        With *batch*, it is up to the platform when to do it, within 24 hours, in at most 5 batches of at most 1,000
        videos at once, with Pegasus 1.5; what it does not manage goes into another batch. *concurrency* and *timeout*
        are then only for assets that become ready.

        Raises:
            ValueError: There is no question, a number cannot be right, or the journal is another job's.

        Example:
            ::

                async for outcome in client.bulk.analyze("videos/", prompt="What happens?", journal="answers.db"):
                    print(outcome.source, outcome.result.data if outcome.result else outcome.error)
        """
        WaitOptions(timeout=timeout, interval=interval, callback=on_event)  # validated
        if not is_given(prompt) and analysis_mode != "time_based_metadata":
            raise ValueError('There is nothing to ask: give a prompt, or analysis_mode="time_based_metadata".')
        question = _given(
            prompt=prompt,
            model_name=model_name,
            analysis_mode=analysis_mode,
            temperature=temperature,
            max_tokens=max_tokens,
            response_format=response_format,
        )
        models = [question.get("model_name", "")]
        upload = Uploading(self._client, upload_concurrency, max_bytes_per_second, interval, request_options, models)
        ingest = Ingesting(upload, places(concurrency), timeout)
        batches = Batches(self._client, question, interval, request_options)
        # One batch more than may be under way gathers meanwhile.
        jobs = (MAX_ACTIVE + 1) * MAX_BATCH_REQUESTS if batch else concurrency
        verb = Analyzing(
            self._client, question, batches, batch, ingest, places(jobs), timeout, interval, request_options
        )
        job = f"analyze {dumps(question).decode()}"
        at_once = upload_concurrency + concurrency + jobs
        engine = Engine(job, verb, at_once, journal, retry_failed, on_event, interval, AnalyzeTaskResult)
        return AsyncRun(engine, engine.outcomes(read(sources)))

    def embed(
        self,
        sources: Sources,
        *,
        model_name: CreateEmbeddingsRequestModelName,
        embedding_uncertainty: bool | None = OMIT,
        embedding_dimension: int | None = OMIT,
        audio: EmbeddingInputParams | None = OMIT,
        video: EmbeddingInputParams | None = OMIT,
        document: EmbeddingInputParams | None = OMIT,
        image: EmbeddingInputParams | None = OMIT,
        journal: str | PathLike[str] | None = None,
        concurrency: int = 25,
        upload_concurrency: int = 8,
        max_bytes_per_second: float | None = None,
        retry_failed: bool = False,
        on_event: OnEvent | None = None,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        request_options: RequestOptions | None = None,
    ) -> AsyncRun[EmbeddingTaskResponse]:
        """Upload and embed any number of files.

        What holds for audio files, for videos and so on is given as in ``embed.v_2.tasks.create``, without a
        ``media_source``; all else is as in `index`. A journal keeps the ids of the tasks, not the embeddings: for seven
        days, ``embed.v_2.tasks.retrieve`` gives them by ``outcome.task_id``.

        If the answer that has this id is lost, nothing tells whether there is a task: the source fails, and only with
        *retry_failed* a later run embeds it, perhaps for a second time.

        Raises:
            ValueError: A number cannot be right, or the journal is another job's.

        Example:
            ::

                video = {"embedding_option": ["visual"], "embedding_scope": ["clip"]}
                async for outcome in client.bulk.embed("videos/", model_name="marengo3.0", video=video):
                    print(outcome.source, outcome.result.to_numpy().shape if outcome.result else outcome.error)
        """
        WaitOptions(timeout=timeout, interval=interval, callback=on_event)  # validated
        model = _given(
            model_name=model_name,
            embedding_uncertainty=embedding_uncertainty,
            embedding_dimension=embedding_dimension,
        )
        inputs = _given(audio=audio, video=video, document=document, image=image)
        jobs, models = places(concurrency), [model_name]
        upload = Uploading(self._client, upload_concurrency, max_bytes_per_second, interval, request_options, models)
        ingest = Ingesting(upload, places(concurrency), timeout)
        verb = Embedding(self._client, model, inputs, ingest, jobs, retry_failed, timeout, interval, request_options)
        job = f"embed {dumps(model | inputs).decode()}"
        at_once = upload_concurrency + 2 * concurrency
        engine = Engine[EmbeddingTaskResponse](job, verb, at_once, journal, retry_failed, on_event, interval)
        return AsyncRun(engine, engine.outcomes(read(sources)))

    def delete(
        self,
        asset_ids: Ids,
        *,
        force: bool | None = None,
        journal: str | PathLike[str] | None = None,
        concurrency: int = 8,
        retry_failed: bool = False,
        on_event: OnEvent | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncRun[None]:
        """Delete the assets with these ids for good, with *force* even those in an index; else as `index`.

        All ids are read before the first is deleted, so that they may come from a list of what is there.

        Raises:
            ValueError: *concurrency* cannot be right, or the journal is another job's.
        """
        verb = Deleting(self._client, force, places(concurrency), request_options)
        engine = Engine[None]("delete", verb, concurrency, journal, retry_failed, on_event, POLL_INTERVAL)
        return AsyncRun(engine, engine.outcomes(read_ids(asset_ids)))


def _given(**settings: Any) -> dict[str, Any]:
    """Those settings that were given, as the API takes them."""
    given: dict[str, Any] = unstructure({name: value for name, value in settings.items() if is_given(value)})
    return given
