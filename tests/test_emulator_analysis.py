"""Limits and refusals of analyses in the emulator (docs: Synchronous analysis, Create an async analysis task)."""

from __future__ import annotations

import base64
import json
from typing import Any

import attrs
import httpx
import pytest

from twelvelabs_async.testing import Emulator
from twelvelabs_async.testing.state import Asset

from support.plain_http import create_index, error, index_files

Json = dict[str, Any]

VIDEO = {"type": "url", "url": "https://example.com/talk.mp4"}
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
IMAGE = {"name": "logo", "url": "https://example.com/logo.webp"}
IMAGES = {"model_name": "pegasus1.6", "video": None, "image": [IMAGE]}
PROMPT = {"input_text": "?"}
FIELD = {"name": "place", "type": "string", "description": "Where."}
DEFINITION = {"id": "scenes", "description": "A scene."}
HOUR = 3600


def segmentation(definition: Json | None = None, *others: Json, **parameters: Any) -> Json:
    """Return the parameters of a segmentation with this definition, given by its differences."""
    form = {"type": "segment_definitions", "segment_definitions": [{**DEFINITION, **(definition or {})}, *others]}
    return {"analysis_mode": "time_based_metadata", "prompt": None, "response_format": form, **parameters}


def with_field(field: Json, **parameters: Any) -> Json:
    """Return the parameters of a segmentation with this field, given by its differences."""
    return segmentation({"fields": [{**FIELD, **field}]}, **parameters)


def events(*fields: Json, **parameters: Any) -> Json:
    """Return the parameters of a segmentation with a field that lists events."""
    items = {"type": "object", "fields": [{**FIELD, **field} for field in fields]}
    return with_field({"type": "time_array", "items": items}, **{"model_name": "pegasus1.6", **parameters})


def ask(api: httpx.Client, path: str, body: Json) -> httpx.Response:
    """Send a question about a video, with these differences; `None` leaves a parameter out."""
    whole = {"video": VIDEO, "prompt": "?", "stream": False, **body}
    return api.post(path, json={name: value for name, value in whole.items() if value is not None})


def ready_asset(api: httpx.Client, emulator: Emulator, name: str) -> Asset:
    """Return a new asset, which is ready."""
    created = api.post("/assets", data={"method": "url", "url": f"https://example.com/{name}"}, files={"x": b""})
    emulator.advance(60)
    return emulator.assets[created.json()["_id"]]


def finished(api: httpx.Client, emulator: Emulator, body: Json) -> Json:
    """Return a task once it is finished."""
    created = ask(api, "/analyze/tasks", body)
    assert created.status_code == 202, created.text
    emulator.advance(60)
    return api.get(f"/analyze/tasks/{created.json()['task_id']}").json()  # type: ignore[no-any-return]


