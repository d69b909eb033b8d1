"""The bulk methods. Each makes an operation and one set of validated options."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Sequence
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeVar, cast

from .._deprecations import warn_of_models
from .._process_bound import ProcessBound
from .._structured_output import format_for
from .._waiting import POLL_INTERVAL, WAIT_TIMEOUT
from ..models._wire import unstructure
from ..models.analyze import (
    AnalysisModel,
    AnalyzeImageInput,
    AnalyzeImageInputParams,
    AnalyzePromptV2,
    AnalyzePromptV2Params,
)
from ..models.analyze_async import (
    AnalysisMode,
    AnalyzeTaskResult,
    AsyncResponseFormat,
    AsyncResponseFormatParams,
    MaxTokens,
)
from ..models.assets import AssetDetail
from ..models.embed_v_2 import EmbeddingTaskResponse
from ..models.indexed_assets import IndexedAsset
from ..options import MAX_BATCH_REQUESTS, MAX_DIRECT_UPLOAD, OMIT, RequestOptions
from ..resources._api import AsyncAPI
from .analyze_source import AnalyzeSource, given_parameters
from .budget import Budget
from .engine import BulkEngine
from .folders import FileSelection
from .journal import JournalTimings
from .operations import (
    AnalyzeOperation,
    DeleteOperation,
    EmbedOperation,
    IndexOperation,
    Operation,
    UploadOperation,
)
from .operations.batches import MAX_ACTIVE_BATCHES
from .operations.question import has_prompt, require_finite, validate_question
from .options import BulkOptions, Existing, journal_path
from .outcome import OnEvent
from .plan import Plan
from .prices import Prices
from .run import AsyncRun
from .sinks.base import Sink
from .source_reader import SourceReader, create_reader
from .sources import AnalyzeSources, AssetIds, Sources, is_single, read_asset_ids

if TYPE_CHECKING:
    from ..models.embed_v_2_inputs import EmbeddingInputParams, EmbeddingModel

R = TypeVar("R")


class AsyncBulk(ProcessBound):
    """Operations on many sources.

    Args:
        api: The resources of the API.
        timings: Time limits of the journals.
        multipart_threshold: Size in bytes above which a file is sent in parts. At most 200,000,000.
            Default: 200,000,000.
        command: Arguments of the program that makes the runs, which their journals record with the working directory.
    """

    def __init__(
        self,
        api: AsyncAPI,
        *,
        timings: JournalTimings | None = None,
        multipart_threshold: int = MAX_DIRECT_UPLOAD,
        command: Sequence[str] = (),
    ) -> None:
        self._api = api
        self._timings = timings or JournalTimings()
        self._multipart_threshold = multipart_threshold
        self._command = tuple(command)

    def index(
        self,
        index_id: str,
        sources: Sources,
        *,
        include: str | Sequence[str] = (),
        exclude: str | Sequence[str] = (),
        include_hidden: bool = False,
        follow_symlinks: bool = False,
        journal: str | PathLike[str] | bool | None = None,
        concurrency: int = 25,
        upload_concurrency: int = 8,
        max_bytes_per_second: float | None = None,
        budget: Budget | None = None,
        prices: Prices | str | PathLike[str] | None = None,
        existing: Existing = "reuse",
        retry_failed: bool = False,
        sink: Sink | None = None,
        on_event: OnEvent | None = None,
        progress: bool = False,
        enable_video_stream: bool | None = OMIT,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        request_options: RequestOptions | None = None,
    ) -> AsyncRun[IndexedAsset]:
        """Upload and index any number of files, and yield the outcome of each as it finishes.

        Sources are read only as fast as they are processed, so that memory stays flat. A failure of one source does not
        stop the others: it is retried if it is transient, and otherwise reported in the outcome.

        Files in folders that are not taken are reported as events of the kind ``skipped``, and counted by reason in
        `AsyncRun.skipped_files` and by `plan`.

        Content is paid for once: what the platform has already is used, whichever machine created it, with or without
        a journal. Content is the same if the bytes of a file, a URL, or the caller's ``bulk_token`` are. The run
        records it in the ``user_metadata`` of what it creates. `Outcome.reused` states whether something was created.

        With a *journal*, the same call resumes the run after any interruption. Sources that are ready are reported
        without a request, and an upload continues with the parts that are missing. If the outcome of a request is
        unknown, the object is looked up before it is created again: assets have a ``bulk_token`` in their
        ``user_metadata``. Files with the same content are uploaded and indexed once. A file that failed is retried
        when it has changed. Several processes of one machine may share a journal.

        Args:
            index_id: The index.
            sources: A path, a folder (searched recursively), a glob pattern, a public http(s) URL, or the id of an
                asset; a pair of one of these and its metadata; or an iterable or async iterable of them. An iterator
                is read in a thread, and may block. A ``bulk_token`` in the metadata identifies the content of a source
                in the place of its bytes or URL.
            include: Patterns of the files to take from folders, such as ``"*.mp4"``, as `fnmatch` knows them: for paths
                relative to the folder, with ``*`` for slashes as well, without regard to case. Default: all video and
                audio files. Files that *sources* names are always taken, as are the matches of a glob pattern.
            exclude: Patterns of the files to skip in folders and among the matches of glob patterns.
            include_hidden: Whether to take files and folders whose names begin with a dot. Default: no.
            follow_symlinks: Whether to search folders that are links. Default: no. Links to files are always followed.
            journal: File that records the run, on a local disk. It is created if it does not exist, and belongs to this
                index. ``True`` is a file in the user's state directory, named by account and job, as
                ``twelvelabs-async`` keeps it. Default: no journal.
            concurrency: Assets that are indexed at the same time. As many others are processed for it. At least 1.
                Default: 25.
            upload_concurrency: Assets that are uploaded at the same time. At least 1. Default: 8.
            max_bytes_per_second: Bandwidth of all uploads together. At least 262,144. Default: no limit.
            budget: The most that the run may use, such as ``Budget(minutes=600, requests=5000)``. Sources for which it
                does not suffice are not begun, and their outcomes have a `BudgetExceededError`. Default: no limit.
            prices: Prices of the account, or the path of a file with them; see `Prices`. A budget with a cost requires
                them.
            existing: ``reuse`` uses what the platform has with the same content; ``again`` creates it again.
                Default: ``reuse``.
            retry_failed: Whether to retry sources that failed in an earlier run of the journal. Default: no.
            sink: Table that the results are written to, such as ``ParquetSink("videos/")``. A source is done when its
                rows are committed. What the table has already is not processed again. Default: none.
            on_event: Function or coroutine function that is called with each `Event`, in the event loop.
            progress: True to show a bar of sources and a bar of bytes. Needs tqdm. Default: false.
            enable_video_stream: Whether to store the videos for streaming by HLS. Default: no.
            timeout: Seconds until the wait for one asset fails, and until the wait for its indexing fails.
                Default: 3600.
            interval: Initial poll interval, and pause before the second attempt, in seconds. Default: 1.
            request_options: Options of every request.

        Raises:
            ValueError: An argument is invalid, or the journal belongs to another job.
            FileNotFoundError: *sources* is a single path that does not exist.
            APIStatusError: The index does not exist.
            UnauthorizedError: The API key is invalid. Raised after the outcomes of the sources in progress.
            QuotaExhaustedError: The account's quota is exhausted. Raised after the outcomes of the sources in progress.
            JournalError: The journal cannot be read or written.

        Example:
            ::

                async for outcome in client.bulk.index(index.id, "videos/", journal="videos.db", concurrency=50):
                    print(outcome.source, outcome.status, outcome.error or "")
        """
        operation = IndexOperation(index_id, enable_video_stream)
        selection = FileSelection(include, exclude, include_hidden, follow_symlinks, operation.kinds)
        return self._run(
            operation,
            sources,
            selection,
            journal=journal,
            concurrency=concurrency,
            upload_concurrency=upload_concurrency,
            max_bytes_per_second=max_bytes_per_second,
            budget=budget,
            prices=prices,
            existing=existing,
            retry_failed=retry_failed,
            sink=sink,
            on_event=on_event,
            progress=progress,
            timeout=timeout,
            interval=interval,
            request_options=request_options,
        )

    async def plan(
        self,
        index_id: str,
        sources: Sources,
        *,
        include: str | Sequence[str] = (),
        exclude: str | Sequence[str] = (),
        include_hidden: bool = False,
        follow_symlinks: bool = False,
        journal: str | PathLike[str] | bool | None = None,
        request_options: RequestOptions | None = None,
    ) -> Plan:
        """Report what `index` would do, without uploading anything. Only the index is retrieved.

        The headers of all files are read. A file that certainly exceeds a documented limit of the index's models would
        be skipped, as would a source that an earlier run finished. The same for all methods, with their settings, is
        `AsyncRun.plan`.

        Args:
            index_id: The index.
            sources: Sources; see `index`.
            include: Patterns of the files to take from folders; see `index`.
            exclude: Patterns of the files to skip; see `index`.
            include_hidden: Whether to take hidden files and folders. Default: no.
            follow_symlinks: Whether to search folders that are links. Default: no.
            journal: Journal of the run, if there is one.
            request_options: Options of the request.

        Raises:
            FileNotFoundError: *sources* is a single path that does not exist.
            APIStatusError: The index does not exist.
            ValueError: The journal belongs to another job.
            JournalError: The journal cannot be read.

        Example:
            ::

                print(await client.bulk.plan(index.id, "videos/", journal="videos.db"))
        """
        run = self.index(
            index_id,
            sources,
            include=include,
            exclude=exclude,
            include_hidden=include_hidden,
            follow_symlinks=follow_symlinks,
            journal=journal,
            request_options=request_options,
        )
        return await run.plan()

    def upload(
        self,
        sources: Sources,
        *,
        include: str | Sequence[str] = (),
        exclude: str | Sequence[str] = (),
        include_hidden: bool = False,
        follow_symlinks: bool = False,
        journal: str | PathLike[str] | bool | None = None,
        concurrency: int = 25,
        upload_concurrency: int = 8,
        max_bytes_per_second: float | None = None,
        budget: Budget | None = None,
        prices: Prices | str | PathLike[str] | None = None,
        existing: Existing = "reuse",
        retry_failed: bool = False,
        sink: Sink | None = None,
        on_event: OnEvent | None = None,
        progress: bool = False,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        request_options: RequestOptions | None = None,
    ) -> AsyncRun[AssetDetail]:
        """Upload any number of files and wait until the platform has processed them. See `index` for the details.

        Args:
            sources: Sources; see `index`.
            include: Patterns of the files to take from folders; see `index`. Default: all files of a known kind.
            exclude: Patterns of the files to skip; see `index`.
            include_hidden: Whether to take hidden files and folders. Default: no.
            follow_symlinks: Whether to search folders that are links. Default: no.
            journal: File that records the run. Default: no journal.
            concurrency: Assets that are processed at the same time. At least 1. Default: 25.
            upload_concurrency: Assets that are uploaded at the same time. At least 1. Default: 8.
            max_bytes_per_second: Bandwidth of all uploads together. At least 262,144. Default: no limit.
            budget: The most that the run may use; see `index`. Default: no limit.
            prices: Prices of the account; see `index`.
            retry_failed: Whether to retry sources that failed in an earlier run of the journal. Default: no.
            sink: Table that the results are written to; see `index`. Default: none.
            on_event: Function or coroutine function that is called with each `Event`.
            progress: True to show a bar of sources and a bar of bytes. Needs tqdm. Default: false.
            timeout: Seconds until the wait for one asset fails. Default: 3600.
            interval: Initial poll interval, and pause before the second attempt, in seconds. Default: 1.
            request_options: Options of every request.

        Raises:
            ValueError: An argument is invalid, or the journal belongs to another job.
            FileNotFoundError: *sources* is a single path that does not exist.
            UnauthorizedError: The API key is invalid.
            QuotaExhaustedError: The account's quota is exhausted.
            JournalError: The journal cannot be read or written.
        """
        operation = UploadOperation()
        selection = FileSelection(include, exclude, include_hidden, follow_symlinks, operation.kinds)
        return self._run(
            operation,
            sources,
            selection,
            journal=journal,
            concurrency=concurrency,
            upload_concurrency=upload_concurrency,
            max_bytes_per_second=max_bytes_per_second,
            budget=budget,
            prices=prices,
            existing=existing,
            retry_failed=retry_failed,
            sink=sink,
            on_event=on_event,
            progress=progress,
            timeout=timeout,
            interval=interval,
            request_options=request_options,
        )

    def analyze(
        self,
        sources: AnalyzeSources,
        *,
        prompt: str | None = OMIT,
        prompt_v_2: AnalyzePromptV2 | AnalyzePromptV2Params | None = OMIT,
        image: Sequence[AnalyzeImageInput | AnalyzeImageInputParams] | None = OMIT,
        model_name: AnalysisModel | None = OMIT,
        analysis_mode: AnalysisMode | None = OMIT,
        temperature: float | None = OMIT,
        max_tokens: MaxTokens | None = OMIT,
        response_format: AsyncResponseFormat | AsyncResponseFormatParams | None = OMIT,
        min_segment_duration: float | None = OMIT,
        max_segment_duration: float | None = OMIT,
        start_time: float | None = OMIT,
        end_time: float | None = OMIT,
        into: type[Any] | None = None,
        batch: bool = False,
        include: str | Sequence[str] = (),
        exclude: str | Sequence[str] = (),
        include_hidden: bool = False,
        follow_symlinks: bool = False,
        journal: str | PathLike[str] | bool | None = None,
        concurrency: int = 25,
        upload_concurrency: int = 8,
        max_bytes_per_second: float | None = None,
        budget: Budget | None = None,
        prices: Prices | str | PathLike[str] | None = None,
        existing: Existing = "reuse",
        retry_failed: bool = False,
        sink: Sink | None = None,
        on_event: OnEvent | None = None,
        progress: bool = False,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        request_options: RequestOptions | None = None,
    ) -> AsyncRun[AnalyzeTaskResult]:
        """Upload any number of videos or images and ask the same question about each.

        The question has the parameters of ``analyze_async.tasks.create``; see `index` for all others. Each analysis has
        a token by which it is found again, so that none is paid for twice, and a journal keeps the results. To ask
        several questions about the same files, or to analyze several parts of a video, give each as an `AnalyzeSource`
        with parameters of its own. The files are uploaded once.

        A question that the API would refuse is refused before anything is uploaded. So are files of another kind, and
        videos of which more than two hours would be analyzed: state a part with *start_time* and *end_time*.

        With *batch*, the platform decides when to analyze, within 24 hours: in at most 5 batches of at most 1,000
        videos at the same time, with Pegasus 1.5. Analyses that a batch does not carry out are submitted again in
        another one. *concurrency* and *timeout* then hold only for the processing of assets.

        Args:
            sources: Sources; see `index`. Also an `AnalyzeSource`, or an iterable that contains some.
            image: Analyze images instead of videos (Pegasus 1.6): each source is an image, which *prompt* may name
                ``<@source>``. The value is a list of at most 19 further images that are sent with each source, or
                ``[]``.
            into: Attrs class or dataclass of the answers, from which *response_format* is made. Its fields become
                columns of the *sink* and of tables, with the prefix ``answer_`` where a name is taken. An answer that
                does not fit the class has the text and an ``error`` in its row.

        Raises:
            ValueError: There is no question, an argument is invalid, or the journal belongs to another job.

        Example:
            ::

                async for outcome in client.bulk.analyze("videos/", prompt="What happens?", journal="answers.db"):
                    print(outcome.source, outcome.result.data if outcome.result else outcome.error)
        """
        require_finite(into)
        question = given_parameters(
            prompt=prompt,
            prompt_v_2=prompt_v_2,
            image=image,
            model_name=model_name,
            analysis_mode=analysis_mode,
            temperature=temperature,
            max_tokens=max_tokens,
            response_format=format_for(into, response_format),
            min_segment_duration=min_segment_duration,
            max_segment_duration=max_segment_duration,
            start_time=start_time,
            end_time=end_time,
        )
        warn_of_models(question)
        if has_prompt(question) or not _may_have_questions(sources):
            validate_question(question, in_batches=batch)
        operation = AnalyzeOperation(question, in_batches=batch, into=into)
        selection = FileSelection(include, exclude, include_hidden, follow_symlinks, operation.kinds)
        return self._run(
            operation,
            sources,
            selection,
            journal=journal,
            concurrency=concurrency,
            upload_concurrency=upload_concurrency,
            max_bytes_per_second=max_bytes_per_second,
            budget=budget,
            prices=prices,
            existing=existing,
            retry_failed=retry_failed,
            sink=sink,
            on_event=on_event,
            progress=progress,
            timeout=timeout,
            interval=interval,
            request_options=request_options,
            # One batch more than may be in progress is collected.
            max_jobs=(MAX_ACTIVE_BATCHES + 1) * MAX_BATCH_REQUESTS if batch else concurrency,
        )

    def embed(
        self,
        sources: Sources,
        *,
        model_name: EmbeddingModel,
        embedding_uncertainty: bool | None = OMIT,
        embedding_dimension: int | None = OMIT,
        audio: EmbeddingInputParams | None = OMIT,
        video: EmbeddingInputParams | None = OMIT,
        document: EmbeddingInputParams | None = OMIT,
        image: EmbeddingInputParams | None = OMIT,
        include: str | Sequence[str] = (),
        exclude: str | Sequence[str] = (),
        include_hidden: bool = False,
        follow_symlinks: bool = False,
        journal: str | PathLike[str] | bool | None = None,
        concurrency: int = 25,
        upload_concurrency: int = 8,
        max_bytes_per_second: float | None = None,
        budget: Budget | None = None,
        prices: Prices | str | PathLike[str] | None = None,
        existing: Existing = "reuse",
        retry_failed: bool = False,
        sink: Sink | None = None,
        on_event: OnEvent | None = None,
        progress: bool = False,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        request_options: RequestOptions | None = None,
    ) -> AsyncRun[EmbeddingTaskResponse]:
        """Upload and embed any number of files.

        The parameters of each type of input are those of ``embed.v_2.tasks.create``, without a ``media_source``; see
        `index` for all others. ``None`` instead of parameters excludes files of this kind. From folders, the kinds of
        files that the model embeds are taken. Parameters that the API would refuse, and files of other kinds, are
        refused before anything is uploaded. A journal keeps the
        ids of the tasks and not the embeddings. For seven days, ``embed.v_2.tasks.retrieve`` returns them by
        ``outcome.task_id``.

        The ids are also in the ``user_metadata`` of the assets, so that later runs with the same parameters use the
        same tasks. Embeddings that have expired are created again only with ``existing="again"``.

        If the response with this id is lost, the API has no means to find the task. The source fails, and only a later
        run with *retry_failed* embeds it, possibly for the second time.

        Raises:
            ValueError: An argument is invalid, or the journal belongs to another job.

        Example:
            ::

                video = {"embedding_option": ["visual"], "embedding_scope": ["clip"]}
                async for outcome in client.bulk.embed("videos/", model_name="marengo3.0", video=video):
                    print(outcome.source, outcome.result.to_numpy().shape if outcome.result else outcome.error)
        """
        model = given_parameters(
            model_name=model_name,
            embedding_uncertainty=embedding_uncertainty,
            embedding_dimension=embedding_dimension,
        )
        warn_of_models(model)
        inputs: Any = {"audio": audio, "video": video, "document": document, "image": image}
        given = {kind: parameters and unstructure(parameters) for kind, parameters in inputs.items()}
        operation = EmbedOperation(model, {kind: given[kind] for kind in inputs if inputs[kind] is not OMIT})
        selection = FileSelection(include, exclude, include_hidden, follow_symlinks, operation.kinds)
        return self._run(
            operation,
            sources,
            selection,
            journal=journal,
            concurrency=concurrency,
            upload_concurrency=upload_concurrency,
            max_bytes_per_second=max_bytes_per_second,
            budget=budget,
            prices=prices,
            existing=existing,
            retry_failed=retry_failed,
            sink=sink,
            on_event=on_event,
            progress=progress,
            timeout=timeout,
            interval=interval,
            request_options=request_options,
        )

    def delete(
        self,
        asset_ids: AssetIds,
        *,
        force: bool | None = None,
        journal: str | PathLike[str] | bool | None = None,
        concurrency: int = 8,
        retry_failed: bool = False,
        on_event: OnEvent | None = None,
        progress: bool = False,
        request_options: RequestOptions | None = None,
    ) -> AsyncRun[None]:
        """Delete assets for good. See `index` for the details.

        All ids are read before the first asset is deleted, so that they may come from a list of assets.

        Args:
            asset_ids: Id of an asset, or an iterable or async iterable of ids.
            force: Whether to delete assets that are indexed. Default: no.
            journal: File that records the run. Default: no journal.
            concurrency: Requests in flight. At least 1. Default: 8.
            retry_failed: Whether to retry assets that failed in an earlier run of the journal. Default: no.
            on_event: Function or coroutine function that is called with each `Event`.
            progress: True to show a bar of sources and a bar of bytes. Needs tqdm. Default: false.
            request_options: Options of every request.

        Raises:
            ValueError: An argument is invalid, or the journal belongs to another job.
        """
        return self._start(
            DeleteOperation(force),
            SourceReader(partial(read_asset_ids, asset_ids)),
            journal=journal,
            concurrency=concurrency,
            retry_failed=retry_failed,
            on_event=on_event,
            progress=progress,
            request_options=request_options,
        )

    def _run(
        self, operation: Operation[R], sources: AnalyzeSources, selection: FileSelection, **options: Any
    ) -> AsyncRun[R]:
        return self._start(operation, create_reader(sources, selection, operation.validate), **options)

    def _start(
        self,
        operation: Operation[R],
        sources: SourceReader,
        **options: Any,
    ) -> AsyncRun[R]:
        options["journal"] = journal_path(options["journal"], self._api.account_digest, operation.job)
        if self._command:
            options["command"] = json.dumps({"folder": os.getcwd(), "arguments": self._command})
        validated = BulkOptions(timings=self._timings, multipart_threshold=self._multipart_threshold, **options)
        return AsyncRun(BulkEngine(self._api, operation, sources, validated))


def _may_have_questions(sources: object) -> bool:
    """Return whether a source may have a question of its own. What an iterator yields is not known yet."""
    if is_single(sources):
        return isinstance(sources, AnalyzeSource)
    given = cast("Collection[object]", sources)
    return not isinstance(sources, Collection) or any(isinstance(source, AnalyzeSource) for source in given)
