"""Embed API of the emulator, with the official SDK as sdk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from twelvelabs import TwelveLabs
from twelvelabs.core.api_error import ApiError
from twelvelabs.errors import BadRequestError, NotFoundError
from twelvelabs.types import (
    AsyncAudioInputRequest,
    AsyncDocumentInputRequest,
    AsyncImageInputRequest,
    AsyncTemporalSegmentation,
    AsyncVideoInputRequest,
    AudioInputRequest,
    ImageInputRequest,
    MediaSource,
    MultiInputMediaSource,
    MultiInputRequest,
    TemporalSegmentation_Fixed,
    TemporalSegmentationFixedFixed,
    TextImageInputRequest,
    TextInputRequest,
    TimeBasedMetadataEntry,
    VideoInputRequest,
)

from twelvelabs_async.testing import Emulator

pytestmark = pytest.mark.any_python

CLIP = Path(__file__).parent.parent / "examples" / "media" / "rocket_countdown.mp4"
SOURCE = MediaSource(url="https://example.com/rocket_countdown.mp4")
PDF = MediaSource(url="https://example.com/slides.pdf")
NOTES = MediaSource(url="https://example.com/notes.txt")
FIXED = AsyncTemporalSegmentation(
    temporal=TemporalSegmentation_Fixed(fixed=TemporalSegmentationFixedFixed(duration_sec=5))
)
ALONE = {"embedding_type": ["fused_embedding"], "embedding_option": ["audio"]}
V1: dict[str, Any] = {"model_name": "marengo3.0", "video_url": SOURCE.url}


def alike(one: list[float], other: list[float]) -> bool:
    """Return whether two vectors are near to each other, but not equal."""
    return 0.8 < sum(a * b for a, b in zip(one, other, strict=True)) < 0.99


def test_version_1_embeds_texts_images_and_audio(sdk: TwelveLabs) -> None:
    """Version 1 returns an embedding of each input of the request."""
    answer = sdk.embed.create(
        model_name="marengo3.0",
        text="rocket",
        image_url="https://example.com/rocket.png",
        audio_file=("countdown.wav", b"RIFF", "audio/wav"),
    )
    assert [len(segment.float_) for segment in answer.text_embedding.segments] == [512]
    assert alike(answer.text_embedding.segments[0].float_, answer.image_embedding.segments[0].float_)
    assert answer.image_embedding.metadata.input_url == "https://example.com/rocket.png"
    assert answer.audio_embedding.metadata.input_filename == "countdown.wav"
    assert answer.audio_embedding.segments[1].start_offset_sec == 6


def test_version_1_embeds_videos_by_tasks(sdk: TwelveLabs, emulator: Emulator) -> None:
    """A task of version 1 is listed, returns embeddings by option and scope once it is ready, and expires."""
    with CLIP.open("rb") as file:
        task = sdk.embed.tasks.create(
            model_name="marengo3.0",
            video_file=file,
            video_start_offset_sec=3,
            video_end_offset_sec=14,
            video_clip_length=4,
            video_embedding_scope=["clip", "video"],
        )
    assert sdk.embed.tasks.status(task.id).status == "processing"
    assert sdk.embed.tasks.retrieve(task.id).video_embedding.segments is None
    [second] = sdk.embed.tasks.create_bulk(model_name="marengo3.0", videos=[{"video_url": SOURCE.url}])
    emulator.advance(5)
    seen = sdk.embed.tasks.wait_for_done(task.id).video_embedding.metadata
    assert (seen.input_filename, seen.video_clip_length, seen.video_embedding_scope) == (
        CLIP.name,
        4,
        ["clip", "video"],
    )
    segments = sdk.embed.tasks.retrieve(task.id, embedding_option=["visual"]).video_embedding.segments
    assert [(part.start_offset_sec, part.end_offset_sec, part.embedding_scope) for part in segments] == [
        (3, 7, "clip"),
        (7, 11, "clip"),
        (11, 14, "clip"),
        (3, 14, "video"),
    ]
    tasks = sdk.embed.tasks
    assert [listed.id for listed in tasks.list(status="ready", page_limit=1)] == [second.id, task.id]
    assert [listed.id for listed in tasks.list(started_at="2020-01-01T00:00:00Z")] == [second.id, task.id]
    assert list(tasks.list(status="failed")) == list(tasks.list(ended_at="2020-01-01T00:00:00Z")) == []
    assert list(sdk.embed.v_2.tasks.list()) == []
    emulator.advance(7 * 86_400)
    assert list(tasks.list()) == []


def test_version_2_embeds_all_types_of_input(sdk: TwelveLabs) -> None:
    """Version 2 embeds each type of input in one request."""

    def create(kind: str, model: str = "marengo3.0", **given: Any) -> Any:
        return sdk.embed.v_2.create(input_type=kind, model_name=model, **given)

    text = create("text", text=TextInputRequest(input_text="rocket countdown"))
    assert (text.metadata, text.usage, text.data[0].embedding_option) == (None, None, None)
    picture = MediaSource(url="https://example.com/rocket_countdown.png")
    image = create("image", image=ImageInputRequest(media_source=picture))
    assert alike(image.data[0].embedding, text.data[0].embedding)
    assert image.metadata.input_url == picture.url
    both = create("text_image", text_image=TextImageInputRequest(media_source=picture, input_text="a sign"))
    assert both.data[0].embedding != text.data[0].embedding
    audio = create("audio", audio=AudioInputRequest(media_source=SOURCE, embedding_scope=["asset"]))
    assert [data.embedding_option for data in audio.data] == ["audio", "transcription"]
    video = create("video", video=VideoInputRequest(media_source=SOURCE, start_sec=1, end_sec=9))
    assert {(data.start_sec, data.end_sec) for data in video.data} == {(1, 5), (5, 9), (1, 9)}
    assert (video.metadata.embedding_scopes, video.metadata.clip_length) == (["clip", "asset"], None)
    sources = [MultiInputMediaSource(media_type="image", url=picture.url, name="clip")]
    several = create(
        "multi_input",
        "marengo3.5",
        multi_input=MultiInputRequest(input_text="<@clip> " + "a" * 9000, media_sources=sources),
        embedding_dimension=256,
        auto_truncate=True,
    )
    assert (len(several.data[0].embedding), several.metadata.embedding_dimension) == (256, 256)
    assert (several.usage.truncated, several.usage.input_tokens["text"]) == (True, 2_000)


@pytest.mark.parametrize(
    ("kind", "request_", "expected"),
    [
        (
            "video",
            AsyncVideoInputRequest(
                media_source=SOURCE,
                end_sec=9,
                segmentation=FIXED,
                embedding_type=["fused_embedding"],
                embedding_scope=["local", "asset"],
                time_based_metadata=[TimeBasedMetadataEntry(start=6, end=7, text="ignition")],
            ),
            [("fused", "clip", 0, 5), ("fused", "clip", 5, 9), ("fused", "asset", 0, 9)],
        ),
        (
            "audio",
            AsyncAudioInputRequest(media_source=SOURCE, end_sec=3),
            [("audio", "clip", 0, 2), ("audio", "clip", 2, 3), ("audio", "asset", 0, 3)],
        ),
        ("image", AsyncImageInputRequest(media_source=SOURCE), [("visual", "asset", None, None)]),
        ("document", AsyncDocumentInputRequest(media_source=PDF), [("visual", "page", None, None)] * 3),
        ("document", AsyncDocumentInputRequest(media_source=NOTES), [("text", "asset", None, None)]),
    ],
)
def test_version_2_embeds_files_by_tasks(
    sdk: TwelveLabs, emulator: Emulator, kind: str, request_: Any, expected: list[Any]
) -> None:
    """A task of version 2 is listed and returns the default embeddings of its kind of file."""
    tasks = sdk.embed.v_2.tasks
    created = tasks.create(input_type=kind, model_name="marengo3.5", embedding_dimension=128, **{kind: request_})
    assert (created.status, created.data, created.metadata.embedding_dimension) == ("processing", None, 128)
    assert tasks.retrieve(created.id).data is None
    emulator.advance(5)
    task = tasks.retrieve(created.id)
    found = [(data.embedding_option, data.embedding_scope, data.start_sec, data.end_sec) for data in task.data]
    assert (found, {len(data.embedding) for data in task.data}) == (expected, {128})
    assert (task.metadata.input_type, task.metadata.embedding_dimension) == (kind, 128)
    [listed] = tasks.list()
    assert (listed.id, listed.status) == (task.id, "ready")
    assert getattr(listed, f"{kind}_embedding").metadata.input_url == request_.media_source.url


def test_a_task_reports_its_failure(sdk: TwelveLabs, emulator: Emulator) -> None:
    """A task fails with the reason that the script of its file sets."""
    emulator.understand("rocket*", fail="The file is broken.", at="embedding")
    image = AsyncImageInputRequest(media_source=SOURCE)
    created = sdk.embed.v_2.tasks.create(input_type="image", model_name="marengo3.5", image=image)
    emulator.advance(5)
    task = sdk.embed.v_2.tasks.retrieve(created.id)
    assert (task.status, task.data, task.error.message) == ("failed", None, "The file is broken.")


def v2(kind: str, model: str = "marengo3.0", task: bool = False, **given: Any) -> Callable[[TwelveLabs], Any]:
    def call(sdk: TwelveLabs) -> Any:
        resource: Any = sdk.embed.v_2.tasks if task else sdk.embed.v_2
        return resource.create(input_type=kind, model_name=model, **given)

    return call


@pytest.mark.parametrize(
    "call",
    [
        lambda sdk: sdk.embed.create(model_name="marengo3.0"),
        lambda sdk: sdk.embed.create(model_name="marengo2.7", text="a"),
        lambda sdk: sdk.embed.tasks.create(model_name="marengo3.0"),
        lambda sdk: sdk.embed.tasks.create(**V1, video_start_offset_sec=1),
        lambda sdk: sdk.embed.tasks.create(**V1, video_clip_length=11),
        lambda sdk: sdk.embed.tasks.create(**V1, video_embedding_scope=["page"]),
        lambda sdk: sdk.embed.tasks.status("0" * 24),
        v2("text", "marengo3.5", text=TextInputRequest(input_text="a")),
        v2("text", text=TextInputRequest(input_text="a" * 2001)),
        v2("text", text=TextInputRequest(input_text="a"), embedding_dimension=256),
        v2("text"),
        v2("video", video=VideoInputRequest(media_source=SOURCE, **ALONE)),
        v2("video", video=VideoInputRequest(media_source=SOURCE, start_sec=5, end_sec=4)),
        v2("multi_input", multi_input=MultiInputRequest(input_text="like <@logo>")),
        v2("document", task=True, document=AsyncDocumentInputRequest(media_source=SOURCE)),
        v2("video", task=True, video=AsyncVideoInputRequest(media_source=SOURCE, segmentation=FIXED)),
        v2("video", "marengo3.5", True, video=AsyncVideoInputRequest(media_source=SOURCE), embedding_uncertainty=True),
    ],
)
def test_invalid_requests_are_refused(sdk: TwelveLabs, emulator: Emulator, call: Callable[[TwelveLabs], Any]) -> None:
    """Invalid arguments fail with 400; version 2 nests the error."""
    with pytest.raises(BadRequestError) as refused:
        call(sdk)
    body: Any = refused.value.body
    is_v2 = emulator.requests[0].path.startswith("/embed-v2")
    assert (body["error"] if is_v2 else body)["code"] in (
        "parameter_invalid",
        "parameter_not_provided",
        "resource_not_exist",
    )


def test_unknown_ids_are_not_found(sdk: TwelveLabs) -> None:
    """An unknown task or asset fails with 404."""
    with pytest.raises(NotFoundError):
        sdk.embed.v_2.tasks.retrieve("0" * 24)
    with pytest.raises(ApiError) as unknown:
        v2("image", image=ImageInputRequest(media_source=MediaSource(asset_id="0" * 24)))(sdk)
    assert unknown.value.status_code == 404