@pytest.mark.parametrize("path", ["/analyze", "/analyze/tasks"])
@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({"model_name": "pegasus1.2"}, "model_name"),
        ({"max_tokens": 511}, "max_tokens"),
        ({"max_tokens": 98_305}, "max_tokens"),
        ({"max_tokens": "unlimited"}, "max_tokens"),
        ({"start_time": 5, "end_time": 5}, "end_time"),
        ({"start_time": 5, "end_time": 5.5}, "end_time"),
        ({"prompt_v2": PROMPT}, "prompt"),
        ({"prompt": None, "prompt_v2": {**PROMPT, "media_sources": [{"name": "a", "url": VIDEO["url"]}]}}, "type"),
        ({**IMAGES, "video": VIDEO}, "video"),
        ({**IMAGES, "prompt_v2": PROMPT}, "prompt_v2"),
        ({**IMAGES, "model_name": "pegasus1.5"}, "image"),
        ({**IMAGES, "model_name": None}, "image"),
        ({**IMAGES, "image": [IMAGE] * 21}, "image"),
        ({**IMAGES, "image": [IMAGE, IMAGE]}, "image.name"),
        ({**IMAGES, "image": [{**IMAGE, "name": "a-b"}]}, "image.name"),
        ({**IMAGES, "image": [{**IMAGE, "name": "a" * 51}]}, "name"),
        ({**IMAGES, "image": [{**IMAGE, "url": "http://example.com/logo.png"}]}, "url"),
        ({**IMAGES, "image": [{**IMAGE, "url": "https://example.com/logo.tiff"}]}, "image"),
        ({**IMAGES, "image": [{"name": "logo", "base64_string": "*"}]}, "base64_string"),
        ({"response_format": segmentation()["response_format"]}, "response_format"),
        ({**IMAGES, "image": [{"name": "logo", "base64_string": "bm90IGFuIGltYWdl"}]}, "image"),
        ({**IMAGES, "image": [IMAGE, {**IMAGE, "name": "b"}], "prompt": "What is <@b>?"}, "prompt"),
        ({**IMAGES, "prompt": "What is <@logo> beside <@other>?"}, "prompt"),
    ],
)
def test_invalid_analyses_are_refused(api: httpx.Client, path: str, body: Json, parameter: str) -> None:
    """Values beyond the documented limits are `parameter_invalid`, at once and as tasks."""
    response = ask(api, path, body)
    message = response.json().get("error", response.json())["message"]
    known = {"type": "media_type"}.get(parameter, parameter)
    assert error(response) in ((400, "parameter_invalid"), (400, "parameter_not_provided"))
    assert f"The {known} parameter" in message


@pytest.mark.parametrize("path", ["/analyze", "/analyze/tasks"])
@pytest.mark.parametrize("body", [{"video": None}, {"prompt": None}, {**IMAGES, "prompt": None}])
def test_analyses_need_a_subject_and_a_prompt(api: httpx.Client, path: str, body: Json) -> None:
    """A request without video and images, or without a prompt, is `parameter_not_provided`."""
    assert error(ask(api, path, body)) == (400, "parameter_not_provided")


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        (segmentation(prompt="?"), "prompt"),
        (segmentation(max_tokens=2_047), "max_tokens"),
        (segmentation(max_tokens="unlimited"), "max_tokens"),
        (segmentation(max_tokens="other", model_name="pegasus1.6"), "max_tokens"),
        (
            segmentation(
                {"time_ranges": [{"start_time": 0, "end_time": 4}]}, max_tokens="unlimited", model_name="pegasus1.6"
            ),
            "max_tokens",
        ),
        (segmentation(min_segment_duration=1.5), "min_segment_duration"),
        (segmentation(max_segment_duration=1.5), "max_segment_duration"),
        (segmentation(min_segment_duration=5, max_segment_duration=4), "max_segment_duration"),
        (segmentation({"time_ranges": [{"start_time": 0, "end_time": 4}]}, end_time=9), "end_time"),
        (segmentation({"time_ranges": [{"start_time": 3, "end_time": 4}]}), "time_ranges"),
        (
            segmentation({"time_ranges": [{"start_time": 0, "end_time": 4}, {"start_time": 3, "end_time": 6}]}),
            "time_ranges",
        ),
        (segmentation({"id": "a" * 101}), "id"),
        (segmentation({}, DEFINITION), "id"),
        (with_field({"name": "a" * 51}), "name"),
        (with_field({"name": "end_time"}), "name"),
        (with_field({"enum": ["a" * 101]}), "enum"),
        (with_field({"enum": ["a"] * 101}), "enum"),
        (with_field({"type": "timestamp"}), "format"),
        (with_field({"format": "seconds"}), "format"),
        (with_field({"type": "timestamp", "format": "seconds", "enum": ["a"]}), "fields"),
        (with_field({"type": "array"}), "items"),
        (with_field({"type": "array", "items": {"type": "object", "fields": [FIELD]}}), "items"),
        (with_field({"type": "array", "items": {"type": "string", "fields": [FIELD]}}), "items"),
        (with_field({"type": "time_array", "items": {"type": "string"}}, model_name="pegasus1.6"), "items"),
        (events(model_name="pegasus1.6"), "items"),
        (events({}, model_name="pegasus1.5"), "type"),
        (events({}, {}), "name"),
        (events({"name": "metadata"}), "name"),
        (events({"type": "timestamp"}), "type"),
        (events({"type": "array"}), "items"),
        (events({"type": "integer", "enum": ["a"]}), "enum"),
        ({"min_segment_duration": 4}, "min_segment_duration"),
    ],
)
def test_invalid_segmentations_are_refused(api: httpx.Client, body: Json, parameter: str) -> None:
    """Definitions beyond the documented limits are refused, with the parameter in the message."""
    response = ask(api, "/analyze/tasks", body)
    assert error(response) == (400, "parameter_invalid")
    assert f"{parameter} parameter" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("path", "seconds", "body", "refusal"),
    [
        ("/analyze", HOUR, {}, None),
        ("/analyze", HOUR + 1, {}, "video_duration_too_long"),
        ("/analyze", 0.5, {}, "parameter_invalid"),
        ("/analyze", 20, {"end_time": 20.5}, "parameter_invalid"),
        ("/analyze/tasks", 2 * HOUR, {}, None),
        ("/analyze/tasks", 2 * HOUR + 1, {}, "video_duration_too_long"),
        (
            "/analyze/tasks",
            20,
            segmentation({"time_ranges": [{"start_time": 0, "end_time": 20.5}]}),
            "parameter_invalid",
        ),
        ("/analyze/tasks", 4 * HOUR, {"start_time": HOUR, "end_time": 3 * HOUR}, None),
        ("/analyze/tasks", 4 * HOUR + 1, {"start_time": HOUR, "end_time": 3 * HOUR}, "video_duration_too_long"),
    ],
)
def test_videos_have_limits_of_length(
    emulator: Emulator, api: httpx.Client, path: str, seconds: float, body: Json, refusal: str | None
) -> None:
    """At once a video has 1 second to 1 hour; as a task at most 4 hours, of which at most 2 are analyzed."""
    asset = ready_asset(api, emulator, "long.mp4")
    asset.media = attrs.evolve(asset.media, duration=seconds)
    response = ask(api, path, {"video": {"type": "asset_id", "asset_id": asset.id}, **body})
    assert (None if response.is_success else error(response)[1]) == refusal


