"""``/embed``: vectors of texts, images and audio; of videos by tasks."""

from __future__ import annotations

from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Final

from .._files import File, opened
from ..models.embed import EmbeddingResponse
from ..options import OMIT, RequestOptions, is_given
from ._base import AsyncResource, part
from .embed_tasks import AsyncEmbedTasks

if TYPE_CHECKING:
    from .embed_v_2 import AsyncEmbedV2

EMBED: Final = "/embed"


class AsyncEmbed(AsyncResource):
    """Embed texts, images and audio; `v_2` knows more, and newer models."""

    tasks: cached_property[AsyncEmbedTasks] = part("embed_tasks.AsyncEmbedTasks")
    """Embeddings of videos."""
    v_2: cached_property[AsyncEmbedV2] = part("embed_v_2.AsyncEmbedV2")
    """The second version."""

    async def create(
        self,
        *,
        model_name: str,
        text: str | None = OMIT,
        image_url: str | None = OMIT,
        image_file: File | PathLike[str] | None = OMIT,
        audio_url: str | None = OMIT,
        audio_file: File | PathLike[str] | None = OMIT,
        audio_start_offset_sec: float | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> EmbeddingResponse:
        """Embed a text, an image, an audio file, or several of them, each for itself.

        Args:
            model_name: ``marengo3.0``.
            image_url: An image at a public URL.
            image_file: An image: a path, bytes, or an open binary file.
            audio_url: An audio file at a public URL.
            audio_file: An audio file: a path, bytes, or an open binary file.
            audio_start_offset_sec: Where to begin in the audio file, in seconds. Default: 0.

        Raises:
            BadRequestError: An argument is wrong, or a file cannot be reached.

        Example:
            ::

                answer = await client.embed.create(model_name="marengo3.0", text="a rocket takes off")
                print(answer.text_embedding.segments[0].float_[:3])
        """
        if not any(map(is_given, (text, image_url, image_file, audio_url, audio_file))):
            raise ValueError("Give something to embed: a text, an image or an audio file.")
        form = {
            "model_name": model_name,
            "text": text,
            "image_url": image_url,
            "audio_url": audio_url,
            "audio_start_offset_sec": audio_start_offset_sec,
        }
        async with opened(image_file=image_file, audio_file=audio_file) as files:
            return await self._post(EMBED, EmbeddingResponse, request_options, form=form, files=files, category="embed")
