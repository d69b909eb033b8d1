"""``/embed-v2``: embeddings of texts and files, at once or by tasks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from .._jobs import EMBEDDING_TASK
from .._list_polls import PollSummaries
from .._request import argument_checks, require_ids, url_path
from .._response_values import created_id
from .._shared_poller import SharedPoller
from .._waiting import POLL_INTERVAL, WAIT_TIMEOUT, Callback, WaitOptions
from ..errors import InvalidArgumentError, InvalidArgumentTypeError
from ..models.embed_v_2 import EmbeddingSuccessResponse, EmbeddingTaskResponse, EmbedV2TasksCreateResponse
from ..options import EMBED_CATEGORIES, MAX_PAGE_LIMIT, OMIT, RequestOptions, is_given
from ._base import AsyncResource, resource
from ._raw import Awaited, Mode, Raw, raw, raw_pager, raw_responses_of
from .embed_tasks import EmbeddingTaskList

if TYPE_CHECKING:  # callers may pass dicts instead, and these models take a while to import
    from ..models.embed_v_2_inputs import (
        AsyncAudioInputRequest,
        AsyncDocumentInputRequest,
        AsyncImageInputRequest,
        AsyncVideoInputRequest,
        AudioInputRequest,
        EmbeddingInputParams,
        EmbeddingInputType,
        EmbeddingModel,
        EmbeddingTaskInputType,
        ImageInputRequest,
        MultiInputRequest,
        MultiInputRequestParams,
        TextImageInputRequest,
        TextInputRequest,
        VideoInputRequest,
    )

__all__ = ["AsyncEmbedV2", "AsyncEmbedV2Tasks"]


class AsyncEmbedV2Tasks(EmbeddingTaskList):
    """Embed files of any length: create tasks, wait for their embeddings, list them."""

    with_raw_response: RawEmbedV2Tasks[Awaited]

    list_path: ClassVar[str] = "/embed-v2/tasks"

    async def create(
        self,
        *,
        input_type: EmbeddingTaskInputType,
        model_name: EmbeddingModel,
        embedding_uncertainty: bool | None = OMIT,
        embedding_dimension: int | None = OMIT,
        audio: AsyncAudioInputRequest | EmbeddingInputParams | None = OMIT,
        video: AsyncVideoInputRequest | EmbeddingInputParams | None = OMIT,
        document: AsyncDocumentInputRequest | EmbeddingInputParams | None = OMIT,
        image: AsyncImageInputRequest | EmbeddingInputParams | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> EmbedV2TasksCreateResponse:
        """Start embedding a file. `wait_until_ready` returns the embeddings.

        Args:
            input_type: ``audio``, ``video``, ``document`` or ``image``: the name of the argument with the input.
            model_name: ``marengo3.5``, or ``marengo3.0`` for audio and video.
            embedding_uncertainty: True to return the uncertainty of each number (Marengo 3.5). Not for a whole audio
                file, video or PDF. Default: false.
            embedding_dimension: Length of an embedding: 128, 256 or 512 (Marengo 3.5). Default: 512.
            audio: Audio file, or a part of it. 4 seconds to 4 hours.
            video: Video, or a part of it. 4 seconds to 4 hours.
            document: PDF, plain text or Markdown. At most 512 MB.
            image: Image. At most 32 MB.

        Raises:
            ValueError: The argument that *input_type* names is missing.
            BadRequestError: An argument is invalid, or the platform cannot download the URL.
        """
        inputs = {"audio": audio, "video": video, "document": document, "image": image}
        with argument_checks(request_options):
            _require_input(input_type, inputs)
        body = {
            "input_type": input_type,
            "model_name": model_name,
            "embedding_uncertainty": embedding_uncertainty,
            "embedding_dimension": embedding_dimension,
            **inputs,
        }
        category = EMBED_CATEGORIES.get(input_type, "embed")
        return await self._post(
            "/embed-v2/tasks", EmbedV2TasksCreateResponse, request_options, json=body, category=category
        )

    async def create_and_wait(
        self,
        *,
        input_type: EmbeddingTaskInputType,
        model_name: EmbeddingModel,
        embedding_uncertainty: bool | None = OMIT,
        embedding_dimension: int | None = OMIT,
        audio: AsyncAudioInputRequest | EmbeddingInputParams | None = OMIT,
        video: AsyncVideoInputRequest | EmbeddingInputParams | None = OMIT,
        document: AsyncDocumentInputRequest | EmbeddingInputParams | None = OMIT,
        image: AsyncImageInputRequest | EmbeddingInputParams | None = OMIT,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[EmbeddingTaskResponse] | None = None,
        progress: bool = False,
        request_options: RequestOptions | None = None,
    ) -> EmbeddingTaskResponse:
        """Embed a file and wait for it.

        The arguments are those of `create` and `wait_until_ready`.

        Raises:
            JobFailedError: Embedding failed.
            WaitTimeoutError: Embedding was not finished in time.

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
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback, progress=progress)
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
        task_id = created_id("POST /embed-v2/tasks", created.id)
        return await self._poller(request_options).wait(task_id, options)

    async def wait_until_ready(
        self,
        task_id: str,
        *,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[EmbeddingTaskResponse] | None = None,
        progress: bool = False,
        request_options: RequestOptions | None = None,
    ) -> EmbeddingTaskResponse:
        """Wait until a file is embedded; return the task with its embeddings.

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
        return await self._poller(request_options).wait(task_id, options)

    def _poller(self, request_options: RequestOptions | None) -> SharedPoller[EmbeddingTaskResponse]:
        list_newest = partial(
            self._list, "/embed-v2/tasks", EmbeddingTaskResponse, None, request_options, page_limit=MAX_PAGE_LIMIT
        )
        return self._shared_poller(EMBEDDING_TASK, self.retrieve, PollSummaries(list_newest), request_options)

    async def retrieve(self, task_id: str, *, request_options: RequestOptions | None = None) -> EmbeddingTaskResponse:
        """Retrieve a task, with its embeddings if it is ready.

        They are kept for seven days.

        Raises:
            NotFoundError: No task has this id.
        """
        path = url_path("/embed-v2/tasks/{task_id}", task_id=task_id)
        return await self._get(path, EmbeddingTaskResponse, request_options)


@raw_responses_of(AsyncEmbedV2Tasks)
class RawEmbedV2Tasks(Raw[Mode]):
    """The methods of `AsyncEmbedV2Tasks`, which return the whole response."""

    list: Final = raw_pager(AsyncEmbedV2Tasks.list)
    create: Final = raw(AsyncEmbedV2Tasks.create)
    create_and_wait: Final = raw(AsyncEmbedV2Tasks.create_and_wait)
    wait_until_ready: Final = raw(AsyncEmbedV2Tasks.wait_until_ready)
    retrieve: Final = raw(AsyncEmbedV2Tasks.retrieve)


class AsyncEmbedV2(AsyncResource):
    """Embed texts and files: `create` at once, `tasks` for long files."""

    with_raw_response: RawEmbedV2[Awaited]

    @resource
    def tasks(self) -> AsyncEmbedV2Tasks:
        """Embedding tasks of files of any length."""
        return AsyncEmbedV2Tasks(self._transport)

    async def create(
        self,
        *,
        input_type: EmbeddingInputType,
        model_name: EmbeddingModel,
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
        """Embed a text or files, and return the embeddings at once.

        Args:
            input_type: The name of the argument with the input: ``text``, ``image``, ``text_image``, ``audio``,
                ``video``, ``multi_input``. Marengo 3.5 accepts only ``multi_input``.
            model_name: ``marengo3.0`` or ``marengo3.5``.
            auto_truncate: True to cut a text of more than 2,000 tokens, which is refused otherwise (Marengo 3.5).
            embedding_uncertainty: True to return the uncertainty of each number (Marengo 3.5). Not for documents, nor
                for texts together with files. Default: false.
            embedding_dimension: Length of an embedding: 128, 256 or 512 (Marengo 3.5). Default: 512.
            text: Text. At most 500 tokens.
            image: Image.
            text_image: Text and image, for one embedding.
            audio: Audio file, or a part of it. At most 10 minutes.
            video: Video, or a part of it. At most 10 minutes.
            multi_input: Text of at most 2,000 tokens, at most 10 files, or both, for one embedding. Marengo 3.0 accepts
                images; Marengo 3.5 also documents, and audio and videos of at most 30 seconds.

        Raises:
            ValueError: The argument that *input_type* names is missing.
            BadRequestError: An argument is invalid, or the platform cannot download a URL.
            ContentTooLargeError: A file is too large.

        Example:
            ::

                response = await client.embed.v_2.create(
                    input_type="text", model_name="marengo3.0", text={"input_text": "a rocket takes off"}
                )
                print(len(response.data[0].embedding))
        """
        inputs = {
            "text": text,
            "image": image,
            "text_image": text_image,
            "audio": audio,
            "video": video,
            "multi_input": multi_input,
        }
        with argument_checks(request_options):
            _require_input(input_type, inputs)
        body = {
            "input_type": input_type,
            "model_name": model_name,
            "auto_truncate": auto_truncate,
            "embedding_uncertainty": embedding_uncertainty,
            "embedding_dimension": embedding_dimension,
            **inputs,
        }
        category = EMBED_CATEGORIES.get(input_type, "embed")
        return await self._post("/embed-v2", EmbeddingSuccessResponse, request_options, json=body, category=category)


@raw_responses_of(AsyncEmbedV2)
class RawEmbedV2(Raw[Mode]):
    """The methods of `AsyncEmbedV2`, which return the whole response."""

    create: Final = raw(AsyncEmbedV2.create)


def _require_input(input_type: str, inputs: Mapping[str, Any]) -> None:
    """Validate that the input that *input_type* names is among *inputs*.

    Raises:
        TypeError: An input is a string.
        ValueError: The input is missing.
    """
    for name, value in inputs.items():
        if isinstance(value, str):
            raise InvalidArgumentTypeError(
                f'{name} must be a dict such as {{"input_text": "…"}}; got the str {value[:40]!r}.'
            )
    if not is_given(inputs.get(input_type, input_type)):
        raise InvalidArgumentError(f"input_type={input_type!r} requires {input_type}=.")
