"""Moments in responses: hits, segments, chapters, transcripts, citations and clips of embeddings."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from twelvelabs_async import (
    AnalyzeTaskResponse,
    AssetTranscriptionResponse,
    BatchResultItem,
    EmbeddingResponse,
    EmbeddingSuccessResponse,
    EmbeddingTaskResponse,
    EmbedTasksRetrieveResponse,
    IndexedAssetDetailed,
    IndexedAssetDetailedEmbedding,
    Moment,
    Moments,
    MomentVideo,
    MomentWord,
    NonStreamAnalyzeResponse,
    ResponseObject,
    SearchItem,
    SearchKnowledgeStoreResponse,
    SearchResults,
    VideosRetrieveResponse,
    structure,
)
from twelvelabs_async.models._lazy import ModelType
from twelvelabs_async.models._public_modules import public_modules

SEGMENTS = """{"scenes": [
    {"start_time": 0, "end_time": 6.5, "metadata": {"title": "Start", "speed": 3}},
    {"start_time": "00:01:02.500", "end_time": "01:00:00", "metadata": {}}
]}"""

CASES: list[tuple[type[Any], str, dict[str, Any], list[dict[str, Any]]]] = [
    (
        SearchItem,
        "search",
        {"start": 1, "end": 2, "rank": 4, "video_id": "v", "transcription": "hi", "thumbnail_url": "https://t"},
        [{"start": 1, "end": 2, "rank": 4, "text": "hi", "thumbnail_url": "https://t", "video": MomentVideo(id="v")}],
    ),
    (
        SearchResults,
        "search",
        {"data": [{"id": "v", "user_metadata": {"n": 1}, "clips": [{"start": 1, "end": 2}, {"start": 5, "end": 6}]}]},
        [
            {"start": 1, "end": 2, "video": MomentVideo(id="v", user_metadata={"n": 1})},
            {"start": 5, "end": 6, "video": MomentVideo(id="v", user_metadata={"n": 1})},
        ],
    ),
    (
        SearchKnowledgeStoreResponse,
        "search",
        {
            "data": [
                {"asset_type": "image", "rank": 1, "item_id": "i"},
                {
                    "asset_type": "video",
                    "rank": 2,
                    "item_id": "k",
                    "metadata": {"system": {"duration": 9}, "user": {"n": 1}},
                    "matches": [{"start_sec": 3, "end_sec": 4, "modalities": ["visual"], "transcription": "hi"}],
                },
            ]
        },
        [
            {
                "start": 3,
                "end": 4,
                "rank": 2,
                "text": "hi",
                "video": MomentVideo(id="k", duration=9, user_metadata={"n": 1}),
                "metadata": {"modalities": ["visual"]},
            }
        ],
    ),
    (
        AnalyzeTaskResponse,
        "segment",
        {
            "video_source": {"type": "asset_id", "asset_id": "a", "system_metadata": {"duration": 99}},
            "result": {"data": SEGMENTS},
        },
        [
            {
                "start": 0,
                "end": 6.5,
                "title": "Start",
                "video": MomentVideo(asset_id="a", duration=99),
                "metadata": {"title": "Start", "speed": 3},
            },
            {"start": 62.5, "end": 3600, "title": "scenes", "video": MomentVideo(asset_id="a", duration=99)},
        ],
    ),
    (BatchResultItem, "segment", {"data": {"data": '[{"start": 1, "end": 2}]'}}, [{"start": 1, "end": 2}]),
    (
        NonStreamAnalyzeResponse,
        "chapter",
        {"data": '```json\n{"chapters": [{"start": 5, "chapter_title": "Intro", "chapter_summary": "All."}]}\n```'},
        [
            {
                "start": 5,
                "title": "Intro",
                "text": "All.",
                "metadata": {"chapter_title": "Intro", "chapter_summary": "All."},
            }
        ],
    ),
    (NonStreamAnalyzeResponse, "segment", {"data": "The video starts at 0:05."}, []),
    (
        IndexedAssetDetailed,
        "transcript",
        {
            "_id": "v",
            "asset_id": "a",
            "system_metadata": {"filename": "v.mp4", "duration": 9, "fps": 25},
            "user_metadata": {"n": 1},
            "hls": {"video_url": "https://h", "thumbnail_urls": ["https://t"]},
            "transcription": [{"start": 1, "end": 2, "value": "hi"}],
        },
        [
            {
                "start": 1,
                "end": 2,
                "text": "hi",
                "video": MomentVideo(
                    id="v",
                    asset_id="a",
                    filename="v.mp4",
                    duration=9,
                    fps=25,
                    user_metadata={"n": 1},
                    hls_url="https://h",
                    thumbnail_url="https://t",
                ),
            }
        ],
    ),
    (
        VideosRetrieveResponse,
        "transcript",
        {"_id": "v", "transcription": [{"start": 1, "end": 2, "value": "hi"}]},
        [{"start": 1, "end": 2, "text": "hi", "video": MomentVideo(id="v")}],
    ),
    (
        IndexedAssetDetailedEmbedding,
        "embedding",
        {"video_embedding": {"segments": [{"float": [0.5], "start_offset_sec": 0, "end_offset_sec": 6}]}},
        [{"start": 0, "end": 6}],
    ),
    (
        EmbedTasksRetrieveResponse,
        "embedding",
        {
            "video_embedding": {
                "metadata": {"input_filename": "v.mp4", "duration": 9},
                "segments": [{"start_offset_sec": 0, "end_offset_sec": 6, "embedding_option": "visual"}],
            }
        },
        [
            {
                "start": 0,
                "end": 6,
                "video": MomentVideo(filename="v.mp4", duration=9),
                "metadata": {"embedding_option": "visual"},
            }
        ],
    ),
    (
        EmbeddingResponse,
        "embedding",
        {
            "text_embedding": {"segments": [{"float": [0.5]}]},
            "audio_embedding": {"segments": [{"start_offset_sec": 0, "end_offset_sec": 6}]},
        },
        [{"start": 0, "end": 6, "video": MomentVideo()}],
    ),
    *(
        (
            cls,
            "embedding",
            {
                "metadata": {"input_type": "video", "input_url": "https://v/v.mp4", "duration": 9},
                "data": [
                    {"start_sec": 0, "end_sec": 6, "embedding_option": "audio", "embedding_scope": "clip"},
                    {"embedding_option": "audio", "embedding_scope": "asset"},
                ],
            },
            [
                {
                    "start": 0,
                    "end": 6,
                    "video": MomentVideo(filename="https://v/v.mp4", duration=9),
                    "metadata": {"embedding_option": "audio", "embedding_scope": "clip"},
                }
            ],
        )
        for cls in (EmbeddingSuccessResponse, EmbeddingTaskResponse)
    ),
    (
        ResponseObject,
        "citation",
        {
            "output": [
                {
                    "type": "message",
                    "content": [
                        {
                            "text": "See [1] [2] [3].",
                            "annotations": [
                                {
                                    "type": "video_citation",
                                    "item_id": "k",
                                    "start_sec": 3,
                                    "title": "v",
                                    "hls_url": "h",
                                },
                                {"type": "image_citation", "item_id": "i"},
                                {"type": "video_citation", "item_id": "k"},
                            ],
                        }
                    ],
                }
            ]
        },
        [
            {"start": 3, "title": "v", "video": MomentVideo(id="k", filename="v", hls_url="h")},
            {"start": 0, "video": MomentVideo(id="k")},
        ],
    ),
]


@pytest.mark.parametrize(("cls", "origin", "body", "expected"), CASES)
def test_a_response_has_the_moments_that_it_contains(
    cls: type[Any], origin: str, body: dict[str, Any], expected: list[dict[str, Any]]
) -> None:
    assert [*structure(body, cls).moments()] == [Moment(origin=origin, **fields) for fields in expected]


TRANSCRIPTION = {
    "status": "ready",
    "words": [
        {"start": 0, "end": 0.5, "value": "Hello"},
        {"start": 0.5, "end": 1, "value": "there."},
        {"start": 4, "end": 5, "value": "Yes."},
    ],
    "sentences": [{"start": 0, "end": 1, "value": "Hello there."}, {"start": 4, "end": 5, "value": "Yes."}],
    "utterances": [
        {"start": 0, "end": 1, "value": "Hello there.", "speaker": "a"},
        {"start": 4, "end": 5, "value": "Yes, no.", "speaker": "b"},
    ],
}


def test_the_lines_of_a_transcription_have_speakers_and_words() -> None:
    """A line whose words are those of another speaker as well has none."""
    response = structure(TRANSCRIPTION, AssetTranscriptionResponse)
    hello, yes = response.moments()
    assert (hello.text, hello.speaker, yes.text, yes.speaker) == ("Hello there.", "a", "Yes, no.", "b")
    assert hello.words == [MomentWord(start=0, end=0.5, text="Hello"), MomentWord(start=0.5, end=1, text="there.")]
    assert yes.words is None
    assert [(line.text, line.speaker) for line in response.moments("sentences")] == [
        ("Hello there.", None),
        ("Yes.", None),
    ]
    assert [line.text for line in response.moments("words")] == ["Hello", "there.", "Yes."]
    assert response.copy(utterances=None).moments() == response.moments("sentences")
    assert response.copy(utterances=None, sentences=[]).moments() == response.moments("words")


# Odd values.

NUMBERS = st.floats() | st.integers(-5, 10**400)
ODD = st.none() | st.booleans() | st.text(max_size=3) | NUMBERS | st.just([1]) | st.just({})


@example(start=3, end=1)
@given(start=ODD, end=ODD)
def test_odd_times_leave_a_moment_out_or_without_an_end(start: Any, end: Any) -> None:
    """Whatever the response has, the times of moments are numbers in order."""
    for moment in structure({"start": start, "end": end, "rank": end, "video_id": start}, SearchItem).moments():
        assert isinstance(moment.start, float | int)
        assert 0 <= moment.start <= (math.inf if moment.end is None else moment.end)
        Moments([moment]).merge().with_margins(1).clamp()


@pytest.mark.parametrize(
    ("cls", "body"), [(case[0], case[2]) for case in CASES] + [(AssetTranscriptionResponse, TRANSCRIPTION)]
)
@settings(max_examples=40)
@given(data=st.data())
def test_no_value_in_a_response_makes_moments_fail(cls: type[Any], body: dict[str, Any], data: st.DataObject) -> None:
    """One value of a valid response is replaced, at any depth."""
    name = data.draw(st.sampled_from(sorted(body)))
    found = structure({**body, name: replaced(body[name], data)}, cls).moments()
    assert all(moment.start >= 0 for moment in found.merge())


def replaced(value: Any, data: st.DataObject) -> Any:
    if isinstance(value, dict) and value and data.draw(st.integers(0, 5)):
        name = data.draw(st.sampled_from(sorted(value)))
        return {**value, name: replaced(value[name], data)}
    if isinstance(value, list) and value and data.draw(st.integers(0, 5)):
        return [replaced(value[0], data), *value[1:]]
    return data.draw(ODD)


def test_all_models_with_moments_are_tested() -> None:
    """The others contain those that are, or are derived from them."""
    models = [getattr(module, name) for module in public_modules() for name in module.__all__]
    having = {model.__name__ for model in models if isinstance(model, ModelType) and hasattr(model, "moments")}
    tested = {cls.__name__ for cls, *_ in CASES} | {"AssetTranscriptionResponse"}
    assert having - tested == {
        "AnalyzeTaskResult",
        "NamedSearchItem",
        "SearchKnowledgeStoreHit_Video",
        "SearchRetrieveResponse",
    }
