"""``/embed``: embeddings of texts, images and audio; of videos by tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Never

from .._deprecations import warn_of_endpoint, warn_of_method
from .._file_inputs import File
from .._files import open_files
from .._removed import reject_keywords
from .._request import argument_checks
from ..errors import InvalidArgumentError
from ..models.embed import EmbeddingResponse
from ..options import EMBED_CATEGORIES, OMIT, RequestOptions, is_given
from ._base import AsyncResource, resource
from ._raw import Awaited, Mode, Raw, raw, raw_responses_of
from .embed_tasks import AsyncEmbedTasks

if TYPE_CHECKING:
    from .embed_v_2 import AsyncEmbedV2

__all__ = ["AsyncEmbed"]


class AsyncEmbed(AsyncResource):
    """Embed texts, images and audio. `v_2` has more kinds of input and newer models."""

    with_raw_response: RawEmbed[Awaited]

    @resource
    def tasks(self) -> AsyncEmbedTasks:
        """Embedding tasks of videos."""
        warn_of_endpoint("client.embed.tasks")
        return AsyncEmbedTasks(self._transport)

    @resource
    def v_2(self) -> AsyncEmbedV2:
        """Second version of the endpoints."""
        from .embed_v_2 import AsyncEmbedV2  # its models take a while to import

        return AsyncEmbedV2(self._transport)

    async def create(
        self,
        /,
        *,
        model_name: str,
        text: str | None = OMIT,
        image_url: str | None = OMIT,
        image_file: File | None = OMIT,
        audio_url: str | None = OMIT,
        audio_file: File | None = OMIT,
        audio_start_offset_sec: float | None = OMIT,
        request_options: RequestOptions | None = None,
        **removed: Never,
    ) -> EmbeddingResponse:
        """Embed a text, an image, an audio file, or several of them separately.

        The API will deprecate this endpoint. Use `v_2` instead.

        Args:
            model_name: ``marengo3.0``.
            text: Text to embed.
            image_url: Public URL of an image.
            image_file: Image, as `File` describes: a path, bytes, or an open binary file.
            audio_url: Public URL of an audio file.
            audio_file: Audio file, as `File` describes: a path, bytes, or an open binary file.
            audio_start_offset_sec: Start of the embedded part of the audio file in seconds. Default: 0.

        Raises:
            BadRequestError: An argument is invalid, or the platform cannot download a URL.

        Example:
            ::

                response = await client.embed.create(model_name="marengo3.0", text="a rocket takes off")
                print(response.text_embedding.segments[0].float_[:3])
        """
        reject_keywords(self.create, removed)
        await warn_of_method("client.embed.create")
        with argument_checks(request_options):
            if not any(map(is_given, (text, image_url, image_file, audio_url, audio_file))):
                raise InvalidArgumentError("Pass something to embed: a text, an image or an audio file.")
        form = {
            "model_name": model_name,
            "text": text,
            "image_url": image_url,
            "audio_url": audio_url,
            "audio_start_offset_sec": audio_start_offset_sec,
        }
        category = EMBED_CATEGORIES["audio"] if is_given(audio_url) or is_given(audio_file) else "embed"
        async with open_files(image_file=image_file, audio_file=audio_file) as files:
            return await self._post(
                "/embed", EmbeddingResponse, request_options, form=form, files=files, category=category
            )


@raw_responses_of(AsyncEmbed)
class RawEmbed(Raw[Mode]):
    """The methods of `AsyncEmbed`, which return the whole response."""

    create: Final = raw(AsyncEmbed.create)
