"""Drift: recordings, compared without any request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from twelvelabs_async import AsyncTwelveLabs, TwelveLabs
from twelvelabs_async.testing import Emulator, sample_clip
from twelvelabs_async.testing.drift.check import compare_recording, emulated_recording, new_mark
from twelvelabs_async.testing.drift.recorded import labelled
from twelvelabs_async.testing.drift.report import report
from twelvelabs_async.testing.drift.steps import LEFT_OVER, STEPS
from twelvelabs_async.testing.recordings import Exchange, RecordedResponse, Recording, record
from twelvelabs_async.testing.recordings.format import Body

from support.drift import LIMITS, NOTHING, converse, run_check_live

pytestmark = [pytest.mark.any_python, pytest.mark.timeout(180)]  # whole conversations, on a busy machine

Emulated = Mapping[str, Sequence[Exchange]]


@pytest.fixture(scope="module")
def conversations(tmp_path_factory: pytest.TempPathFactory) -> tuple[Recording, Emulated]:
    """A recorded conversation with a service, which is an emulator, and that with the check's own emulator."""
    path, mark = tmp_path_factory.mktemp("drift") / "live.jsonl", new_mark()

    async def converse_twice() -> Emulated:
        with Emulator(speed=0, rate_limits=LIMITS) as emulator, record(path, base_url=emulator.url) as recorder:
            async with AsyncTwelveLabs(api_key=emulator.api_key, base_url=recorder.url) as client:
                await converse(emulator, client, STEPS, mark=mark)
        return await emulated_recording(STEPS, mark)

    emulated = asyncio.run(converse_twice())
    return Recording.read(path), emulated


def test_a_recorded_conversation_does_not_differ(conversations: tuple[Recording, Emulated]) -> None:
    """Each recorded request is recognized as that of its step, although names and texts are placeholders."""
    recording, emulated = conversations
    assert {step.label for step in (*STEPS, LEFT_OVER)} <= emulated.keys()
    assert sum(map(len, emulated.values())) == len(recording.exchanges)
    assert compare_recording(recording, emulated) == NOTHING


def add_field(content: dict[str, Any]) -> tuple[str, str]:
    content["color"] = 1
    return "body.color", "number"


def delete_field(content: dict[str, Any]) -> tuple[str, str]:
    name = next(iter(content))
    del content[name]
    return f"body.{name}", "absent"


def change_type(content: dict[str, Any]) -> tuple[str, str]:
    name = next(iter(content))
    content[name] = True
    return f"body.{name}", "true"


LABELS = [
    "assets.retrieve (unknown id)",
    "embed.v_2.create (video)",
    "search.create (by video)",
    "responses.create",
    "entity_collections.entities.create_bulk",
    "data_connectors.list_redirect_uris (past the end)",
]


def changed(recording: Recording, change: Callable[[str, RecordedResponse], RecordedResponse]) -> Recording:
    """Return a recording with another response to the last request of each of the steps."""
    steps = labelled(recording, STEPS)
    lines = {steps[label][-1].line: label for label in LABELS}
    exchanges = [
        evolve(exchange, response=change(lines[exchange.line], exchange.response))
        if exchange.line in lines and exchange.response
        else exchange
        for exchange in recording.exchanges
    ]
    return evolve(recording, exchanges=exchanges)


@pytest.mark.parametrize("change", [add_field, delete_field, change_type])
def test_changed_bodies_are_found_and_named(
    change: Callable[[dict[str, Any]], tuple[str, str]], conversations: tuple[Recording, Emulated]
) -> None:
    recording, emulated = conversations
    expected: set[tuple[str, str, str]] = set()

    def edit(label: str, response: RecordedResponse) -> RecordedResponse:
        content = {**response.json}
        expected.add((label, *change(content)))
        return evolve(response, body=Body("json", content))

    found = compare_recording(changed(recording, edit), emulated).differences
    assert {(one.step, one.place, one.live) for one in found} == expected
    assert len(expected) == len(LABELS)


def test_changed_statuses_are_found_and_named(conversations: tuple[Recording, Emulated]) -> None:
    recording, emulated = conversations
    recording = changed(recording, lambda _, response: evolve(response, status=299))
    found = compare_recording(recording, emulated).differences
    assert {one.step for one in found if (one.place, one.live[:3]) == ("outcome", "299")} == {*LABELS}


def test_changed_headers_are_found_and_named(conversations: tuple[Recording, Emulated]) -> None:
    recording, emulated = conversations
    headers = {"content-type": "text/html", "x-new": "***"}
    recording = changed(recording, lambda _, response: evolve(response, headers=headers))
    text = report(compare_recording(recording, emulated), "A recording")
    assert (
        "`header content-type`: live text/html; emulated application/json (assets.retrieve (unknown id) 404, " in text
    )
    assert "`header x-request-id`: live absent; emulated" in text
    assert "`header x-new`: live text; emulated absent" in text


@pytest.mark.emulator(rate_limits=LIMITS, processing_time=0)
def test_other_requests_are_compared_by_their_endpoints(
    emulator: Emulator, tmp_path: Path, conversations: tuple[Recording, Emulated]
) -> None:
    """A program of a user, whose recording has an unknown field in one response."""
    path = tmp_path / "program.jsonl"
    with (
        record(path, base_url=emulator.url) as recorder,
        TwelveLabs(api_key=emulator.api_key, base_url=recorder.url) as client,
    ):
        asset = client.assets.upload(sample_clip())
        client.assets.retrieve(asset.id)
        emulator.fail("GET", "/assets/*", status=200, body={"_id": asset.id, "status": "ready", "eyes": 2})
        client.assets.retrieve(asset.id)
    found = compare_recording(Recording.read(path), conversations[1])
    differences = [f"{one.step}: {one.place}" for one in found.differences if one.is_certain]
    assert differences == ["assets.retrieve (any request): body.eyes"]
    assert found.not_compared["indexes.create"] == "it was not recorded"


@pytest.mark.usefixtures("shell")
def test_the_command_records_and_compares_a_recording(
    emulator: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person with a key records, and another one without a key compares."""
    path = str(tmp_path / "live.jsonl")
    assert run_check_live("--yes", "--only", "retired*", "--record", path) == 1
    capsys.readouterr()
    emulator.requests.clear()
    assert run_check_live("--recording", path) == 1
    assert "`header x-ratelimit-request-limit`: live absent" in capsys.readouterr().out
    assert emulator.requests == []
    assert run_check_live("--recording", str(sample_clip())) == 2
    assert run_check_live("--recording", f"{path}x") == 2
