"""``/embed/tasks``: vectors of videos."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from os import PathLike
from typing import Any, ClassVar, Final, TypedDict

from .._files import File, opened
from .._jobs import EMBEDDING_TASK
from .._list_polls import PollSummaries
from .._pagination import AsyncPager
from .._request import require_ids
from .._shared_poller import SharedPoller
from .._transport import path
from .._waiting import POLL_INTERVAL, WAIT_TIMEOUT, Callback, WaitOptions
from ..models.embed import (
    EmbedTasksCreateResponse,
    EmbedTasksRetrieveResponse,
    MediaEmbeddingTask,
    TasksCreateRequestVideoEmbeddingScopeItem,
    TasksStatusResponse,
)
from ..models.indexed_assets import IndexedAssetsRetrieveRequestEmbeddingOptionItem
from ..options import MAX_PAGE_LIMIT, OMIT, RequestOptions, is_given
from ._base import AsyncResource, create_each, some

__all__ = ["CreateEmbeddingsTaskVideoParams"]

TASKS: Final = "/embed/tasks"
ONE: Final = "/embed/tasks/{task_id}"
STATUS: Final = "/embed/tasks/{task_id}/status"


class CreateEmbeddingsTaskVideoParams(TypedDict, total=False):
    """A video of `AsyncEmbedTasks.create_bulk`, with the arguments of `AsyncEmbedTasks.create`."""

    video_file: File | PathLike[str]
    video_url: str
    video_start_offset_sec: float
    video_end_offset_sec: float
    video_clip_length: float
    video_embedding_scope: Sequence[TasksCreateRequestVideoEmbeddingScopeItem]


class ListedTasks(AsyncResource):
    """Embedding tasks, listed alike in both versions."""

    tasks: ClassVar[str]

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
            started_at: Only tasks created after this time, RFC 3339.
            ended_at: Only tasks created before this time, RFC 3339.
            status: Only tasks in this state: ``processing``, ``ready``, ``failed``.
            page: The page to begin with. Default: 1.
            page_limit: Items on a page, 1 to 50. Default: 10.
        """
        query = {"started_at": started_at, "ended_at": ended_at, "status": status, "page_limit": page_limit}
        return self._list(self.tasks, MediaEmbeddingTask, page, request_options, **query)


