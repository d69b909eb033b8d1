"""``/embed-v2``: vectors of texts, images, audio, videos and documents, at once or by tasks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from .._jobs import EMBEDDING_TASK
from .._list_polls import PollSummaries
from .._request import require_ids
from .._shared_poller import SharedPoller
from .._transport import path
from .._waiting import POLL_INTERVAL, WAIT_TIMEOUT, Callback, WaitOptions
from ..models.embed_v_2 import EmbeddingSuccessResponse, EmbeddingTaskResponse, EmbedV2TasksCreateResponse
from ..options import MAX_PAGE_LIMIT, OMIT, RequestOptions, is_given
from ._base import AsyncResource, part
from .embed_tasks import ListedTasks

if TYPE_CHECKING:  # dicts do as well, and importing these takes a while
    from ..models.embed_v_2_inputs import (
        AsyncAudioInputRequest,
        AsyncDocumentInputRequest,
        AsyncImageInputRequest,
        AsyncVideoInputRequest,
        AudioInputRequest,
        CreateAsyncEmbeddingRequestInputType,
        CreateEmbeddingsRequestInputType,
        CreateEmbeddingsRequestModelName,
        EmbeddingInputParams,
        ImageInputRequest,
        MultiInputRequest,
        MultiInputRequestParams,
        TextImageInputRequest,
        TextInputRequest,
        VideoInputRequest,
    )

EMBED: Final = "/embed-v2"
TASKS: Final = "/embed-v2/tasks"
ONE: Final = "/embed-v2/tasks/{task_id}"


class AsyncEmbedV2Tasks(ListedTasks):
    """Embed files of any length: create tasks, wait for their vectors, list them."""

    tasks: ClassVar[str] = TASKS

    async def create(
        self,
        *,
        input_type: CreateAsyncEmbeddingRequestInputType,
        model_name: CreateEmbeddingsRequestModelName,
        embedding_uncertainty: bool | None = OMIT,
        embedding_dimension: int | None = OMIT,
        audio: AsyncAudioInputRequest | EmbeddingInputParams | None = OMIT,
        video: AsyncVideoInputRequest | EmbeddingInputParams | None = OMIT,
        document: AsyncDocumentInputRequest | EmbeddingInputParams | None = OMIT,
        image: AsyncImageInputRequest | EmbeddingInputParams | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> EmbedV2TasksCreateResponse:
        """Start to embed a file; `wait_until_ready` gives the vectors.

        Args:
            input_type: ``audio``, ``video``, ``document`` or ``image``: which of the arguments of these names is given.
            model_name: ``marengo3.5``, or ``marengo3.0`` for audio and video.
            embedding_uncertainty: Whether to return how unsure each number is; not for whole audio files, videos or
                PDFs (Marengo 3.5). Default: no.
            embedding_dimension: Length of the vectors (Marengo 3.5). Default: 512.
            audio: An audio file of 4 seconds to 4 hours, or a stretch of it.
            video: A video of 4 seconds to 4 hours, or a stretch of it.
            document: A PDF, plain text or Markdown file.

        Raises:
            BadRequestError: An argument is wrong, or the file cannot be reached.
        """
        inputs = _checked(input_type, audio=audio, video=video, document=document, image=image)
        more = {"embedding_uncertainty": embedding_uncertainty, "embedding_dimension": embedding_dimension}
        body = {"input_type": input_type, "model_name": model_name, **more, **inputs}
        return await self._post(TASKS, EmbedV2TasksCreateResponse, request_options, json=body, category="embed")

    async def create_and_wait(
        self,
        *,
        input_type: CreateAsyncEmbeddingRequestInputType,
        model_name: CreateEmbeddingsRequestModelName,
        embedding_uncertainty: bool | None = OMIT,
        embedding_dimension: int | None = OMIT,
        audio: AsyncAudioInputRequest | EmbeddingInputParams | None = OMIT,
        video: AsyncVideoInputRequest | EmbeddingInputParams | None = OMIT,
        document: AsyncDocumentInputRequest | EmbeddingInputParams | None = OMIT,
        image: AsyncImageInputRequest | EmbeddingInputParams | None = OMIT,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[EmbeddingTaskResponse] | None = None,
        request_options: RequestOptions | None = None,
    ) -> EmbeddingTaskResponse:
        """Embed a file and wait for its vectors; takes what `create` and `wait_until_ready` take.

        Raises:
            JobFailedError: It could not be embedded.
            WaitTimeoutError: It was not done in time.

        Example:
            ::

                task = await client.embed.v_2.tasks.create_and_wait(
                    input_type="video",
                    model_name="marengo3.0",
                    video={"media_source": {"asset_id": asset.id}, "embedding_scope": ["clip"]},
                )
                for found in task.data or []:
                    print(found.start_sec, found.end_sec, found.embedding_option, found.embedding[:3])
        """
        WaitOptions(timeout=timeout, interval=interval, callback=callback)  # validated before anything is created
        created = await self.create(
            input_type=input_type,
            model_name=model_name,
            embedding_uncertainty=embedding_uncertainty,
            embedding_dimension=embedding_dimension,
            audio=audio,
            video=video,
            document=document,
            image=image,
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
        callback: Callback[EmbeddingTaskResponse] | None = None,
        request_options: RequestOptions | None = None,
    ) -> EmbeddingTaskResponse:
        """Wait for the vectors of a task.

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
        require_ids(task_id=task_id)
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback)
        poller = self._shared_poller(self._new_poller, request_options=request_options)
        return await poller.wait(task_id, options)

    def _new_poller(self, request_options: RequestOptions | None) -> SharedPoller[EmbeddingTaskResponse]:
        retrieve = partial(self.retrieve, request_options=request_options)
        list_newest = partial(
            self._list, TASKS, EmbeddingTaskResponse, None, request_options, page_limit=MAX_PAGE_LIMIT
        )
        return SharedPoller(EMBEDDING_TASK, retrieve, PollSummaries(EMBEDDING_TASK, list_newest))

    async def retrieve(self, task_id: str, *, request_options: RequestOptions | None = None) -> EmbeddingTaskResponse:
        """Describe a task, with its vectors once it is ready; they are kept for seven days.

        Raises:
            NotFoundError: There is no such task.
        """
        return await self._get(path(ONE, task_id), EmbeddingTaskResponse, request_options)