@pytest.mark.parametrize(
    ("width", "height", "refusal"),
    [
        (360, 360, None),
        (5184, 2160, None),
        (640, 359, "video_resolution_too_low"),
        (5185, 2161, "parameter_invalid"),
        (1000, 400, "parameter_invalid"),
    ],
)
def test_videos_have_limits_of_size(
    emulator: Emulator, api: httpx.Client, width: int, height: int, refusal: str | None
) -> None:
    """A video has 360x360 to 5184x2160 pixels, and sides of at most 1 to 2.4."""
    asset = ready_asset(api, emulator, "wide.mp4")
    asset.media = attrs.evolve(asset.media, width=width, height=height)
    response = ask(api, "/analyze", {"video": {"type": "asset_id", "asset_id": asset.id}})
    assert (None if response.is_success else error(response)[1]) == refusal


@pytest.mark.parametrize(
    ("name", "facts", "is_accepted"),
    [
        ("a.gif", {}, True),
        ("a.bmp", {"size": 20_000_001}, False),
        ("a.webp", {"media": {"width": 4097, "height": 4096}}, False),
        ("a.mp4", {}, False),
    ],
)
def test_images_have_limits(emulator: Emulator, api: httpx.Client, name: str, facts: Json, is_accepted: bool) -> None:
    """An image is a JPEG, PNG, WebP, GIF or BMP of at most 20 MB and 16,777,216 pixels."""
    asset = ready_asset(api, emulator, name)
    asset.size = facts.get("size", asset.size)
    asset.media = attrs.evolve(asset.media, **facts.get("media", {}))
    response = ask(api, "/analyze", {**IMAGES, "image": [{"name": "a", "asset_id": asset.id}]})
    assert response.is_success == is_accepted, response.text


