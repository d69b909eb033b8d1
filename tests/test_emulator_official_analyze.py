"""Analyze tasks and batches of the emulator, with the official SDK as sdk."""

from __future__ import annotations

import base64
import json
import re

import pytest
from twelvelabs import TwelveLabs
from twelvelabs.errors import BadRequestError, ConflictError, NotFoundError, TooManyRequestsError
from twelvelabs.types import (
    AnalyzeImageInput,
    AsyncResponseFormat,
    BatchDefaults,
    BatchItemRequest,
    BatchPrompt,
    BatchVideoContext,
    SegmentDefinition,
    SegmentField,
    VideoContext_AssetId,
    VideoContext_Base64String,
    VideoContext_Url,
)

from twelvelabs_async.testing import Emulator

from support.samples import video

QUESTION = "What is seen in this video, from its start to its end?"
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
VIDEO = VideoContext_Url(url="https://example.com/talk.mp4")
SECONDS = {"slow.mp4": 30.0, "late.mp4": 30 * 3600.0, "later.mp4": 200 * 3600.0}

pytestmark = [pytest.mark.any_python, pytest.mark.emulator(analysis_time=lambda name: SECONDS.get(name, 10.0))]


def assets(sdk: TwelveLabs, emulator: Emulator, *names: str) -> list[str]:
    made = [sdk.assets.create(method="direct", file=(name, video(), "video/mp4")) for name in names]
    emulator.advance(60)
    return [str(asset.id) for asset in made]


def items(*asset_ids: str) -> list[BatchItemRequest]:
    return [
        BatchItemRequest(video=BatchVideoContext(type="asset_id", asset_id=asset_id), custom_id=f"item-{number}")
        for number, asset_id in enumerate(asset_ids)
    ]


DEFAULTS = BatchDefaults(prompt=BatchPrompt(input_text=QUESTION), max_tokens=600)


def batch(sdk: TwelveLabs, requests: list[BatchItemRequest]) -> str:
    made = sdk.analyze_async.batches.create(
        model_name="pegasus1.5", analysis_mode="general", requests=requests, defaults=DEFAULTS
    )
    assert (made.status, made.total_items, len(made.items)) == ("pending", len(requests), len(requests))
    return made.batch_id


def test_a_task_passes_through_its_statuses(sdk: TwelveLabs, emulator: Emulator) -> None:
    """A task has each documented status in turn, and a result only when it is ready."""
    emulator.understand("talk.mp4", text="Somebody talks.")
    tasks = sdk.analyze_async.tasks
    created = tasks.create(video=VIDEO, prompt=QUESTION, custom_id="my-1", temperature=0.5)
    assert created.status == "queued"
    seen = {}
    for _ in range(11):
        task = tasks.retrieve(created.task_id)
        assert (task.result is None) == (task.completed_at is None) == (task.status != "ready")
        seen[task.status] = task
        emulator.advance(1)
    assert list(seen) == ["queued", "pending", "processing", "ready"]
    task = seen["ready"]
    assert (task.custom_id, task.request_params.prompt, task.request_params.temperature) == ("my-1", QUESTION, 0.5)
    assert (task.result.data, task.result.finish_reason, task.error) == ("Somebody talks.", "stop", None)
    assert (task.video_source.url, task.result.usage.output_tokens) == (VIDEO.url, 4)
    assert task.video_source.system_metadata.duration
    tasks.delete(created.task_id)
    with pytest.raises(NotFoundError):
        tasks.retrieve(created.task_id)


def test_tasks_are_listed_by_filter(sdk: TwelveLabs, emulator: Emulator) -> None:
    """Lists return the newest task first, shorten prompts, and filter by status, source and mode."""
    [asset_id] = assets(sdk, emulator, "a.mp4")
    tasks = sdk.analyze_async.tasks
    old = tasks.create(video=VIDEO, prompt=QUESTION).task_id
    emulator.advance(60)
    new = tasks.create(
        video=VideoContext_AssetId(asset_id=asset_id),
        prompt_v_2={"input_text": QUESTION},  # type: ignore[arg-type]
    ).task_id
    page = tasks.list(page_limit=1)
    assert [task.task_id for task in page.data] == [new]
    assert (page.page_info.total_page, page.data[0].request_params.prompt_v_2.input_text) == (2, QUESTION[:30])
    assert [task.task_id for task in tasks.list(status="ready").data] == [old]
    assert [task.task_id for task in tasks.list(asset_id=asset_id).data] == [new]
    [found] = tasks.list(video_url=VIDEO.url, analysis_mode="general").data
    assert (found.task_id, found.request_params.prompt) == (old, QUESTION[:30])
    assert tasks.list(analysis_mode="time_based_metadata").data == []


