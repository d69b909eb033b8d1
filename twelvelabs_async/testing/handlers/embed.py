"""Embed API, version 1: embeddings of a text, an image and an audio file, and tasks for videos."""

from __future__ import annotations

from ...media.headers import read_media
from ..content import Content, Kind, complete, embedding
from ..converter import UploadedFile
from ..problem import Json
from ..requests import embed as requests
from ..requests.embed_v2 import Clips, Input, Segmentation
from ..requests.media import MediaSource
from ..state import EmbeddingInput
from ..views import embed as views
from .embedding_tasks import add_task, embedding_input, kept_tasks, list_tasks
from .media import find_content
from .operation import Context, operation
from .tables import find

MAX_FILE_BYTES = 2 * 1000**3
"""Largest file (docs: Create embeddings)."""
MODEL_NAME = "marengo3.0"


@operation("POST", "/embed", max_file_bytes=MAX_FILE_BYTES)
def create(context: Context, request: requests.CreateEmbedding) -> Json:
    shown: Json = {"model_name": MODEL_NAME}
    if request.text:
        shown["text_embedding"] = {"segments": [{"float": embedding(request.text)}]}
    if request.image_file or request.image_url:
        image = _file_input(context, "image", request.image_file, request.image_url, Input())
        shown["image_embedding"] = views.file_v1(image)
    if request.audio_file or request.audio_url:
        settings = Input(
            start_sec=request.audio_start_offset_sec, embedding_scope=["clip"], embedding_type=["fused_embedding"]
        )
        audio = _file_input(context, "audio", request.audio_file, request.audio_url, settings)
        shown["audio_embedding"] = views.file_v1(audio)
    return shown


def _file_input(
    context: Context, kind: Kind, file: UploadedFile | None, url: str | None, settings: Input
) -> EmbeddingInput:
    """Return the file of a form, or else of a URL, with the settings of its embeddings."""
    if file is None:
        content, source = find_content(context, kind, MediaSource(url=url)), {"input_url": url}
    else:
        with file.path.open("rb") as opened:
            media = complete(read_media(opened), kind, file.name)
        file.path.unlink()
        content, source = Content(file.name, media, context.state.script(file.name)), {"input_filename": file.name}
    return embedding_input(kind, MODEL_NAME, content, source, settings)


@operation("POST", "/embed/tasks", max_file_bytes=MAX_FILE_BYTES)
def create_task(context: Context, request: requests.CreateVideoEmbeddingTask) -> Json:
    settings = Input(
        start_sec=request.video_start_offset_sec or 0.0,
        end_sec=request.video_end_offset_sec,
        segmentation=Segmentation(strategy="fixed", fixed=Clips(duration_sec=request.video_clip_length)),
        embedding_scope=["asset" if scope == "video" else scope for scope in request.video_embedding_scope],
    )
    video = _file_input(context, "video", request.video_file, request.video_url, settings)
    return {"_id": add_task(context.state, 1, video).id}


@operation("GET", "/embed/tasks")
def list_(context: Context, request: requests.ListEmbeddingTasks) -> Json:
    return list_tasks(context, request, 1)


@operation("GET", "/embed/tasks/{task_id}/status")
def retrieve_status(context: Context, request: requests.OneEmbeddingTask) -> Json:
    shown = views.task_v1(find(kept_tasks(context.state, 1), request.task_id, "task"), context.now())
    return {name: shown[name] for name in ("_id", "status", "model_name", "video_embedding")}


@operation("GET", "/embed/tasks/{task_id}")
def retrieve(context: Context, request: requests.RetrieveVideoEmbeddingTask) -> Json:
    task = find(kept_tasks(context.state, 1), request.task_id, "task")
    shown = views.task_v1(task, context.now())
    if shown["status"] == "ready":
        segments = (one for one in task.input.segments() if one.option in request.embedding_option)
        shown["video_embedding"]["segments"] = [views.segment_v1(segment) for segment in segments]
    return shown
