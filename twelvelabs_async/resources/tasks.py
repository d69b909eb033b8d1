"""``/tasks``: upload and indexing of a video in one job."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from .._file_inputs import File, require_files
from .._files import open_files
from .._jobs import VIDEO_INDEXING_TASK
from .._list_polls import PollUpdates
from .._pagination import AsyncPager
from .._request import argument_checks, require_ids, url_path
from .._response_values import created_id
from .._shared_poller import SharedPoller
from .._waiting import POLL_INTERVAL, WAIT_TIMEOUT, Callback, WaitOptions, official_wait
from ..errors import InvalidArgumentError
from ..models._base import UserMetadata
from ..models.tasks import TasksCreateResponse, VideoIndexingTask, VideoIndexingTaskStatus
from ..options import MAX_PAGE_LIMIT, OMIT, RequestOptions, is_given
from ._base import AsyncResource, CreatedTasks, create_each
from ._raw import Awaited, Mode, Raw, raw, raw_pager, raw_responses_of

__all__ = ["AsyncTasks"]


class AsyncTasks(AsyncResource):
    """Upload videos and index each in one job.

    The API will remove these endpoints. Upload assets and index them instead.
    """

    with_raw_response: RawTasks[Awaited]

    def list(
        self,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        sort_by: str | None = None,
        sort_option: str | None = None,
        index_id: str | None = None,
        status: VideoIndexingTaskStatus | Sequence[VideoIndexingTaskStatus] | None = None,
        filename: str | None = None,
        duration: float | None = None,
        width: int | None = None,
        height: int | None = None,
        created_at: str | None = None,
        updated_at: str | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[VideoIndexingTask]:
        """List the tasks of the organization.

        Args:
            page: Number of the first page to read. Default: 1.
            page_limit: Tasks on a page. 1 to 50. Default: 10.
            sort_by: ``created_at`` or ``updated_at``. Default: ``created_at``.
            sort_option: ``asc`` or ``desc``. Default: ``desc``, the newest first.
            index_id: Index of the tasks.
            status: One status or several: ``uploading``, ``validating``, ``pending``, ``queued``, ``indexing``,
                ``ready``, ``failed``.
            filename: Name of the file.
            duration: Duration of the video in seconds.
            width: Width of the video in pixels.
            height: Height of the video in pixels.
            created_at: Earliest creation time, RFC 3339.
            updated_at: Earliest time of the last update, RFC 3339.
        """
        return self._list(
            "/tasks",
            VideoIndexingTask,
            page,
            request_options,
            page_limit=page_limit,
            sort_by=sort_by,
            sort_option=sort_option,
            index_id=index_id,
            status=status,
            filename=filename,
            duration=duration,
            width=width,
            height=height,
            created_at=created_at,
            updated_at=updated_at,
        )

    async def create(
        self,
        *,
        index_id: str,
        video_file: File | None = OMIT,
        video_url: str | None = OMIT,
        enable_video_stream: bool | None = OMIT,
        user_metadata: str | UserMetadata | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> TasksCreateResponse:
        """Upload a video, or let the platform download it, and start indexing it.

        Args:
            video_file: Video, as `File` describes: a path, bytes, or an open binary file. At most 2 GB.
            video_url: Direct link to a public video, not a page that shows it.
            enable_video_stream: True to store the video for streaming by HLS. Default: true.
            user_metadata: Metadata of the video.

        Raises:
            ValueError: *video_file* and *video_url* are both given or both missing, or the file is empty.
            BadRequestError: The video does not meet the requirements of the index's models.

        Example:
            ::

                task = await client.tasks.create(index_id=index.id, video_url="https://example.com/talk.mp4")
                done = await client.tasks.wait_until_ready(task.id)
                print(done.video_id, done.status)
        """
        with argument_checks(request_options):
            if is_given(video_file) == is_given(video_url or None):
                raise InvalidArgumentError("Pass either video_file= or video_url=, exactly one of them.")
        form = {
            "index_id": index_id,
            "video_url": video_url,
            "enable_video_stream": enable_video_stream,
            "user_metadata": user_metadata,
        }
        async with open_files(video_file=video_file) as files:
            return await self._post(
                "/tasks", TasksCreateResponse, request_options, form=form, files=files, category="indexing"
            )

    async def create_bulk(
        self,
        *,
        index_id: str,
        video_files: Sequence[File] | None = None,
        video_urls: Sequence[str] | None = None,
        enable_video_stream: bool | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> CreatedTasks[TasksCreateResponse]:
        """Start indexing several videos, at most 8 at a time.

        `client.bulk.index` indexes any number of them.

        Args:
            video_files: Videos, as `File` describes: paths, bytes, or open binary files.
            video_urls: Direct links to public videos.
            enable_video_stream: True to store the videos for streaming by HLS. Default: true.

        Returns:
            The tasks that were created, in the order of the files, then of the URLs. Errors of the others are logged
            as warnings, and are in ``failures``, by the position of the video.

        Raises:
            ValueError: There is no video.
            TypeError: *video_files* is one file.
        """
        files = require_files("video_files", video_files or ())
        if isinstance(video_urls, str) or not (files or video_urls):
            raise InvalidArgumentError("Pass a list of at least one video as video_files= or video_urls=.")

        async def create(source: dict[str, Any]) -> TasksCreateResponse:
            return await self.create(
                index_id=index_id, **source, enable_video_stream=enable_video_stream, request_options=request_options
            )

        sources: list[dict[str, Any]] = [{"video_file": file} for file in files]
        sources += [{"video_url": url} for url in video_urls or ()]
        return await create_each(create, sources)

    async def create_and_wait(
        self,
        *,
        index_id: str,
        video_file: File | None = OMIT,
        video_url: str | None = OMIT,
        enable_video_stream: bool | None = OMIT,
        user_metadata: str | UserMetadata | None = OMIT,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[VideoIndexingTask] | None = None,
        progress: bool = False,
        request_options: RequestOptions | None = None,
    ) -> VideoIndexingTask:
        """Index a video and wait for it.

        The arguments are those of `create` and `wait_until_ready`.

        Raises:
            JobFailedError: Indexing failed.
            WaitTimeoutError: Indexing was not finished in time.
        """
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback, progress=progress)
        created = await self.create(
            index_id=index_id,
            video_file=video_file,
            video_url=video_url,
            enable_video_stream=enable_video_stream,
            user_metadata=user_metadata,
            request_options=request_options,
        )
        task_id = created_id("POST /tasks", created.id)
        return await self._poller(request_options).wait(task_id, options)

    async def wait_until_ready(
        self,
        task_id: str,
        *,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[VideoIndexingTask] | None = None,
        progress: bool = False,
        request_options: RequestOptions | None = None,
    ) -> VideoIndexingTask:
        """Wait until a video is indexed.

        All waits share a poller, which sends a few requests per interval. Transient failures are retried, as is a 404
        in the first 30 s.

        Args:
            timeout: Seconds until the wait fails. Default: 3600.
            interval: Initial poll interval in seconds. It grows to 5 % of the elapsed time, at most 30 s. Default: 1.
            callback: Called in the event loop when the status has changed; may be a coroutine function.
            progress: True to show the status and the elapsed time. Needs tqdm. Default: false.

        Raises:
            JobFailedError: Indexing failed.
            WaitTimeoutError: Indexing was not finished in time.
            APIError: A poll failed, and so would the next one.
        """
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback, progress=progress)
        require_ids(task_id=task_id)
        return await self._poller(request_options).wait(task_id, options)

    async def wait_for_done(
        self,
        task_id: str,
        *,
        sleep_interval: float = 5.0,
        callback: Callback[VideoIndexingTask] | None = None,
        request_options: RequestOptions | None = None,
    ) -> VideoIndexingTask:
        """Wait until a video is indexed or its task has failed, without a time limit; return the whole task.

        Check its status: it is ``ready`` or ``failed``. `wait_until_ready` raises instead.

        Args:
            sleep_interval: Initial poll interval in seconds. It grows to 5 % of the elapsed time, at most 30 s.
                Default: 5.
            callback: Called in the event loop after every poll; may be a coroutine function.

        Raises:
            APIError: A poll failed, and so would the next one.
        """
        options = official_wait(sleep_interval, callback)
        require_ids(task_id=task_id)
        await self._poller(request_options).wait(task_id, options)
        return await self.retrieve(task_id, request_options=request_options)  # lists have no `hls`

    def _poller(self, request_options: RequestOptions | None) -> SharedPoller[VideoIndexingTask]:
        list_newest = partial(self.list, sort_option="desc", page_limit=MAX_PAGE_LIMIT, request_options=request_options)
        return self._shared_poller(VIDEO_INDEXING_TASK, self.retrieve, PollUpdates(list_newest), request_options)

    async def retrieve(self, task_id: str, *, request_options: RequestOptions | None = None) -> VideoIndexingTask:
        """Retrieve a task.

        Raises:
            BadRequestError: No task has this id.
        """
        return await self._get(url_path("/tasks/{task_id}", task_id=task_id), VideoIndexingTask, request_options)

    async def delete(self, task_id: str, *, request_options: RequestOptions | None = None) -> None:
        """Delete a finished task. If its status is ``ready``, delete its video first.

        Raises:
            BadRequestError: The task is not finished, or its video exists.
        """
        await self._send("DELETE", url_path("/tasks/{task_id}", task_id=task_id), request_options)


@raw_responses_of(AsyncTasks)
class RawTasks(Raw[Mode]):
    """The methods of `AsyncTasks`, which return the whole response."""

    list: Final = raw_pager(AsyncTasks.list)
    create: Final = raw(AsyncTasks.create)
    create_bulk: Final = raw(AsyncTasks.create_bulk)
    create_and_wait: Final = raw(AsyncTasks.create_and_wait)
    wait_until_ready: Final = raw(AsyncTasks.wait_until_ready)
    wait_for_done: Final = raw(AsyncTasks.wait_for_done)
    retrieve: Final = raw(AsyncTasks.retrieve)
    delete: Final = raw(AsyncTasks.delete)
