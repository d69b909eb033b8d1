"""``/tasks``: an upload and its indexing in one job."""

from __future__ import annotations

import builtins  # since `list` is a method here
from collections.abc import Sequence
from functools import partial
from os import PathLike
from typing import Any, Final

from .._files import File, opened
from .._jobs import VIDEO_INDEXING_TASK
from .._list_polls import PollUpdates
from .._pagination import AsyncPager
from .._request import require_ids
from .._shared_poller import SharedPoller
from .._transport import path
from .._waiting import POLL_INTERVAL, WAIT_TIMEOUT, Callback, WaitOptions
from ..models._base import UserMetadata
from ..models.tasks import TasksCreateResponse, TasksListRequestStatusItem, VideoIndexingTask
from ..options import MAX_PAGE_LIMIT, OMIT, RequestOptions, is_given
from ._base import AsyncResource, create_each

TASKS: Final = "/tasks"
TASK: Final = "/tasks/{task_id}"


class AsyncTasks(AsyncResource):
    """Upload videos and index each in one job. The API will drop it: upload assets and index them instead."""

    def list(
        self,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        sort_by: str | None = None,
        sort_option: str | None = None,
        index_id: str | None = None,
        status: TasksListRequestStatusItem | Sequence[TasksListRequestStatusItem] | None = None,
        filename: str | None = None,
        duration: float | None = None,
        width: int | None = None,
        height: int | None = None,
        created_at: str | None = None,
        updated_at: str | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[VideoIndexingTask]:
        """List the organisation's tasks.

        Args:
            page: The page to begin with. Default: 1.
            page_limit: Tasks on a page, 1 to 50. Default: 10.
            sort_by: ``created_at`` or ``updated_at``. Default: ``created_at``.
            sort_option: ``asc`` or ``desc``. Default: ``desc``, the newest first.
            status: Only tasks in this state, or in any of these: ``uploading``, ``validating``, ``pending``,
                ``queued``, ``indexing``, ``ready``, ``failed``.
            duration: Only videos of this length in seconds.
            width: Only videos of this many pixels.
            height: Only videos of this many pixels.
            created_at: Only tasks created at this time or later, RFC 3339.
            updated_at: Only tasks updated at this time or later, RFC 3339.
        """
        return self._list(
            TASKS,
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
        video_file: File | PathLike[str] | None = OMIT,
        video_url: str | None = OMIT,
        enable_video_stream: bool | None = OMIT,
        user_metadata: str | UserMetadata | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> TasksCreateResponse:
        """Upload a video, or have the platform fetch it, and start indexing it.

        Args:
            video_file: A path, bytes, or an open binary file, alone or as ``(name, file)``; at most 2 GB.
            video_url: Where the video is, publicly: a direct link, not a page that shows it.
            enable_video_stream: Whether to store the video for streaming by HLS. Default: yes.
            user_metadata: Your own data about the video.

        Raises:
            ValueError: There is no video, or two of them; or the file is empty.
            BadRequestError: The video does not meet the requirements of the index's models.

        Example:
            ::

                task = await client.tasks.create(index_id=index.id, video_url="https://example.com/talk.mp4")
                done = await client.tasks.wait_until_ready(task.id)
                print(done.video_id, done.status)
        """
        if is_given(video_file) == is_given(video_url or None):
            raise ValueError("A task is about one video: give either video_file= or video_url=.")
        async with opened(video_file=video_file) as files:
            return await self._post(
                TASKS,
                TasksCreateResponse,
                request_options,
                form={
                    "index_id": index_id,
                    "video_url": video_url,
                    "enable_video_stream": enable_video_stream,
                    "user_metadata": user_metadata,
                },
                files=files,
                category="indexing",
            )

    async def create_bulk(
        self,
        *,
        index_id: str,
        video_files: Sequence[File | PathLike[str]] | None = None,
        video_urls: Sequence[str] | None = None,
        enable_video_stream: bool | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> builtins.list[TasksCreateResponse | Exception]:
        """Start to index several videos, up to 8 at a time; `client.bulk.index` does so for any number of them.

        Args:
            video_files: Paths, bytes, or open binary files, each alone or as ``(name, file)``.
            video_urls: Where videos are, publicly.
            enable_video_stream: Whether to store the videos for streaming by HLS. Default: yes.

        Returns:
            A task for each file, then for each URL, in their order; in the place of one that could not be created
            stands the error.

        Raises:
            ValueError: There are no videos.
        """
        if isinstance(video_urls, str) or isinstance(video_files, str | bytes) or not (video_files or video_urls):
            raise ValueError("video_files or video_urls must list at least one video.")

        async def create(source: dict[str, Any]) -> TasksCreateResponse:
            return await self.create(
                index_id=index_id, **source, enable_video_stream=enable_video_stream, request_options=request_options
            )

        sources: list[dict[str, Any]] = [{"video_file": file} for file in video_files or ()]
        sources += [{"video_url": url} for url in video_urls or ()]
        return await create_each(create, sources)

    async def create_and_wait(
        self,
        *,
        index_id: str,
        video_file: File | PathLike[str] | None = OMIT,
        video_url: str | None = OMIT,
        enable_video_stream: bool | None = OMIT,
        user_metadata: str | UserMetadata | None = OMIT,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[VideoIndexingTask] | None = None,
        request_options: RequestOptions | None = None,
    ) -> VideoIndexingTask:
        """Index a video and wait until that is done; takes what `create` and `wait_until_ready` take.

        Raises:
            JobFailedError: It could not be indexed.
            WaitTimeoutError: It was not done in time.
        """
        WaitOptions(timeout=timeout, interval=interval, callback=callback)  # validated before anything is created
        created = await self.create(
            index_id=index_id,
            video_file=video_file,
            video_url=video_url,
            enable_video_stream=enable_video_stream,
            user_metadata=user_metadata,
            request_options=request_options,
        )
        return await self.wait_until_ready(
            created.id, timeout=timeout, interval=interval, callback=callback, request_options=request_options
        )

    async def wait_until_ready(
        self,
        task_id: str,
        *,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[VideoIndexingTask] | None = None,
        request_options: RequestOptions | None = None,
    ) -> VideoIndexingTask:
        """Wait until a video is indexed.

        Any number of waits share a poller, which costs a few requests an interval however many they are. Faults that
        pass are ridden out, as is a 404 in the first half minute.

        Args:
            timeout: Seconds to wait at most. Default: 3600.
            interval: Seconds between looks at first; a 20th of the time waited later on, at most 30. Default: 1.
            callback: Called whenever the status has changed; may be a coroutine function. It runs in the event loop.

        Raises:
            JobFailedError: It could not be indexed.
            WaitTimeoutError: It was not done in time.
            APIError: The API cannot be asked, and that will not pass.
        """
        require_ids(task_id=task_id)
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback)
        poller = self._shared_poller(self._new_poller, request_options=request_options)
        return await poller.wait(task_id, options)

    def _new_poller(self, request_options: RequestOptions | None) -> SharedPoller[VideoIndexingTask]:
        retrieve = partial(self.retrieve, request_options=request_options)
        list_newest = partial(self.list, sort_option="desc", page_limit=MAX_PAGE_LIMIT, request_options=request_options)
        return SharedPoller(VIDEO_INDEXING_TASK, retrieve, PollUpdates(VIDEO_INDEXING_TASK, list_newest))

    async def wait_for_done(
        self,
        task_id: str,
        *,
        sleep_interval: float = 5.0,
        callback: Callback[VideoIndexingTask] | None = None,
        request_options: RequestOptions | None = None,
    ) -> VideoIndexingTask:
        """Wait until a video is indexed, an hour at most, and describe the task; `wait_until_ready` has more to set.

        *sleep_interval* is what *interval* is there.

        Raises:
            JobFailedError: It could not be indexed.
            WaitTimeoutError: It was not done in time.
        """
        await self.wait_until_ready(
            task_id, interval=sleep_interval, callback=callback, request_options=request_options
        )
        return await self.retrieve(task_id, request_options=request_options)  # lists leave the stream out

    async def retrieve(self, task_id: str, *, request_options: RequestOptions | None = None) -> VideoIndexingTask:
        """Describe a task.

        Raises:
            BadRequestError: There is no such task.
        """
        return await self._get(path(TASK, task_id), VideoIndexingTask, request_options)

    async def delete(self, task_id: str, *, request_options: RequestOptions | None = None) -> None:
        """Delete a task that is over. If it is ``ready``, its video has to be deleted before.

        Raises:
            BadRequestError: It is still under way, or its video is still there.
        """
        await self._do("DELETE", path(TASK, task_id), request_options)