def test_tasks_fail_are_canceled_or_truncated(sdk: TwelveLabs, emulator: Emulator) -> None:
    """A task reports a scripted failure, a cancellation, or an answer that reached max_tokens."""
    emulator.understand("bad.mp4", fail="no picture", at="analysis")
    emulator.understand("long.mp4", text="word " * 1000)
    tasks = sdk.analyze_async.tasks
    bad, canceled, cut = (
        tasks.create(video=VideoContext_Url(url=f"https://example.com/{name}.mp4"), prompt="?", max_tokens=512).task_id
        for name in ("bad", "a", "long")
    )
    emulator.advance(5)
    with pytest.raises(ConflictError):
        tasks.delete(bad)
    assert tasks.cancel(canceled).status == tasks.cancel(canceled).status == "canceled"
    emulator.advance(5)
    failed, stopped, ready = (tasks.retrieve(task) for task in (bad, canceled, cut))
    assert (failed.status, failed.error.message, failed.result) == ("failed", "no picture", None)
    assert (stopped.status, stopped.error.code, stopped.result) == ("canceled", "user_canceled", None)
    assert (ready.status, ready.result.finish_reason) == ("ready", "length")
    assert ready.error.message
    assert stopped.completed_at < failed.completed_at
    for task in (bad, cut):
        with pytest.raises(ConflictError):
            tasks.cancel(task)


def test_base64_content_is_not_returned(sdk: TwelveLabs) -> None:
    """A task names a source that was sent as base64, without its content."""
    tasks = sdk.analyze_async.tasks
    video = tasks.create(video=VideoContext_Base64String(base_64_string="AAAA"), prompt="?").task_id
    picture = AnalyzeImageInput(name="a", base_64_string=PNG)
    image = tasks.create(model_name="pegasus1.6", image=[picture], prompt="?").task_id
    assert tasks.retrieve(video).video_source.type == "base64_string"
    shown = tasks.retrieve(image)
    assert [(source.name, source.media_type) for source in shown.request_params.image] == [("a", "image")]
    assert not {"AAAA", PNG} & {*re.findall(r"[\w+/=]+", f"{tasks.list()}{shown}")}


def test_an_idempotency_key_creates_one_task(sdk: TwelveLabs) -> None:
    """Requests with the same key return the same task; another key creates another task."""
    first, again, other = (
        sdk.analyze_async.tasks.create(
            video=VIDEO, prompt="?", request_options={"additional_headers": {"Idempotency-Key": key}}
        ).task_id
        for key in ("a", "a", "b")
    )
    assert first == again != other
    assert len(sdk.analyze_async.tasks.list().data) == 2


FIELDS = [
    SegmentField(name="title", type="string", description="d"),
    SegmentField(name="kind", type="string", description="d", enum=["news", "sports"]),
    SegmentField(name="people", type="integer", description="d"),
    SegmentField(name="names", type="array", description="d", items={"type": "string"}),  # type: ignore[arg-type]
    SegmentField(name="goal", type="timestamp", description="d", format="hh:mm:ss"),
]


def segments(sdk: TwelveLabs, emulator: Emulator, **fields: object) -> dict[str, list[dict[str, object]]]:
    definition = SegmentDefinition(id="scenes", description="A scene", fields=FIELDS, **fields.pop("definition", {}))
    task = sdk.analyze_async.tasks.create(
        video=VIDEO,
        analysis_mode="time_based_metadata",
        response_format=AsyncResponseFormat(
            type="segment_definitions",
            segment_definitions=[definition],
            segment_time_format=fields.pop("form", "seconds"),
        ),
        **fields,  # type: ignore[arg-type]
    )
    emulator.advance(10)
    return json.loads(sdk.analyze_async.tasks.retrieve(task.task_id).result.data)  # type: ignore[no-any-return]


def test_segments_fit_their_definitions(sdk: TwelveLabs, emulator: Emulator) -> None:
    """Segments have the defined fields, cover the requested part, and respect the requested durations."""
    found = segments(sdk, emulator, start_time=3, end_time=13)["scenes"]
    assert [(part["start_time"], part["end_time"]) for part in found] == [(3, 13)]
    assert found[0]["metadata"].keys() == {field.name for field in FIELDS}  # type: ignore[attr-defined]
    assert found[0]["metadata"]["kind"] == "news"  # type: ignore[index]
    found = segments(sdk, emulator, start_time=3, end_time=13, max_segment_duration=5, form="hh:mm:ss")["scenes"]
    assert [part["end_time"] for part in found] == ["00:00:08", "00:00:13"]
    ranges = [{"start_time": 0, "end_time": 2}, {"start_time": 4, "end_time": 6.5}]
    found = segments(sdk, emulator, definition={"time_ranges": ranges})["scenes"]
    assert [(part["start_time"], part["end_time"]) for part in found] == [(0, 2), (4, 6.5)]
    emulator.understand("talk.mp4", text='{"scenes": []}')
    assert segments(sdk, emulator) == {"scenes": []}