class AsyncEmbedV2(AsyncResource):
    """Embed texts and files: `create` at once, `tasks` for long files."""

    tasks: cached_property[AsyncEmbedV2Tasks] = part("embed_v_2.AsyncEmbedV2Tasks")
    """Embeddings of files of any length."""

    async def create(
        self,
        *,
        input_type: CreateEmbeddingsRequestInputType,
        model_name: CreateEmbeddingsRequestModelName,
        auto_truncate: bool | None = OMIT,
        embedding_uncertainty: bool | None = OMIT,
        embedding_dimension: int | None = OMIT,
        text: TextInputRequest | EmbeddingInputParams | None = OMIT,
        image: ImageInputRequest | EmbeddingInputParams | None = OMIT,
        text_image: TextImageInputRequest | EmbeddingInputParams | None = OMIT,
        audio: AudioInputRequest | EmbeddingInputParams | None = OMIT,
        video: VideoInputRequest | EmbeddingInputParams | None = OMIT,
        multi_input: MultiInputRequest | MultiInputRequestParams | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> EmbeddingSuccessResponse:
        """Embed something, and get the vectors at once.

        Args:
            input_type: Which of the arguments of these names is given: ``text``, ``image``, ``text_image``, ``audio``,
                ``video``, ``multi_input``; with Marengo 3.5 only the last one.
            model_name: ``marengo3.0`` or ``marengo3.5``.
            auto_truncate: Whether a text of more than 2,000 tokens is cut, not refused (Marengo 3.5).
            embedding_uncertainty: Whether to return how unsure each number is; not for texts together with files, nor
                for documents (Marengo 3.5). Default: no.
            embedding_dimension: Length of the vectors (Marengo 3.5). Default: 512.
            text: A text of at most 500 tokens.
            text_image: A text and an image, for one vector.
            audio: An audio file of at most 10 minutes, or a stretch of it.
            video: A video of at most 10 minutes, or a stretch of it.
            multi_input: A text of at most 2,000 tokens, up to 10 files, or both, for one vector. With Marengo 3.0 the
                files are images; with 3.5 also audio and videos of at most 30 seconds, and documents.

        Raises:
            BadRequestError: An argument is wrong, or the file cannot be reached.
            ContentTooLargeError: A file is too large.

        Example:
            ::

                answer = await client.embed.v_2.create(
                    input_type="text", model_name="marengo3.0", text={"input_text": "a rocket takes off"}
                )
                print(len(answer.data[0].embedding))
        """
        inputs = _checked(
            input_type, text=text, image=image, text_image=text_image, audio=audio, video=video, multi_input=multi_input
        )
        more = {
            "auto_truncate": auto_truncate,
            "embedding_uncertainty": embedding_uncertainty,
            "embedding_dimension": embedding_dimension,
        }
        body = {"input_type": input_type, "model_name": model_name, **more, **inputs}
        return await self._post(EMBED, EmbeddingSuccessResponse, request_options, json=body, category="embed")


def _checked(input_type: str, **inputs: Any) -> Mapping[str, Any]:
    for name, value in inputs.items():
        if isinstance(value, str):
            raise TypeError(f'{name} must be a dict such as {{"input_text": "…"}}, not a str.')
    if not is_given(inputs.get(input_type, input_type)):
        raise ValueError(f"input_type={input_type!r} needs {input_type}=.")
    return inputs