class AsyncEmbedTasks(ListedTasks):
    """Embed videos: create tasks, wait for their vectors, list them."""

    tasks: ClassVar[str] = TASKS

    async def create(
        self,
        *,
        model_name: str,
        video_file: File | PathLike[str] | None = OMIT,
        video_url: str | None = OMIT,
        video_start_offset_sec: float | None = OMIT,
        video_end_offset_sec: float | None = OMIT,
        video_clip_length: float | None = OMIT,
        video_embedding_scope: Sequence[TasksCreateRequestVideoEmbeddingScopeItem] | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> EmbedTasksCreateResponse:
        """Start to embed a video; `wait_until_ready` gives the vectors.

        Args:
            model_name: ``marengo3.0``.
            video_file: The video: a path, bytes, or an open binary file; at most 2 GB.
            video_url: The video at a public URL, which is taken instead of the file.
            video_start_offset_sec: Where to begin in the video, in seconds. Default: 0.
            video_end_offset_sec: Where to end in the video, in seconds; to be given if the start is.
            video_clip_length: Seconds that each vector is for, 2 to 10. Default: 6.
            video_embedding_scope: ``clip`` for each clip, ``video`` for the whole, too. Default: only clips.

        Raises:
            BadRequestError: An argument is wrong, or the video cannot be reached.
        """
        _check_source(video_file, video_url)
        form = {
            "model_name": model_name,
            "video_url": video_url,
            "video_start_offset_sec": video_start_offset_sec,
            "video_end_offset_sec": video_end_offset_sec,
            "video_clip_length": video_clip_length,
            "video_embedding_scope": video_embedding_scope,
        }
        async with opened(video_file=video_file) as files:
            return await self._post(
                TASKS, EmbedTasksCreateResponse, request_options, form=form, files=files, category="embed"
            )

    async def create_bulk(
        self,
        *,
        model_name: str,
        videos: Sequence[CreateEmbeddingsTaskVideoParams],
        request_options: RequestOptions | None = None,
    ) -> list[EmbedTasksCreateResponse | Exception]:
        """Start to embed many videos, up to 8 at a time.

        Args:
            model_name: ``marengo3.0``.
            videos: What `create` takes of each video, as ``{"video_url": "…", "video_embedding_scope": ["clip"]}``.

        Returns:
            A task for each video, in the order of *videos*; the error in its place if it could not be created.
        """
        known = CreateEmbeddingsTaskVideoParams.__annotations__.keys()
        for video in some("videos", videos, '[{"video_url": "…"}]'):
            if not {*video} <= known:
                raise TypeError(f"Each video must be a dict with some of {', '.join(known)}, not {video!r}.")
            _check_source(video.get("video_file"), video.get("video_url"))
        return await create_each(
            lambda video: self.create(model_name=model_name, request_options=request_options, **video), videos
        )

    async def create_and_wait(
        self,
        *,
        model_name: str,
        video_file: File | PathLike[str] | None = OMIT,
        video_url: str | None = OMIT,
        video_start_offset_sec: float | None = OMIT,
        video_end_offset_sec: float | None = OMIT,
        video_clip_length: float | None = OMIT,
        video_embedding_scope: Sequence[TasksCreateRequestVideoEmbeddingScopeItem] | None = OMIT,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[TasksStatusResponse] | None = None,
        request_options: RequestOptions | None = None,
    ) -> EmbedTasksRetrieveResponse:
        """Embed a video and wait for its vectors; takes what `create` and `wait_until_ready` take.

        Raises:
            JobFailedError: It could not be embedded.
            WaitTimeoutError: It was not done in time.
        """
        WaitOptions(timeout=timeout, interval=interval, callback=callback)  # validated before anything is created
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
        return await self.wait_until_ready(
            created.id, timeout=timeout, interval=interval, callback=callback, request_options=request_options
        )

    async def wait_until_ready(
        self,
        task_id: str,
        *,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[TasksStatusResponse] | None = None,
        request_options: RequestOptions | None = None,
    ) -> EmbedTasksRetrieveResponse:
        """Wait until a video is embedded, and get the vectors, as from `retrieve`.

        Any number of waits share a poller, which reads of 50 tasks at once. Faults that pass are ridden out, as is a
        404 in the first half minute.

        Args:
            task_id: The id that `create` returned.
            timeout: Seconds to wait at most. Default: 3600.
            interval: Seconds between looks at first; a 20th of the time waited later on, at most 30. Default: 1.
            callback: Called whenever the status has changed; may be a coroutine function. It runs in the event loop.

        Raises:
            JobFailedError: It could not be embedded.
            WaitTimeoutError: It was not done in time.
            APIError: The API cannot be asked, and that will not pass.
        """
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback)
        await self._wait(task_id, options, request_options)
        return await self.retrieve(task_id, request_options=request_options)

    async def wait_for_done(
        self,
        task_id: str,
        *,
        sleep_interval: float = 5.0,
        callback: Callback[TasksStatusResponse] | None = None,
        request_options: RequestOptions | None = None,
    ) -> TasksStatusResponse:
        """Wait until a video is embedded, an hour at most; `wait_until_ready` has more to set, and gives the vectors.

        *sleep_interval* is what *interval* is there.

        Raises:
            JobFailedError: It could not be embedded.
            WaitTimeoutError: It was not done in time.
        """
        options = WaitOptions(interval=sleep_interval, callback=callback)
        return await self._wait(task_id, options, request_options)

    async def _wait(
        self, task_id: str, options: WaitOptions, request_options: RequestOptions | None
    ) -> TasksStatusResponse:
        require_ids(task_id=task_id)
        poller = self._shared_poller(self._new_poller, request_options=request_options)
        return await poller.wait(task_id, options)

    def _new_poller(self, request_options: RequestOptions | None) -> SharedPoller[TasksStatusResponse]:
        retrieve = partial(self.status, request_options=request_options)
        list_newest = partial(self._list, TASKS, TasksStatusResponse, None, request_options, page_limit=MAX_PAGE_LIMIT)
        return SharedPoller(EMBEDDING_TASK, retrieve, PollSummaries(EMBEDDING_TASK, list_newest))

    async def status(self, task_id: str, *, request_options: RequestOptions | None = None) -> TasksStatusResponse:
        """Tell how far a task has come."""
        return await self._get(path(STATUS, task_id), TasksStatusResponse, request_options)

    async def retrieve(
        self,
        task_id: str,
        *,
        embedding_option: IndexedAssetsRetrieveRequestEmbeddingOptionItem
        | Sequence[IndexedAssetsRetrieveRequestEmbeddingOptionItem]
        | None = None,
        request_options: RequestOptions | None = None,
    ) -> EmbedTasksRetrieveResponse:
        """Get the vectors of a task that is ready; they are kept for seven days.

        Args:
            task_id: The id that `create` returned.
            embedding_option: Only vectors of these: ``visual``, ``audio``, ``transcription``. Default: all there are.
        """
        query = {"embedding_option": embedding_option}
        return await self._get(path(ONE, task_id), EmbedTasksRetrieveResponse, request_options, query=query)


def _check_source(video_file: Any, video_url: Any) -> None:
    if not (is_given(video_file) or is_given(video_url)):
        raise ValueError("A video needs video_file= or video_url=.")