@pytest.mark.parametrize(
    "fields",
    [
        {"custom_id": ""},
        {"custom_id": "a b"},
        {"analysis_mode": "other"},
        {"analysis_mode": "time_based_metadata"},
        {"start_time": 5, "end_time": 5.5},
        {"video": VideoContext_AssetId(asset_id="none")},
    ],
)
def test_invalid_tasks_are_refused(sdk: TwelveLabs, fields: dict[str, object]) -> None:
    """An invalid request fails with 400, with the error nested as these operations do."""
    with pytest.raises(BadRequestError) as refused:
        sdk.analyze_async.tasks.create(**{"video": VIDEO, "prompt": "?"} | fields)  # type: ignore[arg-type]
    assert refused.value.body["error"]["code"]  # type: ignore[attr-defined]


def test_a_batch_counts_its_tasks_by_status(sdk: TwelveLabs, emulator: Emulator) -> None:
    """A batch takes its status from its tasks, counts them, and returns the result of each."""
    emulator.understand("bad.mp4", fail="no picture", at="analysis")
    batches = sdk.analyze_async.batches
    made = batch(sdk, items(*assets(sdk, emulator, "a.mp4", "bad.mp4", "slow.mp4")))
    seen = []
    for _ in range(31):
        state = batches.retrieve(made)
        seen.append((state.status, state.queued_items, state.processing_items, state.ready_items, state.failed_items))
        emulator.advance(1)
    assert list(dict.fromkeys(seen)) == [
        ("pending", 3, 0, 0, 0),
        ("processing", 1, 2, 0, 0),
        ("processing", 0, 3, 0, 0),
        ("processing", 0, 1, 1, 1),
        ("completed", 0, 0, 2, 1),
    ]
    assert state.completed_at == state.created_at.__class__.fromtimestamp(
        state.created_at.timestamp() + 30, state.created_at.tzinfo
    )
    good, bad, _ = batches.results(made)
    assert (good.custom_id, good.status, bad.custom_id, bad.status) == ("item-0", "ready", "item-1", "failed")
    assert good.data.data
    assert (bad.error.message, bad.data, good.error) == ("no picture", None, None)
    task = sdk.analyze_async.tasks.retrieve(good.task_id)
    assert (task.batch_id, task.result) == (made, good.data)
    with pytest.raises(ConflictError) as refused:
        batches.cancel(made)
    assert refused.value.body["error"]["code"] == "batch_completed"
    batches.delete(made)
    for gone in (lambda: batches.retrieve(made), lambda: sdk.analyze_async.tasks.retrieve(good.task_id)):
        with pytest.raises(NotFoundError):
            gone()


def test_batches_are_canceled_or_expire(sdk: TwelveLabs, emulator: Emulator) -> None:
    """A canceled batch finishes tasks that have started; a batch expires after a day; both cancel queued tasks."""
    batches = sdk.analyze_async.batches
    made = batch(sdk, items(*assets(sdk, emulator, "a.mp4", "slow.mp4")))
    emulator.advance(3)
    with pytest.raises(ConflictError) as refused:
        batches.delete(made)
    assert refused.value.body["error"]["code"] == "batch_not_terminal"
    assert batches.cancel(made).status == "canceling"
    emulator.advance(7)
    state = batches.retrieve(made)
    assert (state.status, state.ready_items, state.canceled_items) == ("canceled", 1, 1)
    assert state.canceled_at
    ready, canceled = batches.results(made)
    assert (ready.status, canceled.status) == ("ready", "canceled")
    assert sdk.analyze_async.tasks.retrieve(canceled.task_id).error.code == "batch_canceled"

    made = batch(sdk, items(*assets(sdk, emulator, "a.mp4", "late.mp4", "later.mp4")))
    emulator.advance(24 * 3600)
    state = batches.retrieve(made)
    assert (state.status, state.ready_items, state.failed_items, state.canceled_items) == ("expired", 1, 1, 1)
    assert state.expired_at == state.expires_at
    codes = [sdk.analyze_async.tasks.retrieve(item.task_id).error for item in batches.results(made)]
    assert [error and error.code for error in codes] == [None, "batch_processing_timeout", "batch_expired"]
    assert [batch.batch_id for batch in batches.list(status=["expired", "pending"])] == [made]
    assert list(batches.list(analysis_mode="time_based_metadata")) == []
    emulator.advance(30 * 24 * 3600)
    assert list(batches.list()) == []


def test_invalid_batches_are_refused(sdk: TwelveLabs, emulator: Emulator) -> None:
    """A batch with an invalid request is refused as a whole; so is a sixth active batch."""
    [good] = assets(sdk, emulator, "a.mp4")
    unready = str(sdk.assets.create(method="direct", file=("b.mp4", video(), "video/mp4")).id)
    for asset_id, error in ((unready, ConflictError), ("none", NotFoundError)):
        with pytest.raises(error):
            batch(sdk, items(good, asset_id))
    with pytest.raises(BadRequestError):
        batch(sdk, [*items(good), *items(good)])
    assert sdk.analyze_async.tasks.list().data == []
    for _ in range(5):
        batch(sdk, items(good))
    with pytest.raises(TooManyRequestsError):
        batch(sdk, items(good))
    emulator.advance(10)
    batch(sdk, items(good))