def test_a_task_with_images_shows_no_video(emulator: Emulator, api: httpx.Client) -> None:
    """A task about images lists them without their bytes, and has no `video_source`."""
    image = {"name": "logo", "base64_string": PNG.rstrip("=")}
    task = finished(api, emulator, {**IMAGES, "image": [image, {**IMAGE, "name": "b"}], "prompt": "<@b> or <@logo>?"})
    assert (task["status"], "video_source" in task) == ("ready", False)
    assert task["request_params"]["image"] == [
        {"name": "logo", "media_type": "image"},
        {"name": "b", "media_type": "image", "url": IMAGE["url"]},
    ]


def test_a_stream_on_demand_is_analyzed(emulator: Emulator, api: httpx.Client) -> None:
    """The manifest of an HLS stream stands for its video, which has at most 2 hours."""
    stream = {"video": {"type": "url", "url": "https://example.com/live/talk.m3u8"}}
    task = finished(api, emulator, stream)
    assert task["video_source"]["system_metadata"]["duration"] > 0
    late = ask(api, "/analyze/tasks", {**stream, "start_time": 3 * HOUR, "end_time": 3.5 * HOUR})
    assert error(late) == (400, "video_duration_too_long")


def test_events_lie_within_their_segment(emulator: Emulator, api: httpx.Client) -> None:
    """The events of a time array have their own fields, and times in the format of the segments."""
    body = events({"name": "who"}, {"name": "kinds", "type": "array", "items": {"type": "string"}}, end_time=10)
    body["response_format"]["segment_time_format"] = "hh:mm:ss"
    task = finished(api, emulator, {**body, "max_tokens": "unlimited"})
    [segment] = json.loads(task["result"]["data"])["scenes"]
    [event] = segment["metadata"]["place"]
    assert event.keys() == {"start_time", "end_time", "who", "kinds"}
    assert segment["start_time"] <= event["start_time"] <= event["end_time"] <= segment["end_time"] == "00:00:10"
    assert task["request_params"]["max_tokens"] == "unlimited"


@pytest.mark.parametrize(
    ("tokens", "body", "status"),
    [
        (32_768, segmentation(), "ready"),
        (32_769, segmentation(), "failed"),
        (32_769, segmentation(model_name="pegasus1.6", max_tokens="unlimited"), "ready"),
    ],
)
def test_segments_have_a_limit_of_tokens(
    emulator: Emulator, api: httpx.Client, tokens: int, body: Json, status: str
) -> None:
    """It is 32,768 by default, and a task that needs more fails (docs: Create an async analysis task)."""
    frame = '{"scenes": [""]}'
    emulator.understand("talk.mp4", text=frame.replace('""', f'"{"a" * (tokens * 4 - len(frame))}"'))
    assert finished(api, emulator, body)["status"] == status


def test_lists_show_the_first_definition(emulator: Emulator, api: httpx.Client) -> None:
    """A list leaves all definitions out but the first; the task itself has all."""
    body = segmentation({}, {**DEFINITION, "id": "goals"})
    task = finished(api, emulator, body)
    [listed] = api.get("/analyze/tasks").json()["data"]
    shown = [one["request_params"]["response_format"]["segment_definitions"] for one in (listed, task)]
    assert [[one["id"] for one in definitions] for definitions in shown] == [["scenes"], ["scenes", "goals"]]


def test_cancellations_are_refused_with_flat_errors(emulator: Emulator, api: httpx.Client) -> None:
    """The code says why a task cannot be canceled (docs: Cancel an async analysis task)."""
    asset = ready_asset(api, emulator, "talk.mp4")
    emulator.understand("bad.mp4", fail="no picture", at="analysis")
    batch = {"model_name": "pegasus1.5", "analysis_mode": "general", "defaults": {"prompt": PROMPT}}
    items = [{"video": {"type": "asset_id", "asset_id": asset.id}}]
    [owned] = api.post("/analyze/batches", json={**batch, "requests": items}).json()["items"]
    ready = finished(api, emulator, {})
    failed = finished(api, emulator, {"video": {"type": "url", "url": "https://example.com/bad.mp4"}})
    refusals = {
        "short": (400, "parameter_invalid"),
        "0" * 24: (404, "resource_not_exist"),
        owned["task_id"]: (409, "task_owned_by_batch"),
        ready["task_id"]: (409, "task_completed"),
        failed["task_id"]: (409, "task_failed"),
    }
    for task_id, (status, expected) in refusals.items():
        response = api.post(f"/analyze/tasks/{task_id}/cancel")
        assert (response.status_code, response.json().get("code")) == (status, expected)
    assert set(failed["error"]) == {"message"}


