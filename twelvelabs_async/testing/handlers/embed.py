"""Version 1 of the Embed API: embeddings of texts and files, and tasks that embed videos."""

from __future__ import annotations

import math
from typing import Literal, get_args

import attrs

from ...media.headers import read_media
from ...media.types import MediaKind
from ..content import Content, complete
from ..converter import UploadedFile
from ..parameters import public_url, within
from ..problem import Json, missing
from ..state import EmbeddedSegment, EmbeddingInput
from ..vectors import embedding
from .embedding_inputs import Input, file_input
from .embedding_tasks import ListEmbeddingTasks, add_task, kept_tasks, list_tasks, listed_task_json
from .indexed_assets import EmbeddingOption
from .media import MediaSource, find_content
from .operation import Context, operation
from .tables import find, only

MAX_FILE_BYTES = 2 * 1000**3
"""Largest file of a form (docs: Create embeddings)."""

MODEL_NAME: Literal["marengo3.0"] = "marengo3.0"

Scope = Literal["clip", "video"]


@attrs.frozen(kw_only=True)
class CreateEmbedding:
    model_name: Literal["marengo3.0"]
    text: str | None = None
    image_url: str | None = attrs.field(default=None, validator=public_url)
    image_file: UploadedFile | None = None
    audio_url: str | None = attrs.field(default=None, validator=public_url)
    audio_file: UploadedFile | None = None
    audio_start_offset_sec: float = attrs.field(default=0.0, validator=within(0, math.inf))

    def __attrs_post_init__(self) -> None:
        if not any((self.text, self.image_url, self.image_file, self.audio_url, self.audio_file)):
            raise missing("text, image_url, image_file, audio_url or audio_file")


@attrs.frozen(kw_only=True)
class CreateVideoEmbeddingTask:
    model_name: Literal["marengo3.0"]
    video_url: str | None = attrs.field(default=None, validator=public_url)
    video_file: UploadedFile | None = None
    video_start_offset_sec: float | None = attrs.field(default=None, validator=within(0, math.inf))
    video_end_offset_sec: float | None = attrs.field(default=None, validator=within(0, math.inf))
    video_clip_length: float = attrs.field(default=6.0, validator=within(2, 10))
    video_embedding_scope: list[Scope] = attrs.field(factory=lambda: ["clip"])

    def __attrs_post_init__(self) -> None:
        if not self.video_url and not self.video_file:
            raise missing("video_url or video_file")
        if (self.video_start_offset_sec is None) != (self.video_end_offset_sec is None):
            raise missing("video_start_offset_sec and video_end_offset_sec")


@attrs.frozen(kw_only=True)
class RetrieveVideoEmbeddingTask:
    embedding_option: list[EmbeddingOption] = attrs.field(factory=lambda: [*get_args(EmbeddingOption)])


def file_json(given: EmbeddingInput) -> Json:
    """Return the embeddings of an image or an audio file."""
    segments = [{"float": segment.embedding, **_offsets(segment)} for segment in given.segments()]
    return {"segments": segments, "metadata": given.source}


def segment_json(segment: EmbeddedSegment) -> Json:
    return {
        "float": segment.embedding,
        "embedding_option": segment.option,
        "embedding_scope": segment.scope.replace("asset", "video"),
        **_offsets(segment),
    }


def _offsets(segment: EmbeddedSegment) -> Json:
    return {"start_offset_sec": segment.span[0], "end_offset_sec": segment.span[1]} if segment.span else {}


@operation("POST", "/embed", max_file_bytes=MAX_FILE_BYTES)
def create(context: Context, request: CreateEmbedding) -> Json:
    shown: Json = {"model_name": MODEL_NAME}
    if request.text:
        shown["text_embedding"] = {"segments": [{"float": embedding(request.text)}]}
    if request.image_file or request.image_url:
        image = _form_input(context, "image", request.image_file, request.image_url, Input())
        shown["image_embedding"] = file_json(image)
    if request.audio_file or request.audio_url:
        settings = Input(
            start_sec=request.audio_start_offset_sec, embedding_scope=["clip"], embedding_type=["fused_embedding"]
        )
        audio = _form_input(context, "audio", request.audio_file, request.audio_url, settings)
        shown["audio_embedding"] = file_json(audio)
    return shown


def _form_input(
    context: Context, kind: MediaKind, file: UploadedFile | None, url: str | None, settings: Input
) -> EmbeddingInput:
    """Return the file of a form, or else of a URL, with the settings of its embeddings."""
    if file is None:
        content, source = find_content(context, kind, MediaSource(url=url)), {"input_url": url}
    else:
        with file.path.open("rb") as opened:
            media = complete(read_media(opened), kind, file.name)
        file.path.unlink()
        content = Content(file.name, media, context.state.scripts.find(file.name))
        source = {"input_filename": file.name}
    return file_input(kind, MODEL_NAME, content, source, settings)


@operation("POST", "/embed/tasks", max_file_bytes=MAX_FILE_BYTES)
def create_task(context: Context, request: CreateVideoEmbeddingTask) -> Json:
    settings = Input(
        start_sec=request.video_start_offset_sec or 0.0,
        end_sec=request.video_end_offset_sec,
        embedding_scope=["asset" if scope == "video" else scope for scope in request.video_embedding_scope],
    )
    video = _form_input(context, "video", request.video_file, request.video_url, settings)
    seconds = request.video_clip_length
    video = attrs.evolve(video, clip_seconds=seconds, fixed_clip_seconds=seconds)
    return {"_id": add_task(context.state, 1, video).id}


@operation("GET", "/embed/tasks")
def list_(context: Context, request: ListEmbeddingTasks) -> Json:
    return list_tasks(context, request, 1)


@operation("GET", "/embed/tasks/{task_id}/status")
def retrieve_status(context: Context, task_id: str) -> Json:
    shown = listed_task_json(find(kept_tasks(context.state, 1), task_id, "task"), context.now())
    return only(shown, "_id", "status", "model_name", "video_embedding")


@operation("GET", "/embed/tasks/{task_id}")
def retrieve(context: Context, request: RetrieveVideoEmbeddingTask, task_id: str) -> Json:
    task = find(kept_tasks(context.state, 1), task_id, "task")
    shown = listed_task_json(task, context.now())
    if shown["status"] == "ready":
        segments = (one for one in task.input.segments() if one.option in request.embedding_option)
        shown["video_embedding"]["segments"] = [segment_json(segment) for segment in segments]
    return shown
