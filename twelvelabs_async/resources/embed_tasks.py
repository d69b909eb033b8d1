"""``/embed/tasks``: embeddings of videos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Final, TypedDict, cast

from .._file_inputs import File
from .._files import open_files
from .._jobs import EMBEDDING_TASK
from .._list_polls import PollSummaries
from .._pagination import AsyncPager
from .._request import argument_checks, require_ids, url_path
from .._response_values import created_id
from .._shared_poller import SharedPoller
from .._waiting import POLL_INTERVAL, WAIT_TIMEOUT, Callback, WaitOptions, official_wait
from ..errors import InvalidArgumentError, InvalidArgumentTypeError
from ..models.embed import (
    EmbedTasksCreateResponse,
    EmbedTasksRetrieveResponse,
    MediaEmbeddingTask,
    TasksStatusResponse,
    VideoEmbeddingScope,
)
from ..models.indexed_assets import VideoEmbeddingOption
from ..options import MAX_PAGE_LIMIT, OMIT, RequestOptions, is_given
from ._base import AsyncResource, CreatedTasks, create_each, require_nonempty
from ._raw import Awaited, Mode, Raw, raw, raw_pager, raw_responses_of

__all__ = ["AsyncEmbedTasks", "CreateEmbeddingsTaskVideoParams"]


class CreateEmbeddingsTaskVideoParams(TypedDict, total=False):
    """A video of `AsyncEmbedTasks.create_bulk`, as arguments of `create`."""

    video_file: File
    video_url: str
    video_start_offset_sec: float
    video_end_offset_sec: float
    video_clip_length: float
    video_embedding_scope: Sequence[VideoEmbeddingScope]
    video_embedding_scopes: Sequence[VideoEmbeddingScope]  # the name in the documentation of the official SDK


class EmbeddingTaskList(AsyncResource):
    """The list of embedding tasks, which both versions of the endpoints have."""

    list_path: ClassVar[str]

    def list(
        self,
        *,
        started_at: str | None = None,
        ended_at: str | None = None,
        status: str | None = None,
        page: int | None = None,
        page_limit: int | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[MediaEmbeddingTask]:
        """List the tasks of the last seven days, the newest first.

        Args:
            started_at: Earliest creation time, RFC 3339.
            ended_at: Latest creation time, RFC 3339.
            status: ``processing``, ``ready`` or ``failed``.
            page: Number of the first page to read. Default: 1.
            page_limit: Tasks on a page. 1 to 50. Default: 10.
        """
        query = {"started_at": started_at, "ended_at": ended_at, "status": status, "page_limit": page_limit}
        return self._list(self.list_path, MediaEmbeddingTask, page, request_options, **query)


class AsyncEmbedTasks(EmbeddingTaskList):
    """Embed videos: create tasks, wait for their embeddings, list them.

    The API will deprecate these endpoints. Use `v_2.tasks` instead.
    """

    with_raw_response: RawEmbedTasks[Awaited]

    list_path: ClassVar[str] = "/embed/tasks"

    async def create(
        self,
        *,
        model_name: str,
        video_file: File | None = OMIT,
        video_url: str | None = OMIT,
        video_start_offset_sec: float | None = OMIT,
        video_end_offset_sec: float | None = OMIT,
        video_clip_length: float | None = OMIT,
        video_embedding_scope: Sequence[VideoEmbeddingScope] | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> EmbedTasksCreateResponse:
        """Start embedding a video. `wait_until_ready` returns the embeddings.

        Args:
            model_name: ``marengo3.0``.
            video_file: Video, as `File` describes: a path, bytes, or an open binary file. At most 2 GB.
            video_url: Public URL of the video; the API prefers it to *video_file*.
            video_start_offset_sec: Start of the embedded part of the video in seconds. Default: 0.
            video_end_offset_sec: End of the embedded part of the video in seconds; required together with the start.
            video_clip_length: Seconds of a clip, which has one embedding. 2 to 10. Default: 6.
            video_embedding_scope: ``clip`` for each clip, ``video`` for the whole video, or both. Default: ``clip``.

        Raises:
            ValueError: Both *video_file* and *video_url* are missing.
            BadRequestError: An argument is invalid, or the platform cannot download the URL.
        """
        with argument_checks(request_options):
            _require_source(video_file, video_url)
        form = {
            "model_name": model_name,
            "video_url": video_url,
            "video_start_offset_sec": video_start_offset_sec,
            "video_end_offset_sec": video_end_offset_sec,
            "video_clip_length": video_clip_length,
            "video_embedding_scope": video_embedding_scope,
        }
        async with open_files(video_file=video_file) as files:
            return await self._post(
                "/embed/tasks",
                EmbedTasksCreateResponse,
                request_options,
                form=form,
                files=files,
                category="embed_video",
            )

    async def create_bulk(
        self,
        *,
        model_name: str,
        videos: Sequence[CreateEmbeddingsTaskVideoParams],
        request_options: RequestOptions | None = None,
    ) -> CreatedTasks[EmbedTasksCreateResponse]:
        """Start embedding many videos, at most 8 at a time.

        Args:
            model_name: ``marengo3.0``.
            videos: Arguments of `create` for each video, such as ``{"video_url": "…"}``. An object with such
                attributes is accepted as well.

        Returns:
            The tasks that were created, in the order of *videos*. Errors of the others are logged as warnings, and
            are in ``failures``, by the position of the video.

        Raises:
            TypeError: One of *videos* has other keys than arguments of `create`.
            ValueError: *videos* is empty, or one of them has neither a file nor a URL.
        """
        sources = [_arguments_of(video) for video in require_nonempty("videos", videos, '[{"video_url": "…"}]')]
        with argument_checks(request_options):
            for source in sources:
                _require_source(source.get("video_file"), source.get("video_url"))
        return await create_each(
            lambda source: self.create(model_name=model_name, request_options=request_options, **source), sources
        )

    async def create_and_wait(
        self,
        *,
        model_name: str,
        video_file: File | None = OMIT,
        video_url: str | None = OMIT,
        video_start_offset_sec: float | None = OMIT,
        video_end_offset_sec: float | None = OMIT,
        video_clip_length: float | None = OMIT,
        video_embedding_scope: Sequence[VideoEmbeddingScope] | None = OMIT,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[TasksStatusResponse] | None = None,
        progress: bool = False,
        request_options: RequestOptions | None = None,
    ) -> EmbedTasksRetrieveResponse:
        """Embed a video and wait for it.

        The arguments are those of `create` and `wait_until_ready`.

        Raises:
            JobFailedError: Embedding failed.
            WaitTimeoutError: Embedding was not finished in time.
        """
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback, progress=progress)
        created = await self.create(
            model_name=model_name,
            video_file=video_file,
            video_url=video_url,
            video_start_offset_sec=video_start_offset_sec,
            video_end_offset_sec=video_end_offset_sec,
            video_clip_length=video_clip_length,
            video_embedding_scope=video_embedding_scope,
            request_options=request_options,
        )
        task_id = created_id("POST /embed/tasks", created.id)
        await self._poller(request_options).wait(task_id, options)
        return await self.retrieve(task_id, request_options=request_options)

    async def wait_until_ready(
        self,
        task_id: str,
        *,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[TasksStatusResponse] | None = None,
        progress: bool = False,
        request_options: RequestOptions | None = None,
    ) -> EmbedTasksRetrieveResponse:
        """Wait until a video is embedded; return the embeddings as `retrieve` does.

        All waits share a poller, which reads 50 tasks per request. Transient failures are retried, as is a 404 in the
        first 30 s.

        Args:
            task_id: The id that `create` returned.
            timeout: Seconds until the wait fails. Default: 3600.
            interval: Initial poll interval in seconds. It grows to 5 % of the elapsed time, at most 30 s. Default: 1.
            callback: Called in the event loop when the status has changed; may be a coroutine function.
            progress: True to show the status and the elapsed time. Needs tqdm. Default: false.

        Raises:
            JobFailedError: Embedding failed.
            WaitTimeoutError: Embedding was not finished in time.
            APIError: A poll failed, and so would the next one.
        """
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback, progress=progress)
        require_ids(task_id=task_id)
        await self._poller(request_options).wait(task_id, options)
        return await self.retrieve(task_id, request_options=request_options)

    async def wait_for_done(
        self,
        task_id: str,
        *,
        sleep_interval: float = 5.0,
        callback: Callback[TasksStatusResponse] | None = None,
        request_options: RequestOptions | None = None,
    ) -> TasksStatusResponse:
        """Wait until a video is embedded or its task has failed, without a time limit; return its status.

        Check the status: it is ``ready`` or ``failed``. `wait_until_ready` raises instead.

        Args:
            sleep_interval: Initial poll interval in seconds. It grows to 5 % of the elapsed time, at most 30 s.
                Default: 5.
            callback: Called in the event loop after every poll; may be a coroutine function.

        Raises:
            APIError: A poll failed, and so would the next one.
        """
        options = official_wait(sleep_interval, callback)
        require_ids(task_id=task_id)
        return await self._poller(request_options).wait(task_id, options)

    def _poller(self, request_options: RequestOptions | None) -> SharedPoller[TasksStatusResponse]:
        list_newest = partial(
            self._list, "/embed/tasks", TasksStatusResponse, None, request_options, page_limit=MAX_PAGE_LIMIT
        )
        return self._shared_poller(EMBEDDING_TASK, self.status, PollSummaries(list_newest), request_options)

    async def status(self, task_id: str, *, request_options: RequestOptions | None = None) -> TasksStatusResponse:
        """Retrieve the status of a task."""
        return await self._get(
            url_path("/embed/tasks/{task_id}/status", task_id=task_id), TasksStatusResponse, request_options
        )

    async def retrieve(
        self,
        task_id: str,
        *,
        embedding_option: VideoEmbeddingOption | Sequence[VideoEmbeddingOption] | None = None,
        request_options: RequestOptions | None = None,
    ) -> EmbedTasksRetrieveResponse:
        """Retrieve a task with its embeddings, which are kept for seven days.

        Args:
            task_id: The id that `create` returned.
            embedding_option: Embeddings to return: ``visual``, ``audio``, ``transcription``. Default: all.
        """
        path = url_path("/embed/tasks/{task_id}", task_id=task_id)
        query = {"embedding_option": embedding_option}
        return await self._get(path, EmbedTasksRetrieveResponse, request_options, query=query)


@raw_responses_of(AsyncEmbedTasks)
class RawEmbedTasks(Raw[Mode]):
    """The methods of `AsyncEmbedTasks`, which return the whole response."""

    list: Final = raw_pager(AsyncEmbedTasks.list)
    create: Final = raw(AsyncEmbedTasks.create)
    create_bulk: Final = raw(AsyncEmbedTasks.create_bulk)
    create_and_wait: Final = raw(AsyncEmbedTasks.create_and_wait)
    wait_until_ready: Final = raw(AsyncEmbedTasks.wait_until_ready)
    wait_for_done: Final = raw(AsyncEmbedTasks.wait_for_done)
    status: Final = raw(AsyncEmbedTasks.status)
    retrieve: Final = raw(AsyncEmbedTasks.retrieve)


def _arguments_of(video: Any) -> dict[str, Any]:
    """Return a video of `AsyncEmbedTasks.create_bulk` as arguments of `AsyncEmbedTasks.create`.

    Raises:
        TypeError: *video* has other keys than such arguments, or no such attributes.
    """
    known = CreateEmbeddingsTaskVideoParams.__annotations__.keys()
    is_mapping = isinstance(video, Mapping)
    given = cast("Mapping[str, Any]", video) if is_mapping else {name: getattr(video, name, None) for name in known}
    arguments = {name: value for name, value in given.items() if value is not None}
    if not (arguments or is_mapping) or not given.keys() <= known:
        raise InvalidArgumentTypeError(
            f"Each of videos must be a dict with keys among {', '.join(known)}; got {video!r:.100}."
        )
    if scopes := arguments.pop("video_embedding_scopes", None):
        arguments.setdefault("video_embedding_scope", scopes)
    return arguments


def _require_source(video_file: Any, video_url: Any) -> None:
    if not (is_given(video_file) or is_given(video_url)):
        raise InvalidArgumentError("A video is missing: pass video_file= or video_url=.")