def test_a_video_that_is_too_long_fails_alone_in_a_batch(emulator: Emulator, api: httpx.Client) -> None:
    """An item with more than 2 hours fails with a code; the other items are analyzed (docs: Create a batch)."""
    long, short = (ready_asset(api, emulator, name) for name in ("long.mp4", "short.mp4"))
    long.media = attrs.evolve(long.media, duration=3 * HOUR)
    items = [{"video": {"type": "asset_id", "asset_id": asset.id}, "prompt": PROMPT} for asset in (long, short)]
    body = {"model_name": "pegasus1.5", "analysis_mode": "general", "requests": items}
    created = api.post("/analyze/batches", json=body).json()
    emulator.advance(60)
    lines = api.get(f"/analyze/batches/{created['batch_id']}/results").text.splitlines()
    results = [json.loads(line) for line in lines]
    assert [(one["status"], one.get("error", {}).get("code")) for one in results] == [
        ("failed", "video_duration_too_long"),
        ("ready", None),
    ]
    long.media = attrs.evolve(long.media, duration=2.1 * HOUR)
    response = api.post("/analyze/batches", json={**body, "requests": items[:1] * 1000})
    assert error(response) == (400, "parameter_invalid")
    assert "at most 2,000 hours of video; got 2,100" in response.json()["error"]["message"]


@pytest.mark.parametrize("change", [{"max_tokens": 511}, {"max_tokens": "unlimited"}, events({}, model_name=None)])
def test_batches_have_the_limits_of_pegasus_1_5(emulator: Emulator, api: httpx.Client, change: Json) -> None:
    """A batch refuses token limits out of range, ``unlimited`` and time arrays."""
    asset = ready_asset(api, emulator, "talk.mp4")
    mode = change.pop("analysis_mode", "general")
    known = {name: value for name, value in change.items() if name not in ("prompt", "model_name")}
    prompt = {"prompt": PROMPT} if mode == "general" else {}
    items = [{"video": {"type": "asset_id", "asset_id": asset.id}, **prompt, **known}]
    body = {"model_name": "pegasus1.5", "analysis_mode": mode, "requests": items}
    assert error(api.post("/analyze/batches", json=body)) == (400, "parameter_invalid")


@pytest.mark.parametrize("path", ["/analyze", "/analyze/tasks"])
def test_the_id_of_an_indexed_asset_is_told_from_that_of_its_asset(
    emulator: Emulator, api: httpx.Client, path: str
) -> None:
    """Both are ids of a video for those who come from earlier versions of the API."""
    [indexed] = index_files(api, emulator, create_index(api), "dog.mp4")
    [asset] = emulator.assets
    body = {"video": {"type": "asset_id", "asset_id": indexed}, "prompt": "?", "model_name": "pegasus1.5"}
    answer = api.post(path, json=body)
    assert "resource_not_exist" in answer.text
    assert f"Its asset_id is {asset}." in answer.text


def test_a_retired_model_is_refused_with_what_replaces_it(api: httpx.Client) -> None:
    """The other choices, some of which have restrictions of their own, would mislead."""
    models = [{"model_name": "marengo2.7", "model_options": ["visual"]}]
    answer = api.post("/indexes", json={"index_name": "clips", "models": models})
    assert answer.status_code == 400
    reason = "The model_name parameter is invalid: it must not be 'marengo2.7', which is retired. Use marengo3.0."
    assert answer.json()["message"] == reason
